"""Episodes: questions chosen for them, guests, script plans, links."""
