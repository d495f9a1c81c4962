"""Exports of the ledger in the chat."""
