"""The ladder of reminders, promised days, and when digests are due."""
