"""Broadcasts: their kinds, audiences, and the states of a broadcast and of its deliveries."""

from enum import StrEnum


class BroadcastKind(StrEnum):
    """Why a broadcast is sent.

    `services.subscribers.delivery_words` has the words of each.
    """

    MESSAGE = "message"  # composed by a person: {"html", "photo", "button": [label, url]}
    AIRING = "airing"  # an airing comes: the evening before, or shortly before
    AIRING_CHANGED = "airing_changed"  # moved, cancelled
    LINK = "link"  # a new link of an episode
    ANSWER = "answer"  # an answer was published
    DIGEST = "digest"  # what a subscriber wants once a day, each their own


# Daily subscribers read these in their digest. What changes a time they were told can't wait for it.
IN_DIGESTS = (BroadcastKind.AIRING, BroadcastKind.LINK, BroadcastKind.ANSWER)

# These wait for the end of the quiet hours, unless their time is over by then.
NOT_AT_NIGHT = (*IN_DIGESTS, BroadcastKind.DIGEST)


class Audience(StrEnum):
    """The people a broadcast is for.

    Also possible: "field:" and a field's code (domain.subscribers.topics.field_topic).
    """

    ALL = "all"  # everybody who started the bot and did not leave its broadcasts
    AIRINGS = "airings"  # who wants to hear of airings at all
    AIRING_EVENING = "airing_evening"
    AIRING_SOON = "airing_soon"
    LINKS = "links"
    DIGEST = "digest"  # who wants one message a day


class BroadcastStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class WaitsFor(StrEnum):
    """The reason why somebody other than its author has to agree before a broadcast starts."""

    SECOND = "second"  # it goes to many
    WORDS = "words"  # it has foreign links, or words that swindlers use
    AUTHOR = "author"  # its author may not send any more
    RESTORED = "restored"  # a backup brought it back: nobody knows what became of it since


# Nothing is sent any more: what is still pending then was dropped.
ENDED = (BroadcastStatus.DONE, BroadcastStatus.CANCELLED)


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"  # handed to the messenger
    SENT = "sent"
    BLOCKED = "blocked"
    FAILED = "failed"  # the messenger will never take it
    UNCERTAIN = "uncertain"  # in flight when the process died: sent again only on a person's word
    DROPPED = "dropped"  # nothing to say to this one any more, or no longer in time


class BroadcastAct(StrEnum):
    """What somebody did with a broadcast after composing it.

    Kept with who and when.
    """

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    MOVE = "move"  # to another time
    REPEAT = "repeat"
    APPROVE = "approve"  # a second editor lets it go
