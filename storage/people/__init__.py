"""Named queries on people, roles and groups."""
