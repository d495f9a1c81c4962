"""Tables, named queries by subject, and all that differs by database."""
