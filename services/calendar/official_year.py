"""The official days of a year: showing and confirming them, warning admins."""

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
    """List the days that the list, a decision or the package names, in order."""
    notes = {row.date: row.note for row in await days.listed(work)}
    return (await calendar_of(work)).named_days(first, last, notes)


async def years_to_show(work: Work) -> list[tuple[int, bool]]:
    """Return this year and the next, with whether each is confirmed."""
    this = work.programme.local(work.now).year
    calendar = await calendar_of(work)
    return [(year, _confirmed(calendar, year)) for year in (this, this + 1)]


async def require_confirmable(work: Work, admin: Actor, year: int) -> None:
    """Raise `RuleViolation`: no admin, a year nobody can know yet, one already confirmed."""
    require_admin(admin)
    known = dict(await years_to_show(work))
    if year not in known:
        raise RuleViolation(Reason.YEAR_TOO_FAR, first=min(known), last=max(known))
    if known[year]:
        raise RuleViolation(Reason.YEAR_CONFIRMED, year=year)


async def confirm(work: Work, admin: Actor, year: int) -> None:
    """Record that a year's official days are complete, as an admin says.

    Raises as `require_confirmable`.
    """
    await require_confirmable(work, admin, year)
    if not await days.confirm_year(work, year, admin.id):
        raise RuleViolation(Reason.YEAR_CONFIRMED, year=year)
    await audit.add(work, AuditAct.YEAR_CONFIRMED, f"year:{year}", actor_id=admin.id, details={})


async def warn_of_unconfirmed_year(work: Work) -> int:
    """Tell each admin of a year to confirm, at most once a week.

    In working hours. Returns how many were told.
    """
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
