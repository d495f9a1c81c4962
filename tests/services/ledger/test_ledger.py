"""What the ledger shows of a question: JSON for scripts and spreadsheet for admins are made of the same lines."""

from typing import Any

import pytest
import sqlalchemy as sa

from domain.periods import Period
from domain.questions.life import HIDDEN, Secrecy
from services.ledger import exports, ledger
from services.questions import asker_decisions
from storage.engine.database import Database, Work
from storage.questions import questions
from storage.tables import drafts
from storage.tables import questions as questions_table
from tests.worlds.world import World

# As the JSON has it, and as the spreadsheet's columns are called: what a denunciation keeps to itself.
KEPT = {
    "text": "text",
    "asker": "asker",
    "organisation": "organisation",
    "answer": "official_letter",
    "late_by": "late_by",
}


async def told(work: Work, question_id: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A question's JSON, and its cells by the keys of their columns."""
    question = await questions.by_id(work, question_id)
    assert question is not None
    job = await exports.next_job(work)
    assert job is not None
    (line,) = await ledger.lines(work, [question])
    columns = [key for key, _ in exports._COLUMNS]
    return (
        await ledger.as_json(work, question),
        dict(zip(columns, job.in_words.cells(line), strict=True)),
    )


async def answered(work: Work) -> tuple[World, int]:
    world = await World.build(work)
    question = await world.answered(work)
    await asker_decisions.rate(work, world.asker, question.id, 4, "Tốt")
    await work.run(sa.update(drafts).values(official_letter="12/SNNMT-VP"))
    late = {"organisation": "HTX Phú Thịnh", "due_at": question.received_at}
    await work.run(sa.update(questions_table).values(**late))
    today = work.programme.local(work.now).date()
    await exports.ask(work, world.admin, Period(today, today))
    return world, int(question.id)


async def test_both_say_the_same_of_a_question_that_is_no_secret(database: Database, clock: Any) -> None:
    async with database.work() as work:
        world, question_id = await answered(work)
    clock.move(days=1)
    async with database.work() as work:
        await work.run(sa.update(questions_table).values(answered_at=work.now))
        json, cells = await told(work, question_id)
    assert all(json[key] is not None for key in KEPT)
    assert all(cells[key] is not None for key in KEPT.values())
    assert (cells["code"], cells["text"], cells["organisation"]) == (
        json["code"],
        json["text"],
        json["organisation"],
    )
    assert (cells["asker"], cells["address"], cells["contact"]) == tuple(json["asker"].values())
    assert cells["official_letter"] == json["answer"]["official_letter"] == "12/SNNMT-VP"
    assert cells["stars"] == json["rating"] == 4
    assert cells["lead"] == world.lead.name
    assert cells["coordinating"] == world.coordinating.name


@pytest.mark.parametrize("secrecy", sorted(HIDDEN))
async def test_both_keep_the_same_of_a_denunciation(database: Database, clock: Any, secrecy: Secrecy) -> None:
    async with database.work() as work:
        _, question_id = await answered(work)
    clock.move(days=1)
    async with database.work() as work:
        await work.run(sa.update(questions_table).values(answered_at=work.now, secrecy=secrecy))
        json, cells = await told(work, question_id)
    assert [json[key] for key in KEPT] == [None] * len(KEPT)
    assert [cells[key] for key in (*KEPT.values(), "address", "contact", "late_days")] == [None] * (
        len(KEPT) + 3
    )
    assert not {str(cell) for cell in cells.values()} & {
        "HTX Phú Thịnh",
        "12/SNNMT-VP",
        "12 Lê Lợi",
        "0901234567",
    }
    assert (cells["code"], cells["status"]) == (json["code"], "Đã trả lời")
