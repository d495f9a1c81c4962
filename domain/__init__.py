"""Pure rules, a folder for each subject; no database, clock or messenger."""
