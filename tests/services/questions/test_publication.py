"""What strangers may read: the anonymised texts an editor published, with consent or with the editor's word."""

import pytest

from domain.errors import Reason, RuleViolation
from services.questions import agency_work, answers, asker_decisions, publication, screening, tracking
from services.questions.publication import PublicText
from storage.engine.database import Database
from tests.worlds.world import World, events, look, person, told

ASKED = "Tôi là Họ Tên asker ở 12 Lê Lợi, số 0901234567, bao giờ có sổ đỏ?"


async def test_what_is_proposed_names_neither_the_asker_nor_whoever_asked_the_same(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.answered(work)
        duplicate = await world.received(work, asker=world.follower)
        await screening.merge(work, world.editor, duplicate.id, question.id)
        _, text, agreed = await publication.proposal(work, world.editor, question.id)
        assert not agreed
        assert text.question.startswith("Tôi nộp hồ sơ")
        private = await world.received(work, ASKED)
        anonymous = await publication.anonymous(work, private, ASKED)
    assert all(known not in anonymous for known in ("Họ Tên asker", "Lê Lợi", "0901234567"))


async def test_without_consent_only_the_editors_word_publishes(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.answered(work)
    with pytest.raises(RuleViolation) as refused:
        async with database.work() as work:
            await publication.publish(work, world.editor, question.id)
    assert refused.value.reason is Reason.PUBLICATION_NOT_CONSENTED
    async with database.work() as work:
        await publication.publish(
            work, world.editor, question.id, PublicText("Khi nào có sổ?", "Cuối tháng."), anonymised=True
        )
        stranger = await person(work, "stranger")
        tracked, _ = await tracking.tracked(work, stranger, question.id)
    assert (tracked.text, tracked.answer) == ("Khi nào có sổ?", "Cuối tháng.")
    with pytest.raises(RuleViolation) as refused:
        async with database.work() as work:
            await publication.publish(work, world.editor, question.id, anonymised=True)
    assert refused.value.reason is Reason.ALREADY_PUBLISHED


async def test_a_stranger_reads_nothing_but_the_status_before_publication(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.answered(work)
        stranger = await person(work, "stranger")
        tracked, _ = await tracking.tracked(work, stranger, question.id)
    assert (tracked.status, tracked.text, tracked.answer, tracked.agency) == ("answered", None, None, None)


async def test_a_consent_taken_back_takes_the_publication_back(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.answered(work)
        await asker_decisions.choose_publication(work, world.asker, question.id, agreed=True)
        await publication.publish(work, world.editor, question.id)
    assert any("công khai" in html for html in await told(database, world.asker))
    async with database.work() as work:
        await asker_decisions.choose_publication(work, world.asker, question.id, agreed=False)
    assert (await look(database, question.id))[0].published_at is None
    assert (await events(database, question.id))[-2:] == ["published", "consented_to_publication"]


async def test_a_corrected_answer_is_what_strangers_read_from_then_on(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.answered(work)
        await asker_decisions.choose_publication(work, world.asker, question.id, agreed=True)
        await publication.publish(work, world.editor, question.id)
        await world.corrected(work, question.id, "Ông Họ Tên asker nhận sổ ngày 15/12.", "Ghi nhầm ngày.")
    async with database.reading() as work:
        text = await publication.published_text(work, (await look(database, question.id))[0])
    assert text is not None
    assert "15/12" in text.answer
    assert "asker" not in text.answer


async def test_a_new_answer_after_reopening_has_to_be_published_anew(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.answered(work)
        await publication.publish(work, world.editor, question.id, anonymised=True)
        await asker_decisions.reopen(work, world.asker, question.id, "Chưa rõ.")
        await agency_work.submit(work, world.officer, question.id, "Câu trả lời mới.")
        await answers.approve(work, world.leader, question.id)
        await answers.approve(work, world.editor, question.id)
    assert (await look(database, question.id))[0].published_at is None


async def test_an_asker_who_has_not_chosen_is_not_asked_again_after_reopening(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.answered(work)
        await asker_decisions.reopen(work, world.asker, question.id, "Chưa rõ.")
        await agency_work.submit(work, world.officer, question.id, "Câu trả lời mới.")
        await answers.approve(work, world.leader, question.id)
        await answers.approve(work, world.editor, question.id)
        await asker_decisions.choose_publication(work, world.asker, question.id, agreed=True)  # still there
    asked = [html for html in await told(database, world.asker) if "công khai</b> câu hỏi" in html]
    assert len(asked) == 1


async def test_a_consent_is_withdrawn_while_the_question_is_hidden_and_stays_withdrawn(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.answered(work)
        await asker_decisions.choose_publication(work, world.asker, question.id, agreed=True)
        await screening.flag(work, world.officer, question.id)
    async with database.work() as work:
        await asker_decisions.withdraw_publication(work, world.asker, question.id)
        await screening.clear(work, world.editor, question.id)
    with pytest.raises(RuleViolation) as refused:
        async with database.work() as work:
            await publication.publish(work, world.editor, question.id)
    assert refused.value.reason is Reason.PUBLICATION_NOT_CONSENTED


async def test_nobody_withdraws_the_consent_of_another(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.answered(work)
        await asker_decisions.choose_publication(work, world.asker, question.id, agreed=True)
    for other in (world.follower, world.officer, world.editor):
        with pytest.raises(RuleViolation) as refused:
            async with database.work() as work:
                await asker_decisions.withdraw_publication(work, other, question.id)
        assert refused.value.reason is Reason.UNKNOWN_CODE
