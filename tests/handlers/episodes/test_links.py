"""`/duongdan`, `/luotxem` and the buttons of an episode's card, through the real bot."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from domain.questions.life import Role, Secrecy
from handlers.chat.registry import menu_of
from messages.buttons import Act, Button
from services.episodes.links import link_buttons
from services.people.actors import actor_of
from storage.engine.database import Database
from storage.questions import questions
from storage.rows import EpisodeRow
from storage.tables import link_moments, link_views, links
from storage.tables import questions as questions_table
from tests.worlds.aired import VIDEO, announced, choose, episode
from tests.worlds.chat import Chat, House
from tests.worlds.offices import Offices, hire

ARCHIVE = "https://kgtv.vn/dan-hoi/ky-12"


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


@pytest.fixture
async def twelve(offices: Offices) -> EpisodeRow:
    """Episode 12/2026, with one question on air."""
    code = await offices.answered()
    async with offices.house.database.work() as work:
        one = await episode(work)
        question = await questions.by_code(work, 2026, int(code[-6:]))
        assert question is not None
        editor = await actor_of(work, await offices.editor.row())
        await choose(work, one, question, editor, "Sổ đỏ bao giờ xong?")
        return one


async def stands(offices: Offices) -> list[tuple[str, str]]:
    async with offices.house.database.reading() as work:
        rows = await work.all(sa.select(links).where(links.c.removed_at.is_(None)).order_by(links.c.id))
    return [(row.kind, row.url) for row in rows]


async def counted(offices: Offices) -> list[tuple[int, date, int]]:
    async with offices.house.database.reading() as work:
        rows = await work.all(sa.select(link_views).order_by(link_views.c.link_id, link_views.c.day))
    return [(row.link_id, row.day, row.views) for row in rows]


async def minutes(offices: Offices) -> list[tuple[int, int]]:
    async with offices.house.database.reading() as work:
        return [(row.link_id, row.seconds) for row in await work.all(sa.select(link_moments))]


async def press_on_card(chat: Chat, kept: EpisodeRow, act: Act) -> None:
    """Press a button of the episode's card, which another part of the house builds."""
    (data,) = [
        one.data for row in link_buttons(kept) for one in row if isinstance(one, Button) and one.act is act
    ]
    await chat.press_data(data, chat.last.id)


async def test_a_link_is_typed_shown_and_announced(offices: Offices, twelve: EpisodeRow) -> None:
    await offices.editor.send("/duongdan 12/2026 https://youtu.be/dQw4w9WgXcQ?si=x")
    added, listed = offices.editor.shown[-2:]

    assert await stands(offices) == [("youtube", VIDEO)]
    assert "Đã thêm đường dẫn của kỳ 12/2026: YouTube" in added.text
    assert "sẽ được báo" in added.text
    assert f"1. <b>YouTube</b>\n{VIDEO}" in listed.html
    assert listed.labels == ["Thêm đường dẫn", "Mốc thời gian", "Ghi lượt xem", "Bỏ đường dẫn 1"]
    await press_on_card(offices.editor, twelve, Act.LINK_LIST)
    assert offices.editor.last.html == listed.html
    assert [one[0] for one in await announced(offices.house.database)] == ["link"]


async def test_the_kind_can_be_typed_before_the_address(offices: Offices, twelve: EpisodeRow) -> None:
    await offices.editor.send(f"/DUONGDAN kỳ 12 phat thanh {ARCHIVE}", f"/đườngdẫn 12/2026 báo {VIDEO}")
    assert await stands(offices) == [("radio", ARCHIVE)]
    assert "baokiengiang.vn" in offices.editor.last.text  # where a newspaper may stand


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/duongdan", "Chưa có kỳ"),
        ("/duongdan 99/2026 https://kgtv.vn/a", "Chưa có kỳ 99/2026"),
        ("/duongdan 0/2026 https://kgtv.vn/a", "Chưa có kỳ"),
        ("/duongdan <b>12</b>", "Chưa có kỳ"),
        ("/duongdan 12/2026 javascript:alert(1)", "không phải địa chỉ"),
        ("/duongdan 12/2026 https://youtube.com@evil.example/a", "không phải địa chỉ"),
        ("/duongdan 12/2026 https://kgtv.vn/a b", "không phải địa chỉ"),
        ("/duongdan 12/2026 https://kgtv.vn/a\nb", "không phải địa chỉ"),
        (f"/duongdan 12/2026 https://kgtv.vn/{'a' * 3_900}", "không phải địa chỉ"),
        ("/duongdan 12/2026 zalo https://kgtv.vn/a", "không phải địa chỉ"),
        ("/duongdan 12/2026 https://youtube.com.evil.example/a", "youtube.com.evil.example"),
        ("/duongdan 12/2026 https://уoutube.com/a", "xn--outube-vrf.com"),
        ("/duongdan 12/2026 bỏ 1", "Không tìm thấy đường dẫn"),
        ("/duongdan 12/2026 mốc 1 1 12:34", "Không tìm thấy đường dẫn"),
        ("/luotxem 12/2026 1 5", "Không tìm thấy đường dẫn"),
        ("/luotxem 12/2026", "Không tìm thấy đường dẫn"),
    ],
)
async def test_what_can_t_be_done_is_said_and_changes_nothing(
    offices: Offices, twelve: EpisodeRow, typed: str, said: str
) -> None:
    await offices.editor.send(typed)
    assert said in offices.editor.last.text
    assert await stands(offices) == []
    assert await announced(offices.house.database) == []


async def test_adding_by_button_asks_for_the_address_and_waits_through_a_bad_one(
    offices: Offices, twelve: EpisodeRow
) -> None:
    await press_on_card(offices.editor, twelve, Act.LINK_ADD)
    assert "Xin gửi địa chỉ" in offices.editor.last.text
    prompt = offices.editor.last

    await offices.editor.send("https://evil.example/a")
    assert "không thuộc những trang được phép" in offices.editor.last.text
    await offices.editor.send(ARCHIVE)

    assert await stands(offices) == [("tv", ARCHIVE)]
    assert prompt.labels == []
    assert await offices.editor.is_idle()


async def test_cancelling_adds_nothing(offices: Offices, twelve: EpisodeRow) -> None:
    await press_on_card(offices.editor, twelve, Act.LINK_ADD)
    await offices.editor.press("Hủy")
    assert await offices.editor.is_idle()
    assert await stands(offices) == []


async def test_a_link_is_removed_by_button_and_by_command_and_a_second_tap_says_so(
    offices: Offices, twelve: EpisodeRow
) -> None:
    await offices.editor.send(f"/duongdan 12/2026 {VIDEO}", f"/duongdan 12/2026 {ARCHIVE}")
    listed = offices.editor.last
    await offices.editor.press("Bỏ đường dẫn 1", listed)
    assert await stands(offices) == [("tv", ARCHIVE)]
    before = len(offices.editor.shown)
    await offices.editor.press("Bỏ đường dẫn 1", listed)
    assert len(offices.editor.shown) == before  # said on the button

    await offices.editor.send(f"/duongdan 12/2026 bỏ {ARCHIVE}")
    assert await stands(offices) == []
    assert "Chưa có đường dẫn nào" in offices.editor.last.text


async def test_a_minute_by_buttons_where_there_is_one_link_and_where_there_are_two(
    offices: Offices, twelve: EpisodeRow
) -> None:
    await offices.editor.send(f"/duongdan 12/2026 {VIDEO}")
    await press_on_card(offices.editor, twelve, Act.LINK_MOMENT)
    assert "Sổ đỏ bao giờ xong?" in offices.editor.last.text
    await offices.editor.press("DH-2026-000001")
    assert "DH-2026-000001" in offices.editor.last.text
    await offices.editor.send("12h34")
    assert "Không hiểu mốc thời gian “12h34”" in offices.editor.last.text
    await offices.editor.send("12:34")
    assert await minutes(offices) == [(1, 754)]
    assert f"{VIDEO}&t=754s" in offices.editor.last.text
    assert await offices.editor.is_idle()

    await offices.editor.send("/duongdan 12/2026 https://www.tiktok.com/@a/video/1")
    assert "đường dẫn 1, phút 12:34" in offices.editor.last.text
    await press_on_card(offices.editor, twelve, Act.LINK_MOMENT)
    await offices.editor.press("Đường dẫn 2")
    await offices.editor.press("DH-2026-000001", offices.editor.last)
    await offices.editor.send("0:05")
    assert "ở phút 0:05 (Clip TikTok)" in offices.editor.last.text
    assert "t=" not in offices.editor.last.text
    assert await minutes(offices) == [(1, 754), (2, 5)]


async def test_a_minute_is_typed(offices: Offices, twelve: EpisodeRow) -> None:
    await offices.editor.send(f"/duongdan 12/2026 {VIDEO}", "/duongdan 12/2026 moc 1 DH-2026-000001 1:02:03")
    assert await minutes(offices) == [(1, 3_723)]
    for typed, said in (
        ("/duongdan 12/2026 mốc 1 DH-2026-000009 1:00", "không có trong kỳ 12/2026"),
        ("/duongdan 12/2026 mốc 1 DH-2026-000001 mai", "Không hiểu mốc thời gian"),
        ("/duongdan 12/2026 mốc 1", "Thiếu mã câu hỏi"),
    ):
        await offices.editor.send(typed)
        assert said in offices.editor.last.text
    assert await minutes(offices) == [(1, 3_723)]
    await offices.editor.send("/duongdan 12/2026 mốc 1 DH-2026-000001 bỏ")
    assert "đã bỏ mốc thời gian" in offices.editor.last.text
    assert await minutes(offices) == []


async def test_a_question_hidden_while_its_minute_is_typed_gets_none(
    offices: Offices, twelve: EpisodeRow
) -> None:
    await offices.editor.send(f"/duongdan 12/2026 {VIDEO}")
    await press_on_card(offices.editor, twelve, Act.LINK_MOMENT)
    await offices.editor.press("DH-2026-000001")
    async with offices.house.database.work() as work:
        await work.run(sa.update(questions_table).values(secrecy=Secrecy.SUSPECTED))
    await offices.editor.send("12:34")

    assert "không có trong kỳ" in offices.editor.last.text
    assert await minutes(offices) == []


async def test_an_admins_list_of_minutes_changes_when_its_question_is_hidden(
    offices: Offices, twelve: EpisodeRow
) -> None:
    admin = await hire(offices.house, "Quản", Role.ADMIN)
    await admin.send(f"/duongdan 12/2026 {VIDEO}")
    await press_on_card(admin, twelve, Act.LINK_MOMENT)
    choice = admin.last
    assert "Sổ đỏ" in choice.text
    async with offices.house.database.work() as work:
        await work.run(sa.update(questions_table).values(status="accepted"))  # flagged while it is open again
    await offices.officer.send("/xem DH-2026-000001")
    await offices.officer.press("Nghi tố cáo")
    assert "Sổ đỏ" not in choice.text
    assert "DH-2026-000001" not in choice.text


async def test_views_by_buttons_and_typed(offices: Offices, twelve: EpisodeRow) -> None:
    await offices.editor.send(f"/duongdan 12/2026 {VIDEO}", f"/duongdan 12/2026 {ARCHIVE}")
    await press_on_card(offices.editor, twelve, Act.LINK_VIEWS)
    await offices.editor.press("Đường dẫn 2")
    await offices.editor.send("nhiều lắm")
    assert "Không hiểu số lượt xem" in offices.editor.last.text
    await offices.editor.send("24.000")
    assert "24.000 lượt xem, thứ Hai, ngày 02/11/2026" in offices.editor.last.text
    assert await offices.editor.is_idle()

    await offices.editor.send(
        "/luotxem 12/2026 1 1800 1/11", "/luotxem 12 youtu.be/dQw4w9WgXcQ 1,700 hôm nay"
    )
    assert "Ít hơn lần ghi trước (1.800)" in offices.editor.last.text
    assert await counted(offices) == [
        (1, date(2026, 11, 1), 1_800), (1, date(2026, 11, 2), 1_700), (2, date(2026, 11, 2), 24_000),
    ]  # fmt: skip

    await offices.editor.send("/luotxem 12/2026 1 5 3/11/2026", "/luotxem 12/2026 1 5 mai")
    future, none = offices.editor.shown[-2:]
    assert "chưa đến" in future.text
    assert "Không hiểu ngày “mai”" in none.text
    assert len(await counted(offices)) == 3

    await offices.editor.send("/luotxem")
    assert "Lượt xem các kỳ năm 2026: 25.700" in offices.editor.last.text
    assert "Kỳ 12/2026: 25.700 - Hồ sơ đất đai" in offices.editor.last.text
    await offices.editor.send("/luotxem 2024")
    assert "Chưa ghi lượt xem nào" in offices.editor.last.text


async def test_citizens_officers_and_leaders_have_neither_commands_nor_buttons(
    offices: Offices, twelve: EpisodeRow
) -> None:
    await offices.editor.send(f"/duongdan 12/2026 {VIDEO}")
    for chat in (offices.citizen, offices.officer, offices.leader):
        for typed in (f"/duongdan 12/2026 {ARCHIVE}", "/duongdan 12/2026 bỏ 1", "/luotxem 12/2026 1 5"):
            await chat.send(typed)
            assert "/trogiup" in chat.last.text
        before = len(chat.shown)
        for data in ("lia:1", "lim:1", "liv:1", "lir:1", "lis:1", "lil:1", "liq:1:1", "liw:1"):
            await chat.press_data(data, chat.last.id)
        assert len(chat.shown) == before
        assert await chat.is_idle()
        async with offices.house.database.reading() as work:
            menu = menu_of(await actor_of(work, await chat.row()))
        assert "xemlai" in menu
        assert not {"duongdan", "luotxem"} & set(menu)
    assert await stands(offices) == [("youtube", VIDEO)]
    assert await counted(offices) == []


@pytest.mark.parametrize(
    "data",
    [
        "lia",
        "lia:x",
        "lia:999",
        "lim:0",
        "liv:9999999999999999999",
        "lir:-1",
        "lil:",
        "liq:1",
        "liq:1:999",
        "liw:7",
    ],
)
async def test_forged_buttons_do_nothing(offices: Offices, twelve: EpisodeRow, data: str) -> None:
    before = len(offices.editor.shown)
    await offices.editor.press_data(data, offices.editor.last.id)
    assert len(offices.editor.shown) == before
    assert await offices.editor.is_idle()
    assert await stands(offices) == []


async def test_an_editor_who_chose_english_reads_english(offices: Offices, twelve: EpisodeRow) -> None:
    await offices.editor.send("/ngonngu")
    await offices.editor.press("English")
    await offices.editor.send(f"/duongdan 12/2026 {VIDEO}", "/duongdan 12/2026 at 1 DH-2026-000001 12:34")
    assert "at minute 12:34 (YouTube)" in offices.editor.last.text
    await offices.editor.send("/luotxem 12/2026 1 24,000")
    assert "24,000 views, Monday, 2 November 2026" in offices.editor.last.text
    await offices.editor.send("/duongdan 12/2026 remove 1")
    assert "No links yet." in offices.editor.last.text
