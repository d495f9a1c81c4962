"""What is personal is suggested with its reason; an office's own numbers, people and letters stay."""

import json
import re
from pathlib import Path

import pytest

from domain.questions.redaction import Personal, find, without

SAMPLES = Path(__file__).parents[3] / "samples" / "understanding"
WORD = re.compile(r"\w+")


def suggested(text: str, *known: str, of_office: bool = False) -> list[tuple[str, Personal]]:
    return [(text[one.start : one.end], one.kind) for one in find(text, *known, of_office=of_office)]


# --- measured -------------------------------------------------------------------------------------------------------


def measured(name: str) -> tuple[float, float]:
    """The share of personal pieces that are marked whole, and of other words that are marked."""
    pieces = marked_pieces = others = marked_others = 0
    for line in (SAMPLES / name).read_text("utf-8").splitlines():
        one = json.loads(line)
        text = one["text"]
        found = find(text, of_office=one.get("office", False))
        marked = {at for span in found for at in range(span.start, span.end)}
        personal: set[int] = set()
        behind = 0
        for piece in one["personal"]:
            start = text.index(piece, behind)
            behind = start + len(piece)
            personal.update(range(start, behind))
            pieces += 1
            marked_pieces += all(at in marked for at in range(start, behind) if text[at].isalnum())
        for word in WORD.finditer(text):
            if personal.isdisjoint(range(word.start(), word.end())):
                others += 1
                marked_others += not marked.isdisjoint(range(word.start(), word.end()))
    return marked_pieces / pieces, marked_others / others


def test_nearly_all_that_is_personal_is_marked_and_little_else() -> None:
    personal, others = measured("redaction.jsonl")
    assert personal >= 0.98
    assert others <= 0.05


def test_so_it_is_in_texts_that_were_written_after_the_rules() -> None:
    personal, others = measured("redaction_unseen.jsonl")
    assert personal >= 0.95  # 49 of 50
    assert others <= 0.05


# --- by example -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "piece", "kind"),
    [
        ("Tôi tên là Nguyễn Văn Hòa.", "Nguyễn Văn Hòa", Personal.NAME_SAID),
        ("toi ten la nguyen van hoa, xin hoi", "nguyen van hoa", Personal.NAME_SAID),
        ("Bà Tư bán quán chiếm đường", "Tư", Personal.NAME_ADDRESSED),
        ("Nhờ gọi 0912 345 678 giúp", "0912 345 678", Personal.TELEPHONE),
        ("Thư của tôi: an@gmail.com", "an@gmail.com", Personal.EMAIL),
        ("CCCD 089195001234", "089195001234", Personal.IDENTITY),
        ("xe 68B1-123.45 bị giam", "68B1-123.45", Personal.PLATE),
        ("số tài khoản 0101234567890", "0101234567890", Personal.ACCOUNT),
        ("thẻ BHYT GD4911234567890", "GD4911234567890", Personal.INSURANCE),
        ("sinh ngày 12/5/1967", "12/5/1967", Personal.BIRTH),
        ("ở thửa đất số 214, tờ bản đồ số 37", "thửa đất số 214, tờ bản đồ số 37", Personal.PLOT),
        ("ngụ tổ 5, ấp Mỹ Thuận", "tổ 5", Personal.ADDRESS),
    ],
)
def test_each_piece_has_its_reason(text: str, piece: str, kind: Personal) -> None:
    assert suggested(text) == [(piece, kind)]


@pytest.mark.parametrize(
    "text",
    [
        "Mọi thắc mắc xin gọi đường dây nóng 0297.3.863.666 hoặc 1900 9095.",
        "Liên hệ Sở Xây dựng, số 25 đường Lê Lợi, điện thoại 0297 3812 345.",
        "Trực ban: 0916 111 222. Khi cháy gọi 114, cấp cứu gọi 115, tổng đài 1022.",
        "Theo Công văn số 123/UBND-NC ngày 5/6/2026 và Nghị định 101/2024/NĐ-CP.",
        "Kinh phí 1.250.000.000 đồng, diện tích 1.250 m2, dài 3,4 km, từ 1/9/2026.",
        "Email snnmt@angiang.gov.vn.",
        "Đề nghị liên hệ bà Nguyễn Thị Hoa, Phó Trưởng phòng Kinh tế.",
        "Chủ tịch UBND xã Nguyễn Văn Bình đã ký quyết định.",
        "Kính gửi Ban biên tập, đường Nguyễn Trung Trực đã sửa xong.",
    ],
)
def test_what_belongs_to_an_office_stays(text: str) -> None:
    assert suggested(text, of_office=True) == []


def test_a_salutation_goes_whole() -> None:
    text = "Kính gửi ông Nguyễn Văn Hòa,\nSở trả lời như sau."
    assert without(text, find(text, of_office=True)) == "Sở trả lời như sau."


def test_what_the_ledger_knows_goes_however_it_is_written() -> None:
    assert suggested("nha MAI o le loi", "Mai", "12 Lê Lợi") == [("MAI", Personal.KNOWN)]
    assert without("Chị Mai hỏi", find("Chị Mai hỏi", "Mai")) == "Chị … hỏi"
