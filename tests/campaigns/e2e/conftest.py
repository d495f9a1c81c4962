"""A running office, on each kind of database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.worlds.office import Office, opened


@pytest.fixture
async def office(tmp_path: Path, database_url: str) -> AsyncIterator[Office]:
    """An office whose bot runs."""
    async with opened(tmp_path, database_url) as one:
        yield one
