"""An older backup gives nobody back what had ended: roles, invitations, consents, open denunciations, publications."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.lists.endings import LIST, known_to, read_list, write_list
from bot.lists.erasures import BadList
from bot.operator.backup import Restored, make, restore
from bot.operator.doctor import examine
from domain.privacy.consent import Consent
from domain.questions.codes import Code
from domain.questions.life import Role, Secrecy
from domain.subscribers.topics import Leave
from services.broadcasts import broadcasts
from services.operation import evidence
from services.operation.endings import KINDS, counted
from services.people import consents
from services.people.actors import actor_of
from services.questions import screening
from services.staff import blocking, staff
from services.subscribers import subscriptions
from storage.engine.database import Database
from storage.operation import audit
from storage.people import people, roles
from storage.questions import questions
from storage.tables import blocks, invitations, metadata
from storage.tables import consents as consents_table
from storage.tables import people as people_table
from storage.tables import questions as questions_table
from storage.tables import roles as roles_table
from storage.tables import subscriptions as subscriptions_table
from tests.conftest import SetClock
from tests.worlds.chat import House, introduced
from tests.worlds.offices import Offices, hire


class Power:
    """A programme, its backup, and what ended since."""

    def __init__(self, database: Database, folder: Path, offices: Offices) -> None:
        self.database, self.folder, self.offices = database, folder, offices
        self.copy = folder / "copy.tar"
        self.open, self.public, self.other = "", "", ""
        self.code = ""

    async def restored(self, **options: Any) -> Restored:
        return await restore(self.database, self.folder, self.copy, force=True, **options)

    async def wrong(self) -> dict[str, str]:
        env = {
            "DANHOI_STORAGE__URL": self.database.url.render_as_string(hide_password=False),
            "DANHOI_STORAGE__FILES": str(self.folder),
        }
        found = await examine(None, env, self.database.clock)
        ours = {"audit", "guards", "audit_log", "audit_heads", "roles", "history", "words", "questions"}
        ours |= {"approvals", "consents", "erasures"}
        return {one.name: one.says for one in found if not one.ok and one.name in ours}


async def _actor(work: Any, chat: Any) -> Any:
    person = await people.at(work, "telegram", str(chat.address))
    assert person is not None
    return await actor_of(work, person)


@pytest.fixture
async def power(database: Database, application: Any, clock: SetClock, tmp_path: Path) -> Power:
    offices = await Offices.open(House(database, application))
    admin = await hire(offices.house, "Quản", Role.ADMIN)
    await hire(offices.house, "Quản Hai", Role.ADMIN)
    found = Power(database, tmp_path, offices)
    found.open = await offices.ask()
    found.public = await offices.answered()
    await offices.citizen.press("Đồng ý")
    await offices.editor.send(f"/congkhai {found.public}")
    await offices.editor.press("Xác nhận")
    found.other = await offices.ask(
        "Đèn đường ở ấp tôi hỏng, bao giờ sửa?", await introduced(offices.house, "Năm")
    )
    await offices.editor.send(f"/chan {found.other} chửi bới")
    async with database.work() as work:
        citizen = (await _actor(work, offices.citizen)).person
        await subscriptions.subscribe(work, citizen, "links")
        found.code, _ = await staff.invite(work, Role.EDITOR, None)
        editor = await _actor(work, offices.editor)
        mistake = await broadcasts.compose(work, editor, html="Xin mời xem kỳ mới.", audience="all")
    await evidence.seal_ledger(database)
    await make(database, tmp_path, found.copy)
    clock.move(hours=1)
    async with database.work() as work:  # what ends since
        boss = await _actor(work, admin)
        officer = await _actor(work, offices.officer)
        await staff.revoke(work, boss, officer.roles[0].id)
        stranger = await people.seen(
            work, channel="telegram", address="777", display_name="Lạ", language="vi"
        )
        await staff.redeem(work, stranger, found.code)
        await subscriptions.leave(work, citizen, "links")
        await subscriptions.leave(work, citizen, Leave.GENERAL)
        await consents.withdraw(work, citizen, Consent.PROCESSING)
        editor = await _actor(work, offices.editor)
        flagged = await questions.by_code(work, 2026, int(found.open[-6:]))
        assert flagged is not None
        await screening.flag(work, editor, flagged.id)
        await blocking.unblock_sender_of(work, editor, Code(2026, int(found.other[-6:])))
        await blocking.block(work, editor, Code(2026, int(found.public[-6:])), date(2026, 12, 1), "Quảng cáo")
        shown = await questions.by_code(work, 2026, int(found.public[-6:]))
        assert shown is not None
        await questions.move(work, shown, published_at=None)
        await broadcasts.cancel(work, editor, mistake)
    return found


async def _state(database: Database) -> dict[str, Any]:
    async with database.reading() as work:

        async def one(query: sa.Executable) -> Any:
            return await work.value(query)

        count = sa.select(sa.func.count())
        return {
            "officers": len(await roles.holders(work, Role.OFFICER)),
            "uses": await one(sa.select(invitations.c.uses_left).order_by(invitations.c.id.desc()).limit(1)),
            "processing": await one(
                count.select_from(consents_table).where(
                    consents_table.c.kind == "processing", consents_table.c.withdrawn_at.is_(None)
                )
            ),
            "subscribed": await one(count.select_from(subscriptions_table)),
            "left": await one(
                count.select_from(people_table).where(people_table.c.left_broadcasts_at.is_not(None))
            ),
            "suspected": await one(
                count.select_from(questions_table).where(questions_table.c.secrecy == Secrecy.SUSPECTED)
            ),
            "blocked": await one(
                count.select_from(people_table).where(people_table.c.blocked_until > work.now)
            ),
            "published": await one(
                count.select_from(questions_table).where(questions_table.c.published_at.is_not(None))
            ),
        }


ENDED = {
    "officers": 0,
    "uses": 0,
    "processing": 1,  # of somebody else
    "subscribed": 0,
    "left": 1,
    "suspected": 1,
    "published": 0,
    "blocked": 1,
}
SAID = {
    "role": (1, "officer SNNMT"),
    "invitation": (1, ""),
    "consent": (2, "processing, subscription"),
    "broadcasts": (1, ""),
    "flag": (1, "DH-2026-000001"),
    "publication": (1, "DH-2026-000002"),
    "sending": (1, "1"),
    "block": (2, ""),
}


@pytest.mark.parametrize("known_by", ["the database", "the list beside the files", "a list of one's own"])
async def test_what_ended_since_the_backup_ends_again_and_the_operator_is_told(
    power: Power, known_by: str
) -> None:
    database, folder = power.database, power.folder
    assert await _state(database) == ENDED
    mine = None
    if known_by != "the database":
        await write_list(database, folder)
        async with database.engine.begin() as connection:
            await connection.run_sync(metadata.drop_all)  # as on a new machine
            await connection.execute(sa.text("DROP TABLE alembic_version"))
    if known_by == "a list of one's own":
        mine = folder / "copied.jsonl"
        (folder / LIST).rename(mine)

    done = (await power.restored(endings=mine)).ended
    assert {kind: (count, which) for kind, count, which in counted(done)} == SAID
    assert done.unknown == ()
    assert await _state(database) == ENDED
    async with database.reading() as work:
        acts = [row.act for row in await audit.listed(work, 20)]
    assert acts[0] == "endings_replayed"
    assert acts.index("role_revoked") < acts.index("restored")
    assert await power.wrong() == {}
    # a second time there is nothing left to do but what the same backup brings back
    again = (await power.restored()).ended
    assert {kind: (count, which) for kind, count, which in counted(again)} == SAID
    assert await _state(database) == ENDED


async def test_a_block_comes_back_with_its_end_and_whoever_blocks_sees_that_its_reason_is_lost(
    power: Power,
) -> None:
    await power.restored()
    async with power.database.reading() as work:
        (row,) = await work.all(sa.select(blocks).where(blocks.c.ended_at.is_(None)).order_by(blocks.c.id))
        citizen = (await _actor(work, power.offices.citizen)).person
    assert (row.person_id, row.reason, row.by_id) == (citizen.id, None, None)
    assert power.database.programme.local(row.until).date() == date(2026, 12, 2)
    await power.offices.citizen.send("Tôi muốn hỏi thêm về đất đai ở xã tôi")
    await power.offices.editor.send("/chan")
    assert "tạm thời không nhận tin" in power.offices.citizen.last.text
    assert "Khôi phục từ bản sao lưu" in power.offices.editor.last.text


async def test_a_backup_of_a_version_without_blocks_says_that_nobody_was(power: Power) -> None:
    async with power.database.engine.begin() as connection:
        await connection.execute(sa.text("ALTER TABLE blocks RENAME TO of_later"))
    try:
        found, unknown = await known_to(power.database)
    finally:  # the next test's rows are put back into the tables that are there
        async with power.database.engine.begin() as connection:
            await connection.execute(sa.text("ALTER TABLE of_later RENAME TO blocks"))
    assert unknown == []
    assert {one.kind for one in found} == {*KINDS} - {"block"}


async def test_where_nothing_can_tell_what_ended_the_operator_hears_which_kinds(power: Power) -> None:
    async with power.database.engine.begin() as connection:
        await connection.run_sync(metadata.drop_all)
        await connection.execute(sa.text("DROP TABLE alembic_version"))
    done = (await power.restored()).ended
    assert done.ended == {}
    assert done.unknown == KINDS
    assert (await _state(power.database))["officers"] == 1  # back, and said so


async def test_a_damaged_database_says_what_it_still_can(power: Power) -> None:
    async with power.database.engine.begin() as connection:
        await connection.execute(sa.text("ALTER TABLE invitations RENAME TO lost"))
    done = (await power.restored()).ended
    assert done.unknown == ("invitation",)
    assert "role" in done.ended


async def test_what_began_again_since_is_not_ended(power: Power, clock: SetClock) -> None:
    database, folder = power.database, power.folder
    await write_list(database, folder)
    clock.move(hours=1)
    async with database.work() as work:
        citizen = (await _actor(work, power.offices.citizen)).person
        await subscriptions.come_back(work, citizen, Leave.GENERAL)
        editor = await _actor(work, power.offices.editor)
        flagged = await questions.by_code(work, 2026, int(power.open[-6:]))
        assert flagged is not None
        await screening.clear(work, editor, flagged.id)
    await write_list(database, folder)
    await power.restored()
    state = await _state(database)
    assert (state["left"], state["suspected"]) == (0, 0)


async def test_rows_of_another_database_with_the_same_numbers_are_left_alone(power: Power) -> None:
    database, folder = power.database, power.folder
    await write_list(database, folder)
    lines = (folder / LIST).read_text("utf-8").replace("2026-11-02T", "2025-11-02T").splitlines()
    kept = [line for line in lines if json.loads(line)["kind"] != "invitation"]
    (folder / LIST).write_text("\n".join(kept), "utf-8")
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.drop_all)
        await connection.execute(sa.text("DROP TABLE alembic_version"))
    assert (await power.restored()).ended.ended == {}


@pytest.mark.parametrize(
    "written", [None, "not a list", '{"kind": "role"}', '{"kind": "role", "key": [1], "at": "2026-11-02"}']
)
async def test_a_list_that_is_none_is_refused_and_changes_nothing(power: Power, written: str | None) -> None:
    if written is not None:
        (power.folder / "list.jsonl").write_text(written, "utf-8")
    with pytest.raises(BadList):
        await power.restored(endings=power.folder / "list.jsonl")
    assert await _state(power.database) == ENDED


async def test_the_list_holds_no_words_and_is_its_owners(power: Power) -> None:
    await write_list(power.database, power.folder)
    text = (power.folder / LIST).read_text("utf-8")
    assert "Mai" not in text
    assert (power.folder / LIST).stat().st_mode & 0o777 == 0o600
    assert {one.kind for one in read_list(power.folder / LIST)} == set(KINDS)
    async with power.database.reading() as work:
        held = await work.value(sa.select(sa.func.count()).select_from(roles_table))
    assert held
