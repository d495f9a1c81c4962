"""A world of people, agencies and services on each kind of database."""

import pytest

from storage.database import Database
from tests.services.world import World


@pytest.fixture
async def world(database: Database) -> World:
    async with database.work() as work:
        return await World.build(work)
