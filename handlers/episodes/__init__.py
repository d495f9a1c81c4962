"""Episodes in the chat: questions chosen, guests, script plans, links."""
