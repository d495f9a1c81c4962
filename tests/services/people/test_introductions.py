"""What people answer when they are asked for a telephone number or an address."""

import pytest

from domain.errors import Reason, RuleViolation
from services.people.introductions import read_said


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("0912345678", "0912345678"),
        ("0912 345 678", "0912 345 678"),
        ("+84 912.345.678", "+84 912.345.678"),
        ("(0297) 3812 345", "(0297) 3812 345"),
        ("số 0912345678", "0912345678"),
        ("0912345678 (Lan)", "0912345678"),
        ("sđt: 0912345678.", "0912345678"),
        ("0912345678 hoặc 0297381234", "0912345678, 0297381234"),
        ("0912345678/0297381234", "0912345678, 0297381234"),
        ("lan@gmail.com", "lan@gmail.com"),
        ("mail của tui là lan@gmail.com nha", "lan@gmail.com"),
        ("0912345678, lan@gmail.com", "0912345678, lan@gmail.com"),
    ],
)
def test_one_number_or_address_among_the_words_is_enough(typed: str, read: str) -> None:
    assert read_said("contact", typed) == read


@pytest.mark.parametrize(
    "typed", ["gọi tôi", "091234", "12 Lê Lợi", "0912345678901234567890", "lan@", "@gmail.com"]
)
def test_what_nobody_can_call_or_write_to_is_refused(typed: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        read_said("contact", typed)
    assert refused.value.reason is Reason.BAD_CONTACT
