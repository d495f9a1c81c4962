"""Named queries on questions, their entries, drafts and history."""
