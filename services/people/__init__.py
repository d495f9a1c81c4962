"""People: what they agreed to, and which colleagues hear of what."""
