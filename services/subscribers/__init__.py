"""Subscriptions, and what subscribers are told."""
