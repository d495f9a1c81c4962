"""`kill -9` in the middle of every step: the story goes on, nothing is missing, nothing happened twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from bot.house.clocks import SystemClock
from domain.programme import Programme
from storage.delivery.inbox import InboxState
from storage.delivery.outbox import OutboxState
from storage.engine.database import Database
from storage.tables import inbox, outbox
from tests.worlds.office import CODE, LAND, Office, code_in, opened

Step = tuple[Callable[[], Awaitable[object]], Callable[[], Awaitable[object]]]  # (act, see what it causes)


@pytest.fixture
async def office(tmp_path: Path, database_url: str) -> AsyncIterator[Office]:
    async with opened(tmp_path, database_url) as one:
        yield one


async def all_has_left(url: str) -> None:
    """Wait until what was in flight was sent again: of two copies the newer one has the buttons that work."""
    waiting = sa.select(sa.literal(1)).where(inbox.c.state == InboxState.WAITING).limit(1)
    leaving = sa.select(sa.literal(1)).where(
        outbox.c.state.in_([OutboxState.QUEUED, OutboxState.SENDING]),
        outbox.c.not_before <= SystemClock().now(),
    )
    database = Database(url, clock=SystemClock(), programme=Programme())
    try:
        async with asyncio.timeout(20):
            while True:
                async with database.reading() as work:
                    if not await work.value(waiting) and not await work.value(leaving.limit(1)):
                        return
                await asyncio.sleep(0.02)
    finally:
        await database.close()


@pytest.mark.parametrize("seed", [1, 2, pytest.param(3, marks=pytest.mark.long)])
async def test_the_story_survives_a_kill_in_every_step(office: Office, database_url: str, seed: int) -> None:
    random = Random(seed)
    editor = await office.staff("Võ Ngọc Lan", "editor")
    officer = await office.staff("Trần Văn Bình", "officer", "SNNMT")
    citizen = await office.sandbox.user("Mai")

    kills = 0

    async def killed(act: Callable[[], Awaitable[object]]) -> None:
        """Act, and pull the plug a moment later: before, while, or after the bot has the update."""
        nonlocal kills
        kills += 1
        await act()
        await asyncio.sleep(random.uniform(0, 0.12))
        await office.kill()
        await office.start()
        await office.sandbox.settled()
        await all_has_left(database_url)

    await killed(lambda: citizen.send(LAND))
    await citizen.wait_for("Đồng ý")
    await killed(lambda: citizen.press("Đồng ý"))
    await citizen.wait_for("cho biết họ và tên")
    await killed(lambda: citizen.send("Lê Thị Mai"))
    await citizen.wait_for("cho biết địa chỉ")
    await killed(lambda: citizen.send("Ấp Đường Hòn, xã Hòn Đất"))
    await citizen.wait_for("Bỏ qua")
    await killed(lambda: citizen.press("Bỏ qua"))
    await citizen.wait_for("lĩnh vực nào")
    await killed(lambda: citizen.upload(b"%PDF-1.4 so do", name="so-do.pdf", kind="document"))
    await citizen.wait_for("lĩnh vực nào")
    await killed(lambda: citizen.press("Đất đai"))
    await citizen.wait_for("Gửi câu hỏi")
    await killed(lambda: citizen.press("Gửi câu hỏi"))
    code = code_in((await citizen.wait_for(CODE)).text)

    await editor.wait_for(code, since_action=False)
    await killed(lambda: editor.press("Sở NN&MT"))
    await citizen.wait_for("Sở Nông nghiệp và Môi trường")
    card = await officer.wait_for(code, since_action=False)
    await killed(lambda: officer.press("Nhận xử lý", message=card))
    await killed(lambda: officer.send(f"/hoithem {code} Xin cho biết số biên nhận"))
    await citizen.wait_for("số biên nhận")
    await citizen.press("Trả lời")
    await killed(lambda: citizen.send("Biên nhận 123"))
    await officer.wait_for("Biên nhận 123")
    await killed(lambda: officer.send(f"/traloi {code} Mời ông/bà nhận kết quả từ ngày 5/12/2026."))
    await editor.wait_for("Mời ông/bà nhận kết quả")
    await killed(lambda: editor.press("Duyệt"))
    answer = await citizen.wait_for("Mời ông/bà nhận kết quả")
    await killed(lambda: citizen.press("5 ★", message=answer))
    await citizen.wait_for("5")
    await office.sandbox.settled()

    ledger = await office.question(code)
    assert ledger["status"] == "answered"
    assert ledger["text"] == LAND
    assert ledger["attachments"] == 1
    assert ledger["rating"] == 5
    assert [row["event"] for row in ledger["history"]] == [
        "received",
        "assigned",
        "accepted",
        "asked_more",
        "supplied",
        "submitted",
        "approved",
        "answered",
        "rated",
    ]
    assert [row["code"] for row in await office.command("questions", "--json")] == [code]
    # Every kill doubles at most what was in flight: one message a chat. The field is asked for anew after the
    # document, so that prompt comes twice by right.
    seen = Counter(message.text for message in await citizen.messages() if message.from_bot)
    extra = sum(times - (2 if "lĩnh vực nào" in text else 1) for text, times in seen.items())
    assert extra <= kills, seen


async def test_a_file_is_fetched_although_the_bot_died_before_it_could(office: Office) -> None:
    citizen = await office.sandbox.user("Mai")
    await office.stop()
    await citizen.upload(b"anh chup so do" * 1000, name="so-do.pdf", kind="document", caption=LAND)
    await office.sandbox.fault("500", "getFile", count=1)
    await office.start()
    await citizen.wait_for("Đồng ý")
    await office.kill()
    await office.start()
    kept = office.folder / "files"
    found: list[Path] = []
    for _ in range(200):
        found = [path for path in kept.rglob("*") if path.is_file() and path.parent != kept]
        if found:
            break
        await asyncio.sleep(0.05)
    assert [path.read_bytes() for path in found] == [b"anh chup so do" * 1000]
