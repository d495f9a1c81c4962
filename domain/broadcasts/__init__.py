"""Messages to many subscribers: their life, buttons and signs of misuse."""
