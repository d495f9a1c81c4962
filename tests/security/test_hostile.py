"""Buttons, links and messages as an enemy makes them: nothing is raised, nothing is told, nothing is done."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from domain.errors import Reason
from domain.question import Role
from handlers.registry import COMMANDS, PRESSES
from messages.buttons import Act
from services import staff
from storage import roles
from storage.database import Database
from storage.tables import conversations, invitations
from tests.conftest import SetClock
from tests.security.attempts import TRACES, Attempts, message, press, rows_of, undone
from tests.security.place import ADDRESS, CONTACT, DRAFT, NAME, NOTE, TEXT, settle

PERSONAL = (TEXT, NAME, ADDRESS, CONTACT, DRAFT, NOTE)
STATE = TRACES | {"conversations"}

# What follows an act: numbers that no row has or no database holds, signs that one of them refuses, markup, words.
ODD = (
    "", ":", "::::", "0", "-1", "1.5", "1e3", "00000001", "9223372036854775807", "999999999999999999", "9" * 60,
    "٣", "²", "１", "\x00", "a\x00b", "\ud800", "\u202e", "\U000e0041", "'; DROP TABLE people; --", "{{ 7*7 }}",
    "{% for x in y %}", "<b>", "&lt;", "%s%n", "../../etc/passwd", "ầ" * 30, "None", "null", "true", "NaN",
    "1:\x00", "1:0:\x00", "1:0:0:\x00", "1:0:0:0:\x00", "1:\ud800", "1:0:\ud800", "1:1:999999999999999999",
    "999999999999999999:1:1", "1:0:999999999999999999", "1:999999999999999999", "1:0:0:0:999999999999999999:1",
    "1:0:field:\x00", "1:0:field:khong-co", "1:99999999999999:links", "A24:2026-13-45", "A24:\x00", "x999999999999",
    "1:2026-02-30", "9999-12-31", "0001-01-01", "1:0001-01-01", "1:9999-12-31", "whole:1", "new:999999999999999999",
    "mine:999999999999999999", "work:0", "1:9999:0:\x00", "1:0:0:" + "%" * 40,
)  # fmt: skip


async def nothing_came_of(attempts: Attempts, bodies: list[dict[str, Any]]) -> list[str]:
    """What is wrong with updates that may only be refused, answered with nothing personal, or not answered at all."""
    wrong = []
    before = await rows_of(attempts.work, STATE)
    found = await attempts.try_all(bodies)
    after = await rows_of(attempts.work, STATE)
    wrong += [f"an exception: {body}" for body, one in zip(bodies, found.outcomes, strict=True) if one.failed]
    wrong += [f"{table} was changed" for table in after if after[table] != before[table]]
    wrong += [f"{words!r} was told" for words in PERSONAL if any(words in said for _, said in found.said)]
    await attempts.work.run(sa.delete(conversations))
    return wrong


async def test_odd_data_behind_any_button_do_and_tell_nothing(database: Database, application: Any) -> None:
    place = await settle(database, application)
    # What these do belongs to whoever presses, and needs no more than the press.
    own = {Act.SUBSCRIPTION_TAP, Act.SUBSCRIPTION_DAILY, Act.SUBSCRIPTION_GENERAL, Act.LEAVE}
    async with undone(database, application) as attempts:
        for who in ("citizen", "revoked"):
            for act in PRESSES:
                bodies = [press(place.people[who], f"{act.value}:{odd}") for odd in ODD]
                found = await nothing_came_of(attempts, bodies)
                assert act in own or not found, (who, act, found)
