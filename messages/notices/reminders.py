"""Notices of the ladder of reminders. Conventions as in `messages.notices`."""

from dataclasses import dataclass
from datetime import datetime

from messages.notice import Notice


@dataclass(frozen=True)
class ReminderLine:
    """One matter, and when its time runs out."""

    what: str  # the code of a question, or the number of an episode
    matter: str  # Matter value
    agency: str  # or empty
    due_at: datetime


@dataclass(frozen=True)
class LateOne:
    """Something late, and since when."""

    what: str  # as in ReminderLine
    due_at: datetime


@dataclass(frozen=True)
class LateMatter:
    """All of one kind that is late in one place."""

    matter: str  # Matter value
    ones: tuple[LateOne, ...]
    count: int  # with those that are not named


@dataclass(frozen=True)
class LateGroup:
    """Late matters of one agency, or of the editors."""

    agency: str  # empty: the reader's own, or the editors'
    desk: bool  # the editors'
    matters: tuple[LateMatter, ...]


@dataclass(frozen=True)
class OutOfReach:
    """One of an agency's staff who has blocked the bot."""

    name: str
    agency: str  # or empty


class Reminders(Notice):
    """To one of the staff, or an agency's group: deadlines, in one message a day.

    What is overdue, ends today and ends soon.
    """

    overdue: tuple[LateGroup, ...]
    today: tuple[ReminderLine, ...]
    soon: tuple[ReminderLine, ...]
    more: int  # that the message has no room for
    unstaffed: tuple[str, ...]  # agencies with open work and nobody whom a message reaches
    may_invite: bool  # the reader invites people
    unreachable: tuple[OutOfReach, ...]
    commands: tuple[str, ...]  # with which the reader sees the rest
    in_group: bool  # they are typed elsewhere


class AnswerLate(Notice):
    """To the asker: the promised date has passed; an apology.

    Without an answer, or without an agency to give one.
    """

    code: str
    original: str  # into which theirs was merged; empty for whoever asked first
    what: str  # answer, assignment
    again: bool  # they have been told so before
    agency: str  # that has it now; empty where an agency is still looked for
    promised: datetime
    due_at: datetime | None  # the next date, if one is known


class ReplyReminder(Notice):
    """To the asker: the agency still waits for a reply."""

    stale_after = "reply_by"
    code: str
    agency: str
    text: str
    reply_by: datetime


class ReplyOverdue(Notice):
    """To the asker: no reply came in time; the agency answers with what it has."""

    stale_after = "due_at"
    code: str
    agency: str
    due_at: datetime | None  # None where it is over already


class GoOnWithoutReply(Notice):
    """To the agency: the asker gave no reply in time, the clock runs again."""

    code: str
    due_at: datetime


class GroupLinked(Notice):
    """In a group: it is an agency's group from now on."""

    agency: str


class GroupEnded(Notice):
    """In a group: it is no agency's group any more."""

    agency: str


class GroupLost(Notice):
    """To those concerned: the bot was removed from an agency's group.

    To the agency's officers, editors and admins: the group gets no more reminders.
    """

    agency: str
    title: str  # of the group; may be empty
