"""`/dangky` as people use it: taps on one message, typed words, leaving and coming back, and consents of their own."""

from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from domain.privacy.consent import Consent
from storage.engine.database import Database
from storage.people import consents as stored_consents
from storage.subscribers import subscriptions
from storage.tables import consents
from tests.worlds.chat import Chat, House


@pytest.fixture
def house(database: Database, application: Any) -> House:
    return House(database, application)


async def topics(chat: Chat) -> set[str]:
    person = await chat.row()
    async with chat.house.database.reading() as work:
        return set(await subscriptions.topics_of(work, person.id))


async def agreed(chat: Chat) -> dict[str, datetime | None]:
    """The topics that somebody ever agreed to, and when they took it back."""
    person = await chat.row()
    async with chat.house.database.reading() as work:
        rows = await work.all(
            sa.select(consents)
            .where(consents.c.person_id == person.id, consents.c.kind == Consent.SUBSCRIPTION)
            .order_by(consents.c.id)
        )
    assert all(row.version == "2026-11" for row in rows)
    return {row.topic: row.withdrawn_at for row in rows}


# --- taps ------------------------------------------------------------------------------------------------------


async def test_nothing_is_chosen_before_it_is_tapped(house: House) -> None:
    chat = house.person("Mai")
    await chat.send("/dangky")
    assert "chưa đăng ký tin nào" in chat.last.text
    assert "19:00 tối hôm trước" in chat.last.text
    assert "30 phút" in chat.last.text
    assert "21:00 - 06:00" in chat.last.text
    assert "bản 2026-11" in chat.last.text
    assert chat.last.labels == [
        "☐ Lịch phát sóng: tối hôm trước",
        "☐ Lịch phát sóng: trước giờ phát",
        "☐ Kỳ mới để xem lại",
        "Câu trả lời theo lĩnh vực ▸",
        "Chuyển sang một bản tin mỗi ngày",
        "Thôi nhận thông báo chung",
    ]
    assert await topics(chat) == set()


async def test_each_tap_is_a_consent_of_its_own_and_rewrites_the_one_message(house: House) -> None:
    chat = house.person("Mai")
    await chat.send("/dangky")
    await chat.press("tối hôm trước", times=2)  # twice on the same button: it says what it makes of it
    await chat.press("Kỳ mới để xem lại")
    assert len(chat.shown) == 1
    assert await topics(chat) == {"airing_evening", "links"}
    assert await agreed(chat) == {"airing_evening": None, "links": None}
    assert "☑ Lịch phát sóng: tối hôm trước" in chat.last.labels
    assert "• Kỳ mới để xem lại" in chat.last.text
    await chat.press("☑ Kỳ mới")
    assert await topics(chat) == {"airing_evening"}
    assert (await agreed(chat))["links"] is not None
    assert "☐ Kỳ mới để xem lại" in chat.last.labels


async def test_fields_are_chosen_from_pages_and_counted_on_the_way_back(house: House) -> None:
    chat = house.person("Mai")
    await chat.send("/dangky")
    await chat.press("Câu trả lời theo lĩnh vực")
    await chat.press("Trang sau")
    await chat.press("☐ Đất đai")
    assert "☑ Đất đai" in chat.last.labels
    assert "• Đất đai" in chat.last.text
    await chat.press("Trang trước")
    await chat.press("☐ Lao động, việc làm")
    await chat.press("Quay lại")
    assert await topics(chat) == {"field:dat-dai", "field:lao-dong"}
    assert "Câu trả lời theo lĩnh vực (2) ▸" in chat.last.labels
    assert "• Câu trả lời: Đất đai" in chat.last.text
    assert len(chat.shown) == 1


async def test_a_digest_once_a_day_or_at_once(house: House) -> None:
    chat = house.person("Mai")
    await chat.send("/dangky")
    await chat.press("một bản tin mỗi ngày")
    assert "lúc 18:00" in chat.last.text
    person = await chat.row()
    async with house.database.reading() as work:
        how = await subscriptions.manner(work, person.id)
        assert how is not None
        assert (how.daily, how.digested_until) == (True, work.now)
    await chat.press("Chuyển sang nhận ngay")
    assert "ngay khi có tin" in chat.last.text


async def test_leaving_everything_ends_each_consent_and_says_what_ended(house: House) -> None:
    chat = house.person("Mai")
    await chat.send("/dangky lịch", "/dangky đất đai", "/dangky")
    await chat.press("Thôi nhận tất cả")
    assert await topics(chat) == set()
    assert all((await agreed(chat)).values())
    assert (await chat.row()).left_broadcasts_at is not None
    for words in ("tối hôm trước", "trước giờ phát", "Câu trả lời: Đất đai", "Thông báo chung"):
        assert words in chat.last.text
    await chat.press("Chọn tin nhận")
    assert "đã thôi nhận thông báo chung" in chat.last.text
    await chat.press("Nhận lại thông báo chung")
    assert (await chat.row()).left_broadcasts_at is None
    assert await topics(chat) == set()  # nothing comes back that was not tapped


# --- typed -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("lịch", {"airing_evening", "airing_soon"}),
        ("LICH", {"airing_evening", "airing_soon"}),
        ("lịch tối", {"airing_evening"}),
        ("trước giờ", {"airing_soon"}),
        ("link", {"links"}),
        ("dat-dai", {"field:dat-dai"}),
        ("đất đai", {"field:dat-dai"}),
        ("Land", {"field:dat-dai"}),
        ("Lao động, việc làm", {"field:lao-dong"}),
    ],
)
async def test_words_are_understood_without_diacritics(house: House, typed: str, wanted: set[str]) -> None:
    chat = house.person("Mai")
    await chat.send(f"/dangky {typed}")
    assert await topics(chat) == wanted
    assert set(await agreed(chat)) == wanted
    assert "Ông/bà đã đăng ký nhận" in chat.last.text
    await chat.press("Ngừng nhận tin này")
    assert await topics(chat) == set()


async def test_the_manner_and_leaving_are_typed_too(house: House) -> None:
    chat = house.person("Mai")
    await chat.send("/dangky link", "/dangky lich", "/dangky mỗi ngày")
    assert "lúc 18:00" in chat.last.text
    await chat.send("/dangky ngay")
    assert "ngay khi có tin" in chat.last.text
    await chat.send("/dangky hủy lịch")
    assert await topics(chat) == {"links"}
    await chat.send("/dangky huy")
    assert await topics(chat) == set()
    assert (await chat.row()).left_broadcasts_at is not None
    await chat.send("/dangky thông báo chung")
    assert (await chat.row()).left_broadcasts_at is None


async def test_what_is_not_understood_changes_nothing_and_says_what_can_be_typed(house: House) -> None:
    chat = house.person("Mai")
    await chat.send("/dangky bóng đá <b>")
    assert "Chưa rõ ông/bà muốn nhận tin gì" in chat.last.text
    assert await topics(chat) == set()


# --- one tap to leave ---------------------------------------------------------------------------------------------


async def test_one_tap_leaves_and_one_comes_back(house: House) -> None:
    chat = house.person("Mai")
    await chat.send("/dangky link")
    under_a_broadcast = 77  # a message that the outbox does not know
    await chat.press_data("sul:links", under_a_broadcast)
    assert await topics(chat) == set()
    assert "Ông/bà đã thôi nhận" in chat.last.text
    await chat.press("Nhận lại")
    assert await topics(chat) == {"links"}
    assert list((await agreed(chat)).values()) == [None]
    async with house.database.reading() as work:
        rows = await work.all(sa.select(consents).where(consents.c.topic == "links"))
    assert len(rows) == 2  # the first stays withdrawn: a new word is a new consent


async def test_a_second_tap_and_one_of_somebody_who_never_subscribed_are_answered_and_harmless(
    house: House,
) -> None:
    chat = house.person("Mai")
    await chat.send("/dangky link")
    await chat.press_data("sul:links", 77, times=2)
    assert len(chat.saying("Ông/bà đã thôi nhận")) == 1
    stranger = house.person("Sóc")
    for what in ("links", "airings", "digest", "field:dat-dai", "nothing", "field:nowhere", ""):
        await stranger.press_data(f"sul:{what}", 78)
    assert stranger.shown == []


async def test_all_leaves_what_goes_to_everybody_and_keeps_subscriptions(house: House) -> None:
    chat = house.person("Mai")
    await chat.send("/dangky link")
    await chat.press_data("sul:all", 77)
    assert (await chat.row()).left_broadcasts_at is not None
    assert await topics(chat) == {"links"}
    assert "Thông báo chung" in chat.last.text
    await chat.press("Nhận lại")
    assert (await chat.row()).left_broadcasts_at is None


async def test_leaving_airings_ends_both_kinds_and_a_digest_all_it_brings(house: House) -> None:
    chat = house.person("Mai")
    await chat.send("/dangky lịch", "/dangky link")
    await chat.press_data("sul:airings", 77)
    assert await topics(chat) == {"links"}
    await chat.press("Nhận lại")
    assert await topics(chat) == {"links", "airing_evening", "airing_soon"}
    await chat.press_data("sul:digest", 78)
    assert await topics(chat) == set()
    assert (await chat.row()).left_broadcasts_at is None


async def test_a_message_too_old_to_be_shown_to_us_can_still_be_left(house: House) -> None:
    chat = house.person("Mai")
    await chat.send("/dangky link")
    old = {"message_id": 5, "date": 0, "chat": {"id": chat.address, "type": "private"}}
    body = {"id": "9", "from": chat.user, "chat_instance": "1", "data": "sul:links", "message": old}
    await house.receive({"callback_query": body})
    assert await topics(chat) == set()


async def test_a_forged_topic_is_refused(house: House) -> None:
    chat = house.person("Mai")
    await chat.send("/dangky")
    for data in ("sut:1:0:field:nowhere", "sut:1:0:all", "sut:1:0:", "sur:everything", "sur:field:x"):
        await chat.press_data(data, chat.last.id)
    assert await topics(chat) == set()
    assert len(chat.shown) == 1


# --- consents ------------------------------------------------------------------------------------------------------


async def test_what_was_agreed_to_is_shown_among_the_consents_and_ends_when_taken_back(house: House) -> None:
    chat = house.person("Mai")
    await chat.send("/dangky đất đai", "/dangky link", "/dulieu")
    assert "Nhận tin đã đăng ký Câu trả lời: Đất đai" in chat.last.text
    await chat.press("Rút đồng ý: Nhận tin đã đăng ký Câu trả lời: Đất đai")
    assert await topics(chat) == {"links"}
    person = await chat.row()
    async with house.database.reading() as work:
        assert [row.topic for row in await stored_consents.of_person(work, person.id)] == ["links"]


async def test_who_chose_english_reads_english(house: House) -> None:
    chat = house.person("Mai")
    await chat.send("/ngonngu")
    await chat.press("English")
    await chat.send("/dangky")
    assert "The messages you want" in chat.last.text
    await chat.press("Answers by field")
    await chat.press("Next")
    await chat.press("☐ Land")
    assert "• Land" in chat.last.text
