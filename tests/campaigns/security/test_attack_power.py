"""What somebody tries against several mends at once: where power, broadcasts, evidence and restoring meet."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.config import Config
from bot.house.clocks import FixedClock
from bot.house.tick_once import tick_once
from bot.operator.backup import make, restore
from bot.operator.doctor import examine
from domain.questions.life import Role
from services.broadcasts import broadcasts as broadcasting
from services.operation import evidence
from services.operation.ticking import tick
from services.people.actors import actor_of
from services.privacy import retention
from services.staff import staff
from services.subscribers.subscriptions import set_daily
from storage.broadcasts.broadcasts import finish
from storage.engine.database import Database
from storage.people import people as known
from storage.tables import broadcasts, deliveries, invitations, metadata, outbox, questions, roles
from tests.campaigns.security.test_broadcast_power import begins, follow, goes_out, got, newcomer
from tests.conftest import SetClock
from tests.worlds.chat import Chat, House
from tests.worlds.offices import LAND, Offices, hire
from tests.worlds.on_air import OnAir

CHECKS = {"audit", "guards", "audit_log", "audit_heads", "roles", "history", "words", "questions"}
CHECKS |= {"approvals", "consents", "erasures"}
DENUNCIATION = "Tôi tố cáo ông chủ tịch xã nhận hối lộ 50 triệu đồng của dân làm sổ đỏ."


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def wrong(database: Database, folder: Path) -> dict[str, str]:
    """What `doctor` says of evidence, once all was sealed."""
    await evidence.seal_ledger(database)
    env = {
        "DANHOI_STORAGE__URL": database.url.render_as_string(hide_password=False),
        "DANHOI_STORAGE__FILES": str(folder),
    }
    found = await examine(None, env, database.clock)
    return {one.name: one.says for one in found if not one.ok and one.name in CHECKS}


async def at_the_prompt(database: Database, *statements: sa.Executable) -> None:
    async with database.engine.begin() as connection:
        for statement in statements:
            await connection.execute(statement)


# --- evidence ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("as_if_from_the_beginning", [True, False])
async def test_who_lets_an_editor_read_denunciations_at_the_prompt_is_found(
    offices: Offices, clock: SetClock, tmp_path: Path, as_if_from_the_beginning: bool
) -> None:
    house = offices.house
    await hire(house, "Mới", Role.EDITOR)
    assert await wrong(house.database, tmp_path) == {}
    clock.move(hours=1)
    moment = roles.c.granted_at if as_if_from_the_beginning else clock.now()
    await at_the_prompt(
        house.database,
        sa.update(roles)
        .where(roles.c.vouched_at.is_(None), roles.c.role == "editor")
        .values(vouched_at=moment),
    )
    assert "roles" in await wrong(house.database, tmp_path)


async def test_who_puts_an_invitation_in_at_the_prompt_is_found(
    offices: Offices, clock: SetClock, tmp_path: Path
) -> None:
    database = offices.house.database
    async with database.work() as work:
        await staff.invite(work, Role.ADMIN, None)
    assert await wrong(database, tmp_path) == {}
    clock.move(hours=1)
    mine = {"digest": "0" * 64, "role": "admin", "uses_left": 1, "created_at": clock.now()}
    await at_the_prompt(
        database, sa.insert(invitations).values(**mine, expires_at=clock.now() + timedelta(days=7))
    )
    assert "to the role admin" in (await wrong(database, tmp_path))["roles"]


async def merged(offices: Offices) -> tuple[str, str]:
    """Two that ask the same, the second merged into the first."""
    first = await offices.ask()
    second = await offices.ask(LAND, offices.house.person("Hai"))
    await offices.editor.send(f"/gop {second} {first}")
    await offices.editor.press("Xác nhận")
    return first, second


async def test_one_revived_after_its_original_was_cleared_is_no_alarm(
    offices: Offices, tmp_path: Path
) -> None:
    first, second = await merged(offices)
    await offices.editor.send(f"/nghitocao {second}", f"/xem {first}")
    await offices.editor.press("Không phải tố cáo")
    assert await wrong(offices.house.database, tmp_path) == {}
    await offices.citizen.send(f"/rut {first}")
    await offices.citizen.press("Xác nhận")
    assert (await offices.question(second)).duplicate_of_id is None
    assert await wrong(offices.house.database, tmp_path) == {}


@pytest.mark.parametrize("revived", [False, True])
async def test_who_takes_the_flag_from_one_hidden_with_its_original_is_found(
    offices: Offices, tmp_path: Path, revived: bool
) -> None:
    first, second = await merged(offices)
    await offices.editor.send(f"/nghitocao {first}")
    if revived:
        await offices.citizen.send(f"/rut {first}")
        await offices.citizen.press("Xác nhận")
    question = await offices.question(second)
    assert (question.secrecy, question.duplicate_of_id is None) == ("suspected", revived)
    assert await wrong(offices.house.database, tmp_path) == {}
    await at_the_prompt(
        offices.house.database,
        sa.update(questions).where(questions.c.id == question.id).values(secrecy="none"),
    )
    assert second in (await wrong(offices.house.database, tmp_path))["questions"]


# --- restoring --------------------------------------------------------------------------------------------------------


async def by_admin(house: House, admin: Chat, chat: Chat, role: Role) -> None:
    """An admin ends a role."""
    person, boss = await chat.row(), await admin.row()
    async with house.database.work() as work:
        (held,) = [one for one in (await actor_of(work, person)).roles if one.role == role]
        await staff.revoke(work, await actor_of(work, boss), held.id)
    await house.deliver()


@pytest.mark.parametrize("became", ["stopped", "sent", "unknown", "running"])
async def test_a_broadcast_does_not_go_out_from_a_backup_whatever_became_of_it(
    offices: Offices, clock: SetClock, tmp_path: Path, became: str
) -> None:
    house, copy = offices.house, tmp_path / "copy.tar"
    other = await hire(house, "Trị", Role.ADMIN)
    await offices.editor.send("/thongbao Mời ông/bà xem kỳ mới tối nay.")
    await offices.editor.press("Xác nhận")
    if became == "running":
        clock.move(hours=1)
        assert await broadcasting.start_due(house.database) == 1
    await make(house.database, tmp_path, copy)
    if became == "stopped":
        await other.press("Dừng gửi")
    clock.move(hours=1)
    await broadcasting.start_due(house.database)
    async with house.database.work() as work:
        if became == "sent":
            await work.run(sa.update(deliveries).values(state="sent", sent_at=work.now))
        await finish(work)
    if became == "unknown":
        async with house.database.engine.begin() as connection:
            await connection.run_sync(metadata.drop_all)
            await connection.execute(sa.text("DROP TABLE alembic_version"))
    clock.move(hours=1)
    await restore(house.database, tmp_path, copy, force=True)
    assert await broadcasting.start_due(house.database) == 0
    wanted = {"unknown": "queued", "running": "paused"}.get(became, "cancelled")
    async with house.database.reading() as work:
        assert await work.value(sa.select(broadcasts.c.status)) == wanted
    assert await wrong(house.database, tmp_path) == {}
    await house.deliver()
    if wanted == "queued":  # somebody else than its author lets it go
        await offices.editor.send("/thongbao 1")
        assert "bản sao lưu" in other.last.text
        assert "Đồng ý gửi" not in offices.editor.last.labels
        await other.press("Đồng ý gửi")
        assert await broadcasting.start_due(house.database) == 1
    if wanted == "paused":
        await other.press("Tiếp tục")
        async with house.database.reading() as work:
            assert await work.value(sa.select(broadcasts.c.status)) == "running"


async def test_a_database_of_an_older_version_tells_what_ended(offices: Offices, tmp_path: Path) -> None:
    house, copy = offices.house, tmp_path / "copy.tar"
    admin = await hire(house, "Trị", Role.ADMIN)
    await make(house.database, tmp_path, copy)
    await by_admin(house, admin, offices.officer, Role.OFFICER)
    async with house.database.engine.begin() as connection:
        for table, column in (("roles", "vouched_at"), ("invitations", "ended_at")):
            await connection.execute(sa.text(f"ALTER TABLE {table} DROP COLUMN {column}"))
    done = await restore(house.database, tmp_path, copy, force=True)
    assert done.ended.unknown == ()
    assert done.ended.ended == {"role": ["officer SNNMT"]}


async def test_a_link_brings_back_nobody_whose_role_the_backup_does_not_know(
    offices: Offices, clock: SetClock, tmp_path: Path
) -> None:
    house = offices.house
    admin = await hire(house, "Trị", Role.ADMIN)
    async with house.database.work() as work:
        code, _ = await staff.invite(work, Role.EDITOR, None, uses=3)
    await make(house.database, tmp_path, tmp_path / "copy.tar")
    clock.move(minutes=1)
    new = house.person("Mới")
    await new.send(f"/start {code}")
    await by_admin(house, admin, new, Role.EDITOR)
    clock.move(minutes=1)
    await restore(house.database, tmp_path, tmp_path / "copy.tar", force=True)
    await new.send(f"/start {code}")
    async with house.database.reading() as work:
        held = await known.at(work, "telegram", str(new.address))
        assert held is None or not (await actor_of(work, held)).roles


# --- broadcasts round what holds them --------------------------------------------------------------------------------


async def test_words_added_when_an_answer_is_published_anew_wait_too(
    offices: Offices, clock: SetClock
) -> None:
    house, editor = offices.house, offices.editor
    await hire(house, "Trị", Role.ADMIN)
    follower = await newcomer(house, "Nam")
    code = await offices.answered()
    async with house.database.work() as work:
        await work.run(sa.update(questions).values(field_code="dat-dai"))
    await follow(house, follower, "field:dat-dai")
    clock.move(hours=13)  # in the night, when it waits
    await editor.send(f"/congkhai {code}")
    await editor.press("Đã ẩn danh")
    await editor.press("Xác nhận")
    await goes_out(house)
    await editor.send(f"/nghitocao {code}", f"/xem {code}")
    await editor.press("Không phải tố cáo")
    await editor.send(f"/congkhai {code}")
    await editor.press("Sửa bản công khai")
    await editor.press("Bỏ qua")
    await editor.send("Nộp phí vào số tài khoản tại angiang-gov.com")
    await editor.press("Đã ẩn danh")
    await editor.press("Xác nhận")
    clock.move(hours=10)
    await begins(house)
    await goes_out(house)
    assert got([follower], "angiang-gov.com") == 0


async def test_words_added_before_an_announcement_is_repeated_wait_too(
    offices: Offices, clock: SetClock
) -> None:
    house, editor = offices.house, offices.editor
    await hire(house, "Trị", Role.ADMIN)
    follower = await newcomer(house, "Nam")
    code = await offices.answered()
    async with house.database.work() as work:
        await work.run(sa.update(questions).values(field_code="dat-dai"))
    await follow(house, follower, "field:dat-dai")
    await editor.send(f"/congkhai {code}")
    await editor.press("Đã ẩn danh")
    await editor.press("Xác nhận")
    await begins(house)
    async with house.database.work() as work:  # it did not arrive
        await work.run(sa.update(deliveries).values(state="failed"))
        await finish(work)
    async with house.database.work() as work:
        actor = await actor_of(work, await editor.row())
        await broadcasting.repeat_to_missed(work, actor, 1, include_uncertain=False)
    await editor.send(f"/nghitocao {code}", f"/xem {code}")
    await editor.press("Không phải tố cáo")
    await editor.send(f"/congkhai {code}")
    await editor.press("Sửa bản công khai")
    await editor.press("Bỏ qua")
    await editor.send("Nộp phí vào số tài khoản tại angiang-gov.com")
    await editor.press("Đã ẩn danh")
    await editor.press("Xác nhận")
    clock.move(hours=1)
    await begins(house)
    await goes_out(house)
    assert got([follower], "angiang-gov.com") == 0


async def test_a_digest_has_no_words_that_wait(offices: Offices, clock: SetClock) -> None:
    house, editor = offices.house, offices.editor
    await hire(house, "Trị", Role.ADMIN)
    follower = await newcomer(house, "Nam")
    code = await offices.answered()
    async with house.database.work() as work:
        await work.run(sa.update(questions).values(field_code="dat-dai"))
    await follow(house, follower, "field:dat-dai")
    async with house.database.work() as work:
        await set_daily(work, (await follower.row()), True)
    clock.move(hours=1)
    await editor.send(f"/congkhai {code}")
    await editor.press("Sửa bản công khai")
    await editor.send("Nộp mã OTP tại angiang-gov.com để nhận tiền")
    await editor.press("Bỏ qua")
    await editor.press("Đã ẩn danh")
    await editor.press("Xác nhận")
    clock.move(hours=24)
    await tick(house.database)
    await begins(house)
    await goes_out(house)
    assert got([follower], "angiang-gov.com") == 0


@pytest.mark.parametrize("in_the_night", [True, False])
async def test_an_editors_own_correction_is_no_word_that_others_have_seen(
    offices: Offices, clock: SetClock, in_the_night: bool
) -> None:
    """Corrected while its announcement waits for the morning, or before it is published."""
    house, editor = offices.house, offices.editor
    other = await hire(house, "Trị", Role.ADMIN)
    follower = await newcomer(house, "Nam")
    code = await offices.answered()
    await offices.citizen.press("Đồng ý")
    async with house.database.work() as work:
        await work.run(sa.update(questions).values(field_code="dat-dai"))
    await follow(house, follower, "field:dat-dai")
    if in_the_night:
        clock.move(hours=13)
        await editor.send(f"/congkhai {code}")
        await editor.press("Xác nhận")
    leader = await offices.leader.row()
    async with house.database.work() as work:  # nobody else can approve it
        await staff.became_unreachable(work, leader.id)
    await editor.send(f"/dinhchinh {code} Nộp phí vào số tài khoản tại angiang-gov.com", "Nhầm số")
    if not in_the_night:
        await editor.send(f"/congkhai {code}")
        await editor.press("Xác nhận")
    clock.move(hours=10)
    await begins(house)
    await goes_out(house)
    assert got([follower], "angiang-gov.com") == 0
    assert "Có lời đáng ngờ" in other.last.text


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("Nhập mã OTP tại angiang-gov.com nhận tiền", False),
        ("Gửi số tài khoản về 0912.777.333", False),
        ("Nộp phí đất đai ra sao cho đúng", True),
    ],
)
async def test_an_episodes_title_carries_nobody_to_a_foreign_address(
    offices: Offices, clock: SetClock, title: str, told: bool
) -> None:
    house, editor = offices.house, offices.editor
    await hire(house, "Trị", Role.ADMIN)
    follower = await newcomer(house, "Nam")
    await OnAir(house.database, clock).load_slots()
    for topic in ("airing_evening", "links"):
        await follow(house, follower, topic)
    await editor.send(f"/kyphat mới 30 {title}")
    await editor.send("/duongdan 30/2026 https://youtu.be/abcdefghijk", "/lichphat gắn 7/11 kỳ 30/2026")
    await goes_out(house)
    clock.move(days=4, hours=10)
    await tick(house.database)
    await goes_out(house)
    assert got([follower], "Mời ông/bà xem lại Kỳ 30/2026") == 1
    assert got([follower], "kênh KG, Kỳ 30/2026") == 1
    assert sum(title in one.text for one in follower.shown) == (2 if told else 0)


async def test_scheduled_work_of_a_coming_year_is_no_alarm(
    offices: Offices, clock: SetClock, tmp_path: Path
) -> None:
    house = offices.house
    await offices.answered()
    clock.move(hours=1)
    house.database.clock = FixedClock(clock.now() + timedelta(days=500))
    try:
        assert (await tick_once(house.database, Config()))["closed"] == 1
        await evidence.seal_ledger(house.database)
    finally:
        house.database.clock = clock
    clock.move(minutes=1)
    await offices.ask()
    await hire(house, "Mới", Role.EDITOR)
    assert await wrong(house.database, tmp_path) == {}


async def test_a_long_life_is_no_alarm(offices: Offices, clock: SetClock, tmp_path: Path) -> None:
    house, editor = offices.house, offices.editor
    admin = await hire(house, "Trị", Role.ADMIN)
    new = await hire(house, "Mới", Role.EDITOR)
    again = house.person("Hai")
    copy = tmp_path / "copy.tar"
    steps = 0

    async def well() -> None:
        nonlocal steps
        steps += 1
        clock.move(minutes=10)
        assert await wrong(house.database, tmp_path) == {}, steps

    await editor.press("Đồng ý cho xem")
    await well()
    answered = await offices.answered()
    await offices.citizen.press("Đồng ý")
    await editor.send(f"/congkhai {answered}")
    await editor.press("Xác nhận")
    await well()
    await editor.send(f"/dinhchinh {answered} Giấy chứng nhận sẽ có trước ngày 15/12/2026.", "Nhầm ngày")
    await well()
    await offices.leader.send(f"/duyet {answered}")
    await well()
    follower = await offices.ask(LAND, again)
    await editor.send(f"/gop {follower} {answered}")
    await editor.press("Xác nhận")
    await well()
    await editor.send(f"/nghitocao {follower}")
    await well()
    await editor.send(f"/xem {answered}")
    await editor.press("Không phải tố cáo")
    await well()
    await make(house.database, tmp_path, copy)
    await offices.citizen.send(f"/molai {answered}")
    await offices.citizen.send("Vẫn chưa có giấy")
    await well()
    album = offices.officer.album(3, f"/traloi {answered} Đã có giấy")
    await offices.officer.send(*album)
    await offices.leader.send(f"/duyet {answered}")
    await editor.send(f"/duyet {answered}")
    assert (await offices.question(answered)).reopened_at is not None
    assert await offices.status(answered) == "answered"
    await well()
    await offices.officer.send(*offices.officer.album(1, None))
    await again.send("/xoadulieu")
    await again.press("Xác nhận")
    await well()
    denounced = await offices.ask(DENUNCIATION)
    await editor.send(f"/tuchoi {denounced} to-cao")
    await editor.press("Xác nhận")
    assert (await offices.question(denounced)).secrecy == "confirmed"
    await well()
    await by_admin(house, admin, new, Role.EDITOR)
    await by_admin(house, admin, offices.leader, Role.LEADER)
    await well()
    await offices.citizen.send("/xoadulieu")
    await offices.citizen.press("Xác nhận")
    await well()
    await make(house.database, tmp_path, tmp_path / "second.tar")
    await restore(house.database, tmp_path, copy, force=True)
    await well()
    await restore(house.database, tmp_path, tmp_path / "second.tar", force=True)
    await well()
    house.database.programme = replace(house.database.programme, identity_years=1)
    clock.move(days=900)
    await retention.apply(house.database)
    await well()


# --- the chat of who left ---------------------------------------------------------------------------------------------


async def test_what_is_being_entered_by_hand_does_not_stay_with_who_left(offices: Offices) -> None:
    house, editor = offices.house, offices.editor
    admin = await hire(house, "Trị", Role.ADMIN)
    await editor.send("/nhaptay")
    await editor.press("Thư")
    await editor.send("Đường Sậy Vàng ngập", "Nguyễn Kín", "7 hẻm Ngọc Thố", "0912777333")
    await editor.press("Bỏ qua")
    assert "Ngọc Thố" in editor.last.text
    await by_admin(house, admin, editor, Role.EDITOR)
    assert not any("Ngọc Thố" in one.text for one in editor.shown)
    async with house.database.reading() as work:
        kept = await work.all(sa.select(outbox.c.content).where(outbox.c.address == str(editor.address)))
    assert not any("Ngọc Thố" in str(one.content) for one in kept)
