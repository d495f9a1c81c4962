"""What may be a denunciation or complaint: hidden at once, and its asker is asked what was meant."""

import pytest

from domain.errors import Reason, RuleViolation
from domain.questions.life import Secrecy
from services.questions import asker_decisions, cards, screening
from services.questions.case import screened
from storage.engine.database import Database
from storage.questions import history, questions
from storage.rows import QuestionRow
from tests.worlds.world import World, person, told

DOUBTFUL = "Tiền quỹ ấp năm nay thu mỗi hộ 300 ngàn, bà con hỏi dùng vô việc gì mà không thấy công khai"
SURE = "Tôi tố cáo ông chủ tịch xã nhận hối lộ 50 triệu đồng của dân làm sổ đỏ."


async def asked(database: Database, world: World) -> QuestionRow:
    async with database.work() as work:
        assert screened(work, DOUBTFUL).doubt, "a text that the machine is not sure of"
        return await world.received(work, DOUBTFUL)


async def stands(database: Database, question: QuestionRow) -> QuestionRow:
    async with database.reading() as work:
        row = await questions.by_id(work, question.id)
    assert row is not None
    return row


async def test_nobody_but_editors_reads_it_until_the_asker_has_said(database: Database, world: World) -> None:
    question = await asked(database, world)
    assert question.secrecy == Secrecy.SUSPECTED
    assert "chưa chuyển cho ai" in (await told(database, world.asker))[-1]
    assert all("300 ngàn" not in html for html in await told(database, world.editor))
    assert all("300 ngàn" not in html for html in await told(database, world.admin))


async def test_just_asking_makes_it_a_question_like_any_other(database: Database, world: World) -> None:
    question = await asked(database, world)
    async with database.work() as work:
        await asker_decisions.say_meant(work, world.asker, question.id, question=True)
    assert (await stands(database, question)).secrecy == Secrecy.NONE
    async with database.work() as work:
        card, _ = await cards.card(work, world.admin, await stands(database, question))
        assert "300 ngàn" in str(card)
        await screening.assign(work, world.editor, question.id, world.lead)
    async with database.reading() as work:
        events = [row.event for row in await history.of_question(work, question.id)]
    assert events[:3] == ["received", "flagged", "meant"]


async def test_a_denunciation_meant_stays_hidden_and_the_asker_reads_where_to_go(
    database: Database, world: World
) -> None:
    question = await asked(database, world)
    async with database.work() as work:
        await asker_decisions.say_meant(work, world.asker, question.id, question=False)
    assert (await stands(database, question)).secrecy == Secrecy.SUSPECTED
    assert "Thanh tra" in (await told(database, world.asker))[-1]
    with pytest.raises(RuleViolation):
        async with database.work() as work:
            await screening.assign(work, world.admin, question.id, world.lead)


@pytest.mark.parametrize("first", [True, False])
async def test_it_is_said_once(database: Database, world: World, first: bool) -> None:
    question = await asked(database, world)
    async with database.work() as work:
        await asker_decisions.say_meant(work, world.asker, question.id, question=first)
    with pytest.raises(RuleViolation) as refused:
        async with database.work() as work:
            await asker_decisions.say_meant(work, world.asker, question.id, question=True)
    assert refused.value.reason is Reason.ALREADY_DONE


async def test_who_is_sure_to_denounce_is_not_asked_and_cannot_say_otherwise(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.received(work, SURE)
    assert "chưa chuyển cho ai" not in (await told(database, world.asker))[-1]
    with pytest.raises(RuleViolation) as refused:
        async with database.work() as work:
            await asker_decisions.say_meant(work, world.asker, question.id, question=True)
    assert refused.value.reason is Reason.ALREADY_DONE
    assert (await stands(database, question)).secrecy == Secrecy.SUSPECTED


async def test_after_an_editor_has_looked_the_button_is_too_late(database: Database, world: World) -> None:
    question = await asked(database, world)
    async with database.work() as work:
        await screening.clear(work, world.editor, question.id)
    with pytest.raises(RuleViolation):
        async with database.work() as work:
            await asker_decisions.say_meant(work, world.asker, question.id, question=False)
    assert (await stands(database, question)).secrecy == Secrecy.CLEARED


async def test_nobody_says_it_for_another(database: Database, world: World) -> None:
    question = await asked(database, world)
    async with database.work() as work:
        stranger = await person(work, "Tám")
    for who in (stranger, world.officer, world.editor, world.admin):
        with pytest.raises(RuleViolation):
            async with database.work() as work:
                await asker_decisions.say_meant(work, who, question.id, question=True)
    assert (await stands(database, question)).secrecy == Secrecy.SUSPECTED


async def test_what_an_officer_flags_later_cannot_be_unsaid_by_the_asker(
    database: Database, world: World
) -> None:
    question = await asked(database, world)
    async with database.work() as work:
        await asker_decisions.say_meant(work, world.asker, question.id, question=True)
    async with database.work() as work:
        await screening.flag(work, world.editor, question.id)
    with pytest.raises(RuleViolation):
        async with database.work() as work:
            await asker_decisions.say_meant(work, world.asker, question.id, question=True)
