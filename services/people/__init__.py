"""People: who somebody is, what they agreed to, and which colleagues to tell."""
