"""The running process: configuration, database, channels and clock wired together, and what watches it."""
