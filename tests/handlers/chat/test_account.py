"""Beginning, help, language and the way out, through the real bot."""

from typing import Any

import pytest
import sqlalchemy as sa

from domain.questions.life import Role
from handlers.chat.account import default_menu
from services.staff import staff
from storage.agencies import agencies
from storage.engine.database import Database
from storage.people import roles
from storage.questions import questions
from storage.tables import files
from tests.worlds.chat import House, introduced


@pytest.fixture
def house(database: Database, application: Any) -> House:
    return House(database, application)


async def invitation(house: House, role: Role, agency: str | None = None) -> str:
    async with house.database.work() as work:
        row = None if agency is None else await agencies.by_code(work, agency)
        code, _expires_at = await staff.invite(work, role, row)
    return code


async def test_start_says_what_this_is_and_how_to_ask(house: House) -> None:
    chat = house.person("Mai")
    await chat.send("/start")

    assert "An Giang" in chat.last.text
    assert chat.last.labels == ["Gửi câu hỏi mới", "Câu hỏi của tôi"]
    await chat.press("Câu hỏi của tôi")
    assert "chưa gửi câu hỏi nào" in chat.last.text
    await chat.press("Gửi câu hỏi mới")
    assert "viết câu hỏi" in chat.last.text


async def test_an_invitation_gives_the_role_and_its_menu(house: House) -> None:
    chat = house.person("Bình")
    await chat.send(f"/start {await invitation(house, Role.OFFICER, 'SNNMT')}")

    assert "Sở Nông nghiệp và Môi trường" in chat.saying("Sở Nông nghiệp")[-1].text
    commands = [name for name, _description in house.messenger.menus[str(chat.address)]]
    assert {"viec", "traloi", "hoi"} <= set(commands)
    assert "moinguoi" not in commands


async def test_an_invitation_works_once_and_again_for_who_used_it(house: House) -> None:
    code = await invitation(house, Role.EDITOR)
    first, second = house.person("Lan"), house.person("Kẻ lạ")
    await first.send(f"/start {code}")
    await first.send(f"/start {code}")
    await second.send(f"/start {code}")

    async with house.database.reading() as work:
        holders = await roles.holders(work, Role.EDITOR)
    assert [person.address for person in holders] == [str(first.address)]
    assert str(second.address) not in house.messenger.menus


async def test_a_guessed_invitation_learns_nothing(house: House) -> None:
    chat = house.person("Kẻ lạ")
    await chat.send(f"/start {'deadbeef' * 4}")

    assert "không dùng được" in chat.last.text
    assert "Biên tập" not in chat.last.text


async def test_who_holds_a_role_is_asked_before_an_invitation_is_theirs(house: House) -> None:
    """An admin opens the link just made, to see whether it works."""
    admin, meant = house.person("Quản"), house.person("Cán")
    await admin.send(f"/start {await invitation(house, Role.ADMIN)}")
    code = await invitation(house, Role.OFFICER, "SNNMT")
    await admin.send(f"/start {code}")
    assert "Cán bộ xử lý - Sở Nông nghiệp và Môi trường" in admin.last.text
    await admin.press("Hủy")
    await meant.send(f"/start {code}")
    async with house.database.reading() as work:
        assert [one.display_name for one in await roles.holders(work, Role.OFFICER)] == ["Cán"]
    for press in ("Hủy", "Xác nhận"):
        await admin.send(f"/start {await invitation(house, Role.EDITOR)}")
        await admin.press(press)
        async with house.database.reading() as work:
            editors = [one.display_name for one in await roles.holders(work, Role.EDITOR)]
        assert editors == (["Quản"] if press == "Xác nhận" else [])
    assert "chuyen" in dict(house.messenger.menus[str(admin.address)])
    await meant.send(f"/start {code}")  # theirs already: nothing to be asked
    assert "Cán bộ xử lý" in meant.last.text
    assert meant.last.labels == []


async def test_what_was_used_up_meanwhile_is_said_so(house: House) -> None:
    admin, meant = house.person("Quản"), house.person("Cán")
    await admin.send(f"/start {await invitation(house, Role.ADMIN)}")
    code = await invitation(house, Role.EDITOR)
    await admin.send(f"/start {code}")
    await meant.send(f"/start {code}")
    await admin.press("Xác nhận")
    await admin.send(f"/start {code}")
    async with house.database.reading() as work:
        assert [one.display_name for one in await roles.holders(work, Role.EDITOR)] == ["Cán"]
    assert "Xác nhận" not in admin.last.labels


async def test_a_code_behind_the_link_opens_that_question_and_other_words_are_a_start(house: House) -> None:
    mai, stranger = await introduced(house), house.person("Lạ")
    await mai.send("/start DH-2026-000001")
    assert "sổ đỏ" in mai.last.text
    await stranger.send("/start DH-2026-000001")  # as anybody may track it: how it stands, and no more
    assert "DH-2026-000001" in stranger.last.text
    assert "sổ đỏ" not in stranger.last.text
    for words in ("DH-2026-000002", "to-roi-cho", "hacker<b>", "2026", "1"):
        await stranger.send(f"/start {words}")
        assert "Kính chào" in stranger.last.text
    editor = house.person("Biên")
    await editor.send(f"/start {await invitation(house, Role.EDITOR)}", "/start DH-2026-000001")
    assert "Chuyển xử lý" in editor.last.labels


async def test_help_lists_what_this_person_can_do(house: House) -> None:
    citizen, editor = house.person("Mai"), house.person("Lan")
    await editor.send(f"/start {await invitation(house, Role.EDITOR)}", "/trogiup")
    await citizen.send("/trợ" + "giúp")

    assert "/chuyen" in editor.last.text
    assert "/hoi" in citizen.last.text
    assert "/chuyen" not in citizen.last.text


async def test_the_language_changes_words_and_menu(house: House) -> None:
    chat = house.person("Mai")
    await chat.send("/ngonngu")
    assert chat.last.labels == ["Tiếng Việt", "English"]
    await chat.press("English")

    menu = dict(house.messenger.menus[str(chat.address)])
    assert menu["hoi"] == dict(default_menu("en"))["hoi"] != dict(default_menu("vi"))["hoi"]
    await chat.send("/start")
    assert "Kính chào" not in chat.last.text


async def test_huy_drops_what_is_being_written_and_says_when_there_is_nothing(house: House) -> None:
    chat = await introduced(house)
    await chat.send("/huy")
    assert "Không có việc gì" in chat.last.text

    await chat.send("Bao giờ có nước máy?", chat.photo())
    card = chat.last
    await chat.send("/hủy")
    assert "Đã hủy" in chat.last.text
    assert card.labels == []
    assert await chat.is_idle()
    await chat.press_data("sq", card.id)
    async with house.database.reading() as work:
        assert await questions.by_code(work, 2026, 2) is None
        assert await work.all(sa.select(files)) == []


async def test_huy_in_the_middle_of_something_else_leaves_the_question_being_written(house: House) -> None:
    chat = await introduced(house)
    await chat.send("Bao giờ có nước máy?", "/rut 1", "/huy")

    assert "Bao giờ có nước máy?" in chat.last.text
    assert "Gửi câu hỏi" in chat.last.labels


async def test_everybodys_menu_holds_no_staff_command() -> None:
    for language in ("vi", "en"):
        names = [name for name, description in default_menu(language) if description]
        assert names[0] == "hoi"
        assert not {"viec", "chuyen", "moinguoi", "duyet"} & set(names)
