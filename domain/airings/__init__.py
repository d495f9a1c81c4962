"""When the programme is on air: slots, exceptions, and airing times that people type."""
