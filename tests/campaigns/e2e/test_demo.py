"""`./danhoi demo` as a newcomer uses it: one command, one page, one whole conversation."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from icalendar import Calendar
from playwright.async_api import Locator, Page, async_playwright, expect

from bot.house.http import KEEP_SECONDS
from sandbox.client import Sandbox

ROOT = Path(__file__).parents[3]
CHROMIUM = Path("/usr/bin/chromium")
HAS_BROWSER = CHROMIUM.exists()
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]
CITIZEN, EDITOR, OFFICER, LEADER = 101, 301, 201, 202
ANSWER = "Hồ sơ của ông/bà đã được duyệt. Mời ông/bà nhận kết quả từ ngày 5/12/2026."

# Where set, the pictures of the README are made anew.
PICTURES = os.environ.get("DANHOI_PICTURES")


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    """A running demo on a free port, with data of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "demo", "--no-browser", "--port", "0", "--data", str(tmp_path)),
        env=os.environ
        | {
            "PYTHONPATH": str(ROOT),
            "DANHOI_LIMITS__CHAT_SECONDS": "0",
            "DANHOI_APPROVAL__UNDO_SECONDS": "0",  # the story waits for what others are told
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
        assert line.startswith("ready: http://127.0.0.1:"), line
        yield line.removeprefix("ready: ").strip()
    finally:
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 12) == 0


@pytest.fixture
async def page(address: str) -> AsyncIterator[Page]:
    """The page in a real browser; an error in its scripts fails the test."""
    if not HAS_BROWSER:
        assert not os.environ.get("CI"), "the demo's page needs a browser: install chromium"
        pytest.skip("no chromium here")  # a browser is no part of "only python3"; CI installs one
    errors: list[str] = []
    expect.set_options(timeout=10_000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        try:
            fresh = await browser.new_page(viewport={"width": 1500, "height": 900})
            fresh.on("pageerror", lambda error: errors.append(str(error)))
            await fresh.goto(address)
            yield fresh
        finally:
            await browser.close()
    assert errors == []


class Column:
    """One person of the page."""

    def __init__(self, page: Page, person: int) -> None:
        self.place: Locator = page.locator(f"#column-{person}")

    async def says(self, text: str) -> None:
        await self.place.get_by_label("Nhắn tin").fill(text)
        await self.place.get_by_label("Nhắn tin").press("Enter")

    async def presses(self, label: str) -> None:
        await self.place.get_by_role("button", name=label, exact=True).last.click()

    async def sees(self, text: str) -> None:
        await expect(self.place.locator(".message").filter(has_text=text).last).to_be_visible()


async def test_a_newcomer_plays_a_whole_conversation_in_the_page(page: Page, tmp_path: Path) -> None:
    citizen, editor, officer, leader = (Column(page, one) for one in (CITIZEN, EDITOR, OFFICER, LEADER))
    await citizen.presses("Bắt đầu")
    await citizen.sees("Kính chào")
    await citizen.says("Gia đình tôi nộp hồ sơ cấp sổ đỏ đã ba tháng mà chưa có kết quả. Xin hỏi khi nào có?")
    await citizen.presses("Đồng ý")
    await citizen.sees("Xin ông/bà cho biết họ và tên")
    await citizen.says("Lê Thị Mai")
    await citizen.sees("Xin ông/bà cho biết địa chỉ")
    await citizen.says("Ấp Đường Hòn, xã Hòn Đất")
    await citizen.presses("Bỏ qua")
    await citizen.presses("Đất đai")
    await citizen.presses("Gửi câu hỏi")
    await citizen.sees("DH-2026-000001")

    await editor.sees("1 câu mới")
    await editor.presses("Mở câu hỏi mới")
    await editor.presses("DH-2026-000001")
    await editor.presses("➜ Sở NN&MT")
    await officer.sees("DH-2026-000001")
    await officer.presses("Nhận xử lý")
    await officer.says(f"/traloi DH-2026-000001 {ANSWER}")
    await leader.sees(ANSWER)
    await leader.presses("Duyệt")
    await editor.sees(ANSWER)
    await editor.presses("Duyệt")

    await citizen.sees(ANSWER)
    if PICTURES:
        await page.wait_for_timeout(6000)  # the toasts go
        await page.screenshot(path=f"{PICTURES}/conversation.png")
    await citizen.presses("5 ★")
    await citizen.sees("5 ★")

    # What the page showed is what the ledger has.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "question", "dh 1", "--json"),
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "DANHOI_STORAGE__URL": f"sqlite+aiosqlite:///{tmp_path / 'danhoi.db'}"},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    ledger = json.loads(out)
    assert (ledger["status"], ledger["rating"], ledger["answer"]["text"]) == ("answered", 5, ANSWER)


async def test_the_demo_has_airing_times_and_a_calendar_that_follows_them(address: str) -> None:
    async with Sandbox.connect(address) as sandbox:
        citizen, editor = await sandbox.find(CITIZEN), await sandbox.find(EDITOR)
        await citizen.send("/lich")
        shown = await citizen.wait_for("Lịch phát sóng")
        calendar = shown.link("http://127.0.0.1:")
        assert calendar is not None
        assert calendar.endswith("/lich.ics")
        await citizen.press("Tải lịch về máy")
        sent = await citizen.wait_for("Xin mở tệp này")
        (file,) = sent.files
        assert file.name == "lich-phat-song.ics"
        assert Calendar.from_ical(await sandbox.download(file)).walk("VEVENT")

        await editor.send("/lichphat")
        await editor.wait_for("Quản lý lịch phát sóng")
        await editor.press(re.compile(r"^1\. "))
        await editor.wait_for("Hủy buổi phát")
        await editor.press("Hủy buổi phát")
        await editor.wait_for("Vì sao hủy")
        await editor.send("Nhường giờ truyền hình trực tiếp")
        await editor.wait_for("Xác nhận")
        await editor.press("Xác nhận")
        await editor.wait_for("Đã hủy buổi phát")
        await asyncio.sleep(KEEP_SECONDS)  # what was made before the change answers for so long
        async with aiohttp.ClientSession() as session, session.get(calendar) as response:
            events = Calendar.from_ical(await response.read()).walk("VEVENT")
    assert str(events[0]["STATUS"]) == "CANCELLED"
    assert "Nhường giờ truyền hình trực tiếp" in str(events[0]["DESCRIPTION"])
