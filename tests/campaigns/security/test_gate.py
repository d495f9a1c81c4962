"""Every entrance of an asker's words passes the gate of secrecy: a denunciation there is read by editors alone.

The tables below name the entrances, and whose words everything else holds. A new column, kind of entry, step of a
conversation or command that is in none of them fails here: say whose words it takes, and tell its story if an asker's.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from domain.programme import Programme
from domain.questions.history import EntryKind
from domain.questions.life import HIDDEN, Role, Status
from handlers.chat.registry import COMMANDS, REPLIES, STEPS
from messages.buttons import Act
from services.ledger import digests, ledger
from services.people.actors import actor_of
from services.questions import screening
from storage.engine.database import Database
from storage.questions import questions
from storage.rows import QuestionRow
from storage.tables import metadata
from tests.conftest import SetClock
from tests.handlers.deadlines.test_extensions_and_reminders import Group
from tests.worlds.chat import Chat, House
from tests.worlds.offices import ANSWER, LAND, Offices, hire
from tests.worlds.place import UNLIMITED

# Stands nowhere else, and so is found wherever it leaks.
MARK = "Rạch Bần"
WORDS = f"Tôi tố cáo ông chủ tịch xã {MARK} nhận hối lộ"
FILE = f"to-cao-chu-tich-xa-{MARK}-nhan-hoi-lo.pdf"
MAIL = f"to.cao.chu.tich.nhan.hoi.lo.{MARK.replace(' ', '.')}@thu.vn"


@dataclass
class Bureau:
    """The offices with an admin, a coordinating agency and a group; an asker with a question that is with them."""

    offices: Offices
    admin: Chat
    coord: Chat
    group: Group
    asker: Chat

    @classmethod
    async def open(cls, database: Database, application: Any) -> "Bureau":
        offices = await Offices.open(House(database, application))
        admin = await hire(offices.house, "Quản", Role.ADMIN)
        coord = await hire(offices.house, "Phối", Role.OFFICER, "SXD")
        group = Group(offices)
        await group.say(offices.officer, "/nhom@danhoi_bot")
        return cls(offices, admin, coord, group, offices.citizen)

    @property
    def editor(self) -> Chat:
        return self.offices.editor

    @property
    def officer(self) -> Chat:
        return self.offices.officer

    async def assigned(self) -> str:
        code = await self.offices.ask()
        await self.editor.send(f"/chuyen {code} SNNMT SXD")
        return code

    async def answered(self) -> str:
        code = await self.assigned()
        await self.officer.send(f"/traloi {code} {ANSWER}")
        await self.offices.leader.send(f"/duyet {code}")
        await self.editor.send(f"/duyet {code}")
        return code

    async def waiting(self) -> str:
        code = await self.assigned()
        await self.officer.send(f"/hoithem {code} Thửa đất nào?")
        return code

    async def draft(self) -> str:
        """Somebody known writes another question; the code of their first one, which is with the agencies."""
        code = await self.assigned()
        await self.asker.send("Khi nào có lịch tiếp dân?")
        return code

    async def rows(self) -> list[QuestionRow]:
        async with self.offices.house.database.reading() as work:
            return await questions.listed(work, statuses=frozenset(Status))


def document(chat: Chat, name: str = FILE, **rest: Any) -> dict[str, Any]:
    one = {"file_id": f"file-{chat.house.new_message_id()}", "file_unique_id": "x", "file_size": 900}
    return chat.message() | {"document": one | {"file_name": name, "mime_type": "application/pdf"}} | rest


# --- the entrances ------------------------------------------------------------------------------------------------

Story = Callable[[Bureau], Awaitable[None]]
ENTRANCES: dict[str, Story] = {}


def entrance(name: str) -> Callable[[Story], Story]:
    def enter(story: Story) -> Story:
        ENTRANCES[name] = story
        return story

    return enter


@entrance("text")
async def _text(bureau: Bureau) -> None:
    await bureau.offices.ask(WORDS)


@entrance("caption")
async def _caption(bureau: Bureau) -> None:
    await bureau.offices.ask()
    await bureau.asker.send(bureau.asker.photo(WORDS))
    await bureau.asker.press("Gửi câu hỏi")


@entrance("text, typed in pieces")
async def _pieces(bureau: Bureau) -> None:
    await bureau.draft()
    await bureau.asker.send("Thưa quý cơ quan", WORDS)
    await bureau.asker.press("Gửi câu hỏi")


@entrance("text, edited before it is sent")
async def _edited(bureau: Bureau) -> None:
    await bureau.assigned()
    first = bureau.asker.message("Xin hỏi lịch tiếp dân")
    await bureau.asker.send(first)
    await bureau.asker.edit(first, text=WORDS)
    await bureau.asker.press("Gửi câu hỏi")


@entrance("name of a file")
async def _file(bureau: Bureau) -> None:
    await bureau.assigned()
    await bureau.asker.send(document(bureau.asker))
    await bureau.asker.press("Gửi câu hỏi")


@entrance("name of a file, at the end of a long one")
async def _long_name(bureau: Bureau) -> None:
    await bureau.assigned()
    await bureau.asker.send(document(bureau.asker, f"{'ban-ve-' * 20}{FILE}"))
    await bureau.asker.press("Gửi câu hỏi")


@entrance("title of a recording")
async def _title(bureau: Bureau) -> None:
    await bureau.assigned()
    sound = {"file_id": "sound", "file_unique_id": "x", "file_size": 900, "duration": 5, "file_name": "a.mp3"}
    await bureau.asker.send(bureau.asker.message() | {"audio": sound | {"title": WORDS}})
    await bureau.asker.press("Gửi câu hỏi")


@entrance("organisation")
async def _organisation(bureau: Bureau) -> None:
    await bureau.draft()
    await bureau.asker.press("Hỏi thay tổ chức")
    await bureau.asker.send(WORDS)
    await bureau.asker.press("Gửi câu hỏi")


@entrance("name, given with a draft that is never sent")
async def _name(bureau: Bureau) -> None:
    await bureau.draft()
    await bureau.asker.press("Sửa tên, địa chỉ")
    await bureau.asker.send(WORDS)


@entrance("address, given with a draft that is never sent")
async def _address(bureau: Bureau) -> None:
    await bureau.draft()
    await bureau.asker.press("Sửa tên, địa chỉ")
    await bureau.asker.send("Nguyễn Thị Mai", WORDS)


@entrance("name, address and contact of a newcomer")
async def _newcomer(bureau: Bureau) -> None:
    newcomer = bureau.asker
    await newcomer.send(LAND)
    await newcomer.press("Đồng ý")
    await newcomer.send("Nguyễn Thị Mai", "12 Lê Lợi", MAIL)
    await newcomer.press("Bỏ qua")
    await newcomer.press("Gửi câu hỏi")


@entrance("/dulieu: name")
async def _correct_name(bureau: Bureau) -> None:
    await bureau.assigned()
    await bureau.asker.send(f"/dulieu họ tên {WORDS}")


@entrance("/dulieu: address of who was answered")
async def _correct_address(bureau: Bureau) -> None:
    await bureau.answered()
    await bureau.asker.send("/dulieu địa chỉ", WORDS)


@entrance("/dulieu: contact")
async def _correct_contact(bureau: Bureau) -> None:
    await bureau.assigned()
    await bureau.asker.send(f"/dulieu liên hệ {MAIL}")


@entrance("the messenger's name of somebody")
async def _display_name(bureau: Bureau) -> None:
    await bureau.assigned()
    bureau.asker.user["first_name"] = WORDS
    await bureau.asker.send("/cuatoi")


@entrance("rating")
async def _rating(bureau: Bureau) -> None:
    await bureau.asker.send(f"/danhgia {await bureau.answered()} 2 {WORDS}")


@entrance("rating, by who asked the same")
async def _rating_of_follower(bureau: Bureau) -> None:
    code = await bureau.answered()
    other = await bureau.offices.ask(who=bureau.offices.house.person("Cùng"))
    await bureau.editor.send(f"/gop {other} {code}")
    await bureau.editor.press("Xác nhận")
    same = Chat(bureau.offices.house, (await _asker_of(bureau, other)), "Cùng", "vi")
    await same.send(f"/danhgia {other} 1 {WORDS}")


async def _asker_of(bureau: Bureau, code: str) -> int:
    question = await bureau.offices.question(code)
    async with bureau.offices.house.database.reading() as work:
        address = await work.value(
            sa.select(metadata.tables["people"].c.address).where(
                metadata.tables["people"].c.id == question.asker_id
            )
        )
    return int(address)


@entrance("reopening")
async def _reopening(bureau: Bureau) -> None:
    await bureau.asker.send(f"/molai {await bureau.answered()} {WORDS}")


@entrance("reopening, asked for the words")
async def _reopening_asked(bureau: Bureau) -> None:
    await bureau.answered()
    await bureau.asker.press("Mở lại")
    await bureau.asker.send(document(bureau.asker, caption="Chưa trả lời đủ"))


@entrance("reopening, by words under the answer")
async def _reopening_replied(bureau: Bureau) -> None:
    await bureau.answered()
    answer = next(one for one in reversed(bureau.asker.shown) if ANSWER[:20] in one.text)
    await bureau.asker.send(WORDS, reply_to=answer)
    await bureau.asker.press("Mở lại")


@entrance("reply to a clarification")
async def _supply(bureau: Bureau) -> None:
    await bureau.waiting()
    await bureau.asker.press("Trả lời")
    await bureau.asker.send(WORDS)


@entrance("reply to a clarification: name of a file")
async def _supply_file(bureau: Bureau) -> None:
    await bureau.waiting()
    await bureau.asker.press("Trả lời")
    await bureau.asker.send(document(bureau.asker))


@entrance("reply to a clarification: name of a further file")
async def _supply_album(bureau: Bureau) -> None:
    await bureau.waiting()
    asked = next(one for one in reversed(bureau.asker.shown) if "Thửa đất nào?" in one.text)
    album = {"media_group_id": "album-1"}
    reply = bureau.asker.message(reply_to=asked)["reply_to_message"]
    await bureau.asker.send(document(bureau.asker, "thua-dat.pdf", reply_to_message=reply, **album))
    await bureau.asker.send(document(bureau.asker, **album))


async def _by_hand(bureau: Bureau, **said: str) -> None:
    text, name = said.get("text", LAND), said.get("name", "Lê Văn Tư")
    address, contact = said.get("address", "5 Trần Phú"), said.get("contact", "0909000111")
    await bureau.editor.send("/nhaptay")
    await bureau.editor.press("Bưu điện")
    await bureau.editor.send(text, name, address, contact)
    await bureau.editor.press("Bỏ qua")
    await bureau.editor.press("Xác nhận")


for _what in ("text", "name", "address", "contact"):
    ENTRANCES[f"by hand: {_what}"] = lambda bureau, what=_what: _by_hand(bureau, **{what: WORDS})  # type: ignore[misc]


@entrance("by hand: the reply to a clarification")
async def _supplied_by_hand(bureau: Bureau) -> None:
    await _by_hand(bureau)
    await bureau.editor.send("/chuyen 1 SNNMT SXD")
    await bureau.officer.send("/hoithem 1 Thửa đất nào?")
    await bureau.editor.send(f"/nhaptay 1 {WORDS}")


@entrance("by hand: a file with the reply to a clarification")
async def _file_by_hand(bureau: Bureau) -> None:
    await _by_hand(bureau)
    await bureau.editor.send("/chuyen 1 SNNMT SXD")
    await bureau.officer.send("/hoithem 1 Thửa đất nào?")
    await bureau.editor.press("Nhập phần bổ sung")
    await bureau.editor.send(document(bureau.editor))


# --- whose words everything holds -----------------------------------------------------------------------------------

STAFF, PROGRAMME = "the staff's", "the programme's"
PRIVATE = "an asker's, read by themselves alone"
RAW = "as it came; read by nobody"

# Columns that may hold words: the entrances through which an asker's come, or whose they are.
COLUMNS: dict[str, Any] = {
    "people.full_name": ("/dulieu: name", "name, given with a draft that is never sent", "by hand: name"),
    "people.home_address": ("/dulieu: address of who was answered", "by hand: address"),
    "people.contact": ("/dulieu: contact", "by hand: contact", "name, address and contact of a newcomer"),
    "people.display_name": ("the messenger's name of somebody",),
    "questions.organisation": ("organisation",),
    "entries.text": ("text", "rating", "reopening", "reply to a clarification"),  # by kind, below
    "files.name": (
        "name of a file",
        "name of a file, at the end of a long one",
        "title of a recording",
        "reply to a clarification: name of a file",
    ),
    "files.content_type": PROGRAMME,  # the messenger's
    "inbox.event": PROGRAMME,  # the messenger's, as are the ids of messages
    "outbox.message_id": PROGRAMME,
    "deliveries.message_id": PROGRAMME,
    "conversations.data": PRIVATE,
    "question_drafts.data": PRIVATE,
    "answers_being_written.data": PRIVATE,
    "inbox.payload": RAW,
    "outbox.content": "what the stories look at",
    "broadcast_drafts.data": STAFF,
    "broadcasts.content": STAFF,
    "published_words.word": STAFF,  # of what an editor published
    "agency_groups.title": STAFF,
    "drafts.official_letter": STAFF,
    "blocks.reason": STAFF,
    "days.note": STAFF,
    "airings.reason": STAFF,
    "episodes.title": STAFF,
    "episodes.purpose": STAFF,
    "episodes.requirements": STAFF,
    "episodes.recording_place": STAFF,
    "episodes.recording_manner": STAFF,
    "episode_guests.name": STAFF,
    "episode_guests.position": STAFF,
    "episode_questions.on_air": STAFF,
    "episode_questions.left_out_why": STAFF,
    "links.url": STAFF,
    "history.details": PROGRAMME,
    "undos.before": PROGRAMME,
    "audit.details": PROGRAMME,
    "facts.value": PROGRAMME,
    "taken.who": PROGRAMME,  # a number, or a salted digest of an address
    "outbox.error": PROGRAMME,
    "deliveries.error": PROGRAMME,
} | dict.fromkeys(
    [
        f"{table}.{column}"
        for table, columns in {
            "agencies": "name short_name", "fields": "name name_en", "agency_aliases": "alias",
            "agency_successors": "successor_code", "assignments": "agency_name", "episode_guests": "agency_name",
            "plan_receipts": "agency_name", "files": "remote_id", "subscriptions": "topic", "consents": "topic",
            "slots": "channel code", "airings": "channel", "inbox": "chat", "broadcasts": "audience",
        }.items()
        for column in columns.split()
    ],
    PROGRAMME,
)  # fmt: skip
# Columns of so few letters hold keys: a status, a kind, an address.
SHORT = 64

KINDS: dict[EntryKind, Any] = {
    EntryKind.QUESTION: ("text", "caption", "by hand: text"),
    EntryKind.SUPPLEMENT: ("reply to a clarification", "by hand: the reply to a clarification"),
    EntryKind.RATING_WORDS: ("rating", "rating, by who asked the same"),
    EntryKind.REOPEN_REASON: ("reopening", "reopening, by words under the answer"),
} | dict.fromkeys(
    (
        EntryKind.RETURN_REASON, EntryKind.CLARIFICATION, EntryKind.CONTRIBUTION, EntryKind.DRAFT,
        EntryKind.SEND_BACK_REASON, EntryKind.REFUSAL_NOTE, EntryKind.CORRECTION_REASON, EntryKind.PUBLIC_QUESTION,
        EntryKind.PUBLIC_ANSWER, EntryKind.DELIVERY_NOTE, EntryKind.EXTENSION_REASON, EntryKind.EXTENSION_REFUSAL,
        EntryKind.PROMISE, EntryKind.PROMISE_NOTE, EntryKind.EXTENSION_WORDS,
        EntryKind.UNPUBLISH_REASON, EntryKind.UNDONE,
    ),
    STAFF,
)  # fmt: skip

# Steps of a conversation, replies and commands by which somebody who is no member of the staff types words.
TYPED: dict[str, Any] = {
    "step ask.consent": ("text",),
    "step ask.check": ("text, typed in pieces", "name of a file"),
    "step ask.field": ("text, typed in pieces",),
    "step ask.name": ("name, given with a draft that is never sent",),
    "step ask.address": ("address, given with a draft that is never sent",),
    "step ask.contact": ("name, address and contact of a newcomer",),
    "step ask.organisation": ("organisation",),
    "step own_data": ("/dulieu: address of who was answered",),
    "step after_answer": ("reopening, by words under the answer",),
    "step reopen": ("reopening, asked for the words",),
    "step supply": ("reply to a clarification",),
    "step album": ("reply to a clarification: name of a further file",),
    "step long": ("text",),  # kept until it is whole, then handed on to any of the others
    "step track": ("text",),  # a code, or the beginning of a question
    "step supply_for": ("by hand: a file with the reply to a clarification",),
    **{f"step hand.{what}": (f"by hand: {what}",) for what in ("text", "name", "address", "contact")},
    "reply answer": ("reopening, by words under the answer",),
    "reply clarification": ("reply to a clarification: name of a further file",),
    "command hoi": ("text",),
    "command danhgia": ("rating",),
    "command molai": ("reopening",),
    "command dulieu": ("/dulieu: name", "/dulieu: contact"),
} | dict.fromkeys(
    (
        "reply card", "step agency", "step airing_add", "step airing_cancel", "step airing_move", "step airing_tie",
        "step answer", "step ask_more", "step broadcast", "step broadcast_move", "step correct_why",
        "step day_typed", "step delivery", "step episode_guest", "step episode_leave_out", "step episode_new",
        "step episode_on_air", "step episode_part", "step episode_substitute", "step extend", "step hand.channel",
        "step hand.field", "step invite_agency", "step link_add", "step link_moment", "step link_views", "step merge",
        "step official_letter", "step promise", "step promise_kept", "step promise_move", "step publish_answer",
        "step publish_question", "step publish_unagreed", "step question_field", "step refuse_extension",
        "step return", "step send_back",
        "step which_agency",
        "step grant_in_words", "step stray", "step unpublish", "step promise_withdraw",
        "step block",
    ),
    STAFF,
) | dict.fromkeys(
    # take a code, a choice or a search, and keep no words
    (
        "command start", "command cuatoi", "command tracuu", "command lich", "command xemlai", "command hoidap",
        "command dangky", "command rut", "command xoadulieu", "command ngonngu", "command huy", "command trogiup",
    ),
    "nobody's",
)  # fmt: skip


def _named(table: dict[Any, Any]) -> set[str]:
    return {story for stories in table.values() if isinstance(stories, tuple) for story in stories}


def test_every_column_that_may_hold_words_says_whose_they_are() -> None:
    held = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.JSON)
        or (isinstance(column.type, sa.String) and (column.type.length or 1_000) > SHORT)
    }
    assert held <= set(COLUMNS), f"whose words are these? {sorted(held - set(COLUMNS))}"
    known = {f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns}
    assert set(COLUMNS) <= known


def test_every_kind_of_entry_says_whose_words_it_has() -> None:
    assert set(KINDS) == set(EntryKind)


def test_every_step_reply_and_command_by_which_people_type_says_whose_words_it_takes() -> None:
    typed = {f"step {name}" for name in STEPS} | {f"reply {about}" for about in REPLIES}
    typed |= {f"command {one.name}" for one in COMMANDS.values() if not one.audience}
    assert set(TYPED) == typed


def test_every_entrance_that_is_named_has_its_story() -> None:
    assert _named(COLUMNS) | _named(KINDS) | _named(TYPED) <= set(ENTRANCES)


# --- the stories ------------------------------------------------------------------------------------------------------


@pytest.fixture
def programme() -> Programme:
    return UNLIMITED  # nothing that is looked at is dropped for being too much


@pytest.fixture
async def bureau(database: Database, application: Any) -> Bureau:
    return await Bureau.open(database, application)


async def look_around(bureau: Bureau) -> None:
    """Whoever is no editor looks wherever they may, all at once."""
    looks: list[dict[str, Any]] = []
    typed = ["/viec", "/duyet", "/moi", "/quahan", "/nhatky", "/hoidap hối lộ"]
    rows = await bureau.rows()
    for person in (bureau.officer, bureau.offices.leader, bureau.coord, bureau.admin):
        codes = [f"DH-{row.year}-{row.number:06d}" for row in rows]
        said = [*typed, *(f"/xem {code}" for code in codes), *(f"/tracuu {code}" for code in codes)]
        looks += [{"message": person.message(one)} for one in said]
        looks += [
            {"callback_query": pressed(person, f"{act}:{row.id}")}
            for row in rows
            for act in (Act.FILES, Act.HISTORY, Act.OPEN)
        ]
    await bureau.offices.house.receive(*looks)


def pressed(person: Chat, data: str) -> dict[str, Any]:
    bot = {"id": 1, "is_bot": True, "first_name": "Dân hỏi"}
    card = {"message_id": 1, "date": 1_793_600_000, "text": "…", "from": bot}
    return {
        "id": str(person.house.new_message_id()),
        "from": person.user,
        "chat_instance": "1",
        "data": data,
        "message": card | {"chat": {"id": person.address, "type": "private"}},
    }


async def everything_told(bureau: Bureau) -> list[str]:
    """All that stands in the chats of whoever is no editor and not among the askers, and what programs read."""
    house = bureau.offices.house
    askers = {str(bureau.asker.address), str(bureau.editor.address)}
    for question in await bureau.rows():
        if question.channel == "telegram":
            askers.add(str(await _asker_of(bureau, f"DH-2026-{question.number:06d}")))
    told = []
    for address, shown in house.messenger.chats.items():
        if address not in askers:
            told += [f"{address}: {one.text} {one.labels} {one.name} {one.document!r}" for one in shown]
    for address, files in house.messenger.files.items():
        if address not in askers:
            told += [f"{address}: file {name}" for name in files.values()]
    async with house.database.reading() as work:
        rows = await questions.listed(work, statuses=frozenset(Status))
        told += [json.dumps(await ledger.as_json(work, row), ensure_ascii=False) for row in rows]
        told += [repr(line) for line in await ledger.lines(work, rows)]
        outbox = metadata.tables["outbox"]
        waiting = sa.select(outbox.c.address, outbox.c.content).where(outbox.c.state.in_(("queued", "held")))
        told += [
            f"{one.address}: {one.content}" for one in await work.all(waiting) if one.address not in askers
        ]
    return told


@pytest.mark.parametrize("name", ENTRANCES)
async def test_a_denunciation_is_read_by_editors_alone_by_whichever_entrance_it_comes(
    bureau: Bureau, clock: SetClock, name: str
) -> None:
    before = [one.id for one in bureau.officer.shown]
    await ENTRANCES[name](bureau)
    hidden = [row for row in await bureau.rows() if row.secrecy in HIDDEN]
    assert hidden, "nobody suspected it"
    for row in hidden:
        called = [one for one in bureau.editor.saying("Nghi tố cáo:") if f"{row.number:06d}" in one.text]
        assert called or row.duplicate_of_id is not None, "no editor was called"
    await look_around(bureau)
    clock.move(days=1)
    await digests.send_digests(bureau.offices.house.database)
    await bureau.offices.house.deliver()
    folded = (MARK, MARK.replace(" ", "."), FILE, "nhận hối lộ", "nhan.hoi.lo")
    leaks = [one for one in await everything_told(bureau) if any(word in one for word in folded)]
    assert not leaks, "\n".join(leaks)
    assert len(bureau.officer.shown) > len(before)  # they looked, and so would have seen


async def test_an_edit_of_what_was_sent_already_is_not_taken_at_all(bureau: Bureau) -> None:
    await bureau.assigned()
    first = bureau.asker.message("Xin hỏi lịch tiếp dân")
    await bureau.asker.send(first)
    await bureau.asker.press("Gửi câu hỏi")
    await bureau.asker.edit(first, text=WORDS)
    assert not [row for row in await bureau.rows() if row.secrecy in HIDDEN]
    await look_around(bureau)
    assert not [one for one in await everything_told(bureau) if MARK in one]


async def test_new_words_hide_again_what_an_editor_had_cleared(bureau: Bureau) -> None:
    await _rating(bureau)
    async with bureau.offices.house.database.work() as work:
        await screening.clear(
            work, await actor_of(work, await bureau.editor.row()), (await bureau.rows())[0].id
        )
    await bureau.asker.send("/danhgia 1 3 Cảm ơn")
    assert (await bureau.rows())[0].secrecy == "cleared"  # the old words are no reason any more
    await bureau.asker.send(f"/danhgia 1 1 {WORDS} thêm lần nữa")
    assert (await bureau.rows())[0].secrecy == "suspected"


async def test_what_is_said_in_disguise_is_stopped_like_the_plain_words(bureau: Bureau) -> None:
    for words in (
        "t.ố c.á.o chủ tịch",
        "toos caos oong Nam",
        "ｔố ｃáｏ chủ tịch",
        "The chairman took bribes",
    ):
        await bureau.asker.send(f"/danhgia {await bureau.answered()} 1 {words} {MARK}")
        assert (await bureau.rows())[-1].secrecy == "suspected", words
    assert not [one for one in await everything_told(bureau) if MARK in one]


async def test_what_is_queued_in_the_transaction_of_the_words_keeps_them_too(bureau: Bureau) -> None:
    """Before anything is delivered: nothing for the agency that the words have caused waits in the outbox."""
    code = await bureau.answered()
    body = bureau.asker.message(f"/molai {code} {WORDS}")
    await bureau.offices.house.receive({"message": body}, deliver=False)
    assert not [one for one in await everything_told(bureau) if MARK in one]
