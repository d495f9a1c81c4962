"""The rules by which most stories play."""

from typing import Any

from domain.programme import IntakeNotify, Programme


def rules(**changes: Any) -> Programme:
    """Make a province's rules, by which editors get a card for each new question.

    By default they get one message that counts (`tests/services/staff/test_arrivals.py`).
    """
    return Programme(**{"province": "tỉnh An Giang", "intake_notify": IntakeNotify.EACH} | changes)
