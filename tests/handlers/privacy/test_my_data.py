"""What is held about somebody: taken as a file, corrected, and consents taken back one by one."""

import json
from typing import Any

import pytest
import sqlalchemy as sa

from domain.privacy.consent import Consent
from storage.engine.database import Database
from storage.people import consents
from storage.questions import history, questions
from storage.tables import audit, outbox
from tests.worlds.chat import LAND, Chat, House, introduced


@pytest.fixture
def house(database: Database, application: Any) -> House:
    return House(database, application)


async def test_a_newcomer_hears_that_nothing_is_held_yet(house: House) -> None:
    chat = house.person("Mai")
    await chat.send("/dulieu")
    assert "Chưa có họ tên" in chat.last.text
    assert not [label for label in chat.last.labels if "Rút" in label]


async def test_an_asker_sees_what_is_held_and_takes_a_consent_back(house: House) -> None:
    chat = await introduced(house)
    await chat.send("/dulieu")
    assert "Nguyễn Thị Mai" in chat.last.text
    assert "Câu hỏi đã gửi: 1" in chat.last.text
    await chat.press("Rút đồng ý")
    async with house.database.reading() as work:
        assert await consents.latest(work, (await chat.row()).id, Consent.PROCESSING) is None
    assert "chưa đồng ý điều gì" in chat.last.text
    await chat.send("Tôi hỏi thêm về học phí năm nay")
    assert "Đồng ý" in chat.last.labels


async def test_nobody_takes_back_what_somebody_else_agreed_to(house: House) -> None:
    chat, other = await introduced(house), await introduced(house, "Sóc")
    await chat.send("/dulieu")
    theirs = chat.last.data("Rút đồng ý")
    await other.press_data(theirs, other.last.id)
    async with house.database.reading() as work:
        assert await consents.latest(work, (await chat.row()).id, Consent.PROCESSING) is not None


async def acts(chat: Chat) -> list[tuple[str, dict[str, Any]]]:
    """What the audit log says of somebody."""
    subject = f"person:{(await chat.row()).id}"
    async with chat.house.database.reading() as work:
        rows = await work.all(sa.select(audit).where(audit.c.subject == subject).order_by(audit.c.number))
    return [(row.act, row.details) for row in rows]


async def test_each_consent_given_and_taken_back_stands_in_the_audit_log(house: House) -> None:
    chat = await introduced(house)
    await chat.send("/dangky link", "/dulieu rút 2", "/dulieu rút 1")
    assert await acts(chat) == [
        ("consent_given", {"kind": "processing", "version": "2026-12"}),
        ("consent_given", {"kind": "subscription", "topic": "links", "version": "2026-11"}),
        ("consent_withdrawn", {"kind": "subscription", "topic": "links"}),
        ("consent_withdrawn", {"kind": "processing"}),
    ]
    await chat.send("/dulieu rút 1")
    assert "Chưa rõ" in chat.last.text


async def test_a_changed_text_is_asked_again_at_the_next_need(house: House) -> None:
    chat = await introduced(house)
    person = await chat.row()
    async with house.database.work() as work:  # what they agreed to then
        await consents.withdraw(work, person.id, Consent.PROCESSING)
        await consents.give(work, person.id, Consent.PROCESSING, "2020-01")
    await chat.send("Tôi hỏi thêm về học phí năm nay")
    assert "đã thay đổi" in chat.last.text
    await chat.press("Đồng ý")
    async with house.database.reading() as work:
        given = await consents.ever_given(work, person.id)
    assert [(row.version, row.withdrawn_at is None) for row in given] == [
        ("2026-12", False),
        ("2020-01", False),
        ("2026-12", True),
    ]


async def test_all_that_is_held_comes_as_two_files_of_which_none_is_kept(house: House) -> None:
    chat = await introduced(house)
    await chat.send("Câu viết dở", "/dulieu")
    await chat.press("Nhận tất cả thành tệp")
    for_people, for_programs = [one for one in chat.shown if one.document]
    assert (for_people.name, for_programs.name) == ("du-lieu-cua-toi.txt", "du-lieu-cua-toi.json")
    text = for_people.document.decode("utf-8-sig")
    held = json.loads(for_programs.document)
    for words in ("Nguyễn Thị Mai", "12 Lê Lợi, phường Rạch Giá", LAND, "Câu viết dở", "bản 2026-12"):
        assert words in text
    assert held["person"]["name"] == "Nguyễn Thị Mai"
    assert held["person"]["account"] == str(chat.address)
    assert held["draft"] == "Câu viết dở"
    (asked,) = held["questions"]
    assert (asked["code"], asked["words"][0]["text"]) == ("DH-2026-000001", LAND)
    assert [one["to"] for one in held["consents"]] == ["processing"]
    async with house.database.reading() as work:
        kept = await work.all(sa.select(outbox.c.content).where(outbox.c.kind == "document"))
    assert [row.content for row in kept] == [{}, {}]
    assert ("data_exported", {"questions": 1}) in await acts(chat)


async def test_what_people_wrote_is_whole_in_the_file_and_in_english_for_who_reads_english(
    house: House,
) -> None:
    chat = await introduced(house, question="Giá đất < 5 & nhà > 3 là sao ạ?")
    await chat.send("/ngonngu")
    await chat.press("English")
    await chat.send("/dulieu file")
    readable = next(one for one in chat.shown if one.name == "my-data.txt").document.decode("utf-8-sig")
    assert "Giá đất < 5 & nhà > 3 là sao ạ?" in readable
    assert "WHAT WE HOLD ABOUT YOU" in readable


async def test_a_suspected_denunciation_is_not_shown_again(house: House) -> None:
    secret = "Tôi tố cáo ông Trưởng phòng nhận hối lộ của dân"
    chat = await introduced(house, question=secret)
    await chat.send("/dulieu tệp")
    for one in chat.shown:
        if one.document:
            assert secret not in one.document.decode("utf-8-sig")


@pytest.mark.parametrize(
    ("typed", "column", "value"),
    [
        ("/dulieu họ tên Trần Thị Mai", "full_name", "Trần Thị Mai"),
        ("/dulieu dia chi 5 Nguyễn Trãi", "home_address", "5 Nguyễn Trãi"),
        ("/DULIEU Liên hệ 0901 234 567", "contact", "0901 234 567"),
        ("/dulieu contact remove", "contact", None),
    ],
)
async def test_what_is_wrong_is_corrected_by_typing(
    house: House, typed: str, column: str, value: str | None
) -> None:
    chat = await introduced(house)
    await chat.send("/dulieu liên hệ a@b.vn", typed)
    assert getattr(await chat.row(), column) == value
    assert ("data_corrected", {"what": column}) in await acts(chat)


async def test_a_correction_is_asked_for_checked_and_noted_in_the_history(house: House) -> None:
    chat = await introduced(house)
    await chat.send("/dulieu")
    await chat.press("Sửa số liên hệ")
    await chat.send("không phải số")
    assert "không giống số điện thoại" in chat.last.text
    await chat.send("0901234567")
    assert (await chat.row()).contact == "0901234567"
    assert await chat.is_idle()
    async with house.database.reading() as work:
        question = await questions.by_code(work, 2026, 1)
        assert question is not None
        noted = (await history.of_question(work, question.id))[-1]
    assert (noted.event, noted.details, noted.actor_id) == (
        "asker_corrected",
        {"what": "contact"},
        question.asker_id,
    )
    await chat.send("/dulieu")
    await chat.press("Sửa số liên hệ")
    await chat.press("Bỏ số liên hệ")
    assert (await chat.row()).contact is None


async def test_a_correction_can_be_left_and_what_is_nonsense_is_refused(house: House) -> None:
    chat = await introduced(house)
    for typed in (
        "/dulieu họ tên 123",
        "/dulieu liên hệ xyz",
        "/dulieu vớ vẩn",
        "/dulieu rút 99",
        "/dulieu rút",
    ):
        await chat.send(typed)
    await chat.send("/dulieu địa chỉ")
    await chat.press("Hủy")
    person = await chat.row()
    assert (person.full_name, person.contact) == ("Nguyễn Thị Mai", None)
    assert person.home_address == "12 Lê Lợi, phường Rạch Giá"
    assert await chat.is_idle()
