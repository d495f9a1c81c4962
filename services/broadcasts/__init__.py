"""Messages to many subscribers: composed, held, started, stopped, counted."""
