"""Notices about roles and powers.

Conventions as in `messages.notices`. `by` is "" for the operator.
"""

from dataclasses import dataclass
from datetime import date, datetime

from messages.notice import Notice


class RoleNews(Notice):
    """To all editors and admins: somebody took up a role."""

    who: str
    role: str
    agency: str | None
    by: str  # who invited


class RoleEndedNews(Notice):
    """To all editors and admins: somebody's role ended."""

    who: str
    role: str
    agency: str | None
    by: str
    invitations: int  # of theirs that ended with it


class VouchAsked(Notice):
    """To an editor: shall a new editor read denunciations?"""

    who: str
    by: str  # who invited
    refused: bool  # this editor said no


class ReadsHidden(Notice):
    """To a new editor: they read denunciations from now on."""


class EditorVouched(Notice):
    """To all editors and admins: a new editor reads denunciations."""

    who: str
    by: str


class EditorRefused(Notice):
    """To all editors and admins: one editor does not vouch for a new one."""

    who: str
    actor: str


class NobodyReadsHidden(Notice):
    """To all editors and admins: no editor who reads denunciations can be reached."""


@dataclass(frozen=True)
class OpenInvitation:
    """An invitation that somebody can still use."""

    role: str
    agency: str  # or empty
    made_by: str  # empty for the operator
    until: datetime
    uses: int  # that are left


class OpenInvitations(Notice):
    """Invitations that can still be used."""

    invitations: tuple[OpenInvitation, ...]
    total: int
    page: int


class GroupLinkedNews(Notice):
    """To those concerned: an agency's group gets its reminders, too.

    To the agency's officers and leaders, editors and admins.
    """

    agency: str
    title: str  # of the group; may be empty
    actor: str


class GroupEndedNews(Notice):
    """To those concerned: a group gets no more reminders.

    The role of who linked it ended.
    """

    agency: str
    title: str
    actor: str


class LedgerTakenNews(Notice):
    """To all editors and admins: an admin took a ledger as a file."""

    first: date
    last: date
    questions: int
    actor: str


class RoleOver(Notice):
    """In place of what somebody may no longer see.

    `code` of a question, or "" for none.
    """

    code: str


class RoleGranted(Notice):
    """To a new member of the staff: welcome."""

    role: str
    agency: str | None
    waits: bool  # an editor who does not read denunciations yet


class RoleRevoked(Notice):
    """A role ended."""

    role: str
    agency: str | None


class InvitationMade(Notice):
    """The link of an invitation; it works once, until it expires."""

    role: str
    agency: str | None
    link: str
    expires_at: datetime


@dataclass(frozen=True)
class RoleHolder:
    """Somebody's role."""

    role: str
    agency: str  # or empty
    person: str


class InviteChoice(Notice):
    """`/moinguoi` without words: whom to invite, and who holds roles now."""

    holders: tuple[RoleHolder, ...]


class OpenWorkHandedOn(Notice):
    """To editors: an agency has no officer left; its open work needs somebody."""

    agency: str
    open_questions: int


class BlockAsked(Notice):
    """To an editor: why is a sender to be blocked, and until when?"""

    code: str
    last: date  # the last day, unless another one is chosen


class BlockDone(Notice):
    """To the editor who blocked a sender, or took a block back."""

    code: str  # of the question; "" where a restore lost it
    last: date | None  # None: taken back


class SenderBlocked(Notice):
    """To all editors and admins: one of them blocked a sender."""

    code: str
    who: str
    last: date
    reason: str


class SenderUnblocked(Notice):
    """To all editors and admins: one of them took a block back."""

    code: str
    who: str


@dataclass(frozen=True)
class BlockedSender:
    """Somebody who is blocked."""

    name: str
    code: str  # of the question by which they were blocked, or ""
    last: date
    reason: str  # "" where a restore lost it
    by: str  # likewise


class BlockedSenders(Notice):
    """`/chan`: who is blocked."""

    senders: tuple[BlockedSender, ...]


class WriteAgain(Notice):
    """To somebody who was told that they are blocked: they are not any more."""
