"""Whatever anybody does to questions in whatever order, the rules hold: over the real services and database.

`DANHOI_FUZZ=200 ./danhoi test tests/fuzz` runs that many stories of each kind; an ordinary run tells a few.
"""

import asyncio
import itertools
import os
import random
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.pace import Pace
from bot.sender import Sender
from domain.errors import RuleViolation
from domain.programme import Programme
from domain.question import HIDDEN, OPEN, RULES, WITH_AGENCY, Action, RefusalCode, Status
from services import afterwards, answering, answers, assignment, extensions, following, publication
from services.calendar import calendar_of
from services.case import Actor
from services.ticking import tick
from storage.database import Database, Work
from storage.tables import (
    Row,
    assignments,
    clarifications,
    history,
    metadata,
    outbox,
    published_words,
    questions,
)
from tests.conftest import SetClock
from tests.handlers.chat import Messenger
from tests.services.world import ANSWER, World

STORIES = int(os.environ.get("DANHOI_FUZZ", "8"))
ACTS = 30  # of a story

PEOPLE = ("asker", "follower", "editor", "admin", "officer", "leader", "coordinator", "outsider")
STAFF = frozenset(PEOPLE[2:])

Act = Callable[[Work, World, Actor, int, int], Awaitable[object]]

# (what the rules call it, how it is done); the last number is the other question, or a choice.
ACTIONS: dict[str, tuple[Action, Act]] = {
    "assign": (
        Action.ASSIGN,
        lambda work, world, who, one, other: assignment.assign(
            work, who, one, world.lead, (world.coordinating,) if other % 2 else ()
        ),
    ),
    "assign elsewhere": (
        Action.ASSIGN,
        lambda work, world, who, one, _: assignment.assign(work, who, one, world.other),
    ),
    "accept": (Action.ACCEPT, lambda work, _, who, one, __: answering.accept(work, who, one)),
    "return": (
        Action.RETURN,
        lambda work, _, who, one, __: assignment.return_(work, who, one, "Không thuộc thẩm quyền."),
    ),
    "ask more": (
        Action.ASK_MORE,
        lambda work, _, who, one, __: answering.ask_more(work, who, one, "Số hồ sơ nào?"),
    ),
    "supply": (Action.SUPPLY, lambda work, _, who, one, __: answering.supply(work, who, one, "Số 12.")),
    "contribute": (
        Action.CONTRIBUTE,
        lambda work, _, who, one, __: answering.contribute(work, who, one, "Đã rà soát."),
    ),
    "submit": (Action.ANSWER, lambda work, _, who, one, __: answering.submit(work, who, one, ANSWER)),
    "approve": (Action.APPROVE_AS_LEADER, lambda work, _, who, one, __: answers.approve(work, who, one)),
    "send back": (
        Action.SEND_BACK,
        lambda work, _, who, one, __: answers.send_back(work, who, one, "Thiếu ngày."),
    ),
    "correct": (
        Action.CORRECT,
        lambda work, _, who, one, __: answers.correct(work, who, one, "Ngày 1/12.", "Nhầm ngày."),
    ),
    "ask extension": (
        Action.ASK_EXTENSION,
        lambda work, _, who, one, other: extensions.ask(work, who, one, 1 + other % 12, "Chờ khảo sát."),
    ),
    "extend": (Action.DECIDE_EXTENSION, lambda work, _, who, one, __: extensions.grant(work, who, one)),
    "refuse extension": (
        Action.DECIDE_EXTENSION,
        lambda work, _, who, one, __: extensions.refuse(work, who, one, "Đã đủ ngày."),
    ),
    "refuse": (
        Action.REFUSE,
        lambda work, _, who, one, other: assignment.refuse(
            work, who, one, list(RefusalCode)[other % len(RefusalCode)], "Ngoài phạm vi."
        ),
    ),
    "merge": (Action.MERGE, lambda work, _, who, one, other: assignment.merge(work, who, one, other)),
    "flag": (Action.FLAG, lambda work, _, who, one, __: assignment.flag(work, who, one)),
    "clear": (Action.CLEAR, lambda work, _, who, one, __: assignment.clear(work, who, one)),
    "publish": (
        Action.PUBLISH,
        lambda work, _, who, one, other: publication.publish(work, who, one, anonymised=bool(other % 2)),
    ),
    "agree to publish": (
        Action.CONSENT_TO_PUBLISH,
        lambda work, _, who, one, other: afterwards.choose_publication(
            work, who, one, agreed=bool(other % 3)
        ),
    ),
    "rate": (
        Action.RATE,
        lambda work, _, who, one, other: afterwards.rate(work, who, one, 1 + other % 5, "Cảm ơn."),
    ),
    "reopen": (Action.REOPEN, lambda work, _, who, one, __: afterwards.reopen(work, who, one, "Chưa rõ.")),
    "withdraw": (Action.WITHDRAW, lambda work, _, who, one, __: afterwards.withdraw(work, who, one)),
}
assert {action for action, _ in ACTIONS.values()} <= set(RULES)
# What an act on one question, or time, may do to another.
ANY_MOVE = {
    (at, to) for one in RULES.values() for at, targets in one.moves.items() for to in targets if at is not to
}


class Flow(RuleBasedStateMachine):
    """One story: people, questions, and a clock that moves."""

    def __init__(self, run: Callable[[Coroutine[Any, Any, Any]], Any], fresh: Callable[[], str]) -> None:
        super().__init__()
        self.go = run
        self.clock = SetClock(NOW.at)
        self.database = Database(fresh(), clock=self.clock, programme=Programme(province="tỉnh An Giang"))
        self.messenger = Messenger()
        self.sender = Sender(self.database, {"telegram": self.messenger}, Pace(1e9, 0), asyncio.Event())
        self.known: list[dict[str, Any]] = []  # the history, as it was
        self.stood: dict[int, Status] = {}
        self.told = 0  # the last outbox row that was looked at
        self.askers: dict[int, str] = {}  # question → who asked

    @initialize(seed=st.integers(0, 2**32))
    def people_are_there(self, seed: int) -> None:
        """A story begins in the middle: even the shortest has some acts behind it."""

        async def build() -> World:
            async with self.database.work() as work:
                return await World.build(work)

        self.world: World = self.go(build())
        self.who: dict[str, Actor] = {name: getattr(self.world, name) for name in PEOPLE}
        chosen = random.Random(seed)
        for name in ("asker", "follower"):
            self.asked(name)
        self.go(self.look())
        for one in (0, 1):
            self.goes_on([(chosen.randrange(100), chosen.randrange(12)) for _ in range(9)], one)

    def teardown(self) -> None:
        self.go(self.database.close())

    # --- what happens -------------------------------------------------------------------------------------

    @rule(name=st.sampled_from(("asker", "follower")))
    def asked(self, name: str) -> None:
        """Somebody asks, with words by which the question is known again."""

        async def ask() -> None:
            async with self.database.work() as work:
                row = await self.world.received(work, self.marked(len(self.askers) + 1), self.who[name])
                self.askers[row.id] = name

        self.go(ask())

    @staticmethod
    def marked(number: int) -> str:
        return f"Đường trước nhà tôi ngập, hẻm q{number}q, bao giờ sửa?"

    @precondition(lambda self: self.askers)
    @rule(
        what=st.sampled_from(sorted(ACTIONS)),
        name=st.sampled_from(PEOPLE),
        one=st.integers(0, 5),
        other=st.integers(0, 11),
    )
    def act(self, what: str, name: str, one: int, other: int) -> None:
        """Somebody tries something; whether they may is for the services to say."""
        ids = sorted(self.askers)
        question_id = ids[one % len(ids)]
        second = ids[other % len(ids)] if what == "merge" else other
        self.go(self.tried(what, self.who[name], question_id, second))

    @precondition(lambda self: self.askers)
    @rule(
        steps=st.lists(st.tuples(st.integers(0, 99), st.integers(0, 11)), min_size=5, max_size=9),
        one=st.integers(0, 5),
    )
    def goes_on(self, steps: list[tuple[int, int]], one: int) -> None:
        """Things take their course: what the status allows, by the first who may. So stories get far."""
        ids = sorted(self.askers)
        question_id = ids[one % len(ids)]
        for which, other in steps:
            here = [
                what for what in sorted(ACTIONS) if self.stood[question_id] in RULES[ACTIONS[what][0]].moves
            ]
            if here:
                what = here[which % len(here)]
                second = ids[other % len(ids)] if what == "merge" else other
                any(self.go(self.tried(what, self.who[name], question_id, second)) for name in PEOPLE)
                self.go(self.look())

    async def tried(self, what: str, who: Actor, question_id: int, other: int) -> bool:
        action, do = ACTIONS[what]
        before = await self.everything()
        try:
            async with self.database.work() as work:
                await do(work, self.world, who, question_id, other)
        except RuleViolation:
            assert await self.everything() == before, "what is refused changes nothing"
            return False
        ACCEPTED[what] += 1
        at, to = self.stood[question_id], await self.status(question_id)
        if not (action is Action.ANSWER and to is at):  # a coordinating agency's words are a contribution
            actions = {Action.APPROVE_AS_LEADER, Action.APPROVE_AS_EDITOR} if what == "approve" else {action}
            assert any(to in RULES[one].moves.get(at, ()) for one in actions), (what, at, to)
        return True

    @rule(days=st.integers(0, 20), hours=st.integers(0, 23))
    def time_passes(self, days: int, hours: int) -> None:
        self.clock.move(days=days, hours=hours)
        self.go(tick(self.database))

    # --- what holds ---------------------------------------------------------------------------------------

    @invariant()
    def all_is_well(self) -> None:
        if self.askers:
            self.go(self.look())

    async def look(self) -> None:
        await self.sender.send_all()
        async with self.database.reading() as work:
            rows = await work.all(sa.select(questions).order_by(questions.c.id))
            await self.look_at_history(work, rows)
            await self.look_at_owners(work, rows)
            await self.look_at_readers(work, rows)
            await self.look_at_secrets(work, rows)
        self.stood = {row.id: Status(row.status) for row in rows}

    async def look_at_history(self, work: Work, rows: list[Row]) -> None:
        """Codes have no gaps; history only grows, leads to where questions stand, and by the rules alone."""
        for year in {row.year for row in rows}:
            numbers = [row.number for row in rows if row.year == year]
            assert numbers == list(range(1, len(numbers) + 1))
        found = [dict(row._mapping) for row in await work.all(sa.select(history).order_by(history.c.id))]
        assert found[: len(self.known)] == self.known, "history is only appended to"
        self.known = found
        for row in rows:
            steps = [
                (event["details"].get("from"), event["details"]["to"])
                for event in found
                if event["question_id"] == row.id and "to" in event["details"]
            ]
            assert steps[-1][1] == row.status, (row.id, steps)
            for (_, came), (left, _) in itertools.pairwise(steps):
                assert left == came, (row.id, steps)
            at = self.stood.get(row.id)
            assert at in (None, row.status) or await self.reached(at, Status(row.status))

    async def reached(self, at: Status | None, to: Status) -> bool:
        """One act may take a question two steps (assigned by its field): each of them is in the table."""
        return any((at, one) in ANY_MOVE and (one == to or (one, to) in ANY_MOVE) for one in Status)

    async def look_at_owners(self, work: Work, rows: list[Row]) -> None:
        """Every open question has somebody whose it is, and a time by which; times are closes of working days."""
        calendar = await calendar_of(work)
        leads = {
            row.question_id: row.agency_id
            for row in await work.all(
                sa.select(assignments).where(assignments.c.part == "lead", assignments.c.ended_at.is_(None))
            )
        }
        asked = {
            row.question_id
            for row in await work.all(sa.select(clarifications).where(clarifications.c.ended_at.is_(None)))
        }
        for row in rows:
            for due in (row.assign_due_at, row.due_at):
                if due is not None and row.status in OPEN:
                    day = calendar.local(due).date()
                    assert calendar.is_working_day(day), (row.id, due)
                    assert due == calendar.close(day), (row.id, due)
            if row.status in WITH_AGENCY:
                assert row.lead_agency_id is not None
                assert leads.get(row.id) == row.lead_agency_id, (row.id, row.status)
                if row.status == Status.WAITING:
                    assert row.id in asked
                    assert row.remaining_days is not None
                else:
                    assert row.due_at is not None, (row.id, row.status)

    async def look_at_readers(self, work: Work, rows: list[Row]) -> None:
        """A message about a question goes to who asked it or the same, to editors, and to agencies that had it."""
        had: dict[int, set[int]] = {}
        for row in await work.all(sa.select(assignments)):
            had.setdefault(row.question_id, set()).add(row.agency_id)
        by_id = {row.id: row for row in rows}
        new = await work.all(sa.select(outbox).where(outbox.c.id > self.told).order_by(outbox.c.id))
        for message in new:
            self.told = message.id
            question = by_id.get(message.question_id)
            if question is None:
                continue
            same = {row.asker_id for row in rows if row.duplicate_of_id == question.id} | {question.asker_id}
            name = next(name for name, who in self.who.items() if who.id == message.person_id)
            agencies = self.who[name].agencies(*{row.role for row in self.who[name].roles})
            entitled = (
                message.person_id in same
                or name in ("editor", "admin")
                or not agencies.isdisjoint(had.get(question.id, set()))
            )
            assert entitled, (name, message.content)

    async def look_at_secrets(self, work: Work, rows: list[Row]) -> None:
        """The words of what is hidden stand in no chat but its asker's and the editor's, and are found by nobody."""
        hidden = {row.id for row in rows if row.secrecy in HIDDEN}
        if not hidden:
            return
        indexed = await work.all(sa.select(published_words.c.question_id).distinct())
        assert hidden.isdisjoint({row.question_id for row in indexed})
        notice, _ = await following.published(work, "")
        for question_id in hidden:
            mark = f"q{question_id}q"
            assert all(mark not in text for _, text in notice.answers)
            for name, who in self.who.items():
                if name in ("editor", self.askers[question_id]):
                    continue
                shown = self.messenger.chats.get(who.person.address, [])
                assert all(mark not in one.html for one in shown), (name, question_id)

    async def status(self, question_id: int) -> Status:
        async with self.database.reading() as work:
            found = await work.value(sa.select(questions.c.status).where(questions.c.id == question_id))
        return Status(found)

    async def everything(self) -> dict[str, list[Any]]:
        async with self.database.reading() as work:
            return {
                name: [tuple(row) for row in await work.all(sa.select(metadata.tables[name]))]
                for name in CHANGING
            }


NOW = SetClock(datetime(2026, 11, 2, 2, tzinfo=UTC))  # Monday, 09:00 in programme time
CHANGING = (
    *("people", "consents", "conversations", "code_numbers", "questions", "entries", "history", "audit"),
    *("assignments", "drafts", "approvals", "clarifications", "extensions", "promises", "ratings", "files"),
    *("occasions", "reminders", "outbox", "broadcasts", "published_words"),
)
ACCEPTED = Counter[str]()  # how often each act was taken
MANY = 50  # stories in which each act is taken at least once


def tell_stories(runner: asyncio.Runner, fresh: Callable[[], str], stories: int) -> None:
    class Told(Flow):
        def __init__(self) -> None:
            super().__init__(runner.run, fresh)

    run_state_machine_as_test(
        Told,
        settings=settings(
            max_examples=stories,
            stateful_step_count=ACTS,
            deadline=None,
            phases=[Phase.generate],  # a failed story is told as it was: making it shorter takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
    if stories >= MANY:
        assert set(ACTIONS) == set(ACCEPTED), "some act was never taken: the stories say little of it"


def test_whatever_people_do_the_rules_hold_on_sqlite(
    runner: asyncio.Runner, sqlite_template: Path, tmp_path: Path
) -> None:
    numbers = itertools.count()

    def fresh() -> str:
        file = tmp_path / f"{next(numbers)}.db"
        shutil.copyfile(sqlite_template, file)
        return f"sqlite+aiosqlite:///{file}"

    tell_stories(runner, fresh, STORIES)


def test_whatever_people_do_the_rules_hold_on_postgresql(
    runner: asyncio.Runner, postgresql_kept: tuple[str, Any]
) -> None:
    address, connection = postgresql_kept

    def fresh() -> str:
        runner.run(connection.execute("CALL kept.restore()"))
        return address

    tell_stories(runner, fresh, max(2, STORIES // 4))
