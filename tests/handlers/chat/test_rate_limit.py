"""How much one person may send: in a minute, and of questions and files in a day."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from domain.programme import Programme
from domain.questions.life import Role
from handlers.chat.crowd import MINUTES_KEPT, Crowd
from storage.engine.database import Database
from storage.people import taken
from storage.questions import questions
from storage.tables import files as files_table
from tests.conftest import SetClock
from tests.storage.engine.test_indexes import plan_of
from tests.worlds.chat import Chat, House, introduced
from tests.worlds.offices import hire
from tests.worlds.rules import rules

SLOWLY = "Xin chờ một phút"
TODAY = "là số nhiều nhất trong một ngày"


@pytest.fixture(scope="module")
def programme() -> Programme:
    return rules(
        messages_per_minute=12,
        staff_messages_per_minute=20,
        questions_per_day=2,
        files_per_day=3,
        staff_files_per_day=5,
    )


@pytest.fixture
def house(database: Database, application: Any) -> House:
    return House(database, application)


async def words_of(chat: Chat) -> str:
    """What has come of the question that somebody is writing."""
    conversation = await chat.conversation()
    return "" if conversation is None else "\n".join(part["text"] for part in conversation.data["parts"])


async def count(house: House) -> int:
    async with house.database.reading() as work:
        return int(await work.value(sa.text("SELECT count(*) FROM questions")))


async def asks(chat: Chat, text: str) -> None:
    """A question of somebody who has asked before; a minute goes by."""
    clock = chat.house.database.clock
    assert isinstance(clock, SetClock)
    clock.move(minutes=1)
    await chat.send(text)
    await chat.press("Gửi câu hỏi")


# --- in a minute --------------------------------------------------------------------------------------------------


async def test_who_sends_too_fast_hears_it_once_and_the_rest_of_the_minute_is_counted_and_dropped(
    house: House, clock: SetClock
) -> None:
    chat = house.person("Mai")
    with capture_logs() as logs:
        await chat.send(*(f"dòng {number}." for number in range(30)), apart=False)
    assert "dòng 11." in await words_of(chat)
    assert "dòng 12." not in await words_of(chat)
    assert len(chat.saying(SLOWLY)) == 1
    assert [line["dropped"] for line in logs if line["event"] == "too_many_messages"] == [1, 2, 4, 8, 16]
    assert not any("dòng" in str(line) for line in logs)
    clock.move(minutes=1)
    await chat.send("dòng sau.")
    assert "dòng sau." in await words_of(chat)
    await chat.send(*(f"lại {number}." for number in range(15)), apart=False)
    assert len(chat.saying(SLOWLY)) == 2  # once a minute


async def test_presses_count_and_are_answered_on_the_button_in_the_persons_language(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from handlers.chat.turn import Turn

    shown: list[str] = []
    show = Turn.show

    def kept(turn: Turn, text: str, *, alert: bool = False) -> None:
        shown.append(text)
        show(turn, text, alert=alert)

    monkeypatch.setattr(Turn, "show", kept)
    chat = house.person("Ann")
    await chat.send("/ngonngu")
    await chat.press("English")
    await chat.press_data("my", 99, times=30)
    (slowly,) = [text for text in shown if "wait a minute" in text]
    assert "113, 114 or 115" in slowly  # whole: a button shows no more than 200 characters
    assert len(chat.saying("You have not asked anything")) == 10


async def test_neither_a_group_nor_another_chat_gives_anybody_more(house: House) -> None:
    chat = house.person("Mai")
    group = {"id": -100, "type": "supergroup", "title": "Nhóm"}
    typed = [chat.message("/hoi", chat=group) for _ in range(14)]
    await house.receive(*({"message": body} for body in typed))
    in_group = [shown.text for shown in house.messenger.chats["-100"]]
    assert len(in_group) == 13  # twelve times where to ask, once that it is too fast
    assert SLOWLY in in_group[-1]
    await chat.send("Một câu hỏi.")
    await chat.send(chat.message("Một câu hỏi.", chat={"id": 77, "type": "private"}))
    assert not chat.shown
    assert await house_has_no_draft(house)


async def house_has_no_draft(house: House) -> bool:
    async with house.database.reading() as work:
        return not await work.all(sa.text("SELECT 1 FROM question_drafts"))


async def test_the_staff_may_send_more_and_not_without_end(house: House) -> None:
    editor = await hire(house, "Biên", Role.EDITOR)
    await editor.send(*["/moi"] * 30, apart=False)
    assert len(editor.saying(SLOWLY)) == 1
    assert len(editor.since(editor.shown[0])) == 20


async def test_whom_to_call_in_an_emergency_is_said_to_who_sends_too_fast(house: House) -> None:
    chat = house.person("Mai")
    await chat.send(*["alo."] * 14, "Nhà tôi đang cháy, cứu với!", "Cháy lớn, cứu với!", apart=False)
    assert len(chat.saying("114")) == 2  # with the numbers once, and in the word about going slowly
    assert len(chat.saying(SLOWLY)) == 1


async def test_a_backlog_after_an_outage_is_no_crowd(house: House, clock: SetClock) -> None:
    chat = house.person("Mai")
    bodies = []
    for number in range(20):
        bodies.append(chat.message(f"dòng {number}."))
        clock.move(minutes=1)
    await chat.send(*bodies, apart=False)
    assert "dòng 19." in await words_of(chat)
    assert not chat.saying(SLOWLY)


async def test_an_update_that_is_tried_again_counts_once_and_memory_stays_bounded(clock: SetClock) -> None:
    crowd = Crowd()
    for _ in range(500):
        crowd.minute_of(("telegram", "1"), clock.now()).taken.add("7")
        clock.move(minutes=1)
    clock.move(minutes=-1)
    assert crowd.minute_of(("telegram", "1"), clock.now()).taken == {"7"}
    assert len(crowd._minutes) == MINUTES_KEPT
    assert crowd.minute_of(("telegram", "1"), clock.now() - timedelta(days=1)).taken == set()
    assert len(crowd._minutes) == MINUTES_KEPT


# --- in a day -----------------------------------------------------------------------------------------------------


async def test_a_days_questions_are_counted_in_the_ledger_and_one_too_many_is_kept_for_tomorrow(
    house: House, application: Any, clock: SetClock
) -> None:
    chat = await introduced(house)
    await asks(chat, "Câu thứ hai.")
    await chat.send("/rut 1")
    await chat.press("Xác nhận")
    application.bot_data.clear()  # whatever only memory knew
    house.start()
    await asks(chat, "Câu thứ ba.")
    assert await count(house) == 2
    assert await words_of(chat) == "Câu thứ ba."
    clock.move(days=1)
    await chat.press("Gửi câu hỏi")
    assert await count(house) == 3


@pytest.mark.parametrize(
    "urgent",
    ["Tôi tố cáo ông chủ tịch xã nhận hối lộ 50 triệu đồng.", "Có cháy lớn ở chợ, cứu với!"],
    ids=["denunciation", "emergency"],
)
async def test_emergencies_and_denunciations_reach_the_editors_on_the_day_and_not_without_end(
    house: House, urgent: str
) -> None:
    chat = await introduced(house)
    for number in range(2, 8):
        await asks(chat, f"{urgent} Lần {number}.")
    assert await count(house) == 4  # as many again as a day has


async def test_a_days_files_are_counted_and_the_staff_may_send_more(house: House, clock: SetClock) -> None:
    chat, editor = await introduced(house), await hire(house, "Biên", Role.EDITOR)
    for person in (chat, editor):
        for _ in range(7):
            clock.move(minutes=1)
            await person.send(person.photo())
    assert len(chat.saying(TODAY)) == 4
    assert len(editor.saying(TODAY)) == 2
    async with house.database.reading() as work:
        assert await work.value(sa.select(sa.func.count()).select_from(files_table)) == 8
    clock.move(days=1)
    await chat.send(chat.photo())
    assert len(chat.saying(TODAY)) == 4


async def test_a_days_count_reads_only_a_persons_own_rows(database: Database) -> None:
    since = database.clock.now() - timedelta(days=1)
    asked = await plan_of(database, lambda work: questions.count_of_asker_since(work, 1, since))
    assert "ix_questions_asker_id" in asked
    today = since.date()
    sent = await plan_of(database, lambda work: taken.count(work, taken.of_person(1), today, "files"))
    assert "pk_taken" in sent or "sqlite_autoindex_taken" in sent
