"""Telling many people at once takes hardly more statements than telling one."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa

from domain.privacy.consent import Consent
from domain.questions.history import EntryKind
from domain.questions.life import Role
from services.people.actors import Actor
from services.questions import agency_work, answers, cards, intake, screening
from storage.engine.database import Database, Work
from storage.people import consents, people
from storage.questions import entries, questions
from storage.rows import QuestionRow
from storage.tables import metadata
from tests.worlds.statements import counted
from tests.worlds.world import ANSWER, LAND, World, staff, told


async def more_editors(work: Work, how_many: int) -> list[Actor]:
    return [await staff(work, f"editor {number}", Role.EDITOR) for number in range(how_many)]


Statements = Callable[[Callable[[Work], Awaitable[Any]]], Awaitable[list[str]]]


@pytest.fixture
def statements(database: Database, monkeypatch: pytest.MonkeyPatch) -> Statements:
    """What a transaction of its own asks of the database, but its beginning; it is undone."""

    async def executed(do: Callable[[Work], Awaitable[Any]]) -> list[str]:
        found: list[str] = []
        with suppress(Undo):
            async with database.work() as work:
                with counted(database, monkeypatch) as said:
                    await do(work)
                    await work.finish()
                found = said
                raise Undo
        return found

    return executed


class Undo(Exception):
    """As if it had not happened."""


# Suggestions for an editor's card read agencies, their names, fields and successors: five of them.
@pytest.mark.parametrize(("editors", "at_most"), [(1, 25), (5, 30)])
async def test_receiving_a_question(
    database: Database, statements: Statements, world: World, editors: int, at_most: int
) -> None:
    async with database.work() as work:
        await more_editors(work, editors - 1)
    said = await statements(lambda work: intake.receive(work, world.asker, LAND))
    assert len(said) <= at_most, "\n".join(said)
    fields = await statements(lambda work: intake.receive(work, world.asker, LAND, field_code="dat-dai"))
    assert len(fields) <= at_most + 4, "\n".join(fields)


# With the cards of everybody who had one brought up to date.
@pytest.mark.parametrize(("editors", "at_most"), [(1, 46), (5, 46)])
async def test_a_leaders_approval(
    database: Database, statements: Statements, world: World, editors: int, at_most: int
) -> None:
    async with database.work() as work:
        await more_editors(work, editors - 1)
        question = await world.in_approval(work)
    said = await statements(lambda work: answers.approve(work, world.leader, question.id))
    assert len(said) <= at_most, "\n".join(said)


async def test_every_further_reader_of_a_change_costs_no_statement(
    database: Database, statements: Statements, world: World
) -> None:
    async with database.work() as work:
        new, returned = await world.received(work), await world.assigned(work)
        waiting, ready = await world.assigned(work), await world.in_approval(work)
    async with database.work() as work:
        await screening.flag(work, world.editor, waiting.id)

    def acts() -> list[Callable[[Work], Awaitable[Any]]]:
        return [
            lambda work: intake.receive(work, world.asker, LAND),
            lambda work: screening.assign(work, world.editor, new.id, world.lead, (world.coordinating,)),
            lambda work: screening.clear(work, world.editor, waiting.id),
            lambda work: agency_work.submit(work, world.officer, returned.id, ANSWER),
            lambda work: answers.approve(work, world.leader, ready.id),
        ]

    before = [len(await statements(act)) for act in acts()]
    async with database.work() as work:
        await more_editors(work, 4)
        for number in range(4):
            await staff(work, f"officer {number}", Role.OFFICER, "SNNMT")
            await staff(work, f"leader {number}", Role.LEADER, "SNNMT")
    more = [len(await statements(act)) - few for act, few in zip(acts(), before, strict=True)]
    assert more == [0] * 5


async def test_one_card_opened_costs_no_more_than_its_facts(
    database: Database, statements: Statements, world: World
) -> None:
    async with database.work() as work:
        question = await world.with_the_editors(work)

    async def twice(work: Work) -> None:
        for reader in (world.editor, world.officer, world.leader, world.coordinator):
            await cards.card(work, reader, question)

    assert len(await statements(lambda work: cards.card(work, world.editor, question))) <= 15
    assert len(await statements(twice)) <= 15


async def changed(work: Work, world: World, question: QuestionRow) -> list[str]:
    """What the editor's card says of its agency and its thread."""
    row = await questions.by_id(work, question.id)
    assert row is not None
    notice: Any = (await cards.card(work, world.editor, row))[0]
    return [notice.status, notice.lead, *(entry.kind for entry in notice.thread)]


async def test_what_changes_a_question_is_seen_by_whoever_reads_it_next_in_the_same_transaction(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.received(work)
        assert await changed(work, world, question) == ["received", None]
        await screening.assign(work, world.editor, question.id, world.lead, (world.coordinating,))
        assert await changed(work, world, question) == ["assigned", world.lead.name]
        await agency_work.contribute(work, world.coordinator, question.id, "Góp ý")
        assert await changed(work, world, question) == ["assigned", world.lead.name, "contribution"]


async def test_whatever_is_written_without_a_lock_is_seen_too(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.accepted(work)
    async with database.work() as work:
        before = await changed(work, world, question)
        await entries.write(
            work, question.id, EntryKind.CONTRIBUTION, "Góp ý", author_id=world.coordinator.id
        )
        assert await changed(work, world, question) == [*before, "contribution"]
        card: Any = (await cards.card(work, world.officer, question))[0]
        assert card.asker_contact is None
        await consents.give(work, world.asker.id, Consent.CONTACT, "2026-11")
        card = (await cards.card(work, world.officer, question))[0]
        assert card.asker_contact == "0901234567"


async def test_what_was_read_is_kept_only_where_messages_are_written(database: Database) -> None:
    keeping = set()
    async with database.work() as work:
        for table in metadata.sorted_tables:
            work.fresh["what"] = "read"
            nothing = sa.select(table).where(sa.false())
            await work.run(sa.insert(table).from_select(list(table.c), nothing))
            keeping |= {table.name} if work.fresh else set()
        work.fresh["what"] = "read"
        await work.run(sa.text("UPDATE questions SET organisation = NULL WHERE id < 0"))
        assert not work.fresh
    assert keeping == {"outbox", "outbox_questions"}


async def test_what_is_undone_is_forgotten(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
    async with database.work() as work:
        with suppress(Undo):
            async with work.savepoint():
                await agency_work.contribute(work, world.coordinator, question.id, "Góp ý")
                assert await changed(work, world, question) == ["assigned", world.lead.name, "contribution"]
                raise Undo
        assert await changed(work, world, question) == ["assigned", world.lead.name]


async def test_another_update_of_the_same_transaction_reads_anew(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
        await cards.card(work, world.editor, question)
        assert work.fresh
        async with work.savepoint():
            assert not work.fresh


async def test_a_lock_forgets_what_was_read_before_it(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
    async with database.work() as work:
        await cards.card(work, world.editor, question)
        assert work.fresh
        await questions.by_id(work, question.id, lock=True)
        assert not work.fresh
        await cards.card(work, world.editor, question)
        await questions.by_code(work, question.year, question.number, lock=True)
        assert not work.fresh


async def test_who_has_no_address_any_more_is_left_out_and_the_others_are_told(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        (gone,) = await more_editors(work, 1)
        await people.update(work, gone.id, address=None)
        await world.received(work)
    assert await told(database, gone) == []
    assert "sổ đỏ" in (await told(database, world.editor))[-1]
