"""Finds who was late: who held a question when its time ran out."""

from enum import StrEnum

from domain.questions.history import Event
from domain.questions.life import ApprovalStep


class Holder(StrEnum):
    """Who had to act (`late_by` of the ledger's JSON)."""

    AGENCY = "agency"
    LEADER = "leader"  # of the lead agency: a draft waited for them
    EDITORS = "editors"  # it waited to be assigned, or for their approval


# Events after which a question is in somebody's hands; all others leave it where it is.
HANDS_ON = frozenset(
    {
        Event.ASSIGNED,
        Event.REASSIGNED,
        Event.ACCEPTED,
        Event.ASKED_MORE,
        Event.SUPPLIED,
        Event.RESUMED,
        Event.REOPENED,
        Event.SUBMITTED,
        Event.APPROVED,
        Event.SENT_BACK,
    }
)

_WAITS_FOR = {ApprovalStep.LEADER: Holder.LEADER, ApprovalStep.EDITOR: Holder.EDITORS}


def holder(event: str | None, waits_for: str | None) -> Holder:
    """Return who holds a question after an event of `HANDS_ON`.

    The agency, unless a draft waits for somebody else: `waits_for` is that event's ApprovalStep, if it names one.
    """
    if event in (Event.SUBMITTED, Event.APPROVED) and waits_for is not None:
        return _WAITS_FOR[ApprovalStep(waits_for)]
    return Holder.AGENCY
