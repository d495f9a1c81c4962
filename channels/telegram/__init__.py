"""Telegram: what it takes, how messages get there and how updates come from there."""
