"""Editors reopen what was refused or merged: in time, and everybody who asked is told."""

from datetime import timedelta

import pytest

from domain.errors import Reason, RuleViolation
from domain.questions.life import RefusalCode
from messages.buttons import Act, Button
from services.questions import answers, cards, screening
from storage.engine.database import Database, Work
from storage.questions import history, questions
from storage.rows import QuestionRow
from tests.conftest import SetClock
from tests.worlds.world import World, told


async def refused(work: Work, world: World) -> QuestionRow:
    question = await world.assigned(work)
    return (await screening.refuse(work, world.editor, question.id, RefusalCode.UNCLEAR)).question


async def offered(work: Work, world: World, question: QuestionRow) -> bool:
    _, buttons = await cards.card(work, world.editor, question)
    return any(isinstance(one, Button) and one.act is Act.REOPEN_ENDED for row in buttons for one in row)


async def test_a_refused_question_is_screened_once_more_and_its_asker_told(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await refused(work, world)
        assert await offered(work, world, question)
        case = await screening.reopen(work, world.admin, question.id)
    async with database.reading() as work:
        now = await questions.by_id(work, question.id)
        assert now is not None
        assert (now.status, now.lead_agency_id, now.due_at) == ("received", None, None)
        assert now.assign_due_at > work.now
        assert [row.event for row in await history.of_question(work, question.id)][-1] == "reconsidered"
        assert not await offered(work, world, now)
    assert "xem xét lại" in (await told(database, world.asker))[-1]
    async with database.work() as work:
        await screening.assign(work, world.editor, case.question.id, world.lead)


async def test_a_merged_question_stands_alone_again(database: Database, world: World) -> None:
    async with database.work() as work:
        original = await world.answered(work)
        duplicate = await world.duplicate(work, original)
        await screening.reopen(work, world.editor, duplicate.id)
    async with database.reading() as work:
        now = await questions.by_id(work, duplicate.id)
        assert now is not None
        assert (now.status, now.duplicate_of_id) == ("received", None)
        last = (await history.of_question(work, duplicate.id))[-1]
        assert (last.event, last.details["original"][:3]) == ("revived", "DH-")
        assert [row.id for _, row in await answers.askers(work, original)] == [original.id]
    assert "tách khỏi" in (await told(database, world.follower))[-1]


async def test_after_the_days_to_reopen_it_is_refused_and_no_longer_offered(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await refused(work, world)
    clock.at += timedelta(days=15)
    async with database.reading() as work:
        assert await offered(work, world, question)
    clock.move(seconds=1)
    async with database.reading() as work:
        assert not await offered(work, world, question)
    with pytest.raises(RuleViolation) as caught:
        async with database.work() as work:
            await screening.reopen(work, world.editor, question.id)
    assert caught.value.reason is Reason.REOPEN_TOO_LATE


async def test_a_confirmed_denunciation_stays_refused(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.received(work)
        await screening.refuse(work, world.editor, question.id, RefusalCode.DENUNCIATION)
    with pytest.raises(RuleViolation):
        async with database.work() as work:
            await screening.reopen(work, world.editor, question.id)
