"""Working days of the administration, and confirming the days of a year."""
