"""Whose words a message shows, it is registered for: hiding and erasing find it by that, wherever it was shown.

Unique words stand in every field of every question. A wide story is played through the real handlers; whatever the
outbox holds of it afterwards is looked through, so that a new message that forgets to say what it shows fails here.
"""

import json
from base64 import b64decode
from io import BytesIO
from typing import Any
from zipfile import ZipFile, is_zipfile

import pytest
import sqlalchemy as sa

from domain.question import Role
from messages.notice import Notice
from messages.words import Words
from services import cards
from services.ticking import tick
from storage import questions as stored_questions
from storage.database import Database
from storage.tables import Row, outbox, outbox_questions, people, questions
from tests.conftest import SetClock
from tests.handlers.chat import Chat, House
from tests.handlers.offices import Offices, hire

FIELDS = ("text", "name", "home", "phone", "firm", "more", "again", "stars")  # of an asker
OFFICES = (
    "ask", "answer", "letter", "paper", "part", "back", "days", "promise", "note", "onair", "public", "wrong", "why",
    "return", "refusal", "leftout",
)  # fmt: skip


# They hold no word of a question: names of agencies, days, counts, codes, an office's own; what the public reads; or
# they go to who asked alone. A notice that is new is played in the story, or stands here.
NO_WORDS_OF_A_QUESTION = frozenset(
    """
    AiringCard AiringChanged AiringDecided AiringPreview AiringTied AiringTimes AiringsAnnounced
    AnswerAnnounced AskInvitation AskerAired AskerAiring AskerAiringUnsure AskerErased AssignmentsMoved
    AuditLog BroadcastAgainAsked BroadcastAsked BroadcastDraft BroadcastMoveAsked BroadcastState
    BroadcastsListed CalendarFile CardErased DaysChanged DaysListed DaysPreview DeadlinesMoved
    DraftPartAdded EditNotTaken EmergencyNumbers EpisodeNumberAsked EpisodePartAsked EpisodePartsAsked
    EpisodeShown EpisodeToTie EpisodesListed Erased ErasureAsked FilterAsked FlaggedForEditors
    GoOnWithoutReply GroupEnded GroupLinked GroupLost GuestAsked GuestChoice Help HiddenCard InvitationMade
    InviteChoice LanguageAsked LanguageChosen LedgerAsked LedgerBeingMade LedgerNotSent LedgerReady
    LedgerTakenBack LinkAnnounced LinkRemoved ListChanged LongTextKept MomentDropped OpenWorkHandedOn
    OwnDataAsked OwnDataCorrected PlanAcknowledged PlanDuesMoved PlanTakenBack PublicationChosen
    QuestionPublished QuestionWithdrawn RecordingMoved ReplyOverdue ReplyReminder ReplyToAnswer RoleRevoked
    ScheduleListed SomethingFailed SubscriberDigest SubscriptionBegun SubscriptionFieldsShown
    SubscriptionLeft SubscriptionsShown SubstituteAsked SubstituteNamed SubstituteThanked SystemHealth
    TakenFromAgency TrackCodeAsked ViewsChoice ViewsRecorded ViewsTotalled Welcome YearConfirmed YearPreview
    """.split()  # noqa: SIM905
)


def mark(who: str, what: str) -> str:
    """A word that stands nowhere else, short enough for the shortest excerpt."""
    return f"{who}z{what}z"


def _document(chat: Chat, name: str, caption: str) -> dict[str, Any]:
    content = {"file_id": f"paper of {name}", "file_unique_id": name, "file_name": name, "file_size": 9}
    return chat.message() | {"document": content, "caption": caption}


class Story:
    """Five questions: `a` with `b` merged into it, `c` published and on air, `d` that came by post, `e` refused."""

    WHO = ("a", "b", "c", "d", "e")

    def __init__(self, offices: Offices) -> None:
        self.offices = offices
        self.house = offices.house
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
        a, b, c, d, e = (self.codes[who] for who in self.WHO)
        await editor.send("/moi", f"/xem {a}", f"/chuyen {a}", f"/tuchoi {b}")
        await self._merges(a, b)
        for code in (a, c, d):
            await editor.send(f"/chuyen {code} SNNMT SXD")
        await editor.send("/quahan", f"/xem {c}")
        await officer.send("/viec", *(f"/nhan {code}" for code in (a, c, d)))
        await officer.send(f"/giahan {c} 3 {mark('c', 'days')} chờ đo")
        await editor.press("Cho gia hạn")
        await officer.send(
            f"/hoithem {a} {mark('a', 'ask')} ở đâu?", f"/hoithem {d} {mark('d', 'ask')} ở đâu?"
        )
        await self.askers["a"].press("Trả lời")
        await self.askers["a"].send(self.askers["a"].photo(f"{mark('a', 'more')} ở đây"))
        await editor.send(f"/nhaptay {d} {mark('d', 'more')} ở kia")
        await self.coord.send(f"/traloi {a} {mark('a', 'part')} góp ý")
        await self._refuses(e)
        await self._answers()
        for who in ("a", "c"):
            await self.askers[who].send(f"/danhgia {self.codes[who]} 2 {mark(who, 'stars')}")
            await officer.send(f"/hua {self.codes[who]} 30/12/2026 {mark(who, 'promise')} xong")
        await officer.send(
            f"/hua {a} đổi 31/12/2026 {mark('a', 'note')} mưa", f"/hua {c} xong: {mark('c', 'note')}"
        )
        await editor.press("Gửi tệp cho người hỏi cùng")
        await self._publishes(c)
        await self._on_air(a, c)
        await editor.send(f"/dinhchinh {a} {mark('a', 'answer')} {mark('a', 'wrong')} sửa lại")
        await editor.send(f"{mark('a', 'why')} nhầm")
        await self.askers["a"].send(f"/molai {a} {mark('a', 'again')} chưa xong")
        await leader.send(f"/viec {a}")
        await self._look_around()
        await editor.send(f"/xoadulieu {d}")
        await editor.press("Hủy")
        await self.askers["c"].send("/dulieu", "/dulieu tệp", "/cuatoi")
        await editor.send(f"/kyphat 1 bỏ {a} {mark('a', 'leftout')} hết giờ")
        for _ in range(13):
            clock.move(days=1)
            await tick(self.house.database)
            await self.house.deliver()
        await editor.send("/moi", "/quahan", "/duyet")
        await officer.send("/viec", f"/traloi {a}", f"{mark('a', 'answer')} lần nữa")
        await leader.send("/duyet", "/viec")
        await self._similar()

    async def _asks(self, who: str) -> None:
        chat = self.askers[who] = self.house.person(f"Tài khoản {who}")
        await chat.send(chat.photo(f"{mark(who, 'text')} Đường xã tôi hỏng, bao giờ sửa?"))
        await chat.press("Đồng ý")
        await chat.send(
            f"Nguyễn {mark(who, 'name')}", f"12 {mark(who, 'home')}", f"{mark(who, 'phone')}@a.vn"
        )
        await chat.press("Bỏ qua")
        await chat.press("Hỏi thay tổ chức")
        await chat.send(f"Hộ {mark(who, 'firm')}")
        await chat.press("Gửi câu hỏi")
        self.codes[who] = await self._last_code()

    async def _by_post(self, who: str) -> None:
        editor = self.offices.editor
        await editor.send("/nhaptay")
        await editor.press("Thư")
        await editor.send(
            f"{mark(who, 'text')} Cầu xã tôi hỏng", f"Lê {mark(who, 'name')}", f"5 {mark(who, 'home')}"
        )
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
            await officer.send(
                f"{mark(who, 'answer')} Kính gửi {mark(who, 'name')}, sẽ sửa trước 30/12/2026."
            )
            await officer.press("Số công văn")
            await officer.send(f"12/{mark(who, 'letter')}")
            await officer.press("Gửi duyệt")
            await leader.send("/duyet", f"/sualai {code} {mark(who, 'back')} viết rõ")
            words = f"/traloi {code} {mark(who, 'answer')} rõ hơn.\nSố công văn: 12/{mark(who, 'letter')}"
            await officer.send(_document(officer, f"{mark(who, 'paper')}.pdf", words))
            await self.admin.send("/moi", f"/xem {code}")
            await self.admin.press("Tệp đính kèm")
            await leader.send("/duyet", f"/xem {code}", f"/duyet {code}")
            await editor.send("/duyet", f"/duyet {code}")
            await officer.send(f"/xem {code}")

    async def _publishes(self, c: str) -> None:
        editor = self.offices.editor
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
            "mục đích Giải đáp", "yêu cầu Ngắn gọn", "thời lượng 30 phút", "ghi hình 8h 18/11/2026",
            "địa điểm Trường quay", "hình thức Tại trường quay", "khách SNNMT; Trần Văn Bình; Phó Giám đốc",
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
        await officer.send(f"/trave {e} {mark('e', 'return')} không thuộc")
        await editor.send("/moi", f"/tuchoi {e} khieu-nai {mark('e', 'refusal')} xin gửi nơi khác")
        await editor.press("Xác nhận")

    async def _look_around(self) -> None:
        staff = (self.offices.editor, self.offices.officer, self.offices.leader, self.coord, self.admin)
        for chat in (*staff, *self.askers.values()):
            await chat.send("/hoidap đường", "/xemlai")
            for code in self.codes.values():
                await chat.send(f"/tracuu {code}", f"/xem {code}")
                for label in ("Lịch sử", "Tệp đính kèm", "Xem đầy đủ"):
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


@pytest.fixture
async def story(
    database: Database, application: Any, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> Story:
    played = Story(await Offices.open(House(database, application)))
    say = Words.say

    def heard(words: Words, notice: Notice) -> str:
        played.said.add(type(notice))
        return say(words, notice)

    monkeypatch.setattr(Words, "say", heard)
    await played.play(clock)
    return played


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


async def test_a_message_is_registered_for_every_question_whose_words_it_shows(story: Story) -> None:
    ids, askers = await ids_of(story)
    async with story.house.database.reading() as work:
        rows = await work.all(sa.select(outbox).order_by(outbox.c.id))
        pairs = {(row.outbox_id, row.question_id) for row in await work.all(sa.select(outbox_questions))}
    of = {row.id: {row.question_id} | {q for o, q in pairs if o == row.id} for row in rows}
    places = {(row.address, row.message_id): row.id for row in reversed(rows) if row.message_id}
    forgotten, seen = [], set()
    for row in rows:
        base = row.edit_of or places.get((row.address, row.content.get("message_id")), row.id)
        for who, question_id in ids.items():
            shown = [one for one in story.marks(who) if one in words_of(row)]
            seen |= set(shown)
            if shown and row.person_id not in askers[who] and question_id not in of[row.id] | of[base]:
                forgotten.append((row.kind, who, shown, words_of(row)[:300]))
    assert forgotten == []
    assert len(seen) > 40, sorted(seen)
    notices = {one.__name__ for one in Notice.__subclasses__() if one.__module__.startswith("messages.")}
    played = {one.__name__ for one in story.said}
    assert sorted(notices - played - NO_WORDS_OF_A_QUESTION) == [], "play it in the story"


async def test_no_message_and_no_chat_of_others_holds_words_of_what_was_hidden(story: Story) -> None:
    ids, askers = await ids_of(story)
    for who in ("c", "d", "a"):
        async with story.house.database.work() as work:
            await work.run(sa.update(questions).where(questions.c.id == ids[who]).values(secrecy="suspected"))
            question = await stored_questions.by_id(work, ids[who])
            assert question is not None
            await cards.hide(work, question)
        await story.house.deliver()
        editor = (await story.offices.editor.row()).id
        assert await left_of(story, story.marks(who), but=askers[who] | {editor}) == []


async def test_no_message_and_no_chat_of_others_holds_words_of_who_was_erased(story: Story) -> None:
    for who in ("b", "a", "c", "e"):
        await story.askers[who].send("/xoadulieu")
        await story.askers[who].press("Xác nhận")
        story.erased.add(story.askers[who].address)
        assert "Đã xóa" in story.askers[who].last.text
    await story.offices.editor.send(f"/xoadulieu {story.codes['d']}")
    await story.offices.editor.press("Xác nhận")
    for who in Story.WHO:
        words = [mark(who, what) for what in FIELDS]
        assert await left_of(story, words, but=set()) == []


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
