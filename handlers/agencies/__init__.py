"""Choosing an agency's field in the chat."""
