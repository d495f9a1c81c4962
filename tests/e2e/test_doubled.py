"""A prompt that came twice, because the network lost the messenger's answer: either copy can be pressed."""

import asyncio

from sandbox.client import Message, User
from tests.e2e.office import CODE, LAND, Office, code_in


async def copies(citizen: User, label: str) -> list[Message]:
    """The two messages that offer a button, the older first, once both have come."""
    async with asyncio.timeout(20):
        while True:
            found = [one for one in await citizen.messages() if one.from_bot and one.has_button(label)]
            if len(found) == 2:
                return found
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
    await citizen.press("Gửi câu hỏi", message=newer)  # what it shows is no longer what would be sent
    await citizen.wait_for_toast("đã cũ")
    assert not [one for one in await citizen.messages() if CODE.search(one.text)]
    await citizen.press("Gửi câu hỏi")
    assert (await office.question(code_in((await citizen.wait_for(CODE)).text)))["text"].endswith("123.")
