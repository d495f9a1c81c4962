"""Composing and watching messages to many subscribers."""
