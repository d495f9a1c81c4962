"""Named queries on slots and airings."""
