"""Corrections through the real bot: proposed, shown old beside new, approved, told to every asker."""

from typing import Any

import pytest

from domain.questions.life import Role
from storage.engine.database import Database
from storage.questions import answer_drafts, history
from tests.worlds.chat import Chat, House, introduced
from tests.worlds.offices import ANSWER, Offices, hire

NEW = "Hồ sơ của ông/bà đã được thẩm định, giấy chứng nhận sẽ có trước ngày 15/12/2026."
WHY = "Ghi nhầm ngày."


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def events(offices: Offices, code: str) -> list[str]:
    question = await offices.question(code)
    async with offices.house.database.reading() as work:
        return [row.event for row in await history.of_question(work, question.id)]


async def answer_of(offices: Offices, code: str) -> str:
    question = await offices.question(code)
    async with offices.house.database.reading() as work:
        return (await answer_drafts.sent(work, question)).text or ""


async def propose(offices: Offices, code: str, text: str = NEW, who: Chat | None = None) -> None:
    who = who or offices.officer
    await who.send(f"/dinhchinh {code} {text}", WHY)


async def test_an_officer_corrects_an_answer_and_leader_and_editor_read_old_beside_new(
    offices: Offices,
) -> None:
    code = await offices.answered()
    await offices.officer.send(f"/xem {code}")
    await offices.officer.press("Đính chính")
    assert ANSWER in offices.officer.last.text
    await offices.officer.send(f"sửa phần 1: {NEW}")
    await offices.officer.press("Gửi đính chính")
    await offices.officer.send(WHY)
    assert "Đã đề nghị đính chính" in offices.officer.last.text
    for approver in (offices.leader, offices.editor):
        shown = approver.last.text
        assert "Đính chính chờ duyệt" in shown
        assert ANSWER in shown
        assert NEW in shown
        assert WHY in shown
        assert ANSWER not in offices.citizen.last.text
        await approver.press("Duyệt")
    last = offices.citizen.last.text
    assert "Đính chính câu trả lời ngày" in last
    assert NEW in last
    assert WHY in last
    assert await answer_of(offices, code) == NEW
    assert await offices.status(code) == "answered"
    assert (await events(offices, code))[-4:] == [
        "correction_proposed",
        "correction_approved",
        "correction_approved",
        "corrected",
    ]
