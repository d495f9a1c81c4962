"""Named queries on health, evidence and the audit log."""
