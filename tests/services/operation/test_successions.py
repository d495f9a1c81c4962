"""Agencies that end with questions open: named before, handed to the one successor, or refused."""

import pytest
import sqlalchemy as sa

from domain.errors import Reason
from domain.questions.life import RefusalCode, Role
from services.operation.loading.agencies import AgenciesLoaded, change_agencies
from services.operation.loading.lines import BadFile
from services.questions import agency_work, answers, asker_decisions, screening
from storage.engine.database import Database
from storage.questions import answer_drafts, history, questions
from storage.rows import QuestionRow
from storage.tables import agencies as agencies_table
from tests.conftest import SetClock
from tests.worlds.world import ANSWER, World, agency_of, events, look, person, staff, status, told

HEADER = "code,name,short_name,level,fields,aliases,predecessors,valid_to,successors\n"
ENDS = "SNNMT,Sở Nông nghiệp và Môi trường,Sở NN&MT,province,,,,{on},{heirs}\n"


async def load(database: Database, heirs: str, on: str = "2026-11-01", more: str = "") -> AgenciesLoaded:
    async with database.work() as work:
        return await change_agencies(work, HEADER + ENDS.format(on=on, heirs=heirs) + more)


async def agencies_on(database: Database, question: QuestionRow) -> list[tuple[str, str]]:
    async with database.reading() as work:
        return [(row.code, row.part) for row in await questions.assigned(work, question.id)]


async def test_open_questions_go_on_with_the_one_successor_as_they_stand(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        drafted = await world.in_approval(work)
        waiting = await world.waiting(work)
        new = await staff(work, "new officer", Role.OFFICER, "SCT")
        leader = await staff(work, "new leader", Role.LEADER, "SCT")
    before = (await look(database, waiting.id))[0]
    loaded = await load(database, "SCT")
    assert [one.id for one in loaded.handed_over[0].questions] == [drafted.id, waiting.id]
    assert loaded.notes == []
    for question in (drafted, waiting):
        assert await agencies_on(database, question) == [("SCT", "lead"), ("SXD", "coordinating")]
        assert (await events(database, question.id))[-1] == "reassigned"
    after = (await look(database, waiting.id))[0]
    assert (after.status, after.due_at, after.remaining_days) == (
        before.status,
        before.due_at,
        before.remaining_days,
    )
    said = (await told(database, world.asker))[-1]
    assert "Sở Công Thương" in said
    assert "thay cho Sở Nông nghiệp và Môi trường" in said
    assert "sổ đỏ" in (await told(database, new))[-1]
    assert "sổ đỏ" not in (await told(database, world.officer))[-1]
    async with database.work() as work:  # the draft is there, and the new leader approves it
        assert await answer_drafts.open_of(work, drafted.id) is not None
        await answers.approve(work, leader, drafted.id)
        await answers.approve(work, world.editor, drafted.id)
        await agency_work.supply(work, world.asker, waiting.id, "Số 15.")
        await agency_work.submit(work, new, waiting.id, ANSWER)
    assert await status(database, drafted.id) == "answered"
    assert await status(database, waiting.id) == "in_approval"


async def test_the_history_says_who_ended_and_keeps_the_name_of_the_time(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.accepted(work)
    await load(database, "SCT")
    async with database.reading() as work:
        last = (await history.of_question(work, question.id))[-1]
    assert last.details["ended"] == "SNNMT"
    assert last.details["agency"] == "SCT"


@pytest.mark.parametrize(
    ("heirs", "said"), [("", "has no successor"), ("SCT|STC", "SCT, STC took its place")]
)
async def test_without_just_one_successor_the_file_is_refused_whole_and_the_questions_are_named(
    database: Database, world: World, heirs: str, said: str
) -> None:
    async with database.work() as work:
        question = await world.accepted(work)
    with pytest.raises(BadFile) as refused:
        await load(database, heirs)
    (problem,) = refused.value.problems
    assert problem == f"line 2: SNNMT ends with open questions (DH-2026-000001) and {said}"
    assert refused.value.advice == [Reason.ENDED_WITH_WORK]
    assert await agencies_on(database, question) == [("SNNMT", "lead"), ("SXD", "coordinating")]
    async with database.reading() as work:
        assert (await agency_of(work, "SNNMT")).valid_to is None


async def test_a_successor_that_ended_too_leads_on_to_its_own(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.accepted(work)
    await load(database, "SCT", more="SCT,Sở Công Thương,Sở CT,province,,,,2026-11-01,STC\n")
    assert (await agencies_on(database, question))[0] == ("STC", "lead")


async def test_a_coordinating_agency_that_ends_is_replaced_and_the_lead_is_not_there_twice(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.accepted(work)
        other = await world.received(work, asker=await person(work, "other"))
        await screening.assign(work, world.editor, other.id, world.other, (world.coordinating,))
    async with database.work() as work:
        await change_agencies(work, HEADER + "SXD,Sở Xây dựng,Sở Xây dựng,province,,,,2026-11-01,SNNMT\n")
    assert await agencies_on(database, question) == [("SNNMT", "lead")]
    assert await agencies_on(database, other) == [("SYT", "lead"), ("SNNMT", "coordinating")]


async def test_of_a_hidden_question_no_agency_hears(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.accepted(work)
        new = await staff(work, "new officer", Role.OFFICER, "SCT")
        await screening.flag(work, world.officer, question.id)
    heard = len(await told(database, new))
    await load(database, "SCT")
    assert (await agencies_on(database, question))[0] == ("SCT", "lead")
    assert len(await told(database, new)) == heard


async def test_one_that_ends_later_keeps_its_questions_and_the_operator_is_told_what_to_do_then(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await world.accepted(work)
    loaded = await load(database, "SCT", on="2026-11-05")
    assert loaded.handed_over == []
    assert loaded.notes == [
        "SNNMT has 1 open question: load the file again after 2026-11-05 to hand over what is open then"
    ]
    clock.move(days=7)
    loaded = await load(database, "SCT", on="2026-11-05")
    assert loaded.notes == ["messages reach no officer of SCT yet"]
    assert (await agencies_on(database, question))[0] == ("SCT", "lead")


async def test_what_is_done_stays_with_the_agency_that_did_it_but_is_reopened_with_its_heir(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        answered = await world.answered(work)
        refused = await world.received(work)
        await screening.refuse(work, world.editor, refused.id, RefusalCode.OUT_OF_SCOPE)
    assert (await load(database, "SCT")).handed_over == []
    assert (await agencies_on(database, answered))[0] == ("SNNMT", "lead")
    async with database.work() as work:
        case = await asker_decisions.reopen(work, world.asker, answered.id, "Chưa rõ.")
        heir = await work.one_or_none(sa.select(agencies_table).where(agencies_table.c.code == "SCT"))
    assert heir is not None
    assert case.question.lead_agency_id == heir.id
    assert (await agencies_on(database, answered))[0] == ("SCT", "lead")
    assert "Sở Công Thương" in (await told(database, world.asker))[-1]
