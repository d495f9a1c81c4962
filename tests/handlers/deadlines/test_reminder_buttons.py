"""Every button and every command of every reminder works for whoever got it, whatever their role."""

import re
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from domain.episodes.episodes import EpisodeNumber
from domain.questions.life import Role
from messages.words import plain
from services.deadlines import reminding
from services.episodes import episodes
from services.operation.ticking import tick
from services.people.actors import Actor, actor_of
from services.questions import asker_decisions, screening
from storage.agencies import agencies
from storage.delivery import outbox
from storage.delivery.outbox import OutboxState
from storage.engine.database import Database, Work
from storage.episodes import episodes as stored_episodes
from storage.people import people
from storage.rows import OutboxRow
from storage.tables import outbox as outbox_table
from tests.campaigns.security.attempts import message, press, undone
from tests.conftest import SetClock
from tests.worlds.place import Place, settle
from tests.worlds.world import staff

DAYS = (3, 7, 9, 14, 16, 18, 22, 28, 30, 37, 53)  # after Monday 2/11/2026


async def actor(work: Work, place: Place, who: str) -> Actor:
    row = await people.at(work, "telegram", str(place.people[who]))
    assert row is not None
    return await actor_of(work, row)


async def more_to_remind_of(database: Database, place: Place) -> None:
    """What a place with one of everything does not have: nobody in an agency, a plan not sent, a promise handed on."""
    async with database.work() as work:
        editor, officer = await actor(work, place, "editor"), await actor(work, place, "officer")
        asker = await actor(work, place, "asker")
        bare = await agencies.by_code(work, "STC")
        other = await agencies.by_code(work, "SXD")
        assert bare is not None
        assert other is not None
        await screening.assign(work, editor, int(place.ids["assi"]), bare, (other,))
        await screening.flag(work, officer, int(place.ids["wait"]))
        episode = await episodes.create(work, editor, EpisodeNumber(2026, 13), "Chưa có kịch bản")
        soon = work.now + timedelta(days=7)
        await stored_episodes.update(
            work, episode.id, recording_at=soon + timedelta(days=7), plan_due_at=soon
        )
        await asker_decisions.reopen(work, asker, int(place.ids["answ"]), "Cống vẫn chưa khơi.")
        case = await screening.assign(work, editor, int(place.ids["answ"]), other)
        assert case.question.lead_agency_id == other.id
        blocked = await staff(work, "blocked", Role.OFFICER, "SXD")
        await people.update(work, blocked.id, unreachable_at=work.now)


async def reminders(work: Work) -> list[OutboxRow]:
    query = sa.select(outbox_table).where(
        outbox_table.c.about == reminding.ABOUT,
        outbox_table.c.person_id.is_not(None),
        outbox_table.c.state == OutboxState.QUEUED,
    )
    return await work.all(query)


async def test_every_button_and_command_of_a_reminder_works_for_whoever_gets_it(
    database: Database, application: Any, clock: SetClock
) -> None:
    place = await settle(database, application)
    await more_to_remind_of(database, place)
    name_of = {str(address): who for who, address in place.people.items()}
    begun, wrong, got, pressed = clock.at, [], set(), set()
    for day in DAYS:
        clock.at = begun + timedelta(days=day)
        await tick(database)
        async with undone(database, application) as attempts:
            for row in await reminders(attempts.work):
                who = name_of.get(row.address, row.address)
                got.add(who)
                tried = [press(int(row.address), data) for line in row.content["buttons"] for _, data in line]
                tried += [
                    message(int(row.address), one)
                    for one in re.findall(r"(?<!\S)/[a-z]+", plain(row.content["html"]))
                ]
                for body in tried:
                    savepoint = await attempts.work.connection.begin_nested()
                    said = await attempts.try_all([body])
                    await savepoint.rollback()
                    (outcome,) = said.outcomes
                    what = body.get("callback_query", body.get("message", {}))
                    data = what.get("data") or what.get("text")
                    pressed.add((who, str(data).split(":")[0]))
                    if outcome.refused or outcome.failed:
                        wrong.append(f"{day}: {who} {data}: {outcome.refused or 'failed'} {said.said[-1:]}")
        async with database.work() as work:
            for row in await outbox.to_send(work, "telegram", 1000):
                await outbox.settle(work, row.id, OutboxState.SENT, sent_at=work.now, message_id=str(row.id))
    assert wrong == []
    assert {"officer", "leader", "coord", "editor", "admin", "asker"} <= got
    acts = {data for _, data in pressed}
    assert {"op", "ar", "sl", "sca", "scd", "epo", "tr", "/viec", "/quahan", "/moi", "/moinguoi"} <= acts
