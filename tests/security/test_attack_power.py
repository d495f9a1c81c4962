"""What somebody tries against several mends at once: where power, broadcasts, evidence and restoring meet."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.doctor import examine
from domain.question import Role
from services import evidence
from storage.database import Database
from storage.tables import questions, roles
from tests.conftest import SetClock
from tests.handlers.chat import House
from tests.handlers.offices import LAND, Offices, hire

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
