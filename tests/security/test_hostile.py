"""Buttons, links and messages as an enemy makes them: nothing is raised, nothing is told, nothing is done."""

from typing import Any

import sqlalchemy as sa

from domain.question import Role
from handlers.registry import PRESSES
from messages.buttons import Act
from storage import people, roles
from storage.database import Database
from storage.tables import conversations
from tests.security.attempts import TRACES, Attempts, press, rows_of, undone
from tests.security.place import ADDRESS, CONTACT, DRAFT, NAME, NOTE, TEXT, settle

PERSONAL = (TEXT, NAME, ADDRESS, CONTACT, DRAFT, NOTE)
STATE = TRACES | {"conversations"}

# What follows an act: numbers that no row has or no database holds, signs that one of them refuses, markup, words.
ODD = (
    "", "-1:²", "9223372036854775808:" + "9" * 30, "999999999999999999:999999999999999999:999999999999999999",
    "a\x00b", "1:\x00:\x00", "1:0:\x00", "1:0:0:\x00", "1:0:0:0:0:999999999999999999", "\ud800:\u202e:\ud800",
    "1:0:field:\x00", "1:\ud800:0:\ud800", "'; DROP TABLE people; --:{{ 7*7 }}:{% x %}", "A24:2026-13-45",
    "x999999999999:1", "1:9999-12-31:\x00", "0001-01-01", "1:0001-01-01", "mine:999999999999999999",
    "new:999999999999999999",    "1:1:999999999999999999", "ầ" * 200,
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


# What these do belongs to whoever presses, and needs no more than the press.
OWN = {Act.SUBSCRIPTION_TAP, Act.SUBSCRIPTION_DAILY, Act.SUBSCRIPTION_GENERAL, Act.LEAVE}


async def test_odd_data_behind_any_button_do_and_tell_nothing(database: Database, application: Any) -> None:
    place = await settle(database, application)
    bodies = [
        press(place.people["citizen"], f"{act.value}:{odd}")
        for act in PRESSES
        if act not in OWN
        for odd in ODD
    ]
    async with undone(database, application) as attempts:
        assert not await nothing_came_of(attempts, bodies)


async def test_odd_data_never_raise_also_for_who_may_do_everything(
    database: Database, application: Any
) -> None:
    place = await settle(database, application)
    async with undone(database, application) as attempts:
        everybody = await people.at(attempts.work, "telegram", str(place.people["admin"]))
        assert everybody is not None
        for role in (Role.EDITOR, Role.OFFICER, Role.LEADER):
            agency = None if role is Role.EDITOR else int(place.ids["agency"])
            await roles.grant(attempts.work, everybody.id, role, agency, None)
        bodies = [press(place.people["admin"], f"{act.value}:{odd}") for act in PRESSES for odd in ODD]
        found = await attempts.try_all(bodies)
        failed = [
            body["callback_query"]["data"]
            for body, one in zip(bodies, found.outcomes, strict=True)
            if one.failed
        ]
        assert not failed
