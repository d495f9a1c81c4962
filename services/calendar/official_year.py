"""The official days of a year: what is known of them, confirming them, and the warning while nobody has."""

from collections.abc import Sequence
from datetime import date

from domain.calendar.official_days import DECIDED_YEARS
from domain.calendar.working_days import NamedDay, WorkingCalendar
from domain.errors import Reason, RuleViolation
from domain.privacy.audit import AuditAct
from domain.questions.life import Role
from messages.buttons import Act, Button
from messages.notices.calendar import YearUnconfirmed
from services.calendar.working_days import calendar_of
from services.notify import tell
from services.people.actors import Actor, require_admin
from storage.calendar import days
from storage.delivery import occasions
from storage.engine.database import Work
from storage.operation import audit
from storage.people import roles


async def named_days(work: Work, first: date, last: date) -> Sequence[NamedDay]:
    """The dates in this span that the admins' list, a decision or the package names, in order."""
    notes = {row.date: row.note for row in await days.listed(work)}
    return (await calendar_of(work)).named_days(first, last, notes)


async def years_to_show(work: Work) -> list[tuple[int, bool]]:
    """This year and the next, and whether the official days of each are confirmed."""
    this = work.programme.local(work.now).year
    calendar = await calendar_of(work)
    return [(year, _confirmed(calendar, year)) for year in (this, this + 1)]


async def require_confirmable(work: Work, admin: Actor, year: int) -> None:
    """Raises `RuleViolation`: no admin, a year that nobody can know yet, one confirmed before."""
    require_admin(admin)
    known = dict(await years_to_show(work))
    if year not in known:
        raise RuleViolation(Reason.YEAR_TOO_FAR, first=min(known), last=max(known))
    if known[year]:
        raise RuleViolation(Reason.YEAR_CONFIRMED, year=year)


async def confirm(work: Work, admin: Actor, year: int) -> None:
    """An admin says that a year's official days are complete; raises as `require_confirmable`."""
    await require_confirmable(work, admin, year)
    if not await days.confirm_year(work, year, admin.id):
        raise RuleViolation(Reason.YEAR_CONFIRMED, year=year)
    await audit.add(work, AuditAct.YEAR_CONFIRMED, f"year:{year}", actor_id=admin.id, details={})


async def warn_of_unconfirmed_year(work: Work) -> int:
    """Tell each admin of a year to confirm, at most once a week, in working hours; returns how many were told."""
    calendar, local = await calendar_of(work), work.programme.local(work.now)
    today = local.date()
    earliest, latest = work.programme.remind_between
    year = calendar.year_to_confirm(today)
    if year is None or not calendar.is_working_day(today) or not earliest <= local.time() < latest:
        return 0
    iso = today.isocalendar()
    occasion = f"{year}:{iso.year}-W{iso.week:02}"
    ahead = calendar.named_days(date(year, 1, 1), date(year, 12, 31), {})
    notice = YearUnconfirmed(year, tuple(one.day for one in ahead if one.provisional))
    button = Button("button.confirm_year", Act.CONFIRM_YEAR, (year,))
    told = 0
    for admin in await roles.holders(work, Role.ADMIN):
        if await occasions.claim(work, f"person:{admin.id}", "year", occasion):
            await tell(work, admin, notice, [[button]])
            told += 1
    return told


def _confirmed(calendar: WorkingCalendar, year: int) -> bool:
    return year in calendar.confirmed_years | DECIDED_YEARS
