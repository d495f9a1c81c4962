"""Somebody takes their data and is erased, by the real bot as a process; a backup from before brings nobody back."""

import asyncio
import json
import os
import re
import shutil
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.lists.erasures import LIST, place_of
from domain.programme import Programme
from sandbox.client import User
from storage.engine.database import Database
from storage.tables import erasures
from tests.conftest import SetClock
from tests.handlers.privacy.test_erasing import traces
from tests.worlds.office import Office, code_in

# Each stands nowhere else, and so is found wherever it is left.
MARKS = {
    "name": "Quách Thị Kim Thoa",
    "address": "hẻm Bần Quỳ 31",
    "telephone": "0987123456",
    "words": "cây cầu ván lắc lư",
    "file": "don-xin-kim-thoa.pdf",
    "shown": "Thoa Bến Đò",
}
LETTER = {"sender": "Ông Lâm Tường Khuê", "home": "ấp Vàm Cỏ Đen", "said": "con kinh nghẹt lục bình"}
PAPER = b"%PDF of Thoa alone"
ANSWER = "Cầu sẽ được sửa trước ngày 30/12/2026."


async def asks(citizen: User) -> str:
    """A newcomer with a telephone and a document."""
    await citizen.send(f"Xin hỏi {MARKS['words']} ở xã tôi bao giờ sửa?")
    await citizen.wait_for("Đồng ý")
    await citizen.press("Đồng ý")
    await citizen.wait_for("cho biết họ và tên")
    await citizen.send(MARKS["name"])
    await citizen.wait_for("cho biết địa chỉ")
    await citizen.send(MARKS["address"])
    await citizen.wait_for("Bỏ qua")
    await citizen.send(MARKS["telephone"])
    await citizen.wait_for("lĩnh vực nào")
    await citizen.press("Bỏ qua")
    await citizen.wait_for("Gửi câu hỏi")
    await citizen.upload(PAPER, name=MARKS["file"])
    await citizen.wait_for("Gửi câu hỏi")
    await citizen.press("Gửi câu hỏi")
    return code_in((await citizen.wait_for(re.compile(r"/tracuu DH-"))).text)


async def types_a_letter(editor: User) -> str:
    await editor.send("/nhaptay")
    await editor.wait_for("Bưu điện")
    await editor.press("Bưu điện")
    await editor.wait_for("Xin gửi nội dung")
    for typed, asked in (
        (f"Bao giờ vét {LETTER['said']}?", "Họ và tên người hỏi"),
        (LETTER["sender"], "địa chỉ"),
        (LETTER["home"], "Bỏ qua"),
    ):
        await editor.send(typed)
        await editor.wait_for(re.compile(asked, re.IGNORECASE))
    await editor.press("Bỏ qua")
    await editor.wait_for("lĩnh vực")
    await editor.press("Bỏ qua")
    await editor.wait_for("Xác nhận")
    await editor.press("Xác nhận")
    return code_in((await editor.wait_for(re.compile(r"DH-\d{4}-\d{6}"))).text)


async def is_answered(office: Office, code: str, editor: User) -> None:
    officer = await office.staff("Trần Văn Bình", "officer", "SNNMT")
    leader = await office.staff("Phạm Thu Hà", "leader", "SNNMT")
    await editor.send(f"/chuyen {code} SNNMT")
    await officer.wait_for(code, since_action=False)
    await officer.send(f"/traloi {code} Kính gửi {MARKS['name']}: {ANSWER}")
    await leader.wait_for(ANSWER, since_action=False)
    await leader.send(f"/duyet {code}")
    await editor.wait_for(ANSWER)
    await editor.send(f"/duyet {code}")


async def takes_everything(office: Office, citizen: User) -> None:
    """`/dulieu`: both files hold what was said; the log and the tables do not keep them."""
    await citizen.send("/dulieu")
    await citizen.wait_for(MARKS["name"])
    await citizen.press("Nhận tất cả thành tệp")
    readable = await citizen.wait_for("bản để đọc")
    for_programs = await citizen.wait_for("bản cho máy tính")
    text = (await office.sandbox.download(readable.files[0])).decode("utf-8-sig")
    held = json.loads(await office.sandbox.download(for_programs.files[0]))
    for mark in ("name", "address", "telephone", "words", "file", "shown"):
        assert MARKS[mark] in text
        assert MARKS[mark] in json.dumps(held, ensure_ascii=False)
    assert ANSWER in text
    assert held["questions"][0]["words"][0]["text"].startswith("Xin hỏi")


async def until(happened: Any, complaint: str) -> None:
    for _ in range(300):
        if happened():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(complaint)


def opened_beside(office: Office) -> Database:
    """The office's database, besides its process."""
    return Database(office.database_url, clock=SetClock(datetime.now(UTC)), programme=Programme())


async def nothing_is_left(office: Office) -> None:
    """In any table, in the database's own file, among the kept files, in what the commands print, in the log."""
    marks = MARKS | LETTER
    database = opened_beside(office)
    try:
        assert await traces(database, marks) == set()
        if database.engine.dialect.name == "sqlite":
            assert await database.scrub()
            assert database.url.database is not None
            for path in Path(database.url.database).parent.glob("danhoi.db*"):
                content = path.read_bytes()
                assert not [words for words in marks.values() if words.encode() in content], path
    finally:
        await database.close()
    assert not place_of(office.folder / "files", sha256(PAPER).hexdigest()).exists()
    for kept in (office.folder / "files").rglob("*"):
        assert kept.is_dir() or PAPER not in kept.read_bytes()
    printed = [(await office.call(*it))[1] for it in (("questions", "--json"), ("doctor", "--json"))]
    log = office.log() + "".join(file.read_text("utf-8") for file in sorted(office.folder.glob("*.err")))
    for words in marks.values():
        assert words not in "".join(printed)
        assert words not in log


async def test_a_citizen_and_who_wrote_by_post_are_gone_and_a_backup_brings_nobody_back(
    office: Office, tmp_path_factory: Any
) -> None:
    editor = await office.staff("Võ Ngọc Lan", "editor")
    citizen = await office.sandbox.user(MARKS["shown"])
    code = await asks(citizen)
    letter = await types_a_letter(editor)
    await is_answered(office, code, editor)
    await citizen.wait_for(ANSWER, since_action=False)
    paper = place_of(office.folder / "files", sha256(PAPER).hexdigest())
    await until(paper.exists, "the document was not kept")
    apart = tmp_path_factory.mktemp("apart")
    status, _, err = await office.call("backup", str(apart / "before.tar"))
    assert status == 0, err
    before = await office.question(code)
    assert before["asker"]["name"] == MARKS["name"]

    await takes_everything(office, citizen)
    await citizen.send("/xoadulieu")
    await citizen.wait_for("Xác nhận")
    os.utime(paper, (0, 0))  # a younger one waits for a minute
    await citizen.press("Xác nhận")
    await citizen.wait_for("Đã xóa thông tin")
    await editor.send(f"/xoadulieu {letter}")
    await editor.wait_for(LETTER["sender"])
    await editor.press("Xác nhận")
    await editor.wait_for("Đã xóa thông tin của người hỏi")
    listed = office.folder / "files" / LIST
    await until(lambda: listed.exists() and len(listed.read_text().splitlines()) == 2, "not listed")
    await until(lambda: not paper.exists(), "the document stayed")
    assert await office.stop() == 0
    await nothing_is_left(office)
    after = await office.question(code)
    assert (after["text"], after["asker"]) == ("", {"name": None, "address": None, "contact": None})
    assert after["answer"]["text"] == f"Kính gửi …: {ANSWER}"
    assert (await office.question(letter))["status"] == "withdrawn"

    # The machine is lost. What is left are the backup and, kept apart from it, the list of erasures.
    shutil.copyfile(listed, apart / LIST)
    await wiped(office)
    arguments = ("restore", str(apart / "before.tar"), "--force", "--erasures", str(apart / LIST))
    status, _, err = await office.call(*arguments)
    assert status == 0, err
    assert "2 people were erased again" in err
    await nothing_is_left(office)
    assert (await office.question(code))["answer"]["text"] == f"Kính gửi …: {ANSWER}"
    await office.start()
    await citizen.send("/dulieu")
    await citizen.wait_for("Chưa có họ tên")


async def wiped(office: Office) -> None:
    """Nothing of the database and the files is there any more, nor the list in either of them."""
    shutil.rmtree(office.folder / "files")
    database = opened_beside(office)
    try:
        if database.engine.dialect.name == "sqlite":
            assert database.url.database is not None
            for path in Path(database.url.database).parent.glob("danhoi.db*"):
                path.unlink()
        else:
            async with database.work() as work:
                await work.run(sa.delete(erasures))
    finally:
        await database.close()
