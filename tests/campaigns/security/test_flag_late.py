"""A denunciation that is seen late: flagged in whatever status, and what was out of it by then is taken back."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.loops.broadcaster import Broadcaster
from bot.loops.pace import Pace
from domain.airings.schedule import AiringKind, AiringStatus
from domain.episodes.episodes import EpisodeNumber, EpisodePart
from domain.programme import Programme
from domain.questions.life import Role, Status
from domain.subscribers.topics import field_topic
from services.episodes import editing, episodes, guests, script_plans, selection
from services.ledger.ledger import as_json, lines
from services.operation.ticking import tick
from services.people.actors import actor_of
from services.questions import asker_decisions
from services.subscribers import subscriptions
from storage.engine.database import Database
from storage.people import people
from storage.questions import published, questions
from storage.tables import airings, deliveries, published_words
from storage.tables import questions as questions_table
from tests.conftest import SetClock
from tests.handlers.ledger.test_exports import Exports
from tests.worlds.chat import Chat, House
from tests.worlds.offices import Offices, hire
from tests.worlds.place import UNLIMITED

# Each stands nowhere else, and so is found wherever it is left.
ASKED = "Đường Cọ Biếc bao giờ hết ngập nước?"
ANSWER = "Cống Ba Bàu sẽ được khơi trước tháng 12"
ON_AIR = "Vì sao đường ở kinh Sáu Sậy ngập"
SAME = "Sao đường Lá Dừa ngập hoài"
SECRET = (ASKED, ANSWER, ON_AIR, SAME, "nhap-cong-van.pdf")
FIELD = "giao-thong"


@pytest.fixture
def programme() -> Programme:
    return UNLIMITED


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


async def ask(offices: Offices, who: Chat, text: str, name: str = "Nguyễn Thị Mai") -> str:
    await who.send(text)
    await who.press("Đồng ý")
    await who.send(name, "12 Lê Lợi")
    await who.press("Bỏ qua")
    await who.press("Bỏ qua")
    await who.press("Gửi câu hỏi")
    rows = await offices.ledger()
    return f"DH-{rows[-1].year}-{rows[-1].number:06d}"


# --- a question in each status, flagged -----------------------------------------------------------------------------


async def received(offices: Offices) -> str:
    return await ask(offices, offices.citizen, ASKED)


async def assigned(offices: Offices) -> str:
    code = await received(offices)
    await offices.editor.send(f"/chuyen {code} SNNMT")
    return code


async def accepted(offices: Offices) -> str:
    code = await assigned(offices)
    await offices.officer.send(f"/nhan {code}")
    return code


async def waiting(offices: Offices) -> str:
    code = await assigned(offices)
    await offices.officer.send(f"/hoithem {code} Đoạn nào?")
    return code


async def in_approval(offices: Offices) -> str:
    code = await assigned(offices)
    await offices.officer.send(f"/traloi {code} {ANSWER}")
    return code


async def answered(offices: Offices) -> str:
    code = await in_approval(offices)
    await offices.leader.send(f"/duyet {code}")
    await offices.editor.send(f"/duyet {code}")
    return code


async def closed(offices: Offices) -> str:
    code = await answered(offices)
    async with offices.house.database.work() as work:
        await work.run(sa.update(questions_table).values(status=Status.CLOSED))
    return code


async def refused(offices: Offices) -> str:
    code = await accepted(offices)
    await offices.editor.send(f"/tuchoi {code} khong-ro")
    await offices.editor.press("Xác nhận")
    return code


async def merged(offices: Offices) -> str:
    original = await ask(offices, offices.house.person("Gốc"), SAME, "Trần Gốc")
    await offices.editor.send(f"/chuyen {original} SNNMT")
    code = await assigned(offices)
    await offices.editor.send(f"/gop {code} {original}")
    await offices.editor.press("Xác nhận")
    return code


async def withdrawn(offices: Offices) -> str:
    code = await accepted(offices)
    await offices.citizen.send(f"/rut {code}")
    await offices.citizen.press("Xác nhận")
    return code


IN: dict[Status, Callable[[Offices], Awaitable[str]]] = {
    Status.RECEIVED: received,
    Status.ASSIGNED: assigned,
    Status.ACCEPTED: accepted,
    Status.WAITING: waiting,
    Status.IN_APPROVAL: in_approval,
    Status.ANSWERED: answered,
    Status.CLOSED: closed,
    Status.REFUSED: refused,
    Status.MERGED: merged,
    Status.WITHDRAWN: withdrawn,
}


async def askers(offices: Offices) -> set[int]:
    """Where those who asked read: what they wrote, and were answered, is theirs."""
    async with offices.house.database.reading() as work:
        rows = [await people.by_id(work, one.asker_id) for one in await offices.ledger()]
    return {int(row.address or "") for row in rows}


def left_with(house: House, without: set[int]) -> list[str]:
    """What of the secret stands in anybody's chat but these."""
    return [
        f"{address}: {one.text}"
        for address, shown in house.messenger.chats.items()
        if int(address) not in without
        for one in shown
        if any(words in f"{one.text} {one.labels} {one.name}" for words in SECRET)
    ]


async def left_for_programs(house: House) -> list[str]:
    async with house.database.reading() as work:
        rows = await questions.listed(work, statuses=frozenset(Status))
        read = [json.dumps(await as_json(work, row), ensure_ascii=False) for row in rows]
        read += [repr(line) for line in await lines(work, rows)]
        found = await published.search(work, published.key_words("ngập nước"), 10)
    assert not found
    return [one for one in read if any(words in one for words in SECRET)]


@pytest.mark.parametrize("status", list(Status))
async def test_staff_flag_in_every_status_by_one_button_and_nobody_but_editors_reads_on(
    offices: Offices, status: Status
) -> None:
    admin = await hire(offices.house, "Quản", Role.ADMIN)
    code = await IN[status](offices)
    assert (await offices.question(code)).status == status
    flagger = admin if status in (Status.RECEIVED, Status.MERGED) else offices.officer
    await admin.send(f"/xem {code}")
    await flagger.send(f"/xem {code}")
    assert any("Cọ Biếc" in one.text for one in flagger.shown)
    await flagger.press("Nghi tố cáo")
    question = await offices.question(code)
    assert (question.status, question.secrecy) == (status, "suspected")
    for reader in (admin, offices.officer, offices.leader):
        await reader.send(f"/xem {code}", f"/tracuu {code}", "/hoidap ngập", "/moi", "/viec")
    assert not left_with(offices.house, {offices.editor.address} | await askers(offices))
    assert not await left_for_programs(offices.house)
    assert any(code in one.text for one in offices.editor.saying("Nghi tố cáo:"))
    await offices.editor.send("/moi")
    assert any(code in label for label in offices.editor.last.labels) or code in offices.editor.last.text
    await offices.editor.send(f"/xem {code}")
    assert "Cọ Biếc" in offices.editor.last.text


async def test_staff_flag_by_a_command_too(offices: Offices) -> None:
    code = await closed(offices)
    await offices.officer.send(f"/nghitocao {code}")
    assert (await offices.question(code)).secrecy == "suspected"
    await offices.officer.send(f"/xem {code}")
    assert "chỉ biên tập viên được xem" in offices.officer.last.text


# --- what was out ---------------------------------------------------------------------------------------------------


class Out:
    """An answered question and all that can be out of it: to who asked the same, to the public, on air, exported."""

    admin: Chat
    code: str
    other: str

    def __init__(self, offices: Offices, exports: Exports, clock: SetClock) -> None:
        self.offices, self.house, self.exports, self.clock = offices, offices.house, exports, clock
        self.editor, self.officer = offices.editor, offices.officer
        self.same, self.at_once = self.house.person("Cùng"), self.house.person("Báo")
        self.daily = self.house.person("Gom")
        self.stranger = self.house.person("Lạ")

    @classmethod
    async def arrange(cls, offices: Offices, exports: Exports, clock: SetClock, status: Status) -> "Out":
        out = cls(offices, exports, clock)
        out.admin = await hire(out.house, "Quản", Role.ADMIN)
        out.code = await answered(offices)
        other = await ask(offices, out.same, SAME, "Trần Cùng")
        await out.editor.send(f"/gop {other} {out.code}")
        await out.editor.press("Xác nhận")
        out.other = other
        async with out.house.database.work() as work:
            await work.run(sa.update(questions_table).values(field_code=FIELD))
        for chat in (out.at_once, out.daily):
            await chat.send("/start")
        async with out.house.database.work() as work:
            for chat in (out.at_once, out.daily):
                await subscriptions.subscribe(work, await chat.row(), field_topic(FIELD))
            await subscriptions.set_daily(work, await out.daily.row(), daily=True)
        clock.move(minutes=1)
        await offices.citizen.press("Đồng ý")
        await out.editor.send(f"/congkhai {out.code}")
        await out.editor.press("Xác nhận")
        await out.broadcast()
        clock.at = clock.at.replace(hour=12, minute=30)  # 19:30: the digest of the day
        await out.broadcast()
        await out.stranger.send("/hoidap ngập nước", f"/tracuu {out.code}")
        await out.plan()
        await exports.table(out.admin)
        if status is Status.CLOSED:
            async with out.house.database.work() as work:
                await work.run(
                    sa.update(questions_table)
                    .where(questions_table.c.duplicate_of_id.is_(None))
                    .values(status=status)
                )
        return out

    async def broadcast(self) -> None:
        """What `run` does now: the scheduled work, and everything is delivered."""
        await tick(self.house.database)
        await self.house.deliver()
        await Broadcaster(
            self.house.database,
            {"telegram": self.house.messenger},
            {"telegram": Pace(1e9, 0)},
            per_second=1000,
        ).send_all()
        await self.house.deliver()

    async def plan(self) -> None:
        """A script plan with the question in it is sent to the agency."""
        async with self.house.database.work() as work:
            editor = await actor_of(work, await self.editor.row())
            episode = await episodes.create(work, editor, EpisodeNumber(2026, 12), "Thoát nước", FIELD)
            question = await self.offices.question(self.code)
            await selection.choose(work, editor, episode.id, question.id)
            await selection.word(work, editor, episode.id, question.id, ON_AIR)
            for part, typed in (
                (EpisodePart.PURPOSE, "Giải đáp."),
                (EpisodePart.REQUIREMENTS, "Ngắn gọn."),
                (EpisodePart.MINUTES, "30"),
                (EpisodePart.RECORDING, "8h 18/11/2026"),
                (EpisodePart.PLACE, "Trường quay"),
                (EpisodePart.MANNER, "Trực tiếp"),
            ):
                await editing.change(work, editor, episode.id, part, typed)
            await guests.add(work, editor, episode.id, "SYT; Nguyễn Văn An; Giám đốc")
            await work.insert(
                airings,
                kind=AiringKind.FIRST,
                starts_at=datetime(2026, 11, 21, 12, 50, tzinfo=UTC),
                channel="KG",
                medium="tv",
                status=AiringStatus.PLANNED,
                episode_id=episode.id,
                changed_at=work.now,
            )
            prepared = await script_plans.prepare(work, editor, episode.id)
            await script_plans.send(work, editor, episode.id, prepared.fingerprint)
        await self.house.deliver()

    def chats_with(self, *words: str) -> set[str]:
        """Who has these words in a chat of theirs."""
        names = {
            str(chat.address): chat.name
            for chat in (
                self.editor, self.officer, self.offices.leader, self.offices.citizen, self.same, self.at_once,
                self.daily, self.stranger, self.admin,
            )
        }  # fmt: skip
        return {
            names[address]
            for address, shown in self.house.messenger.chats.items()
            for one in shown
            if any(word in f"{one.text} {one.labels} {one.name}" for word in words)
        }


@pytest.fixture
def exports(offices: Offices, tmp_path: Path) -> Exports:
    return Exports(offices.house, tmp_path)


@pytest.mark.parametrize("status", [Status.ANSWERED, Status.CLOSED])
async def test_all_that_was_out_of_an_answer_is_taken_back_and_comes_not_by_itself_again(
    offices: Offices, exports: Exports, clock: SetClock, status: Status
) -> None:
    out = await Out.arrange(offices, exports, clock, status)
    everybody = {"Biên", "Cán", "Lãnh", "Mai", "Cùng", "Báo", "Gom", "Lạ"}
    assert out.chats_with(ASKED, ANSWER) == everybody
    assert {"Cán", "Quản"} <= out.chats_with("kich-ban", "so-cau-hoi")

    await out.officer.send(f"/xem {out.code}")
    await out.officer.press("Nghi tố cáo")
    await out.broadcast()
    for reader in (out.officer, offices.leader, out.admin, out.stranger, out.same, out.daily):
        await reader.send("/hoidap ngập", f"/tracuu {out.code}")
    await out.same.send(f"/tracuu {out.other}", "/cuatoi")
    await out.editor.send("/kyphat 12/2026 câu hỏi")
    assert not out.chats_with(ANSWER) - {"Biên", "Mai"}
    assert out.chats_with(ASKED) <= {"Biên", "Mai"}
    assert not out.chats_with(SAME) - {"Biên", "Cùng"}  # their own words in their own chat
    assert not out.chats_with(ON_AIR, "kich-ban", "so-cau-hoi") - {"Biên"}
    assert not await left_for_programs(out.house)
    question = await offices.question(out.code)
    assert (question.status, question.published_at) == (status, None)
    assert (await offices.question(out.other)).secrecy == "suspected"
    assert "đang được xem lại" in out.same.saying(out.other)[-1].text + "".join(
        one.text for one in out.same.shown
    )

    # An editor looked, and it is none: who asked the same has the answer anew, and nothing is public by itself.
    await out.editor.send(f"/xem {out.code}")
    await out.editor.press("Không phải tố cáo")
    await out.broadcast()
    assert out.chats_with(ANSWER) == {"Biên", "Mai", "Cùng", "Cán"}
    await out.stranger.send("/hoidap ngập nước", f"/tracuu {out.code}")
    assert "Lạ" not in out.chats_with(ANSWER, ASKED)
    await out.editor.send(f"/congkhai {out.code}")
    await out.editor.press("Xác nhận")
    await out.stranger.send("/hoidap ngập nước")
    assert "Lạ" in out.chats_with(ASKED)


async def test_what_strangers_read_of_an_answer_goes_with_the_askers_consent_to_publish_it(
    offices: Offices, exports: Exports, clock: SetClock
) -> None:
    out = await Out.arrange(offices, exports, clock, Status.ANSWERED)
    assert {"Báo", "Gom", "Lạ"} <= out.chats_with(ASKED, ANSWER)
    question = await offices.question(out.code)
    async with out.house.database.work() as work:
        asker = await actor_of(work, await offices.citizen.row())
        await asker_decisions.choose_publication(work, asker, question.id, agreed=False)
    await out.broadcast()
    assert out.chats_with(ASKED, ANSWER) == {"Biên", "Cán", "Lãnh", "Mai", "Cùng"}  # what is theirs stays
    assert "Tin này không còn nữa" in out.at_once.shown[-1].text


async def test_news_of_an_answer_that_waits_to_be_sent_stays_unsaid(
    offices: Offices, exports: Exports, clock: SetClock
) -> None:
    out = Out(offices, exports, clock)
    out.code = await answered(offices)
    await out.at_once.send("/start")
    async with out.house.database.work() as work:
        await work.run(sa.update(questions_table).values(field_code=FIELD))
        await subscriptions.subscribe(work, await out.at_once.row(), field_topic(FIELD))
    clock.move(minutes=1)
    await offices.citizen.press("Đồng ý")
    await out.editor.send(f"/congkhai {out.code}")
    await out.editor.press("Xác nhận")
    await out.officer.send(f"/nghitocao {out.code}")
    await out.broadcast()
    assert not [one for one in out.at_once.shown if ANSWER in one.text or ASKED in one.text]
    async with out.house.database.reading() as work:
        assert {row.state for row in await work.all(sa.select(deliveries.c.state))} <= {
            "dropped",
            "pending",
            "skipped",
        }


async def test_what_turns_out_to_be_one_after_the_answer_stays_hidden_where_it_stands(
    offices: Offices,
) -> None:
    code = await answered(offices)
    await offices.officer.send(f"/nghitocao {code}")
    await offices.editor.send(f"/xem {code}")
    await offices.editor.press("Đúng là tố cáo")
    assert (await offices.question(code)).secrecy == "suspected"  # a second thought first
    await offices.editor.press("Xác nhận")
    question = await offices.question(code)
    assert (question.status, question.secrecy) == ("answered", "confirmed")
    assert "Thanh tra tỉnh" in offices.citizen.last.text
    await offices.editor.send(f"/xem {code}")
    assert not {"Không phải tố cáo", "Đúng là tố cáo", "Công khai"} & set(offices.editor.last.labels)
    await offices.officer.send(f"/xem {code}")
    assert "chỉ biên tập viên được xem" in offices.officer.last.text


async def test_the_coded_reason_says_the_same_where_it_is_too_late_to_refuse(offices: Offices) -> None:
    code = await closed(offices)
    await offices.officer.send(f"/nghitocao {code}")
    await offices.editor.send(f"/tuchoi {code} tố cáo")
    await offices.editor.press("Xác nhận")
    question = await offices.question(code)
    assert (question.status, question.secrecy) == ("closed", "confirmed")


async def test_what_was_merged_is_as_secret_as_its_original_both_ways_and_cleared_with_it(
    offices: Offices,
) -> None:
    code = await merged(offices)
    original = f"DH-2026-{1:06d}"
    await offices.editor.send(f"/xem {code}")
    await offices.editor.press("Nghi tố cáo")
    assert {(await offices.question(one)).secrecy for one in (code, original)} == {"suspected"}
    await offices.editor.send(f"/xem {code}")
    assert "Không phải tố cáo" not in offices.editor.last.labels
    await offices.editor.press("Xem câu hỏi")  # the one into which it was merged
    assert original in offices.editor.last.text
    await offices.editor.press("Không phải tố cáo")
    assert {(await offices.question(one)).secrecy for one in (code, original)} == {"cleared"}


async def test_a_publication_and_its_words_are_gone_from_the_tables_too(offices: Offices) -> None:
    code = await answered(offices)
    await offices.citizen.press("Đồng ý")
    await offices.editor.send(f"/congkhai {code}")
    await offices.editor.press("Xác nhận")
    await offices.citizen.send(f"/danhgia {code} 1 Tôi tố cáo ông chủ tịch xã nhận hối lộ")
    question = await offices.question(code)
    assert (question.secrecy, question.published_at) == ("suspected", None)
    async with offices.house.database.reading() as work:
        assert await work.all(sa.select(published_words)) == []
