"""Airing times: the schedule and its changes."""
