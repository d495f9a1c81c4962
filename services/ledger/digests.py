"""Digests: daily and weekly for admins and editors, weekly for agencies' people.

Each occasion once. Who still needs one is found by what is missing, so a late or repeated tick does no harm. Numbers
are read and pictures drawn before the transaction that claims and queues: SQLite has one writer.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.deadlines.digests import DigestKind, is_late, latest, may_go_out
from domain.delivery import STUCK
from domain.questions.codes import format_code
from domain.questions.history import Event
from domain.questions.lateness import HANDS_ON, Holder, holder
from domain.questions.life import AGENCY_ROLES, ApprovalStep, Role, next_step
from messages.buttons import Act, Button, Keyboard
from messages.documents.digest_picture import PictureLine, digest_tables
from messages.notice import Notice
from messages.notices.digests import (
    AgencyDigest,
    Contributions,
    DueQuestion,
    LateCount,
    NothingToTell,
    OldestQuestion,
    OwnAgency,
    ProgrammeDigest,
    SourceCount,
    UnreachableStaff,
)
from messages.words import Words
from services.calendar.working_days import calendar_of
from services.notify import tell, tell_with_picture, words_for
from services.people import sources
from storage.agencies import agencies
from storage.delivery import occasions
from storage.engine import facts
from storage.engine.database import Database, Work
from storage.ledger import digests
from storage.operation import health
from storage.people import roles
from storage.questions import lateness
from storage.rows import FieldRow, HistoryRow, PersonRow
from storage.tables import Row

ABOUT = "digest"  # of the outbox row
NAMES = 3  # of unreachable staff
DUE_SHOWN = 10  # questions that fall due, of one agency's people
WEEK = timedelta(days=7)
_PROGRAMME_ROLES = (Role.EDITOR, Role.ADMIN)


async def send_digests(database: Database) -> dict[str, int]:
    """Queue every digest that is due and missing; return how many of each kind."""
    return {kind.value: await _send(database, kind) for kind in DigestKind}


# --- whom, and for which time -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class DigestPeriod:
    """The period of a digest: from `start` up to `end`, its occasion.

    `late`: it goes out later.
    """

    kind: DigestKind
    key: str
    start: datetime
    end: datetime
    late: bool


@dataclass
class Reader:
    """A person who should get a digest.

    With the roles that they had when it came due.
    """

    person: PersonRow
    roles: set[Role] = field(default_factory=set)
    agency_ids: set[int] = field(default_factory=set)
    reads_hidden: bool = False

    @property
    def recipient(self) -> str:
        return f"person:{self.person.id}"

    @property
    def of_programme(self) -> bool:
        return not self.roles.isdisjoint(_PROGRAMME_ROLES)


async def _send(database: Database, kind: DigestKind) -> int:
    async with database.reading() as work:
        period = await _due(work, kind)
        if period is None:
            return 0
        readers = await _owed(work, period)
        if not readers:
            return 0
        numbers = await _numbers(work, period)
        languages = {one.person.language: words_for(work, one.person) for one in readers if one.of_programme}
    pictures = {
        language: await asyncio.to_thread(_picture, say, period, numbers)
        for language, say in languages.items()
        if not numbers.tell_nothing(look=True) and numbers.lines
    }
    async with database.work() as work:
        return await _queue(work, period, readers, numbers, pictures)


async def _due(work: Work, kind: DigestKind) -> DigestPeriod | None:
    calendar = await calendar_of(work)
    occasion = latest(kind, work.programme, calendar, work.now)
    if occasion is None or not may_go_out(occasion, calendar, work.now):
        return None
    last = await _last_period(work, kind)
    if last is not None and last.key > occasion.key:
        return None  # the clock, or the calendar, went back
    if last is not None and last.key == occasion.key:
        return DigestPeriod(kind, last.key, last.start, last.end, is_late(last.end, work.now))
    start = occasion.before if last is None else min(last.end, occasion.at)
    return DigestPeriod(kind, occasion.key, start, occasion.at, is_late(occasion.at, work.now))


async def _owed(work: Work, period: DigestPeriod) -> list[Reader]:
    """List who held a role before the period ended, can be reached, and has no digest of it."""
    wanted = _PROGRAMME_ROLES if period.kind is DigestKind.DAILY else (*_PROGRAMME_ROLES, *AGENCY_ROLES)
    had = await occasions.claimed(work, period.kind, period.key)
    readers: dict[int, Reader] = {}
    for row in await roles.reachable_holders(work, wanted, since=period.end):
        reader = readers.setdefault(row.id, Reader(row))
        reader.roles.add(Role(row.role))
        reader.reads_hidden |= row.role == Role.EDITOR and row.vouched_at is not None
        if row.agency_id is not None:
            reader.agency_ids.add(row.agency_id)
    return [reader for reader in readers.values() if reader.recipient not in had]


async def _queue(
    work: Work,
    period: DigestPeriod,
    readers: Sequence[Reader],
    numbers: "Numbers",
    pictures: Mapping[str, bytes],
) -> int:
    last = await _last_period(work, period.kind)
    if last is not None and last.key > period.key:
        return 0  # another process is further
    await _keep_period(work, period)
    queued = 0
    for reader in readers:
        if not await occasions.claim(work, reader.recipient, period.kind, period.key):
            continue  # another process was quicker
        queued += 1
        notice, buttons = _notice(work, period, reader, numbers)
        png = pictures.get(reader.person.language)
        if isinstance(notice, ProgrammeDigest) and png is not None:
            await tell_with_picture(work, reader.person, notice, png, buttons, about=ABOUT)
        else:
            await tell(work, reader.person, notice, buttons, about=ABOUT)
    return queued


# The period of the last digest of a kind that anybody got, kept whole: times of day and calendars may change.


async def _last_period(work: Work, kind: DigestKind) -> DigestPeriod | None:
    kept = await facts.get(work, f"digest_{kind}")
    if kept is None:
        return None
    key, start, end = kept.split()
    return DigestPeriod(kind, key, datetime.fromisoformat(start), datetime.fromisoformat(end), late=False)


async def _keep_period(work: Work, period: DigestPeriod) -> None:
    value = f"{period.key} {period.start.isoformat()} {period.end.isoformat()}"
    await facts.put(work, f"digest_{period.kind}", value)


# --- numbers ----------------------------------------------------------------------------------------------------


@dataclass
class Tally:
    """The numbers of one agency, one field, or all of them."""

    new: int = 0
    answered: int = 0
    on_time: int = 0
    on_first: int = 0  # in time, as the asker was told first
    open: int = 0
    overdue: int = 0
    past_first: int = 0

    @property
    def empty(self) -> bool:
        return not (self.new or self.answered or self.overdue or self.past_first)

    def add(self, other: "Tally") -> None:
        self.new += other.new
        self.answered += other.answered
        self.on_time += other.on_time
        self.on_first += other.on_first
        self.open += other.open
        self.overdue += other.overdue
        self.past_first += other.past_first


@dataclass
class Coordinated:
    """The numbers of contributions by one agency, or all, where others lead."""

    new: int = 0
    contributed: int = 0
    awaited: int = 0
    overdue: int = 0

    @property
    def empty(self) -> bool:
        return not (self.new or self.contributed or self.awaited)

    def add(self, other: "Coordinated") -> None:
        self.new += other.new
        self.contributed += other.contributed
        self.awaited += other.awaited
        self.overdue += other.overdue


@dataclass
class Numbers:
    """All numbers that the digests of one period are made of.

    Agency None: with the editors, unassigned.
    """

    agency_names: dict[int, str]
    fields: dict[str, FieldRow]
    by_agency: dict[int | None, Tally] = field(default_factory=dict)
    by_field: dict[str | None, Tally] = field(default_factory=dict)
    coordinated: defaultdict[int, Coordinated] = field(default_factory=lambda: defaultdict(Coordinated))
    assigned: int = 0
    late_answers: Counter[Holder] = field(default_factory=Counter)
    overdue_by: Counter[Holder] = field(default_factory=Counter)
    approvals: Counter[ApprovalStep] = field(default_factory=Counter)
    oldest: Row | None = None
    suspected: int = 0
    unreachable: list[Row] = field(default_factory=list)
    messages_waiting: int = 0
    messages_since: datetime | None = None
    messages_failed: int = 0
    updates_parked: int = 0
    due: list[Row] = field(default_factory=list)
    sources: list[tuple[str, int]] = field(default_factory=list)  # of a week: words and starts

    @property
    def total(self) -> Tally:
        """The sum over fields, so that questions without an agency are included."""
        total = Tally()
        for tally in self.by_field.values():
            total.add(tally)
        return total

    @property
    def lines(self) -> bool:
        """Whether there is anything to put into a table."""
        return any(not one.empty for one in (*self.by_agency.values(), *self.by_field.values()))

    def tell_nothing(self, *, look: bool) -> bool:
        """Return whether there is nothing to tell.

        `look`: the reader may look at suspected denunciations.
        """
        trouble = self.messages_waiting or self.messages_failed or self.updates_parked or self.unreachable
        waits = self.approvals.total() or (look and self.suspected)
        return not (self.lines or self.assigned or waits or trouble or self.sources)

    def of_agency(self, agency_id: int | None) -> Tally:
        return self.by_agency.setdefault(agency_id, Tally())

    def of_field(self, code: str | None) -> Tally:
        return self.by_field.setdefault(code, Tally())

    def of_agencies(self, agency_ids: Iterable[int]) -> Tally:
        together = Tally()
        for agency_id in agency_ids:
            together.add(self.by_agency.get(agency_id, Tally()))
        return together

    def coordinated_by(self, agency_ids: Iterable[int]) -> Coordinated:
        together = Coordinated()
        for agency_id in agency_ids:
            together.add(self.coordinated[agency_id])
        return together


async def _numbers(work: Work, period: DigestPeriod) -> Numbers:
    everyone = await agencies.everyone(work)
    numbers = Numbers(
        agency_names={row.id: row.short_name for row in everyone},
        fields={row.code: row for row in await agencies.all_fields(work)},
    )
    start, end = period.start, period.end
    for row in await digests.new(work, start, end):
        numbers.of_field(row.field_code).new += row.how_many
    for row in await digests.given(work, start, end):
        numbers.of_agency(row.agency_id).new += row.how_many
    for row in await digests.answered(work, start, end):
        for tally in (numbers.of_agency(row.agency_id), numbers.of_field(row.field_code)):
            tally.answered += row.how_many
            tally.on_time += row.on_time
            tally.on_first += row.on_first
    for row in await lateness.answered_late(work, start, end):
        numbers.late_answers[holder(row.event, row.waits_for)] += row.how_many
    await _count_reopened(work, period, numbers, {row.code: row.id for row in everyone})
    for row in await digests.overdue(work, work.now):
        for tally in (numbers.of_agency(row.agency_id), numbers.of_field(row.field_code)):
            tally.overdue += row.how_many
            tally.past_first += row.past_first
    for row in await lateness.overdue(work, work.now):
        numbers.overdue_by[holder(row.event, row.waits_for)] += row.how_many
    if None in numbers.by_agency:
        numbers.overdue_by[Holder.EDITORS] += numbers.by_agency[None].overdue
    for row in await digests.open_with_agencies(work):
        numbers.of_agency(row.agency_id).open += row.how_many
    numbers.assigned = await digests.assigned(work, start, end)
    numbers.approvals = await _approvals(work)
    numbers.oldest = await digests.oldest_open(work)
    numbers.suspected = await digests.suspected(work)
    numbers.unreachable = await digests.unreachable_staff(work)
    stuck = await health.waiting_messages(work, work.now - STUCK)
    numbers.messages_waiting, numbers.messages_since = stuck.count, stuck.oldest
    numbers.messages_failed = await health.failed_messages(work, start)
    numbers.updates_parked = await health.parked_updates(work, start)
    if period.kind is DigestKind.WEEKLY:
        numbers.due = await digests.due_between(work, work.now, end + WEEK)
        first, last = (work.programme.local(one).date() for one in (start, end))
        numbers.sources = await sources.told(work, first, last)  # whole days: the last one is the next week's
        await _count_coordinated(work, period, numbers)
    return numbers


async def _count_coordinated(work: Work, period: DigestPeriod, numbers: Numbers) -> None:
    for row in await digests.asked_to_contribute(work, period.start, period.end):
        numbers.coordinated[row.agency_id].new = row.how_many
    for row in await digests.contributed(work, period.start, period.end):
        numbers.coordinated[row.agency_id].contributed = row.how_many
    for row in await digests.contributions_awaited(work, work.now):
        numbers.coordinated[row.agency_id].awaited = row.how_many
        numbers.coordinated[row.agency_id].overdue = row.overdue


async def _count_reopened(work: Work, period: DigestPeriod, numbers: Numbers, ids: Mapping[str, int]) -> None:
    """Count answers that were reopened since.

    Only the history tells when they were due, and whose they were.
    """
    reopened = await digests.answers_reopened(work, period.start, period.end)
    if not reopened:
        return
    stories: dict[int, list[HistoryRow]] = {}
    for event in await digests.stories(work, sorted({row.question_id for row in reopened})):
        stories.setdefault(event.question_id, []).append(event)
    for row in reopened:
        before = [event for event in stories[row.question_id] if event.id <= row.id]
        dues = [event.details["due_to"] for event in before if "due_to" in event.details]
        led_by = [
            event.details["agency"] for event in before if event.event in (Event.ASSIGNED, Event.REASSIGNED)
        ]
        due_at = datetime.fromisoformat(dues[-1]) if dues and dues[-1] else None
        in_time = due_at is None or row.at <= due_at
        told_first = next((due for due in dues if due), None)
        as_told = told_first is None or row.at <= datetime.fromisoformat(told_first)
        for tally in (numbers.of_agency(ids[led_by[-1]]), numbers.of_field(row.field_code)):
            tally.answered += 1
            tally.on_time += in_time
            tally.on_first += as_told
        if due_at is not None and not in_time:
            held = [event for event in before if event.event in HANDS_ON and event.at <= due_at]
            last = held[-1] if held else None
            waits_for = None if last is None else last.details.get("waits_for")
            numbers.late_answers[holder(None if last is None else last.event, waits_for)] += 1


async def _approvals(work: Work) -> Counter[ApprovalStep]:
    """Count the drafts that wait for each step, as `services.questions.approval` does for one."""
    led = {row.agency_id for row in await roles.reachable_holders(work, (Role.LEADER,), since=work.now)}
    waiting: Counter[ApprovalStep] = Counter()
    for row in await digests.in_approval(work):
        given = [step for step in ApprovalStep if getattr(row, step)]
        step = next_step(work.programme.approval_steps, given, leader_reachable=row.agency_id in led)
        if step is not None:
            waiting[step] += row.how_many
    return waiting


# --- words and pictures -----------------------------------------------------------------------------------------


def _picture(say: Words, period: DigestPeriod, numbers: Numbers) -> bytes:
    def agency(agency_id: int | None) -> str:
        return say.label("digest.editors") if agency_id is None else numbers.agency_names[agency_id]

    def field_name(code: str | None) -> str:
        if code is None:
            return say.label("digest.no_field")
        row = numbers.fields[code]
        return str(say.either(row.name, row.name_en))

    return digest_tables(
        say,
        f"{say.label(f'digest.{period.kind}')} · {say.day(period.end)}",
        [_line(agency(one), tally) for one, tally in numbers.by_agency.items()],
        [_line(field_name(one), tally) for one, tally in numbers.by_field.items()],
    )


def _line(name: str, tally: Tally) -> PictureLine:
    return PictureLine(name, tally.overdue, tally.new, tally.answered, tally.on_time)


def _notice(work: Work, period: DigestPeriod, reader: Reader, numbers: Numbers) -> tuple[Notice, Keyboard]:
    own = numbers.of_agencies(reader.agency_ids)
    coordinated = numbers.coordinated_by(reader.agency_ids)
    work_button = [Button("button.list_work", Act.SHOW_LIST, ("work",))]
    nothing = NothingToTell(period.kind, period.start, period.end, period.late)
    if not reader.of_programme:
        if own.empty and not own.open and coordinated.empty:
            return nothing, ()
        return _agency_digest(work, period, reader, numbers, own, coordinated), [work_button]
    look = reader.reads_hidden
    if numbers.tell_nothing(look=look):
        return nothing, ()
    both = period.kind is DigestKind.WEEKLY and bool(reader.agency_ids)
    buttons = [
        [Button("button.list_new", Act.SHOW_LIST, ("new",))],
        [
            Button("button.list_approvals", Act.SHOW_LIST, ("approvals",)),
            Button("button.list_overdue", Act.SHOW_LIST, ("overdue",)),
        ],
    ]
    return _programme_digest(work, period, numbers, own if both else None, coordinated, look=look), (
        [*buttons, work_button] if both else buttons
    )


def _programme_digest(
    work: Work,
    period: DigestPeriod,
    numbers: Numbers,
    own: Tally | None,
    coordinated: Coordinated,
    *,
    look: bool,
) -> ProgrammeDigest:
    total, oldest = numbers.total, numbers.oldest
    return ProgrammeDigest(
        kind=period.kind,
        start=period.start,
        end=period.end,
        late=period.late,
        new=total.new,
        assigned=numbers.assigned,
        answered=total.answered,
        on_time=total.on_time,
        on_first=total.on_first,
        late_answers=_by_holder(numbers.late_answers),
        overdue=total.overdue,
        overdue_by=_by_holder(numbers.overdue_by),
        past_first=total.past_first,
        with_leaders=numbers.approvals[ApprovalStep.LEADER],
        with_editors=numbers.approvals[ApprovalStep.EDITOR],
        oldest=None
        if oldest is None
        else OldestQuestion(
            code=_code(work, oldest), agency=oldest.short_name or "", received_at=oldest.received_at
        ),
        suspected=numbers.suspected if look else 0,
        unreachable=len(numbers.unreachable),
        unreachable_names=tuple(
            UnreachableStaff(row.display_name, row.short_name or "") for row in numbers.unreachable[:NAMES]
        ),
        messages_waiting=numbers.messages_waiting,
        messages_since=numbers.messages_since,
        messages_failed=numbers.messages_failed,
        updates_parked=numbers.updates_parked,
        sources=tuple(SourceCount(word, starts) for word, starts in numbers.sources),
        own=None
        if own is None
        else OwnAgency(
            new=own.new, answered=own.answered, on_time=own.on_time, open=own.open, overdue=own.overdue
        ),
        coordinated=None if own is None else _in_short(coordinated),
    )


def _in_short(coordinated: Coordinated) -> Contributions | None:
    if coordinated.empty:
        return None
    return Contributions(
        new=coordinated.new,
        contributed=coordinated.contributed,
        awaited=coordinated.awaited,
        overdue=coordinated.overdue,
    )


def _agency_digest(
    work: Work, period: DigestPeriod, reader: Reader, numbers: Numbers, own: Tally, coordinated: Coordinated
) -> AgencyDigest:
    due = [row for row in numbers.due if row.lead_agency_id in reader.agency_ids]
    return AgencyDigest(
        agencies=tuple(numbers.agency_names[one] for one in sorted(reader.agency_ids)),
        start=period.start,
        end=period.end,
        late=period.late,
        new=own.new,
        answered=own.answered,
        on_time=own.on_time,
        on_first=own.on_first,
        open=own.open,
        overdue=own.overdue,
        past_first=own.past_first,
        due=tuple(DueQuestion(_code(work, row), row.due_at) for row in due[:DUE_SHOWN]),
        more_due=max(0, len(due) - DUE_SHOWN),
        coordinated=_in_short(coordinated),
    )


def _by_holder(counts: Counter[Holder]) -> tuple[LateCount, ...]:
    return tuple(LateCount(one, counts[one]) for one in Holder if counts[one])


def _code(work: Work, row: Row) -> str:
    return format_code(work.programme.code_prefix, row.year, row.number)
