"""CSV files as spreadsheets write them: read where it is certain, else refused with what to do."""

import unicodedata

import pytest

from domain.errors import Reason
from services.operation.loading.agencies import load_agencies
from services.operation.loading.lines import BadFile, CsvLine, date_of, read
from services.operation.loading.text import text_of
from storage.agencies import agencies
from storage.engine.database import Database

WORDS = "code,name\nSYT,Sở Y tế tỉnh Kiên Giang – “ở Rạch Giá”\nSXD,Sở Xây dựng; Đường xá\n"


def windows_1258(text: str) -> bytes:
    """As Windows writes it: letters with their own vowel sign, tones behind them."""
    out = []
    for sign in text:
        try:
            out.append(sign.encode("cp1258"))
        except UnicodeEncodeError:
            base, tone = unicodedata.normalize("NFD", sign)[:-1], unicodedata.normalize("NFD", sign)[-1]
            out.append(_tone_last(base, tone))
    return b"".join(out)


def _tone_last(base: str, last: str) -> bytes:
    marks = [one for one in base[1:] + last if one in "\u0300\u0301\u0303\u0309\u0323"]
    rest = [one for one in base[1:] + last if one not in marks]
    return (unicodedata.normalize("NFC", base[0] + "".join(rest)) + "".join(marks)).encode("cp1258")


@pytest.mark.parametrize(
    "content",
    [
        WORDS.encode(),
        WORDS.encode("utf-8-sig"),
        WORDS.encode("utf-16"),
        "\ufeff".encode("utf-16-be") + WORDS.encode("utf-16-be"),
        WORDS.encode("utf-16-le"),
        WORDS.encode("utf-16-be"),
        windows_1258(WORDS),
    ],
    ids=[
        "utf-8",
        "utf-8 with a mark",
        "utf-16",
        "utf-16-be",
        "utf-16 bare",
        "utf-16-be bare",
        "windows-1258",
    ],
)
def test_every_encoding_of_a_spreadsheet_gives_the_same_words(content: bytes) -> None:
    assert text_of(content) == WORDS


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"\xff\xfea",
        b"code,name\nSYT,S\xeb\n",  # perhaps TCVN3, but a single letter is not certain
        "code,name\nA,ñandú\n".encode("cp1252"),
        b"code,name\nA,\x81\x02\n",
    ],
)
def test_what_is_not_certain_is_refused_with_what_to_do(content: bytes) -> None:
    with pytest.raises(BadFile) as refused:
        text_of(content)
    assert refused.value.advice == [Reason.CSV_ENCODING]


@pytest.mark.parametrize(
    "content",
    [
        b"code,name\nSXD,S\xeb X\xa9y d\xf9ng\nSYT,S\xeb Y t\xd5\n",  # TCVN3
        "code,name\nSXD,Sôû Xaây döïng\nSYT,Sôû Y teá\n".encode("cp1252"),  # VNI
        "code,name\nSXD,Së X©y dùng\nSYT,Së Y tÕ\n".encode(),  # TCVN3 once more, saved as UTF-8
    ],
)
def test_a_file_of_an_old_font_is_read_where_it_is_certain(content: bytes) -> None:
    assert text_of(content) == "code,name\nSXD,Sở Xây dựng\nSYT,Sở Y tế\n"


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_cells_are_apart_by_commas_semicolons_or_tabs(sign: str, end: str) -> None:
    text = end.join(("code|name|note", 'A|"một, hai; ba"|', "", "B|bốn|x", "||", "", "")).replace("|", sign)
    assert read(text, {"code", "name"}) == [
        CsvLine(2, {"code": "A", "name": "một, hai; ba", "note": ""}),
        CsvLine(4, {"code": "B", "name": "bốn", "note": "x"}),
    ]


def test_a_line_that_says_what_stands_between_cells_and_empty_last_columns_are_passed_over() -> None:
    assert [one.cells for one in read("sep=;\r\ncode;name;;\r\nA;một;;\r\n;;;\r\n", {"code"})] == [
        {"code": "A", "name": "một"}
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("code|name\nA|một\n", "columns are missing: code, name"),
        ("code,name\nA,một,hai\n", "line 2: not as many cells as the header has"),
        ("code,name\nA\n", "line 2: not as many cells as the header has"),
    ],
)
def test_what_has_other_columns_is_refused_with_what_to_do(text: str, problem: str) -> None:
    with pytest.raises(BadFile) as refused:
        read(text, {"code", "name"})
    assert refused.value.problems == [problem]
    assert refused.value.advice == [Reason.CSV_COLUMNS]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-07-01", "2025-07-01"),
        ("01/07/2025", "2025-07-01"),
        ("1/7/2025", "2025-07-01"),
        ("31.12.2025", "2025-12-31"),
        ("", None),
    ],
)
def test_a_day_is_written_in_either_way(text: str, day: str | None) -> None:
    problems: list[str] = []
    found = date_of(CsvLine(2, {"on": text}), "on", problems)
    assert (None if found is None else found.isoformat(), problems) == (day, [])


@pytest.mark.parametrize("text", ["12/31/2025", "1/7/25", "hôm qua", "2025-13-01"])
def test_what_is_no_day_is_named_with_what_to_do(text: str) -> None:
    problems: list[str] = []
    assert date_of(CsvLine(2, {"on": text}), "on", problems) is None
    assert BadFile(problems).advice == [Reason.CSV_DATES]
    assert problems == [f"line 2: on is no date (YYYY-MM-DD): {text!r}"]


async def test_a_file_of_a_spreadsheet_loads_as_one_of_a_programmer(database: Database) -> None:
    text = "\r\n".join(
        (
            "code;name;short_name;level;fields;aliases;predecessors;valid_from",
            "MOI;Sở Mới;Mới;province;;;;1/7/2025",
            ";;;;;;;",
            "",
        )
    )
    async with database.work() as work:
        assert await load_agencies(work, text_of(text.encode("utf-16"))) == 1
    async with database.reading() as work:
        row = await agencies.by_code(work, "MOI")
    assert row is not None
    assert (row.name, str(row.valid_from)) == ("Sở Mới", "2025-07-01")
