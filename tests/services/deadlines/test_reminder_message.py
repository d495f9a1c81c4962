"""What a reminder says: every late question by name, agency by agency, and what to do where nobody is."""

import re
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from domain.questions.life import Role
from messages.words import plain
from services.deadlines import reminder_message, reminding
from services.operation.ticking import tick
from services.questions import screening
from storage.engine.database import Database, Work
from storage.people import groups
from storage.rows import AgencyRow
from storage.tables import outbox as outbox_table
from tests.conftest import SetClock
from tests.worlds.world import World, agency_of, staff

LATE = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)  # Friday 20/11, 08:00: the fourth day late


async def given(work: Work, world: World, agency: AgencyRow, how_many: int) -> None:
    for _ in range(how_many):
        question = await world.received(work)
        await screening.assign(work, world.editor, question.id, agency)


async def reminder(database: Database, *conditions: Any) -> tuple[str, list[tuple[str, str]]]:
    """The words and the buttons of somebody's last reminder."""
    async with database.reading() as work:
        query = sa.select(outbox_table).where(outbox_table.c.about == reminding.ABOUT, *conditions)
        row = (await work.all(query.order_by(outbox_table.c.id)))[-1]
    keys = [(label, data) for line in row.content["buttons"] for label, data in line]
    return plain(row.content["html"]), keys


def to(person: Any) -> Any:
    return outbox_table.c.person_id == person.id


async def test_editors_read_what_is_late_by_agency_each_with_a_button_to_its_list(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        await given(work, world, world.lead, 3)
        await given(work, world, world.other, 2)
        await world.received(work)
    clock.at = LATE
    await tick(database)
    text, keys = await reminder(database, to(world.editor))
    assert text.index("Quá hạn") < text.index("Sở NN&MT") < text.index("Sở Y tế")
    assert "Ban Biên tập • chuyển cơ quan trả lời (1): DH-2026-000006 (05/11)" in text
    assert "• trả lời (3): DH-2026-000001 (16/11), DH-2026-000002 (16/11), DH-2026-000003 (16/11)" in text
    assert "• trả lời (2): DH-2026-000004 (16/11), DH-2026-000005 (16/11)" in text
    assert ("Sở NN&MT (3) ▸", f"sl:agency:{world.lead.id}") in keys
    assert ("Sở Y tế (2) ▸", f"sl:agency:{world.other.id}") in keys
    assert text.endswith("Xem tất cả: /quahan · /moi")


async def test_an_officer_reads_their_own_without_its_name_and_a_command_of_theirs(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        await given(work, world, world.lead, 2)
    clock.at = LATE
    await tick(database)
    text, keys = await reminder(database, to(world.officer))
    assert "Sở NN&MT" not in text
    assert text.endswith("Xem tất cả: /viec")
    assert [data for label, data in keys if label == "Nhận xử lý"] == ["ar:1", "ar:2"]
    text, keys = await reminder(database, to(world.leader))
    assert not [data for label, data in keys if label == "Nhận xử lý"]  # it is an officer's to say
    assert text.endswith("Xem tất cả: /viec")


async def test_a_group_is_told_where_the_command_is_typed(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        await given(work, world, world.lead, 1)
        await groups.link(
            work, world.lead.id, channel="telegram", address="-100", title="Sở", linked_by=world.officer.id
        )
    clock.at = LATE
    await tick(database)
    text, keys = await reminder(database, outbox_table.c.address == "-100")
    assert text.endswith("Xem trong tin nhắn riêng với bot: /viec")
    assert keys == []


async def test_agencies_without_people_stand_in_one_line_with_what_to_do(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        for code in ("STC", "SCT"):
            await given(work, world, await agency_of(work, code), 1)
    clock.at = LATE
    await tick(database)
    text, keys = await reminder(database, to(world.editor))
    line = text[text.index("Cơ quan không có cán bộ nhận tin") :]
    assert "Sở Tài chính; Sở Công Thương" in line or "Sở Công Thương; Sở Tài chính" in line
    assert "nhờ quản trị mời cán bộ" in line
    assert "/moinguoi" not in text  # an editor has no such command
    assert sum(data.startswith("sl:agency:") for _, data in keys) == 2
    text, _ = await reminder(database, to(world.admin))
    assert "Xin mời cán bộ: /moinguoi" in text


async def test_as_many_as_a_message_holds_are_named_and_all_are_counted(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        await given(work, world, world.lead, 90)
    clock.at = LATE
    await tick(database)
    for reader in (world.editor, world.officer):
        text, _ = await reminder(database, to(reader))
        assert len(set(re.findall(r"DH-2026-\d{6}", text))) == reminder_message.NAMED
        assert "trả lời (90):" in text
        assert "việc khác" not in text


async def test_the_largest_reminder_is_one_message(database: Database, world: World, clock: SetClock) -> None:
    from storage.agencies import agencies

    async with database.work() as work:
        for agency in (await agencies.everyone(work))[:14]:
            await staff(work, f"officer of {agency.code}", Role.OFFICER, agency.code)
            await given(work, world, agency, 8)
        for _ in range(20):
            await world.received(work)
    clock.at = LATE
    await tick(database)
    async with database.reading() as work:
        query = sa.select(outbox_table).where(outbox_table.c.about == reminding.ABOUT, to(world.editor))
        assert len(await work.all(query)) == 1
    text, keys = await reminder(database, to(world.editor))
    assert len(text) < 4096
    assert "việc khác" in text
    assert ("Quá hạn", "sl:overdue") in keys
