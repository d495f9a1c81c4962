"""Reminds people of deadlines: one message per person and working day.

It holds what was not told yet.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.calendar.working_days import WorkingCalendar
from domain.deadlines.ladder import Hearers, Matter, Rung, rung_of
from domain.questions.life import Role
from messages.buttons import Act, Button, Keyboard
from messages.notice import Notice
from messages.notices.reminders import ReminderLine, Reminders, ReplyReminder
from services import notify
from services.calendar import due as deadlines
from services.calendar.due import Deadline
from services.calendar.working_days import calendar_of
from services.questions import cards, publication
from storage.agencies import agencies
from storage.deadlines import reminders
from storage.delivery import occasions, outbox
from storage.engine.database import Database, Work
from storage.people import groups, people, roles
from storage.people.roles import HolderRow
from storage.questions import questions
from storage.rows import AgencyGroupRow, OutboxRow, PersonRow, ReminderRow

KIND = "reminders"  # of the occasion
ABOUT = "reminder"  # of the outbox row
LINES = 12  # of one message; the rest is counted, and in the lists
BUTTONS = 6
# A message that waited longer than this is sent only when reminders may be sent.
FRESH = timedelta(minutes=15)


@dataclass(frozen=True)
class Recipient:
    """A person, or an agency's group."""

    key: str  # "person:12", "group:3"
    person: PersonRow | None = field(compare=False)  # the same person has a row for each role
    group: AgencyGroupRow | None = field(default=None, compare=False)


Plan = dict[Recipient, list[tuple[Deadline, Rung]]]


async def remind(database: Database) -> int:
    """Tell everybody what is due and was not told yet; return how many messages.

    Only on working days, within `reminders.send_between`. Each recipient is a transaction of its own: whoever claims
    the day first writes their message.
    """
    async with database.reading() as work:
        calendar = await calendar_of(work)
        if not may_send(calendar, work):
            return 0
        today = work.programme.local(work.now).date().isoformat()
        plan = await _plan(work, calendar)
        done = await occasions.claimed(work, KIND, today)
    sent = 0
    for recipient, found in plan.items():
        if recipient.key in done:
            continue
        async with database.work() as work:
            if await occasions.claim(work, recipient.key, KIND, today):
                await _tell(work, recipient, found)
                sent += 1
    return sent


def may_send(calendar: WorkingCalendar, work: Work) -> bool:
    """Return whether reminders may be sent now."""
    local = work.programme.local(work.now)
    opening, close = work.programme.remind_between
    return calendar.is_working_day(local.date()) and opening <= local.time() < close


# --- who is told what ----------------------------------------------------------------------------------------


async def _plan(work: Work, calendar: WorkingCalendar) -> Plan:
    today = work.programme.local(work.now).date()
    horizon = calendar.close(
        calendar.working_day_after(today, max(work.programme.remind_before_days, default=1))
    )
    due = []
    for one in await deadlines.due_until(work, horizon):
        rung = rung_of(
            one.matter,
            calendar,
            work.programme,
            today=today,
            due_on=one.due_on,
            since=one.since,
            acknowledged=one.acknowledged,
        )
        if rung is not None:
            due.append((one, rung))
    if not due:
        return {}
    once = [one for one, rung in due if not rung.name.startswith("late")]
    told = await reminders.told(
        work, {one.matter for one in once}, min((one.due_on for one in once), default=today)
    )
    plan: Plan = defaultdict(list)
    staff = await _Staff.of(work)
    for one, rung in due:
        for recipient in await staff.hear(work, one, rung.audiences):
            if (recipient.key, one.matter, one.subject_id, one.due_on, rung.name) not in told:
                plan[recipient].append((one, rung))
    return plan


class _Staff:
    """All people and groups who may have to be told, read once."""

    def __init__(self, held: Sequence[HolderRow], linked: Sequence[AgencyGroupRow]) -> None:
        self._people: dict[tuple[str, int | None], dict[int, PersonRow]] = defaultdict(dict)
        for row in held:
            self._people[row.role, row.agency_id][row.id] = row
        self._groups = {row.agency_id: row for row in linked}

    @classmethod
    async def of(cls, work: Work) -> "_Staff":
        return cls(await roles.everybody(work), await groups.linked(work))

    async def hear(self, work: Work, one: Deadline, audiences: Iterable[Hearers]) -> list[Recipient]:
        """Return the people of these audiences, each once.

        Where nobody of an audience can be reached, its deputies are told.
        """
        found: dict[str, Recipient] = {}
        for audience in sorted(audiences):
            if audience is Hearers.ASKER:
                assert one.asker_id is not None
                asker = await people.by_id(work, one.asker_id)
                reached = [Recipient(f"person:{asker.id}", asker)] if people.can_be_reached(asker) else []
            else:
                reached = self._of(audience, one.agency_id)
            found |= {recipient.key: recipient for recipient in reached}
        return list(found.values())

    def _of(self, audience: Hearers, agency_id: int | None) -> list[Recipient]:
        role, of_agency, deputy = _WHO[audience]
        held = self._people[role, agency_id if of_agency else None].values()
        found = [Recipient(f"person:{row.id}", row) for row in held]
        if audience is Hearers.OFFICERS and agency_id in self._groups:
            found.append(Recipient(f"group:{agency_id}", None, self._groups[agency_id]))
        if deputy is not None and all(row.unreachable_at is not None for row in held):
            found += self._of(deputy, agency_id)
        return found


# Whose role, whether it is one of the agency, and who hears it where nobody can be reached.
_WHO: Mapping[Hearers, tuple[Role, bool, Hearers | None]] = {
    Hearers.OFFICERS: (Role.OFFICER, True, Hearers.EDITORS),
    Hearers.LEADERS: (Role.LEADER, True, Hearers.EDITORS),
    Hearers.EDITORS: (Role.EDITOR, False, Hearers.ADMINS),
    Hearers.ADMINS: (Role.ADMIN, False, None),
}


# --- the message -----------------------------------------------------------------------------------------------


async def _tell(work: Work, recipient: Recipient, found: Sequence[tuple[Deadline, Rung]]) -> None:
    """Queue the message in place of an older one that has not left; record what it holds."""
    to_asker = [one for one, _ in found if one.matter is Matter.CLARIFICATION]
    to_staff = [one for one, _ in found if one.matter is not Matter.CLARIFICATION]
    rung = {one.key: rung.name for one, rung in found}
    for one in to_asker:
        row_id = await _tell_asker(work, recipient, one)
        if row_id is not None:
            await reminders.put(work, row_id, [(recipient.key, *one.key, rung[one.key])])
    if to_staff:
        notice, buttons = await _message(work, recipient, to_staff, work.now)
        supersedes = f"{ABOUT}:{recipient.key}"
        if recipient.group is not None:
            row_id = await notify.tell_chat(
                work,
                recipient.group.channel,
                recipient.group.address,
                notice,
                about=ABOUT,
                supersedes=supersedes,
                topic=recipient.group.topic,
            )
        else:
            assert recipient.person is not None
            row_id = await notify.tell(
                work, recipient.person, notice, buttons, about=ABOUT, supersedes=supersedes
            )
        if row_id is not None:
            keys = [(recipient.key, *one.key, rung[one.key]) for one in to_staff]
            await reminders.put(work, row_id, keys)


async def _tell_asker(work: Work, recipient: Recipient, one: Deadline) -> int | None:
    assert recipient.person is not None
    assert one.question_id is not None
    question = await questions.by_id(work, one.question_id)
    asked = await questions.open_clarification(work, one.question_id)
    if question is None or asked is None:
        return None  # replied a moment ago
    lead = await agencies.lead_of(work, question)
    text = await publication.for_reader(work, question, asked.text or "", recipient.person.id)
    return await notify.tell(
        work,
        recipient.person,
        ReplyReminder(code=one.code, agency=lead.name, text=text, reply_by=one.due_at),
        cards.reply_button(question),
        question_id=question.id,
        about="clarification",
    )


async def _message(
    work: Work, recipient: Recipient, found: Sequence[Deadline], now: datetime
) -> tuple[Notice, Keyboard]:
    """Write the message, the most urgent first; name agencies to those who look after several."""
    ordered = sorted(found, key=lambda one: (one.due_at, one.matter, one.subject_id))
    shown, more = ordered[:LINES], max(0, len(ordered) - LINES)
    names = {one.agency_id: "" for one in shown}
    mine = await _own_agencies(work, recipient)
    for agency_id in names:
        if agency_id is not None and agency_id not in mine:
            names[agency_id] = (await agencies.by_id(work, agency_id)).short_name
    today = work.programme.local(now).date()
    late: list[ReminderLine] = []
    ends_today: list[ReminderLine] = []
    soon: list[ReminderLine] = []
    for one in shown:
        line = ReminderLine(
            what=one.name or one.code,
            matter=str(one.matter),
            agency=names[one.agency_id],
            due_at=one.due_at,
        )
        (late if one.due_at < now else ends_today if one.due_on <= today else soon).append(line)
    notice = Reminders(overdue=tuple(late), today=tuple(ends_today), soon=tuple(soon), more=more)
    return notice, _buttons(shown, mine) if recipient.person is not None else ()


async def _own_agencies(work: Work, recipient: Recipient) -> frozenset[int]:
    if recipient.group is not None:
        return frozenset({recipient.group.agency_id})
    assert recipient.person is not None
    held = await roles.of_person(work, recipient.person.id)
    return frozenset(row.agency_id for row in held if row.agency_id is not None)


def _buttons(shown: Sequence[Deadline], mine: frozenset[int]) -> Keyboard:
    """Lay out a button per question or episode with what can be done at once; below, the whole list."""
    rows: list[list[Button]] = []
    seen: set[tuple[str, int]] = set()
    for one in shown:
        key, row = _episode_row(one, mine) if one.episode_id is not None else _question_row(one, mine)
        if row and key not in seen and len(rows) < BUTTONS:
            seen.add(key)
            rows.append(row)
    if mine:
        rows.append([Button("button.my_work", Act.SHOW_LIST, ("work",))])
    return rows


def _question_row(one: Deadline, mine: frozenset[int]) -> tuple[tuple[str, int], list[Button]]:
    """Lay out a question's buttons; `Nhận xử lý` where their agency has not accepted it."""
    if one.question_id is None:
        return ("", 0), []
    row = [Button("button.open", Act.OPEN, (one.question_id,), text=one.code)]
    if one.matter is Matter.ANSWER and one.agency_id in mine and not one.acknowledged:
        row.append(Button("button.accept", Act.ACCEPT_REMINDED, (one.question_id,)))
    return ("question", one.question_id), row


def _episode_row(one: Deadline, mine: frozenset[int]) -> tuple[tuple[str, int], list[Button]]:
    """Lay out an episode's buttons: for an agency its plan, for editors the episode."""
    assert one.episode_id is not None
    if one.agency_id is None:
        plan = Button("button.script_plan", Act.SCRIPT_PLAN, (one.episode_id,), detail=one.code)
        return ("episode", one.episode_id), [plan]
    if one.agency_id not in mine:
        episode = Button("button.episode", Act.EPISODE, (one.episode_id,), detail=one.code)
        return ("episode", one.episode_id), [episode]
    receipt = (one.subject_id,)
    return ("receipt", one.subject_id), [
        Button("button.plan_document", Act.PLAN_DOCUMENT, receipt, detail=one.code),
        Button("button.plan_received", Act.PLAN_ACKNOWLEDGE, receipt),
    ]


# --- when it is about to be sent ---------------------------------------------------------------------------------


async def to_send_at(work: Work, row: OutboxRow) -> datetime | None:
    """Return when a waiting message of reminders may be sent; None for now."""
    waited = work.now - row.queued_at
    calendar = await calendar_of(work)
    if waited <= FRESH or may_send(calendar, work):
        return None
    local = work.programme.local(work.now)
    opening, _ = work.programme.remind_between
    day = local.date()
    if local.time() >= opening or not calendar.is_working_day(day):
        day = calendar.next_working_day(day)
    return datetime.combine(day, opening, work.programme.timezone)


async def freshened(work: Work, row: OutboxRow) -> dict[str, Any] | None:
    """Return a message's content brought up to date; None where nothing is left to do."""
    held = await reminders.in_message(work, row.id)
    running = await _still_running(work, held)
    if not running:
        return None
    # Words hold while all they say does, and for a while.
    if len(running) == len(held) and work.now - row.queued_at <= FRESH:
        content: dict[str, Any] = row.content
        return content
    recipient = await _recipient_of(work, row)
    # A `tick --now` may have queued it on a clock that is ahead of this one.
    notice, buttons = await _message(work, recipient, running, max(work.now, row.queued_at))
    content = notify.content(work, recipient.person, notice, buttons, channel=row.channel)
    content |= {key: row.content[key] for key in ("topic",) if key in row.content}  # where it stands
    await outbox.change_content(work, row.id, content)
    return content


async def as_it_stands(work: Work, row: OutboxRow) -> tuple[Notice, Keyboard] | None:
    """Return a sent message of reminders with what is still to be done, or None."""
    running = await _still_running(work, await reminders.in_message(work, row.id))
    return await _message(work, await _recipient_of(work, row), running, work.now) if running else None


async def _still_running(work: Work, held: Sequence[ReminderRow]) -> list[Deadline]:
    wanted: dict[Matter, set[int]] = defaultdict(set)
    for one in held:
        wanted[Matter(one.matter)].add(one.subject_id)
    keys = {(one.matter, one.subject_id, one.due_on) for one in held}
    return [one for one in await deadlines.still_running(work, wanted) if one.key in keys]


async def _recipient_of(work: Work, row: OutboxRow) -> Recipient:
    if row.person_id is not None:
        return Recipient(f"person:{row.person_id}", await people.by_id(work, row.person_id))
    group = next(one for one in await groups.linked(work) if one.address == row.address)
    return Recipient(f"group:{group.agency_id}", None, group)
