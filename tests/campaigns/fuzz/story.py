"""One story: people, questions, a clock that moves, and after each act a look at everything."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import product

from bot.loops.pace import Pace
from bot.loops.sender import Sender
from domain.calendar.working_days import DayChange, DayKind
from domain.errors import Reason, RuleViolation
from domain.questions.life import HIDDEN, ApprovalStep, Intake, Secrecy, Status
from services.deadlines import rescheduling
from services.operation.evidence import seal_ledger
from services.operation.ticking import tick
from services.people.actors import Actor
from services.privacy import erasing
from services.questions import intake
from storage.engine.database import Database, Work
from storage.tables import Row
from tests.campaigns.fuzz import watch
from tests.campaigns.fuzz.acts import ACTS, CITIZENS, PEOPLE, WAYS, Cast
from tests.campaigns.fuzz.watch import Seen
from tests.conftest import SetClock
from tests.services.questions.test_permissions import (
    PROMISE,
    PROMISE_BY_HAND,
    PROMISE_HIDDEN,
    PROMISE_SUSPECTED,
    read,
)
from tests.worlds.chat import Messenger
from tests.worlds.ground import Dump, Ground
from tests.worlds.rules import rules

BEGIN = datetime(2026, 11, 2, 2, tzinfo=UTC)  # Monday, 09:00 in programme time
STEPS = (ApprovalStep.LEADER, ApprovalStep.EDITOR)
APPROVERS = {"lead": "leader", "edit": "editor"}  # by the table's columns

_BY_HAND = read(PROMISE, PROMISE_BY_HAND)
_HIDDEN, _SUSPECTED = read(PROMISE_HIDDEN), read(PROMISE_HIDDEN, PROMISE_SUSPECTED)
_OPEN = read(PROMISE)


def _states(promised: str) -> set[str]:
    return {state for action, _, state in _SUSPECTED | _OPEN if action == promised}


# Where an act, and what has to come before it, are promised to anybody.
STATES_OF = {
    what: sorted(
        set.intersection(*(_states(ACTS[one].promised) for one in (what, *(one for one, _ in act.before))))
    )
    for what, act in ACTS.items()
}
# Who does it where it is allowed.
DOERS = {
    what: next(
        name
        for name in PEOPLE
        if (act.promised, {"coordinating leader": "coord_leader"}.get(name, name))
        in {(action, who) for action, who, _ in _SUSPECTED | _OPEN}
    )
    for what, act in ACTS.items()
}
# With these somebody is told that they never may, whatever else is the matter.
NEVER = {Reason.UNKNOWN_CODE, Reason.NOT_ALLOWED, Reason.HIDDEN}

ERASE, CHANGE_DAY, LEAVE = "erase oneself", "change a day", "leave"
# How often each act was done, and how often refused, and how that ended.
Tally = defaultdict[str, defaultdict[str, Counter[str]]]


def tally() -> Tally:
    return defaultdict(lambda: defaultdict(Counter))


class _Undo(Exception):
    """As if it had not happened."""


class Story:
    def __init__(self, ground: Ground, counted: Tally, steps: tuple[ApprovalStep, ...] = STEPS) -> None:
        """`steps`: the approvals that the configuration asks for."""
        self.ground = ground
        self.steps = steps
        self.counted = counted
        self.clock = SetClock(BEGIN)
        self.messenger = Messenger()
        self.marks: dict[str, int] = {}  # the word by which a question is known → its id
        self.traces: dict[int, tuple[str, ...]] = {}  # question → what would tell who asked it
        self.gone: list[tuple[tuple[str, ...], set[int]]] = []  # traces of the erased, and their questions
        self.told = 0  # the last message that was looked at
        self.known_hidden: set[Row] = set()
        self.seen: Seen
        self.stands: Dump
        self.looked_closely_at: Dump | None = None

    async def begin(self) -> None:
        programme = rules(approval_steps=self.steps)
        self.database: Database = await self.ground.opened(self.clock, programme)
        self.sender = Sender(
            self.database, {"telegram": self.messenger}, {"telegram": Pace(1e9, 0)}, asyncio.Event()
        )
        async with self.database.work() as work:
            self.cast = await Cast.gathered(work)
        await self.look(first=True)

    async def end(self) -> None:
        await watch.nothing_was_changed_at_the_prompt(self.database)
        await self.database.close()

    # --- what happens -------------------------------------------------------------------------------------

    async def asks(self, name: str, words: str = "Đường trước nhà tôi ngập, bao giờ sửa?") -> int:
        """A citizen asks, with words by which the question is known again, and which tell who they are."""
        citizen, mark = self.cast.citizens[name], f"q{len(self.marks) + 1}q"
        text = f"{words} Hẻm {mark}. Tôi là {citizen.full_name}, số {citizen.contact}."
        async with self.database.work() as work:
            row = await intake.receive(work, self.cast.who[name], text, field_code="dat-dai")
        self.marks[mark], self.traces[row.id] = row.id, citizen.traces
        await self.look()
        return int(row.id)

    async def is_entered(self, editor: str) -> int:
        """A question that came by post; its asker has no messenger."""
        mark = f"q{len(self.marks) + 1}q"
        async with self.database.work() as work:
            row = await intake.enter_by_hand(
                work,
                self.cast.who[editor],
                Intake.POST,
                f"Chợ xã bao giờ sửa? Hẻm {mark}.",
                full_name=f"Tran Van {mark.upper()}",
                home_address=f"{mark.upper()} duong so 1",
                contact="",
            )
        self.marks[mark] = row.id
        self.traces[row.id] = (f"Tran Van {mark.upper()}", f"{mark.upper()} duong")
        await self.look()
        return int(row.id)

    async def brought(self, state: str, name: str, *, by_hand: bool = False) -> int:
        """A question in one of the states of the permission test's table, brought there by real acts."""
        question_id = await (self.is_entered("editor") if by_hand else self.asks(name))
        if state == "merg":
            original = await self.asks(next(one for one in CITIZENS if one != name))
            await self.does("merge", "editor", question_id, original)
        for what, who, other in WAYS[state]:
            if what == "approve" and who not in self.wanted(question_id):
                continue
            await self.does(what, name if who == "asker" else who, question_id, other)
        if state == "clos":
            await self.time_passes(days=17)
        return question_id

    async def does(self, what: str, name: str, question_id: int, other: int) -> None:
        assert await self.tries(what, name, question_id, other), f"{name} cannot {what}"

    async def tries(self, what: str, name: str, question_id: int, other: int, *, alone: bool = True) -> bool:
        """Somebody tries something; whether they may is for the services to say, and then for the table.

        `alone`: otherwise more that is to be refused follows, and whoever asks looks afterwards that nothing changed.
        """
        act, who = ACTS[what], self.cast.who[name]
        state, promised, leads_to = self.promise(act.promised, who, question_id)
        wanted = self.wanted(question_id)
        at, past = self.seen.questions[question_id].status, len(self.seen.past_of(question_id))
        refused = await self.refusal(lambda work: act.do(work, self.cast, who, question_id, other))
        if refused is not None:
            self.counted[what]["refused"][refused] += 1
            assert not promised or refused not in NEVER, (what, name, state, refused)
            if alone:
                await self.nothing_changed((what, name, state))
            return False
        assert promised, f"{name} may {what} a question in {state}"
        await self.look()
        row = self.seen.questions[question_id]
        # The table knows the usual steps only; a contribution leads nowhere.
        if what == "approve" or (what == "submit" and leads_to is not None):
            left = wanted if what == "submit" else wanted[wanted.index(APPROVERS[state]) + 1 :]
            leads_to = Status.IN_APPROVAL if left else Status.ANSWERED
        self.counted[what]["done"][f"{at}→{row.status}"] += 1
        assert row.status == (leads_to or at), (what, name, state, row.status)
        events = tuple(one.event for one in self.seen.past_of(question_id)[past:])
        same_stars = what == "rate" and not events
        assert events in act.events or same_stars, (what, name, state, events)
        return True

    async def refusal(self, do: Callable[[Work], Awaitable[object]]) -> Reason | None:
        """Do something in a transaction of its own; why it was refused, if it was."""
        try:
            async with self.database.work() as work:
                await do(work)
        except RuleViolation as violation:
            return violation.reason
        return None

    def promise(self, action: str, who: Actor, question_id: int) -> tuple[str, bool, Status | None]:
        """The table's column, whether it promises this act to somebody, and the status to which it leads."""
        row = self.seen.questions[question_id]
        state = self.state(row)
        match row.secrecy:
            case Secrecy.SUSPECTED:
                table = _SUSPECTED
            case Secrecy.CONFIRMED:
                table = _HIDDEN
            case _:
                table = _OPEN if row.channel == Intake.TELEGRAM else _BY_HAND
        keys = [(action, one, state) for one in self.capacities(who, row)]
        found = [table[key] for key in keys if key in table]
        # Where several capacities permit it (an agency leads, and would coordinate), the act is that of the first.
        return state, bool(found), next((one for one in found if one is not None), None)

    def state(self, row: Row) -> str:
        if row.status == Status.IN_APPROVAL:
            draft = self.seen.open_draft(row.id)
            assert draft is not None
            given = {one.step for one in self.seen.approvals if one.draft_id == draft.id}
            waits_for = next(step for step in self.wanted(row.id) if step not in given)
            return next(state for state, approver in APPROVERS.items() if approver == waits_for)
        ended = {Status.ANSWERED: "answ", Status.CLOSED: "clos", Status.WITHDRAWN: "with"}
        return ended.get(Status(row.status), str(row.status)[:4])

    def capacities(self, who: Actor, row: Row) -> set[str]:
        """What somebody is to a question, in the table's words."""
        found = {role.role for role in who.roles if role.role in ("editor", "admin")}
        if row.asker_id == who.id:
            found.add("asker")
        if any(
            one.asker_id == who.id for one in self.seen.questions.values() if one.duplicate_of_id == row.id
        ):
            found.add("follower")
        helping = self.seen.open_assignments(row.id, "coordinating")
        for role in who.roles:
            if role.agency_id is not None and role.agency_id == row.lead_agency_id:
                found.add(role.role)
            if role.agency_id in helping:
                found.add("coordinator" if role.role == "officer" else "coord_leader")
        return found

    def wanted(self, question_id: int) -> list[str]:
        """Whose approvals a question's answer needs."""
        agency = self.seen.questions[question_id].lead_agency_id
        return [] if agency is None else watch.approvals_wanted(self.seen, agency, self.steps)

    async def erases(self, name: str) -> bool:
        """A citizen has everything about them erased, and comes back as somebody new; the staff may not."""
        who = self.cast.who[name]
        refused = await self.refusal(lambda work: erasing.erase_oneself(work, who, 1))
        if refused is not None:
            self.counted[ERASE]["refused"][refused] += 1
            assert name not in CITIZENS, (name, refused)
            await self.nothing_changed((ERASE, name))
            return False
        assert name in CITIZENS, f"{name} is erased"
        self.counted[ERASE]["done"]["erased"] += 1
        asked = {row.id for row in self.seen.questions.values() if row.asker_id == who.id}
        self.gone.append((self.cast.citizens[name].traces, asked))
        await self.sender.send_all()
        async with self.database.work() as work:
            await self.cast.comes(work, name)
        await self.look()
        return True

    async def changes_a_day(self, name: str, days: int, kind: DayKind | None) -> bool:
        """A day of the coming weeks is off, or worked, or is no longer listed: for all open questions at once."""
        who = self.cast.who[name]
        change = DayChange(
            self.database.programme.local(self.clock.now()).date() + timedelta(days=days), kind, "Bão."
        )

        async def do(work: Work) -> None:
            await rescheduling.apply(work, await rescheduling.news(work, who, [change]), who)

        refused = await self.refusal(do)
        if refused is not None:
            self.counted[CHANGE_DAY]["refused"][refused] += 1
            assert (refused is Reason.NOT_ALLOWED) == (name != "admin"), (name, refused)
            await self.nothing_changed((CHANGE_DAY, name, change))
            return False
        assert name == "admin", f"{name} changes the list of days"
        self.counted[CHANGE_DAY]["done"]["removed" if kind is None else kind] += 1
        await self.look()
        return True

    async def leaves(self, admin: str, name: str, *, at_once: bool) -> bool:
        """An admin ends somebody's role; `at_once`: before there is anybody in their place."""
        refused = await self.refusal(
            lambda work: self.cast.leaves(work, self.cast.who[admin], name, at_once=at_once)
        )
        if refused is not None:
            self.counted[LEAVE]["refused"][refused] += 1
            assert admin != "admin", refused
            await self.nothing_changed((LEAVE, admin, name))
            return False
        assert admin == "admin", f"{admin} ends a role"
        self.counted[LEAVE]["done"][name] += 1
        await self.look()
        return True

    async def everybody_tries(self, what: str, state: str, name: str, other: int, *, by_hand: bool) -> None:
        """A question comes to where something may be done with it: who may not is refused, then somebody may."""
        question_id = await self.brought(state, name, by_hand=by_hand)
        second = await self.asks(name) if what == "merge" else other
        for before, who in ACTS[what].before:
            if self.promise(ACTS[before].promised, self.cast.who[who], question_id)[1]:
                await self.does(before, who, question_id, other % 5 | 1)
        may = [one for one in PEOPLE if self.promise(ACTS[what].promised, self.cast.who[one], question_id)[1]]
        for one in PEOPLE:
            if one not in may:
                assert not await self.tries(what, one, question_id, second, alone=False), (one, what)
        await self.nothing_changed((what, state))
        for one, again in product(may, range(3)):
            choice = second if what == "merge" else other + again  # no consent, too many days: then otherwise
            if await self.tries(what, one, question_id, choice):
                break

    async def nothing_else_goes(self, question_id: int) -> None:
        """What the table does not promise where a question stands, tried by those who do it elsewhere."""
        for what, name in DOERS.items():
            if not self.promise(ACTS[what].promised, self.cast.who[name], question_id)[1]:
                await self.tries(what, name, question_id, self.second(what, 1), alone=False)
        await self.nothing_changed(question_id)

    async def goes_on(self, question_id: int, which: int, other: int) -> None:
        """Things take their course: one of the acts that the table promises to somebody here."""
        here = [
            (what, name)
            for what in sorted(ACTS)
            for name in PEOPLE
            if self.promise(ACTS[what].promised, self.cast.who[name], question_id)[1]
        ]
        if here:
            what, name = here[which % len(here)]
            await self.tries(what, name, question_id, self.second(what, other))

    def second(self, what: str, other: int) -> int:
        """What an act's last number is: another question, or a choice."""
        ids = sorted(self.seen.questions)
        return ids[other % len(ids)] if what == "merge" else other

    async def time_passes(self, days: int, hours: int = 0) -> None:
        self.clock.move(days=days, hours=hours)
        await tick(self.database)
        await seal_ledger(self.database)
        await self.look()

    # --- what holds ---------------------------------------------------------------------------------------

    async def nothing_changed(self, what: object) -> None:
        """Neither a row nor a column of what can change; nothing is kept of what was refused."""
        now = await self.ground.dump()
        changed = {table: rows for table, rows in now.items() if rows != self.stands[table]}
        assert not changed, (what, changed)

    async def look(self, *, first: bool = False) -> None:
        """Everything that was queued arrives, and what stands in the database then is as it must be."""
        await self.sender.send_all()
        before = None if first else self.seen
        async with self.database.work() as work:  # which reads faster on SQLite than `reading`
            self.seen = seen = await Seen.now(work)
            messages = await watch.new_messages(work, self.told)
        self.told = messages[-1].id if messages else self.told
        watch.codes_have_no_gaps(seen)
        watch.history_is_only_appended_to(seen, before)
        watch.history_tells_the_status(seen)
        watch.history_tells_every_change(seen, before)
        watch.each_step_has_one_deadline(seen)
        watch.merged_ones_have_an_original(seen)
        watch.answered_only_after_approval(seen, self.steps)
        watch.nothing_public_names_the_asker(seen, self.traces)
        watch.the_audit_log_is_whole(seen)
        watch.messages_reach_whom_they_may(seen, self.cast, self.marks, messages)
        self.hidden_words_stand_in_no_chat()
        self.stands = await self.ground.dump()
        self.the_erased_left_no_trace()

    async def look_closely(self) -> None:
        """The same through what people and programs are shown, which takes longer; undone, for reading is noted."""
        if self.looked_closely_at is self.stands:
            return
        self.looked_closely_at = self.stands
        with suppress(_Undo):
            async with self.database.work() as work:
                await watch.what_is_hidden_is_read_by_editors_alone(
                    work, self.seen, self.cast, self.marks, self.known_hidden
                )
                raise _Undo

    def hidden_words_stand_in_no_chat(self) -> None:
        """What was shown before is gone, too: from everybody's chat but the asker's own and the editors'."""
        secret = {
            mark: self.seen.questions[one].asker_id
            for mark, one in self.marks.items()
            if self.seen.questions[one].secrecy in HIDDEN
        }
        for name, who in self.cast.who.items() if secret else ():
            words = "\n".join(one.html for one in self.messenger.chats.get(who.person.address or "", []))
            for mark, asker in secret.items():
                assert name == "editor" or who.id == asker or mark not in words, (name, mark)

    def the_erased_left_no_trace(self) -> None:
        """Who they were stands nowhere; what they asked stands where it was published, and there alone."""
        if not self.gone:
            return
        everything = "\n".join(row for rows in self.stands.values() for row in rows)
        chats = "\n".join(
            one.html
            for name, who in self.cast.who.items()
            if name not in CITIZENS
            for one in self.messenger.chats.get(who.person.address or "", [])
        )
        by_id = {one: mark for mark, one in self.marks.items()}
        for traces, asked in self.gone:
            for trace in traces:
                assert trace not in everything, trace
                assert trace not in chats, trace
            for question_id in asked:
                left = [
                    row.kind
                    for row in self.seen.entries.values()
                    if row.question_id == question_id and by_id[question_id] in (row.text or "")
                ]
                assert set(left) <= {"public_question", "public_answer"}, (question_id, left)
