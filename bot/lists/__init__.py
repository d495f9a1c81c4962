"""Lists kept outside of the database, which they outlive: who was erased, what ended, seals of the audit log."""
