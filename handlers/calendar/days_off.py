"""`/ngaynghi`: admins keep the list of days off and days worked, and confirm each year's official days."""

import re
from datetime import date
from typing import Any

from telegram import Message, Update

from domain.calendar.typed_days import read_days
from domain.calendar.working_days import DayChange, DayKind, NamedDay
from domain.errors import Reason, RuleViolation
from domain.questions.life import Role
from domain.vietnamese.text import fold
from handlers.chat.confirming import ask_after, confirmed
from handlers.chat.context import Context
from handlers.chat.paging import paged
from handlers.chat.prompting import ask_for, end_text_step
from handlers.chat.registry import command, press, step
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
from services.calendar import official_year
from services.deadlines import rescheduling
from services.people.actors import require_admin
from storage.tables import Row

DAYS_ON_A_PAGE = 10

_CONFIRM_YEAR = re.compile(r"(\d{4}) (?:xac nhan|confirm)")  # folded


@command("ngaynghi", Role.ADMIN, place=810)
async def days_off(update: Update, context: Context, argument: str) -> None:
    """`/ngaynghi 2/1/2027 nghỉ, 10/1/2027 làm`, `/ngaynghi 2027 xác nhận`; without words, the coming days."""
    year = _CONFIRM_YEAR.fullmatch(fold(argument))
    if year is not None:
        await _ask_to_confirm_year(context, int(year[1]))
    elif argument:
        await _propose(context, read_days(argument, _today(context)))
    else:
        await context.reply(*await days_page(context, 1))


@paged("days")
async def days_page(context: Context, page: int) -> tuple[Notice, Keyboard]:
    """Coming days of this year and the next, with a button to take back each of the admins' own lines."""
    require_admin(context.actor)
    today = _today(context)
    years = await official_year.years_to_show(context.work)
    days = await official_year.named_days(context.work, today, date(today.year + 1, 12, 31))
    here = page_of(days, page, DAYS_ON_A_PAGE)
    rows = [
        [
            Button("button.day_off", Act.DAY_ADD, (DayKind.OFF,)),
            Button("button.day_work", Act.DAY_ADD, (DayKind.WORK,)),
        ]
    ]
    rows += [
        [Button("button.confirm_year", Act.CONFIRM_YEAR, (year,), text=_year_label(context, year))]
        for year, is_confirmed in years
        if not is_confirmed
    ]
    rows += [
        [Button("button.day_drop", Act.DAY_DROP, (one.day.isoformat(),), text=_drop_label(context, one))]
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


def _year_label(context: Context, year: int) -> str:
    return f"{context.words.label('button.confirm_year')} {year}"


def _drop_label(context: Context, one: NamedDay) -> str:
    return f"{context.words.label('button.day_drop')}: {context.words.day(one.day)}"


@press(Act.DAY_ADD)
async def add_pressed(update: Update, context: Context, pressed: Press) -> None:
    require_admin(context.actor)
    kind = choice_of(pressed, DayKind)
    await ask_for(context, "day_typed", TextAsked(code="", what=f"day_{kind}"), {"kind": kind})


@step("day_typed")
async def days_typed(update: Update, context: Context, message: Message, conversation: Row) -> None:
    require_admin(context.actor)
    changes = read_days(typed_text(message), _today(context), DayKind(conversation.data["kind"]))
    fresh = await rescheduling.news(context.work, context.actor, changes)
    await end_text_step(context, conversation)
    await _ask(context, fresh)


@press(Act.DAY_DROP)
async def drop_pressed(update: Update, context: Context, pressed: Press) -> None:
    try:
        day = date.fromisoformat(pressed.word(0))
    except ValueError:
        raise RuleViolation(Reason.STALE_BUTTON) from None
    await _propose(context, [DayChange(day, None)])


async def _propose(context: Context, changes: list[DayChange]) -> None:
    await _ask(context, await rescheduling.news(context.work, context.actor, changes))


async def _ask(context: Context, changes: list[DayChange]) -> None:
    """Show what these changes would move, and ask for `Xác nhận`."""
    found = await rescheduling.preview(context.work, changes)
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
    lines = [[change.day.isoformat(), change.kind, change.note] for change in changes]
    await ask_after(context, "days", notice, changes=lines)


def _told(changes: list[DayChange]) -> tuple[ChangedDay, ...]:
    return tuple(
        ChangedDay(day=change.day, kind=change.kind or "drop", note=change.note) for change in changes
    )


@confirmed("days")
async def days_confirmed(update: Update, context: Context, data: dict[str, Any]) -> None:
    """What moves is reckoned again: somebody may have changed the list or a question meanwhile."""
    changes = [
        DayChange(date.fromisoformat(day), None if kind is None else DayKind(kind), note)
        for day, kind, note in data["changes"]
    ]
    fresh = await rescheduling.news(context.work, context.actor, changes)
    found = await rescheduling.apply(context.work, fresh, context.actor)
    await context.reply(DaysChanged(days=_told(fresh), total=len(found.moved) + len(found.plans)))


@press(Act.CONFIRM_YEAR)
async def confirm_year_pressed(update: Update, context: Context, pressed: Press) -> None:
    await _ask_to_confirm_year(context, id_of(pressed))


async def _ask_to_confirm_year(context: Context, year: int) -> None:
    await official_year.require_confirmable(context.work, context.actor, year)
    days = await official_year.named_days(context.work, date(year, 1, 1), date(year, 12, 31))
    notice = YearPreview(year=year, days=tuple(map(_listed_day, days)))
    await ask_after(context, "year", notice, year=year)


@confirmed("year")
async def year_confirmed(update: Update, context: Context, data: dict[str, Any]) -> None:
    await official_year.confirm(context.work, context.actor, data["year"])
    await context.reply(YearConfirmed(year=data["year"]))


def _today(context: Context) -> date:
    return context.work.programme.local(context.work.now).date()
