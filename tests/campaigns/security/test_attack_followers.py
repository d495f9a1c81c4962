"""Who asked the same, and further items of an album: an answer's files wait for an editor's look."""

from typing import Any

import pytest

from domain.programme import Programme
from domain.questions.life import Role
from storage.engine.database import Database
from tests.worlds.chat import Chat, House
from tests.worlds.offices import LAND, Offices, hire
from tests.worlds.rules import rules


@pytest.fixture
def programme() -> Programme:
    return rules(approval_steps=())


def _document(chat: Chat, name: str, **rest: Any) -> dict[str, Any]:
    content = {"file_id": f"letter {name}", "file_unique_id": name, "file_size": 9, "file_name": name}
    return chat.message() | {"document": content} | rest


async def _answered_with_an_album(database: Database, application: Any) -> tuple[Offices, str, Chat]:
    offices = await Offices.open(House(database, application))
    code = await offices.ask()
    other = offices.house.person("Cùng")
    same = await offices.ask(LAND, other)
    await offices.editor.send(f"/chuyen {code} SNNMT", f"/gop {same} {code}")
    await offices.editor.press("Xác nhận")
    album = {"media_group_id": "album-1"}
    await offices.officer.send(
        _document(offices.officer, "gui ba Mai.pdf", caption=f"/traloi {code} Xem tệp", **album),
        _document(offices.officer, "gui ba Mai 2.pdf", **album),
    )
    return offices, code, other


async def test_every_file_of_an_answers_album_waits_for_an_editors_look(
    database: Database, application: Any
) -> None:
    offices, _, other = await _answered_with_an_album(database, application)
    files = offices.house.messenger.files
    assert len(files[str(offices.citizen.address)]) == 2
    assert len(files[str(offices.editor.address)]) == 2
    assert not files.get(str(other.address))
    await offices.editor.press("Gửi tệp cho người hỏi cùng")
    assert len(offices.house.messenger.albums[-1]) == 2
    assert len(files[str(other.address)]) == 2


async def test_files_that_came_after_the_answer_are_taken_back_with_it(
    database: Database, application: Any
) -> None:
    offices, code, other = await _answered_with_an_album(database, application)
    await offices.editor.press("Gửi tệp cho người hỏi cùng")
    await offices.editor.send(f"/nghitocao {code}")
    files = offices.house.messenger.files
    assert not files[str(other.address)]
    assert len(files[str(offices.citizen.address)]) == 2  # whom it answers keeps it
    late = _document(offices.officer, "3.pdf", media_group_id="album-1")
    await offices.officer.send(late)
    assert not files[str(other.address)]


async def test_an_answer_that_somebody_looked_up_by_their_own_merged_code_is_taken_back_with_it(
    database: Database, application: Any
) -> None:
    offices = await Offices.open(House(database, application))
    code = await offices.ask()
    other = offices.house.person("Cùng")
    same = await offices.ask(LAND, other)
    await offices.editor.send(f"/chuyen {code} SNNMT", f"/gop {same} {code}")
    await offices.editor.press("Xác nhận")
    await offices.officer.send(f"/traloi {code} Đã có kết quả ở xã")
    await other.send(f"/tracuu {same}")
    assert "Đã có kết quả ở xã" in other.last.text
    await offices.editor.send(f"/nghitocao {code}")
    assert not [shown.text for shown in other.shown if "Đã có kết quả ở xã" in shown.text]


NAME = "Quách Ngọc Bờ"


async def test_who_asked_first_reads_neither_names_nor_words_of_who_asked_the_same_nor_drafts(
    database: Database, application: Any
) -> None:
    offices = await Offices.open(House(database, application))
    code = await offices.ask()
    other, officer = offices.house.person("Cùng"), offices.officer
    await other.send(LAND)
    await other.press("Đồng ý")
    await other.send(NAME, "9 Kênh Nhánh, phường Rạch Giá")
    await other.press("Bỏ qua")
    await other.press("Bỏ qua")
    await other.press("Gửi câu hỏi")
    same = f"DH-2026-{(await offices.ledger())[-1].number:06d}"
    coord = await hire(offices.house, "Phối", Role.OFFICER, "SXD")
    await offices.editor.send(f"/chuyen {code} SNNMT SXD", f"/gop {same} {code}")
    await offices.editor.press("Xác nhận")
    await coord.send(_document(coord, "noi-bo.pdf", caption=f"/traloi {code} Góp ý nội bộ"))
    await officer.send(f"/hoithem {code} Hồ sơ của {NAME} hay của ai?")
    await offices.citizen.send(f"/tracuu {code}", "/dulieu tệp")
    reply = offices.citizen.saying("xin ông/bà cho biết thêm")[-1]
    await offices.citizen.send("Của tôi", reply_to=reply)
    await officer.send(_document(officer, f"gửi {NAME}.pdf", caption=f"/traloi {code} Xem tệp"))
    await other.send(f"/danhgia {code} 2 Chưa thấy nói đến hồ sơ của tôi ở Kênh Nhánh")
    await offices.citizen.send(f"/tracuu {code}", "/dulieu tệp")
    said = "\n".join(f"{one.html} {(one.document or b'').decode()}" for one in offices.citizen.shown)
    assert "hay của ai?" in said
    assert "Của tôi" in said
    for words in (NAME, "Kênh Nhánh", "noi-bo"):
        assert words not in said
