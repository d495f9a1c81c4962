"""Who may do what: every capacity × action × status × secrecy, through the real services and a real database.

The table below is the promise, written by hand and on purpose not read from `domain.questions.life.RULES`. What it
does not permit has to raise `RuleViolation` and leave no trace, even where nobody rolls the transaction back.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from domain.episodes.episodes import EpisodeNumber
from domain.errors import Reason, RuleViolation
from domain.programme import Programme
from domain.questions.history import EntryKind, Event
from domain.questions.life import ANSWERED_STATUSES, Action, Intake, RefusalCode, Role, Secrecy, Status
from messages.notices.desk import QuestionCard
from services.corrections import corrections
from services.deadlines import extensions, promises
from services.episodes import episodes, selection
from services.people.actors import Actor
from services.privacy import erasing
from services.questions import (
    agency_work,
    answers,
    asker_decisions,
    cards,
    publication,
    question_field,
    screening,
)
from services.questions.case import open_case
from services.staff import blocking, records
from storage.agencies import agencies
from storage.deadlines import extensions as stored_extensions
from storage.deadlines import promises as stored_promises
from storage.delivery import files
from storage.engine.database import Database, Work
from storage.questions import entries, history, questions
from storage.rows import QuestionRow
from storage.tables import questions as questions_table
from tests.conftest import SetClock
from tests.worlds.arranged import arranged
from tests.worlds.rules import rules
from tests.worlds.world import ANSWER, World, look, person, staff

# --- the promise ----------------------------------------------------------------------------------------------
#
# One line: an action, who may do it, and for each state what the status is afterwards ("." forbidden, "=" as
# before). A draft waits first for the leader's approval ("lead"), then for the editors' ("edit"). Before a
# question is assigned the agencies are strangers to it; a coordinating agency is one again once it ended.

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
AFTERWARDS = STATES | {"appr": Status.IN_APPROVAL}

PROMISE = """
action           | who may                          | rece assi acce wait lead edit answ clos refu merg with
-----------------+----------------------------------+-------------------------------------------------------
read_card        | editor admin                     | =    =    =    =    =    =    =    =    =    =    =
read_card        | officer leader                   | .    =    =    =    =    =    =    =    =    .    =
read_card        | coordinator coord_leader         | .    =    =    =    =    =    =    =    .    .    .
read_history     | editor admin                     | =    =    =    =    =    =    =    =    =    =    =
read_history     | officer leader                   | .    =    =    =    =    =    =    =    =    .    =
read_history     | coordinator coord_leader         | .    =    =    =    =    =    =    =    .    .    .
assign           | editor admin                     | assi assi assi assi assi assi .    .    .    .    .
set_field        | editor admin                     | =    =    =    =    =    =    =    =    .    .    .
refuse           | editor admin                     | refu refu refu refu refu refu .    .    .    .    .
merge            | editor admin                     | merg merg merg merg merg merg .    .    .    .    .
reopen_ended     | editor admin                     | .    .    .    .    .    .    .    .    rece rece .
publish          | editor admin                     | .    .    .    .    .    .    =    =    .    .    .
unpublish        | editor admin                     | .    .    .    .    .    .    =    =    .    .    .
correct          | officer editor admin             | .    .    .    .    .    .    =    =    .    .    .
withdraw_correction | officer editor admin          | .    .    .    .    .    .    =    =    .    .    .
record_delivery  | editor admin                     | .    .    .    .    .    .    =    =    .    =    .
pass_on_files    | editor admin                     | .    .    .    .    .    .    =    =    .    .    .
put_on_air       | editor admin                     | =    =    =    =    =    =    =    =    .    .    .
block_sender     | editor admin                     | =    =    =    =    =    =    =    =    =    =    =
accept           | officer                          | .    acce .    .    .    .    .    .    .    .    .
return           | officer                          | .    rece rece rece .    .    .    .    .    .    .
ask_more         | officer                          | .    wait wait .    .    .    .    .    .    .    .
answer           | officer                          | .    appr appr appr appr appr .    .    .    .    .
answer           | coordinator coord_leader         | .    =    =    =    =    =    .    .    .    .    .
contribute       | coordinator coord_leader         | .    =    =    =    =    =    .    .    .    .    .
approve          | leader                           | .    .    .    .    =    .    .    .    .    .    .
approve          | editor admin                     | .    .    .    .    .    answ .    .    .    .    .
send_back        | leader                           | .    .    .    .    acce .    .    .    .    .    .
send_back        | editor admin                     | .    .    .    .    .    acce .    .    .    .    .
flag             | editor admin                     | =    =    =    =    =    =    =    =    =    =    =
flag             | officer leader                   | .    =    =    =    =    =    =    =    =    .    =
flag             | coordinator coord_leader         | .    =    =    =    =    =    =    =    .    .    .
ask_extension    | officer                          | .    =    =    .    .    .    .    .    .    .    .
decide_extension | editor admin                     | .    =    =    =    =    =    .    .    .    .    .
promise          | officer leader                   | .    .    .    .    .    .    =    =    .    .    .
promise          | editor admin                     | .    .    .    .    .    .    =    =    .    .    .
follow_up        | officer leader                   | .    =    =    =    =    =    =    =    .    .    .
follow_up        | editor admin                     | .    =    =    =    =    =    =    =    .    .    .
supply           | asker                            | .    .    .    acce .    .    .    .    .    .    .
rate             | asker follower                   | .    .    .    .    .    .    =    =    .    .    .
reopen           | asker                            | .    .    .    .    .    .    assi .    .    .    .
withdraw         | asker                            | with with with with with with .    .    .    .    .
agree_to_publish | asker                            | .    .    .    .    .    .    =    =    .    .    .
"""

# While it is suspected to be a denunciation, or confirmed as one, this is all that is left.
PROMISE_HIDDEN = """
action           | who may                          | rece assi acce wait lead edit answ clos refu merg with
-----------------+----------------------------------+-------------------------------------------------------
read_card        | editor                           | =    =    =    =    =    =    =    =    =    =    =
read_history     | editor                           | =    =    =    =    =    =    =    =    =    =    =
refuse           | editor                           | refu refu refu refu refu refu .    .    .    .    .
withdraw         | asker                            | with with with with with with .    .    .    .    .
"""

PROMISE_SUSPECTED = """
clear            | editor                           | =    =    =    =    =    =    =    =    =    .    =
confirm          | editor                           | .    .    .    .    .    .    =    =    =    .    =
say_meant        | asker                            | =    .    .    .    .    .    .    .    .    .    .
"""

# Of a question that was entered by hand no messenger reaches the asker: an editor enters what they reply.
PROMISE_BY_HAND = """
supply           | editor admin                     | .    .    .    acce .    .    .    .    .    .    .
erase_asker      | editor admin                     | with with with with with with =    =    =    =    =
"""

# Who wrote by post may have denounced somebody: then it is for the editors alone.
PROMISE_BY_HAND_HIDDEN = """
erase_asker      | editor                           | with with with with with with =    =    =    =    =
"""

Promise = dict[tuple[str, str, str], Status | None]  # (action, who, state) → what it becomes; None: as before


def read(*tables: str) -> Promise:
    promise = {}
    for line in "".join(tables).strip().splitlines():
        action, _, rest = line.partition("|")
        if not line or action.startswith(("action", "---")):
            continue
        who, _, cells = rest.partition("|")
        assert len(cells.split()) == len(STATES), line
        for state, cell in zip(STATES, cells.split(), strict=True):
            for one in who.split() if cell != "." else ():
                promise[action.strip(), one, state] = None if cell == "=" else AFTERWARDS[cell]
    return promise


# --- the attempts ---------------------------------------------------------------------------------------------

Attempt = Callable[[Work, Actor, int], Awaitable[Any]]
spare: dict[str, Any] = {}  # another question to merge into, and agencies


async def read_card(work: Work, actor: Actor, which: int) -> None:
    question = await questions.by_id(work, which)
    assert question is not None
    notice, _ = await cards.card(work, actor, question)
    if not isinstance(notice, QuestionCard):
        raise RuleViolation(Reason.HIDDEN)  # the card that says nothing


async def ask_extension(work: Work, actor: Actor, which: int) -> None:
    """Once the request that waits is settled: only one can."""
    await stored_extensions.drop(work, which)
    await extensions.ask(work, actor, which, 5, "Chờ đo đạc.")


async def unpublish(work: Work, actor: Actor, which: int) -> None:
    """Once it is public."""
    await open_case(work, actor, Action.UNPUBLISH, which)
    published = sa.update(questions_table).where(questions_table.c.id == which)
    await work.run(published.values(published_at=work.now))
    await publication.unpublish(work, actor, which, "Lộ tên người hỏi.")


async def withdraw_correction(work: Work, actor: Actor, which: int) -> None:
    """Once one of theirs waits."""
    await open_case(work, actor, Action.WITHDRAW_CORRECTION, which)
    await corrections.propose(work, actor, which, "Sửa lại.", "Ghi nhầm ngày.")
    await corrections.withdraw(work, actor, which)


ATTEMPTS: dict[str, Attempt] = {
    "read_card": read_card,
    "read_history": records.history_for,
    "assign": lambda work, who, q: screening.assign(work, who, q, spare["agency"]),
    "set_field": lambda work, who, q: question_field.set_field(work, who, q, spare["field"]),
    "refuse": lambda work, who, q: screening.refuse(work, who, q, RefusalCode.OUT_OF_SCOPE),
    "merge": lambda work, who, q: screening.merge(work, who, q, spare["question"].id),
    "reopen_ended": screening.reopen,
    "publish": lambda work, who, q: publication.publish(work, who, q, anonymised=True),
    "unpublish": unpublish,
    "correct": lambda work, who, q: corrections.propose(work, who, q, "Sửa lại.", "Ghi nhầm ngày."),
    "withdraw_correction": withdraw_correction,
    "record_delivery": lambda work, who, q: answers.record_delivery(work, who, q, "Đã gửi thư."),
    "pass_on_files": answers.pass_on_files,
    "put_on_air": lambda work, who, q: selection.choose(work, who, spare["episode"].id, q),
    "block_sender": lambda work, who, q: blocking.block(work, who, q, date(2026, 12, 1), "Quảng cáo."),
    "clear": screening.clear,
    "confirm": screening.confirm,
    "accept": agency_work.accept,
    "return": lambda work, who, q: screening.return_(work, who, q, "Không thuộc thẩm quyền."),
    "ask_more": lambda work, who, q: agency_work.ask_more(work, who, q, "Thửa đất nào?"),
    "answer": lambda work, who, q: agency_work.submit(work, who, q, ANSWER),
    "contribute": lambda work, who, q: agency_work.contribute(work, who, q, "Góp ý."),
    "approve": answers.approve,
    "send_back": lambda work, who, q: answers.send_back(work, who, q, "Chưa rõ."),
    "flag": screening.flag,
    "ask_extension": ask_extension,
    "decide_extension": extensions.grant,
    "promise": lambda work, who, q: promises.record(work, who, q, date(2027, 1, 29), "Sửa xong đường."),
    "follow_up": lambda work, who, q: promises.report_kept(work, who, q, "Đã sửa."),
    "supply": lambda work, who, q: agency_work.supply(work, who, q, "Thửa số 5."),
    "rate": lambda work, who, q: asker_decisions.rate(work, who, q, 5),
    "reopen": lambda work, who, q: asker_decisions.reopen(work, who, q, "Chưa trả lời đúng ý."),
    "withdraw": asker_decisions.withdraw,
    "say_meant": lambda work, who, q: asker_decisions.say_meant(work, who, q, question=True),
    "erase_asker": lambda work, who, q: erasing.erase_asker(work, who, q, 1),
    "agree_to_publish": lambda work, who, q: asker_decisions.choose_publication(work, who, q, agreed=True),
}
READS = {"read_card", "read_history"}
IN_THE_LOG = {"block_sender"}  # about a person: the audit log has it


# --- the world ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def programme() -> Programme:
    return rules()


@pytest.fixture
async def sqlite(sqlite_url: str, programme: Programme) -> AsyncIterator[Database]:
    clock = SetClock(datetime(2026, 11, 2, 2, tzinfo=UTC))
    opened = Database(sqlite_url, clock=clock, programme=programme)
    yield opened
    await opened.close()


A_WHILE = timedelta(days=16)  # until an answer is closed


async def after_a_while(database: Database) -> tuple[dict[str, Actor], dict[str, QuestionRow]]:
    """`every_state`, made once, at the time when its last question was asked."""
    made = await arranged(database, "every state", lambda: every_state(database))
    assert isinstance(database.clock, SetClock)
    database.clock.at += A_WHILE
    return made


async def every_state(database: Database) -> tuple[dict[str, Actor], dict[str, QuestionRow]]:
    """Everybody, and a question in each state with somebody who asked the same, all made by the services."""
    assert isinstance(database.clock, SetClock)
    begun = database.clock.now()
    async with database.work() as work:
        world = await World.build(work)
        found = {"clos": await world.answered(work)}
        await world.duplicate(work, found["clos"])
    database.clock.at = begun + A_WHILE
    async with database.work() as work:
        await answers.close_when_due(work)
    async with database.work() as work:
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
        case = await screening.refuse(
            work, world.editor, (await world.assigned(work)).id, RefusalCode.OUT_OF_SCOPE
        )
        found["refu"] = case.question
        for state in ("rece", "assi", "acce", "wait", "lead", "edit", "answ"):
            await world.duplicate(work, found[state])
        found["merg"] = await world.duplicate(work, found["answ"], asker=world.asker)
        for (
            question
        ) in found.values():  # something to decide on, and to follow up, wherever the rules allow it
            words = (await entries.of_question(work, question.id))[0].id
            asked = {"doubt": ["denunciation"]}  # what was meant is asked wherever one may be suspected
            await history.record(
                work, question.id, Event.FLAGGED, actor_id=None, actor_role="programme", details=asked
            )
            await stored_extensions.add(
                work, question_id=question.id, entry_id=words, days=2, asked_by=world.officer.id
            )
            await stored_promises.add(
                work, question_id=question.id, entry_id=words, agency_id=world.lead.id, due_at=work.now
            )
            if question.status in ANSWERED_STATUSES:  # a letter, whose files wait for a look
                entry = (await entries.of_question(work, question.id, EntryKind.DRAFT))[-1].id
                letter = await files.add(
                    work, person_id=world.officer.id, kind="document", remote_id="letter"
                )
                await files.attach(work, [letter], question.id, entry)
        spare["question"] = await world.received(work)
        spare["agency"] = world.other
        spare["field"] = (await agencies.all_fields(work))[-1]
        spare["episode"] = await episodes.create(work, world.editor, EpisodeNumber(2026, 1), "Đất đai")
        people = {
            "asker": world.asker,
            "follower": world.follower,
            "officer": world.officer,
            "leader": world.leader,
            "coordinator": world.coordinator,
            "coord_leader": await staff(work, "coordinating leader", Role.LEADER, "SXD"),
            "editor": world.editor,
            "admin": world.admin,
            "outsider": world.outsider,
            "stranger": await person(work, "stranger"),
        }
    assert set(found) == set(STATES)
    database.clock.at = begun
    return people, {state: (await look(database, found[state].id))[0] for state in STATES}


async def hide(database: Database, found: dict[str, QuestionRow], secrecy: Secrecy) -> dict[str, QuestionRow]:
    """The same questions with this secrecy: not every pair comes about in life, each is refused or permitted."""
    async with database.work() as work:
        ids = [question.id for question in found.values()]
        await work.run(
            sa.update(questions_table).where(questions_table.c.id.in_(ids)).values(secrecy=secrecy)
        )
    return {state: (await look(database, row.id))[0] for state, row in found.items()}


class Undo(Exception):
    """Everything was looked at; as if it had not happened."""


async def permitted_is_done(
    database: Database, question: QuestionRow, action: str, actor: Actor, expected: Status | None
) -> str | None:
    """What is wrong with an attempt that has to succeed, or None; it leaves nothing behind."""
    wrong = None
    try:
        async with database.work() as work:
            before = len(await history.of_question(work, question.id))
            await ATTEMPTS[action](work, actor, question.id)
            after = await questions.by_id(work, question.id)
            assert after is not None
            wanted = question.status if expected is None else expected
            if after.status != wanted:
                wrong = f"is {after.status} afterwards, not {wanted}"
            if (
                action not in READS | IN_THE_LOG
                and len(await history.of_question(work, question.id)) == before
            ):
                wrong = "left nothing in the history"
            raise Undo
    except RuleViolation as violation:
        wrong = f"was refused: {violation.reason}"
    except Undo:
        pass
    return wrong


async def forbidden_leaves_no_trace(
    database: Database, question: QuestionRow, forbidden: list[tuple[str, str, Actor]]
) -> list[str]:
    """What is wrong with attempts that must be refused, all in one transaction that nobody rolls back."""
    wrong = []
    before = await look(database, question.id)
    async with database.work() as work:
        for action, who, actor in forbidden:
            try:
                await ATTEMPTS[action](work, actor, question.id)
            except RuleViolation as violation:
                # To those it does not concern a question does not exist, whatever they try.
                if who in ("outsider", "stranger") and violation.reason is not Reason.UNKNOWN_CODE:
                    wrong.append(f"{who} learns by {action} that the question exists: {violation.reason}")
            else:
                wrong.append(f"{who} may {action}")
    if await look(database, question.id) != before:
        wrong.append("a refused attempt left a trace")
    return wrong


@pytest.mark.parametrize("secrecy", list(Secrecy))
async def test_each_may_do_what_the_table_promises_and_nothing_else(
    sqlite: Database, secrecy: Secrecy
) -> None:
    if secrecy in (Secrecy.NONE, Secrecy.CLEARED):
        promise = read(PROMISE)
    else:
        promise = read(PROMISE_HIDDEN, PROMISE_SUSPECTED if secrecy is Secrecy.SUSPECTED else "")
    people, found = await after_a_while(sqlite)
    found = await hide(sqlite, found, secrecy)
    await keeps(sqlite, promise, people, found)


async def test_of_a_question_entered_by_hand_editors_may_also_give_the_askers_reply(sqlite: Database) -> None:
    people, found = await after_a_while(sqlite)
    async with sqlite.work() as work:
        await work.run(sa.update(questions_table).values(channel=Intake.POST))
    found = {state: (await look(sqlite, row.id))[0] for state, row in found.items()}
    await keeps(sqlite, read(PROMISE, PROMISE_BY_HAND), people, found)
    found = await hide(sqlite, found, Secrecy.SUSPECTED)
    await keeps(sqlite, read(PROMISE_HIDDEN, PROMISE_SUSPECTED, PROMISE_BY_HAND_HIDDEN), people, found)


async def keeps(
    sqlite: Database, promise: Promise, people: dict[str, Actor], found: dict[str, QuestionRow]
) -> None:
    wrong = []
    for state, question in found.items():
        forbidden = []
        assert question.status == STATES[state]
        for action in ATTEMPTS:
            for who, actor in people.items():
                if (action, who, state) not in promise:
                    forbidden.append((action, who, actor))
                    continue
                expected = promise[action, who, state]
                said = await permitted_is_done(sqlite, question, action, actor, expected)
                if said is not None:
                    wrong.append(f"{state}: {action} by {who} {said}")
        said_of_all = await forbidden_leaves_no_trace(sqlite, question, forbidden)
        wrong += [f"{state}: {one}" for one in said_of_all]
    assert not wrong, "\n".join(wrong)


def test_the_promise_speaks_of_every_action() -> None:
    promised = {action for action, _, _ in read(PROMISE, PROMISE_BY_HAND, PROMISE_SUSPECTED)}
    assert promised == set(ATTEMPTS)
    # see and see_status are the cards and /tracuu; close, revive and resume are nobody's, approve has two steps here.
    elsewhere = {
        Action.SEE, Action.SEE_STATUS, Action.CLOSE, Action.REVIVE, Action.RESUME,
        Action.APPROVE_AS_LEADER, Action.APPROVE_AS_EDITOR, Action.CONSENT_TO_PUBLISH,
    }  # fmt: skip
    assert {action.value for action in Action} - {action.value for action in elsewhere} <= promised
