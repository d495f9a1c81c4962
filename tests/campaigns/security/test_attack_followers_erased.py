"""Who asked the same and is erased: what offices wrote of them under another's question names them no more."""

import json
from typing import Any

import pytest
import sqlalchemy as sa

from domain.questions.life import Role, Secrecy
from storage.engine.database import Database
from storage.people import roles
from storage.tables import metadata
from tests.campaigns.security.shown_story import fetched
from tests.worlds.chat import Chat, House
from tests.worlds.offices import ANSWER, LAND, Offices, hire

NAME, PHONE = "Quách Ngọc Bờ", "bo.quach@thu.vn"


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def _asks(offices: Offices) -> tuple[str, Chat]:
    """Mai's question, and somebody else's that was merged into it."""
    code = await offices.ask()
    other = offices.house.person("Cùng")
    await other.send(LAND)
    await other.press("Đồng ý")
    await other.send(NAME, "9 Kênh Nhánh, phường Rạch Giá", PHONE)
    await other.press("Bỏ qua")
    await other.press("Gửi câu hỏi")
    same = f"DH-2026-{(await offices.ledger())[-1].number:06d}"
    await offices.editor.send(f"/chuyen {code} SNNMT", f"/gop {same} {code}")
    await offices.editor.press("Xác nhận")
    return code, other


async def _left(offices: Offices, staff: list[Chat], words: str) -> list[str]:
    escaped = json.dumps(words)[1:-1]
    found = [f"{one.name}: {shown.text}" for one in staff for shown in one.shown if words in shown.html]
    async with offices.house.database.reading() as work:
        for table in metadata.sorted_tables:
            for row in await work.all(sa.select(table)):
                cells = str(dict(row._mapping))
                if words in cells or escaped in cells or escaped.replace("\\", "\\\\") in cells:
                    found.append(f"{table.name}: {cells}")
    return found


async def test_cards_prompts_and_raw_messages_of_the_staff_name_nobody_who_was_erased(
    offices: Offices,
) -> None:
    code, other = await _asks(offices)
    officer, leader, editor = offices.officer, offices.leader, offices.editor
    await officer.send(f"/hoithem {code} Hồ sơ của {NAME} hay của ai?")
    await offices.citizen.press("Trả lời")
    await offices.citizen.send("Của tôi.")
    content = {"file_id": "letter", "file_unique_id": "x", "file_size": 9, "file_name": f"gửi {NAME}.pdf"}
    words = f"/traloi {code} Kính gửi bà Mai và {NAME} ({PHONE}), sổ đỏ có trước 30/11/2026."
    await officer.send(officer.message() | {"document": content, "caption": words})
    await fetched(offices.house.database)
    await leader.send(f"/duyet {code}")
    await editor.send("/duyet", f"/duyet {code}", f"/xem {code}", f"/congkhai {code}")
    await editor.press("Hủy")
    staff = [officer, leader, editor]
    answers = [one.text for one in editor.saying("sổ đỏ có trước")]
    assert answers
    assert await _left(offices, staff, NAME)
    buttons = {one.id: one.labels for one in editor.saying("sổ đỏ có trước")}
    await other.send("/xoadulieu")
    await other.press("Xác nhận")
    assert await _left(offices, staff, NAME) == []
    assert await _left(offices, staff, PHONE) == []
    # All else is there as it was, to go on working with.
    assert len(editor.saying("sổ đỏ có trước")) == len(answers)
    assert {one.id: one.labels for one in editor.shown if one.id in buttons} == buttons
    assert [one for one in editor.shown if "Nguyễn Thị Mai" in one.text and "phường Rạch Giá" in one.text]
    await editor.send(f"/xem {code}")
    assert "Nguyễn Thị Mai" in editor.last.text


async def test_what_had_not_left_yet_leaves_without_the_name(offices: Offices) -> None:
    code, other = await _asks(offices)
    body = offices.officer.message(f"/traloi {code} Kính gửi {NAME}, sổ đỏ có trước 30/11/2026.")
    await other.send("/xoadulieu")
    await offices.house.receive({"message": body}, deliver=False)
    await other.press("Xác nhận")
    assert offices.leader.saying("sổ đỏ có trước")
    assert await _left(offices, [offices.officer, offices.leader, offices.editor], NAME) == []


async def test_what_is_hidden_afterwards_keeps_no_words_in_the_changed_messages(offices: Offices) -> None:
    code, other = await _asks(offices)
    admin = await hire(offices.house, "Quản", Role.ADMIN)
    await offices.officer.send(f"/traloi {code} Kính gửi {NAME}, sổ đỏ có trước 30/11/2026.")
    await admin.send(f"/xem {code}", f"/gop {code}", "/moi")
    await other.send("/xoadulieu")
    await other.press("Xác nhận")
    staff = [offices.officer, offices.leader, admin]
    assert await _left(offices, staff, "sổ đỏ có trước")
    await admin.send(f"/nghitocao {code}")
    outbox = [
        one
        for one in await _left(offices, staff, "sổ đỏ có trước")
        if not one.startswith(("inbox", "entries")) and f"'{offices.editor.address}'" not in one
    ]
    assert outbox == []


async def test_a_question_is_hidden_and_cleared_also_after_somebody_who_had_it_was_erased(
    offices: Offices,
) -> None:
    code, other = await _asks(offices)
    former = await hire(offices.house, "Cũ", Role.OFFICER, "SNNMT")
    await former.send(f"/xem {code}")
    await offices.officer.send(f"/traloi {code} {ANSWER}")
    await offices.leader.send(f"/duyet {code}")
    await offices.editor.send(f"/duyet {code}")
    kept = await offices.ask(LAND + " Xin cho biết.", offices.house.person("Nữa"))
    await offices.editor.send(f"/gop {kept} {code}")
    await offices.editor.press("Xác nhận")
    row = await former.row()
    async with offices.house.database.work() as work:
        (held,) = await roles.of_person(work, row.id)
        await roles.revoke(work, held.id, None)
    for one in (other, former):
        await one.send("/xoadulieu")
        await one.press("Xác nhận")
    for _ in range(2):
        await offices.officer.send(f"/nghitocao {code}")
        assert (await offices.question(code)).secrecy == Secrecy.SUSPECTED
        await offices.editor.send(f"/xem {code}")
        await offices.editor.press("Không phải tố cáo")
        assert (await offices.question(code)).secrecy == Secrecy.CLEARED
