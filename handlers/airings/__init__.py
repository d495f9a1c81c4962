"""Airing times in the chat: seen by everybody, changed by editors."""
