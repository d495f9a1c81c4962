"""Somebody blocks the bot: what waited for them waits for somebody else, and nobody claims what did not happen."""

from typing import Any

import pytest

from channels.outgoing import Outgoing, Unreachable
from domain.questions.life import Role
from storage.engine.database import Database
from tests.conftest import SetClock
from tests.worlds.chat import Chat, House
from tests.worlds.offices import ANSWER, Offices, hire


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def membership(chat: Chat, status: str) -> None:
    bot = {"id": 1, "is_bot": True, "first_name": "Dân hỏi", "username": "danhoi_bot"}
    before: dict[str, Any] = {"user": bot, "status": "member" if status == "kicked" else "kicked"}
    after: dict[str, Any] = {"user": bot, "status": status}
    for one in (before, after):
        if one["status"] == "kicked":
            one["until_date"] = 0
    await chat.house.receive(
        {
            "my_chat_member": {
                "chat": {"id": chat.address, "type": "private"},
                "from": chat.user,
                "date": 1_793_600_000,
                "old_chat_member": before,
                "new_chat_member": after,
            }
        }
    )


async def test_drafts_of_the_last_leader_who_can_be_reached_go_to_the_editors_once(offices: Offices) -> None:
    second = await hire(offices.house, "Phó", Role.LEADER, "SNNMT")
    await offices.in_approval()
    before = offices.editor.last
    await membership(offices.leader, "kicked")
    assert offices.editor.last is before
    await membership(second, "kicked")
    await membership(second, "kicked")
    (card,) = offices.editor.since(before)
    assert ANSWER in card.text
    await offices.editor.press("Duyệt", card)
    assert offices.citizen.saying(ANSWER)


async def test_a_draft_that_its_leader_approved_is_not_shown_to_the_editors_again(offices: Offices) -> None:
    code = await offices.in_approval()
    await offices.leader.send(f"/duyet {code}")
    before = offices.editor.last
    await membership(offices.leader, "kicked")
    assert offices.editor.last is before


async def test_editors_hear_once_of_an_agency_whose_last_officer_nothing_reaches(offices: Offices) -> None:
    code = await offices.assigned()
    await hire(offices.house, "Đường", Role.OFFICER, "SXD")
    blocked = str(offices.officer.address)
    deliver = offices.house.messenger.deliver

    async def refuse(message: Outgoing) -> str | None:
        if message.address == blocked:
            raise Unreachable("bot was blocked by the user")
        return await deliver(message)

    offices.house.messenger.deliver = refuse  # type: ignore[method-assign]
    await offices.editor.send(f"/chuyen {code} SNNMT SXD")
    await membership(offices.officer, "kicked")
    assert len(offices.editor.saying("không còn cán bộ xử lý")) == 1


async def test_an_answer_that_waits_for_the_asker_is_not_told_as_sent(offices: Offices) -> None:
    code = await offices.in_approval()
    await membership(offices.citizen, "kicked")
    await offices.leader.send(f"/duyet {code}")
    await offices.editor.send(f"/duyet {code}")
    assert not offices.citizen.saying(ANSWER)
    assert "Sẽ gửi khi người hỏi mở lại bot" in offices.officer.last.text
    await offices.officer.send(f"/xem {code}")
    assert "Hiện không gửi được cho người hỏi" in offices.officer.last.text
    await membership(offices.citizen, "member")
    assert offices.citizen.saying(ANSWER)
    await offices.officer.send(f"/xem {code}")
    assert "Hiện không gửi được" not in offices.officer.last.text


async def test_what_hides_words_waits_for_whoever_cannot_be_reached_and_comes_when_they_return(
    offices: Offices,
) -> None:
    code = await offices.assigned()
    await offices.officer.send("/viec")
    shown = offices.officer.last
    await membership(offices.officer, "kicked")
    deliver, blocked = offices.house.messenger.deliver, str(offices.officer.address)

    async def refuse(message: Outgoing) -> str | None:
        if message.address == blocked:
            raise Unreachable("bot was blocked by the user")
        return await deliver(message)

    offices.house.messenger.deliver = refuse  # type: ignore[method-assign]
    await offices.editor.send(f"/xem {code}")
    await offices.editor.press("Nghi tố cáo")
    assert "sổ đỏ" in shown.text
    offices.house.messenger.deliver = deliver  # type: ignore[method-assign]
    await membership(offices.officer, "member")
    assert not offices.officer.saying("sổ đỏ")


async def test_who_comes_back_is_promised_no_day_that_has_gone_by(offices: Offices, clock: SetClock) -> None:
    code = await offices.ask()
    await membership(offices.citizen, "kicked")
    await offices.editor.send(f"/chuyen {code} SNNMT")
    await offices.officer.send(f"/nhan {code}")
    before = offices.citizen.last
    clock.move(days=21)
    await membership(offices.citizen, "member")
    assert offices.citizen.since(before) == []  # the reminders of the next morning say how it stands


async def test_who_comes_back_in_time_is_told_what_waited(offices: Offices, clock: SetClock) -> None:
    code = await offices.ask()
    await membership(offices.citizen, "kicked")
    await offices.editor.send(f"/chuyen {code} SNNMT")
    clock.move(days=7)
    await membership(offices.citizen, "member")
    assert offices.citizen.saying("Hạn trả lời ông/bà: 17:00, thứ Hai, ngày 16/11/2026")
