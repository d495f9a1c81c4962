"""Named queries for the ledger, its exports and digests."""
