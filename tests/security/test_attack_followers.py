"""Who asked the same, and further items of an album: an answer's files wait for an editor's look."""

from typing import Any

import pytest

from domain.programme import Programme
from storage.database import Database
from tests.handlers.chat import Chat, House
from tests.handlers.offices import LAND, Offices


@pytest.fixture
def programme() -> Programme:
    return Programme(province="tỉnh An Giang", approval_steps=())


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
