"""Subscribers through the bot: chosen by taps, told by ticks, left by one tap under the message itself."""

from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from bot.loops.broadcaster import Broadcaster
from bot.loops.pace import Pace
from domain.questions.life import Role
from services.operation.ticking import tick
from services.questions import agency_work, answers, publication
from services.questions.publication import PublicText
from storage.engine.database import Database
from storage.people import people
from storage.subscribers import subscriptions
from storage.tables import questions
from tests.conftest import SetClock
from tests.worlds.chat import Chat, House
from tests.worlds.on_air import OnAir, at
from tests.worlds.world import World, staff


@dataclass
class Programme:
    """The bot with its airing times, and a clock that is set."""

    house: House
    clock: SetClock

    async def tick(self, local: str) -> None:
        """What `run` does at a moment: the scheduled work, then everything is delivered."""
        self.clock.at = at(local)
        await tick(self.house.database)
        await self.house.deliver()
        sender = Broadcaster(
            self.house.database,
            {"telegram": self.house.messenger},
            {"telegram": Pace(1e9, 0)},
            per_second=1000,
        )
        await sender.send_all()
        await self.house.deliver()


@pytest.fixture
async def on_air(database: Database, application: Any, clock: SetClock) -> Programme:
    await OnAir(database, clock).load_slots()
    return Programme(House(database, application), clock)


async def topics(chat: Chat) -> set[str]:
    person = await chat.row()
    async with chat.house.database.reading() as work:
        return set(await subscriptions.topics_of(work, person.id))


async def test_from_the_first_tap_to_the_last(on_air: Programme) -> None:
    mai, soc = on_air.house.person("Mai"), on_air.house.person("Sóc")
    await mai.send("/dangky")
    await mai.press("tối hôm trước")
    await soc.send("/dangky")
    await on_air.tick("6 18:59")
    await on_air.tick("6 19:00")
    await on_air.tick("6 19:01")
    assert len(mai.saying("Chuyên mục sắp lên sóng")) == 1
    assert soc.saying("Chuyên mục sắp lên sóng") == []
    told = mai.last
    await mai.press("Ngừng nhận tin này", told)
    assert await topics(mai) == set()
    await mai.press("Ngừng nhận tin này", told)  # the message stays, and so does its button
    await on_air.tick("7 19:00")
    assert len(mai.saying("Chuyên mục sắp lên sóng")) == 1
    await mai.press("Nhận lại")
    await on_air.tick("20 19:00")
    assert len(mai.saying("Chuyên mục sắp lên sóng")) == 2


async def test_taking_the_consent_back_ends_the_messages(on_air: Programme) -> None:
    mai = on_air.house.person("Mai")
    await mai.send("/dangky lịch tối", "/dulieu")
    await mai.press("Rút đồng ý")
    await on_air.tick("6 19:00")
    assert mai.saying("Chuyên mục sắp lên sóng") == []


async def test_an_answer_is_read_from_its_announcement_and_its_field_is_left_there(
    on_air: Programme, database: Database
) -> None:
    reader = on_air.house.person("Sóc")
    await reader.send("/dangky đất đai")
    on_air.clock.at = at("9 10:00")
    async with database.work() as work:
        world = await World.build(work)
        editor = await staff(work, "second editor", Role.EDITOR)
        question = await world.assigned(work)
        await work.run(sa.update(questions).values(field_code="dat-dai"))
        await agency_work.submit(work, world.officer, question.id, "Trước ngày 30/11.")
        await answers.approve(work, world.leader, question.id)
        await answers.approve(work, editor, question.id)
        text = PublicText("Bao giờ có sổ đỏ?", "Trước ngày 30/11, xin mang giấy hẹn.")
        await publication.publish(work, editor, question.id, text, anonymised=True)
    await on_air.tick("9 10:01")
    (announced,) = reader.saying("Câu trả lời mới: Đất đai")
    await reader.press("Đọc câu trả lời", announced)
    assert "xin mang giấy hẹn" in reader.last.text
    await reader.press("Ngừng nhận tin này", announced)
    assert await topics(reader) == set()


async def test_who_changes_back_to_hearing_at_once_reads_what_the_digest_would_have_told(
    on_air: Programme,
) -> None:
    mai = on_air.house.person("Mai")
    on_air.clock.at = at("6 09:00")
    await mai.send("/dangky lịch", "/dangky mỗi ngày")
    await on_air.tick("6 10:00")
    assert mai.saying("Bản tin của ông/bà") == []
    await mai.send("/dangky ngay")
    (digest,) = mai.saying("Bản tin của ông/bà")
    assert "19:50, thứ Bảy, ngày 07/11/2026" in digest.text
    await on_air.tick("6 18:00")
    assert len(mai.saying("Bản tin của ông/bà")) == 1


async def test_who_blocked_the_bot_and_came_back_is_told_again(on_air: Programme) -> None:
    mai = on_air.house.person("Mai")
    await mai.send("/dangky lịch tối")
    person = await mai.row()
    async with on_air.house.database.work() as work:
        await people.update(work, person.id, unreachable_at=work.now)
    await on_air.tick("6 19:00")
    assert mai.saying("sắp lên sóng") == []
    await mai.send("/start")
    await on_air.tick("7 19:00")
    assert len(mai.saying("sắp lên sóng")) == 1
