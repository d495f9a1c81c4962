"""A year of the programme on the set clock: after every tick each promise of its plan about time holds.

Questions come in, agencies are quick or slow, askers silent, days off are announced late, the bot is away for days.
What has to hold is reckoned here again by walking the days one by one, not with the code that is under test.
"""

import random
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from domain.calendar.working_days import DayChange, DayKind, WorkingCalendar
from domain.errors import RuleViolation
from domain.programme import Programme
from domain.questions.life import Role, Status
from services.calendar.working_days import calendar_of
from services.deadlines import extensions, rescheduling
from services.operation.ticking import tick
from services.people.actors import Actor
from services.questions import agency_work, answers, intake, screening
from storage.engine.database import Database, Work
from storage.questions import questions
from storage.tables import Row, occasions, reminders
from storage.tables import clarifications as clarifications_table
from storage.tables import outbox as outbox_table
from storage.tables import questions as questions_table
from tests.conftest import SetClock
from tests.worlds.world import LAND, agency_of, person, staff

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
FIRST, LAST = date(2026, 3, 2), date(2027, 3, 1)  # over Giỗ Tổ, National Day's swap, and Tết 2027
AGENCIES = {"SNNMT": 0.6, "SXD": 0.15, "SYT": 0.04}  # how likely they act on a question on a day
HOURS = (time(7, 30), time(17))
BUSY = {Status.ASSIGNED: 0.6, Status.ACCEPTED: 0.6}  # how often anybody looks at a question at all


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime.combine(FIRST, time(7), ZONE).astimezone(UTC))


@pytest.fixture
async def sqlite(sqlite_url: str, clock: SetClock) -> AsyncIterator[Database]:
    # Digests are tested elsewhere; drawing 250 pictures would take most of the time here.
    programme = Programme(daily_digest=None, weekly_digest=None)
    opened = Database(sqlite_url, clock=clock, programme=programme)
    yield opened
    await opened.close()


class Year:
    """The people of the programme and what they do on a day."""

    def __init__(self, database: Database, clock: SetClock, seed: int) -> None:
        self.database, self.clock = database, clock
        self.chance = random.Random(seed)
        self.did: Counter[str] = Counter()
        self.calendar: WorkingCalendar | None = None  # since the last announcement

    async def begin(self) -> None:
        async with self.database.work() as work:
            self.asker = await person(work, "asker")
            self.editor = await staff(work, "editor", Role.EDITOR)
            self.admin = await staff(work, "admin", Role.ADMIN)
            self.agencies = {code: await agency_of(work, code) for code in AGENCIES}
            self.officers = {
                code: await staff(work, f"officer {code}", Role.OFFICER, code) for code in AGENCIES
            }
            self.leaders = {code: await staff(work, f"leader {code}", Role.LEADER, code) for code in AGENCIES}
        self.codes = {row.id: code for code, row in self.agencies.items()}

    def now(self) -> datetime:
        return self.clock.at.astimezone(ZONE)

    async def works(self, day: date) -> bool:
        if self.calendar is None:
            async with self.database.reading() as work:
                self.calendar = await calendar_of(work)
        return self.calendar.kind(day) is not DayKind.OFF

    async def after(self, day: date, count: int) -> date:
        """The `count`-th working day after a date, walked."""
        while count:
            day += timedelta(1)
            count -= await self.works(day)
        return day

    async def late(self, due: date, today: date) -> int:
        days = [due + timedelta(n) for n in range(1, (today - due).days + 1)]
        return sum([await self.works(day) for day in days])

    # --- what people do ------------------------------------------------------------------------------------

    async def live(self) -> None:
        if self.chance.random() < 0.15:
            async with self.database.work() as work:
                await intake.receive(work, self.asker, LAND)
            self.did["asked"] += 1
        if self.chance.random() < 0.02:
            await self.announce()
        if not await self.works(self.now().date()):
            return
        async with self.database.work() as work:
            row: Any
            for row in await questions.listed(work):
                if self.chance.random() > BUSY.get(Status(row.status), 1.0):
                    continue
                try:
                    async with work.connection.begin_nested():
                        await self.act(work, row)
                except RuleViolation as violation:
                    self.did[f"refused {violation.reason}"] += 1

    async def announce(self) -> None:
        """A day off in the coming fortnight, announced late; sometimes with a Saturday worked for it."""
        day = self.now().date() + timedelta(self.chance.randint(1, 14))
        changes: dict[date, DayKind | None] = {day: DayKind.OFF}
        if self.chance.random() < 0.5:
            changes[day + timedelta((5 - day.weekday()) % 7 or 7)] = DayKind.WORK
        async with self.database.work() as work:
            await rescheduling.apply(work, [DayChange(day, kind) for day, kind in sorted(changes.items())])
        self.calendar = None
        self.did["announced"] += 1

    async def act(self, work: Work, row: Row) -> None:
        chance = self.chance
        match row.status:
            case Status.RECEIVED if chance.random() < 0.35:
                code = chance.choice(list(AGENCIES))
                await screening.assign(work, self.editor, row.id, self.agencies[code])
                self.did["assigned"] += 1
            case Status.ASSIGNED | Status.ACCEPTED:
                code = self.codes[row.lead_agency_id]
                if chance.random() < AGENCIES[code]:
                    await self.agency_acts(work, row, self.officers[code])
            case Status.WAITING if chance.random() < 0.08:
                await agency_work.supply(work, self.asker, row.id, "Thửa số 5.")
                self.did["supplied"] += 1
            case Status.IN_APPROVAL if chance.random() < 0.4:
                approver = self.leaders[self.codes[row.lead_agency_id]]
                try:
                    await answers.approve(work, approver, row.id)
                except RuleViolation:
                    await answers.approve(work, self.editor, row.id)
                self.did["approved"] += 1

    async def agency_acts(self, work: Work, row: Row, officer: Actor) -> None:
        what = self.chance.choice(("accept", "accept", "ask", "extend", "answer", "return"))
        self.did[what] += 1
        if what == "accept":
            await agency_work.accept(work, officer, row.id)
        elif what == "ask":
            await agency_work.ask_more(work, officer, row.id, "Thửa đất nào?")
        elif what == "extend":
            await extensions.ask(work, officer, row.id, 3, "Chờ đo đạc.")
            await extensions.grant(work, self.editor, row.id)
        elif what == "answer":
            await agency_work.submit(work, officer, row.id, "Đã giải quyết.")
        else:
            await screening.return_(work, officer, row.id, "Không thuộc thẩm quyền.")

    # --- what has to hold ----------------------------------------------------------------------------------

    async def check(self, told_before: set[str]) -> None:
        """`told_before`: who had today's message before this tick, and so waits until tomorrow."""
        async with self.database.reading() as work:
            rows = await questions.listed(work)
            today = self.now().date()
            told = {
                (row.recipient, row.matter, row.subject_id, row.rung)
                for row in await work.all(
                    sa.select(reminders).where(reminders.c.at >= self.clock.at - timedelta(hours=23))
                )
            }
            unanswered = await work.all(
                sa.select(clarifications_table.c.id)
                .join(questions_table, questions_table.c.id == clarifications_table.c.question_id)
                .where(
                    clarifications_table.c.ended_at.is_(None),
                    clarifications_table.c.reply_by < self.clock.at,
                    questions_table.c.status == Status.WAITING,
                )
            )
            long_answered = await work.all(
                sa.select(questions_table.c.id).where(
                    questions_table.c.status == Status.ANSWERED,
                    questions_table.c.answered_at < self.clock.at - timedelta(days=15),
                )
            )
        assert unanswered == [], "a question whose asker is silent goes back to the agency"
        assert long_answered == [], "an answer is closed after fifteen days"
        reminding_now = await self.works(today) and HOURS[0] <= self.now().time() < HOURS[1]
        row: Any  # what is null where is this test's to know
        for row in rows:
            if row.due_at is not None and row.status != Status.WAITING:
                due = row.due_at.astimezone(ZONE)
                assert due == datetime.combine(await self.after(row.due_since, row.due_days), time(17), ZONE)
            if reminding_now:
                await self.is_chased(row, today, told, told_before)

    async def is_chased(
        self, row: Row, today: date, told: set[tuple[str, str, int, str]], told_before: set[str]
    ) -> None:
        heard: list[tuple[Actor, str, str]] = []  # who, matter, rung
        if row.status == Status.RECEIVED:
            late = await self.late(row.assign_due_at.astimezone(ZONE).date(), today)
            heard += [(self.editor, "assignment", f"late_{late}")] if late else []
            heard += [(self.admin, "assignment", f"late_{late}")] if late >= 4 else []
        elif row.status in (Status.ASSIGNED, Status.ACCEPTED):
            code = self.codes[row.lead_agency_id]
            due = row.due_at.astimezone(ZONE).date()
            late = await self.late(due, today)
            heard += [(self.officers[code], "answer", f"late_{late}")] if late else []
            heard += [(self.leaders[code], "answer", f"late_{late}")] if late >= 2 else []
            heard += [(self.editor, "answer", f"late_{late}")] if late >= 4 else []
            if today == due:
                heard.append((self.officers[code], "answer", "due"))
        for who, matter, rung in heard:
            key = f"person:{who.id}"
            if rung == "due" and row.due_since >= today:
                continue  # received today
            assert key in told_before or (key, matter, row.id, rung) in told, (
                today,
                row.status,
                matter,
                rung,
            )
            self.did[f"{matter} {rung.partition('_')[0]}"] += 1

    async def told_today(self) -> set[str]:
        async with self.database.reading() as work:
            found = await work.all(
                sa.select(occasions.c.recipient).where(
                    occasions.c.kind == "reminders", occasions.c.occasion == self.now().date().isoformat()
                )
            )
        return {row.recipient for row in found}

    async def at_the_end(self) -> None:
        """What must never have happened in the whole year."""
        async with self.database.reading() as work:
            sent = await work.all(
                sa.select(
                    outbox_table.c.person_id, outbox_table.c.question_id, outbox_table.c.queued_at
                ).where(outbox_table.c.about == "reminder")
            )
            early = await work.all(sa.select(reminders.c.at).where(reminders.c.rung.like("before%")))
        a_day = Counter(
            (row.person_id, row.question_id, row.queued_at.astimezone(ZONE).date()) for row in sent
        )
        assert max(a_day.values()) == 1, "one message a person and day; to askers one of each late question"
        assert all(HOURS[0] <= row.queued_at.astimezone(ZONE).time() < HOURS[1] for row in sent)
        assert early
        self.did["reminders"] = len(sent)


async def simulate(database: Database, clock: SetClock, seed: int) -> Counter[str]:
    year = Year(database, clock, seed)
    await year.begin()
    away_until = FIRST
    day = FIRST
    while day <= LAST:
        # A second look on some afternoons: a repeated tick does no harm.
        for hour in (8, 15) if await year.works(day) and year.chance.random() < 0.25 else (8,):
            clock.at = datetime.combine(day, time(hour), ZONE).astimezone(UTC)
            await year.live()
            if day >= away_until:
                before = await year.told_today()
                await tick(database)
                await year.check(before)
        if day >= away_until and year.chance.random() < 0.02:
            away_until = day + timedelta(year.chance.randint(2, 5))
            year.did["outages"] += 1
        day += timedelta(1)
    await year.at_the_end()
    return year.did


@pytest.mark.parametrize("seed", [1])
async def test_every_promise_about_time_holds_through_a_year(
    sqlite: Database, clock: SetClock, seed: int
) -> None:
    did = await simulate(sqlite, clock, seed)
    # The year was worth living: everything that the checks are about came about.
    for what in (
        *("asked", "assigned", "accept", "ask", "extend", "answer", "return", "supplied", "approved"),
        *("announced", "outages", "assignment late", "answer late", "answer due", "reminders"),
    ):
        assert did[what] > 0, (what, did)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 12))
async def test_every_promise_about_time_holds_through_many_years(
    sqlite: Database, clock: SetClock, seed: int
) -> None:
    await simulate(sqlite, clock, seed)
