"""Whoever fills a chat with lists, or asks what very many asked, makes no transaction grow with the square of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from services.questions import secrecy
from storage.delivery import outbox
from storage.engine.database import Database, Work
from storage.people import people
from storage.questions import questions
from storage.tables import outbox as messages_table
from storage.tables import outbox_questions
from storage.tables import people as people_table
from storage.tables import questions as questions_table
from tests.worlds.chat import House
from tests.worlds.offices import Offices

FEW, MANY = 10, 60
MOST = 9  # times the rows of a sixth as many: 6 where it grows with how many there are, 36 with the square


@pytest.fixture
def house(database: Database, application: Any) -> House:
    return House(database, application)


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many rows were read by each query."""
    read: list[int] = []
    original = Work.all

    async def counting(work: Work, *given: Any, **more: Any) -> list[Any]:
        found = await original(work, *given, **more)
        read.append(len(found))
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Work, "all", counting)
        yield read


async def lists(house: House, offices: Offices, question_id: int, how_many: int) -> None:
    """So many lists in the citizen's chat, long since there, which show a question."""
    person = await offices.citizen.row()
    content = {"html": "…", "buttons": []}
    async with house.database.work() as work:
        for _ in range(how_many):
            message = outbox.OutboxMessage(
                channel="telegram", address=person.address or "", person_id=person.id,
                lane=outbox.Lane.REPLY, kind="text", content=content, about=outbox.LIST,
            )  # fmt: skip
            await outbox.put_many(work, [message])
            row_id = await work.value(sa.select(sa.func.max(messages_table.c.id)))
            told = {"state": "sent", "message_id": str(50_000 + row_id), "sent_at": work.now}
            await work.run(sa.update(messages_table).where(messages_table.c.id == row_id).values(**told))
            pair = {"question_id": question_id, "outbox_id": row_id}
            await work.run(sa.insert(outbox_questions).values(**pair))


async def test_a_question_in_many_lists_of_one_chat_is_hidden_without_reading_the_chat_for_each(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger asks `/hoidap` all day; then somebody denounces in a rating."""
    offices = await Offices.open(house)
    read = []
    for how_many in (FEW, MANY):
        question = await offices.question(await offices.answered())
        await lists(house, offices, question.id, how_many)
        with counted(monkeypatch) as rows:
            async with house.database.work() as work:
                found = await questions.by_id(work, question.id)
                assert found is not None
                await secrecy.hide(work, found)
        read.append(sum(rows))
        async with house.database.work() as work:  # no messenger knows those lists
            edits = sa.update(messages_table).where(messages_table.c.kind == outbox.EDIT)
            await work.run(edits.values(state="dropped"))
    assert read[1] < MOST * read[0], read


async def test_who_was_asked_after_by_very_many_is_erased_without_reading_them_all_for_each_message(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    offices = await Offices.open(house)
    read = []
    for how_many in (FEW, MANY):
        chat = offices.citizen = house.person("Mai")
        code = await offices.in_approval()
        question = await offices.question(code)
        async with house.database.work() as work:
            same = {
                name: getattr(question, name)
                for name in [one.name for one in questions_table.c]
                if name not in ("id", "number", "asker_id", "status", "duplicate_of_id")
            }
            for number in range(how_many):
                person = await people.seen(
                    work,
                    channel="telegram",
                    address=f"7{how_many:04}{number:04}",
                    display_name="N",
                    language="vi",
                )
                merged: dict[str, object] = {"number": question.number * 1000 + number, "asker_id": person.id}
                merged |= {"status": "merged", "duplicate_of_id": question.id}
                await work.run(sa.insert(questions_table).values(**same, **merged))
        await offices.leader.send(f"/duyet {code}")
        await offices.editor.send(f"/duyet {code}")
        await chat.send("/xoadulieu")
        with counted(monkeypatch) as rows:
            await chat.press("Xác nhận")
        read.append(sum(rows))
        async with house.database.reading() as work:
            gone = await work.one_or_none(
                sa.select(people_table.c.erased_at).where(people_table.c.id == question.asker_id)
            )
        assert gone is not None
        assert gone.erased_at is not None
    assert read[1] < MOST * read[0], read
