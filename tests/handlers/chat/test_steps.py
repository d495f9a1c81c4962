"""What steps hold: written as JSON and read back the same; what can't be read is forgotten, and nothing fails."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers import dispatch  # noqa: F401  # everything is entered once it is imported
from handlers.chat.confirming import CONFIRMED
from handlers.chat.confirming import STEP as CONFIRM
from handlers.chat.dropping import ALBUM
from handlers.chat.long_text import Under
from handlers.chat.registry import STEPS
from handlers.chat.steps import CardStep, StepData, kept, read
from handlers.chat.turn import is_draft
from handlers.questions.draft import Draft
from storage.engine.database import Database
from storage.people import conversations
from tests.worlds.chat import House
from tests.worlds.offices import Offices

# What was kept before is handed back as it is.
ANYTHING = st.dictionaries(st.text(), st.none() | st.integers() | st.text() | st.lists(st.text()))
st.register_type_strategy(Under, st.builds(Under, st.text(), ANYTHING))
st.register_type_strategy(
    Draft,
    st.builds(Draft, parts=st.lists(ANYTHING), files=st.lists(ANYTHING), prompt=st.none() | st.integers()),
)
ENTERED: set[type[Any]] = {one.holds for one in STEPS.values()} | {one.holds for one in CONFIRMED.values()}
KINDS = sorted(ENTERED, key=lambda kind: kind.__name__)
FOREIGN: list[dict[str, Any]] = [
    {"prompt": "a message", "question": [], "what": 3},
    {"parts": "of another version", "question": {"id": 1}, "prompt": {}},
]
WAITING = sorted(step for step in STEPS if not is_draft(step) and step != ALBUM)


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_a_step_holds_is_a_frozen_dataclass(kind: Any) -> None:
    if kind is not Draft:  # a question being written is no step, and its own module changes it
        assert issubclass(kind, StepData)
        assert kind.__dataclass_params__.frozen


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_a_step_holds_is_the_same_after_it_was_kept(kind: Any) -> None:
    @settings(max_examples=20, deadline=None, derandomize=True)
    @given(st.from_type(kind))
    def check(held: Any) -> None:
        assert read(kind, json.loads(json.dumps(kept(held)))) == held

    check()


def test_what_is_besides_is_left_out_and_what_is_missing_makes_it_unreadable() -> None:
    assert read(CardStep, {"question": 3, "seen": 4}) == CardStep(question=3)
    assert read(CardStep, {"card": "12"}) is None
    assert read(CardStep, {"question": "three"}) is None
    assert read(CardStep, None) is None


@pytest.mark.parametrize("data", FOREIGN, ids=["types", "shapes"])
async def test_words_at_a_step_that_cannot_be_read_end_it_with_the_usual_words(
    offices: Offices, data: dict[str, Any]
) -> None:
    chat = offices.editor
    person = await chat.row()
    for step in WAITING:
        async with offices.house.database.work() as work:
            await conversations.set_step(work, person.id, step, data)
        before = chat.last
        await chat.send("Hai chữ")
        assert await chat.is_idle(), step
        (said,) = chat.since(before)
        assert said.text.startswith("Đã hủy. Không có gì thay đổi."), step


async def test_an_album_that_cannot_be_read_is_none_and_words_are_a_question(offices: Offices) -> None:
    await offices.assigned()
    person = await offices.citizen.row()
    async with offices.house.database.work() as work:
        await conversations.set_step(work, person.id, ALBUM, {"album": 3})
    await offices.citizen.send("Bao giờ có sổ đỏ?")
    writing = await offices.citizen.conversation()
    assert writing is not None
    assert is_draft(writing.step)


@pytest.mark.parametrize("data", FOREIGN, ids=["types", "shapes"])
async def test_a_button_of_a_step_that_cannot_be_read_is_stale(
    offices: Offices, data: dict[str, Any]
) -> None:
    code = await offices.assigned()
    await offices.citizen.send(f"/rut {code}")
    person = await offices.citizen.row()
    async with offices.house.database.work() as work:
        await conversations.set_step(work, person.id, CONFIRM, data)
    await offices.citizen.press("Xác nhận")
    assert await offices.status(code) == "assigned"
    await offices.citizen.send("/huy")
    assert await offices.citizen.is_idle()


async def test_a_confirmation_without_what_it_needs_is_stale(offices: Offices) -> None:
    code = await offices.assigned()
    await offices.citizen.send(f"/rut {code}")
    person = await offices.citizen.row()
    async with offices.house.database.work() as work:
        waiting = await conversations.of_person(work, person.id)
        assert waiting is not None
        without = {key: value for key, value in waiting.data.items() if key != "question"}
        await conversations.set_step(work, person.id, CONFIRM, without)
    await offices.citizen.press("Xác nhận")
    assert await offices.status(code) == "assigned"
