"""Editors take back, or change, what is public: in the chat, with every copy that somebody has."""

from typing import Any

import pytest

from domain.errors import Reason, RuleViolation
from services.people.actors import actor_of
from services.questions import publication
from services.questions.publication import PublicText
from storage.engine.database import Database
from storage.questions import entries, history
from tests.worlds.chat import House
from tests.worlds.offices import ANSWER, Offices

LEAK = "Lộ tên con của người hỏi."


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def published(offices: Offices) -> str:
    code = await offices.answered()
    await offices.citizen.press("Đồng ý công khai")
    await offices.editor.send(f"/congkhai {code}")
    await offices.editor.press("Xác nhận")
    return code


async def test_what_is_public_is_taken_back_with_a_reason_that_only_offices_read(offices: Offices) -> None:
    code = await published(offices)
    stranger = offices.house.person("Lạ")
    await stranger.send("/start", "/hoidap sổ đỏ")
    found = stranger.last
    assert code in found.text

    await offices.editor.send(f"/xem {code}")
    card = offices.editor.last
    assert {"Gỡ công khai", "Sửa bản công khai"} <= set(card.labels)
    assert "Công khai" not in card.labels
    await offices.editor.press("Gỡ công khai")
    await offices.editor.send(LEAK)

    assert (await offices.question(code)).published_at is None
    assert code not in found.text  # the list that the stranger had before them
    await stranger.send("/hoidap sổ đỏ")
    assert code not in stranger.last.text
    assert "không còn công khai" in offices.citizen.last.text
    assert LEAK not in "".join(shown.text for shown in offices.citizen.shown)
    question = await offices.question(code)
    async with offices.house.database.reading() as work:
        last = (await history.of_question(work, question.id))[-1]
    assert (last.event, last.note) == ("unpublished", LEAK)
    await offices.editor.send(f"/congkhai {code} gỡ {LEAK}")
    assert "đã được làm rồi" in offices.editor.last.text


async def test_a_command_takes_it_back_and_needs_a_reason(offices: Offices) -> None:
    code = await published(offices)
    await offices.editor.send(f"/congkhai {code} gỡ")
    assert (await offices.question(code)).published_at is not None
    await offices.editor.send(f"/congkhai {code} gỡ {LEAK}")
    assert (await offices.question(code)).published_at is None


async def test_other_texts_take_the_place_of_what_is_public_and_copies_are_taken_back(
    offices: Offices,
) -> None:
    code = await published(offices)
    stranger = offices.house.person("Lạ")
    await stranger.send("/start", "/hoidap sổ đỏ")
    found = stranger.last
    await offices.editor.send(f"/xem {code}")
    await offices.editor.press("Sửa bản công khai")
    assert ANSWER in offices.editor.last.text  # as it stands published
    await offices.editor.press("Sửa bản công khai", offices.editor.last)
    await offices.editor.press("Bỏ qua")
    await offices.editor.send("Giấy sẽ có trước cuối tháng.")
    assert (await offices.question(code)).published_at is not None
    assert "Giấy sẽ có trước cuối tháng." in offices.editor.last.text
    await offices.editor.press("Xác nhận")

    assert code not in found.text
    question = await offices.question(code)
    async with offices.house.database.reading() as work:
        text = await publication.published_text(work, question)
        kept = await entries.of_question(work, question.id)
    assert text is not None
    assert text.answer == "Giấy sẽ có trước cuối tháng."
    assert next(row.text for row in kept if row.kind == "public_answer") == ANSWER  # the earlier one stays
    await stranger.send(f"/tracuu {code}")
    assert "Giấy sẽ có trước cuối tháng." in stranger.last.text


async def test_the_same_checks_as_for_publishing(offices: Offices) -> None:
    code = await published(offices)
    question = await offices.question(code)

    async def refusal(text: PublicText | None) -> Reason:
        async with offices.house.database.work() as work:
            editor = await actor_of(work, await offices.editor.row())
            with pytest.raises(RuleViolation) as caught:
                await publication.publish(work, editor, question.id, text, again=True)
        return caught.value.reason

    assert await refusal(None) is Reason.ALREADY_PUBLISHED  # nothing was changed
    assert await refusal(PublicText("Hỏi", " ")) is Reason.TEXT_MISSING
    await offices.editor.send(f"/congkhai {code} gỡ {LEAK}")
    assert await refusal(PublicText("Hỏi", "Đáp")) is Reason.ALREADY_DONE
