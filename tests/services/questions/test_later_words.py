"""What an asker writes later may be a denunciation too; what an editor corrects may no longer be anonymous."""

from domain.questions.life import Secrecy
from services.ledger.ledger import as_json
from services.questions import agency_work, asker_decisions, cards, publication, screening
from storage.engine.database import Database
from storage.questions import questions
from tests.worlds.world import ANSWER, LAND, World, events, told

WORDS = "Tôi tố cáo ông chủ tịch xã nhận hối lộ 50 triệu đồng của dân làm sổ đỏ."


async def test_a_supplement_that_denounces_somebody_hides_the_question_and_stays_with_the_editors(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.waiting(work)
    async with database.work() as work:
        await agency_work.supply(work, world.asker, question.id, WORDS)
    async with database.reading() as work:
        row = await questions.by_id(work, question.id)
    assert row is not None
    assert row.secrecy == Secrecy.SUSPECTED
    assert (await events(database, question.id))[-2:] == ["supplied", "flagged"]
    assert all("hối lộ" not in html for html in await told(database, world.officer))
    assert f"{question.number:06d}" in (await told(database, world.editor))[-1]


async def test_reopening_with_a_denunciation_tells_the_agency_nothing(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.answered(work)
    async with database.work() as work:
        await asker_decisions.reopen(work, world.asker, question.id, WORDS)
    assert (await events(database, question.id))[-2:] == ["reopened", "flagged"]
    assert all("hối lộ" not in html for html in await told(database, world.officer))


async def test_a_correction_of_what_was_published_without_consent_has_to_be_published_anew(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.answered(work)
        await publication.publish(work, world.editor, question.id, anonymised=True)
    async with database.work() as work:
        case = await world.corrected(work, question.id, "Gia đình bà Tư ở hẻm 3 …", "Sai ngày")
    assert case.question.published_at is None


async def test_a_correction_of_what_the_asker_agreed_to_publish_stays_public(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.answered(work)
        await asker_decisions.choose_publication(work, world.asker, question.id, agreed=True)
        await publication.publish(work, world.editor, question.id)
    async with database.work() as work:
        case = await world.corrected(work, question.id, ANSWER + " Xin lỗi.", "Thiếu lời xin lỗi")
        text = await publication.published_text(work, case.question)
    assert text is not None
    assert text.answer.endswith("Xin lỗi.")


async def test_who_asked_the_same_as_a_denunciation_is_as_secret_as_it_is(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.accepted(work)
        duplicate = await world.duplicate(work, question)
    async with database.work() as work:
        await screening.flag(work, world.officer, question.id)
    async with database.reading() as work:
        row = await questions.by_id(work, duplicate.id)
        assert row is not None
        assert (await as_json(work, row))["text"] is None
        card, _ = await cards.card(work, world.admin, row)
    assert LAND not in str(card)
    async with database.work() as work:
        await screening.clear(work, world.editor, question.id)
    async with database.reading() as work:
        row = await questions.by_id(work, duplicate.id)
    assert row is not None
    assert row.secrecy == Secrecy.CLEARED
