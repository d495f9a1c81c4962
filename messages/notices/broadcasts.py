"""Notices about broadcasts, to those who compose and watch them.

Conventions as in `messages.notices`. `audience` is a key under [audience] in labels, `field` the name of its field
where it is one.
"""

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from messages.notice import Notice


class BroadcastDraft(Notice):
    """A broadcast being composed, and what it still needs.

    `step` is a key under [broadcast_step].
    """

    step: str
    text: str
    room: int  # characters that are left, negative where there are too many
    picture: bool
    button: str | None
    address: str | None
    audience: str
    field: str | None
    start_at: datetime | None  # None: at once


class BroadcastAsked(Notice):
    """Under the preview: to how many it goes, when, and whether to send it."""

    recipients: int  # now
    audience: str
    field: str | None
    start_at: datetime | None  # None: at once
    quiet: bool  # it begins in the quiet hours
    quiet_from: str
    quiet_to: str
    held: float  # minutes for which it is held, so that others can stop it
    waits_for: str | None  # a key under [broadcast_waits]: somebody else has to agree
    addresses: tuple[str, ...]  # foreign hosts and accounts in it
    words: tuple[str, ...]  # that swindlers use


@dataclass(frozen=True)
class BroadcastDeed:
    """Something that somebody did with a broadcast.

    `act` is a key under [broadcast_act] in labels.
    """

    act: str
    who: str
    at: datetime


class BroadcastState(Notice):
    """One broadcast as it stands.

    `kind` is a key under [broadcast_kind], `status` under [broadcast_status].
    """

    id: int
    kind: str
    text: str
    html: Markup  # as its recipients see it, for whoever may agree to it; else empty
    audience: str
    field: str | None
    repeats: int | None  # the broadcast that this one repeats
    made_by: str | None  # None: by itself, or an operator
    made_at: datetime
    start_at: datetime
    waits_for: str | None  # a key under [broadcast_waits]: it does not start before somebody else agrees
    status: str
    recipients: int
    sent: int
    blocked: int
    failed: int
    uncertain: int
    dropped: int
    pending: int
    rate: float  # messages a second, of late
    done_at: datetime | None  # about when it will be over
    ended_at: datetime | None
    acts: tuple[BroadcastDeed, ...]


class BroadcastTold(Notice):
    """To all who can stop it: what somebody else sends to many.

    `what` is a key under [broadcast_told].
    """

    id: int
    what: str
    by: str  # who sent it, moved it, or lost the role for it
    kind: str
    html: Markup  # its words as its recipients see them
    picture: bool  # it stands above
    button: str | None
    address: str | None
    audience: str
    field: str | None
    recipients: int
    start_at: datetime | None  # None where it has begun
    waits_for: str | None  # a key under [broadcast_waits]
    addresses: tuple[str, ...]  # foreign hosts and accounts in it
    words: tuple[str, ...]  # that swindlers use


@dataclass(frozen=True)
class ListedBroadcast:
    """A broadcast in a list."""

    id: int
    status: str
    text: str
    kind: str
    at: datetime  # when it began or will begin


class BroadcastsListed(Notice):
    """`/thongbao`: one page of broadcasts; `ended` ones, or the others."""

    ended: bool
    broadcasts: tuple[ListedBroadcast, ...]


class BroadcastTakeBackAsked(Notice):
    """The question before a broadcast is deleted from the chats that it reached."""

    id: int
    people: int


class BroadcastAgainAsked(Notice):
    """The question before a broadcast is repeated.

    To people it did not reach, or also to those of whom nobody knows.
    """

    id: int
    people: int
    uncertain: bool


class BroadcastMoveAsked(Notice):
    """When shall a waiting broadcast begin instead?"""

    id: int
    start_at: datetime
