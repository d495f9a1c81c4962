"""What people subscribe to, each with one tap and a consent of its own."""

from enum import StrEnum

FIELD = "field:"  # and the field's code: published answers of that field


class Topic(StrEnum):
    """Topics other than fields."""

    AIRING_EVENING = "airing_evening"  # the evening before an airing
    AIRING_SOON = "airing_soon"  # shortly before it
    LINKS = "links"  # new links of episodes


# The audience "airings" is whoever wants to hear of airings at all.
AIRINGS = (Topic.AIRING_EVENING, Topic.AIRING_SOON)


def field_topic(code: str) -> str:
    return f"{FIELD}{code}"
