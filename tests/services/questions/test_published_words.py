"""What stands published is found by its words, whoever typed them and however; what is hidden never is."""

import pytest
import sqlalchemy as sa

from domain.privacy.consent import Consent
from domain.questions.life import Secrecy
from services.questions import asker_decisions, publication, tracking
from services.questions.publication import PublicText
from storage.engine.database import Database, Work
from storage.people import consents
from storage.questions import published, questions
from storage.tables import published_words
from tests.worlds.world import World

ASKED = PublicText("Hồ sơ cấp sổ đỏ ở phường Rạch Giá", "Giấy chứng nhận có trước ngày 30/11.")


async def one_published(work: Work, said: PublicText | None = ASKED) -> tuple[World, int]:
    world = await World.build(work)
    question = await world.answered(work)
    await consents.give(work, world.asker.id, Consent.PUBLICATION, "2026-11", question.id)
    await publication.publish(work, world.editor, question.id, said)
    return world, question.id


async def found(database: Database, typed: str) -> list[str]:
    async with database.reading() as work:
        notice, _ = await tracking.published(work, typed)
    return [one.code for one in notice.answers]


async def indexed(database: Database) -> int:
    async with database.reading() as work:
        return int(await work.value(sa.select(sa.func.count()).select_from(published_words)))


@pytest.mark.parametrize("typed", ["", "sổ đỏ", "SO DO", "rach gia giay chung nhan", "30/11", "đỏ, sổ!"])
async def test_it_is_found_by_all_of_its_words_without_marks_and_in_any_order(
    database: Database, typed: str
) -> None:
    async with database.work() as work:
        await one_published(work)
    assert await found(database, typed) == ["DH-2026-000001"]


@pytest.mark.parametrize("typed", ["sổ hồng", "xe buýt", "%", "_", "'; DROP TABLE questions", "so" * 50])
async def test_a_word_that_it_does_not_hold_finds_nothing(database: Database, typed: str) -> None:
    async with database.work() as work:
        await one_published(work)
    assert await found(database, typed) == []


async def test_common_words_are_looked_for_among_the_newest(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "COMMON", 0)
    async with database.work() as work:
        await one_published(work)
    assert await found(database, "sổ đỏ") == ["DH-2026-000001"]
    assert await found(database, "sổ hồng") == []


async def test_a_corrected_answer_is_found_by_its_new_words_only(database: Database) -> None:
    async with database.work() as work:
        world, question_id = await one_published(work, said=None)
        await world.corrected(work, question_id, "Giấy có trong tháng 12.", "Nhầm ngày.")
    assert await found(database, "tháng 12") == ["DH-2026-000001"]
    assert await found(database, "chứng nhận") == []


async def test_what_an_editor_worded_is_found_no_more_once_the_answer_is_corrected(
    database: Database,
) -> None:
    async with database.work() as work:
        world, question_id = await one_published(work)
        await world.corrected(work, question_id, "Giấy có trong tháng 12.", "Nhầm ngày.")
    assert await found(database, "rạch giá") == []
    assert await indexed(database) == 0


async def test_who_takes_the_consent_back_takes_the_words_out_of_the_index(database: Database) -> None:
    async with database.work() as work:
        world, question_id = await one_published(work)
        await asker_decisions.choose_publication(work, world.asker, question_id, agreed=False)
    assert await indexed(database) == 0


async def test_a_hidden_question_has_no_word_in_the_index_and_has_them_again_once_cleared(
    database: Database,
) -> None:
    async with database.work() as work:
        _, question_id = await one_published(work)
    words = await indexed(database)
    assert words > 10
    for secrecy, expected in ((Secrecy.SUSPECTED, 0), (Secrecy.CLEARED, words), (Secrecy.CONFIRMED, 0)):
        async with database.work() as work:
            question = await questions.by_id(work, question_id)
            assert question is not None
            await questions.move(work, question, secrecy=secrecy)
        assert await indexed(database) == expected
        assert len(await found(database, "sổ đỏ")) == bool(expected)
