"""The words on a pressed button say what was done."""

import tomllib
from typing import Any

import pytest

from handlers.chat.turn import Turn
from messages.words import LANGUAGES, TEMPLATES
from storage.engine.database import Database
from tests.worlds.chat import House
from tests.worlds.offices import Offices


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


@pytest.fixture
def toasts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The words that went out on pressed buttons."""
    found: list[str] = []
    show = Turn.show

    def kept(turn: Turn, text: str, *, alert: bool = False) -> None:
        found.append(text)
        show(turn, text, alert=alert)

    monkeypatch.setattr(Turn, "show", kept)
    return found


async def test_each_act_says_itself(offices: Offices, toasts: list[str]) -> None:
    officer, citizen = offices.officer, offices.citizen
    code = await offices.assigned()
    card = officer.saying(code)[-1]
    await officer.press("Nhận xử lý", card)
    assert toasts[-1] == "Cơ quan đã nhận xử lý"
    await officer.send(f"/traloi {code} Hồ sơ đã xong.")
    await offices.leader.press("Duyệt", offices.leader.saying(code)[-1])
    assert toasts[-1] == "Đã duyệt dự thảo"
    await offices.editor.press("Duyệt", offices.editor.saying(code)[-1])
    await citizen.send("/ngonngu")
    await citizen.press("Tiếng Việt")
    assert toasts[-1] == "Đã đổi ngôn ngữ."


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_toast_only_says_that_something_was_done(language: str) -> None:
    labels = tomllib.loads((TEMPLATES / language / "labels.toml").read_text("utf-8"))["toast"]
    said = {text.rstrip(".").casefold() for text in labels.values()}
    assert not said & {"đã xong", "xong", "done", "ok"}
