"""Working days of the administration, official days off, and days that people type."""
