"""What is limited counts as taken: withdrawn, thrown away, replaced or erased, it is not given back.

Every limit of the programme has a story here that takes, gives back and tries again, or a reason why it needs none;
a new limit that has neither fails.
"""

from collections.abc import Awaitable, Callable
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.config import LimitsSettings
from bot.lists.erasures import place_of, remove_discarded
from bot.loops.fetcher import Fetcher
from domain.programme import Programme
from domain.questions.life import Status
from services.privacy import retention
from storage.engine.database import Database
from storage.people import taken
from storage.tables import discarded_files
from storage.tables import files as files_table
from storage.tables import taken as taken_table
from tests.conftest import SetClock
from tests.worlds.chat import Chat, House, introduced
from tests.worlds.offices import Offices
from tests.worlds.rules import rules

TODAY = "là số nhiều nhất trong một ngày"
TOO_MANY = "Có quá nhiều tệp"


@pytest.fixture(scope="module")
def programme() -> Programme:
    return rules(
        questions_per_day=2,
        files_per_day=3,
        staff_files_per_day=3,
        draft_files=2,
        question_characters=200,
        max_extension_days=5,
    )


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


def newest(chat: Chat) -> str:
    """The last messages: words beside a refused file are taken, and answered below the refusal."""
    return "\n".join(shown.text for shown in chat.shown[-3:])


async def erased(chat: Chat) -> None:
    await chat.send("/xoadulieu")
    await chat.press("Xác nhận")
    assert "Đã xóa" in chat.last.text


async def begins_anew(chat: Chat, text: str = "Xin hỏi lại từ đầu") -> None:
    """Somebody who was erased asks like somebody new."""
    await chat.send(text)
    await chat.press("Đồng ý")
    await chat.send("Trần Thị Sen", "9 Lê Lợi")
    await chat.press("Bỏ qua")
    await chat.press("Bỏ qua")


# --- the stories: each takes all there is, gives it back in its ways, and is refused one more -----------------------


async def files_of_a_person(offices: Offices) -> None:
    chat = await introduced(offices.house)
    photo = chat.photo("Ảnh một")
    await chat.send(photo)
    await chat.edit(photo | {"photo": [photo["photo"][0] | {"file_id": "another"}]})
    await chat.send("/huy", chat.photo("Ảnh ba"))
    await chat.press("Hủy")
    await chat.send(chat.photo("Ảnh bốn"))
    assert TODAY in newest(chat)
    await erased(chat)
    await begins_anew(chat)
    await chat.send(chat.photo("Ảnh năm"))
    assert TODAY in newest(chat)


async def files_of_the_staff(offices: Offices) -> None:
    code, officer, editor = await offices.assigned(), offices.officer, offices.editor
    for _ in range(3):
        await officer.send(f"/traloi {code}", officer.photo("Bản vẽ"), "/huy")
    async with offices.house.database.reading() as work:
        assert not await work.all(sa.select(files_table))  # thrown away, and counted
    await officer.send(officer.photo(f"/traloi {code} Xem ảnh"))
    assert TODAY in newest(officer)
    for _ in range(3):
        await editor.send("/thongbao", editor.photo("Kính mời"), "/huy")
    await editor.send("/thongbao", editor.photo("Kính mời"))
    assert TODAY in newest(editor)


async def questions_of_a_day(offices: Offices) -> None:
    chat = await introduced(offices.house)
    await chat.send("/rut 1")
    await chat.press("Xác nhận")
    await chat.send("Câu thứ hai?")
    await chat.press("Gửi câu hỏi")
    await offices.editor.send("/tuchoi 2 khieu-nai")
    await offices.editor.press("Xác nhận")
    await chat.send("Câu thứ ba?")
    await chat.press("Gửi câu hỏi")
    assert len(await offices.ledger()) == 2
    await erased(chat)
    await begins_anew(chat)
    await chat.press("Gửi câu hỏi")
    assert len(await offices.ledger()) == 2
    await chat.send(
        "Tôi tố cáo ông chủ tịch xã nhận hối lộ 50 triệu đồng."
    )  # has places of its own, once as many
    await chat.press("Gửi câu hỏi")
    await erased(chat)
    assert len(await offices.ledger()) == 3


async def files_of_a_question(offices: Offices) -> None:
    await offices.answered()
    chat = offices.citizen
    await chat.send(chat.photo("một"), chat.photo("hai"), chat.photo("ba"))
    assert TOO_MANY in newest(chat)
    await chat.send("/huy")
    clock = offices.house.database.clock
    assert isinstance(clock, SetClock)
    clock.move(days=1)
    under = [shown for shown in chat.shown if "Mở lại" in " ".join(shown.labels)][-1]
    for _ in range(3):
        photo = chat.photo("chưa xong")
        replied = chat.message("", reply_to=under)["reply_to_message"]
        await chat.send(photo | {"reply_to_message": replied})
    assert TOO_MANY in newest(chat)


async def letters_of_a_question(offices: Offices) -> None:
    await offices.answered()
    chat = offices.citizen
    await chat.send("a" * 150, "b" * 150)
    assert "ký tự" in chat.last.text
    await chat.send("/huy")
    under = [shown for shown in chat.shown if "Mở lại" in " ".join(shown.labels)][-1]
    await chat.send("a" * 150, reply_to=under)
    await chat.send("b" * 150)
    assert "ký tự" in chat.last.text


async def days_of_an_extension(offices: Offices) -> None:
    code = await offices.assigned()
    officer, editor = offices.officer, offices.editor
    await officer.send(f"/giahan {code} 5 Chờ đo")
    await editor.press("Cho gia hạn")
    before = (await offices.question(code)).due_at
    await officer.send(f"/giahan {code} 1 Chờ thêm")
    assert (await offices.question(code)).due_at == before
    assert "không được gia hạn thêm" in officer.last.text


async def reopening_once(offices: Offices) -> None:
    code = await offices.answered()
    chat = offices.citizen
    await chat.send(f"/molai {code} Chưa xong")
    await offices.officer.send(f"/traloi {code} Đã xong.")
    await offices.leader.send(f"/duyet {code}")
    await offices.editor.send(f"/duyet {code}")
    assert await offices.status(code) == Status.ANSWERED
    await chat.send(f"/molai {code} Vẫn chưa")
    assert await offices.status(code) == Status.ANSWERED
    await chat.send(f"/danhgia {code} 1", f"/danhgia {code} 5")
    async with offices.house.database.reading() as work:
        assert [row[0] for row in await work.all(sa.text("SELECT stars FROM ratings"))] == [
            5
        ]  # changed, one still


Story = Callable[[Offices], Awaitable[None]]
STORIES: dict[str, Story] = {
    "files_per_day": files_of_a_person,
    "staff_files_per_day": files_of_the_staff,
    "questions_per_day": questions_of_a_day,
    "draft_files": files_of_a_question,
    "question_characters": letters_of_a_question,
    "max_extension_days": days_of_an_extension,
    "reopen_days": reopening_once,
}
NOTHING_TO_GIVE_BACK = {
    "in memory, of the minute alone (docs/decisions/0022)": {"messages_per_minute", "staff_messages_per_minute"},
    "of one file, whatever came before": {"file_megabytes"},
    "the pace of what we send": {"chat_seconds"},
    "a time that runs, by the calendar or the clock": {
        "assign_days", "answer_days", "correction_days", "clarification_days", "script_plan_days", "leader_after_days",
        "editors_after_days", "minutes_before_airing", "invitation_days", "block_days", "inbox_days",
        "outbox_days", "draft_days", "identity_years", "hold_minutes", "undo_seconds",
    },
    "asks for another's word: what one person sends of a day is summed (test_broadcast_power)": {"second_editor_above"},
}  # fmt: skip


def test_every_limit_has_a_story_or_a_reason_why_it_needs_none() -> None:
    numbers = {one.name for one in fields(Programme) if one.type in ("int", int, float)}
    reasons = [name for names in NOTHING_TO_GIVE_BACK.values() for name in names]
    assert sorted({*numbers, *LimitsSettings.model_fields}) == sorted([*STORIES, *reasons])


@pytest.mark.parametrize("limit", STORIES)
async def test_what_was_taken_is_not_given_back(offices: Offices, limit: str) -> None:
    await STORIES[limit](offices)


# --- what was thrown away leaves the disk ---------------------------------------------------------------------------


class Camera:
    """The messenger's store of files: what a file holds is its id."""

    async def fetch(self, remote_id: str, limit: int) -> bytes:
        return remote_id.encode()


def _files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _photo(chat: Chat, content: str) -> dict[str, Any]:
    photo = chat.photo(content)
    photo["photo"][0]["file_id"] = content
    return photo


async def test_what_is_thrown_away_leaves_the_disk_unless_somebody_else_sent_it_too(
    offices: Offices, tmp_path: Path
) -> None:
    database = offices.house.database
    fetcher = Fetcher(database, {"telegram": Camera()}, tmp_path)  # type: ignore[dict-item]
    mai, sen = offices.house.person("Mai"), offices.house.person("Sen")
    await mai.send(_photo(mai, "both"), _photo(mai, "hers"))
    await sen.send(_photo(sen, "both"))
    while await fetcher.fetch_some():
        pass
    places = {one: place_of(tmp_path, sha256(one.encode()).hexdigest()) for one in ("both", "hers")}
    assert all(place.exists() for place in places.values())
    await mai.send("/huy")
    await remove_discarded(database, tmp_path, older_than=0)
    assert {one: place.exists() for one, place in places.items()} == {"both": True, "hers": False}
    await sen.send("/huy")
    await remove_discarded(database, tmp_path, older_than=0)
    assert not places["both"].exists()
    async with database.reading() as work:
        assert not await work.all(sa.select(files_table))
        assert not await work.all(sa.select(discarded_files))


async def test_what_is_thrown_away_while_it_is_fetched_is_not_kept(offices: Offices, tmp_path: Path) -> None:
    database, mai = offices.house.database, offices.house.person("Mai")
    await mai.send(_photo(mai, "hers"))

    class Slow(Camera):
        async def fetch(self, remote_id: str, limit: int) -> bytes:
            await mai.send("/huy")
            return await super().fetch(remote_id, limit)

    await Fetcher(database, {"telegram": Slow()}, tmp_path).fetch_some()  # type: ignore[dict-item]
    await remove_discarded(database, tmp_path, older_than=0)
    assert _files_in(tmp_path) == []


async def test_files_of_a_draft_that_nobody_sent_leave_the_disk_with_it(
    offices: Offices, tmp_path: Path, clock: SetClock
) -> None:
    database, mai = offices.house.database, offices.house.person("Mai")
    await mai.send(_photo(mai, "hers"))
    await Fetcher(database, {"telegram": Camera()}, tmp_path).fetch_some()  # type: ignore[dict-item]
    clock.move(days=31)
    await retention.apply(database)
    await remove_discarded(database, tmp_path, older_than=0)
    assert _files_in(tmp_path) == []
    async with database.reading() as work:
        assert not await work.all(sa.select(taken_table))  # days that are over count for nothing


async def test_who_was_erased_is_counted_on_and_not_known(offices: Offices, clock: SetClock) -> None:
    chat = await introduced(offices.house)
    await chat.send(chat.photo("Ảnh"))
    person = await chat.row()
    await erased(chat)
    async with offices.house.database.reading() as work:
        kept = await work.all(sa.select(taken_table).where(taken_table.c.who != taken.of_person(person.id)))
        assert {row.what: row.amount for row in kept} == {"questions": 1, "files": 1}
        assert not [row for row in kept if str(chat.address) in row.who]
    clock.move(days=1)
    await begins_anew(chat)
    await chat.press("Gửi câu hỏi")
    await chat.send("Và câu nữa?")
    await chat.press("Gửi câu hỏi")
    assert len(await offices.ledger()) == 3
