"""Notices of the ladder of reminders. Conventions as in `messages.notices`."""

from dataclasses import dataclass
from datetime import datetime

from messages.notice import Notice


@dataclass(frozen=True)
class ReminderLine:
    """One matter, and when its time runs out."""

    what: str  # the code of a question, the number of an episode, or a person's name
    matter: str  # Matter value
    agency: str  # or empty
    due_at: datetime


class Reminders(Notice):
    """To one of the staff, or an agency's group: deadlines, in one message a day.

    What is overdue, ends today and ends soon.
    """

    overdue: tuple[ReminderLine, ...]
    today: tuple[ReminderLine, ...]
    soon: tuple[ReminderLine, ...]
    more: int  # that the message has no room for


class ReplyReminder(Notice):
    """To the asker: the agency still waits for a reply."""

    code: str
    agency: str
    text: str
    reply_by: datetime


class ReplyOverdue(Notice):
    """To the asker: no reply came in time; the agency answers with what it has."""

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
