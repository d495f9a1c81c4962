"""An agency's group as messengers have them: topics, new addresses, admins who hide, other bots."""

from typing import Any

import pytest

from domain.questions.life import Role
from services.deadlines import reminding
from storage.engine.database import Database
from storage.people import groups
from tests.conftest import SetClock
from tests.handlers.deadlines.test_extensions_and_reminders import GROUP, Group
from tests.worlds.chat import House
from tests.worlds.offices import Offices, hire

TOPIC = {"message_thread_id": 12, "is_topic_message": True}
HIDDEN = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def linked(offices: Offices) -> list[tuple[str, str | None]]:
    async with offices.house.database.reading() as work:
        return [(one.address, one.topic) for one in await groups.linked(work)]


async def late(offices: Offices, clock: SetClock) -> None:
    """A question of the agency's runs out of time, and reminders are queued."""
    await offices.ask()
    await offices.editor.send("/chuyen 1 SNNMT")
    clock.move(days=21)
    await reminding.remind(offices.house.database)


async def test_what_a_topic_is_linked_for_is_said_there(offices: Offices, clock: SetClock) -> None:
    group = Group(offices, kind="supergroup")
    await offices.officer.send(offices.officer.message("/nhom") | {"chat": group.chat} | TOPIC)
    assert await linked(offices) == [(str(GROUP), "12")]
    await late(offices, clock)
    clock.move(days=2)  # the sender was away: its words are made anew
    await offices.house.deliver()
    assert len(group.shown) == 2
    await offices.citizen.send(offices.citizen.message("/nhom thôi") | {"chat": group.chat} | TOPIC)
    await offices.officer.send(offices.officer.message("/nhom thôi") | {"chat": group.chat} | TOPIC)
    assert [one.topic for one in group.shown] == ["12"] * 4


async def test_a_thread_of_replies_is_no_topic(offices: Offices) -> None:
    group = Group(offices, kind="supergroup")
    thread = {"chat": group.chat, "message_thread_id": 12}
    await offices.officer.send(offices.officer.message("/nhom") | thread)
    assert await linked(offices) == [(str(GROUP), None)]
    assert group.shown[0].topic is None


@pytest.mark.parametrize("said_in", ["old", "new"])
async def test_a_group_that_becomes_a_supergroup_is_followed_at_once(
    offices: Offices, clock: SetClock, said_in: str
) -> None:
    group, new = Group(offices), Group(offices, -100999, "supergroup")
    await group.say(offices.officer, "/nhom")
    await late(offices, clock)
    told = {
        "old": {"chat": group.chat, "migrate_to_chat_id": -100999},
        "new": {"chat": new.chat, "migrate_from_chat_id": GROUP},
    }
    for one in (told[said_in], *told.values()):
        await offices.house.receive({"message": offices.officer.message() | one}, deliver=False)
    assert await linked(offices) == [("-100999", None)]
    await offices.house.deliver()
    assert (len(group.shown), len(new.shown)) == (1, 1)


async def test_an_admin_who_hides_is_told_to_show_themselves(offices: Offices) -> None:
    group = Group(offices, kind="supergroup")
    hidden = {"chat": group.chat, "from": HIDDEN, "sender_chat": group.chat}
    await offices.officer.send(offices.officer.message("/nhom SNNMT") | hidden)
    assert await linked(offices) == []
    assert "ẩn danh" in group.texts[-1]
    await offices.officer.send(offices.officer.message("Chào cả nhà") | hidden)
    assert len(group.shown) == 1


async def test_other_bots_are_not_answered(offices: Offices) -> None:
    group = Group(offices, kind="supergroup")
    bot = {"id": 55, "is_bot": True, "first_name": "Máy"}
    await offices.house.receive(
        {"message": offices.officer.message("/nhom") | {"chat": group.chat, "from": bot}},
        {"message": offices.citizen.message("/start") | {"from": bot}},
        {"edited_message": offices.citizen.message("/start") | {"from": bot, "edit_date": 1_793_600_100}},
    )
    assert group.shown == offices.citizen.shown == []
    assert await linked(offices) == []


async def test_a_forwarded_command_is_not_done(offices: Offices) -> None:
    group = Group(offices)
    origin = {"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Ai"}}
    await offices.officer.send(offices.officer.message("/nhom") | {"chat": group.chat} | origin)
    assert (await linked(offices), group.shown) == ([], [])
    code = await offices.ask()
    await offices.editor.send(offices.editor.message("/chuyen 1 SNNMT") | origin)
    assert await offices.status(code) == "received"
    await offices.editor.send("/chuyen 1 SNNMT")
    assert await offices.status(code) == "assigned"


@pytest.mark.parametrize("name", [" ", "\u3164", "\u2800 \u2800", "\u200b"], ids=ascii)
async def test_a_name_that_shows_nothing_is_said_to_be_none(offices: Offices, name: str) -> None:
    admin = await hire(offices.house, "Quản", Role.ADMIN)
    await hire(offices.house, name, Role.OFFICER, "SXD")
    await admin.send("/moinguoi")
    assert "(không tên)" in admin.last.text
    assert any("(không tên)" in label for label in admin.last.labels)
