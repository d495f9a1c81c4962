"""A running office, on each kind of database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox import process
from sandbox.client import Sandbox
from tests.e2e.office import TOKEN, Office


@pytest.fixture
async def office(tmp_path: Path, database_url: str) -> AsyncIterator[Office]:
    """An office whose bot runs."""
    async with process.running("--token", TOKEN) as messenger, Sandbox.connect(messenger.url) as sandbox:
        one = Office(tmp_path, messenger, sandbox, database_url)
        await one.start()
        try:
            yield one
        finally:
            if one.process is not None:
                assert await one.stop() == 0, one.log()
