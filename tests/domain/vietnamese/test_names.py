"""Agencies and fields as people type them: short, without marks, in any order, by old names."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from domain.vietnamese.names import MOST, Meaning, NameIndex, NamesOfOne
from domain.vietnamese.text import fold

SAMPLES = Path(__file__).parents[3] / "samples"


def _samples(file: str) -> list[dict[str, str]]:
    with (SAMPLES / file).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def _several(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, cell.split("|")))


AGENCIES = NameIndex(
    (
        NamesOfOne(
            row["code"],
            (row["name"], row["short_name"]),
            _several(row["aliases"]),
            _several(row["predecessors"]),
            (row["code"],),
        )
        for row in _samples("agencies.csv")
    ),
    "tỉnh An Giang",
)

TYPED = [
    ("SNNMT", "SNNMT"),
    ("p-chaudoc", "P-CHAUDOC"),
    ("DK PHUQUOC", "DK-PHUQUOC"),
    ("Ủy ban nhân dân phường Châu Đốc", "P-CHAUDOC"),
    ("UBND phường Châu Đốc", "P-CHAUDOC"),
    ("ubnd p. châu đốc", "P-CHAUDOC"),
    ("P. Châu Đốc", "P-CHAUDOC"),
    ("phường Châu Đốc", "P-CHAUDOC"),
    ("Châu Đốc", "P-CHAUDOC"),
    ("Châu Đốc phường", "P-CHAUDOC"),
    ("UBND phường Châu Đốc, tỉnh An Giang", "P-CHAUDOC"),
    ("P. Rạch Giá", "P-RACHGIA"),
    ("thành phố Rạch Giá", "P-RACHGIA"),
    ("TP. Rạch Giá", "P-RACHGIA"),
    ("xã Rạch Giá", "P-RACHGIA"),  # there is no other
    ("X. Hòn Đất", "X-HONDAT"),
    ("UBND xã Hòn Đất", "X-HONDAT"),
    ("huyện Hòn Đất", "X-HONDAT"),
    ("Vĩnh Thuận", "X-VINHTHUAN"),
    ("đặc khu Phú Quốc", "DK-PHUQUOC"),
    ("ĐK Phú Quốc", "DK-PHUQUOC"),
    ("TP Phú Quốc", "DK-PHUQUOC"),
    ("huyện Kiên Hải", "DK-KIENHAI"),
    ("H. Kiên Hải", "DK-KIENHAI"),
    ("Hòn Tre", "DK-KIENHAI"),
    ("xã Thổ Châu", "DK-THOCHAU"),
    ("Thổ Chu", "DK-THOCHAU"),
    ("Sở Công Thương", "SCT"),
    ("công thương", "SCT"),
    ("thương công", "SCT"),
    ("quản lý thị trường", "SCT"),
    ("Cục Quản lý thị trường", "SCT"),
    ("quân sự", "BCHQS"),
    ("BCH quân sự", "BCHQS"),
    ("Bộ Chỉ huy Quân sự", "BCHQS"),
    ("nông nghiệp", "SNNMT"),
    ("môi trường", "SNNMT"),
    ("NN&MT", "SNNMT"),
    ("sở nn và mt", "SNNMT"),
    ("Sở Tài nguyên và Môi trường", "SNNMT"),
    ("tài nguyên môi trường", "SNNMT"),
    ("Sở TNMT", "SNNMT"),
    ("tn&mt", "SNNMT"),
    ("phát triển nông thôn", "SNNMT"),
    ("sổ đỏ", "SNNMT"),
    ("giao thông vận tải", "SXD"),
    ("Sở GTVT", "SXD"),
    ("GTVT", "SXD"),
    ("xây dựng", "SXD"),
    ("kế hoạch đầu tư", "STC"),
    ("đầu tư và kế hoạch", "STC"),
    ("Sở KHĐT", "STC"),
    ("KH&ĐT", "STC"),
    ("tài chính", "STC"),
    ("LĐ-TB&XH", "SNV"),
    ("sở lđtbxh", "SNV"),
    ("Sở Lao động, Thương binh và Xã hội", "SNV"),
    ("lao động", "SNV"),
    ("nội vụ", "SNV"),
    ("Thông tin truyền thông", "SKHCN"),
    ("Sở TTTT", "SKHCN"),
    ("khoa học công nghệ", "SKHCN"),
    ("văn hoá", "SVHTT"),
    ("thể thao văn hóa", "SVHTT"),
    ("du lịch", "SDL"),
    ("GD&ĐT", "SGDDT"),
    ("Sở Giáo dục", "SGDDT"),
    ("y tế", "SYT"),
    ("Sở Y tế tỉnh An Giang", "SYT"),
    ("Ban Dân tộc", "SDTTG"),
    ("tôn giáo", "SDTTG"),
    ("công an", "CAT"),
    ("CA tỉnh", "CAT"),
    ("công an An Giang", "CAT"),
    ("BHXH", "BHXH"),
    ("bảo hiểm xã hội", "BHXH"),
    ("Cục Thuế", "THUE"),
    ("thuế", "THUE"),
    ("điện lực", "DIENLUC"),
    ("công ty cấp thoát nước", "CAPNUOC"),
    ("biên phòng", "BDBP"),
    ("ngân hàng nhà nước", "NHNN"),
    ("thi hành án", "THADS"),
    ("khu kinh tế", "BQLKKT"),
    ("đài truyền hình", "DAI"),
    ("Báo", "DAI"),
    ("thanh tra", "TTT"),
    ("tư pháp", "STP"),
    ("VP UBND tỉnh", "VPUBND"),
    ("văn phòng ủy ban", "VPUBND"),
]


@pytest.mark.parametrize(("typed", "code"), TYPED, ids=[typed for typed, _ in TYPED])
def test_an_agency_is_understood_as_typed_without_marks_and_in_capitals(typed: str, code: str) -> None:
    for one in (typed, fold(typed), typed.upper(), f"  {typed}. "):
        assert AGENCIES.find(one) == Meaning((code,)), one


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("Vĩnh", ("P-VINHTHONG", "X-VINHTHUAN")),
        ("nước", ("CAPNUOC", "NHNN")),
        ("thể", ("SVHTT",)),
    ],
)
def test_what_fits_several_is_told_as_several_in_the_order_of_the_data(
    typed: str, codes: tuple[str, ...]
) -> None:
    assert AGENCIES.find(typed) == Meaning(codes)


@pytest.mark.parametrize("typed", ["", "…", "Sở Phép thuật", "cá", "SNNMT SXD", "y tế " * 30])
def test_what_fits_none_means_nothing(typed: str) -> None:
    assert not AGENCIES.find(typed)


def test_marks_decide_between_names_that_are_the_same_without() -> None:
    index = NameIndex(
        [NamesOfOne("A", ("Xã Hòa An",), means=("A",)), NamesOfOne("B", ("Xã Hoa Ân",), means=("B",))]
    )
    assert index.find("hoà an").codes == ("A",)
    assert index.find("hoa ân").codes == ("B",)
    assert index.find("xa hoa an").codes == ("A", "B")


def test_a_level_decides_between_a_ward_and_a_commune_of_one_name() -> None:
    index = NameIndex(
        [
            NamesOfOne("P", ("Ủy ban nhân dân phường Tân Châu", "P. Tân Châu"), ("Tân Châu",), means=("P",)),
            NamesOfOne("X", ("Ủy ban nhân dân xã Tân Châu", "Xã Tân Châu"), ("Tân Châu",), means=("X",)),
        ]
    )
    assert index.find("UBND phường Tân Châu").codes == ("P",)
    assert index.find("x. tân châu").codes == ("X",)
    assert index.find("Tân Châu").codes == ("P", "X")


def test_a_level_decides_also_where_only_the_full_names_are_known() -> None:
    index = NameIndex(
        [
            NamesOfOne("P", ("Ủy ban nhân dân phường Tân Châu",), means=("P",)),
            NamesOfOne("X", ("Ủy ban nhân dân xã Tân Châu",), means=("X",)),
        ]
    )
    assert index.find("phường Tân Châu").codes == ("P",)
    assert index.find("X. Tân Châu").codes == ("X",)
    assert index.find("TP. Tân Châu").codes == ("P", "X")


def test_an_agency_that_has_ended_means_its_successors_and_one_without_any_is_named() -> None:
    index = NameIndex(
        [
            NamesOfOne("OLD", ("Sở Cũ",), means=("A", "B")),
            NamesOfOne("GONE", ("Sở Mất",), means=()),
            NamesOfOne("A", ("Sở Mới",), former=("Sở Cũ",), means=("A",)),
            NamesOfOne("B", ("Sở Khác",), means=("B",)),
        ]
    )
    assert index.find("sở cũ").codes == ("A", "B")
    assert index.find("OLD").codes == ("A", "B")
    assert index.find("sở mất") == Meaning((), "GONE")


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("SNNMT SXD", ("SNNMT", "SXD")),
        ("so xay dung so y te", ("SXD", "SYT")),
        ("Sở Xây dựng, Sở Y tế", ("SXD", "SYT")),
        ("Sở Tài nguyên và Môi trường|CAT", ("SNNMT", "CAT")),
        ("p-rachgia X-ANBIEN", ("P-RACHGIA", "X-ANBIEN")),
        ("công thương y tế", ("SCT", "SYT")),
        ("UBND phường Châu Đốc UBND phường Long Xuyên", ("P-CHAUDOC", "P-LONGXUYEN")),
        ("Sở Lao động - Thương binh và Xã hội; công an\nquân sự", ("SNV", "CAT", "BCHQS")),
        ("SNNMT SNNMT", ("SNNMT", "SNNMT")),
        ("P. Vĩnh Thông, TP. Rạch Giá", ("P-VINHTHONG",)),  # an old address
        ("xã Hòn Đất huyện Hòn Đất tỉnh An Giang", ("X-HONDAT",)),
    ],
)
def test_a_list_names_one_agency_after_the_other(typed: str, codes: tuple[str, ...]) -> None:
    for one in (typed, fold(typed) if "\n" not in typed else typed.lower()):
        found = AGENCIES.listed(one)
        assert (found.codes, found.stuck) == (codes, ""), one


def test_where_a_list_is_not_understood_the_phrase_and_what_is_around_it_are_told() -> None:
    found = AGENCIES.listed("SXD, Vĩnh; CAT")
    assert (found.codes, found.stuck, found.before, found.after) == (("SXD",), "Vĩnh", "SXD, ", "; CAT")
    assert found.meaning.codes == ("P-VINHTHONG", "X-VINHTHUAN")
    found = AGENCIES.listed("SXD, phép thuật; CAT")
    assert (found.codes, found.stuck, found.meaning) == (("SXD",), "phép thuật", Meaning())


def test_a_list_has_an_end() -> None:
    assert len(AGENCIES.listed(" ".join(["SXD"] * (MOST + 5))).codes) == MOST


def test_a_part_of_what_an_agency_does_is_no_name_of_it() -> None:
    assert not AGENCIES.find("thẻ")  # "thẻ bảo hiểm y tế"


def test_fields_are_understood_in_the_same_way() -> None:
    fields = NameIndex(
        NamesOfOne(row["code"], (row["name"],), (row["name_en"],), means=(row["code"],))
        for row in _samples("fields.csv")
    )
    for typed, code in (
        ("dat-dai", "dat-dai"),
        ("đất đai", "dat-dai"),
        ("Land", "dat-dai"),
        ("quy hoạch", "xay-dung"),
        ("tài chính", "tai-chinh-dau-tu"),
        ("viec lam", "lao-dong"),
        ("hộ tịch", "tu-phap"),
    ):
        assert fields.find(typed).codes == (code,), typed
    assert fields.find("bảo hiểm y tế").codes == ("bao-hiem",)
    assert fields.find("xã hội").codes == ("bao-tro-xa-hoi", "bao-hiem")
    assert not fields.find("bói toán")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Không đúng thẩm quyền, đề nghị chuyển Sở Xây dựng.", ("SXD",)),
        ("Việc của UBND phường Châu Đốc", ("P-CHAUDOC",)),
        ("Thuộc Sở GTVT cũ và Công an tỉnh.", ("SXD", "CAT")),
        ("Xin chuyển SNNMT.", ("SNNMT",)),
        ("Xin chuyển P-RACHGIA.", ("P-RACHGIA",)),
        ("Hồ sơ xây dựng thiếu bản vẽ", ()),
        ("Đất đai của gia đình, cát sỏi", ()),
    ],
)
def test_a_sentence_names_agencies(text: str, codes: tuple[str, ...]) -> None:
    assert AGENCIES.mentioned(text) == codes


def test_a_word_with_marks_is_no_code() -> None:
    assert not NameIndex([NamesOfOne("CAT", ("Công an tỉnh",), means=("CAT",))]).find("cát")
