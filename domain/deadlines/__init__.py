"""The ladder of reminders, promised days and what a digest counts."""
