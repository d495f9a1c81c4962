"""Following a question through the real bot: track, supply, rate, reopen, withdraw, agree to publication."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from domain.programme import Programme
from domain.questions.history import EntryKind
from domain.questions.life import Role, Secrecy
from services.people.actors import Actor, actor_of
from services.questions import agency_work, publication, screening
from services.staff import staff
from storage.agencies import agencies
from storage.engine.database import Database, Work
from storage.people import consents, people, roles
from storage.questions import entries, questions
from storage.rows import QuestionRow
from storage.tables import files, ratings
from storage.tables import questions as questions_table
from tests.conftest import SetClock
from tests.worlds.chat import LAND, Chat, House, introduced
from tests.worlds.rules import rules

CODE = "DH-2026-000001"
ANSWER = "Hồ sơ của ông/bà đã được duyệt ngày 20/10/2026."


@pytest.fixture
def programme() -> Programme:
    """No approval: an officer's answer goes out at once."""
    return rules(approval_steps=())


@pytest.fixture
def house(database: Database, application: Any) -> House:
    return House(database, application)


async def _staff(work: Work, role: Role, agency: str | None = None) -> Actor:
    person = await people.seen(
        work, channel="telegram", address=f"9{len(role)}", display_name=role, language="vi"
    )
    agency_id = None if agency is None else (await agencies.by_code(work, agency)).id  # type: ignore[union-attr]
    if not await roles.of_person(work, person.id):
        await roles.grant(work, person.id, role, agency_id, None)
    return await actor_of(work, person)


async def assigned(house: House, question_id: int = 1) -> None:
    async with house.database.work() as work:
        await _staff(work, Role.OFFICER, "SNNMT")
        lead = await agencies.by_code(work, "SNNMT")
        assert lead is not None
        await screening.assign(work, await _staff(work, Role.EDITOR), question_id, lead)
    await house.deliver()


async def asked_for_more(house: House, question_id: int = 1) -> None:
    await assigned(house, question_id)
    async with house.database.work() as work:
        officer = await _staff(work, Role.OFFICER, "SNNMT")
        await agency_work.ask_more(work, officer, question_id, "Số biên nhận là gì?")
    await house.deliver()


async def answered(house: House, question_id: int = 1) -> None:
    await assigned(house, question_id)
    async with house.database.work() as work:
        await agency_work.submit(work, await _staff(work, Role.OFFICER, "SNNMT"), question_id, ANSWER)
    await house.deliver()


async def question(house: House, question_id: int = 1) -> QuestionRow:
    async with house.database.reading() as work:
        row = await questions.by_id(work, question_id)
    assert row is not None
    return row


async def written(house: House, kind: EntryKind) -> list[str]:
    async with house.database.reading() as work:
        return [row.text or "" for row in await entries.of_question(work, 1, kind)]


# --- looking ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [CODE, "dh2026000001", "dh-2026-1", "1"])
async def test_the_asker_reads_all_of_their_question_by_its_code(house: House, typed: str) -> None:
    chat = await introduced(house)
    await answered(house)
    await chat.send(f"/tracuu {typed}")

    for words in (CODE, LAND, "Sở Nông nghiệp và Môi trường", ANSWER, "Đã trả lời"):
        assert words in chat.last.text


async def test_a_stranger_learns_only_the_status(house: House) -> None:
    await introduced(house)
    await answered(house)
    stranger = house.person("Kẻ tò mò")
    await stranger.send(f"/tracuu {CODE}")

    assert "Đã trả lời" in stranger.last.text
    for words in (LAND[:20], ANSWER[:20], "Nguyễn", "Lê Lợi", "Sở Nông nghiệp", "2026,"):
        assert words not in stranger.last.text
    assert stranger.last.labels == []


async def test_a_forged_button_tells_a_stranger_no_more_than_a_code(house: House) -> None:
    await introduced(house)
    await answered(house)
    stranger = house.person("Kẻ tò mò")
    await stranger.send("/cuatoi")
    for data in (
        "tr:1",
        "re:1",
        "wd:1",
        "ro:1",
        "rr:1:1",
        "cp:1:yes",
        "tr:99",
        "tr:x",
        "ls:mine:0",
        "ls:mine",
    ):
        await stranger.press_data(data, stranger.last.id)

    assert all(ANSWER[:20] not in one.text and LAND[:20] not in one.text for one in stranger.shown)
    assert (await question(house)).status == "answered"
    async with house.database.reading() as work:
        assert await work.all(sa.select(ratings)) == []


async def test_of_a_suspected_denunciation_the_text_is_shown_to_nobody_here(house: House) -> None:
    chat = await introduced(house)
    async with house.database.work() as work:
        await work.run(sa.update(questions_table).values(secrecy=Secrecy.SUSPECTED))
    await chat.send(f"/tracuu {CODE}", "/cuatoi")
    stranger = house.person("Kẻ tò mò")
    await stranger.send(f"/tracuu {CODE}")

    assert "Đã tiếp nhận" in stranger.last.text
    assert all(LAND[:20] not in one.text for one in [*chat.shown[-2:], stranger.last])


async def test_who_asked_the_same_reads_the_answer_but_not_the_other_ones_words(house: House) -> None:
    await introduced(house)
    second = await introduced(house, "Tèo", "Sổ đỏ của tôi đâu?")
    async with house.database.work() as work:
        await screening.merge(work, await _staff(work, Role.EDITOR), 2, 1)
    await answered(house)
    await second.send("/tracuu 2")
    for words in ("Sổ đỏ của tôi đâu?", CODE, ANSWER):
        assert words in second.last.text
    await second.send("/tracuu 1")
    assert ANSWER in second.last.text

    assert all(LAND[:20] not in one.text for one in second.shown)


async def test_staff_are_told_where_they_see_all_of_it(house: House) -> None:
    await introduced(house)
    await assigned(house)
    officer = house.person("Cán")
    async with house.database.work() as work:
        agency = await agencies.by_code(work, "SNNMT")
        code, _expires_at = await staff.invite(work, Role.OFFICER, agency)
    await officer.send(f"/start {code}", f"/tracuu {CODE}")

    assert f"/xem {CODE}" in officer.last.text
    assert LAND[:20] not in officer.last.text


async def test_an_unknown_code_and_none_at_all_get_a_sentence(house: House) -> None:
    chat = house.person("Mai")
    await chat.send("/tracuu DH-2026-000777")
    assert "tìm thấy" in chat.last.text or "không có" in chat.last.text.lower()
    await chat.send("/tracuu abc")
    assert "Thiếu mã" in chat.last.text
    await chat.send("/tracuu")
    assert "mã" in chat.last.text


async def test_tracuu_without_a_code_asks_for_it_and_takes_it(house: House) -> None:
    chat = await introduced(house)
    await chat.send("/tracuu", "dh 2026 1")
    assert LAND in chat.last.text

    await chat.send("/tracuu", "Thôi, cho tôi hỏi khi nào có nước máy?")
    assert "Gửi câu hỏi" in chat.last.labels


async def test_my_questions_are_listed_in_pages_with_a_button_each(house: House) -> None:
    chat = await introduced(house)
    for number in range(2, 11):
        await chat.send(f"Câu hỏi số {number}?")
        await chat.press("Gửi câu hỏi")
    await chat.send("/cuatoi")
    listed = chat.last
    assert "DH-2026-000010" in listed.text
    assert CODE not in listed.text
    await chat.press("Trang sau")
    assert CODE in listed.text
    await chat.press(CODE)
    assert LAND in chat.last.text


# --- published -----------------------------------------------------------------------------------------------


async def published(house: House, *, anonymised: bool = False) -> None:
    async with house.database.work() as work:
        editor = await _staff(work, Role.EDITOR)
        await publication.publish(work, editor, 1, anonymised=anonymised)
    await house.deliver()


async def test_a_published_question_is_found_and_read_by_anybody_without_its_author(house: House) -> None:
    chat = await introduced(house, question=f"{LAND} Xin gọi tôi, Nguyễn Thị Mai, số 0912345678.")
    await answered(house)
    await chat.press("Đồng ý công khai")
    await published(house)
    stranger = house.person("Người đọc")
    await stranger.send("/hoidap so do")
    assert CODE in stranger.last.text
    await stranger.press(CODE)

    for words in (LAND, ANSWER):
        assert words in stranger.last.text
    for words in ("0912345678", "Nguyễn Thị Mai", "Lê Lợi"):
        assert all(words not in one.text for one in stranger.shown)


async def test_the_asker_who_takes_the_consent_back_takes_the_publication_back(house: House) -> None:
    chat = await introduced(house)
    await answered(house)
    asked = chat.last
    no = asked.data("Không công khai")
    await chat.press("Đồng ý công khai", asked)
    await published(house)
    await chat.press_data(no, asked.id)
    stranger = house.person("Người đọc")
    await stranger.send("/hoidap", f"/tracuu {CODE}")

    assert all(LAND[:20] not in one.text and ANSWER[:20] not in one.text for one in stranger.shown)


@pytest.mark.parametrize("typed", ["xe buýt", "<b>", "% _", "x" * 4000])
async def test_what_was_not_published_is_not_found(house: House, typed: str) -> None:
    chat = await introduced(house)
    await answered(house)
    await chat.send(f"/hoidap {typed}")

    assert "Chưa có" in chat.last.text
    assert CODE not in chat.last.text


# --- the agency needs more --------------------------------------------------------------------------------


async def test_a_reply_to_the_clarification_answers_it(house: House) -> None:
    chat = await introduced(house)
    await asked_for_more(house)
    await chat.send("Số 123/BN", reply_to=chat.last)

    assert (await question(house)).status == "accepted"
    assert await written(house, EntryKind.SUPPLEMENT) == ["Số 123/BN"]


async def test_after_pressing_reply_the_next_message_answers_it(house: House) -> None:
    chat = await introduced(house)
    await asked_for_more(house)
    await chat.press("Trả lời")
    await chat.send("Số 123/BN")

    assert await written(house, EntryKind.SUPPLEMENT) == ["Số 123/BN"]
    assert await chat.is_idle()
    await chat.send("Còn một câu hỏi khác nữa.")
    assert "Gửi câu hỏi" in chat.last.labels


async def test_without_either_the_words_start_a_new_question(house: House) -> None:
    chat = await introduced(house)
    await asked_for_more(house)
    await chat.send("Bao giờ có nước máy?")

    assert (await question(house)).status == "waiting"
    assert "Gửi câu hỏi" in chat.last.labels


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("by_button", [False, True])
async def test_an_album_answers_the_clarification_whole(house: House, by_button: bool, apart: bool) -> None:
    chat = await introduced(house)
    await asked_for_more(house)
    asked = chat.last
    if by_button:
        await chat.press("Trả lời")
        await chat.send(*chat.album(3, "biên nhận"), apart=apart)
    else:
        reply = chat.message(reply_to=asked)["reply_to_message"]
        await chat.send(*chat.album(3, "biên nhận", reply_to_message=reply), apart=apart)

    assert await written(house, EntryKind.SUPPLEMENT) == ["biên nhận"]
    async with house.database.reading() as work:
        kept = await work.all(sa.select(files))
    assert [row.question_id for row in kept] == [1, 1, 1]
    await chat.send("Bao giờ có nước máy?")
    assert "Gửi câu hỏi" in chat.last.labels


async def test_another_album_afterwards_is_a_question_of_its_own(house: House) -> None:
    chat = await introduced(house)
    await asked_for_more(house)
    await chat.press("Trả lời")
    await chat.send(*chat.album(2, "biên nhận"))
    await chat.send(*chat.album(2, "Cầu hỏng, ai sửa?"))
    await chat.press("Gửi câu hỏi")

    async with house.database.reading() as work:
        kept = await work.all(sa.select(files).order_by(files.c.id))
    assert [row.question_id for row in kept] == [1, 1, 2, 2]


async def test_what_is_no_longer_wanted_ends_the_step_with_a_reason(house: House) -> None:
    chat = await introduced(house)
    await asked_for_more(house)
    await chat.press("Trả lời")
    async with house.database.work() as work:
        await agency_work.submit(work, await _staff(work, Role.OFFICER, "SNNMT"), 1, ANSWER)
    await chat.send("Số 123/BN")

    assert await written(house, EntryKind.SUPPLEMENT) == []
    assert await chat.is_idle()


# --- after the answer -------------------------------------------------------------------------------------


async def stars(house: House) -> list[int]:
    async with house.database.reading() as work:
        return [row.stars for row in await work.all(sa.select(ratings))]


@pytest.mark.parametrize(
    ("typed", "given", "words"),
    [
        ("1 5", 5, []),
        ("DH-2026-000001 4/5", 4, []),
        ("1 3 sao, hơi chậm", 3, ["hơi chậm"]),
        ("dh1 2 tệ", 2, ["tệ"]),
    ],
)
async def test_danhgia_rates_with_or_without_words(
    house: House, typed: str, given: int, words: list[str]
) -> None:
    chat = await introduced(house)
    await answered(house)
    await chat.send(f"/danhgia {typed}")

    assert await stars(house) == [given]
    assert await written(house, EntryKind.RATING_WORDS) == words


async def test_who_asked_the_same_rates_the_answer_by_the_code_of_their_own_question(house: House) -> None:
    await introduced(house)
    other = await introduced(house, "Lan")
    async with house.database.work() as work:
        editor = await _staff(work, Role.EDITOR)
        await screening.merge(work, editor, 2, 1)
    await answered(house)
    await other.send("/danhgia 2")
    assert "1" in other.last.text
    assert "5" in other.last.text
    await other.send("/danhgia 2 4")

    assert await stars(house) == [4]
    async with house.database.reading() as work:
        (row,) = await work.all(sa.select(ratings))
    assert (row.question_id, row.person_id) == (1, (await other.row()).id)


@pytest.mark.parametrize("typed", ["1", "1 6", "1 0", "1 tốt", "1 4.5", "1 -1", "1 99999"])
async def test_a_rating_that_is_none_is_refused(house: House, typed: str) -> None:
    chat = await introduced(house)
    await answered(house)
    await chat.send(f"/danhgia {typed}")

    assert await stars(house) == []
    assert "5" in chat.last.text


async def test_pressing_the_same_stars_twice_rates_once(house: House) -> None:
    chat = await introduced(house)
    await answered(house)
    await chat.press("3 ★", times=2)

    assert await stars(house) == [3]
    assert len(chat.saying("Cảm ơn ông/bà đã chấm")) == 1


async def test_an_answer_is_reopened_once_with_words(house: House) -> None:
    chat = await introduced(house)
    await answered(house)
    await chat.press("Mở lại")
    await chat.send("Tôi chưa nhận được giấy.")
    assert (await question(house)).status == "assigned"
    assert await written(house, EntryKind.REOPEN_REASON) == ["Tôi chưa nhận được giấy."]

    async with house.database.work() as work:
        await agency_work.submit(work, await _staff(work, Role.OFFICER, "SNNMT"), 1, ANSWER)
    await house.deliver()
    await chat.send("/molai 1 vẫn chưa")
    assert (await question(house)).status == "answered"


async def test_after_fifteen_days_it_is_too_late_to_reopen(house: House, clock: SetClock) -> None:
    chat = await introduced(house)
    await answered(house)
    clock.at += timedelta(days=15, seconds=1)
    await chat.send("/molai 1 chưa xong")

    assert (await question(house)).status == "answered"


async def test_words_under_an_answer_are_kept_until_their_purpose_is_said(house: House) -> None:
    chat = await introduced(house)
    await answered(house)
    answer = chat.saying("Hồ sơ của ông/bà")[-1]
    await chat.send("Chưa rõ ngày nào nhận.", reply_to=answer)
    assert chat.last.labels == ["Mở lại", "Gửi câu hỏi mới", "Hủy"]
    await chat.send("Và nhận ở đâu?")
    await chat.press("Mở lại", chat.last)

    assert await written(house, EntryKind.REOPEN_REASON) == ["Chưa rõ ngày nào nhận.\nVà nhận ở đâu?"]
    assert await chat.is_idle()


async def test_giving_up_what_was_written_under_an_answer_drops_its_files(house: House) -> None:
    chat = await introduced(house)
    await answered(house)
    replied = chat.message(reply_to=chat.saying(ANSWER)[-1])["reply_to_message"]
    await chat.send(chat.photo("Còn đường thì sao?", reply_to_message=replied))
    await chat.press("Hủy", chat.last)

    async with house.database.reading() as work:
        assert await work.all(sa.select(files)) == []
    assert await chat.is_idle()


async def test_words_under_an_answer_can_become_a_new_question(house: House) -> None:
    chat = await introduced(house)
    await answered(house)
    await chat.send(chat.photo("Còn đường thì sao?", reply_to_message=chat.message(
        reply_to=chat.saying("Hồ sơ của ông/bà")[-1])["reply_to_message"]))  # fmt: skip
    await chat.press("Gửi câu hỏi mới", chat.last)
    assert "Còn đường thì sao?" in chat.last.text
    await chat.press("Gửi câu hỏi", chat.last)

    assert (await question(house)).status == "answered"
    assert (await question(house, 2)).status == "received"


async def test_withdrawing_needs_a_confirmation(house: House) -> None:
    chat = await introduced(house)
    await chat.send("/rut 1")
    assert chat.last.labels == ["Xác nhận", "Hủy"]
    await chat.press("Hủy")
    assert chat.last.labels == []
    assert (await question(house)).status == "received"

    await chat.press("Rút câu hỏi")
    await chat.press("Xác nhận", times=2)
    assert (await question(house)).status == "withdrawn"
    assert len(chat.saying("đã được rút")) <= 1


async def test_hiding_a_question_hides_it_from_every_list(house: House) -> None:
    chat = await introduced(house)
    await answered(house)
    await chat.press("Đồng ý công khai")
    await published(house)
    async with house.database.work() as work:
        await work.run(sa.update(questions_table).values(secrecy=Secrecy.SUSPECTED))
    stranger = house.person("Người đọc")
    await stranger.send("/hoidap", f"/tracuu {CODE}")

    assert CODE not in stranger.shown[0].text
    assert all(LAND[:20] not in one.text and ANSWER[:20] not in one.text for one in stranger.shown)


async def test_an_older_confirmation_confirms_nothing(house: House) -> None:
    chat = await introduced(house)
    await chat.send("Bao giờ có nước máy?")
    await chat.press("Gửi câu hỏi")
    await chat.send("/rut 1")
    older = chat.last
    await chat.send("/rut 2")
    await chat.press_data(older.data("Xác nhận"), older.id)

    assert [(await question(house, one)).status for one in (1, 2)] == ["received", "received"]


@pytest.mark.parametrize(("label", "stands"), [("Đồng ý công khai", True), ("Không công khai", False)])
async def test_publication_is_agreed_to_question_by_question(house: House, label: str, stands: bool) -> None:
    chat = await introduced(house)
    await answered(house)
    await chat.press(label)

    person = await chat.row()
    async with house.database.reading() as work:
        assert (await consents.latest(work, person.id, "publication", 1) is not None) is stands


async def test_somebody_elses_question_can_be_neither_rated_nor_withdrawn(house: House) -> None:
    await introduced(house)
    await answered(house)
    other: Chat = await introduced(house, "Tèo", "Bao giờ có điện?")
    for command in ("/rut 1", "/danhgia 1 5", "/molai 1 vì tôi thích", "/traloi 1 láo"):
        await other.send(command)
        assert other.last.labels == []

    assert await stars(house) == []
    assert (await question(house)).status == "answered"
