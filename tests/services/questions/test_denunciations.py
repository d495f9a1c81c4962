"""A suspected denunciation: nobody but editors reads it, from the moment somebody suspects it."""

import pytest

from domain.errors import Reason, RuleViolation
from domain.questions.life import RefusalCode, Secrecy, Status
from services.questions import agency_work, cards, screening
from storage.delivery.outbox import to_send
from storage.engine.database import Database
from tests.worlds.world import ANSWER, World, status, told

DENUNCIATION = "Tôi tố cáo ông chủ tịch xã nhận hối lộ 50 triệu đồng của dân làm sổ đỏ."


async def test_a_denunciation_reaches_editors_without_its_words_and_admins_not_at_all(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.received(work, DENUNCIATION)
    assert question.secrecy == Secrecy.SUSPECTED
    notice = (await told(database, world.editor))[-1]
    assert f"{question.number:06d}" in notice
    assert "hối lộ" not in notice
    assert all("hối lộ" not in html for html in await told(database, world.admin))
    async with database.work() as work:
        for actor, words in ((world.editor, True), (world.admin, False)):
            card, _ = await cards.card(work, actor, question)
            assert ("hối lộ" in str(card)) is words
        with pytest.raises(RuleViolation) as refused:
            await screening.assign(work, world.admin, question.id, world.lead)
    assert refused.value.reason is Reason.HIDDEN


async def test_what_an_officer_flags_is_hidden_until_an_editor_has_looked_and_then_goes_on(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.accepted(work)
    async with database.work() as work:
        await screening.flag(work, world.officer, question.id)
    with pytest.raises(RuleViolation) as refused:
        async with database.work() as work:
            await agency_work.submit(work, world.officer, question.id, ANSWER)
    assert refused.value.reason is Reason.HIDDEN
    # Nobody at the agencies has its words before them any more, nor gets them later.
    for reader in (world.officer, world.coordinator):
        html = await told(database, reader)
        assert "sổ đỏ" not in html[-1]
    async with database.work() as work:
        case = await screening.clear(work, world.editor, question.id)
    assert (case.question.status, case.question.secrecy) == ("accepted", "cleared")
    assert "sổ đỏ" in (await told(database, world.officer))[-1]
    async with database.work() as work:
        await agency_work.submit(work, world.officer, question.id, ANSWER)
    assert await status(database, question.id) == Status.IN_APPROVAL


async def test_a_card_not_yet_sent_is_dropped_when_its_question_is_hidden(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
        await screening.flag(work, world.editor, question.id)
    async with database.work() as work:
        waiting = [row for row in await to_send(work, "telegram", 1000) if row.person_id == world.officer.id]
    assert waiting
    assert all("sổ đỏ" not in row.content["html"] for row in waiting)


async def test_a_confirmed_denunciation_stays_hidden_for_good(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.received(work, DENUNCIATION)
        case = await screening.refuse(work, world.editor, question.id, RefusalCode.DENUNCIATION)
    assert case.question.secrecy == Secrecy.CONFIRMED
    with pytest.raises(RuleViolation):
        async with database.work() as work:
            await screening.clear(work, world.editor, question.id)


async def test_refusing_a_suspected_one_for_another_reason_says_that_it_is_none(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.received(work, DENUNCIATION)
        case = await screening.refuse(work, world.editor, question.id, RefusalCode.UNCLEAR)
    assert case.question.secrecy == Secrecy.CLEARED
