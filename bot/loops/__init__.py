"""What runs beside each other while the bot is up: receive, work, send, fetch, broadcast, tick."""
