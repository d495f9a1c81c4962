"""The messenger in trouble, and the process told to stop: the bot recovers by itself."""

import asyncio
import re
from pathlib import Path

import aiohttp
import sqlalchemy as sa

from storage.engine.database import Database
from tests.worlds.office import LAND, TOKEN, Office, ask, opened


async def test_it_leaves_within_ten_seconds_of_sigterm_while_it_polls(office: Office) -> None:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    assert await office.stop() == 0
    assert loop.time() - begun < 10


async def test_on_sqlite_a_second_run_on_the_same_database_is_refused_with_a_sentence(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with opened(tmp_path, sqlite_url) as office:
        status, out, err = await office.call("run")
    assert (status, out) == (1, "")
    assert "another `danhoi run` is at work on this database; stop it first" in err


async def test_on_postgresql_a_second_run_stands_by_and_leaves_when_told(
    tmp_path: Path, postgresql_url: str
) -> None:
    async with opened(tmp_path, postgresql_url) as office:
        other = Office(tmp_path / "other", office.messenger, office.sandbox, postgresql_url)
        other.folder.mkdir()
        await other.start()
        citizen = await office.sandbox.user("Mai")
        assert (await office.question(await ask(citizen)))["text"] == LAND
        assert await other.stop() == 0
        assert '"event": "stands_by"' in other.log()
        assert "another_receiver" not in office.log() + other.log()


async def test_the_schema_is_not_changed_beneath_a_run_of_an_older_version(
    tmp_path: Path, database: Database, database_url: str
) -> None:
    async with opened(tmp_path, database_url) as office:
        async with database.work() as work:
            await work.run(sa.text("UPDATE alembic_version SET version_num = '0006'"))
        for command in (["migrate"], ["questions", "--json"]):
            status, out, err = await office.call(*command)
            assert (status, out) == (1, "")
            assert "a `danhoi run` of an older version is at work on this database; stop it first" in err
            assert "Traceback" not in err


async def test_the_operators_commands_work_beside_a_running_bot(office: Office) -> None:
    invitation = await office.command("invite", "--role", "editor", "--json")
    assert invitation["link"] == f"https://t.me/sandbox_bot?start={invitation['code']}"
    citizen = await office.sandbox.user("Mai")
    code = await ask(citizen)
    copy = office.folder / "copy.tar"
    assert (await office.call("backup", str(copy)))[0] == 0
    (office.folder / "tin.txt").write_text("Lên sóng lúc 20:00", "utf-8")
    await office.command("broadcast", "--text-file", "tin.txt", "--to", "all", "--json")
    await citizen.wait_for("Lên sóng")
    assert (await office.command("tick", "--json"))["sent"] == 0  # the bot that runs sends
    status, _, err = await office.call("restore", str(copy), "--force")
    assert status == 1
    assert "a `danhoi run` is at work on this database" in err
    assert (await office.question(code))["code"] == code


async def test_who_watches_the_bot_hears_that_it_is_alive_and_ready(
    office: Office, unused_tcp_port: int
) -> None:
    await office.stop()
    office.settings["DANHOI_HTTP__LISTEN"] = f"127.0.0.1:{unused_tcp_port}"
    await office.start()
    citizen = await office.sandbox.user("Mai")
    await ask(citizen)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{unused_tcp_port}") as client:
        for path in ("/healthz", "/readyz"):
            async with client.get(path) as response:
                assert response.status == 200, await response.text()
        async with client.get("/metrics") as response:
            numbers = await response.text()
    assert "danhoi_leads 1.0" in numbers
    assert re.search(r'danhoi_updates_handled_total{outcome="done"} [1-9]', numbers)
    assert re.search(r'danhoi_messages_total{outcome="sent"} [1-9]', numbers)
    assert str(citizen.id) not in numbers


async def test_a_webhook_brings_the_same_conversation(office: Office, unused_tcp_port: int) -> None:
    await office.stop()
    office.settings |= {
        "DANHOI_TELEGRAM__MODE": "webhook",
        "DANHOI_TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{unused_tcp_port}/hook",
        "DANHOI_TELEGRAM__WEBHOOK_LISTEN": f"127.0.0.1:{unused_tcp_port}",
        "DANHOI_TELEGRAM__WEBHOOK_SECRET": "bi-mat_1-that-nobody-guesses",
    }
    await office.start()
    citizen = await office.sandbox.user("Mai")
    code = await ask(citizen)
    assert (await office.question(code))["text"] == LAND
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{office.messenger}/bot{TOKEN}/getWebhookInfo") as answer,
    ):
        asked_for = (await answer.json())["result"]
    assert asked_for["max_connections"] == 100  # as many at once as the Bot API gives


async def test_faults_of_the_messenger_are_waited_out_and_everybody_gets_their_message_once(
    office: Office,
) -> None:
    await office.sandbox.fault("429", "sendMessage", count=1, retry_after=1)
    await office.sandbox.fault("500", "sendMessage", count=2)
    await office.sandbox.fault("drop_before", "sendMessage", count=1)
    await office.sandbox.fault("502", "getUpdates", count=2)
    citizen = await office.sandbox.user("Mai")
    await citizen.send(LAND)
    await citizen.wait_for("Đồng ý", timeout=20)
    shown = [message for message in await citizen.messages() if message.from_bot]
    assert len(shown) == len({message.text for message in shown})


async def test_an_update_nobody_can_read_stops_nobody(office: Office) -> None:
    for update in (
        {"message": {"chat": 5}},
        {"message": {"message_id": 1, "date": "hôm nay", "chat": {"id": 9, "type": "private"}}},
        {"kind_of_2031": {"x": 1}},
        {"callback_query": {"id": "1", "from": {"id": 9, "is_bot": False, "first_name": "X"}, "data": "xx"}},
    ):
        await office.sandbox.inject(update)
    citizen = await office.sandbox.user("Mai")
    await citizen.send(LAND)
    await citizen.wait_for("Đồng ý")
