"""The operator's view in the chat."""
