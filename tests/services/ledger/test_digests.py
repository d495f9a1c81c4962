"""Digests: who gets which, once, when, and with which numbers."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from channels.outgoing import Kind
from domain.deadlines.digests import DigestKind
from domain.programme import Programme
from domain.questions.life import Role
from messages.words import plain
from services.ledger.digests import send_digests
from services.operation import ticking
from services.people import sources
from services.people.actors import Actor
from services.questions import agency_work, answers, asker_decisions, intake, screening
from storage.calendar import days
from storage.engine.database import Database
from storage.people import people, roles
from storage.tables import Row, inbox, occasions, outbox
from tests.conftest import SetClock
from tests.worlds.world import ANSWER, LAND, World, agency_of, staff

NOTHING = "không có gì mới, không có việc quá hạn"
DENUNCIATION = "Tôi tố cáo ông chủ tịch xã nhận hối lộ 50 triệu đồng của dân làm sổ đỏ."


def go(clock: SetClock, local: str) -> None:
    """Set the clock to a moment of November 2026 in programme time: "3 07:30"."""
    day, moment = local.split()
    hour, minute = map(int, moment.split(":"))
    clock.at = datetime(2026, 11, int(day), hour, minute, tzinfo=UTC) - timedelta(hours=7)


async def digests(database: Database, actor: Actor) -> list[Row]:
    """The digests queued for somebody, oldest first."""
    async with database.reading() as work:
        rows = await work.all(sa.select(outbox).where(outbox.c.person_id == actor.id).order_by(outbox.c.id))
    return [row for row in rows if "Bản tin" in row.content.get("html", "")]


async def said(database: Database, actor: Actor) -> list[str]:
    return [plain(row.content["html"]) for row in await digests(database, actor)]


async def settle(database: Database) -> None:
    """All that was queued has arrived."""
    async with database.work() as work:
        await work.run(sa.update(outbox).values(state="sent", sent_at=work.now))


# --- who, when, how often --------------------------------------------------------------------------------------


async def test_a_day_with_a_question_is_told_to_editors_and_admins_in_a_picture_with_buttons(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        await world.received(work)
    go(clock, "3 07:29")
    assert await send_digests(database) == {"daily": 0, "weekly": 0}
    go(clock, "3 07:30")
    assert await send_digests(database) == {"daily": 2, "weekly": 0}
    for actor in (world.editor, world.admin):
        (row,) = await digests(database, actor)
        assert row.kind == Kind.PICTURE
        assert "Mới: 1 · Đã chuyển: 0 · Đã trả lời: 0" in plain(row.content["html"])
        assert "muộn" not in row.content["html"]
        pressed = [data for line in row.content["buttons"] for _, data in line]
        assert pressed == ["sl:new", "sl:approvals", "sl:overdue"]
    for actor in (world.officer, world.leader, world.asker):
        assert await digests(database, actor) == []


async def test_again_and_after_a_restart_nobody_gets_it_twice(
    database: Database, world: World, clock: SetClock, programme: Programme
) -> None:
    go(clock, "3 07:30")
    assert (await ticking.tick(database))["daily"] == 2
    assert (await ticking.tick(database))["daily"] == 0
    restarted = Database(database.url.render_as_string(hide_password=False), clock=clock, programme=programme)
    clock.move(hours=3)
    assert (await send_digests(restarted))["daily"] == 0
    await restarted.close()
    assert len(await digests(database, world.editor)) == 1


async def test_two_processes_at_once_tell_everybody_once(
    database: Database, world: World, clock: SetClock, programme: Programme
) -> None:
    async with database.work() as work:
        await world.received(work)
    go(clock, "9 07:30")
    url = database.url.render_as_string(hide_password=False)
    others = [Database(url, clock=clock, programme=programme) for _ in range(3)]
    sent = await asyncio.gather(*(send_digests(one) for one in others))
    for one in others:
        await one.close()
    assert {kind: sum(one[kind] for one in sent) for kind in DigestKind} == {"daily": 2, "weekly": 6}
    for actor in (world.editor, world.admin, world.officer, world.leader, world.outsider):
        kinds = 2 if actor in (world.editor, world.admin) else 1
        assert len(await digests(database, actor)) == kinds


async def test_a_digest_of_nothing_says_so_in_one_line(
    database: Database, world: World, clock: SetClock
) -> None:
    await settle(database)
    go(clock, "3 07:30")
    await send_digests(database)
    (row,) = await digests(database, world.editor)
    assert row.kind == Kind.TEXT
    assert NOTHING in row.content["html"]
    assert "\n" not in row.content["html"]
    assert row.content["buttons"] == []


async def test_nobody_is_disturbed_at_a_weekend_and_monday_counts_it(
    database: Database, world: World, clock: SetClock
) -> None:
    go(clock, "6 07:30")
    await send_digests(database)
    go(clock, "7 10:00")
    assert await send_digests(database) == {"daily": 0, "weekly": 0}
    async with database.work() as work:
        await world.received(work)
    go(clock, "9 07:30")
    assert (await send_digests(database))["daily"] == 2
    assert "Mới: 1 ·" in (await said(database, world.editor))[1]


async def test_a_fridays_digest_that_was_missed_waits_for_mondays_which_counts_it(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        await world.received(work)
    go(clock, "7 10:00")
    assert await send_digests(database) == {"daily": 0, "weekly": 0}
    go(clock, "5 07:30")
    await send_digests(database)
    async with database.work() as work:
        await world.received(work)
    go(clock, "7 10:00")
    assert await send_digests(database) == {"daily": 0, "weekly": 0}
    go(clock, "9 07:30")
    await send_digests(database)
    daily = [one for one in await said(database, world.editor) if "Bản tin ngày" in one]
    assert len(daily) == 2
    assert "Mới: 1 ·" in daily[1]


async def test_a_holiday_has_no_daily_digest(database: Database, world: World, clock: SetClock) -> None:
    go(clock, "23 07:30")
    await send_digests(database)
    go(clock, "24 12:00")  # Culture Day
    assert await send_digests(database) == {"daily": 0, "weekly": 0}


async def test_after_three_days_of_outage_comes_one_late_digest_with_everything_in_it(
    database: Database, world: World, clock: SetClock
) -> None:
    go(clock, "3 07:30")
    await send_digests(database)
    for moment in ("3 08:00", "4 09:00", "5 10:00"):
        go(clock, moment)
        async with database.work() as work:
            await world.received(work)
    go(clock, "6 07:20")
    assert (await send_digests(database))["daily"] == 0
    go(clock, "6 15:00")
    async with database.work() as work:
        await world.received(work)  # after the period: it is tomorrow's
    assert (await send_digests(database))["daily"] == 2
    assert (await send_digests(database))["daily"] == 0
    first, late = await said(database, world.editor)
    assert "gửi muộn" in late
    assert "gửi muộn" not in first
    assert "Mới: 3 ·" in late
    assert "Từ 07:30, thứ Ba, ngày 03/11/2026 đến 07:30, thứ Sáu, ngày 06/11/2026" in late
    go(clock, "9 07:30")
    await send_digests(database)
    assert "Mới: 1 ·" in [one for one in await said(database, world.editor) if "Bản tin ngày" in one][-1]


async def test_a_role_given_after_the_moment_is_owed_nothing_before_the_next(
    database: Database, world: World, clock: SetClock
) -> None:
    assert await send_digests(database) == {"daily": 0, "weekly": 0}  # everybody came at 09:00, after 07:30
    go(clock, "3 07:31")
    async with database.work() as work:
        newcomer = await staff(work, "newcomer", Role.EDITOR)
    await send_digests(database)
    assert await digests(database, newcomer) == []
    assert len(await digests(database, world.editor)) == 1
    go(clock, "4 07:30")
    await send_digests(database)
    assert len(await digests(database, newcomer)) == 1


async def test_who_lost_the_role_or_blocked_the_bot_gets_none_until_they_are_back(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        (held,) = await roles.of_person(work, world.admin.id)
        await roles.revoke(work, held.id, None)
        await people.update(work, world.editor.id, unreachable_at=work.now)
    go(clock, "3 07:30")
    assert (await send_digests(database))["daily"] == 0
    async with database.work() as work:
        await people.update(work, world.editor.id, unreachable_at=None)
    clock.move(hours=1)
    assert (await send_digests(database))["daily"] == 1
    assert "gửi muộn" in (await said(database, world.editor))[0]


async def test_a_straggler_gets_the_same_period_as_the_others(
    database: Database, world: World, clock: SetClock
) -> None:
    go(clock, "3 07:30")
    await send_digests(database)
    async with database.work() as work:
        await work.run(sa.delete(occasions).where(occasions.c.recipient == f"person:{world.editor.id}"))
    clock.move(hours=1)
    assert (await send_digests(database))["daily"] == 1
    again = (await said(database, world.editor))[1]
    assert "07:30, thứ Hai, ngày 02/11/2026 đến 07:30, thứ Ba, ngày 03/11/2026" in again


@pytest.mark.parametrize("kind", DigestKind)
async def test_a_digest_that_is_configured_off_does_not_come(
    database: Database, world: World, clock: SetClock, programme: Programme, kind: DigestKind
) -> None:
    daily = kind is DigestKind.DAILY
    off = replace(programme, daily_digest=None) if daily else replace(programme, weekly_digest=None)
    quiet = Database(database.url.render_as_string(hide_password=False), clock=clock, programme=off)
    go(clock, "9 07:30")
    sent = await send_digests(quiet)
    await quiet.close()
    assert sent[kind] == 0
    assert sum(sent.values()) > 0


async def test_the_weekly_digest_moves_past_a_day_off_and_comes_once_when_the_list_changes_after_it(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        await days.save(work, {"date": date(2026, 11, 9), "kind": "off", "note": ""})
    go(clock, "9 09:00")
    assert (await send_digests(database))["weekly"] == 0
    go(clock, "10 07:30")
    assert (await send_digests(database))["weekly"] == 6
    async with database.work() as work:
        await days.save(work, {"date": date(2026, 11, 9), "kind": "work", "note": ""})
    assert (await send_digests(database))["weekly"] == 0
    weekly = [one for one in await said(database, world.editor) if "Bản tin tuần" in one]
    assert len(weekly) == 1
    assert "đến 07:30, thứ Ba, ngày 10/11/2026" in weekly[0]


# --- numbers ------------------------------------------------------------------------------------------------------


async def test_the_numbers_are_those_of_the_ledger(database: Database, world: World, clock: SetClock) -> None:
    async with database.work() as work:
        await world.answered(work)  # in time
        late = await world.in_approval(work)  # due on Monday 16/11, 17:00
        stale = await world.accepted(work)
        await world.with_the_editors(work)  # waits for the editors
        await world.received(work)  # to be assigned by Thursday 5/11
        await intake.receive(work, world.asker, LAND, field_code="dat-dai")
    go(clock, "16 07:30")
    await send_digests(database)
    await settle(database)
    go(clock, "16 20:00")
    async with database.work() as work:
        await answers.approve(work, world.leader, late.id)
        await answers.approve(work, world.editor, late.id)
        await agency_work.ask_more(
            work, world.officer, stale.id, "Số hồ sơ nào?"
        )  # overdue: the clock runs on
        await agency_work.supply(work, world.asker, stale.id, "Số 12.")
    await settle(database)
    go(clock, "17 07:30")
    await send_digests(database)
    daily = [one for one in await said(database, world.editor) if "Bản tin ngày" in one][-1]
    for line in (
        "Mới: 0 · Đã chuyển: 0 · Đã trả lời: 1",
        "Đúng hạn: 0/1 (0%) - trễ ở lãnh đạo cơ quan: 1",
        "Đang quá hạn: 4 - trễ ở cơ quan: 1 - trễ ở Ban Biên tập: 3",
        "Chờ duyệt: lãnh đạo 0, Ban Biên tập 1",
        "Câu hỏi mở lâu nhất: DH-2026-000003, Sở NN&MT, nhận thứ Hai, ngày 02/11/2026",
        "Hệ thống: bình thường",
    ):
        assert line in daily, daily
    assert "Họ Tên" not in daily
    assert "sổ đỏ" not in daily


async def test_the_table_has_what_each_agency_and_field_had(
    database: Database, world: World, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Any] = []

    def draw(*given: Any) -> bytes:
        drawn.append(given)
        return b"png"

    monkeypatch.setattr("services.ledger.digests.digest_tables", draw)
    async with database.work() as work:
        await world.answered(work)
        await world.accepted(work)
        again = await world.answered(work)
        await intake.receive(work, world.asker, LAND, field_code="dat-dai")
        await asker_decisions.reopen(work, world.asker, again.id, "Chưa rõ.")
    go(clock, "17 07:30")  # everything is overdue by now but what was answered
    await send_digests(database)
    _say, title, by_agency, by_field = drawn[0]
    assert title == "Bản tin ngày · thứ Ba, ngày 17/11/2026"
    assert {(one.name, one.overdue, one.new, one.answered, one.on_time) for one in by_agency} == {
        ("Sở NN&MT", 2, 0, 0, 0),
        ("Chờ Ban Biên tập", 1, 0, 0, 0),
    }
    async with database.work() as work:
        await work.run(sa.delete(occasions))
        await work.run(sa.text("DELETE FROM facts"))
    go(clock, "3 07:30")
    drawn.clear()
    await send_digests(database)
    _say, title, by_agency, by_field = drawn[0]
    assert {(one.name, one.overdue, one.new, one.answered, one.on_time) for one in by_agency} == {
        ("Sở NN&MT", 0, 3, 2, 2)  # the answer that was reopened since is one, too
    }
    assert {(one.name, one.overdue, one.new, one.answered, one.on_time) for one in by_field} == {
        ("Chưa rõ lĩnh vực", 0, 3, 2, 2),
        ("Đất đai", 0, 1, 0, 0),
    }


async def test_a_late_answer_that_was_reopened_since_stays_a_late_answer(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
    go(clock, "17 08:00")
    async with database.work() as work:
        await agency_work.submit(work, world.officer, question.id, ANSWER)
        await answers.approve(work, world.leader, question.id)
        await answers.approve(work, world.editor, question.id)
        await asker_decisions.reopen(work, world.asker, question.id, "Chưa rõ.")
    await settle(database)
    go(clock, "18 07:30")
    await send_digests(database)
    daily = (await said(database, world.editor))[-2]
    assert "Đã trả lời: 1 Đúng hạn: 0/1 (0%) - trễ ở cơ quan: 1" in daily
    assert "Đang quá hạn: 0" in daily


async def test_a_suspected_denunciation_is_in_no_number_and_only_editors_hear_that_one_waits(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        await world.received(work, DENUNCIATION)
        flagged = await world.accepted(work)
        await screening.flag(work, world.officer, flagged.id)
    await settle(database)
    go(clock, "24 00:00")
    clock.move(days=1, hours=7.5)  # long overdue, were it to be seen
    await send_digests(database)
    (daily,) = [one for one in await said(database, world.editor) if "Bản tin ngày" in one]
    assert "Chờ Ban Biên tập xem (nghi tố cáo): 2" in daily
    assert "Mới: 0 · Đã chuyển: 0" in daily
    assert "Đang quá hạn: 0" in daily
    assert "mở lâu nhất" not in daily
    assert "DH-2026" not in daily
    (admins,) = [one for one in await said(database, world.admin) if "Bản tin ngày" in one]
    assert NOTHING in admins
    assert "tố cáo" not in admins
    for actor in (world.officer, world.leader):
        assert all(NOTHING in one for one in await said(database, actor))


async def test_an_admins_digest_of_other_things_has_no_word_of_a_suspicion(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        await world.received(work)
        await world.received(work, DENUNCIATION)
    go(clock, "3 07:30")
    await send_digests(database)
    assert "(nghi tố cáo): 1" in (await said(database, world.editor))[0]
    (admins,) = await said(database, world.admin)
    assert "Mới: 1 ·" in admins
    assert "tố cáo" not in admins


async def test_staff_who_blocked_the_bot_and_what_is_stuck_are_named(
    database: Database, world: World, clock: SetClock
) -> None:
    await settle(database)
    async with database.work() as work:
        await people.update(work, world.officer.id, unreachable_at=work.now)
        content = {"html": "x", "buttons": []}
        stuck = {"channel": "telegram", "address": "9", "lane": 1, "kind": "text", "content": content}
        for state in ("queued", "failed", "failed"):
            await work.insert(outbox, **stuck, state=state, not_before=work.now, queued_at=work.now)
        await work.run(
            sa.insert(inbox).values(
                channel="telegram",
                event="7",
                place=7,
                chat="9",
                payload="{}",
                received_at=work.now,
                state="parked",
            )
        )
    go(clock, "3 07:30")
    async with database.work() as work:  # on its way, like this tick's own reminders: nothing is stuck there
        await work.insert(outbox, **stuck, state="queued", not_before=work.now, queued_at=work.now)
    await send_digests(database)
    (daily,) = await said(database, world.admin)
    assert "Cán bộ đã chặn bot: 1 (officer - Sở NN&MT)" in daily
    assert "1 tin chờ gửi (lâu nhất từ 09:00, thứ Hai, ngày 02/11/2026)" in daily
    assert "2 tin không gửi được, 1 tin đến bị lỗi" in daily


# --- an agency's own ------------------------------------------------------------------------------------------------


async def test_officers_and_leaders_get_their_agencys_week(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        await world.answered(work)
        await world.accepted(work)
        await world.waiting(work)
    go(clock, "9 07:30")
    await send_digests(database)
    for actor in (world.officer, world.leader):
        (row,) = await digests(database, actor)
        assert row.kind == Kind.TEXT
        text = plain(row.content["html"])
        assert "Bản tin tuần: Sở NN&MT" in text
        assert (
            "Mới được chuyển: 3 Đã trả lời: 1, đúng hạn 1, đúng ngày hẹn đầu tiên 1 Đang mở: 2 Quá hạn: 0"
            in text
        )
        assert "Đến hạn" not in text  # on Monday 16/11, after this week
        assert [data for line in row.content["buttons"] for _, data in line] == ["sl:work"]
        assert "Phối hợp" not in text  # it only leads
    (others,) = await said(database, world.outsider)
    assert NOTHING in others


async def test_what_an_agency_coordinates_stands_apart_with_what_it_has_still_to_contribute(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        contributed = await world.accepted(work)
        await agency_work.contribute(work, world.coordinator, contributed.id, "Quy hoạch đã công bố.")
        await agency_work.contribute(work, world.coordinator, contributed.id, "Xin bổ sung bản đồ.")
        await world.accepted(work)
        hidden = await world.accepted(work)
        await screening.flag(work, world.editor, hidden.id)
        await world.waiting(work)  # the lead itself waits for the asker
        await roles.grant(work, world.editor.id, Role.OFFICER, world.coordinating.id, None)
    go(clock, "9 07:30")
    await send_digests(database)
    (text,) = await said(database, world.coordinator)
    assert "Bản tin tuần: Sở Xây dựng" in text
    assert "Mới được chuyển: 0 Đã trả lời: 0 Đang mở: 0 Quá hạn: 0" in text
    assert "Phối hợp: mới 3, đã góp ý 1, còn phải góp ý 1" in text
    weekly = [one for one in await said(database, world.editor) if "Bản tin tuần" in one]
    assert "Phối hợp: mới 3, đã góp ý 1, còn phải góp ý 1" in weekly[0]
    go(clock, "23 07:30")  # due on Monday 16/11
    await send_digests(database)
    assert (
        "Phối hợp: mới 0, đã góp ý 0, còn phải góp ý 1, quá hạn 1"
        in (await said(database, world.coordinator))[-1]
    )


async def test_what_falls_due_in_the_coming_week_is_listed_with_its_date(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        for _ in range(12):
            await world.accepted(work)  # due on Monday 16/11, 17:00
    go(clock, "16 07:30")
    await send_digests(database)
    text = (await said(database, world.officer))[-1]
    assert "DH-2026-000001 - 17:00, thứ Hai, ngày 16/11/2026" in text
    assert text.count("DH-2026") == 10
    assert "Và 2 câu hỏi nữa." in text


async def test_an_editor_who_is_an_officer_too_gets_one_message_with_a_line_of_their_own(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        agency = await agency_of(work, "SNNMT")
        await roles.grant(work, world.editor.id, Role.OFFICER, agency.id, None)
        await world.accepted(work)
    go(clock, "9 07:30")
    assert (await send_digests(database))["weekly"] == 6
    weekly = [row for row in await digests(database, world.editor) if "Bản tin tuần" in row.content["html"]]
    assert len(weekly) == 1
    assert "Cơ quan của ông/bà: mới 1, đã trả lời 0 (đúng hạn 0), đang mở 1, quá hạn 0" in plain(
        weekly[0].content["html"]
    )
    assert weekly[0].content["buttons"][-1][0][1] == "sl:work"


async def test_an_english_reader_gets_english_words_and_picture(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        await people.update(work, world.admin.id, language="en")
        await world.received(work)
    go(clock, "3 07:30")
    await send_digests(database)
    async with database.reading() as work:
        rows = await work.all(sa.select(outbox).where(outbox.c.kind == Kind.PICTURE).order_by(outbox.c.id))
    assert ["Daily digest" in row.content["html"] for row in rows] == [False, True]
    assert rows[0].content["png"] != rows[1].content["png"]


# --- by which words people came ----------------------------------------------------------------------------------


async def test_the_weekly_digest_says_by_which_words_people_came(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        for word in ("to-roi", "to-roi", "to-roi", "zalo"):
            await sources.count(work, word)
    go(clock, "3 07:30")
    await send_digests(database)
    go(clock, "9 07:30")
    await send_digests(database)
    daily, weekly = (await said(database, world.editor))[0], (await said(database, world.editor))[-1]
    assert "Nguồn" not in daily
    assert "Nguồn: to-roi 3 · khác 1" in weekly
    assert "Nguồn" not in "".join(await said(database, world.officer))
