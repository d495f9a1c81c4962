"""A world of people, agencies and services on each kind of database."""

import pytest

from storage.engine.database import Database
from tests.worlds.arranged import arranged
from tests.worlds.world import World


@pytest.fixture
async def world(database: Database) -> World:
    async def built() -> World:
        async with database.work() as work:
            return await World.build(work)

    return await arranged(database, "world", built)
