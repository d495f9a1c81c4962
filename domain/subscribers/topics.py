"""Topics that people subscribe to, and what they can leave with one tap.

Each topic is taken with one tap and has a consent of its own.
"""

from enum import StrEnum

FIELD = "field:"  # and the field's code: published answers of that field


class Topic(StrEnum):
    """The topics other than fields."""

    AIRING_EVENING = "airing_evening"  # the evening before an airing
    AIRING_SOON = "airing_soon"  # shortly before it
    LINKS = "links"  # new links of episodes


# The audience "airings" is whoever wants to hear of airings at all.
AIRINGS = (Topic.AIRING_EVENING, Topic.AIRING_SOON)


class Leave(StrEnum):
    """What one tap leaves, besides a single topic.

    Named like the audiences (domain.broadcasts.broadcasts.Audience).
    """

    AIRINGS = "airings"  # of either kind
    DIGEST = "digest"  # whatever they subscribe to, for it brings all of it
    GENERAL = "all"  # what goes to everybody: people.left_broadcasts_at
    EVERYTHING = "everything"


def field_topic(code: str) -> str:
    return f"{FIELD}{code}"


def field_of(topic: str) -> str | None:
    """Return the field's code of a topic that brings its answers; else None."""
    return topic.removeprefix(FIELD) if topic.startswith(FIELD) else None
