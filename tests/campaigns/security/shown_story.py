"""A wide story with unique words in every field of every question, of its asker and of the offices."""

import json
from base64 import b64decode
from hashlib import sha256
from io import BytesIO
from typing import Any
from zipfile import ZipFile, is_zipfile

import pytest
import sqlalchemy as sa

from domain.questions.life import Role
from messages.notice import Notice
from messages.words import Words
from services.operation.ticking import tick
from storage.delivery import files
from storage.engine.database import Database
from storage.rows import FileRow
from storage.tables import Row, outbox, people, questions
from storage.tables import files as files_table
from tests.conftest import SetClock
from tests.worlds.arranged import arranged
from tests.worlds.chat import Chat, House
from tests.worlds.offices import Offices, hire

FIELDS = ("text", "name", "home", "phone", "firm", "more", "again", "stars", "photo", "unsent")  # of an asker
OFFICES = (
    "ask", "answer", "letter", "paper", "part", "back", "days", "promise", "note", "onair", "public", "wrong", "why",
    "return", "refusal", "leftout", "block",
)  # fmt: skip


STAFF = ("citizen", "editor", "officer", "leader")


def mark(who: str, what: str) -> str:
    """A word that stands nowhere else, short enough for the shortest excerpt."""
    return f"{who}z{what}z"


def named(who: str) -> str:
    """The full name of an asker, as offices write it, too."""
    return f"Nguyễn {mark(who, 'name')}"


def says(who: str, what: str) -> str:
    """What an office writes: it names the asker."""
    return f"{mark(who, what)} gửi {named(who)}"


def _photo(chat: Chat, file_id: str, caption: str) -> dict[str, Any]:
    photo = chat.photo(caption)
    photo["photo"][0]["file_id"] = file_id
    return photo


def _document(chat: Chat, name: str, caption: str) -> dict[str, Any]:
    content = {"file_id": f"letter {chat.house.new_message_id()}", "file_unique_id": name, "file_size": 9}
    return chat.message() | {"document": content | {"file_name": name}, "caption": caption}


class Story:
    """Six questions: `a`, open, with `b` merged into it; `c`, answered, published and on air, with `f` merged into it;
    `d` that came by post; `e` refused.
    """

    WHO = ("a", "b", "c", "d", "e", "f")

    def __init__(self, offices: Offices) -> None:
        self.offices = offices
        self.house = offices.house
        self.coord = self.admin = offices.editor  # hired when it begins
        self.askers: dict[str, Chat] = {}
        self.codes: dict[str, str] = {}
        self.said: set[type[Notice]] = set()
        self.erased: set[int] = set()  # accounts: what is in a chat of one's own nobody takes away

    async def play(self, clock: SetClock) -> None:
        offices = self.offices
        editor, officer, leader = offices.editor, offices.officer, offices.leader
        self.coord = await hire(self.house, "Phối", Role.OFFICER, "SXD")
        self.admin = await hire(self.house, "Quản", Role.ADMIN)
        for who in ("a", "b", "c"):
            await self._asks(who)
        await self._by_post("d")
        await self._asks("e")
        await self._asks("f")
        a, b, c, d, e, f = (self.codes[who] for who in self.WHO)
        await editor.send("/moi", f"/xem {a}", f"/chuyen {a}", f"/tuchoi {b}")
        await self._merges(a, b)
        await editor.send(f"/gop {f} {c}")
        await editor.press("Xác nhận")
        for code in (a, c, d):
            await editor.send(f"/chuyen {code} SNNMT SXD")
        await editor.send("/quahan", f"/xem {c}")
        await officer.send("/viec", *(f"/nhan {code}" for code in (a, c, d)))
        await officer.send(f"/giahan {c} 3 {says('c', 'days')} chờ đo")
        await editor.press("Cho gia hạn")
        await officer.send(
            f"/hoithem {a} {says('a', 'ask')} ở đâu?", f"/hoithem {d} {says('d', 'ask')} ở đâu?"
        )
        await self.askers["a"].press("Trả lời")
        await self.askers["a"].send(
            _photo(self.askers["a"], mark("a", "photo") + "2", f"{mark('a', 'more')} ở đây")
        )
        await editor.send(f"/nhaptay {d} {mark('d', 'more')} ở kia")
        await self.coord.send(f"/traloi {a} {says('a', 'part')} góp ý")
        await self._refuses(e)
        await self._answers()
        for who in ("a", "c"):
            await self.askers[who].send(f"/danhgia {self.codes[who]} 2 {mark(who, 'stars')}")
            await officer.send(f"/hua {self.codes[who]} 30/12/2026 {says(who, 'promise')} xong")
        await officer.send(
            f"/hua {a} đổi 31/12/2026 {says('a', 'note')} mưa",
            f"/hua {c} xong: {says('c', 'note')}",
            f"/hua {a} bỏ {says('a', 'note')} hết kinh phí",
        )
        await fetched(self.house.database)
        for held in editor.saying("tệp"):
            if "Gửi tệp cho người hỏi cùng" in held.labels:
                await editor.press("Gửi tệp cho người hỏi cùng", held)
        await self._publishes(c)
        await self._on_air(a, c)
        await editor.send(f"/dinhchinh {a} {mark('a', 'answer')} {says('a', 'wrong')} sửa lại")
        await editor.send(f"{says('a', 'why')} nhầm")
        await leader.send(f"/duyet {a}")
        await officer.send(f"/dinhchinh {c} {mark('c', 'answer')} viết rõ", "Viết chưa rõ.")
        await leader.send(f"/sualai {c} Chưa đủ.")
        await officer.send(f"/dinhchinh {c} {mark('c', 'answer')} viết rõ hơn", "Viết chưa rõ.")
        await leader.send(f"/duyet {c}")
        await editor.send(f"/duyet {c}")
        await self._publishes(c)
        await self.askers["a"].send(f"/molai {a} {mark('a', 'again')} chưa xong")
        await leader.send(f"/viec {a}")
        await self._look_around()
        await editor.send(f"/xoadulieu {d}")
        await editor.press("Hủy")
        await self.askers["c"].send("/dulieu", "/dulieu tệp", "/cuatoi")
        await editor.send(f"/kyphat 1 bỏ {a} {says('a', 'leftout')} hết giờ")
        for _ in range(13):
            clock.move(days=1)
            await tick(self.house.database)
            await self.house.deliver()
        await editor.send("/moi", "/quahan", "/duyet")
        await officer.send("/viec", f"/traloi {a}", f"{mark('a', 'answer')} lần nữa")
        await leader.send("/duyet", "/viec")
        await self.admin.send(f"/dinhchinh {c} {mark('c', 'answer')} viết lại", f"/congkhai {c} sửa")
        await self._similar()

    async def _asks(self, who: str) -> None:
        account = 7_043_196_000 + ord(who)  # long enough to be no part of another number by chance
        chat = self.askers[who] = Chat(self.house, account, f"Tài khoản {who}", "vi")
        await chat.send(
            _photo(chat, mark(who, "photo"), f"{mark(who, 'text')} Đường xã tôi hỏng, bao giờ sửa?")
        )
        await chat.press("Đồng ý")
        await chat.send(named(who), f"12 {mark(who, 'home')}", f"{mark(who, 'phone')}@a.vn")
        await chat.press("Bỏ qua")
        await chat.press("Hỏi thay tổ chức")
        await chat.send(f"Hộ {mark(who, 'firm')}")
        await chat.press("Gửi câu hỏi")
        self.codes[who] = await self._last_code()

    async def _by_post(self, who: str) -> None:
        editor = self.offices.editor
        await editor.send("/nhaptay")
        await editor.press("Thư")
        await editor.send(f"{mark(who, 'text')} Cầu xã tôi hỏng", named(who), f"5 {mark(who, 'home')}")
        await editor.send(f"{mark(who, 'phone')}@a.vn")
        await editor.press("Bỏ qua")
        await editor.press("Xác nhận")
        self.codes[who] = await self._last_code()

    async def _last_code(self) -> str:
        newest = max(await self.offices.ledger(), key=lambda row: int(row.number))
        return f"DH-{newest.year}-{newest.number:06d}"

    async def _merges(self, a: str, b: str) -> None:
        """The prompt that offers what may be the same, the one to confirm, in both of its ways."""
        editor = self.offices.editor
        await editor.send(f"/gop {b}")
        await editor.press("Hủy")
        await self.admin.send(f"/gop {b} {a}")
        await self.admin.press("Hủy")
        await editor.send(f"/gop {b} {a}")
        await editor.press("Xác nhận")

    async def _answers(self) -> None:
        offices = self.offices
        officer, leader, editor = offices.officer, offices.leader, offices.editor
        for who in ("a", "c", "d"):
            code = self.codes[who]
            await officer.send(f"/traloi {code}")
            await officer.send(f"{mark(who, 'answer')} Kính gửi {named(who)}, sẽ sửa trước 30/12/2026.")
            await officer.press("Số công văn")
            await officer.send(f"12/{says(who, 'letter')}")
            await officer.press("Gửi duyệt")
            await leader.send("/duyet", f"/sualai {code} {says(who, 'back')} viết rõ")
            words = f"/traloi {code} {mark(who, 'answer')} rõ hơn."
            words += f"\nSố công văn: 12/{says(who, 'letter')}"
            await officer.send(_document(officer, f"{says(who, 'paper').replace(' ', '_')}.pdf", words))
            await officer.send(f"{mark(who, 'answer')} và bản đồ.", reply_to=officer.last)
            await self.admin.send("/moi", f"/xem {code}")
            await self.admin.press(" tệp", self.admin.last)
            await leader.send("/duyet", f"/xem {code}", f"/duyet {code}")
            if who == "d":
                await editor.send(f"/xem {code}")
                await editor.press("Sửa rồi duyệt")
                await editor.send(f"{mark(who, 'answer')} Trân trọng.")
                await editor.press("Duyệt bản đã sửa")
            else:
                await editor.send("/duyet", f"/duyet {code}")
            await officer.send(f"/xem {code}")

    async def _publishes(self, c: str) -> None:
        editor = self.offices.editor
        await editor.send(f"/congkhai {c}")
        asker = self.askers["c"]
        if any("Đồng ý công khai" in label for shown in asker.shown for label in shown.labels):
            await asker.press("Đồng ý công khai")
            await editor.send(f"/congkhai {c}")
        await editor.press("Sửa bản công khai")
        await editor.send(f"{mark('c', 'public')} hỏi", f"{mark('c', 'public')} đáp")
        for label in ("Đã ẩn danh", "Xác nhận"):
            if any(label in one for shown in editor.shown for one in shown.labels):
                await editor.press(label)

    async def _on_air(self, a: str, c: str) -> None:
        editor = self.offices.editor
        await editor.send("/kyphat mới Đường sá", "/kyphat 1 ứng viên")
        for who, code in (("a", a), ("c", c)):
            await editor.send(f"/kyphat 1 chọn {code}", f"/kyphat 1 lời {code}")
            await editor.send(f"{mark(who, 'onair')} hỏi trên sóng")
        for typed in (
            f"mục đích Giải đáp cho {named('a')}", f"yêu cầu Ngắn gọn với {named('a')}", "mục đích",
            "thời lượng 30 phút", "ghi hình 8h 18/11/2026",
            "địa điểm Trường quay", "hình thức Tại trường quay",
            f"khách SNNMT; Trần Văn Bình; Phó Giám đốc, gặp {named('a')}",
            "câu hỏi", f"thứ tự {c} 1",
        ):  # fmt: skip
            await editor.send(f"/kyphat 1 {typed}")
        await editor.press("Lên 2")
        await editor.send("/kyphat 1", "/kichban 1")
        await editor.press("Xác nhận")
        await editor.send("/duongdan 1 https://www.youtube.com/watch?v=dQw4w9WgXcQ")
        await editor.press("Mốc thời gian")
        await editor.press(a)
        await editor.send("1:00", "/kyphat 1")
        await editor.press("Câu hỏi của kỳ")
        await editor.press("Bỏ 1")
        await editor.press("Hủy")

    async def _refuses(self, e: str) -> None:
        officer, editor = self.offices.officer, self.offices.editor
        await editor.send(f"/chuyen {e} SNNMT")
        await officer.send(f"/trave {e} {says('e', 'return')} không thuộc")
        await editor.send("/moi", f"/tuchoi {e} khieu-nai {says('e', 'refusal')} xin gửi nơi khác")
        await editor.press("Xác nhận")
        await editor.send(f"/xem {e}")
        await editor.press("Chặn người gửi")
        await editor.press("Hủy")
        await editor.send(f"/chan {e} {says('e', 'block')} quảng cáo", "/chan")
        await self.admin.send("/chan")
        await self.askers["e"].send("Sao không trả lời?")
        await self.admin.press("Bỏ chặn")
        await editor.send(f"/chan {e} {says('e', 'block')} lần nữa")

    async def _look_around(self) -> None:
        staff = (self.offices.editor, self.offices.officer, self.offices.leader, self.coord, self.admin)
        for chat in (*staff, *self.askers.values()):
            await chat.send("/hoidap đường", "/xemlai")
            await chat.press("1/2026")
            for code in self.codes.values():
                await chat.send(f"/tracuu {code}", f"/xem {code}")
                for label in ("Lịch sử", " tệp", "Xem đầy đủ"):
                    if any(label in one for one in chat.last.labels):
                        await chat.press(label, chat.last)

    async def _similar(self) -> None:
        """One more, so like the first that it is offered for merging."""
        chat = self.house.person("Sau")
        await self.offices.ask("Đường xã tôi hỏng, bao giờ sửa?", chat)
        await self.offices.editor.send(f"/gop {await self._last_code()}")

    def marks(self, who: str) -> list[str]:
        """Every word of a question, and of what offices wrote of it; but what the public reads."""
        return [mark(who, what) for what in (*FIELDS, *OFFICES) if what != "public"]


async def played(house: House, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> Story:
    """The story as it stands at its end, played once, and which notices it told."""

    async def play() -> tuple[Any, ...]:
        story = Story(await Offices.open(house))
        say = Words.say

        def heard(words: Words, notice: Notice) -> str:
            story.said.add(type(notice))
            return say(words, notice)

        with monkeypatch.context() as patched:
            patched.setattr(Words, "say", heard)
            await story.play(clock)
        offices = {who: getattr(story.offices, who) for who in STAFF}
        chats = offices | {"coord": story.coord, "admin": story.admin} | story.askers
        return (
            house.memory(),
            {name: (chat.address, chat.name) for name, chat in chats.items()},
            story.codes,
            story.said,
            clock.now(),
        )

    memory, chats, codes, said, end = await arranged(house.database, "a wide story of words", play)
    clock.move(seconds=(end - clock.now()).total_seconds())
    house.remember(memory)
    found = {name: Chat(house, address, known, "vi") for name, (address, known) in chats.items()}
    offices = Offices()
    offices.house = house
    for who in STAFF:
        setattr(offices, who, found.pop(who))
    story = Story(offices)
    story.coord, story.admin = found.pop("coord"), found.pop("admin")
    story.askers, story.codes, story.said = found, codes, said
    return story


async def fetched(database: Database) -> list[FileRow]:
    """Every file that came is kept by now; what it holds is its id at the messenger."""
    async with database.work() as work:
        for file in await work.all(sa.select(files_table).where(files_table.c.checksum.is_(None))):
            content = file.remote_id.encode()
            await files.kept(work, file.id, checksum=sha256(content).hexdigest(), size=len(content))
        return await work.all(sa.select(files_table))


async def ids_of(story: Story) -> tuple[dict[str, int], dict[str, set[int]]]:
    """The questions' ids, and who asked each, or the same."""
    async with story.house.database.reading() as work:
        rows = {row.number: row for row in await work.all(sa.select(questions))}
    ids = {who: int(rows[int(code[-6:])].id) for who, code in story.codes.items()}
    askers = {
        who: {row.asker_id for row in rows.values() if one in (row.id, row.duplicate_of_id)}
        for who, one in ids.items()
    }
    return ids, askers


def words_of(row: Row) -> str:
    return json.dumps(row.content, ensure_ascii=False)


async def left_of(story: Story, words: list[str], *, but: set[int]) -> list[tuple[str, list[str]]]:
    """What the outbox and the chats hold of these words, but those of some people: who has it, which, and where."""
    async with story.house.database.reading() as work:
        rows = [row for row in await work.all(sa.select(outbox)) if row.person_id not in but]
        addresses = {row.address for row in await work.all(sa.select(people).where(people.c.id.in_(but)))}
    found = [
        (f"row {row.id}", _held(words_of(row) + _unpacked(row.content.get("data")), words)) for row in rows
    ]
    for address, chat in story.house.messenger.chats.items():
        if address not in addresses and int(address) not in story.erased:
            held = [f"{one.html} {one.buttons} {one.name} {_unpacked(one.document)}" for one in chat]
            found += [(f"chat {address}: {one[:200]}", _held(one, words)) for one in held]
    return [one for one in found if one[1]]


def _held(text: str, words: list[str]) -> list[str]:
    return [one for one in words if one in text]


def _unpacked(document: bytes | str | None) -> str:
    """What a document of ours says: a Word file, a spreadsheet, or plain text."""
    content = b64decode(document) if isinstance(document, str) else document
    if not content:
        return ""
    if not is_zipfile(BytesIO(content)):
        return content.decode(errors="replace")
    with ZipFile(BytesIO(content)) as parts:
        return "".join(parts.read(name).decode(errors="replace") for name in parts.namelist())
