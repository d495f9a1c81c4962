"""How the buttons of cards stand: how many files there are, and what refuses apart from what confirms."""

from typing import Any

import pytest
import sqlalchemy as sa

from domain.programme import Programme
from messages.buttons import Act, Press
from storage.engine.database import Database
from storage.tables import outbox
from tests.conftest import SetClock
from tests.worlds.chat import House, Messenger
from tests.worlds.offices import Offices
from tests.worlds.place import STATES, UNLIMITED, settle


@pytest.fixture
def programme() -> Programme:
    return UNLIMITED


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


# --- files ------------------------------------------------------------------------------------------------------


async def test_a_card_without_files_has_no_button_for_them(offices: Offices) -> None:
    code = await offices.assigned()
    for chat in (offices.editor, offices.officer):
        await chat.send(f"/xem {code}")
        assert "Lịch sử" in chat.last.labels
        assert [label for label in chat.last.labels if "tệp" in label.lower()] == []


@pytest.mark.parametrize(("pictures", "label"), [(1, "Xem 1 tệp"), (3, "Xem 3 tệp")])
async def test_a_card_says_how_many_files_its_button_shows(
    offices: Offices, pictures: int, label: str
) -> None:
    citizen = offices.citizen
    await offices.ask("Đèn đường ở xã Hòn Đất hỏng từ tháng 8, bao giờ sửa?")
    await citizen.send(*citizen.album(pictures, "Đường Lê Lợi ở phường Rạch Giá ngập, bao giờ sửa?"))
    await citizen.press("Gửi câu hỏi")
    await offices.editor.send("/xem 2")
    assert label in offices.editor.last.labels
    await offices.editor.press(label)
    assert len(offices.house.messenger.files[str(offices.editor.address)]) == pictures


async def test_the_label_counts_in_english_too(offices: Offices) -> None:
    citizen = offices.citizen
    await offices.ask("Đèn đường ở xã Hòn Đất hỏng từ tháng 8, bao giờ sửa?")
    await citizen.send(*citizen.album(2, "Đường Lê Lợi ở phường Rạch Giá ngập, bao giờ sửa?"))
    await citizen.press("Gửi câu hỏi")
    await offices.editor.send("/ngonngu")
    await offices.editor.press("English")
    await offices.editor.send("/xem 2")
    assert "See 2 files" in offices.editor.last.labels


# --- apart ------------------------------------------------------------------------------------------------------

REFUSING = {
    Act.REFUSE_CHOOSE, Act.ERASE_ASKER, Act.ERASE, Act.FLAG, Act.CONFIRM_DENUNCIATION, Act.BLOCK,
    Act.UNPUBLISH, Act.REFUSE_EXTENSION, Act.PROMISE_WITHDRAW, Act.VOUCH_REFUSE,
    Act.BROADCAST_CANCEL, Act.BROADCAST_TAKE_BACK,
}  # fmt: skip
CONFIRMING = {
    Act.APPROVE, Act.SEND_BACK, Act.EDIT_THEN_APPROVE, Act.ACCEPT, Act.CLEAR, Act.ASSIGN_TO,
    Act.ASSIGN_CHOOSE, Act.MERGE, Act.GRANT_EXTENSION, Act.GRANT_IN_WORDS, Act.PROMISE_KEPT,
    Act.PROMISE_MOVE, Act.PUBLISH, Act.CORRECT, Act.EDIT_PUBLISHED, Act.VOUCH, Act.BROADCAST_APPROVE,
    Act.BROADCAST_PAUSE, Act.BROADCAST_RESUME, Act.BROADCAST_MOVE, Act.REPLY, Act.UNBLOCK_OF,
}  # fmt: skip
SHOWN = {  # by the place below: whatever these tables speak of, or the test would prove nothing
    Act.REFUSE_CHOOSE, Act.ERASE_ASKER, Act.FLAG, Act.BLOCK, Act.UNPUBLISH, Act.REFUSE_EXTENSION,
    Act.PROMISE_WITHDRAW, Act.BROADCAST_CANCEL, Act.APPROVE, Act.SEND_BACK, Act.EDIT_THEN_APPROVE,
    Act.ACCEPT, Act.GRANT_EXTENSION, Act.PROMISE_KEPT, Act.PUBLISH, Act.EDIT_PUBLISHED, Act.BROADCAST_APPROVE,
}  # fmt: skip


async def test_what_refuses_or_erases_stands_last_in_rows_of_its_own(
    database: Database, application: Any, clock: SetClock
) -> None:
    place = await settle(database, application)
    house = House(database, application)
    house.remember((Messenger(), 10_000, 10_000))  # later than whatever settled the place
    for who in ("editor", "admin", "officer", "leader"):
        chat = house.person(who)
        chat.address = chat.user["id"] = place.people[who]
        await chat.send(*(f"/xem {place.codes[state]}" for state in STATES))
        await chat.send(*(f"/thongbao {place.ids[one]}" for one in ("broadcast", "waiting")))
    async with database.reading() as work:
        rows = await work.all(sa.select(outbox.c.content).order_by(outbox.c.id))
    seen = set()
    for content in (row.content for row in rows if row.content.get("buttons")):
        keyboard = [
            {press.act for _, data in line if (press := Press.parse(data)) is not None}
            for line in content["buttons"]
        ]
        seen |= set().union(*keyboard)
        refusing = [at for at, acts in enumerate(keyboard) if acts & REFUSING]
        confirming = [at for at, acts in enumerate(keyboard) if acts & CONFIRMING]
        assert not refusing or not confirming or min(refusing) > max(confirming), content["buttons"]
        assert all(keyboard[at] <= REFUSING for at in refusing), content["buttons"]
    assert seen >= SHOWN
