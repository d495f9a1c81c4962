"""A balancer asks the real process whether it may be given work: not while messenger or database can't be reached."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import asyncpg
import pytest
from sqlalchemy.engine import make_url

from bot.house import health_routes, messenger
from bot.loops import receiver
from tests.worlds.kept import Kept
from tests.worlds.office import Office, opened


def impatient() -> None:
    """In the bot's process: looks come quickly after one another."""
    health_routes.HEARD_WITHIN, health_routes.LOOK_SECONDS = 2.0, 0.1
    receiver.LONG_POLL_SECONDS = 1
    messenger.HOOK_SECONDS = 0.2


async def answers(client: aiohttp.ClientSession, status: int, reasons: list[str]) -> None:
    """Wait until it is asked whether it is ready and says so, or why not; it is alive all the time."""
    said: object = None
    for _ in range(150):
        async with client.get("/healthz") as response:
            assert response.status == 200
        async with client.get("/readyz") as response:
            said = (response.status, (await response.json())["reasons"])
        if said == (status, reasons):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(said)


@asynccontextmanager
async def watched(office: Office, port: int, **settings: str) -> AsyncIterator[aiohttp.ClientSession]:
    """The office's bot, started anew with an address for those who watch it."""
    await office.stop()
    office.settings |= {"DANHOI_HTTP__LISTEN": f"127.0.0.1:{port}", **settings}
    office.launch(before=impatient)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
        for _ in range(200):
            try:
                await client.get("/healthz")
                break
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.1)
        await answers(client, 200, [])
        yield client


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_it_is_not_ready_while_the_messenger_cannot_be_reached(
    tmp_path: Path, sqlite_url: str, unused_tcp_port_factory: object, mode: str
) -> None:
    assert callable(unused_tcp_port_factory)
    port, hook = unused_tcp_port_factory(), unused_tcp_port_factory()
    settings = {
        "DANHOI_TELEGRAM__MODE": mode,
        "DANHOI_TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{hook}/hook",
        "DANHOI_TELEGRAM__WEBHOOK_LISTEN": f"127.0.0.1:{hook}",
        "DANHOI_TELEGRAM__WEBHOOK_SECRET": "bi-mat_1-that-nobody-guesses",
    }
    async with (
        opened(tmp_path, sqlite_url) as office,
        watched(office, port, **(settings if mode == "webhook" else {})) as client,
    ):
        await office.sandbox.fault("drop_before", "*", count=None)
        await answers(client, 503, ["messenger"])
        await office.sandbox.clear_faults()
        await answers(client, 200, [])


async def test_it_is_not_ready_while_the_database_takes_no_connections(
    tmp_path: Path,
    postgresql_url: str,
    postgresql_kept: Kept,
    unused_tcp_port: int,
) -> None:
    server = await asyncpg.connect(
        make_url(postgresql_url).set(drivername="postgresql", database="postgres").render_as_string(False)
    )
    async with opened(tmp_path, postgresql_url) as office, watched(office, unused_tcp_port) as client:
        try:
            await server.execute("ALTER DATABASE danhoi ALLOW_CONNECTIONS false")
            await server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'danhoi' AND pid <> $1",
                postgresql_kept.connection.get_server_pid(),
            )
            await answers(client, 503, ["database"])
        finally:
            await server.execute("ALTER DATABASE danhoi ALLOW_CONNECTIONS true")
            await server.close()
        await answers(client, 200, [])
