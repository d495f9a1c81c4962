"""Subscriptions in the chat."""
