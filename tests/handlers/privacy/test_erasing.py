"""`/xoadulieu`: not a trace is left of somebody but what the list here names."""

import asyncio
import json
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.lists.erasures import Erasures, place_of, read_list, remove_discarded
from bot.loops.fetcher import Fetcher
from bot.loops.ledger_maker import LedgerMaker
from domain.questions.history import EntryKind
from domain.questions.life import Role, Status
from services.operation import ticking
from storage.engine import tombstones
from storage.engine.database import Database
from storage.operation import audit
from storage.people import people
from storage.questions import history, published
from storage.tables import audit as audit_table
from storage.tables import entries, metadata
from tests.conftest import SetClock
from tests.worlds.chat import Chat, House, Shown, introduced
from tests.worlds.offices import Offices, hire

# Each stands nowhere else. What a notice shows of a text begins with it: an excerpt has it, too.
NAME = "Quách Ngọc Dung Hạnh"
MARKS = {
    "name": NAME,
    "address": "77 hẻm Trâm Bầu, ấp Kênh Xáng",
    "telephone": "0909.778.891",
    "shown": "Dung Hạnh 1979",
    "words": "cái cống hộp lạ lùng kẹt rác",
    "second": "cây cầu gãy kỳ quặc",
    "more": "gần cây bàng đỏ khổng lồ",
    "unsent": "chưa kịp gửi lời zzyzx",
    "rating": "tạm hài lòng kiểu xyzzy",
    "file": "photo-of-dung",
    "organisation": "Tạp hóa Bà Quách",
}
PHOTO = b"what Dung photographed"

# What was published stays, and what the agency answered, in which the name and the number are masked.
STAYS = {
    ("entries", "text", "words", EntryKind.DRAFT),
    ("entries", "text", "words", EntryKind.PUBLIC_QUESTION),
    ("entries", "text", "words", EntryKind.PUBLIC_ANSWER),
}


@pytest.fixture
def house(database: Database, application: Any) -> House:
    return House(database, application)


async def traces(database: Database, marks: dict[str, str]) -> set[tuple[str, ...]]:
    """(table, column, mark) of every cell of the database that holds a mark; of `entries` with the kind of entry."""
    found: set[tuple[str, ...]] = set()
    async with database.reading() as work:
        for table in metadata.sorted_tables:
            columns = [sa.type_coerce(one, sa.LargeBinary) if _is_bytes(one) else sa.cast(one, sa.Text)
                       for one in table.columns]  # fmt: skip
            for row in await work.all(sa.select(*columns)):
                cells = dict(zip(table.columns.keys(), row, strict=True))
                for name, cell in cells.items():
                    here = (table.name, name)
                    found |= {
                        (*here, mark, cells["kind"]) if table is entries else (*here, mark)
                        for mark in _in(cell, marks)
                    }
    return found


def _is_bytes(column: sa.Column[Any]) -> bool:
    return isinstance(column.type, sa.LargeBinary)


def _in(cell: Any, marks: dict[str, str]) -> list[str]:
    if cell is None:
        return []
    if isinstance(cell, bytes):
        return [mark for mark, words in marks.items() if words.encode() in cell]
    return [mark for mark, words in marks.items() if words in cell or json.dumps(words)[1:-1] in cell]


ACCOUNT = 7_043_196_852  # long enough to be no part of another number by chance


class Camera:
    """The messenger's store of files: every file is Dung's photo."""

    async def fetch(self, remote_id: str, limit: int) -> bytes:
        return PHOTO


async def whole_story(offices: Offices, clock: SetClock, folder: Path) -> tuple[Chat, str]:
    """Somebody asks with a photo, is asked for more, is answered, rates, is published, subscribes, and asks again."""
    house, editor, officer = offices.house, offices.editor, offices.officer
    chat = Chat(house, ACCOUNT, MARKS["shown"], "vi")
    photo = chat.photo(f"Ở xã tôi {MARKS['words']}, bao giờ xử lý?")
    photo["photo"][0]["file_id"] = MARKS["file"]
    await chat.send(photo)
    await chat.press("Đồng ý")
    await chat.send(NAME, MARKS["address"], MARKS["telephone"])
    await chat.press("Bỏ qua")
    await chat.press("Hỏi thay tổ chức")
    await chat.send(MARKS["organisation"])
    await chat.press("☐")
    await chat.press("Gửi câu hỏi")
    code = await _last_code(offices)
    fetcher = Fetcher(house.database, {"telegram": Camera()}, folder)  # type: ignore[dict-item]
    while await fetcher.fetch_some():
        pass
    await editor.send("/moi", f"/chuyen {code} SNNMT")
    await officer.send("/viec", f"/nhan {code}", f"/hoithem {code} Ở đoạn nào?")
    await chat.press("Trả lời")
    await chat.send(f"Đoạn {MARKS['more']}")
    answer = f"Kính gửi {NAME}: {MARKS['words']} sẽ được dọn, đã gọi {MARKS['telephone']}."
    await officer.send(answer, reply_to=officer.saying("Người hỏi đã bổ sung")[-1])
    await offices.leader.send("/duyet", f"/duyet {code}")
    await editor.send("/duyet", f"/duyet {code}")
    await chat.send(f"/danhgia {code} 4 {MARKS['rating']}")
    await chat.press("Đồng ý công khai")
    await editor.send(f"/congkhai {code}")
    await editor.press("Xác nhận")
    await chat.send("/dangky lịch", "/dulieu", "/cuatoi", f"/tracuu {code}", "/dulieu tệp")
    await editor.send(f"/xem {code}")
    await editor.press("Xem 1 tệp")
    await editor.press("Lịch sử")
    await offices.editor.send("/thongbao Kính mời xem truyền hình tối nay")
    await editor.press("Xác nhận")
    await chat.send(f"Thứ hai, về {MARKS['second']}, ai sửa?")
    await chat.press("Gửi câu hỏi")
    second = await _last_code(offices)
    clock.move(days=9)  # reminders and digests
    await ticking.tick(house.database)
    await house.deliver()
    await editor.send("/quahan", f"/chuyen {second} SNNMT")
    await officer.send("/viec", f"/xem {second}")
    admin = await hire(house, "Quản", Role.ADMIN)
    await admin.send("/xuatso tất cả")
    await LedgerMaker(house.database, folder, asyncio.Event()).make_all()
    await house.deliver()
    await chat.send(MARKS["unsent"])
    return chat, code


async def _last_code(offices: Offices) -> str:
    rows = await offices.ledger()
    newest = max(rows, key=lambda row: int(row.number))
    return f"DH-{newest.year}-{newest.number:06d}"


async def test_nothing_is_left_of_who_was_erased_but_what_was_published(
    house: House, clock: SetClock, tmp_path: Path
) -> None:
    offices = await Offices.open(house)
    chat, code = await whole_story(offices, clock, tmp_path)
    marks = MARKS | {"account": str(chat.address)}
    assert {trace[2] for trace in await traces(house.database, marks)} == set(marks)
    kept = place_of(tmp_path, sha256(PHOTO).hexdigest())
    assert kept.exists()
    (ledger,) = [one for one in _all_shown(house) if one.name.endswith(".xlsx")]
    assert NAME in _unzipped(place_of(tmp_path, ledger.checksum))
    person = await chat.row()
    await chat.send("/xoadulieu")
    assert code in chat.last.text
    await chat.press("Xác nhận", times=2)  # a second tap makes nobody known again
    assert "Đã xóa thông tin" in chat.last.text

    assert await traces(house.database, marks) == STAYS
    while await remove_discarded(house.database, tmp_path, older_than=0):
        pass
    assert not kept.exists()
    assert _files_in(tmp_path) == []
    assert not [one for one in _all_shown(house) if one.name.endswith(".xlsx")]
    await _nothing_in_the_file(house.database, marks | {"words": MARKS["second"]})
    await _ledger_stays(offices, code)
    await _staff_see_nothing(offices)
    async with house.database.reading() as work:
        acts = [
            row.act
            for row in await work.all(
                sa.select(audit_table)
                .where(audit_table.c.actor_id == person.id)
                .order_by(audit_table.c.number)
            )
        ]
        assert acts[-1] == "erased"
        assert {"consent_given", "data_exported"} <= set(acts)
        assert await audit.first_broken(work) is None


def _all_shown(house: House) -> list[Shown]:
    return [one for chat in house.messenger.chats.values() for one in chat]


def _files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _unzipped(path: Path) -> str:
    with zipfile.ZipFile(path) as parts:
        return "".join(parts.read(name).decode() for name in parts.namelist())


async def _nothing_in_the_file(database: Database, marks: dict[str, str]) -> None:
    """SQLite's own file and log, byte by byte."""
    if database.engine.dialect.name != "sqlite":
        return
    assert await database.scrub()
    assert database.url.database is not None
    for path in Path(database.url.database).parent.glob("danhoi.db*"):
        content = await asyncio.to_thread(path.read_bytes)
        assert _in(content, marks) == [], path
        escaped = {mark: json.dumps(words)[1:-1] for mark, words in marks.items()}
        assert _in(content, escaped) == [], path


async def _ledger_stays(offices: Offices, code: str) -> None:
    first, second = await offices.ledger()
    assert (first.status, first.asker_id) == (Status.ANSWERED, second.asker_id)
    assert (first.answered_at is not None, first.published_at is not None) == (True, True)
    assert second.status == Status.WITHDRAWN
    async with offices.house.database.reading() as work:
        assert [row.event for row in await history.of_question(work, first.id)][-1] == "asker_erased"
    citizen = offices.house.person("Người khác")
    await citizen.send(f"/tracuu {code}")
    assert MARKS["words"] in citizen.last.text
    assert "…" in citizen.last.text
    assert NAME not in citizen.last.text


async def _staff_see_nothing(offices: Offices) -> None:
    """Every message of ours in their chats, as it stands now; what they typed themselves is theirs."""
    personal = {mark: MARKS[mark] for mark in MARKS if mark != "words"}
    for chat in (offices.editor, offices.officer, offices.leader):
        assert chat.saying("Thông tin của người hỏi đã được xóa")
        for shown in chat.shown:
            assert _in(shown.text, personal) == [], shown.text
        assert MARKS["file"] not in offices.house.messenger.files.get(str(chat.address), {}).values()


async def test_a_published_name_that_is_masked_now_finds_nothing_any_more(
    house: House, clock: SetClock, tmp_path: Path
) -> None:
    offices = await Offices.open(house)
    chat, _code = await whole_story(offices, clock, tmp_path)
    async with house.database.work() as work:  # the editors overlooked it
        public = sa.update(entries).where(entries.c.kind == EntryKind.PUBLIC_ANSWER)
        await work.run(public.values(text=f"Kính gửi {NAME}."))
        (question,) = await published.search(work, [], 9)
        await published.refresh(work, question)
        assert await published.search(work, published.key_words(NAME), 9)
    await chat.send("/xoadulieu")
    await chat.press("Xác nhận")
    async with house.database.reading() as work:
        assert not await published.search(work, published.key_words(NAME), 9)
        assert await published.search(work, published.key_words("Kính gửi"), 9)


async def test_who_was_erased_is_met_as_somebody_new(house: House) -> None:
    chat = await introduced(house)
    before = await chat.row()
    await chat.send("/xoadulieu")
    await chat.press("Xác nhận")
    old = chat.shown[-2]
    await chat.edit(chat.message("sửa tin cũ"))
    await chat.press_data(old.data("Xác nhận") if old.labels else "ok", old.id)
    async with house.database.reading() as work:
        assert await people.at(work, "telegram", str(chat.address)) is None
    await chat.send("/start", "/dulieu")
    assert (await chat.row()).id != before.id
    assert "Chưa có họ tên" in chat.last.text
    await chat.send("/xoadulieu")
    await chat.press("Xác nhận")
    assert "Đã xóa thông tin" in chat.last.text


async def test_nothing_goes_before_it_is_confirmed(house: House) -> None:
    chat = await introduced(house)
    await chat.send("/xoadulieu")
    await chat.press("Hủy")
    await chat.send("/dulieu")
    assert "Nguyễn Thị Mai" in chat.last.text


async def test_one_of_the_staff_gives_the_role_back_first(house: House) -> None:
    offices = await Offices.open(house)
    await offices.officer.send("/xoadulieu")
    assert "vai trò" in offices.officer.last.text
    assert offices.officer.last.labels == []


async def test_who_asked_the_same_keeps_their_question_and_the_answer(house: House) -> None:
    offices = await Offices.open(house)
    code = await offices.assigned()
    follower = await introduced(house, "Sóc", "Nhà tôi cũng nộp hồ sơ cấp sổ đỏ mà chưa có kết quả")
    (_, own) = await offices.ledger()
    await offices.editor.send(f"/gop DH-2026-{own.number:06d} {code}")
    await offices.editor.press("Xác nhận")
    await offices.citizen.send("/xoadulieu")
    await offices.citizen.press("Xác nhận")
    first, second = await offices.ledger()
    assert (first.status, second.status) == (Status.WITHDRAWN, Status.RECEIVED)
    await follower.send(f"/tracuu DH-2026-{own.number:06d}")
    assert "Nhà tôi cũng nộp" in follower.last.text


async def test_a_file_that_somebody_else_sent_too_stays(house: House, tmp_path: Path) -> None:
    fetcher = Fetcher(house.database, {"telegram": Camera()}, tmp_path)  # type: ignore[dict-item]
    chats = [house.person("Mai"), house.person("Sóc")]
    for chat in chats:
        await chat.send(chat.photo("Đường hỏng"))
    await fetcher.fetch_some()
    kept = place_of(tmp_path, sha256(PHOTO).hexdigest())
    for chat, stays in zip(chats, (True, False), strict=True):
        await chat.send("/xoadulieu")
        await chat.press("Xác nhận")
        await remove_discarded(house.database, tmp_path, older_than=0)
        assert kept.exists() is stays


async def test_a_file_still_on_its_way_is_not_kept_for_who_was_erased(house: House, tmp_path: Path) -> None:
    chat = house.person("Mai")
    await chat.send(chat.photo("Đường hỏng"))

    class Slow(Camera):
        async def fetch(self, remote_id: str, limit: int) -> bytes:
            await chat.send("/xoadulieu")
            await chat.press("Xác nhận")
            return PHOTO

    await Fetcher(house.database, {"telegram": Slow()}, tmp_path).fetch_some()  # type: ignore[dict-item]
    await remove_discarded(house.database, tmp_path, older_than=0)
    assert not place_of(tmp_path, sha256(PHOTO).hexdigest()).exists()


async def test_erasures_are_listed_beside_the_files(house: House, tmp_path: Path) -> None:
    chat = await introduced(house)
    person = await chat.row()
    follows = Erasures(house.database, tmp_path)
    await follows.follow()
    await chat.send("/xoadulieu")
    await chat.press("Xác nhận")
    await follows.follow()
    (stone,) = read_list(tmp_path / "erasures.jsonl")
    assert (stone.person_id, stone.created_at) == (person.id, person.created_at)


async def test_what_would_go_is_told_before(house: House) -> None:
    offices = await Offices.open(house)
    answered = await offices.answered()
    waiting = await offices.ask("Bao giờ sửa cầu ở xã tôi?")
    await offices.citizen.send("/xoadulieu")
    told = offices.citizen.last.text
    assert f"Rút lại, vì không còn gửi được câu trả lời: {waiting}." in told
    assert answered not in told


# --- who has no messenger ----------------------------------------------------------------------------------------

LETTER = {mark: MARKS[mark] for mark in ("name", "address", "telephone", "words", "more")}


async def letter(offices: Offices, clerk: Chat, text: str, before: str = "", name: str = NAME) -> str:
    """What came by post is typed by one of the editors; returns the code. `before` fills a message of its own."""
    await clerk.send("/nhaptay")
    await clerk.press("Bưu điện")
    if before:
        await clerk.send(before, text)
        await clerk.press("Đã đủ")
        assert isinstance(offices.house.database.clock, SetClock)
        offices.house.database.clock.move(minutes=1)
    else:
        await clerk.send(text)
    await clerk.send(name, MARKS["address"], MARKS["telephone"])
    await clerk.press("Bỏ qua")
    await clerk.press("Xác nhận")
    return await _last_code(offices)


async def whole_letter(offices: Offices, clerk: Chat) -> str:
    """A letter is typed, asked more about, answered, delivered, published, and listed by everybody."""
    editor, officer = offices.editor, offices.officer
    code = await letter(offices, clerk, f"Ở xã tôi {MARKS['words']}, bao giờ xử lý?", "Kính thư. " * 450)
    await editor.send("/moi", f"/chuyen {code} SNNMT")
    await officer.send("/viec", f"/nhan {code}", f"/hoithem {code} Ở đoạn nào?")
    await clerk.press("Nhập phần bổ sung")
    await clerk.send(f"Đoạn {MARKS['more']}")
    await officer.send(f"/traloi {code} Kính gửi {NAME}: {MARKS['words']} sẽ được dọn.")
    await offices.leader.send("/duyet", f"/duyet {code}")
    await editor.send("/duyet", f"/duyet {code}")
    await clerk.press("Đã chuyển câu trả lời")
    await clerk.send(f"Đã gửi thư đến {MARKS['address']}.")
    await editor.send(f"/congkhai {code}")
    await editor.press("Đã ẩn danh")
    await editor.press("Xác nhận")
    await editor.send(f"/xem {code}")
    await editor.press("Lịch sử")
    return code


async def test_an_editor_erases_who_wrote_by_post_and_nothing_but_what_was_published_is_left(
    house: House,
) -> None:
    offices = await Offices.open(house)
    clerk = await hire(house, "Văn", Role.EDITOR)  # types, and is not who erases
    code = await whole_letter(offices, clerk)
    assert {trace[2] for trace in await traces(house.database, LETTER)} == set(LETTER)
    await offices.editor.send(f"/xoadulieu {code}")
    assert NAME in offices.editor.last.text
    await offices.editor.press("Xác nhận")
    assert "Đã xóa thông tin của người hỏi" in offices.editor.last.text
    left = await traces(house.database, LETTER)
    assert left - STAYS == set()
    await _nothing_in_the_file(house.database, {mark: LETTER[mark] for mark in LETTER if mark != "words"})
    personal = {mark: LETTER[mark] for mark in LETTER if mark != "words"}
    for chat in (offices.editor, clerk, offices.officer, offices.leader):
        for shown in chat.shown:
            assert _in(shown.text, personal) == [], shown.text
    question = await offices.question(code)
    assert question.status == Status.ANSWERED
    async with house.database.reading() as work:
        (stone,) = await tombstones.tombstones(work)
        assert stone.person_id == question.asker_id
        newest = (await work.all(sa.select(audit_table).order_by(audit_table.c.number.desc())))[0]
    assert (newest.act, newest.actor_id, newest.subject) == (
        "asker_erased", (await offices.editor.row()).id, f"question:{question.id}",
    )  # fmt: skip


async def test_of_the_same_name_others_are_named_and_each_is_erased_by_itself(house: House) -> None:
    offices = await Offices.open(house)
    editor = offices.editor
    first = await letter(offices, editor, "Bao giờ sửa đường?")
    second = await letter(offices, editor, "Bao giờ sửa cầu?")
    denounced = await letter(offices, editor, "Tôi tố cáo ông chủ tịch xã nhận hối lộ.")
    await offices.editor.send(f"/xem {first}")
    await editor.press("Xóa thông tin người hỏi")
    assert second in editor.last.text
    assert denounced in editor.last.text
    admin = await hire(house, "Quản", Role.ADMIN)
    await admin.send(f"/xoadulieu {first}")
    assert second in admin.last.text
    assert denounced not in admin.last.text  # who wrote it is for editors alone
    await editor.press("Xác nhận", times=2)
    assert await offices.status(first) == Status.WITHDRAWN
    assert "Xác nhận" not in admin.last.labels  # somebody was quicker
    await admin.send(f"/xoadulieu {first}")
    assert "đã được làm rồi" in admin.last.text
    await editor.send(f"/xem {first}")
    assert "Xóa thông tin người hỏi" not in editor.last.labels
    assert "Nội dung câu hỏi không còn được giữ" in editor.last.text
    assert await offices.status(second) == Status.RECEIVED
    await editor.send(f"/xem {second}")
    assert NAME in editor.last.text


async def test_who_asks_in_the_messenger_erases_their_data_by_themselves(house: House) -> None:
    offices = await Offices.open(house)
    code = await offices.assigned()
    for chat in (offices.editor, offices.citizen):
        await chat.send(f"/xem {code}")
        assert "Xóa thông tin người hỏi" not in chat.last.labels
    await offices.editor.send(f"/xoadulieu {code}")
    assert "tự xóa" in offices.editor.last.text
    await offices.officer.send(f"/xoadulieu {code}")
    assert "không làm được việc này" in offices.officer.last.text


async def test_nobody_is_asked_to_deliver_an_answer_to_who_was_erased(house: House) -> None:
    offices = await Offices.open(house)
    original = await offices.assigned()
    code = await letter(offices, offices.editor, "Tôi cũng chờ sổ đỏ.")
    await offices.editor.send(f"/gop {code} {original}")
    await offices.editor.press("Xác nhận")
    await offices.editor.send(f"/xoadulieu {code}")
    await offices.editor.press("Xác nhận")
    await offices.officer.send(f"/traloi {original} Hồ sơ đã xong.")
    await offices.leader.send(f"/duyet {original}")
    await offices.editor.send(f"/duyet {original}")
    assert await offices.status(original) == Status.ANSWERED
    assert not [one for one in offices.editor.shown if "Đã chuyển câu trả lời" in str(one.labels)]


async def test_the_text_that_was_to_be_public_without_consent_goes_too(house: House) -> None:
    offices = await Offices.open(house)
    code = await offices.answered()
    await offices.editor.send(f"/congkhai {code}")
    await offices.editor.press("Hủy")
    marks = {"words": "nộp hồ sơ cấp sổ đỏ"}
    await offices.citizen.send("/xoadulieu")
    await offices.citizen.press("Xác nhận")
    assert await traces(house.database, marks) == set()
    assert not offices.editor.saying(marks["words"])
