"""Broadcasts: one message to many, where it stands, and where each of its recipients stands."""

from enum import StrEnum


class BroadcastKind(StrEnum):
    """What a broadcast says; `services.announcing` has the words of each."""

    MESSAGE = "message"  # composed by a person: {"html", "photo", "button": [label, url]}
    AIRING = "airing"  # an airing comes: the evening before, or shortly before
    AIRING_CHANGED = "airing_changed"  # moved, cancelled
    LINK = "link"  # a new link of an episode
    ANSWER = "answer"  # an answer was published
    DIGEST = "digest"  # what a subscriber wants once a day, each their own


class BroadcastStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"  # handed to the messenger
    SENT = "sent"
    BLOCKED = "blocked"
    FAILED = "failed"  # the messenger will never take it
    UNCERTAIN = "uncertain"  # in flight when the process died: sent again only on a person's word
    DROPPED = "dropped"  # nothing to say to this one any more, or no longer in time
