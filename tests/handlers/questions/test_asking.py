"""Asking through the real bot: what a citizen types and presses, what they read, what stands in the ledger."""

from typing import Any

import pytest
import sqlalchemy as sa

from domain.programme import Programme
from storage.engine.database import Database
from storage.people import consents as stored_consents
from storage.questions import entries
from storage.tables import Row, consents, files, outbox
from storage.tables import questions as questions_table
from tests.worlds.chat import LAND, House, introduced
from tests.worlds.rules import rules


@pytest.fixture
def house(database: Database, application: Any) -> House:
    return House(database, application)


async def ledger(house: House) -> list[Row]:
    async with house.database.reading() as work:
        return await work.all(sa.select(questions_table).order_by(questions_table.c.id))


async def asked_text(house: House, index: int = -1) -> str:
    row = (await ledger(house))[index]
    async with house.database.reading() as work:
        return await entries.question_text(work, row.id)


# --- a newcomer -------------------------------------------------------------------------------------------------


async def test_a_newcomer_is_led_from_the_first_message_to_the_code(house: House) -> None:
    chat = house.person("Mai")

    await chat.send(LAND)
    assert chat.last.labels == ["Đồng ý", "Hủy"]
    await chat.press("Đồng ý")
    assert "họ" in chat.last.text.lower()
    assert chat.last.labels == []
    await chat.send("Nguyễn  Thị Mai")
    assert "địa chỉ" in chat.last.text.lower()
    await chat.send("12 Lê Lợi, phường Rạch Giá")
    assert chat.last.labels == ["Bỏ qua"]
    await chat.send("0912 345 678")
    assert "Bỏ qua" in chat.last.labels
    assert "Đất đai" in chat.last.labels
    await chat.press("Đất đai")
    assert chat.last.labels[:2] == ["Gửi câu hỏi", "Hủy"]
    for words in (LAND, "Nguyễn Thị Mai", "12 Lê Lợi, phường Rạch Giá", "0912 345 678", "Đất đai"):
        assert words in chat.last.text
    card = chat.last
    await chat.press("Gửi câu hỏi")

    assert "DH-2026-000001" in chat.last.text
    assert card.labels == []
    (row,) = await ledger(house)
    assert row.field_code == "dat-dai"
    assert await asked_text(house) == LAND
    assert [one.labels for one in chat.shown[:-1]] == [[]] * (len(chat.shown) - 1)


async def test_consent_is_kept_with_the_version_of_its_text(house: House) -> None:
    chat = house.person("Mai")
    await chat.send(LAND)
    await chat.press("Đồng ý", times=2)

    async with house.database.reading() as work:
        (given,) = await work.all(sa.select(consents))
    assert (given.kind, given.version) == ("processing", "2026-12")


async def test_without_consent_nothing_but_the_draft_is_kept(house: House) -> None:
    chat = house.person("Mai")
    await chat.send(LAND, "Xin trả lời sớm.")

    assert chat.last.text.startswith("Đã thêm")
    person = await chat.row()
    assert (person.full_name, person.home_address, person.contact) == (None, None, None)
    assert await ledger(house) == []

    await chat.press("Hủy")
    assert await chat.is_idle()


async def test_who_agreed_to_an_older_text_is_asked_again(house: House) -> None:
    chat = await introduced(house)
    async with house.database.work() as work:
        await work.run(sa.update(consents).values(version="2020-01"))

    await chat.send("Câu hỏi thứ hai của tôi về thuế đất.")
    assert chat.last.labels == ["Đồng ý", "Hủy"]
    assert "thay đổi" in chat.last.text
    await chat.press("Đồng ý")
    assert "Gửi câu hỏi" in chat.last.labels

    person = await chat.row()
    async with house.database.reading() as work:
        standing = await stored_consents.latest(work, person.id, "processing")
    assert standing is not None
    assert standing.version == "2026-12"


async def test_a_text_of_consent_that_changes_before_sending_is_asked_for_first(house: House) -> None:
    chat = await introduced(house)
    await chat.send("Bao giờ có nước máy?")
    async with house.database.work() as work:
        await work.run(sa.update(consents).values(version="2020-01"))
    await chat.press("Gửi câu hỏi")
    assert len(await ledger(house)) == 1
    await chat.press("Đồng ý")
    await chat.press("Gửi câu hỏi")

    assert len(await ledger(house)) == 2
    async with house.database.reading() as work:
        standing = await work.all(sa.select(consents.c.version).where(consents.c.withdrawn_at.is_(None)))
    assert [row.version for row in standing] == ["2026-12"]


async def test_a_contact_that_is_neither_number_nor_mail_is_refused_politely(house: House) -> None:
    chat = house.person("Mai")
    await chat.send(LAND)
    await chat.press("Đồng ý")
    await chat.send("Mai", "Rạch Giá", "hỏi chị tôi nhé")

    assert "không giống số điện thoại" in chat.last.text
    await chat.send("mai@example.vn")
    assert (await chat.row()).contact == "mai@example.vn"
    assert "Bỏ qua" in chat.last.labels


@pytest.mark.parametrize("typed", ["không có", "Khong co.", "hông có", "no"])
async def test_who_has_no_telephone_says_so_and_is_asked_no_more(house: House, typed: str) -> None:
    chat = house.person("Mai")
    await chat.send(LAND)
    await chat.press("Đồng ý")
    await chat.send("Mai", "Rạch Giá", typed)
    assert (await chat.row()).contact is None
    assert "lĩnh vực" in chat.last.text


async def test_a_number_among_other_words_is_read(house: House) -> None:
    chat = house.person("Mai")
    await chat.send(LAND)
    await chat.press("Đồng ý")
    await chat.send("Mai", "Rạch Giá", "số 0912345678 (Lan)")
    assert (await chat.row()).contact == "0912345678"


# --- somebody who has asked before --------------------------------------------------------------------------------


async def test_who_has_asked_before_needs_one_message_and_two_taps(house: House) -> None:
    chat = await introduced(house)
    before = chat.last

    await chat.send("Đường vào xóm tôi ngập khi mưa, khi nào sửa?")
    (card,) = chat.since(before)
    assert {"Bỏ qua", "Gửi câu hỏi", "Hủy"} <= set(card.labels)
    await chat.press("Giao thông")
    assert card.labels == []
    await chat.press("Gửi câu hỏi")

    assert "DH-2026-000002" in chat.last.text
    assert (await ledger(house))[-1].field_code == "giao-thong"


async def test_the_question_can_be_sent_at_once_without_a_field(house: House) -> None:
    chat = await introduced(house)
    await chat.send("Bao giờ có nước máy?")
    await chat.press("Gửi câu hỏi")

    assert (await ledger(house))[-1].field_code is None


async def test_sending_twice_registers_once(house: House) -> None:
    chat = await introduced(house)
    await chat.send("Bao giờ có nước máy?")
    await chat.press("Gửi câu hỏi", times=2)

    assert len(await ledger(house)) == 2


async def test_a_button_of_an_older_card_changes_nothing(house: House) -> None:
    chat = await introduced(house)
    await chat.send("Bao giờ có nước máy?")
    card = chat.last
    data = card.data("Gửi câu hỏi")
    await chat.send("Ở ấp 3.")
    assert card.labels == []

    await chat.press_data(data, card.id)
    assert len(await ledger(house)) == 1
    await chat.press("Gửi câu hỏi")
    assert await asked_text(house) == "Bao giờ có nước máy?\nỞ ấp 3."


# --- what a draft collects -------------------------------------------------------------------------------------------


async def test_an_album_gives_one_card_with_all_its_pictures(house: House) -> None:
    chat = await introduced(house)
    before = chat.last
    await chat.send(*chat.album(5, "Cầu hỏng, ai sửa?"), apart=False)

    (card,) = chat.since(before)
    assert "5" in card.text
    await chat.press("Gửi câu hỏi")
    async with house.database.reading() as work:
        kept = await work.all(sa.select(files))
    assert len(kept) == 5
    assert all(row.question_id is not None for row in kept)


async def test_an_album_that_comes_slowly_still_gives_one_card(house: House) -> None:
    chat = await introduced(house)
    before = chat.last
    await chat.send(*chat.album(4, "Cầu hỏng, ai sửa?"))

    (card,) = chat.since(before)
    assert "Tệp gửi kèm: 4" in card.text
    await chat.press("Gửi câu hỏi")
    assert len(await ledger(house)) == 2


async def test_the_rest_of_an_album_changes_the_card_at_once(house: House) -> None:
    chat = await introduced(house)
    first, *rest = chat.album(5, "Cầu hỏng, ai sửa?")
    await chat.send(first)
    card = chat.last
    await chat.send(*rest, apart=False)

    assert card is chat.last
    assert card.edits == 1
    assert "Tệp gửi kèm: 5" in card.text


async def test_a_voice_message_alone_is_a_question(house: House) -> None:
    chat = await introduced(house)
    voice = {"file_id": "v1", "file_unique_id": "v", "duration": 9, "mime_type": "audio/ogg"}
    await chat.send(chat.message(voice=voice))
    await chat.press("Gửi câu hỏi")

    assert len(await ledger(house)) == 2
    assert await asked_text(house) == ""


async def test_files_sent_while_the_name_is_asked_belong_to_the_question(house: House) -> None:
    chat = house.person("Mai")
    await chat.send(LAND)
    await chat.press("Đồng ý")
    await chat.send(chat.photo("biên nhận"))
    assert chat.last.text.startswith("Đã thêm")
    await chat.send("Nguyễn Thị Mai")

    assert (await chat.row()).full_name == "Nguyễn Thị Mai"
    conversation = await chat.conversation()
    assert conversation is not None
    assert len(conversation.data["files"]) == 1
    assert [part["text"] for part in conversation.data["parts"]] == [LAND, "biên nhận"]


@pytest.mark.parametrize(
    "body",
    [
        {"sticker": {"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1,
                     "is_animated": False, "is_video": False}},
        {"location": {"latitude": 10.0, "longitude": 105.0}},
        {"contact": {"phone_number": "0912345678", "first_name": "An"}},
        {"dice": {"emoji": "🎲", "value": 3}},
    ],
)  # fmt: skip
async def test_what_cannot_be_part_of_a_question_is_refused_and_changes_nothing(
    house: House, body: dict[str, Any]
) -> None:
    chat = await introduced(house)
    await chat.send("Bao giờ có nước máy?")
    card = chat.last
    await chat.send(chat.message(**body))

    assert "không nhận được loại tin này" in chat.last.text
    assert "Gửi câu hỏi" in card.labels
    await chat.press("Gửi câu hỏi")
    assert await asked_text(house) == "Bao giờ có nước máy?"


async def test_a_file_over_the_limit_goes_with_the_question_and_is_not_fetched(house: House) -> None:
    chat = await introduced(house)
    await chat.send("Đường hỏng", chat.photo(size=(20 << 20) + 1))
    assert "Tệp gửi kèm: 1" in chat.last.text
    await chat.press("Gửi câu hỏi")
    async with house.database.reading() as work:
        (row,) = await work.all(sa.select(files))
    assert row.state == "away"


async def test_of_an_album_that_does_not_fit_one_hears_once(house: House) -> None:
    chat = await introduced(house)
    await chat.send(*chat.album(8, "Đường hỏng"), apart=False)
    before = chat.last
    await chat.send(*chat.album(5), apart=False)

    refusals = [one for one in chat.since(before) if "quá nhiều tệp" in one.text]
    assert len(refusals) == 1
    await chat.press("Gửi câu hỏi")
    async with house.database.reading() as work:
        assert len(await work.all(sa.select(files).where(files.c.question_id.is_not(None)))) == 10


async def test_a_text_that_is_too_long_leaves_the_draft_as_it_was(house: House) -> None:
    chat = await introduced(house)
    await chat.send("Bao giờ có nước máy?", "x" * 20_000)

    assert "20.000" in chat.last.text
    await chat.press("Gửi câu hỏi")
    assert await asked_text(house) == "Bao giờ có nước máy?"


async def test_a_text_that_the_app_cut_is_put_together_as_it_was(house: House) -> None:
    chat = await introduced(house)
    whole = "đường " * 1666 + "xấu."
    assert len(whole) == 10_000
    await chat.send(*(whole[at : at + 4096] for at in range(0, 10_000, 4096)))
    await chat.press("Gửi câu hỏi")

    assert await asked_text(house) == whole


async def test_a_forwarded_message_is_part_of_the_question_at_any_step(house: House) -> None:
    origin = {"type": "hidden_user", "date": 1_793_600_000, "sender_user_name": "Ông Ba"}
    chat = house.person("Mai")
    await chat.send(chat.message("Xóm tôi mất điện cả tuần.", forward_origin=origin))
    await chat.press("Đồng ý")
    await chat.send(chat.message("Gọi điện lực không ai nghe.", forward_origin=origin))

    assert (await chat.row()).full_name is None
    conversation = await chat.conversation()
    assert conversation is not None
    assert len(conversation.data["parts"]) == 2


async def test_messages_sent_at_once_give_one_card(house: House) -> None:
    chat = await introduced(house)
    before = chat.last
    await chat.send("Bao giờ có nước máy?", "Ở ấp 3.", chat.photo(), apart=False)

    (card,) = chat.since(before)
    assert "Ở ấp 3." in card.text
    assert "Gửi câu hỏi" in card.labels


@pytest.mark.parametrize("text", ["\u200b\u200d", " \n ", "\u202e"])
async def test_a_message_of_nothing_visible_starts_nothing(house: House, text: str) -> None:
    chat = await introduced(house)
    await chat.send(text)

    assert "chưa có nội dung" in chat.last.text
    assert await chat.is_idle()


async def test_the_messengers_own_notes_are_not_answered(house: House) -> None:
    chat = await introduced(house)
    before = len(chat.shown)
    await chat.send(chat.message(message_auto_delete_timer_changed={"message_auto_delete_time": 86400}))

    assert len(chat.shown) == before


# --- edits -----------------------------------------------------------------------------------------------------


async def test_an_edited_message_changes_the_draft_and_its_card(house: House) -> None:
    chat = await introduced(house)
    message = chat.message("Bao giờ có nuoc may?")
    await chat.send(message)
    card = chat.last
    await chat.edit(message, text="Bao giờ có nước máy?")

    assert card is chat.last
    assert "nước máy" in card.text
    await chat.press("Gửi câu hỏi")
    assert await asked_text(house) == "Bao giờ có nước máy?"


async def test_an_edit_after_sending_is_not_taken_and_says_so(house: House) -> None:
    chat = await introduced(house)
    message = chat.message("Bao giờ có nước máy?")
    await chat.send(message)
    await chat.press("Gửi câu hỏi")
    await chat.edit(message, text="Khác hẳn")

    assert "tin nhắn vừa sửa không thay đổi" in chat.last.text
    assert await asked_text(house) == "Bao giờ có nước máy?"


async def test_an_edited_name_is_the_name(house: House) -> None:
    chat = house.person("Mai")
    await chat.send(LAND)
    await chat.press("Đồng ý")
    name = chat.message("Nguyen Mai")
    await chat.send(name, "Rạch Giá")
    await chat.press("Bỏ qua")
    await chat.press("Bỏ qua")
    await chat.edit(name, text="Nguyễn Thị Mai")

    assert (await chat.row()).full_name == "Nguyễn Thị Mai"
    assert "Nguyễn Thị Mai" in chat.last.text


async def test_an_edited_caption_and_an_exchanged_picture_change_the_draft(house: House) -> None:
    chat = await introduced(house)
    message = chat.photo("Cau hong")
    await chat.send(message)
    other = chat.photo()["photo"]
    await chat.edit(message, caption="Cầu hỏng", photo=other)
    assert "Cầu hỏng" in chat.last.text
    assert "Tệp gửi kèm: 1" in chat.last.text
    await chat.press("Gửi câu hỏi")

    async with house.database.reading() as work:
        kept = await work.all(sa.select(files))
    assert [row.remote_id for row in kept] == [other[-1]["file_id"]]


async def test_an_edit_while_something_else_is_confirmed_is_not_lost(house: House) -> None:
    chat = await introduced(house)
    message = chat.message("Bao giờ có nuoc may?")
    await chat.send(message, "/rut 1")
    await chat.edit(message, text="Bao giờ có nước máy?")
    await chat.press("Hủy")
    await chat.press("Gửi câu hỏi")

    assert await asked_text(house) == "Bao giờ có nước máy?"


async def test_a_moving_place_is_not_answered_each_time_it_moves(house: House) -> None:
    chat = await introduced(house)
    before = len(chat.shown)
    await chat.edit(chat.message(location={"latitude": 10.0, "longitude": 105.0, "live_period": 60}))

    assert len(chat.shown) == before


# --- the card ----------------------------------------------------------------------------------------------------


async def test_the_contact_is_given_to_agencies_only_when_ticked(house: House) -> None:
    chat = await introduced(house)
    await chat.send("Bao giờ có nước máy?")
    await chat.press("Sửa tên, địa chỉ")
    await chat.send("Nguyễn Thị Mai", "Rạch Giá", "0912345678")
    assert "☐ Cho cơ quan biết số liên hệ" in chat.last.labels
    await chat.press("Cho cơ quan biết")
    assert "☑ Cho cơ quan biết số liên hệ" in chat.last.labels
    person = await chat.row()
    async with house.database.reading() as work:
        assert await stored_consents.latest(work, person.id, "contact") is None
    await chat.press("Gửi câu hỏi")
    async with house.database.reading() as work:
        assert await stored_consents.latest(work, person.id, "contact") is not None


async def test_one_can_ask_for_an_organisation(house: House) -> None:
    chat = await introduced(house)
    await chat.send("Bao giờ có nước máy?")
    await chat.press("Hỏi thay tổ chức")
    await chat.send('Công ty TNHH <b>"A&B"</b>')
    assert 'Công ty TNHH <b>"A&B"</b>' in chat.last.text.replace("&lt;", "<")
    await chat.press("Gửi câu hỏi")

    assert (await ledger(house))[-1].organisation == 'Công ty TNHH <b>"A&B"</b>'


async def test_all_fields_can_be_reached_by_turning_pages(house: House) -> None:
    chat = await introduced(house)
    await chat.send("Bao giờ có nước máy?")
    card = chat.last
    seen = set()
    await chat.press("Lĩnh vực khác")
    while True:
        seen |= set(card.labels)
        if "▶" not in card.labels:
            break
        await chat.press("▶")
    assert {"Cải cách hành chính", "Chuyên mục và lịch phát sóng"} <= seen
    assert card is chat.last
    await chat.press("Chuyên mục")
    await chat.press("Gửi câu hỏi")
    assert (await ledger(house))[-1].field_code == "chuyen-muc"


async def test_names_full_of_markup_are_shown_as_typed(house: House) -> None:
    chat = house.person('<b>&"Tèo')
    await chat.send("Nước <script> & điện?")
    await chat.press("Đồng ý")
    await chat.send('<b>&"Tèo', "Ấp <i>3</i>")
    await chat.press("Bỏ qua")
    await chat.press("Bỏ qua")

    assert "&lt;b&gt;&amp;" in chat.last.html
    assert "Nước &lt;script&gt; &amp; điện?" in chat.last.html


# --- emergencies, restarts, commands ---------------------------------------------------------------------------------


async def test_an_emergency_is_answered_with_numbers_before_anything_else(house: House) -> None:
    chat = house.person("Mai")
    await chat.send("Cháy nhà, cứu với, có người mắc kẹt!")

    assert "114" in chat.shown[0].text
    assert chat.shown[1].labels == ["Đồng ý", "Hủy"]
    await chat.send("Cháy lớn lắm cứu với")
    assert len(chat.saying("114")) == 1


async def test_a_draft_survives_a_restart(house: House) -> None:
    chat = house.person("Mai")
    await chat.send(LAND)
    await chat.press("Đồng ý")
    house.start()
    await chat.send("Nguyễn Thị Mai", "Rạch Giá")
    house.start()
    await chat.press("Bỏ qua")
    await chat.press("Bỏ qua")
    house.start()
    await chat.press("Gửi câu hỏi")

    assert await asked_text(house) == LAND


async def test_hoi_with_words_begins_a_question_and_adds_to_an_open_one(house: House) -> None:
    chat = await introduced(house)
    await chat.send("/hoi")
    assert "viết câu hỏi" in chat.last.text
    await chat.send("/HỎI Bao giờ có nước máy?", "/hoi Ở ấp 3.")
    await chat.press("Gửi câu hỏi")

    assert await asked_text(house) == "Bao giờ có nước máy?\nỞ ấp 3."


async def test_a_question_waits_while_something_else_is_confirmed(house: House) -> None:
    chat = await introduced(house)
    await chat.send("Bao giờ có nước máy?", "/rut 1")
    await chat.press("Xác nhận")

    assert (await ledger(house))[0].status == "withdrawn"
    assert "Gửi câu hỏi" in chat.last.labels
    await chat.press("Gửi câu hỏi")
    assert await asked_text(house) == "Bao giờ có nước máy?"


async def test_pressing_the_waiting_question_gives_up_what_came_up_meanwhile(house: House) -> None:
    chat = await introduced(house)
    await chat.send("Bao giờ có nước máy?")
    card = chat.last
    await chat.send("/rut 1")
    confirm = chat.last
    await chat.press("Gửi câu hỏi", card)

    assert len(await ledger(house)) == 2
    await chat.press_data(confirm.data("Xác nhận"), confirm.id)
    assert (await ledger(house))[0].status == "received"


async def test_words_typed_while_something_else_is_confirmed_belong_to_the_question(house: House) -> None:
    chat = await introduced(house)
    await chat.send("Bao giờ có nước máy?", "/rut 1", "Ở ấp 3.")
    await chat.press("Gửi câu hỏi")

    assert await asked_text(house) == "Bao giờ có nước máy?\nỞ ấp 3."


async def test_a_button_pressed_before_its_delivery_was_recorded_counts(house: House) -> None:
    chat = await introduced(house)
    await chat.send("Bao giờ có nước máy?")
    async with house.database.work() as work:
        await work.run(
            sa.update(outbox).where(outbox.c.message_id == str(chat.last.id)).values(message_id=None)
        )
    await chat.press_data("sq", chat.last.id)

    assert len(await ledger(house)) == 2


async def test_an_old_cancel_button_does_not_touch_what_was_sent_or_is_being_written(house: House) -> None:
    chat = await introduced(house)
    await chat.send("Bao giờ có nước máy?")
    card = chat.last
    cancel = card.data("Hủy")
    await chat.press("Gửi câu hỏi")
    await chat.press_data(cancel, card.id)
    assert "nước máy" in card.text
    await chat.send("Câu thứ ba?")
    await chat.press_data(cancel, card.id)
    await chat.press("Gửi câu hỏi")

    assert len(await ledger(house)) == 3


@pytest.mark.parametrize(
    "data", ["sq:1", "pf:khong-co", "pf", "fp:x", "fp:99", "ed:x", "ed", "sk", "sk:consent", "zz"]
)
async def test_forged_buttons_break_nothing(house: House, data: str) -> None:
    chat = await introduced(house)
    await chat.send("Bao giờ có nước máy?")
    await chat.press_data(data, chat.last.id)
    if await chat.conversation() is not None:
        await chat.press("Gửi câu hỏi")

    assert await asked_text(house) == "Bao giờ có nước máy?"


@pytest.mark.parametrize("data", ["sq", "sk:consent", "sk:name", "sk:field", "pf:dat-dai", "ed:field"])
async def test_no_forged_button_leads_past_consent_and_name(house: House, data: str) -> None:
    chat = house.person("Mai")
    await chat.send(LAND)
    await chat.press_data(data, chat.last.id)
    conversation = await chat.conversation()
    assert conversation is not None
    assert conversation.step == "ask.consent"
    await chat.press("Đồng ý")
    await chat.press_data(data, chat.last.id)
    conversation = await chat.conversation()
    assert conversation is not None
    assert conversation.step == "ask.name"
    assert await ledger(house) == []


async def test_a_photo_with_hoi_as_its_caption_is_a_question(house: House) -> None:
    chat = await introduced(house)
    await chat.send(chat.photo("/hoi Cầu này ai sửa?"))
    await chat.press("Gửi câu hỏi")

    assert await asked_text(house) == "Cầu này ai sửa?"
    async with house.database.reading() as work:
        assert len(await work.all(sa.select(files).where(files.c.question_id.is_not(None)))) == 1


async def test_an_english_reader_is_led_in_english(house: House) -> None:
    chat = house.person("John", language="en")
    await chat.send("/ngonngu")
    await chat.press("English")
    await chat.send("When will the road be repaired?")
    assert chat.last.labels == ["I agree", "Cancel"]
    await chat.press("I agree")
    await chat.send("John Smith", "Phú Quốc")
    await chat.press("Skip")
    assert "Transport" in chat.last.labels or "▶" in chat.last.labels
    await chat.press("Skip")
    await chat.press("Send question")
    assert "DH-2026-000001" in chat.last.text


class TestWithShortLimits:
    """The limits are configuration."""

    @pytest.fixture
    def programme(self) -> Programme:
        return rules(question_characters=20, draft_files=1)

    async def test_the_configured_limits_are_named_in_the_refusal(self, house: House) -> None:
        chat = house.person("Mai")
        await chat.send("x" * 21)
        assert "20 ký tự" in chat.last.text
        assert await chat.is_idle()


# --- a contact that is shared ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shared", "number"), [("84912345678", "+84912345678"), ("+84912345678", "+84912345678")]
)
async def test_their_own_contact_may_be_shared_instead_of_typed(
    house: House, shared: str, number: str
) -> None:
    chat = house.person("Mai")
    await chat.send(LAND)
    await chat.press("Đồng ý")
    await chat.send("Nguyễn Thị Mai", "12 Lê Lợi")
    contact = {"phone_number": shared, "first_name": "Ai đó"}
    await chat.send(chat.message(contact=contact | {"user_id": chat.address + 1}))
    assert "không nhận được loại tin này" in chat.last.text
    await chat.send(chat.message(contact=contact))
    assert (await chat.row()).contact is None
    await chat.send(chat.message(contact=contact | {"user_id": chat.address}))
    assert (await chat.row()).contact == number
    assert (conversation := await chat.conversation()) is not None
    assert conversation.step == "ask.field"
