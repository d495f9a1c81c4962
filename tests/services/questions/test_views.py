"""Who sees what of a question: everybody × every status × every secrecy, through the real services.

The tables below are the promise, written by hand and on purpose not read from the code that decides. Each word of a
question has a mark of its own; what a service hands to one person is searched for these marks.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from domain.errors import Reason, RuleViolation
from domain.privacy.consent import Consent
from domain.questions.history import EntryKind, Event
from domain.questions.life import Action, Capacity, RefusalCode, Role, Secrecy, Status, permitted
from messages.notices.desk import HiddenCard
from services.people.actors import Actor, actor_of
from services.questions import answers, cards, publication, screening, tracking, worklists
from services.questions.case import code_of
from services.questions.facts import Part, at_desk
from services.staff import records
from storage.delivery import files
from storage.engine.database import Database, Work
from storage.people import consents, roles
from storage.questions import entries, history, questions
from storage.rows import QuestionRow
from storage.tables import questions as questions_table
from storage.tables import roles as roles_table
from tests.conftest import SetClock
from tests.worlds.arranged import arranged
from tests.worlds.world import ANSWER, LAND, World, person, staff

# A draft waits first for the leader's approval ("lead"), then for the editors' ("edit"). Before a question is
# assigned the agencies are strangers to it; a coordinating agency is one again once it ended.
STATES = {
    "rece": Status.RECEIVED,
    "assi": Status.ASSIGNED,
    "acce": Status.ACCEPTED,
    "wait": Status.WAITING,
    "lead": Status.IN_APPROVAL,
    "edit": Status.IN_APPROVAL,
    "answ": Status.ANSWERED,
    "clos": Status.CLOSED,
    "refu": Status.REFUSED,
    "merg": Status.MERGED,
    "with": Status.WITHDRAWN,
}

# "outsider" is an officer of another agency, "left" was an officer of the lead agency until today, "newcomer" is an
# editor for whom nobody has vouched: who does not yet read denunciations.
EVERYBODY = (
    "asker", "follower", "stranger", "officer", "leader", "coordinator", "outsider", "left",
    "editor", "newcomer", "admin",
)  # fmt: skip

# --- the promise: at the desk ---------------------------------------------------------------------------------
#
# "all" whatever there is; "less" the same without the asker's telephone number or e-mail; "h" a card that says only
# that it is hidden; "." nothing, as if it did not exist.

CARD = """
who may                | rece assi acce wait lead edit answ clos refu merg with
editor newcomer admin  | all  all  all  all  all  all  all  all  all  all  all
officer leader         | .    less less less less less less less less .    less
coordinator            | .    less less less less less less less .    .    .
"""
# The asker has agreed that agencies may call them.
CARD_CONTACT_GIVEN = """
editor newcomer admin  | all  all  all  all  all  all  all  all  all  all  all
officer leader         | .    all  all  all  all  all  all  all  all  .    all
coordinator            | .    all  all  all  all  all  all  all  .    .    .
"""
CARD_HIDDEN = """
editor                 | all  all  all  all  all  all  all  all  all  all  all
newcomer admin         | h    h    h    h    h    h    h    h    h    h    h
officer leader         | .    h    h    h    h    h    h    h    h    .    h
coordinator            | .    h    h    h    h    h    h    h    .    .    .
"""

# What there is to see on a card in each state: text, name, address, organisation, thread, internal words, files,
# promises; the office's words (draft, later answer) and its letter only where there are any.
ALWAYS = {"text", "name", "address", "organisation", "thread", "internal", "files"}
OFFICE = {"lead", "edit", "answ", "clos"}

# --- the promise: in a citizen's chat -------------------------------------------------------------------------
#
# T the question's text, G its agency, U until when, W the answer, L its letter, Q what the agency wants to know,
# Y its course, R when it came in; "." the status alone. Nobody ever sees a name, a thread or a draft there.

TRACKED = """
who may                | rece assi  acce  wait  lead  edit  answ   clos   refu merg   with
asker                  | TYR  TGUYR TGUYR TGQYR TGUYR TGUYR TGWLYR TGWLYR TYR  TGWLYR TYR
follower               | .    GU    GU    G     GU    GU    GWL    GWL    .    .      .
"""
TRACKED_HIDDEN = """
asker                  | YR   YR    YR    QYR   YR    YR    WLYR   WLYR   YR   YR     YR
"""
# Made public: P the text that an editor made of it, V that of the answer.
TRACKED_PUBLISHED = """
asker                  | TGWLYR
follower               | PGWL
stranger               | PGV
officer                | PGV
leader                 | PGV
coordinator            | PGV
outsider               | PGV
left                   | PGV
editor                 | PGV
newcomer               | PGV
admin                  | PGV
"""

# --- the promise: in lists ------------------------------------------------------------------------------------
#
# "+" listed with words, "c" the code alone, "." not there. Time has run out for whatever has a limit.

MINE = """
asker                  | +    +    +    +    +    +    +    +    +    +    +
"""
MINE_HIDDEN = """
asker                  | c    c    c    c    c    c    c    c    c    c    c
"""
WORK = """
officer leader         | .    +    +    +    +    +    .    .    .    .    .
coordinator            | .    +    +    +    +    +    .    .    .    .    .
"""
NEW = """
editor newcomer admin  | +    .    .    .    .    .    .    .    .    .    .
"""
NEW_SUSPECTED = """
editor                 | c    c    c    c    c    c    c    c    c    c    c
"""
NEW_CONFIRMED = """
editor                 | c    .    .    .    .    .    .    .    .    .    .
"""
APPROVALS = """
leader                 | .    .    .    .    +    .    .    .    .    .    .
editor newcomer admin  | .    .    .    .    .    +    .    .    .    .    .
"""
OVERDUE = """
editor newcomer admin  | +    +    +    .    +    +    .    .    .    .    .
"""
NOWHERE = ""

Promise = dict[tuple[str, str], str]  # (who, state) → what


def read(table: str) -> Promise:
    promise: Promise = {}
    for line in table.strip().splitlines():
        who, _, cells = line.partition("|")
        if who.startswith("who may"):
            continue
        assert len(cells.split()) == len(STATES), line
        for state, cell in zip(STATES, cells.split(), strict=True):
            promise |= {(one, state): cell for one in who.split() if cell != "."}
    return promise


# --- the world ------------------------------------------------------------------------------------------------

ORGANISATION = "Hợp tác xã Sậy Vàng"
THREAD, INTERNAL, LETTER, WANTED = "Cầu Nhum nằm ở đâu", "Ngọc Thố chưa rõ", "05/CV-Cọ-Biếc", "Số hồ sơ nào?"
PUBLIC_TEXT, PUBLIC_ANSWER = "Hồ sơ nhà đất công khai", "Sẽ có giấy công khai"
NAME, ADDRESS, CONTACT = "Họ Tên asker", "12 Lê Lợi", "0901234567"
A_WHILE = timedelta(days=16)  # until an answer is closed, and whatever has a limit is late

Made = tuple[dict[str, Actor], dict[str, int]]


@pytest.fixture
async def everything(database: Database) -> Made:
    """Everybody, and the ids of a question in each state with all that can be written about it; a while later."""
    made: Made = await arranged(database, "everything to see", lambda: _made(database))
    assert isinstance(database.clock, SetClock)
    database.clock.at += 2 * A_WHILE
    return made


async def _made(database: Database) -> Made:
    assert isinstance(database.clock, SetClock)
    begun = database.clock.now()
    async with database.work() as work:
        world = await World.build(work)
        found = {"clos": await world.answered(work)}
    database.clock.at = begun + A_WHILE
    async with database.work() as work:
        await answers.close_when_due(work)
        found |= {
            "rece": await world.received(work),
            "assi": await world.assigned(work),
            "acce": await world.accepted(work),
            "wait": await world.waiting(work),
            "lead": await world.in_approval(work),
            "edit": await world.with_the_editors(work),
            "answ": await world.answered(work),
            "with": await world.withdrawn(work),
        }
        lost = await world.assigned(work)
        found["refu"] = (
            await screening.refuse(work, world.editor, lost.id, RefusalCode.OUT_OF_SCOPE)
        ).question
        for state in STATES.keys() - {"refu", "merg", "with"}:
            await world.duplicate(work, found[state])
        found["merg"] = await world.duplicate(work, found["answ"], asker=world.asker)
        for question in found.values():
            await _write_all(work, world, question.id)
        everybody = {one: getattr(world, one) for one in EVERYBODY if hasattr(world, one)}
        everybody["stranger"] = await person(work, "stranger")
        everybody["newcomer"] = await staff(work, "newcomer", Role.EDITOR)
        left = await staff(work, "left", Role.OFFICER, "SNNMT")
        await roles.revoke(work, left.roles[0].id, None)
        await work.run(
            sa.update(roles_table)
            .where(roles_table.c.person_id == everybody["newcomer"].id)
            .values(vouched_at=None)
        )
        for who in ("newcomer", "left"):
            row = left.person if who == "left" else everybody[who].person
            everybody[who] = await actor_of(work, row)
    database.clock.at = begun
    assert set(found) == set(STATES)
    return {one: everybody[one] for one in EVERYBODY}, {state: found[state].id for state in STATES}


async def _write_all(work: Work, world: World, question_id: int) -> None:
    """Words of every kind, whatever the state, so that a rule that lets one through is found."""
    thread = await entries.write(work, question_id, EntryKind.SUPPLEMENT, THREAD, author_id=world.asker.id)
    internal = await entries.write(
        work,
        question_id,
        EntryKind.SEND_BACK_REASON,
        INTERNAL,
        author_id=world.leader.id,
        agency_id=world.lead.id,
    )
    await history.record(
        work, question_id, Event.SENT_BACK, actor_id=world.leader.id, actor_role="leader", entry_id=internal
    )
    letter = await files.add(work, person_id=world.officer.id, kind="document", remote_id="letter")
    await files.attach(work, [letter], question_id, thread)
    await work.run(
        sa.update(questions_table)
        .where(questions_table.c.id == question_id)
        .values(organisation=ORGANISATION)
    )
    await work.run(
        sa.text("UPDATE drafts SET official_letter = :letter WHERE question_id = :question_id"),
        {"letter": LETTER, "question_id": question_id},
    )


async def in_every_secrecy(database: Database) -> AsyncIterator[Secrecy]:
    """Every question has each secrecy in turn."""
    for secrecy in Secrecy:
        await as_secret(database, secrecy)
        yield secrecy


async def as_secret(database: Database, secrecy: Secrecy) -> None:
    """Every question has this secrecy: not every pair comes about in life, each is shown or not."""
    async with database.work() as work:
        await work.run(sa.update(questions_table).values(secrecy=secrecy))


async def read_as(work: Work, question_id: int) -> QuestionRow:
    question = await questions.by_id(work, question_id)
    assert question is not None
    return question


async def differences(
    database: Database,
    made: Made,
    promise: Promise,
    see: Callable[[Work, Actor, QuestionRow], Awaitable[str]],
) -> list[str]:
    """Where somebody sees something else than was promised."""
    everybody, found = made
    wrong = []
    for state, question_id in found.items():
        async with database.work() as work:
            question = await read_as(work, question_id)
            assert question.status == STATES[state]
            for who, actor in everybody.items():
                seen = await see(work, actor, question)
                promised = promise.get((who, state), ".")
                if seen != promised:
                    wrong.append(f"{state}: {who} sees {seen!r}, not {promised!r}")
    return wrong


def _marks(said: object) -> set[str]:
    marks = {
        "text": "cấp sổ đỏ", "name": NAME, "address": ADDRESS, "organisation": ORGANISATION,
        "thread": THREAD, "internal": INTERNAL, "office": ANSWER[:30], "letter": LETTER,
        "contact": CONTACT, "files": "files=1",
    }  # fmt: skip
    return {name for name, mark in marks.items() if mark in repr(said)}


def _state_of(question: QuestionRow) -> str:
    """Whether the office has written: the state by its name where there are words of it."""
    return next(state for state in STATES if STATES[state] == question.status)


# --- the tests ------------------------------------------------------------------------------------------------

SHOWN, SECRET = (Secrecy.NONE, Secrecy.CLEARED), (Secrecy.SUSPECTED, Secrecy.CONFIRMED)


async def _card(work: Work, actor: Actor, question: QuestionRow) -> str:
    try:
        notice, _ = await cards.card(work, actor, question)
    except RuleViolation as violation:
        return {Reason.UNKNOWN_CODE: "."}[violation.reason]
    if isinstance(notice, HiddenCard):
        assert _marks(notice) == set()
        return "h"
    there = ALWAYS | ({"office", "letter"} if _state_of(question) in OFFICE else set())
    seen = _marks(notice)
    if seen == there | {"contact"}:
        return "all"
    return "less" if seen == there else f"only {sorted(seen)}, without {sorted(there - seen)}"


async def test_a_card_shows_the_whole_question_or_that_it_is_hidden_or_nothing(
    database: Database, everything: Made
) -> None:
    everybody, _ = everything
    for shown in (CARD, CARD_CONTACT_GIVEN):
        async for secrecy in in_every_secrecy(database):
            promise = read(CARD_HIDDEN if secrecy in SECRET else shown)
            assert await differences(database, everything, promise, _card) == [], secrecy
        async with database.work() as work:
            await consents.give(work, everybody["asker"].id, Consent.CONTACT, "2026-11")


@pytest.mark.parametrize("what", ["history", "files"])
async def test_history_and_files_are_for_whom_the_card_is_whole(
    database: Database, everything: Made, what: str
) -> None:
    async def see(work: Work, actor: Actor, question: QuestionRow) -> str:
        try:
            if what == "history":
                said: object = await records.history_for(work, actor, question.id)
                assert INTERNAL in repr(said)
            else:
                _, kept = await records.files_for(work, actor, question.id)
                assert len(kept) == 1
        except RuleViolation as violation:
            # Who asked knows that it exists; to everybody else it does not, or it is hidden.
            return {Reason.UNKNOWN_CODE: ".", Reason.NOT_ALLOWED: ".", Reason.HIDDEN: "h"}[violation.reason]
        return "all"

    async for secrecy in in_every_secrecy(database):
        promise = read(CARD_HIDDEN if secrecy in SECRET else CARD_CONTACT_GIVEN)
        promise |= {("follower", state): "h" for state in _FOLLOWED if secrecy in SECRET}
        assert await differences(database, everything, promise, see) == [], secrecy


_FOLLOWED = STATES.keys() - {"refu", "merg", "with"}


async def _tracked(work: Work, actor: Actor, question: QuestionRow) -> str:
    notice, _ = await tracking.tracked(work, actor, question.id)
    assert notice.status == question.status
    seen = _marks(notice)
    assert not seen & {"name", "address", "organisation", "internal", "contact", "files"}
    answer = notice.answer or ""
    found = {
        "P": notice.text == PUBLIC_TEXT,
        "T": "text" in seen,
        "G": notice.agency is not None,
        "U": notice.due_at is not None,
        "W": answer == ANSWER,
        "V": answer == PUBLIC_ANSWER,
        "L": notice.official_letter == LETTER,
        "Q": notice.clarification == WANTED,
        "Y": bool(notice.history),
        "R": notice.received_at is not None,
    }
    assert found["W"] or found["V"] or not answer
    return "".join(letter for letter, there in found.items() if there) or "."


async def test_in_the_chat_of_citizens_each_sees_their_own_and_of_others_the_status(
    database: Database, everything: Made
) -> None:
    async for secrecy in in_every_secrecy(database):
        promise = read(TRACKED_HIDDEN if secrecy in SECRET else TRACKED)
        assert await differences(database, everything, promise, _tracked) == [], secrecy


async def test_of_what_is_public_everybody_reads_the_texts_made_for_it(
    database: Database, everything: Made
) -> None:
    everybody, found = everything
    async with database.work() as work:
        for state in PUBLISHED:
            text = publication.PublicText(PUBLIC_TEXT, PUBLIC_ANSWER)
            await publication.publish(work, everybody["editor"], found[state], text, anonymised=True)
    lines = (line.partition("|") for line in TRACKED_PUBLISHED.strip().splitlines())
    promised = {who.strip(): cell.strip() for who, _, cell in lines}
    async for secrecy in in_every_secrecy(database):
        hidden = dict.fromkeys(EVERYBODY, ".") | {"asker": "WLYR"}
        for state in PUBLISHED:
            async with database.work() as work:
                question = await read_as(work, found[state])
                seen = {who: await _tracked(work, actor, question) for who, actor in everybody.items()}
            assert seen == (hidden if secrecy in SECRET else promised), (secrecy, state)


PUBLISHED = ("answ", "clos")


async def test_of_what_was_merged_into_something_hidden_its_asker_loses_the_answer(
    database: Database, everything: Made
) -> None:
    everybody, found = everything
    async with database.work() as work:
        await work.run(
            sa.update(questions_table)
            .where(questions_table.c.id == found["answ"])
            .values(secrecy=Secrecy.SUSPECTED)
        )
    async with database.reading() as work:
        seen = await _tracked(work, everybody["asker"], await read_as(work, found["merg"]))
    assert seen == "TGYR"


async def test_whoever_asked_what_they_work_on_reads_it_at_the_desk_only_while_it_is_not_hidden(
    database: Database, everything: Made
) -> None:
    everybody, found = everything
    for who in ("officer", "leader", "coordinator", "newcomer", "admin"):
        async with database.work() as work:
            await work.run(sa.update(questions_table).values(asker_id=everybody[who].id))
        async for secrecy in in_every_secrecy(database):
            async with database.work() as work:
                question = await read_as(work, found["assi"])
                hidden = await _card(work, everybody[who], question) == "h"
                tracked = await _tracked(work, everybody[who], question)
                reasons = []
                for look_up in (records.history_for, records.files_for):
                    try:
                        await look_up(work, everybody[who], question.id)
                    except RuleViolation as violation:
                        reasons.append(violation.reason)
            promised = (True, "YR", [Reason.HIDDEN] * 2) if secrecy in SECRET else (False, "TGUYR", [])
            assert (hidden, tracked, reasons) == promised, (who, secrecy)


Listed = Callable[[Work, Actor], Awaitable[dict[str, str]]]


async def _mine(work: Work, actor: Actor) -> dict[str, str]:
    found: dict[str, str] = {}
    page = 1
    while True:
        notice, _ = await tracking.mine(work, actor.person, page)
        found |= {one.code: one.text for one in notice.questions}
        if not notice.more:
            return found
        page += 1


def _paged(listed: Callable[[Work, Actor, int], Awaitable[tuple[Any, Any]]]) -> Listed:
    async def all_pages(work: Work, actor: Actor) -> dict[str, str]:
        found: dict[str, str] = {}
        page = 1
        while True:
            notice, _ = await listed(work, actor, page)
            found |= {one.code: one.text for one in notice.questions}
            if not notice.more:
                return found
            page += 1

    return all_pages


LISTS: dict[str, tuple[Listed, dict[Secrecy, str]]] = {
    "mine": (_mine, dict.fromkeys(SHOWN, MINE) | dict.fromkeys(SECRET, MINE_HIDDEN)),
    "work": (_paged(worklists.agency_work), dict.fromkeys(SHOWN, WORK) | dict.fromkeys(SECRET, NOWHERE)),
    "new": (
        _paged(worklists.new_ones),
        dict.fromkeys(SHOWN, NEW) | {Secrecy.SUSPECTED: NEW_SUSPECTED, Secrecy.CONFIRMED: NEW_CONFIRMED},
    ),
    "approvals": (
        _paged(worklists.approvals),
        dict.fromkeys(SHOWN, APPROVALS) | dict.fromkeys(SECRET, NOWHERE),
    ),
    "overdue": (
        _paged(lambda work, _actor, page: worklists.overdue(work, page)),
        dict.fromkeys(SHOWN, OVERDUE) | dict.fromkeys(SECRET, NOWHERE),
    ),
}
# Who is offered a list at all is the chat's matter (tests/campaigns/security/test_roles.py).
OFFERED = {
    "mine": EVERYBODY,
    "work": ("officer", "leader", "coordinator", "outsider"),
    "new": ("editor", "newcomer", "admin"),
    "approvals": ("leader", "editor", "newcomer", "admin"),
    "overdue": ("editor", "newcomer", "admin"),
}


async def test_lists_hold_no_word_of_what_is_hidden_and_only_what_concerns_their_reader(
    database: Database, everything: Made
) -> None:
    everybody, found = everything
    wrong = []
    async for secrecy in in_every_secrecy(database):
        async with database.work() as work:
            codes = {state: code_of(work, await read_as(work, one)) for state, one in found.items()}
            for which, (listed, promises) in LISTS.items():
                promise = read(promises[secrecy])
                for who in OFFERED[which]:
                    seen = await listed(work, everybody[who])
                    for state, code in codes.items():
                        says, promised = _says(seen.get(code)), promise.get((who, state), ".")
                        if says != promised:
                            wrong.append(f"{secrecy}, {which}, {state}: {who} finds {says}, not {promised}")
    assert wrong == []


def _says(text: str | None) -> str:
    if text is None:
        return "."
    return "+" if text[:20] == LAND[:20] else text or "c"


STAFF = {Capacity.EDITOR, Capacity.ADMIN, Capacity.OFFICER, Capacity.LEADER, Capacity.COORDINATOR}


@pytest.mark.parametrize("secrecy", list(Secrecy))
def test_at_the_desk_one_sees_as_much_as_the_most_that_one_is(secrecy: Secrecy) -> None:
    question: Any = SimpleNamespace(secrecy=secrecy, status=Status.ASSIGNED)
    for number in range(len(Capacity) + 1):
        for some in combinations(Capacity, number):
            seen = at_desk(question, frozenset(some))
            may = permitted(Action.SEE, Status.ASSIGNED, STAFF.intersection(some), secrecy)
            assert (Part.TEXT in seen) is may, some
            assert bool(seen) is not STAFF.isdisjoint(some), some
            assert (Part.OUTLINE in seen) is (bool(seen) and not may), some
            contact = may and not {Capacity.EDITOR, Capacity.ADMIN}.isdisjoint(some)
            assert (Part.CONTACT in seen) is contact, some
