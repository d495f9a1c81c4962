"""Episodes in the chat: choosing questions, guests, script plans, links."""
