"""A question that very many asked, too, is hidden and published with as many statements as one of few."""

from typing import Any

import pytest
import sqlalchemy as sa

from services.people.actors import actor_of
from services.questions import publication, secrecy
from storage.delivery import outbox
from storage.engine.database import Database
from storage.people import people
from storage.questions import questions
from storage.rows import PersonRow, QuestionRow
from storage.tables import outbox as messages
from storage.tables import outbox_questions
from tests.worlds.chat import House
from tests.worlds.offices import Offices
from tests.worlds.statements import counted

FEW, MANY = 10, 110
MOST = 20  # statements more for a hundred followers more


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def followed(offices: Offices, how_many: int) -> tuple[QuestionRow, set[int]]:
    """An answered question that others asked, too, and the messages that told of it.

    Each of the others has the answer and a list, the officer a card of each of their questions.
    """
    question = await offices.question(await offices.answered())
    officer = await offices.officer.row()
    shared = ("year", "secrecy", "channel", "received_at", "field_code", "lead_agency_id", "assign_due_at")
    same = {name: getattr(question, name) for name in shared} | {"status": "merged"}
    told: list[tuple[PersonRow, int | None, str]] = []
    merged: list[int] = []
    async with offices.house.database.work() as work:
        for number in range(how_many):
            person = await people.seen(
                work,
                channel="telegram",
                address=f"8{question.id:05}{number:05}",
                display_name="N",
                language="vi",
            )
            own = {"number": question.number * 10_000 + number, "duplicate_of_id": question.id}
            merged.append(await questions.add(work, **same, **own, asker_id=person.id))
            told += [
                (person, None, outbox.LIST),
                (person, question.id, "answer"),
                (officer, merged[-1], "card"),
            ]
        before = await work.value(sa.select(sa.func.max(messages.c.id)))
        await outbox.put_many(work, [message(*one) for one in told])
        shown = [{"question_id": one, "outbox_id": before + 3 * at + 1} for at, one in enumerate(merged)]
        await work.run_many(sa.insert(outbox_questions), shown)
        sent = {"state": "sent", "message_id": messages.c.id + 1_000_000, "sent_at": work.now}
        await work.run(sa.update(messages).where(messages.c.id > before).values(**sent))
    return question, set(range(before + 1, before + 1 + len(told)))


def message(reader: PersonRow, question_id: int | None, about: str) -> outbox.OutboxMessage:
    return outbox.OutboxMessage(
        channel="telegram",
        address=reader.address or "",
        person_id=reader.id,
        lane=outbox.Lane.NOTICE,
        kind="text",
        content={"html": "…", "buttons": []},
        question_id=question_id,
        about=about,
    )


async def test_hiding_takes_as_many_statements_for_many_followers_as_for_few(
    offices: Offices, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = offices.house.database
    taken = []
    for how_many in (FEW, MANY):
        question, told = await followed(offices, how_many)
        with counted(database, monkeypatch) as said:
            async with database.work() as work:
                found = await questions.by_id(work, question.id)
                assert found is not None
                await secrecy.hide(work, found)
        taken.append(len(said))
        async with database.work() as work:
            edits = messages.c.kind == outbox.EDIT, messages.c.state == "queued"
            changed = await work.all(sa.select(messages.c.edit_of, messages.c.content).where(*edits))
            # no messenger knows what they change
            await work.run(sa.update(messages).where(*edits).values(state="dropped"))
        assert {row.edit_of for row in changed} >= told
        assert not any("…" in row.content["html"] for row in changed)
    assert taken[1] - taken[0] <= MOST, taken


async def test_publishing_takes_as_many_statements_for_many_followers_as_for_few(
    offices: Offices, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = offices.house.database
    taken = []
    for how_many in (FEW, MANY):
        question, _ = await followed(offices, how_many)
        with counted(database, monkeypatch) as said:
            async with database.work() as work:
                editor = await actor_of(work, await offices.editor.row())
                await publication.publish(work, editor, question.id, anonymised=True)
        taken.append(len(said))
    assert taken[1] - taken[0] <= MOST, taken
