"""The state of the programme, for those who keep it running.

For `/tinhtrang`, `./danhoi doctor` and the health address.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.delivery import STUCK
from domain.questions.life import Role
from services.calendar.working_days import calendar_of
from services.people import vouching
from storage.broadcasts import broadcasts
from storage.delivery.outbox import Lane
from storage.engine.database import Work
from storage.operation import audit, health
from storage.people import roles

LATELY = timedelta(days=1)


@dataclass(frozen=True)
class Check:
    """One thing that was checked.

    `count` and `since` (aware) give a fault's size or age, where it has one.
    """

    name: str  # a key under [health] in labels
    ok: bool
    count: int = 0
    since: datetime | None = None
    day: date | None = None


@dataclass(frozen=True)
class Load:
    """How much waits, and for how many seconds the oldest has waited.

    Cheap enough to be asked every few seconds.
    """

    inbox: int
    inbox_seconds: float
    parked: int  # of the last day
    outbox: dict[Lane, tuple[int, float]]
    broadcasts: int  # being sent
    deliveries: int  # of broadcasts, still to be sent
    overdue: int


async def load_of(work: Work) -> Load:
    inbox, outbox = await health.waiting_updates(work), await health.waiting_by_lane(work)
    return Load(
        inbox=inbox.count,
        inbox_seconds=_seconds_since(work, inbox.oldest),
        parked=await health.parked_updates(work, work.now - LATELY),
        outbox={lane: (queue.count, _seconds_since(work, queue.oldest)) for lane, queue in outbox.items()},
        broadcasts=len(await broadcasts.running(work)),
        deliveries=await health.pending_deliveries(work),
        overdue=await health.overdue_questions(work),
    )


def _seconds_since(work: Work, moment: datetime | None) -> float:
    return 0.0 if moment is None else (work.now - moment).total_seconds()


async def checks(work: Work) -> list[Check]:
    """Check everything that can be seen from the database; reads only."""
    inbox = await health.waiting_updates(work)
    outbox = await health.waiting_messages(work, work.now - STUCK)
    parked = await health.parked_updates(work, work.now - LATELY)
    failed = await health.failed_messages(work, work.now - LATELY)
    today = work.programme.local(work.now).date()
    unconfirmed = (await calendar_of(work)).year_to_confirm(today)
    broken = await audit.first_broken(work)
    unstaffed = [await vouching.is_read(work), await _reachable(work, Role.ADMIN)].count(False)
    return [
        Check("storage", await health.is_sound(work)),
        Check("audit", broken is None, broken or 0),
        Check("inbox", inbox.oldest is None or inbox.oldest > work.now - STUCK, inbox.count, inbox.oldest),
        Check("parked", not parked, parked),
        Check("outbox", not outbox.count, outbox.count, outbox.oldest),
        Check("failed", not failed, failed),
        Check("calendar", unconfirmed is None, day=None if unconfirmed is None else date(unconfirmed, 1, 1)),
        Check("staff", not unstaffed, unstaffed),
    ]


async def _reachable(work: Work, role: Role) -> bool:
    return any(one.unreachable_at is None for one in await roles.holders(work, role))
