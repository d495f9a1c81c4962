"""Named queries on running deadlines, extensions, promises and reminders."""
