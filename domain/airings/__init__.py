"""Airing times: slots, exceptions to them, and times that people type."""
