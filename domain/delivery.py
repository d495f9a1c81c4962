"""Limits of time for delivering messages and for taking them back."""

from datetime import timedelta

STUCK = timedelta(minutes=10)  # what waits longer is trouble, not traffic
# Bot API, deleteMessage: what was sent less than 48 hours ago can be taken back.
TAKEN_BACK_WITHIN = timedelta(hours=48)
