"""Receiving updates: offsets, waiting, kinds, webhooks."""

import asyncio
import json

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import Conflict, Forbidden, InvalidToken

from sandbox.client import Sandbox
from tests.sandbox.conftest import Call


async def test_unconfirmed_updates_come_again_and_an_offset_confirms_only_what_is_below(
    sandbox: Sandbox, call: Call
) -> None:
    minh = await sandbox.user("Minh")
    for number in range(4):
        await minh.send(f"câu {number}")
    first = (await call("getUpdates", limit=3))["result"]
    assert [update["message"]["text"] for update in first] == ["câu 0", "câu 1", "câu 2"]
    assert (await call("getUpdates", limit=3))["result"] == first
    assert await sandbox.pending() == 4
    rest = (await call("getUpdates", offset=first[1]["update_id"]))["result"]
    assert [update["message"]["text"] for update in rest] == ["câu 1", "câu 2", "câu 3"]
    assert await sandbox.pending() == 3


async def test_a_negative_offset_keeps_only_the_newest(sandbox: Sandbox, call: Call) -> None:
    minh = await sandbox.user("Minh")
    for number in range(4):
        await minh.send(f"câu {number}")
    assert [update["message"]["text"] for update in (await call("getUpdates", offset=-1))["result"]] == [
        "câu 3"
    ]
    assert await sandbox.pending() == 1


async def test_an_offset_far_in_the_future_confirms_nothing(sandbox: Sandbox, call: Call) -> None:
    minh = await sandbox.user("Minh")
    await minh.send("câu")
    (update,) = (await call("getUpdates"))["result"]
    assert (await call("getUpdates", offset=update["update_id"] + 1000))["result"] == [update]


async def test_a_press_that_waits_shows_the_message_as_it_was_pressed(sandbox: Sandbox, call: Call) -> None:
    minh = await sandbox.user("Minh")
    await minh.start()
    keys = {"inline_keyboard": [[{"text": "Có", "callback_data": "yes"}]]}
    card = (await call("sendMessage", chat_id=minh.id, text="Thẻ", reply_markup=keys))["result"]
    await minh.press("Có")
    await call("editMessageText", chat_id=minh.id, message_id=card["message_id"], text="Khác")
    query = (await call("getUpdates", offset=-1))["result"][0]["callback_query"]
    assert (query["message"]["text"], query["message"]["reply_markup"]) == ("Thẻ", keys)


async def test_a_long_poll_ends_when_something_happens(sandbox: Sandbox, bot: Bot) -> None:
    minh = await sandbox.user("Minh")
    waiting = asyncio.create_task(bot.get_updates(timeout=5))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await minh.send("Xin chào")
    assert [update.message.text for update in await waiting if update.message] == ["Xin chào"]


async def test_a_second_long_poll_ends_the_first_with_a_conflict(
    sandbox: Sandbox, call: Call, bot: Bot
) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=5))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(call("getUpdates", timeout=5))
    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await first
    await (await sandbox.user("Minh")).send("x")
    assert len((await second)["result"]) == 1


async def test_a_hung_up_poll_meets_nobody(sandbox: Sandbox, call: Call) -> None:
    dead = asyncio.ensure_future(call("getUpdates", timeout=5))
    await asyncio.sleep(0.05)
    dead.cancel()
    await asyncio.sleep(0.05)
    await call("getUpdates", timeout=0)
    alive = asyncio.ensure_future(call("getUpdates", timeout=5))
    await (await sandbox.user("Minh")).send("x")
    assert len((await alive)["result"]) == 1
    assert (await sandbox.counters())["refused"] == 0


async def test_allowed_updates_are_remembered(sandbox: Sandbox, call: Call) -> None:
    minh = await sandbox.user("Minh")
    await call("getUpdates", allowed_updates=["edited_message"])
    number = await minh.send("một")
    await minh.edit(number, "hai")
    kinds = [set(update) - {"update_id"} for update in (await call("getUpdates"))["result"]]
    assert kinds == [{"edited_message"}]


async def test_an_update_that_waits_is_not_changed_by_a_later_edit(sandbox: Sandbox, call: Call) -> None:
    minh = await sandbox.user("Minh")
    number = await minh.send("một")
    await minh.edit(number, "hai")
    first, second = (await call("getUpdates"))["result"]
    assert first["message"]["text"] == "một"
    assert second["edited_message"]["text"] == "hai"
    assert "edit_date" in second["edited_message"]


async def test_anything_can_be_injected(sandbox: Sandbox, call: Call) -> None:
    await sandbox.inject({"message": {"nothing": ["of", "use"]}})
    (update,) = (await call("getUpdates"))["result"]
    assert update["message"] == {"nothing": ["of", "use"]}


async def test_a_wrong_token_and_an_unknown_method_are_refused(url: str, call: Call) -> None:
    with pytest.raises(InvalidToken):
        async with Bot("1:wrong", f"{url}/bot", f"{url}/file/bot"):
            pass
    answer = await call("noSuchMethod")
    assert (answer["error_code"], answer["description"]) == (404, "Not Found: method not found")


class Webhook:
    """A bot's webhook: notes what comes and answers as it is told."""

    def __init__(self) -> None:
        self.seen: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self.answers: list[web.Response] = []

    async def handle(self, request: web.Request) -> web.Response:
        update = json.loads(await request.read())
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        self.seen.put_nowait((secret, update["message"]["text"]))
        return self.answers.pop(0) if self.answers else web.Response()


async def test_a_webhook_gets_updates_in_order_again_after_failures_and_may_answer_in_place(
    sandbox: Sandbox, call: Call
) -> None:
    await sandbox.settings(webhook_first_retry_seconds=0.01)
    minh = await sandbox.user("Minh")
    webhook = Webhook()
    webhook.answers = [web.Response(status=500), web.Response(status=502)]
    webhook.answers.append(
        web.json_response({"method": "sendMessage", "chat_id": minh.id, "text": "Đã nhận"})
    )
    app = web.Application()
    app.add_routes([web.post("/hook", webhook.handle)])
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        assert (await call("setWebhook", url=address, secret_token="s-1"))["ok"]
        conflict = await call("getUpdates")
        assert conflict["error_code"] == 409
        assert "webhook is active" in conflict["description"]
        await minh.send("một")
        await minh.send("hai")
        async with asyncio.timeout(5):
            seen = [await webhook.seen.get() for _ in range(4)]
        assert seen == [("s-1", "một")] * 3 + [("s-1", "hai")]
        await minh.wait_for("Đã nhận", since_action=False)
        await sandbox.settled()
        info = (await call("getWebhookInfo"))["result"]
        assert info["url"] == address
        assert info["last_error_message"] == "Wrong response from the webhook: 502 Bad Gateway"
        await call("deleteWebhook")
        assert (await call("getUpdates"))["result"] == []
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"url": "http://example.com/hook"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https://a.vn/h", "secret_token": "có dấu"}, "secret token contains unallowed characters"),
    ],
)
async def test_a_bad_webhook_is_refused(call: Call, params: dict[str, str], words: str) -> None:
    assert (await call("setWebhook", **params))["description"] == f"Bad Request: {words}"


async def test_blocking_is_told_and_felt(sandbox: Sandbox, bot: Bot) -> None:
    minh = await sandbox.user("Minh")
    await minh.start()
    await minh.block()
    updates = await bot.get_updates()
    change = updates[-1].my_chat_member
    assert change is not None
    assert (change.old_chat_member.status, change.new_chat_member.status) == ("member", "kicked")
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(minh.id, "x")
    await minh.start()
    assert (await bot.send_message(minh.id, "x")).text == "x"
