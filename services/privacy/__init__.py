"""Erasing people, their own data, and how long things are kept."""
