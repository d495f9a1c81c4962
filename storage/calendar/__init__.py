"""Named queries on days off and days worked."""
