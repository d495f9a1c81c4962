"""Notices to subscribers, and to those whose question is on air. Conventions as in `messages.notices`.

Times of day ("19:00") are the programme's. An episode is named as "kỳ 12/2026" with its title.
"""

from dataclasses import dataclass

from messages.notice import Notice


@dataclass(frozen=True)
class SubscriptionsShown(Notice):
    """`/dangky`: what somebody subscribes to (in their language), how they hear of it, and what they may choose.

    `digest_at` is None for who hears at once; `quiet` are the hours in which nothing is sent, or empty.
    """

    topics: tuple[str, ...]
    digest_at: str | None
    quiet: tuple[str, ...]
    left_general: bool
    evening_at: str
    minutes: int
    version: str


@dataclass(frozen=True)
class SubscriptionFieldsShown(Notice):
    """The fields whose answers may be subscribed to, and which are."""

    topics: tuple[str, ...]
    version: str


@dataclass(frozen=True)
class SubscriptionLeft(Notice):
    """What somebody does not get any more, in their language."""

    topics: tuple[str, ...]


@dataclass(frozen=True)
class SubscriptionBegun(Notice):
    """What somebody gets again, in their language."""

    topics: tuple[str, ...]
    version: str
