"""Every kind of notice is a frozen dataclass without saying so."""

from dataclasses import FrozenInstanceError

import pytest

from messages.notices.links import LinkRemoved

URL = "https://youtu.be/abc"


def test_a_notice_carries_its_fields_and_is_equal_to_another_that_says_the_same() -> None:
    told = LinkRemoved("12/2026", "youtube", url=URL)
    assert vars(told) == {"episode": "12/2026", "kind": "youtube", "url": URL}
    assert told == LinkRemoved(episode="12/2026", kind="youtube", url=URL)
    assert told != LinkRemoved("13/2026", "youtube", URL)
    assert len({told, LinkRemoved("12/2026", "youtube", URL)}) == 1


def test_what_was_said_is_not_changed_afterwards() -> None:
    told = LinkRemoved("12/2026", "youtube", URL)
    with pytest.raises(FrozenInstanceError):
        told.url = "https://example.org"  # type: ignore[misc]


def test_a_notice_without_what_it_has_to_say_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="url"):
        LinkRemoved("12/2026", "youtube")  # type: ignore[call-arg]
