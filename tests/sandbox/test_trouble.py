"""Faults, floods, restarts, moved clocks: what a bot must survive."""

import asyncio
import time
from pathlib import Path

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import NetworkError, RetryAfter, TelegramError, TimedOut

from sandbox import process
from sandbox.client import Sandbox, SandboxError
from sandbox.errors import ApiError
from sandbox.state.limits import Flood
from tests.sandbox.conftest import TOKEN, Call


async def test_a_fault_strikes_its_method_so_many_times(sandbox: Sandbox, bot: Bot, call: Call) -> None:
    minh = await sandbox.user("Minh")
    await minh.start()
    await sandbox.fault("429", "sendMessage", 2, retry_after=7)
    for _ in range(2):
        answer = await call("sendMessage", chat_id=minh.id, text="x")
        assert answer["description"] == "Too Many Requests: retry after 7"
        assert answer["parameters"] == {"retry_after": 7}
    await bot.send_chat_action(minh.id, "typing")
    assert (await bot.send_message(minh.id, "x")).text == "x"
    counters = (await sandbox.counters())["methods"]["sendMessage"]
    assert (counters["ok"], counters["refused"], counters["too_many"]) == (1, 2, 2)
    assert [entry["code"] for entry in await sandbox.requests("sendMessage", refused=True)] == [429, 429]


@pytest.mark.parametrize(("kind", "accepted"), [("drop_before", 0), ("drop_after", 1)])
async def test_a_dropped_connection_leaves_or_does_not_leave_its_effect(
    sandbox: Sandbox, bot: Bot, kind: str, accepted: int
) -> None:
    minh = await sandbox.user("Minh")
    await minh.start()
    await sandbox.fault(kind, "sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(minh.id, "x")
    assert sum(message.from_bot for message in await minh.messages()) == accepted
    assert (await sandbox.counters())["dropped"] == 1


@pytest.mark.parametrize(("kind", "accepted"), [("page_before", 0), ("page_after", 1)])
async def test_a_web_page_may_stand_in_the_platforms_place(
    sandbox: Sandbox, bot: Bot, kind: str, accepted: int
) -> None:
    minh = await sandbox.user("Minh")
    await minh.start()
    await sandbox.fault(kind, "sendMessage")
    with pytest.raises(TelegramError, match="Invalid server response"):
        await bot.send_message(minh.id, "x")
    assert sum(message.from_bot for message in await minh.messages()) == accepted


async def test_updates_come_again_or_the_newest_first(sandbox: Sandbox, call: Call) -> None:
    first, second = [await sandbox.inject({"kind_of_2031": {}}) for _ in range(2)]
    await sandbox.fault("reverse", "getUpdates")
    assert [one["update_id"] for one in (await call("getUpdates"))["result"]] == [second, first]
    third = await sandbox.inject({"kind_of_2031": {}})
    await sandbox.fault("repeat", "getUpdates")
    answer = await call("getUpdates", offset=second + 1)
    assert [one["update_id"] for one in answer["result"]] == [first, second, third]
    assert [one["update_id"] for one in (await call("getUpdates"))["result"]] == [third]


async def test_a_silent_server_may_have_accepted(sandbox: Sandbox, bot: Bot) -> None:
    minh = await sandbox.user("Minh")
    await minh.start()
    await sandbox.fault("timeout_after", "sendMessage")
    with pytest.raises(TimedOut):
        await bot.send_message(minh.id, "x", read_timeout=0.1)
    await minh.wait_for("x")


async def test_server_errors_and_delays(sandbox: Sandbox, call: Call) -> None:
    await sandbox.fault("500")
    await sandbox.fault("502")
    assert (await call("getMe"))["error_code"] == 500
    assert (await call("getMe"))["error_code"] == 502
    await sandbox.fault("delay", delay_ms=80)
    started = time.monotonic()
    assert (await call("getMe"))["ok"]
    assert time.monotonic() - started >= 0.08


async def test_chance_repeats_itself_with_the_same_seed(sandbox: Sandbox, call: Call) -> None:
    seen = []
    for _ in range(2):
        await sandbox.clear_faults()
        await sandbox.fault("500", "getMe", None, probability=0.5, seed=7)
        seen.append([(await call("getMe"))["ok"] for _ in range(12)])
    assert seen[0] == seen[1]
    assert set(seen[0]) == {True, False}


async def test_an_unknown_fault_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="kind must be one of"):
        await sandbox.fault("earthquake")


async def test_no_second_holds_more_than_the_limit(
    sandbox: Sandbox, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # the library's way of not warning about its future
    people = [await sandbox.user(f"Người {number}") for number in range(6)]
    for person in people:
        await person.start()
    await sandbox.flood(enabled=True, per_second=5)
    for person in people[:5]:
        await bot.send_message(person.id, "x")
    with pytest.raises(RetryAfter):
        await bot.send_message(people[5].id, "x")
    assert (await sandbox.flood())["refused"] == 1
    await sandbox.flood(enabled=False)
    await bot.send_message(people[5].id, "x")


class Timeline:
    """Time that a test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr("sandbox.state.limits.time.monotonic", lambda: self.now)


def accepted(flood: Flood, chat: int, count: int = 1, *, paid: bool = False) -> int:
    """0 when the flood lets a message pass, else the seconds to wait."""
    try:
        flood.check(chat, count, paid, is_edit=False)
    except ApiError as error:
        return int((error.parameters or {})["retry_after"])
    return 0


def test_a_chat_takes_a_short_burst_and_then_one_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    timeline, flood = Timeline(monkeypatch), Flood()
    flood.configure({"enabled": True, "chat_burst": 2})
    assert [accepted(flood, 1) for _ in range(3)] == [0, 0, 1]
    assert accepted(flood, 2) == 0
    timeline.now += 1
    assert [accepted(flood, 1), accepted(flood, 1)] == [0, 1]


def test_a_group_takes_twenty_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    timeline, flood = Timeline(monkeypatch), Flood()
    flood.configure({"enabled": True})
    for _ in range(20):
        assert accepted(flood, -5) == 0
        timeline.now += 1
    assert accepted(flood, -5) == 40
    timeline.now += 40
    assert accepted(flood, -5) == 0


def test_any_window_of_a_second_counts_not_only_whole_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    timeline, flood = Timeline(monkeypatch), Flood()
    flood.configure({"enabled": True})
    timeline.now += 0.9
    assert [accepted(flood, chat) for chat in range(30)] == [0] * 30
    timeline.now += 0.9
    assert accepted(flood, 99) == 1
    assert accepted(flood, 99, paid=True) == 0
    timeline.now += 0.1
    assert accepted(flood, 100) == 0


def test_the_strict_mode_refuses_until_the_penalty_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    timeline, flood = Timeline(monkeypatch), Flood()
    flood.configure({"enabled": True, "per_second": 1, "strict": True})
    assert accepted(flood, 1) == 0
    timeline.now += 0.5
    assert accepted(flood, 2) == 1
    timeline.now += 0.6
    assert accepted(flood, 2) == 1, "the window is free again, but the announced second is not over"
    timeline.now += 0.5
    assert accepted(flood, 2) == 0


async def test_everything_survives_a_killed_process(tmp_path: Path) -> None:
    state = str(tmp_path / "state.db")
    first = await process.start("--state", state)
    try:
        async with Sandbox.connect(first.url) as sandbox:
            minh = await sandbox.user("Minh")
            await minh.start()
            await minh.upload(b"words of a file", name="a.txt", caption="tệp")
            group = await sandbox.group("Nhóm", minh)
            await sandbox.clock(3600)
            async with Bot(TOKEN, f"{first.url}/bot", f"{first.url}/file/bot") as bot:
                updates = await bot.get_updates()
                sent = await bot.send_message(minh.id, "Xin chào")
    finally:
        await first.kill()
    second = await process.start("--state", state)
    try:
        async with Sandbox.connect(second.url) as sandbox:
            minh = await sandbox.find(minh.id)
            shown = await minh.messages()
            assert [message.text for message in shown] == ["/start", "tệp", "Xin chào"]
            assert await sandbox.download(shown[1].files[0]) == b"words of a file"
            assert (await sandbox.messages(group.id))[0].raw["service"]
            assert (await sandbox.state())["clock"]["offset_seconds"] == 3600
            async with Bot(TOKEN, f"{second.url}/bot", f"{second.url}/file/bot") as bot:
                again = [update.update_id for update in await bot.get_updates()]
                assert again == [update.update_id for update in updates]
                assert (await bot.send_message(minh.id, "x")).message_id > sent.message_id
                await minh.send("y")
                assert (await bot.get_updates())[-1].update_id > updates[-1].update_id
    finally:
        await second.stop()
    assert second.process.returncode == 0


async def test_a_moved_clock_is_announced(tmp_path: Path) -> None:
    heard: asyncio.Queue[dict[str, object]] = asyncio.Queue()

    async def listen(request: web.Request) -> web.Response:
        heard.put_nowait(await request.json())
        return web.Response()

    app = web.Application()
    app.add_routes([web.post("/clock", listen)])
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        people = tmp_path / "people.json"
        people.write_text('[{"id": 42, "first_name": "Minh", "role_label": "Người dân"}]', "utf-8")
        clock = f"http://127.0.0.1:{runner.addresses[0][1]}/clock"
        async with (
            process.running("--clock-url", clock, "--people", str(people)) as child,
            Sandbox.connect(child.url) as sandbox,
        ):
            assert (await sandbox.find(42)).name == "Minh"
            answer = await sandbox.clock(86400)
            told = heard.get_nowait()
            assert answer["forwarded"] is True
            assert told == {"now": answer["now"], "offset_seconds": 86400}
    finally:
        await runner.cleanup()


async def test_other_pages_have_no_access(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="other pages are refused"):
        await sandbox.request(
            "POST", "users", json={"first_name": "x"}, headers={"Origin": "https://evil.example"}
        )
