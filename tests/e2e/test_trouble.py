"""The messenger in trouble, and the process told to stop: the bot recovers by itself."""

import asyncio

from tests.e2e.office import LAND, Office, ask


async def test_it_leaves_within_ten_seconds_of_sigterm_while_it_polls(office: Office) -> None:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    assert await office.stop() == 0
    assert loop.time() - begun < 10


async def test_a_second_run_on_the_same_database_is_refused_with_a_sentence(office: Office) -> None:
    status, out, err = await office.call("run")
    assert status == 1
    assert out == ""
    assert "another" in err


async def test_the_operators_commands_work_beside_a_running_bot(office: Office) -> None:
    invitation = await office.command("invite", "--role", "editor", "--json")
    assert invitation["link"] == f"https://t.me/sandbox_bot?start={invitation['code']}"


async def test_a_webhook_brings_the_same_conversation(office: Office, unused_tcp_port: int) -> None:
    await office.stop()
    office.settings |= {
        "DANHOI_TELEGRAM__MODE": "webhook",
        "DANHOI_TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{unused_tcp_port}/hook",
        "DANHOI_TELEGRAM__WEBHOOK_LISTEN": f"127.0.0.1:{unused_tcp_port}",
        "DANHOI_TELEGRAM__WEBHOOK_SECRET": "bi-mat_1",
    }
    await office.start()
    citizen = await office.sandbox.user("Mai")
    code = await ask(citizen)
    assert (await office.question(code))["text"] == LAND


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
