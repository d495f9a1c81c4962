"""`/ngaynghi`: admins keep the list of days and confirm official days.

Days off and days worked; official days year by year.
"""

import re
from dataclasses import dataclass
from datetime import date

from channels.incoming import Message
from domain.calendar.typed_days import read_days
from domain.calendar.working_days import DayChange, DayKind, NamedDay
from domain.errors import Reason, RuleViolation
from domain.questions.life import Role
from domain.vietnamese.text import fold
from handlers.chat.confirming import ask_after, confirmed
from handlers.chat.paging import paged
from handlers.chat.prompting import ask_for, end_text_step
from handlers.chat.registry import command, press, step
from handlers.chat.steps import StepData
from handlers.chat.turn import Turn
from handlers.chat.typed import choice_of, id_of, typed_text
from messages.buttons import Act, Button, Keyboard, Press
from messages.keyboards import list_turns, page_of
from messages.notice import Notice
from messages.notices.calendar import (
    ChangedDay,
    DaysChanged,
    DaysListed,
    DaysPreview,
    ListedDay,
    ListedYear,
    PreviewedMove,
    YearConfirmed,
    YearPreview,
)
from messages.notices.chat import TextAsked
from messages.typed import either, forms, meanings
from services.calendar import official_year
from services.deadlines import rescheduling
from services.people.actors import require_admin

DAYS_ON_A_PAGE = 10

_CONFIRM_YEAR = re.compile(rf"(\d{{4}}) {either(forms('year', 'confirm'))}")  # folded
_KINDS: dict[str, DayKind | None] = meanings(
    "day_kind", {"off": DayKind.OFF, "work": DayKind.WORK, "remove": None}
)
_SECOND_WORDS = forms("day_kind_second", "second")


@command("ngaynghi", Role.ADMIN, place=810)
async def days_off(turn: Turn, argument: str) -> None:
    """`/ngaynghi 2/1/2027 nghỉ, 10/1/2027 làm`, `/ngaynghi 2027 xác nhận`.

    Without words: the coming days.
    """
    year = _CONFIRM_YEAR.fullmatch(fold(argument))
    if year is not None:
        await _ask_to_confirm_year(turn, int(year[1]))
    elif argument:
        await _propose(turn, _read(turn, argument))
    else:
        await turn.reply(*await days_page(turn, 1))


@paged("days")
async def days_page(turn: Turn, page: int) -> tuple[Notice, Keyboard]:
    """Show the coming days, with a button to remove each of the admins' own.

    Of this year and the next.
    """
    require_admin(turn.actor)
    today = _today(turn)
    years = await official_year.years_to_show(turn.work)
    days = await official_year.named_days(turn.work, today, date(today.year + 1, 12, 31))
    here = page_of(days, page, DAYS_ON_A_PAGE)
    rows = [
        [
            Button("button.day_off", Act.DAY_ADD, (DayKind.OFF,)),
            Button("button.day_work", Act.DAY_ADD, (DayKind.WORK,)),
        ]
    ]
    rows += [
        [Button("button.confirm_year", Act.CONFIRM_YEAR, (year,), text=_year_label(turn, year))]
        for year, is_confirmed in years
        if not is_confirmed
    ]
    rows += [
        [Button("button.day_drop", Act.DAY_DROP, (one.day.isoformat(),), text=_drop_label(turn, one))]
        for one in here.shown
        if one.listed
    ]
    notice = DaysListed(
        days=tuple(map(_listed_day, here.shown)),
        years=tuple(ListedYear(year, "confirmed" if done else "unconfirmed") for year, done in years),
    )
    return notice, [*rows, *list_turns("days", here.number, more=here.more)]


def _listed_day(one: NamedDay) -> ListedDay:
    source = "listed" if one.listed else "provisional" if one.provisional else "official"
    return ListedDay(day=one.day, kind=one.kind, note=one.note, source=source)


def _year_label(turn: Turn, year: int) -> str:
    return f"{turn.words.label('button.confirm_year')} {year}"


def _drop_label(turn: Turn, one: NamedDay) -> str:
    return f"{turn.words.label('button.day_drop')}: {turn.words.day(one.day)}"


@press(Act.DAY_ADD)
async def add_pressed(turn: Turn, pressed: Press) -> None:
    require_admin(turn.actor)
    kind = choice_of(pressed, DayKind)
    await ask_for(turn, "day_typed", TextAsked(code="", what=f"day_{kind}"), DaysStep(kind=kind))


@dataclass(frozen=True, kw_only=True)
class DaysStep(StepData):
    """The kind of the days that somebody types."""

    kind: DayKind


@step("day_typed", holds=DaysStep)
async def days_typed(turn: Turn, message: Message, held: DaysStep) -> None:
    require_admin(turn.actor)
    changes = _read(turn, typed_text(message), held.kind)
    fresh = await rescheduling.news(turn.work, turn.actor, changes)
    await end_text_step(turn, held)
    await _ask(turn, fresh)


@press(Act.DAY_DROP)
async def drop_pressed(turn: Turn, pressed: Press) -> None:
    try:
        day = date.fromisoformat(pressed.word(0))
    except ValueError:
        raise RuleViolation(Reason.STALE_BUTTON) from None
    await _propose(turn, [DayChange(day, None)])


@dataclass(frozen=True, kw_only=True)
class DaysToChange(StepData):
    """Lines that wait for confirmation."""

    changes: tuple[DayChange, ...]


async def _propose(turn: Turn, changes: list[DayChange]) -> None:
    await _ask(turn, await rescheduling.news(turn.work, turn.actor, changes))


async def _ask(turn: Turn, changes: list[DayChange]) -> None:
    """Show what these changes would move, and ask for `Xác nhận`."""
    found = await rescheduling.preview(turn.work, changes)
    moves = [
        PreviewedMove(code=one.code, what=str(one.what), old=one.old, new=one.new)
        for one in found.moved[: rescheduling.LISTED]
    ]
    moves += [
        PreviewedMove(code=one.number, what="script_plan", old=one.old, new=one.new)
        for one in found.plans[: rescheduling.LISTED]
    ]
    notice = DaysPreview(
        days=_told(changes),
        moves=tuple(moves),
        total=len(found.moved) + len(found.plans),
        stopped=len(found.recounted),
    )
    await ask_after(turn, "days", notice, DaysToChange(changes=tuple(changes)))


def _told(changes: list[DayChange]) -> tuple[ChangedDay, ...]:
    return tuple(
        ChangedDay(day=change.day, kind=change.kind or "drop", note=change.note) for change in changes
    )


@confirmed("days", holds=DaysToChange)
async def days_confirmed(turn: Turn, held: DaysToChange) -> None:
    """Change the list.

    What moves is computed again: somebody may have changed the list or a question meanwhile.
    """
    fresh = await rescheduling.news(turn.work, turn.actor, list(held.changes))
    found = await rescheduling.apply(turn.work, fresh, turn.actor)
    await turn.reply(DaysChanged(days=_told(fresh), total=len(found.moved) + len(found.plans)))


@press(Act.CONFIRM_YEAR)
async def confirm_year_pressed(turn: Turn, pressed: Press) -> None:
    await _ask_to_confirm_year(turn, id_of(pressed))


async def _ask_to_confirm_year(turn: Turn, year: int) -> None:
    await official_year.require_confirmable(turn.work, turn.actor, year)
    days = await official_year.named_days(turn.work, date(year, 1, 1), date(year, 12, 31))
    notice = YearPreview(year=year, days=tuple(map(_listed_day, days)))
    await ask_after(turn, "year", notice, YearStep(year=year))


@dataclass(frozen=True, kw_only=True)
class YearStep(StepData):
    """A year whose list of days is to be confirmed."""

    year: int


@confirmed("year", holds=YearStep)
async def year_confirmed(turn: Turn, held: YearStep) -> None:
    await official_year.confirm(turn.work, turn.actor, held.year)
    await turn.reply(YearConfirmed(year=held.year))


def _read(turn: Turn, typed: str, every: DayKind | None = None) -> list[DayChange]:
    return read_days(typed, _today(turn), every, kinds=_KINDS, second_words=_SECOND_WORDS)


def _today(turn: Turn) -> date:
    return turn.work.programme.local(turn.work.now).date()
