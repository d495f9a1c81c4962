"""Nobody is offered what refuses them: every button of every card and list, for everybody, in every status.

What a person is shown now is pressed now. Buttons of older messages, which time has overtaken, are another matter.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from domain.programme import Programme
from domain.questions.life import Secrecy
from handlers.chat.registry import COMMANDS
from storage.engine.database import Database
from storage.tables import outbox
from tests.campaigns.security.attempts import Attempts, message, press, undone
from tests.conftest import SetClock
from tests.worlds.place import STATES, UNLIMITED, Place, make_all, settle

WHO = ("asker", "citizen", "officer", "leader", "coord", "outside", "editor", "admin")
# What is shown to whom it concerns; the rest is refused as it should be.
SHOWS = ("/tracuu {%s}", "/xem {%s}")
LISTS = tuple(
    f"/{name}" for name in ("cuatoi", "viec", "duyet", "moi", "quahan", "hoidap", "dangky", "dulieu")
)


@pytest.fixture(scope="module")
def programme() -> Programme:
    return UNLIMITED


@pytest.fixture
async def sqlite(sqlite_url: str, programme: Programme) -> AsyncIterator[Database]:
    clock = SetClock(datetime(2026, 11, 2, 2, tzinfo=UTC))
    opened = Database(sqlite_url, clock=clock, programme=programme)
    yield opened
    await opened.close()


async def shown_after(attempts: Attempts, body: dict[str, Any], address: int) -> dict[str, str]:
    """Show somebody something; return the buttons that came with it, label by data."""
    newest = int(await attempts.work.value(sa.select(sa.func.max(outbox.c.id))) or 0)
    await attempts.try_all([body])
    rows = await attempts.work.all(
        sa.select(outbox.c.content).where(outbox.c.id > newest, outbox.c.address == str(address))
    )
    keyboards = [row for one in rows for row in one.content.get("buttons") or ()]
    return {button[1]: button[0] for row in keyboards for button in row}


async def refused(attempts: Attempts, place: Place, who: str, typed: str) -> list[str]:
    """Press everything that comes with what somebody typed, each press undone; return what was refused."""
    address = place.people[who]
    wrong = []
    for data, label in (await shown_after(attempts, message(address, typed), address)).items():
        if data.startswith("http"):
            continue
        savepoint = await attempts.work.connection.begin_nested()
        (outcome,) = (await attempts.try_all([press(address, data)])).outcomes
        await savepoint.rollback()
        attempts.work.known.clear()
        attempts.work.fresh.clear()
        if outcome.refused or outcome.failed:
            wrong.append(f"{who}: {typed}: {label} ({data}): {outcome.refused or 'an exception'}")
    return wrong


@pytest.mark.parametrize("secrecy", list(Secrecy))
async def test_no_button_refuses_whoever_is_shown_it(
    sqlite: Database, application: Any, secrecy: Secrecy
) -> None:
    place = await settle(sqlite, application)
    await make_all(sqlite, secrecy)
    wrong = []
    async with undone(sqlite, application) as attempts:
        for who in WHO:
            typed = [show.replace("%s", state) for state in STATES for show in SHOWS] + list(LISTS)
            for line in typed:
                wrong += await refused(attempts, place, who, line.format(**place.codes))
    assert not wrong, "\n".join(wrong)


async def test_no_command_of_the_help_is_unknown_to_who_reads_it(sqlite: Database, application: Any) -> None:
    place = await settle(sqlite, application)
    wrong = []
    async with undone(sqlite, application) as attempts:
        for who in WHO:
            address = place.people[who]
            found = (await attempts.try_all([message(address, "/trogiup")])).to(str(address))
            for name in COMMANDS:
                if f"/{name}" in found.split():
                    (outcome,) = (await attempts.try_all([message(address, f"/{name}")])).outcomes
                    if outcome.refused == "unknown_command" or outcome.failed:
                        wrong.append(f"{who}: /{name}: {outcome.refused or 'an exception'}")
    assert not wrong, "\n".join(wrong)
