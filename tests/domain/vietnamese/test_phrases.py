"""Known phrases at the front of what people type."""

import pytest

from domain.vietnamese.text import phrase_at_front


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("không đồng ý: hồ sơ còn thiếu", ("khong dong y", "hồ sơ còn thiếu")),
        ("Không, hồ sơ còn thiếu", ("khong", "hồ sơ còn thiếu")),
        ("KHÔNG", ("khong", "")),
        ("khong  dong   y", ("khong dong y", "")),
        ("đồng ý\nvà cảm ơn\n- các anh", ("dong y", "và cảm ơn\n- các anh")),
        ("không biết đồng ý hay không", ("khong", "biết đồng ý hay không")),
        ("xin đồng ý", None),
        ("khôngđồng ý", None),
        ("", None),
        (" . ", None),
    ],
)
def test_the_longest_known_phrase_is_taken_off_the_front(typed: str, found: tuple[str, str] | None) -> None:
    assert phrase_at_front(typed, {"khong", "dong y", "khong dong y"}) == found
