"""Corrections of answers as the services have them: files, who asked the same, letters, what overtakes them."""

import pytest
import sqlalchemy as sa

from domain.errors import Reason, RuleViolation
from domain.questions.life import Intake
from services.corrections import corrections
from services.people.actors import Actor
from services.privacy import erasing
from services.questions import agency_work, answers, intake, screening
from storage.delivery import files
from storage.engine.database import Database, Work
from storage.questions import answer_drafts, questions
from storage.rows import QuestionRow
from storage.tables import outbox
from tests.worlds.world import ANSWER, World, events, look, person, told

NEW = "Trước ngày 15/12/2026."


async def sent_files(database: Database, actor: Actor) -> list[str]:
    """The files queued for somebody, oldest first."""
    async with database.reading() as work:
        rows = await work.all(
            sa.select(outbox)
            .where(outbox.c.person_id == actor.id, outbox.c.kind == "file")
            .order_by(outbox.c.id)
        )
    return [row.content["remote_id"] for row in rows]


async def upload(work: Work, world: World, remote_id: str) -> int:
    return await files.add(work, person_id=world.officer.id, kind="document", remote_id=remote_id)


async def answered_with(work: Work, world: World, remote_id: str) -> QuestionRow:
    question = await world.assigned(work)
    await agency_work.submit(
        work,
        world.officer,
        question.id,
        ANSWER,
        [await upload(work, world, remote_id)],
        official_letter="5/NN",
    )
    await answers.approve(work, world.leader, question.id)
    return (await answers.approve(work, world.editor, question.id)).question


async def approved(work: Work, world: World, question_id: int) -> None:
    await answers.approve(work, world.leader, question_id)
    await answers.approve(work, world.editor, question_id)


async def refused(database: Database, attempt: object) -> Reason:
    with pytest.raises(RuleViolation) as violation:
        async with database.work() as work:
            await attempt(work)  # type: ignore[operator]
    return violation.value.reason


async def test_the_answer_keeps_its_files_while_a_correction_waits_and_the_correction_has_them_too(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await answered_with(work, world, "letter")
        before = await answer_drafts.sent(work, question)
        await corrections.propose(work, world.officer, question.id, NEW, "Nhầm.")
        waiting = await answer_drafts.open_of(work, question.id)
        assert waiting is not None
        of = [
            [one.remote_id for one in await files.of_entry(work, row.entry_id)] for row in (before, waiting)
        ]
        assert of == [["letter"], ["letter"]]
        assert waiting.official_letter == "5/NN"
        await approved(work, world, question.id)
    assert await sent_files(database, world.asker) == ["letter"]
    last = (await told(database, world.asker))[-1]
    assert "5/NN" in last
    assert "(mới)" not in last


async def test_files_that_a_correction_adds_wait_for_a_look_before_others_get_them(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await answered_with(work, world, "letter")
        await world.duplicate(work, question)
        await answers.pass_on_files(work, world.editor, question.id)
    database.clock.move(hours=1)  # type: ignore[attr-defined]
    async with database.work() as work:
        answer = await answer_drafts.sent(work, (await look(database, question.id))[0])
        kept = [one.id for one in await files.of_entry(work, answer.entry_id)]
        await corrections.propose(
            work,
            world.officer,
            question.id,
            NEW,
            "Thiếu sơ đồ.",
            file_ids=[*kept, await upload(work, world, "map")],
        )
        await approved(work, world, question.id)
    assert (await sent_files(database, world.asker))[-1] == "map"
    assert "map" not in await sent_files(database, world.follower)
    assert "Tệp mới chưa gửi" in (await told(database, world.follower))[-1]
    async with database.work() as work:
        await answers.pass_on_files(work, world.editor, question.id)
    assert "map" in await sent_files(database, world.follower)


async def test_a_file_that_is_left_out_is_named_to_the_askers(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await answered_with(work, world, "letter")
        await corrections.propose(work, world.officer, question.id, ANSWER, "Gửi nhầm tệp.", file_ids=[])
        await approved(work, world, question.id)
    assert "Tệp không còn giá trị" in (await told(database, world.asker))[-1]


async def test_what_was_corrected_meanwhile_is_looked_at_anew(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.answered(work)
        read = question.answer_id
        await world.corrected(work, question.id, NEW)
    again = lambda work: corrections.propose(  # noqa: E731
        work, world.officer, question.id, f"{ANSWER} Xin lỗi.", "Thiếu.", corrects=read
    )
    assert await refused(database, again) is Reason.CORRECTED_MEANWHILE
    assert (await events(database, question.id)).count("corrected") == 1


async def test_without_a_reason_or_a_change_nothing_is_proposed(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.answered(work)
    for text, why, reason in (
        (NEW, " ", Reason.REASON_MISSING),
        (f" {ANSWER}\n", "Nhầm.", Reason.NOTHING_CORRECTED),
        ("đ" * 20_001, "Nhầm.", Reason.TOO_LONG),
        (" ", "Nhầm.", Reason.TEXT_MISSING),
    ):
        attempt = lambda work, text=text, why=why: corrections.propose(  # noqa: E731
            work, world.officer, question.id, text, why
        )
        assert await refused(database, attempt) is reason


async def test_an_asker_without_a_messenger_gets_the_correction_by_hand(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await intake.enter_by_hand(
            work,
            world.editor,
            Intake.PHONE,
            "Khi nào có sổ đỏ?",
            full_name="Lê Văn Tư",
            home_address="Hòn Đất",
            contact="0912345678",
        )
        await screening.assign(work, world.editor, question.id, world.lead)
        await agency_work.submit(work, world.officer, question.id, ANSWER)
        await approved(work, world, question.id)
        await answers.record_delivery(work, world.editor, question.id)
        await world.corrected(work, question.id, NEW)
    needed = [one for one in await told(database, world.editor) if "Cần chuyển câu trả lời" in one]
    assert len(needed) == 2
    async with database.work() as work:
        await answers.record_delivery(work, world.editor, question.id)


async def test_the_correction_of_who_was_erased_reaches_the_others(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.answered(work)
        other = await person(work, "late")
        await world.duplicate(work, question, other)
        await corrections.propose(work, world.officer, question.id, f"Gửi Họ Tên asker. {NEW}", "Nhầm.")
        await erasing.erase_oneself(work, world.asker, 1)
        await approved(work, world, question.id)
        now = await questions.by_id(work, question.id)
        assert now is not None
        answer = await answer_drafts.sent(work, now)
    assert "asker" not in (answer.text or "")
    assert NEW in (await told(database, other))[-1]
