"""The durable path in and out: inbox, outbox, files, occasions."""
