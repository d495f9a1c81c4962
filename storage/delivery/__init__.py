"""The durable way in and out: inbox, outbox, files, occasions."""
