"""`/xoadulieu`: not a trace is left of somebody but what the list here names."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage.database import Database
from storage.tables import metadata
from tests.handlers.chat import House
from tests.handlers.offices import Offices

# Each stands nowhere else; the words that are published are the question's own.
MARKS = {
    "name": "Quách Ngọc Dung Hạnh",
    "address": "77 hẻm Trâm Bầu, ấp Kênh Xáng",
    "telephone": "0909.778.891",
    "account": "",
    "shown": "Dung Hạnh 1979",
    "words": "cái cống hộp lạ lùng kẹt rác",
    "more": "gần cây bàng đỏ khổng lồ",
    "rating": "tạm hài lòng kiểu xyzzy",
    "file": "photo-of-dung",
    "organisation": "Tạp hóa Bà Quách",
}


@pytest.fixture
def house(database: Database, application: Any) -> House:
    return House(database, application)


async def found(database: Database, marks: dict[str, str]) -> set[tuple[str, str, str]]:
    """(table, column, mark) of every cell that holds a mark, whatever its type."""
    traces = set()
    async with database.reading() as work:
        for table in metadata.sorted_tables:
            for column in table.columns:
                as_text = sa.cast(column, sa.LargeBinary if isinstance(column.type, sa.LargeBinary) else sa.Text)
                for row in await work.all(sa.select(as_text).where(column.is_not(None))):
                    cell = str(row[0])
                    # JSON may escape what is not ASCII
                    spelled = cell.encode().decode("unicode_escape", "ignore") if "\\u" in cell else ""
                    traces |= {
                        (table.name, column.name, mark)
                        for mark, words in marks.items()
                        if words and (words in cell or words in spelled)
                    }
    return traces


async def whole_story(offices: Offices) -> Any:
    """Somebody asks with a photo, is asked for more, is answered, rates, subscribes, agrees to be published."""
    house = offices.house
    chat = house.person(MARKS["shown"])
    photo = chat.photo(f"Ở xã tôi {MARKS['words']}, bao giờ xử lý?")
    photo["photo"][0]["file_id"] = MARKS["file"]
    await chat.send(photo)
    await chat.press("Đồng ý")
    await chat.send(MARKS["name"], MARKS["address"], MARKS["telephone"])
    await chat.press("Bỏ qua")
    await chat.press("Gửi câu hỏi")
    code = await _code(offices)
    await offices.editor.send("/moi")
    await offices.editor.send(f"/chuyen {code} SNNMT")
    await offices.officer.send("/viec", f"/nhan {code}", f"/hoithem {code} Ở đoạn nào?")
    await chat.press("Trả lời")
    await chat.send(f"Đoạn {MARKS['more']}")
    await offices.officer.send(
        f"/traloi {code} Kính gửi {MARKS['name']}: {MARKS['words']} sẽ được dọn, gọi {MARKS['telephone']}."
    )
    await offices.leader.send("/duyet", f"/duyet {code}")
    await offices.editor.send("/duyet", f"/duyet {code}")
    await chat.send(f"/danhgia {code} 4 {MARKS['rating']}")
    await chat.press("Đồng ý công khai")
    await offices.editor.send(f"/congkhai {code}")
    await offices.editor.press("Xác nhận")
    await chat.send("/dangky lịch", "/dulieu", "/cuatoi", f"/tracuu {code}")
    await offices.editor.send(f"/xem {code}", "/quahan")
    await offices.editor.press("Tệp đính kèm")
    await offices.editor.press("Lịch sử")
    await chat.send(f"Câu hỏi thứ hai về {MARKS['words']} chưa ai trả lời, ai dọn?")
    await chat.press("Gửi câu hỏi")
    await chat.send("Một câu đang viết dở: " + MARKS["more"])
    return chat, code


async def _code(offices: Offices) -> str:
    rows = await offices.ledger()
    return f"DH-{rows[-1].year}-{rows[-1].number:06d}"


async def test_nothing_is_left_of_who_was_erased_but_what_was_published(house: House) -> None:
    offices = await Offices.open(house)
    chat, code = await whole_story(offices)
    marks = MARKS | {"account": str(chat.address)}
    before = await found(house.database, marks)
    assert {mark for _, _, mark in before} >= set(marks) - {"organisation"}
    await chat.send("/xoadulieu")
    await chat.press("Xác nhận", times=2)
    left = await found(house.database, marks)
    assert left == set()
