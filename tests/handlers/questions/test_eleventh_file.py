"""A file for which a draft has no room is refused alone: the words that came with it are kept."""

from typing import Any

import pytest

from domain.programme import Programme
from storage.engine.database import Database
from tests.worlds.chat import House
from tests.worlds.offices import Offices
from tests.worlds.rules import rules

WORDS = "Giấy chứng nhận đã ký, mời ông/bà đến nhận."


@pytest.fixture
def programme() -> Programme:
    return rules(draft_files=2)


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def test_the_last_file_too_many_costs_an_officers_draft_no_words(offices: Offices) -> None:
    code = await offices.assigned()
    officer = offices.officer
    await officer.send(f"/traloi {code}", officer.photo("Một"), officer.photo("Hai"), officer.photo(WORDS))
    assert "2" in officer.saying("tệp")[-2].text
    assert WORDS in officer.last.text
    await officer.press("Gửi duyệt")
    assert WORDS in offices.leader.last.text
    await offices.leader.press("Xem 2 tệp")


async def test_nor_what_joins_a_draft_that_was_submitted(offices: Offices) -> None:
    code = await offices.assigned()
    officer = offices.officer
    card = officer.saying(code)[-1]
    await officer.send(
        officer.photo("Một", **_under(officer, card)), officer.photo("Hai"), officer.photo(WORDS)
    )
    assert WORDS in offices.leader.last.text
    assert "Xem 2 tệp" in offices.leader.last.labels


def _under(chat: Any, card: Any) -> dict[str, Any]:
    return {"reply_to_message": chat.message(reply_to=card)["reply_to_message"]}


async def test_nor_words_of_staff_that_wait_to_be_told_what_for(offices: Offices) -> None:
    officer = offices.officer
    await officer.send(officer.photo("Một"), officer.photo("Hai"), officer.photo("Ba"), "Bốn")
    assert "Ba" in officer.last.text
    assert "Bốn" in officer.last.text


async def test_a_bare_command_whose_file_is_refused_asks_for_the_answer(offices: Offices) -> None:
    code = await offices.assigned()
    empty = offices.officer.message(caption=f"/traloi {code}") | {
        "document": {"file_id": "x", "file_unique_id": "x", "file_size": 0, "file_name": "a.pdf"}
    }
    await offices.officer.send(empty)
    assert await offices.status(code) == "assigned"
    assert not await offices.officer.is_idle()
