"""Whatever anybody does to questions in whatever order, the rules hold: over the real services and database.

An ordinary run tells one long story in which every act is done and refused, and a few that chance tells.
`DANHOI_FUZZ=1000 DANHOI_FUZZ_SEED=7 ./danhoi test tests/campaigns/fuzz -m long -s` tells that many of them.
"""

import asyncio
import json
import os
import random
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from domain.calendar.working_days import DayKind
from domain.questions.life import ApprovalStep
from tests.campaigns.fuzz.acts import ACTS, CITIZENS, DENOUNCING, LEAVING, PEOPLE, WAYS
from tests.campaigns.fuzz.story import CHANGE_DAY, ERASE, LEAVE, STATES_OF, STEPS, Story, Tally, tally
from tests.worlds.ground import Ground, OnPostgresql, OnSqlite

SHORT, SHORT_STEPS = 2, 10
LONG = int(os.environ.get("DANHOI_FUZZ", "300"))
SEED = int(os.environ.get("DANHOI_FUZZ_SEED", "7"))
APPROVALS = ((), (ApprovalStep.LEADER,), (ApprovalStep.EDITOR,), STEPS)
LONG_STEPS, AT_ONCE = 25, 10  # of a story; stories with one seed

Run = Callable[[Coroutine[Any, Any, Any]], Any]


class Flow(RuleBasedStateMachine):
    """A story that chance tells."""

    def __init__(self, run: Run, ground: Ground, counted: Tally) -> None:
        super().__init__()
        self.go = run
        self.ground, self.counted = ground, counted

    @initialize(
        states=st.lists(st.sampled_from(sorted(WAYS)), min_size=2, max_size=3),
        name=st.sampled_from(CITIZENS),
        steps=st.sampled_from(APPROVALS),
    )
    def some_questions_are_there(self, states: list[str], name: str, steps: tuple[ApprovalStep, ...]) -> None:
        """A story begins in the middle, under one of the settings that the configuration knows."""
        self.story = Story(self.ground, self.counted, steps)

        async def begin() -> None:
            await self.story.begin()
            for state in states:
                await self.story.brought(state, name)

        self.go(begin())

    def teardown(self) -> None:
        if hasattr(self, "story") and hasattr(self.story, "database"):
            self.go(self.story.end())

    def one(self, number: int) -> int:
        """Mostly a question that something has happened to: the newest come first."""
        ids = sorted(self.story.seen.questions, reverse=True)
        return ids[number % len(ids)]

    @rule(name=st.sampled_from(CITIZENS), denouncing=st.booleans())
    def asked(self, name: str, denouncing: bool) -> None:
        self.go(self.story.asks(name, *((DENOUNCING + ".",) if denouncing else ())))

    @rule(name=st.sampled_from(("editor", "admin")))
    def entered_by_hand(self, name: str) -> None:
        self.go(self.story.is_entered(name))

    @rule(
        what=st.sampled_from(sorted(ACTS)),
        name=st.sampled_from(PEOPLE),
        one=st.integers(0, 7),
        other=st.integers(0, 11),
    )
    def somebody_tries(self, what: str, name: str, one: int, other: int) -> None:
        self.go(self.story.tries(what, name, self.one(one), self.story.second(what, other)))

    @rule(
        steps=st.lists(st.tuples(st.integers(0, 199), st.integers(0, 11)), min_size=2, max_size=6),
        one=st.integers(0, 7),
    )
    def it_goes_on(self, steps: list[tuple[int, int]], one: int) -> None:
        question_id = self.one(one)
        for which, other in steps:
            self.go(self.story.goes_on(question_id, which, other))

    @rule(
        what=st.sampled_from(sorted(ACTS)),
        which=st.integers(0, 9),
        name=st.sampled_from(CITIZENS),
        other=st.integers(0, 11),
        by_hand=st.booleans(),
    )
    def everybody_tries(self, what: str, which: int, name: str, other: int, by_hand: bool) -> None:
        states = STATES_OF[what]
        state = states[which % len(states)]
        self.go(self.story.everybody_tries(what, state, name, other, by_hand=by_hand and state != "with"))

    @rule(one=st.integers(0, 7))
    def nothing_else_goes(self, one: int) -> None:
        self.go(self.story.nothing_else_goes(self.one(one)))

    @rule(days=st.integers(0, 20), hours=st.integers(0, 23))
    def time_passes(self, days: int, hours: int) -> None:
        self.go(self.story.time_passes(days, hours))

    @rule(
        name=st.sampled_from(("admin", "admin", "admin", *PEOPLE)),
        days=st.integers(0, 25),
        kind=st.sampled_from((DayKind.OFF, DayKind.OFF, DayKind.WORK, None)),
    )
    def a_day_changes(self, name: str, days: int, kind: DayKind | None) -> None:
        self.go(self.story.changes_a_day(name, days, kind))

    @rule(
        admin=st.sampled_from(("admin", "admin", "admin", *PEOPLE)),
        name=st.sampled_from(sorted(LEAVING)),
        at_once=st.booleans(),
    )
    def somebody_leaves(self, admin: str, name: str, at_once: bool) -> None:
        self.go(self.story.leaves(admin, name, at_once=at_once and "leader" not in name))

    @rule(name=st.sampled_from((*CITIZENS, "officer", "editor")))
    def erases(self, name: str) -> None:
        self.go(self.story.erases(name))

    @invariant()
    def nothing_hidden_is_shown(self) -> None:
        if hasattr(self, "story") and hasattr(self.story, "seen"):
            self.go(self.story.look_closely())


async def tell_of_every_act(ground: Ground, counted: Tally) -> None:
    """The same story every time: everybody tries everything where somebody may do it."""
    chosen = random.Random(11)
    acts = sorted(ACTS)
    for some in (acts[first : first + 8] for first in range(0, len(acts), 8)):
        story = Story(ground, counted)
        await story.begin()
        for what in some:
            state = chosen.choice(STATES_OF[what])
            await story.everybody_tries(
                what, state, chosen.choice(CITIZENS), chosen.randrange(5), by_hand=False
            )
            await story.look_closely()
        for name in chosen.sample(sorted(LEAVING), 2):
            await story.leaves("editor", name, at_once=False)
            await story.leaves("admin", name, at_once=False)
        for name in ("officer", "follower", "asker"):
            await story.erases(name)
        await story.end()
    story = Story(ground, counted)
    await story.begin()
    for state in WAYS:
        await story.nothing_else_goes(await story.brought(state, "asker"))
    await story.brought("assi", "asker")  # its deadline lies behind the day that changes
    for name in PEOPLE:
        await story.changes_a_day(name, 4, DayKind.OFF)
    await story.changes_a_day("admin", 4, None)
    await story.end()


async def tell_of_two_who_asked_the_same(ground: Ground, counted: Tally) -> None:
    """An office names whom it answers in all that it writes; the other hears everything, and never that name."""
    story = Story(ground, counted)
    await story.begin()
    first = await story.brought("assi", "asker")
    await story.does("merge", "editor", await story.asks("follower"), first)
    for what, name in (
        ("ask extension", "officer"),
        ("extend", "editor"),
        ("submit", "officer"),
        ("approve", "leader"),
        ("approve", "editor"),
        ("promise", "officer"),
        ("move promise", "officer"),
        ("keep promise", "officer"),
        ("correct", "editor"),
    ):
        await story.does(what, name, first, 1)
    await story.look_closely()
    await story.erases("asker")
    await story.end()


def tell_by_chance(
    run: Run, ground: Ground, counted: Tally, stories: int, steps: int, number: int = 0
) -> None:
    @seed(SEED + number)
    class Told(Flow):
        def __init__(self) -> None:
            super().__init__(run, ground, counted)

    run_state_machine_as_test(
        Told,
        settings=settings(
            max_examples=stories,
            stateful_step_count=steps,
            deadline=None,
            phases=[Phase.generate],  # a failed story is told as it was: making it shorter takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )


def show(stories: int, counted: Tally) -> None:
    acts = {what: counted[what] for what in sorted(counted)}
    done, refused = (sum(how[which].total() for how in counted.values()) for which in ("done", "refused"))
    said = {"stories": stories, "done": done, "refused": refused, "acts": acts}
    print("\n" + json.dumps(said, ensure_ascii=False), flush=True)


def every_act_was_done_and_refused(counted: Tally) -> None:
    for what in (*ACTS, ERASE, CHANGE_DAY, LEAVE):
        for how in ("done", "refused"):
            assert counted[what][how], f"{what} was never {how}: the stories say little of it"


@pytest.fixture(params=["sqlite", "postgresql"])
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ground]:
    if request.param == "sqlite":
        yield OnSqlite(request.getfixturevalue("sqlite_template"), tmp_path)
    else:
        yield OnPostgresql(request.getfixturevalue("postgresql_kept"))


def test_whatever_people_do_the_rules_hold(runner: asyncio.Runner, ground: Ground) -> None:
    counted = tally()
    runner.run(tell_of_every_act(ground, counted))
    runner.run(tell_of_two_who_asked_the_same(ground, counted))
    every_act_was_done_and_refused(counted)
    tell_by_chance(runner.run, ground, counted, SHORT, SHORT_STEPS)
    show(SHORT, counted)


@pytest.mark.long
def test_whatever_people_do_for_long_the_rules_hold(runner: asyncio.Runner, ground: Ground) -> None:
    """Counts what was told so far after every few stories; a seed tells the same again."""
    counted = tally()
    runner.run(tell_of_every_act(ground, counted))
    runner.run(tell_of_two_who_asked_the_same(ground, counted))
    for told in range(0, LONG, AT_ONCE):
        stories = min(AT_ONCE, LONG - told)
        tell_by_chance(runner.run, ground, counted, stories, LONG_STEPS, number=told // AT_ONCE)
        show(told + stories, counted)
    every_act_was_done_and_refused(counted)
