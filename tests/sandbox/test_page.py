"""The page in a real browser: people talk, press and see, and foreign text stays text."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, async_playwright, expect
from telegram import Bot, CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup

from sandbox.client import Sandbox

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]

# A browser is no part of "only python3"; CI installs one, and there its absence is a failure.
pytestmark = pytest.mark.skipif(not CHROMIUM.exists() and not os.environ.get("CI"), reason="no chromium here")


@pytest.fixture
async def page(url: str, sandbox: Sandbox) -> AsyncIterator[Page]:
    """The page with two people open; any error in its scripts fails the test."""
    await sandbox.user("Minh", id=101, role_label="Người dân")
    await sandbox.user("Lan", id=102, role_label="Cán bộ")
    errors: list[str] = []
    outside: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        try:
            fresh = await browser.new_page(viewport={"width": 1280, "height": 800})
            fresh.on("pageerror", lambda error: errors.append(str(error)))
            fresh.on(
                "request",
                lambda request: None if request.url.startswith(url) else outside.append(request.url),
            )
            await fresh.goto(url)
            yield fresh
        finally:
            await browser.close()
    assert errors == []
    assert outside == []


async def next_press(bot: Bot) -> CallbackQuery:
    """Past what was typed before: the press may still be on its way."""
    after = None
    async with asyncio.timeout(10):
        while True:
            for update in await bot.get_updates(offset=after, timeout=3):
                after = update.update_id + 1
                if update.callback_query is not None:
                    return update.callback_query


async def test_people_talk_press_and_see(page: Page, bot: Bot, sandbox: Sandbox) -> None:
    expect.set_options(timeout=4000)
    minh, lan = page.locator("#column-101"), page.locator("#column-102")
    await minh.get_by_role("button", name="Bắt đầu").click()
    await minh.get_by_label("Nhắn tin").fill("Xin hỏi <img src=x onerror=alert(1)>")
    await minh.get_by_label("Nhắn tin").press("Enter")
    await expect(minh.locator(".message.own .text").last).to_have_text("Xin hỏi <img src=x onerror=alert(1)>")
    assert await minh.locator(".text img").count() == 0
    texts = [update.message.text for update in await bot.get_updates(timeout=3) if update.message]
    assert texts[0] == "/start"

    keys = InlineKeyboardMarkup([[InlineKeyboardButton("Đồng ý", callback_data="yes")]])
    html = '😀 <b>Thẻ <i>của</i></b> bạn: <a href="https://t.me/sandbox_bot?start=CODE1">mời</a>'
    card = await bot.send_message(101, html, parse_mode="HTML", reply_markup=keys)
    await expect(minh.locator(".text b i")).to_have_text("của")
    await minh.get_by_role("button", name="Đồng ý").click()
    query = await next_press(bot)
    await query.answer("Cảm ơn bạn")
    await expect(minh.locator(".toast")).to_have_text("Cảm ơn bạn")
    await card.edit_text("Đã xong")
    await expect(minh.locator(".message.other .text")).to_have_text("Đã xong")
    await expect(lan.locator(".message")).to_have_count(0)

    await page.get_by_role("button", name="+1 ngày").click()
    await expect(page.locator(".clock.moved")).to_be_visible()
    assert (await sandbox.state())["clock"]["offset_seconds"] == 86400


async def test_a_deep_link_starts_with_its_code_in_english_too(
    page: Page, bot: Bot, sandbox: Sandbox
) -> None:
    expect.set_options(timeout=4000)
    lan = await sandbox.find(102)
    await lan.start()
    await bot.send_message(102, "Mời: https://t.me/sandbox_bot?start=CODE2")
    column = page.locator("#column-102")
    await column.get_by_role("button", name="start=CODE2").click()
    await expect(column.locator(".message.own .text").last).to_have_text("/start CODE2")
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("button", name="Add person")).to_be_visible()
    await page.locator("#column-102").get_by_role("button", name="Block bot").click()
    await expect(page.locator("#column-102").get_by_text("You have blocked this bot.")).to_be_visible()


async def test_what_is_typed_while_a_message_is_on_its_way_stays(
    page: Page, bot: Bot, sandbox: Sandbox
) -> None:
    """The messenger is slow: its late word about one message must not wipe out the next, nor lose a refused one."""
    expect.set_options(timeout=4000)
    await (await sandbox.find(101)).start()
    box = page.locator("#column-101").get_by_label("Nhắn tin")
    arrived, let_through = asyncio.Event(), asyncio.Event()

    async def slowly(route: Route) -> None:
        arrived.set()
        await let_through.wait()
        await route.continue_()

    await page.route("**/send", slowly)
    await box.fill("Lê Thị Mai")
    await box.press("Enter")
    await arrived.wait()
    await box.fill("Ấp Đường Hòn")
    async with page.expect_response("**/send"):
        let_through.set()
    await expect(page.locator("#column-101 .message.own .text").last).to_have_text("Lê Thị Mai")
    await expect(box).to_have_value("Ấp Đường Hòn")

    await page.unroute("**/send")
    await page.route("**/send", lambda route: route.abort())
    await box.press("Enter")
    await expect(page.locator("#column-101 .toast").last).to_be_visible()
    await expect(box).to_have_value("Ấp Đường Hòn")
