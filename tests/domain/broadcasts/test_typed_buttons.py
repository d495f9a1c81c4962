"""The button of a broadcast, as editors type it."""

import pytest

from domain.broadcasts.typed_buttons import LABEL, read_button
from domain.errors import Reason, RuleViolation


@pytest.mark.parametrize(
    ("typed", "label", "address"),
    [
        ("Xem lịch https://kgtv.vn/lich", "Xem lịch", "https://kgtv.vn/lich"),
        ("Xem lịch:\n https://kgtv.vn", "Xem lịch", "https://kgtv.vn"),
        ("Xem HTTPS://KGTV.vn:8443/A?b=1&c=2#d", "Xem", "https://kgtv.vn:8443/A?b=1&c=2#d"),
        ("Xem https://kgtv.vn/Lịch", "Xem", "https://kgtv.vn/L%E1%BB%8Bch"),
        ("Xem https://bücher.vn/", "Xem", "https://xn--bcher-kva.vn/"),
        ('Xem https://kgtv.vn/"><b>', "Xem", "https://kgtv.vn/%22%3E%3Cb%3E"),
        (f"{'x' * LABEL} https://a.vn", "x" * LABEL, "https://a.vn"),
    ],
)
def test_words_then_an_address(typed: str, label: str, address: str) -> None:
    assert read_button(typed) == (label, address)


@pytest.mark.parametrize(
    "address",
    ["kgtv.vn", "http://kgtv.vn", "javascript:alert(1)", "https://", "https://localhost", "https://10.0.0.1/",
     "https://[::1]/", "https://kgtv.vn@xau.example/", "https://kgtv.vn:99999/", "https://kgtv..vn",
     "https://kgtv.vn\\@xau.example", "https://-a.vn", f"https://{'a' * 64}.vn", f"https://a.vn/{'x' * 600}",
     "tg://resolve?domain=x", "data:text/html,x", "https://a.vn https://b.vn"],
)  # fmt: skip
def test_anything_but_a_named_host_over_https_is_refused(address: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        read_button(f"Xem {address}")
    assert refused.value.reason is Reason.BAD_ADDRESS


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("https://kgtv.vn", Reason.BUTTON_LABEL_MISSING),
        (f"{'x' * (LABEL + 1)} https://a.vn", Reason.BUTTON_LABEL_TOO_LONG),
        ("", Reason.BAD_ADDRESS),
    ],
)
def test_words_are_needed_and_short(typed: str, reason: Reason) -> None:
    with pytest.raises(RuleViolation) as refused:
        read_button(typed)
    assert refused.value.reason is reason
