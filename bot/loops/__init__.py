"""The loops that run side by side: receive, work, send, fetch, broadcast, tick."""
