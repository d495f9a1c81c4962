"""Working days of the administration, the official days off, and days that people type."""
