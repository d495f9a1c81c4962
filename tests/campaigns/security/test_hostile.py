"""Buttons, links and messages as an enemy makes them: nothing is raised, nothing is told, nothing is done."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from domain.errors import Reason
from domain.programme import Programme
from domain.questions.life import Role
from handlers.chat.registry import COMMANDS, PRESSES
from messages.buttons import Act
from services.staff import staff
from storage.engine.database import Database
from storage.people import people, roles
from storage.tables import conversations, invitations, question_drafts
from tests.campaigns.security.attempts import TRACES, Attempts, message, press, rows_of, undone
from tests.campaigns.security.test_roles import PROMISE, read
from tests.worlds.place import ADDRESS, CONTACT, DRAFT, NAME, NOTE, TEXT, UNLIMITED, settle

PERSONAL = (TEXT, NAME, ADDRESS, CONTACT, DRAFT, NOTE)
STATE = TRACES | {"conversations", "question_drafts", "answers_being_written"}

# What follows an act: numbers that no row has or no database holds, signs that one of them refuses, markup, words.
ODD = (
    "", "-1:²", "9223372036854775808:" + "9" * 30, "999999999999999999:999999999999999999:999999999999999999",
    "a\x00b", "1:\x00:\x00", "1:0:\x00", "1:0:0:\x00", "1:0:0:0:0:999999999999999999", "\ud800:\u202e:\ud800",
    "1:0:field:\x00", "1:\ud800:0:\ud800", "'; DROP TABLE people; --:{{ 7*7 }}:{% x %}", "A24:2026-13-45",
    "x999999999999:1", "1:9999-12-31:\x00", "0001-01-01", "1:0001-01-01", "mine:999999999999999999",
    "new:999999999999999999",    "1:1:999999999999999999", "ầ" * 200,
)  # fmt: skip


@pytest.fixture(scope="module")
def programme() -> Programme:
    return UNLIMITED


async def nothing_came_of(attempts: Attempts, bodies: list[dict[str, Any]]) -> list[str]:
    """What is wrong with updates that may only be refused, answered with nothing personal, or not answered at all."""
    wrong = []
    before = await rows_of(attempts.work, STATE)
    found = await attempts.try_all(bodies)
    after = await rows_of(attempts.work, STATE)
    wrong += [f"an exception: {body}" for body, one in zip(bodies, found.outcomes, strict=True) if one.failed]
    wrong += [f"{table} was changed" for table in after if after[table] != before[table]]
    wrong += [f"{words!r} was told" for words in PERSONAL if any(words in said for _, said in found.said)]
    for table in (conversations, question_drafts):
        await attempts.work.run(sa.delete(table))
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


async def test_buttons_without_arguments_or_with_those_of_others_are_refused_in_words(
    database: Database, application: Any
) -> None:
    """Each button as it is, cut after every argument, and with the arguments of the button after it."""
    place = await settle(database, application)
    buttons = [line.format(**place.ids) for line in read(PROMISE) if not line.startswith("/")]
    others = [one.partition(":")[2] for one in [*buttons[1:], buttons[0]]]
    pressed = [":".join(one.split(":")[:end]) for one in buttons for end in range(1, one.count(":") + 1)]
    pressed += [act.value for act in PRESSES]
    pressed += [f"{one.partition(':')[0]}:{foreign}" for one, foreign in zip(buttons, others, strict=True)]
    failed = []
    async with undone(database, application) as attempts:
        everybody = await people.at(attempts.work, "telegram", str(place.people["admin"]))
        assert everybody is not None
        for role in (Role.EDITOR, Role.OFFICER, Role.LEADER):
            agency = None if role is Role.EDITOR else int(place.ids["agency"])
            await roles.grant(attempts.work, everybody.id, role, agency, None)
        for data in dict.fromkeys(pressed):
            savepoint = await attempts.work.connection.begin_nested()
            (outcome,) = (await attempts.try_all([press(place.people["admin"], data)])).outcomes
            await savepoint.rollback()
            attempts.work.known.clear()
            attempts.work.fresh.clear()
            failed += [data] if outcome.failed else []
        (outcome,) = (await attempts.try_all([press(place.people["admin"], Act.AIRING_TIE_TO)])).outcomes
    assert failed == []
    assert outcome.refused == Reason.STALE_BUTTON


# --- invitations ------------------------------------------------------------------------------------------------


async def test_an_invitation_that_was_used_ended_or_never_was_gives_nobody_a_role(
    database: Database, application: Any
) -> None:
    place = await settle(database, application)
    async with undone(database, application) as attempts:
        work = attempts.work
        used, _ = await staff.invite(work, Role.ADMIN, None)
        await attempts.try_all(
            [message(place.people["admin"], f"/start {used}")]
        )  # held already: uses none up
        await attempts.try_all(
            [message(place.people["outside"], f"/start {used}")]
        )  # asked first: uses none up
        taker = await people.at(work, "telegram", str(place.people["outside"]))
        assert taker is not None
        await staff.redeem(work, taker, used)
        expired, _ = await staff.invite(work, Role.EDITOR, None)
        newest = await work.value(sa.select(sa.func.max(invitations.c.id)))
        await work.run(
            sa.update(invitations)
            .where(invitations.c.id == newest)
            .values(expires_at=work.now - timedelta(seconds=1))
        )
        (digest,) = (await work.all(sa.select(invitations.c.digest).where(invitations.c.id == newest)))[0]
        # Its digest opens nothing, nor a part of it, nor it in capitals, nor more words behind it.
        fresh, _ = await staff.invite(work, Role.EDITOR, None)
        typed = {
            used: Reason.INVITATION_USED,
            expired: Reason.INVITATION_EXPIRED,
            digest: Reason.INVITATION_INVALID,
            fresh[:-1]: Reason.INVITATION_INVALID,
            fresh.upper(): Reason.INVITATION_INVALID,
            f"{fresh} {fresh}": Reason.INVITATION_INVALID,
            "a" * 100: Reason.INVITATION_INVALID,
            # What looks like none is `/start`, and gives as little.
            "\ud800": None,
            "a\x00b": None,
            "x" * 4000: None,
            "' OR 1=1 --": None,
            "{{ 7*7 }}": None,
        }
        but = STATE | {"sources"}  # how many came by which word, and nobody's name
        before = await rows_of(work, but)
        for who in ("citizen", "revoked", "unknown"):
            found = await attempts.try_all([message(place.people[who], f"/start {code}") for code in typed])
            assert [one.refused for one in found.outcomes] == list(typed.values())
        assert await rows_of(work, but) == before


async def test_an_invitation_works_once_only_and_not_in_a_group(database: Database, application: Any) -> None:
    place = await settle(database, application)
    async with undone(database, application) as attempts:
        code, _ = await staff.invite(attempts.work, Role.EDITOR, None)
        link = f"/start {code}"
        in_group = message(place.people["citizen"], link, chat=GROUP)
        found = await attempts.try_all([in_group, message(place.people["citizen"], link)])
        assert [one.refused for one in found.outcomes] == [Reason.GROUP_CHAT, None]
        found = await attempts.try_all([message(place.people["unknown"], link)])
        assert [one.refused for one in found.outcomes] == [Reason.INVITATION_USED]


# --- other chats -------------------------------------------------------------------------------------------------

GROUP = {"id": -100777, "type": "supergroup", "title": "<b>{{ 7*7 }}</b>"}


async def test_in_a_group_nobody_does_or_reads_anything_of_a_question(
    database: Database, application: Any
) -> None:
    place = await settle(database, application)
    async with undone(database, application) as attempts:
        bodies = []
        for who in ("officer", "editor", "admin", "asker"):
            for command in COMMANDS:
                if (
                    command != "nhom"
                ):  # it is for groups: tests/handlers/deadlines/test_extensions_and_reminders.py
                    typed = f"/{command} {place.codes['assi']} 1"
                    bodies.append(message(place.people[who], typed, chat=GROUP))
            bodies += [
                press(place.people[who], f"{act}:{place.ids[state]}", chat=GROUP)
                for state in ("assi", "answ")
                for act in (Act.OPEN, Act.ACCEPT, Act.FILES, Act.WITHDRAW, Act.TRACK, Act.APPROVE)
            ]
        assert not await nothing_came_of(attempts, bodies)


async def test_a_press_says_who_pressed_and_not_whose_chat_it_claims(
    database: Database, application: Any
) -> None:
    """A forged update of a stranger in the chat of somebody who may: what counts is the sender."""
    place = await settle(database, application)
    officers = {"id": place.people["officer"], "type": "private"}
    async with undone(database, application) as attempts:
        bodies = [
            press(place.people["citizen"], f"{act}:{place.ids['assi']}", chat=officers)
            for act in (Act.OPEN, Act.ACCEPT, Act.RETURN, Act.FLAG)
        ]
        bodies += [message(place.people["citizen"], f"/nhan {place.codes['assi']}", chat=officers)]
        found = await attempts.try_all(bodies)
        assert all(one.refused for one in found.outcomes)
        assert not found.to(str(place.people["officer"]))


async def test_what_is_odd_about_an_update_is_no_exception(database: Database, application: Any) -> None:
    place = await settle(database, application)
    who = place.people["citizen"]
    bodies = [
        press(who, None),
        press(who, ""),
        press(who, None, game_short_name="x"),
        press(who, "op:1", message=None),
        press(who, "op:1", message={"message_id": 1, "date": 0, "chat": {"id": who, "type": "private"}}),
        press(who, "op:1", message=None, inline_message_id="abc"),
        message(who, None),
        message(who, ""),
        message(who, "\x00\ud800\u202e"),
        message(who, "/" + "a" * 4000),
        message(who, "/xem@danhoi_bot"),
        message(who, "/hoi@other_bot x"),
        message(who, "x" * 30_000),
        message(who, None, contact={"phone_number": "1" * 500, "first_name": "{{ x }}", "user_id": who}),
        message(who, None, location={"latitude": 1.0, "longitude": 1.0}),
        message(who, None, dice={"emoji": "x", "value": 1}),
        message(
            who,
            None,
            document={"file_id": "f", "file_unique_id": "u", "file_name": "../../../etc/\x00passwd"},
        ),
        message(who, None, document={"file_id": "f" * 5000, "file_unique_id": "u", "file_size": 2**62}),
    ]
    for body in bodies:
        if "callback_query" in body and body["callback_query"]["message"] is None:
            del body["callback_query"]["message"]
    async with undone(database, application) as attempts:
        found = await attempts.try_all(bodies)
        assert not [body for body, one in zip(bodies, found.outcomes, strict=True) if one.failed]
