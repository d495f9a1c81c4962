"""A sandbox in the test's own event loop, and a real client library to talk to it."""

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from aiohttp import ClientSession
from telegram import Bot
from telegram.request import HTTPXRequest

from sandbox.client import Sandbox
from sandbox.http.server import serve
from sandbox.state.store import Store
from sandbox.state.world import World

TOKEN = "1000001:sandbox-token"

Call = Callable[..., Coroutine[Any, Any, dict[str, Any]]]


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """The address of a fresh sandbox."""
    async with serve(World(Store(None), TOKEN, "sandbox_bot", "Sandbox"), "127.0.0.1", 0) as address:
        yield address


@pytest.fixture
async def sandbox(url: str) -> AsyncIterator[Sandbox]:
    """The control API's client."""
    async with Sandbox.connect(url) as connection:
        yield connection


@pytest.fixture
async def bot(url: str) -> AsyncIterator[Bot]:
    """python-telegram-bot, as a real bot would use it."""
    request = HTTPXRequest(read_timeout=5, connection_pool_size=4)
    async with Bot(TOKEN, f"{url}/bot", f"{url}/file/bot", request=request) as real:
        yield real


@pytest.fixture
async def call(url: str) -> AsyncIterator[Call]:
    """Call a method with raw JSON and get the raw answer."""
    async with ClientSession() as session:

        async def post(method: str, **params: Any) -> dict[str, Any]:
            async with session.post(f"{url}/bot{TOKEN}/{method}", json=params) as response:
                body: dict[str, Any] = await response.json()
                assert response.status == body.get("error_code", 200)
                return body

        yield post
