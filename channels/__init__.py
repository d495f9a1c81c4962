"""How messages leave and come in, in no messenger's own words; a folder for each messenger."""
