"""Somebody's own data in the chat."""
