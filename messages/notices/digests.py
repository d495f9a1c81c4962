"""Digests: to admins and editors, and to an agency's own people. Conventions as in `messages.notices`.

No asker's name or words stand in any of them, and nothing of a suspected denunciation but how many wait for a look.
"""

from datetime import datetime

from messages.notice import Notice

# What an agency contributes to while another leads: new, contributed to, still awaited, overdue among those.
Coordinated = tuple[int, int, int, int]


class ProgrammeDigest(Notice):
    """To admins and editors: what a period brought, and what stands now; a table of it goes with this."""

    kind: str  # daily, weekly
    start: datetime  # of the period, up to `end`
    end: datetime
    late: bool  # it should have come earlier
    new: int
    assigned: int
    answered: int
    on_time: int
    late_answers: tuple[tuple[str, int], ...]  # (domain.questions.lateness.Holder, how many)
    overdue: int
    overdue_by: tuple[tuple[str, int], ...]  # the same
    with_leaders: int  # drafts that wait for approval
    with_editors: int
    oldest: (
        tuple[str, str, datetime] | None
    )  # the open question that came first: code, agency or "", received
    suspected: int  # suspected denunciations, where the reader may look at them
    unreachable: int  # staff who blocked the bot
    unreachable_names: tuple[tuple[str, str], ...]  # the first of them: name, agency or ""
    messages_waiting: int
    messages_since: datetime | None  # since when the oldest of them waits
    messages_failed: int
    updates_parked: int
    own: (
        tuple[int, int, int, int, int] | None
    )  # of the reader's own agency: new, answered, in time, open, overdue
    coordinated: Coordinated | None  # of the same agency


class NothingToTell(Notice):
    """A digest in which there is nothing."""

    kind: str  # daily, weekly
    start: datetime
    end: datetime
    late: bool


class AgencyDigest(Notice):
    """To officers and leaders, weekly: what their agencies lead, and apart what they coordinate."""

    agencies: tuple[str, ...]
    start: datetime
    end: datetime
    late: bool
    new: int
    answered: int
    on_time: int
    open: int
    overdue: int
    due: tuple[tuple[str, datetime], ...]  # in the coming week: code, when
    more_due: int  # how many more than those
    coordinated: Coordinated | None  # None where there is nothing of it
