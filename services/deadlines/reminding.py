"""Reminds people of deadlines: one message per person and working day.

It holds what was not told yet.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from domain.calendar.working_days import WorkingCalendar
from domain.deadlines.ladder import Hearers, Matter, Rung, rung_of
from domain.questions.life import Role
from messages.buttons import Act, Button, Keyboard
from messages.notice import Notice
from messages.notices.reminders import AnswerLate, ReplyReminder
from services import notify
from services.calendar import due as deadlines
from services.calendar.due import Deadline
from services.calendar.working_days import calendar_of
from services.deadlines import reminder_message
from services.deadlines.reminder_message import Recipient
from services.questions import cards, publication
from services.questions.case import code_of, due_to_come
from storage.agencies import agencies
from storage.deadlines import reminders
from storage.delivery import occasions, outbox
from storage.engine.database import Database, Work
from storage.people import groups, people, roles
from storage.people.roles import ReachableHolderRow
from storage.questions import questions
from storage.rows import AgencyGroupRow, OutboxRow, QuestionRow, ReminderRow

KIND = "reminders"  # of the occasion
ABOUT = outbox.REMINDER  # of the outbox row
# A message that waited longer than this is sent only when reminders may be sent.
FRESH = timedelta(minutes=15)


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
    told = await _told(work, [one for one, rung in due if not rung.name.startswith("late")])
    plan: Plan = defaultdict(list)
    staff = await _Staff.of(work)
    for one, rung in due:
        for recipient in await staff.hear(work, one, rung.audiences):
            if (recipient.key, one.matter, one.subject_id, one.due_on, rung.name) not in told:
                plan[recipient].append((one, rung))
    return plan


async def _told(work: Work, once: Sequence[Deadline]) -> set[reminders.Key]:
    """What people heard of these before. What askers hear of may be long past: it is looked up by itself."""
    told: set[reminders.Key] = set()
    for to_asker in (True, False):
        some = [one for one in once if (one.matter is Matter.LATE_ANSWER) is to_asker]
        if some:
            told |= await reminders.told(work, {one.matter for one in some}, min(one.due_on for one in some))
    return told


class _Staff:
    """All people and groups who may have to be told, read once."""

    def __init__(self, held: Sequence[ReachableHolderRow], linked: Sequence[AgencyGroupRow]) -> None:
        self._people: dict[tuple[str, int | None], dict[int, ReachableHolderRow]] = defaultdict(dict)
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
        held = list(self._people[role, agency_id if of_agency else None].values())
        if audience is Hearers.READERS:
            held = [row for row in held if row.vouched_at is not None]
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
    Hearers.READERS: (Role.EDITOR, False, None),  # nobody stands in for them
    Hearers.ADMINS: (Role.ADMIN, False, None),
}


# --- the message -----------------------------------------------------------------------------------------------


async def _tell(work: Work, recipient: Recipient, found: Sequence[tuple[Deadline, Rung]]) -> None:
    """Queue the message in the place of an older one that has not left; record what it holds."""
    to_staff = [one for one, _ in found if one.matter not in _TO_ASKER]
    rung = {one.key: rung.name for one, rung in found}
    for one, _ in found:
        if one.matter not in _TO_ASKER:
            continue
        row_id = await _TO_ASKER[one.matter](work, recipient, one, rung[one.key])
        if row_id is not None:
            await reminders.put(work, row_id, [(recipient.key, *one.key, rung[one.key])])
    if to_staff:
        notice, buttons = await reminder_message.message(work, recipient, to_staff, work.now)
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


async def _ask_for_reply(work: Work, recipient: Recipient, one: Deadline, _rung: str) -> int | None:
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


async def _own_up(work: Work, recipient: Recipient, one: Deadline, rung: str) -> int | None:
    """Tell the asker honestly that the date has passed, and the next one where it is known."""
    assert recipient.person is not None
    question = await questions.by_id(work, one.subject_id)
    if question is None:
        return None
    notice, buttons = await _late(work, recipient, question, one, rung)
    return await notify.tell(
        work,
        recipient.person,
        notice,
        buttons,
        question_id=question.id,
        about=ABOUT,
        supersedes=f"{ABOUT}:{recipient.key}:{question.id}",
    )


async def _late(
    work: Work, recipient: Recipient, question: QuestionRow, one: Deadline, rung: str
) -> tuple[Notice, Keyboard]:
    of_now = (recipient.key, *one.key)
    told = await reminders.told(work, {one.matter}, one.due_on)
    lead = None if question.lead_agency_id is None else await agencies.by_id(work, question.lead_agency_id)
    notice = AnswerLate(
        code=one.code,
        what="assignment" if one.due_at == question.assign_due_at and lead is None else "answer",
        again=any(before[:4] == of_now and before[4] != rung for before in told),
        agency="" if lead is None else lead.name,
        promised=one.due_at,
        due_at=due_to_come(work, question),
        original="" if one.question_id == question.id else code_of(work, question),
    )
    return notice, [[Button("button.track", Act.TRACK, (one.question_id or question.id,))]]


# To the asker each of them goes as a message of its own.
_TO_ASKER: Mapping[Matter, Callable[[Work, Recipient, Deadline, str], Awaitable[int | None]]] = {
    Matter.CLARIFICATION: _ask_for_reply,
    Matter.LATE_ANSWER: _own_up,
}


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
    running = await _still_running(work, held, row.person_id)
    if not running:
        return None
    # Words hold while all they say does, and for a while.
    if len(running) == len(held) and work.now - row.queued_at <= FRESH:
        content: dict[str, Any] = row.content
        return content
    recipient = await _recipient_of(work, row)
    # A `tick --now` may have queued it on a clock that is ahead of this one.
    now = max(work.now, row.queued_at)
    notice, buttons = await _words_of_now(work, recipient, held, running, now)
    content = notify.content(work, recipient.person, notice, buttons, channel=row.channel)
    content |= {key: row.content[key] for key in ("topic",) if key in row.content}  # where it stands
    await outbox.change_content(work, row.id, content)
    return content


async def as_it_stands(work: Work, row: OutboxRow) -> tuple[Notice, Keyboard] | None:
    """Return a sent message of reminders with what is still to be done, or None."""
    held = await reminders.in_message(work, row.id)
    running = await _still_running(work, held, row.person_id)
    if not running:
        return None
    return await _words_of_now(work, await _recipient_of(work, row), held, running, work.now)


async def _words_of_now(
    work: Work,
    recipient: Recipient,
    held: Sequence[ReminderRow],
    running: Sequence[Deadline],
    now: datetime,
) -> tuple[Notice, Keyboard]:
    (first, *_) = running
    if first.matter is Matter.LATE_ANSWER:
        question = await questions.by_id(work, first.subject_id)
        assert question is not None
        return await _late(work, recipient, question, first, held[0].rung)
    return await reminder_message.message(work, recipient, running, now)


async def _still_running(work: Work, held: Sequence[ReminderRow], reader_id: int | None) -> list[Deadline]:
    """Return what of a message still runs; of what several askers hear, the reader's own."""
    wanted: dict[Matter, set[int]] = defaultdict(set)
    for one in held:
        wanted[Matter(one.matter)].add(one.subject_id)
    keys = {(one.matter, one.subject_id, one.due_on) for one in held}
    return [
        one
        for one in await deadlines.still_running(work, wanted)
        if one.key in keys and (one.matter is not Matter.LATE_ANSWER or one.asker_id == reader_id)
    ]


async def _recipient_of(work: Work, row: OutboxRow) -> Recipient:
    if row.person_id is not None:
        return Recipient(f"person:{row.person_id}", await people.by_id(work, row.person_id))
    group = next(one for one in await groups.linked(work) if one.address == row.address)
    return Recipient(f"group:{group.agency_id}", None, group)
