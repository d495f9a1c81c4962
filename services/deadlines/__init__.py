"""Deadlines, extensions, promises and the ladder of reminders."""
