"""Sending, editing, pressing: accepted and refused as on the platform."""

import asyncio
import io
from typing import Any

import pytest
from telegram import (
    Bot,
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    ReplyKeyboardMarkup,
)
from telegram.error import BadRequest, Forbidden

from sandbox.client import NotSeen, Sandbox
from tests.sandbox.conftest import Call
from tests.sandbox.pictures import png

KEYS = InlineKeyboardMarkup([[InlineKeyboardButton("Gửi câu hỏi", callback_data="send")]])


def button(**fields: Any) -> dict[str, Any]:
    """A keyboard of one button."""
    return {"inline_keyboard": [[{"text": "x", **fields}]]}


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n "}, "text must be non-empty"),
        ({"text": "a" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        (
            {"text": "<b>", "parse_mode": "HTML"},
            "can't parse entities: Can't find end tag corresponding to start tag",
        ),
        ({"text": "x", "parse_mode": "Rich"}, "unsupported parse_mode"),
        ({"text": "x", "reply_markup": button(callback_data="đ" * 33)}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": button()}, "Text buttons are unallowed in the inline keyboard"),
        ({"text": "x", "reply_markup": button(url="a.vn", callback_data="y")}, "exactly one action expected"),
        (
            {"text": "x", "reply_markup": button(url="localhost")},
            "URL 'localhost' is invalid: Wrong HTTP URL",
        ),
        ({"text": "x", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
        ({"text": "x", "reply_parameters": {"message_id": 999}}, "message to be replied not found"),
        ({"text": "x", "reply_to_message_id": 999}, "message to be replied not found"),
        ({"text": "x", "chat_id": 12345}, "chat not found"),
        ({"text": "x", "chat_id": ""}, "chat_id is empty"),
    ],
)
async def test_a_bad_message_is_refused(
    sandbox: Sandbox, call: Call, params: dict[str, Any], words: str
) -> None:
    minh = await sandbox.user("Minh")
    await minh.start()
    answer = await call("sendMessage", **{"chat_id": minh.id, **params})
    assert answer["error_code"] == 400
    assert answer["description"].startswith("Bad Request: ")
    assert words in answer["description"]
    assert (await sandbox.counters())["refused"] == 1
    assert len(await minh.messages()) == 1


async def test_limits_count_what_is_left_after_parsing(sandbox: Sandbox, bot: Bot) -> None:
    minh = await sandbox.user("Minh")
    await minh.start()
    sent = await bot.send_message(minh.id, f"<b>{'&lt;' * 4096}</b>", parse_mode="HTML")
    assert sent.text == "<" * 4096
    assert sent.entities[0].length == 4096


async def test_a_stranger_and_a_deleted_account_get_nothing(sandbox: Sandbox, bot: Bot) -> None:
    minh = await sandbox.user("Minh")
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(minh.id, "x")
    await minh.start()
    await minh.deactivate()
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(minh.id, "x")


async def test_a_reply_to_a_missing_message_may_go_without_it(sandbox: Sandbox, call: Call) -> None:
    minh = await sandbox.user("Minh")
    number = await minh.start()
    reply = {"message_id": 999, "allow_sending_without_reply": True}
    alone = await call("sendMessage", chat_id=minh.id, text="x", reply_parameters=reply)
    assert "reply_to_message" not in alone["result"]
    answer = await call("sendMessage", chat_id=minh.id, text="x", reply_parameters={"message_id": number})
    assert answer["result"]["reply_to_message"]["text"] == "/start"


async def test_a_press_travels_to_the_bot_and_its_answer_back(sandbox: Sandbox, bot: Bot) -> None:
    minh = await sandbox.user("Minh")
    await minh.start()
    card = await bot.send_message(minh.id, "Thẻ", reply_markup=KEYS)
    await minh.press("Gửi")
    query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    assert query.data == "send"
    assert query.message is not None
    assert query.message.message_id == card.message_id
    await query.answer("Đã gửi")
    with pytest.raises(
        BadRequest, match=r"(?i)query is too old and response timeout expired or query ID is invalid"
    ):
        await query.answer()
    await query.edit_message_text("Xong")
    shown = await minh.wait_for("Xong")
    assert shown.edited
    assert shown.labels == []
    assert await minh.toasts() == ["Đã gửi"]


async def test_a_wait_ignores_what_was_there_before_the_last_action(sandbox: Sandbox, bot: Bot) -> None:
    minh = await sandbox.user("Minh")
    await minh.start()
    await bot.send_message(minh.id, "Xin chào")
    await minh.send("…")
    with pytest.raises(NotSeen, match="Xin chào"):
        await minh.wait_for("Xin chào", timeout=0.05)
    waiting = asyncio.create_task(minh.wait_for("Xin chào"))
    await asyncio.sleep(0.05)
    again = await bot.send_message(minh.id, "Xin chào lần nữa")
    assert (await waiting).id == again.message_id


async def test_a_press_waits_for_a_button_that_is_still_on_its_way(sandbox: Sandbox, bot: Bot) -> None:
    minh = await sandbox.user("Minh")
    await minh.start()
    await bot.send_message(minh.id, "Cảm ơn")
    await minh.wait_for("Cảm ơn")
    pressing = asyncio.create_task(minh.press("Gửi"))
    await asyncio.sleep(0.05)
    assert not pressing.done()
    card = await bot.send_message(minh.id, "Thẻ", reply_markup=KEYS)
    await pressing
    query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    assert query.message is not None
    assert query.message.message_id == card.message_id


async def test_edits_are_checked(sandbox: Sandbox, bot: Bot) -> None:
    minh = await sandbox.user("Minh")
    theirs = await minh.start()
    card = await bot.send_message(minh.id, "Thẻ <b>một</b>", parse_mode="HTML", reply_markup=KEYS)
    with pytest.raises(BadRequest, match=r"[Mm]essage is not modified: specified new message content"):
        await card.edit_text("Thẻ <b>một</b>", parse_mode="HTML", reply_markup=KEYS)
    await card.edit_text("Thẻ một", reply_markup=KEYS)
    with pytest.raises(BadRequest, match=r"[Mm]essage to edit not found"):
        await bot.edit_message_text("x", minh.id, 999)
    with pytest.raises(BadRequest, match=r"[Mm]essage can't be edited"):
        await bot.edit_message_text("x", minh.id, theirs)
    with pytest.raises(BadRequest, match=r"[Tt]here is no caption in the message to edit"):
        await card.edit_caption("x")
    await card.edit_reply_markup(None)
    assert (await minh.messages())[-1].labels == []
    await card.delete()
    with pytest.raises(BadRequest, match=r"[Mm]essage to delete not found"):
        await card.delete()


async def test_old_messages_are_not_deleted(sandbox: Sandbox, bot: Bot) -> None:
    minh = await sandbox.user("Minh")
    await minh.start()
    card = await bot.send_message(minh.id, "x")
    await sandbox.clock(49 * 3600)
    with pytest.raises(BadRequest, match="can't be deleted for everyone"):
        await card.delete()
    assert (await bot.send_message(minh.id, "y")).date > card.date


async def test_reply_keyboards_type_for_the_person(sandbox: Sandbox, bot: Bot) -> None:
    minh = await sandbox.user("Minh")
    await minh.start()
    await bot.send_message(minh.id, "Chọn", reply_markup=ReplyKeyboardMarkup([["Tra cứu", "Hỏi"]]))
    await minh.press("Hỏi")
    update = (await bot.get_updates())[-1]
    assert update.message is not None
    assert update.message.text == "Hỏi"


async def test_a_long_question_arrives_in_pieces(sandbox: Sandbox, bot: Bot) -> None:
    minh = await sandbox.user("Minh")
    await minh.send("hỏi " * 2500)
    updates = await bot.get_updates()
    texts = [update.message.text for update in updates if update.message and update.message.text]
    assert len(texts) == 3
    assert all(len(text) <= 4096 for text in texts)


async def test_files_travel_both_ways(sandbox: Sandbox, bot: Bot) -> None:
    minh = await sandbox.user("Minh")
    await minh.upload(b"%PDF-1", name="Đơn đề nghị.pdf", caption="Kèm đơn")
    document = (await bot.get_updates())[-1].message
    assert document is not None
    assert document.document is not None
    assert (document.document.file_name, document.caption) == ("Đơn đề nghị.pdf", "Kèm đơn")
    file = await document.document.get_file()
    assert bytes(await file.download_as_bytearray()) == b"%PDF-1"
    again = await bot.send_document(minh.id, document.document.file_id)
    assert again.document is not None
    with pytest.raises(BadRequest, match=r"(?i)can't use file of type Document as Photo"):
        await bot.send_photo(minh.id, document.document.file_id)
    with pytest.raises(BadRequest, match=r"(?i)wrong file identifier/http url specified"):
        await bot.send_document(minh.id, "BQACnonsense")
    sent = await bot.send_document(minh.id, io.BytesIO(b"reply"), filename="trả lời.txt", caption="<b>a</b>")
    shown = (await minh.messages())[-1]
    assert sent.document is not None
    assert await sandbox.download(shown.files[0]) == b"reply"


async def test_photos_come_in_sizes_and_albums_together(sandbox: Sandbox, bot: Bot) -> None:
    minh = await sandbox.user("Minh")
    await minh.album([("a.png", png(1000, 500)), ("b.png", png(60, 60))], caption="Đường ngập")
    first, second = [update.message for update in await bot.get_updates() if update.message]
    assert [(size.width, size.height) for size in first.photo] == [
        (90, 45),
        (320, 160),
        (800, 400),
        (1000, 500),
    ]
    assert first.media_group_id == second.media_group_id is not None
    assert (first.caption, second.caption) == ("Đường ngập", None)
    album = await bot.send_media_group(
        minh.id, [InputMediaPhoto(png(9, 9)), InputMediaPhoto(first.photo[0].file_id)]
    )
    assert len({message.media_group_id for message in album}) == 1
    with pytest.raises(BadRequest):
        await bot.send_media_group(minh.id, [InputMediaPhoto(png(9, 9))])
    with pytest.raises(BadRequest, match=r"[Mm]essage caption is too long"):
        await bot.send_photo(minh.id, png(9, 9), caption="a" * 1025)


async def test_a_file_beyond_20_megabytes_is_not_given_out(sandbox: Sandbox, call: Call) -> None:
    minh = await sandbox.user("Minh")
    await minh.upload(b"x", name="phim.mp4", size=(20 << 20) + 1)
    document = (await call("getUpdates"))["result"][0]["message"]["document"]
    assert document["file_size"] == (20 << 20) + 1
    assert (await call("getFile", file_id=document["file_id"]))[
        "description"
    ] == "Bad Request: file is too big"
    assert (await call("getFile", file_id="x"))["description"] == "Bad Request: invalid file_id"


async def test_menus_resolve_by_scope_and_language(sandbox: Sandbox, call: Call, bot: Bot) -> None:
    minh, anna = await sandbox.user("Minh"), await sandbox.user("Anna", language="en")
    await minh.start()
    await bot.set_my_commands([BotCommand("hoi", "Hỏi")])
    await bot.set_my_commands([BotCommand("hoi", "Ask")], language_code="en")
    await call("setMyCommands", scope={"type": "chat", "chat_id": minh.id},
               commands=[{"command": "duyet", "description": "Duyệt"}])  # fmt: skip
    assert await minh.commands() == {"duyet": "Duyệt"}
    assert await anna.commands() == {"hoi": "Ask"}
    await call("deleteMyCommands", scope={"type": "chat", "chat_id": minh.id})
    assert await minh.commands() == {"hoi": "Hỏi"}


@pytest.mark.parametrize(
    ("commands", "words"),
    [
        ([{"command": "Hỏi", "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "a" * 33, "description": "x"}], "command length must not exceed 32"),
        ([{"command": "a", "description": ""}], "command description must be non-empty"),
        ([{"command": "a", "description": "x" * 257}], "command description length must not exceed 256"),
        ([{"command": f"a{n}", "description": "x"} for n in range(101)], "BOT_COMMANDS_TOO_MUCH"),
    ],
)
async def test_bad_commands_are_refused(call: Call, commands: list[dict[str, str]], words: str) -> None:
    assert (await call("setMyCommands", commands=commands))["description"] == f"Bad Request: {words}"


async def test_a_forwarded_message_tells_its_origin(sandbox: Sandbox, bot: Bot) -> None:
    minh, lan = await sandbox.user("Minh"), await sandbox.user("Lan")
    await lan.send("Tin của Lan")
    await minh.forward((await lan.messages())[0])
    forwarded = (await bot.get_updates())[-1].message
    assert forwarded is not None
    assert forwarded.forward_origin is not None
    assert forwarded.forward_origin.to_dict()["sender_user"]["first_name"] == "Lan"
    assert (await forwarded.copy(lan.id)).message_id == (await lan.messages())[-1].id


async def test_the_bot_tells_about_itself_and_its_chats(sandbox: Sandbox, bot: Bot) -> None:
    minh = await sandbox.user("Minh", last_name="Nguyễn")
    await minh.start()
    await bot.set_my_name("Dịch vụ")
    assert (await bot.get_my_name()).name == "Dịch vụ"
    await bot.set_my_description("Mô tả")
    assert (await bot.get_my_description()).description == "Mô tả"
    chat = await bot.get_chat(minh.id)
    assert (chat.type, chat.full_name) == ("private", "Minh Nguyễn")
    assert await bot.send_chat_action(minh.id, "typing")
    number = (await bot.send_message(minh.id, "ghim")).message_id
    await bot.pin_chat_message(minh.id, number)
    pinned = (await bot.get_chat(minh.id)).pinned_message
    assert pinned is not None
    assert pinned.message_id == number


async def test_a_group_hides_idle_talk_and_can_become_a_supergroup(
    sandbox: Sandbox, bot: Bot, call: Call
) -> None:
    minh, lan = await sandbox.user("Minh"), await sandbox.user("Lan")
    group = await sandbox.group("Tổ dân phố", minh, [lan])
    await lan.send("nói chuyện", chat=group.id)
    await lan.send("/tracuu", chat=group.id)
    updates = await bot.get_updates()
    assert updates[0].my_chat_member is not None
    texts = [update.message.text for update in updates if update.message]
    assert texts == [None, "/tracuu"]
    assert await bot.get_chat_member_count(group.id) == 3
    assert (await bot.get_chat_member(group.id, lan.id)).status == "member"
    old = group.id
    new = await group.migrate()
    answer = await call("sendMessage", chat_id=old, text="x")
    assert answer["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert answer["parameters"] == {"migrate_to_chat_id": new}
    assert (await bot.send_message(new, "x")).chat.type == "supergroup"
    await group.change(bot="kicked")
    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        await bot.send_message(new, "x")


async def test_a_deep_link_carries_its_code(sandbox: Sandbox, bot: Bot) -> None:
    minh = await sandbox.user("Minh")
    await minh.follow("https://t.me/sandbox_bot?start=Moi_123-x")
    message = (await bot.get_updates())[0].message
    assert message is not None
    assert message.text == "/start Moi_123-x"
    with pytest.raises(Exception, match="at most 64"):
        await minh.start("có dấu")
