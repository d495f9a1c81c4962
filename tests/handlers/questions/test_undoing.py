"""`Hoàn tác` through the real bot: for a minute others hear nothing, and everything stands as before."""

from typing import Any

import pytest
import sqlalchemy as sa

from domain.errors import Reason, RuleViolation
from domain.programme import Programme
from domain.questions.life import Role
from services.operation import evidence
from services.people.actors import actor_of
from services.questions import undoing
from services.staff import staff
from storage.agencies import agencies
from storage.engine.database import Database
from storage.people import roles
from storage.questions import history
from storage.tables import (
    approvals,
    assignments,
    clarifications,
    drafts,
    extensions,
    promises,
    questions,
    undos,
)
from tests.conftest import SetClock
from tests.worlds.chat import Chat, House, introduced
from tests.worlds.offices import Offices, hire

UNDO = "Hoàn tác"


@pytest.fixture
def programme() -> Programme:
    return Programme(province="tỉnh An Giang", undo_seconds=60)


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


# What a question is made of, but for its history and the words that stay for it.
STATE = (assignments, drafts, approvals, clarifications, extensions, promises)


async def state(offices: Offices) -> dict[str, list[Any]]:
    """All questions and what is open about them, on a fresh connection."""
    found: dict[str, list[Any]] = {}
    async with offices.house.database.reading() as work:
        for table in (questions, *STATE):
            rows = await work.all(sa.select(table).order_by(table.c.id))
            found[table.name] = [tuple(row) for row in rows]
    return found


async def events(offices: Offices, code: str) -> list[str]:
    question = await offices.question(code)
    async with offices.house.database.reading() as work:
        return [row.event for row in await history.of_question(work, question.id)]


async def minute_over(offices: Offices, clock: SetClock) -> None:
    clock.move(seconds=61)
    await offices.house.deliver()


def labels(chat: Chat) -> list[str]:
    return [label for shown in chat.shown for label in shown.labels]


def heard(offices: Offices) -> dict[str, int]:
    others = {"citizen": offices.citizen, "officer": offices.officer, "leader": offices.leader}
    return {who: len(chat.shown) for who, chat in others.items()}


# --- each kind of act, undone ----------------------------------------------------------------------------------


async def assign(offices: Offices, clock: SetClock) -> tuple[str, Chat]:
    code = await offices.ask()
    await offices.editor.send(f"/chuyen {code} SNNMT")
    return code, offices.editor


async def assign_by_button(offices: Offices, clock: SetClock) -> tuple[str, Chat]:
    code = await offices.ask()
    await offices.editor.send(f"/xem {code}")
    async with offices.house.database.reading() as work:
        agency = await agencies.by_code(work, "SNNMT")
    assert agency is not None
    question = await offices.question(code)
    await offices.editor.press_data(f"as:{question.id}:{agency.id}:0", offices.editor.last.id)
    return code, offices.editor


async def reassign_a_draft(offices: Offices, clock: SetClock) -> tuple[str, Chat]:
    code = await offices.in_approval()
    await minute_over(offices, clock)
    await hire(offices.house, "Y", Role.OFFICER, "SYT")
    await offices.editor.send(f"/chuyen {code} SYT")
    return code, offices.editor


async def refuse(offices: Offices, clock: SetClock) -> tuple[str, Chat]:
    code = await offices.in_approval()
    await minute_over(offices, clock)
    await offices.editor.send(f"/tuchoi {code} khong-ro Xin viết rõ hơn.")
    await offices.editor.press("Xác nhận")
    return code, offices.editor


async def merge(offices: Offices, clock: SetClock) -> tuple[str, Chat]:
    original = await offices.answered()
    code = await offices.ask("Sổ đỏ của tôi ở phường Rạch Giá bao giờ có?", await introduced(offices.house))
    await minute_over(offices, clock)
    await offices.editor.send(f"/gop {code} {original}")
    await offices.editor.press("Xác nhận")
    return code, offices.editor


async def promise(offices: Offices, clock: SetClock) -> tuple[str, Chat]:
    code = await offices.answered()
    await minute_over(offices, clock)
    await offices.officer.send(f"/hua {code} 30/12/2026 Sửa xong cống")
    return code, offices.officer


async def approve(offices: Offices, clock: SetClock) -> tuple[str, Chat]:
    code = await offices.in_approval()
    await offices.leader.send(f"/duyet {code}")
    await minute_over(offices, clock)
    await offices.editor.send(f"/duyet {code}")
    return code, offices.editor


ACTS = (assign, assign_by_button, reassign_a_draft, refuse, merge, promise, approve)


@pytest.mark.parametrize("act", ACTS)
async def test_what_was_undone_left_no_trace_but_in_the_history_and_nobody_was_told(
    offices: Offices, clock: SetClock, monkeypatch: pytest.MonkeyPatch, act: Any
) -> None:
    noted: list[tuple[dict[str, list[Any]], dict[str, int]]] = []
    before = undoing.before

    async def noting(case: Any) -> Any:
        noted.append((await state(offices), heard(offices)))
        return await before(case)

    monkeypatch.setattr(undoing, "before", noting)  # how everything stood just before the last act
    code, who = await act(offices, clock)
    stood, had_heard = noted[-1]
    if who is offices.officer:
        del had_heard["officer"]
    assert await state(offices) != stood
    assert (await events(offices, code))[-1] != "undone"

    await who.press(UNDO)

    assert await state(offices) == stood
    assert (await events(offices, code))[-1] == "undone"
    await minute_over(offices, clock)
    assert {one: heard(offices)[one] for one in had_heard} == had_heard
    assert UNDO not in labels(who)
    async with offices.house.database.reading() as work:
        assert await evidence.examine(work) == []


@pytest.mark.parametrize("act", ACTS)
async def test_others_hear_when_the_minute_is_over_and_the_button_leaves(
    offices: Offices, clock: SetClock, act: Any
) -> None:
    _code, who = await act(offices, clock)
    (carrying,) = [shown for shown in who.shown if UNDO in shown.labels]
    had_heard = heard(offices)["citizen"]
    clock.move(seconds=59)
    await offices.house.deliver()
    assert heard(offices)["citizen"] == had_heard
    assert UNDO in carrying.labels
    clock.move(seconds=2)
    await offices.house.deliver()
    if act is not merge:  # there it is somebody else who asked
        assert heard(offices)["citizen"] > had_heard
    assert UNDO not in labels(who)
    assert carrying.labels  # its other buttons stay


async def test_the_one_who_acts_goes_on_at_once_and_news_of_others_is_not_kept_waiting(
    offices: Offices, clock: SetClock
) -> None:
    drafted = await offices.in_approval()
    await minute_over(offices, clock)
    code = await offices.ask("Chợ Rạch Giá mấy giờ đóng cửa vậy ạ?", await introduced(offices.house))
    await offices.editor.send(f"/chuyen {code} SNNMT")
    assert await offices.status(code) == "assigned"
    await offices.editor.send("/moi")
    assert "Đã chuyển cơ quan" not in offices.editor.last.text  # the next answer is there
    assert not offices.officer.saying(code)
    await offices.leader.send(f"/sualai {drafted} Ghi rõ ngày.")
    assert "Ghi rõ ngày." in offices.officer.last.text
    await offices.officer.send("/viec")  # who works may find the question before its notice
    assert offices.officer.saying(code)


async def test_a_second_person_who_acts_in_between_wins_and_the_notices_go_out_first(
    offices: Offices, clock: SetClock
) -> None:
    code = await offices.ask()
    await offices.editor.send(f"/chuyen {code} SNNMT")
    carrying = offices.editor.last
    clock.move(seconds=20)
    await offices.officer.send(f"/nhan {code}")
    told = [shown.text for shown in offices.citizen.shown][-2:]
    assert "đã chuyển" in told[0] or "chuyển" in told[0]
    assert offices.officer.saying(code)  # one card, as the question stands now
    stood = await state(offices)

    undo_id = await newest_undo(offices)
    assert await refusal(offices, offices.editor, undo_id) is Reason.UNDO_OVERTAKEN
    await offices.editor.press_data(f"un:{undo_id}", carrying.id)
    assert await state(offices) == stood
    assert "undone" not in await events(offices, code)
    assert UNDO not in labels(offices.editor)


async def newest_undo(offices: Offices) -> int:
    async with offices.house.database.reading() as work:
        return int(await work.value(sa.select(sa.func.max(undos.c.id))))


async def refusal(offices: Offices, chat: Chat, undo_id: int) -> Reason:
    """Why somebody may not undo it."""
    with pytest.raises(RuleViolation) as caught:
        async with offices.house.database.work() as work:
            await undoing.undo(work, await actor_of(work, await chat.row()), undo_id)
    return caught.value.reason


async def test_only_who_did_it_may_undo_it_once_and_in_time(offices: Offices, clock: SetClock) -> None:
    code = await offices.ask()
    await offices.editor.send(f"/chuyen {code} SNNMT")
    carrying, undo_id = offices.editor.last, await newest_undo(offices)
    other = await hire(offices.house, "Khác", Role.EDITOR)
    for chat in (other, offices.officer, offices.citizen):
        assert await refusal(offices, chat, undo_id) is Reason.STALE_BUTTON
        await chat.press_data(f"un:{undo_id}", chat.last.id)
    assert await offices.status(code) == "assigned"

    await offices.editor.press(UNDO, carrying)
    assert await offices.status(code) == "received"
    assert await refusal(offices, offices.editor, undo_id) is Reason.UNDONE_ALREADY

    await offices.editor.send(f"/chuyen {code} SNNMT")
    carrying, undo_id = offices.editor.last, await newest_undo(offices)
    clock.move(seconds=60)
    await offices.editor.press_data(f"un:{undo_id}", carrying.id)
    assert await refusal(offices, offices.editor, undo_id) is Reason.UNDO_TOO_LATE
    assert await offices.status(code) == "assigned"


async def test_who_lost_the_role_meanwhile_undoes_nothing(offices: Offices) -> None:
    code = await offices.ask()
    await offices.editor.send(f"/chuyen {code} SNNMT")
    undo_id = await newest_undo(offices)
    admin = await hire(offices.house, "Quản", Role.ADMIN)
    async with offices.house.database.work() as work:
        (held,) = await roles.of_person(work, (await offices.editor.row()).id)
        await roles.revoke(work, held.id, (await admin.row()).id)
    assert await refusal(offices, offices.editor, undo_id) is Reason.STALE_BUTTON


async def test_what_cannot_wait_does_not_and_cannot_be_undone(offices: Offices) -> None:
    code = await offices.ask()
    await offices.editor.send(f"/tuchoi {code} khan-cap")
    await offices.editor.press("Xác nhận")
    assert "114" in offices.citizen.last.text
    assert UNDO not in labels(offices.editor)
    code = await offices.ask("Ông trưởng ấp Hòa Phú lấy tiền của dân.")
    await offices.editor.send(f"/tuchoi {code} to-cao")
    await offices.editor.press("Xác nhận")
    assert "tố cáo" in offices.citizen.last.text
    assert UNDO not in labels(offices.editor)


async def test_a_citizen_is_not_told_in_the_course_of_what_was_undone(
    offices: Offices, clock: SetClock
) -> None:
    code = await offices.ask()
    await offices.editor.send(f"/chuyen {code} SNNMT")
    await offices.editor.press(UNDO)
    await offices.citizen.send(f"/tracuu {code}")
    assert "Đã chuyển cơ quan" not in offices.citizen.last.text
    assert "hoàn tác" not in offices.citizen.last.text


class TestSwitchedOff:
    @pytest.fixture
    def programme(self) -> Programme:
        return Programme(province="tỉnh An Giang", undo_seconds=0)

    async def test_nothing_is_held_and_nothing_can_be_undone(self, offices: Offices) -> None:
        code = await offices.ask()
        await offices.editor.send(f"/chuyen {code} SNNMT")
        assert offices.officer.saying(code)
        assert UNDO not in labels(offices.editor)


async def test_who_comes_back_within_the_minute_is_not_told_early(offices: Offices, clock: SetClock) -> None:
    code = await offices.ask()
    async with offices.house.database.work() as work:
        await staff.became_unreachable(work, (await offices.citizen.row()).id)
    await offices.editor.send(f"/chuyen {code} SNNMT")
    await offices.citizen.send("/cuatoi")
    assert not offices.citizen.saying("đã được chuyển")
