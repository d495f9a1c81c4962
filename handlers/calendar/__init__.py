"""Days off and days worked, confirmed in the chat."""
