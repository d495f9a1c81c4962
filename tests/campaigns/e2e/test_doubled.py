"""A prompt that came twice, because the network lost the messenger's answer: either copy can be pressed."""

import asyncio
from typing import Any

from sandbox.client import Message, User
from tests.worlds.office import CODE, LAND, Office, ask, code_in


async def copies(citizen: User, label: str, after: Message | None = None) -> list[Message]:
    """The two messages that offer a button, the older first, once both have come."""
    since = 0 if after is None else after.id
    async with asyncio.timeout(20):
        while True:
            messages = [one for one in await citizen.messages() if one.from_bot and one.id > since]
            found = [one for one in messages if one.has_button(label)]
            if len(found) == 2:
                return found
            await asyncio.sleep(0.05)


def on_its_way(citizen: User, message: Message, label: str) -> dict[str, Any]:
    """A press as the messenger tells of it."""
    (data,) = (button.data for row in message.buttons for button in row if button.text == label)
    return {
        "id": "1",
        "from": {"id": citizen.id, "is_bot": False, "first_name": citizen.name},
        "message": {
            "message_id": message.id,
            "date": 0,
            "chat": {"id": citizen.id, "type": "private", "first_name": citizen.name},
        },
        "chat_instance": "1",
        "data": data,
    }


async def refused_as_old(office: Office) -> None:
    """Wait for such an answer to a press that the messenger itself does not know."""
    async with asyncio.timeout(20):
        while True:
            answers = await office.sandbox.requests("answerCallbackQuery")
            if any("đã cũ" in one["params"].get("text", "") for one in answers):
                return
            await asyncio.sleep(0.05)


async def test_the_older_copy_of_a_doubled_prompt_works_and_an_older_prompt_does_not(office: Office) -> None:
    citizen = await office.sandbox.user("Mai")
    await office.sandbox.fault("drop_after", "sendMessage")
    await citizen.send(LAND)
    older, _ = await copies(citizen, "Đồng ý")
    await citizen.press("Đồng ý", message=older)
    await citizen.wait_for("cho biết họ và tên")
    await citizen.send("Lê Thị Mai")
    await citizen.wait_for("cho biết địa chỉ")
    await office.sandbox.fault("drop_after", "sendMessage")
    await citizen.send("Ấp Đường Hòn, xã Hòn Đất")
    older, _ = await copies(citizen, "Bỏ qua")
    await citizen.press("Bỏ qua", message=older)
    await citizen.wait_for("lĩnh vực nào")
    await office.sandbox.fault("drop_after", "sendMessage")
    await citizen.press("Đất đai")
    older, newer = await copies(citizen, "Gửi câu hỏi")
    await citizen.send("Hồ sơ số 123.")  # the card is shown anew, below
    await citizen.wait_for("Hồ sơ số 123")
    await citizen.wait_until(lambda one: one.id == newer.id and not one.has_button("Gửi câu hỏi"))
    # Pressed before its buttons went: what it shows is no longer what would be sent.
    await office.sandbox.inject({"callback_query": on_its_way(citizen, newer, "Gửi câu hỏi")})
    await refused_as_old(office)
    assert not [one for one in await citizen.messages() if CODE.search(one.text)]
    await citizen.press("Gửi câu hỏi")
    assert (await office.question(code_in((await citizen.wait_for(CODE)).text)))["text"].endswith("123.")


async def test_a_copy_of_a_card_pressed_too_late_shows_how_things_stand(office: Office) -> None:
    editor = await office.staff("Võ Ngọc Lan", "editor")
    officer = await office.staff("Trần Văn Bình", "officer", "SNNMT")
    citizen = await office.sandbox.user("Mai")
    code = await ask(citizen)
    await editor.wait_for(code, since_action=False)
    await editor.send(f"/chuyen {code} SNNMT")
    first = await officer.wait_for(code, since_action=False)
    await citizen.wait_for("Sở Nông nghiệp và Môi trường")
    await editor.wait_for(code)
    await office.sandbox.fault("drop_after", "sendMessage")
    await officer.send(f"/xem {code}")
    older, newer = await copies(officer, "Nhận xử lý", after=first)
    await officer.press("Nhận xử lý", message=newer)
    await officer.wait_until(lambda one: one.id == newer.id and not one.has_button("Nhận xử lý"))
    await officer.press("Nhận xử lý", message=older)  # a message of which the bot never heard
    await officer.wait_for_toast("đã được làm rồi")
    await officer.wait_until(
        lambda one: one.id == older.id and "đang xử lý" in one.text and not one.has_button("Nhận xử lý")
    )
