"""The ledger of questions: lines, exports, digests."""
