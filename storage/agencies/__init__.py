"""Named queries on agencies and fields."""
