"""Who asked a question that airs hears first: when, at which minute afterwards, or why not; each of it once."""

import asyncio
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from domain.programme import Programme
from domain.questions.life import Intake
from domain.subscribers.topics import Topic
from messages.words import plain
from services.airings import changes, schedule
from services.people.actors import Actor
from services.questions import intake
from services.subscribers import subscriptions
from services.subscribers.announcements import announce
from storage.engine.database import Database
from storage.rows import QuestionRow
from storage.tables import episode_questions, link_moments, links, outbox, people, questions
from tests.conftest import SetClock
from tests.worlds.on_air import OnAir, at, choose, episode
from tests.worlds.world import LAND, World, person, told

SATURDAY = "A24:2026-11-07"


@dataclass
class Chosen:
    """A question in an episode of 2026, and its asker's chat."""

    on_air: OnAir
    database: Database
    world: World
    question: QuestionRow
    episode_id: int

    async def heard(self, actor: Actor | None = None) -> list[str]:
        """What the asker was told of it on air, oldest first."""
        found = [plain(html) for html in await told(self.database, actor or self.world.asker)]
        return [text for text in found if "Kỳ 12/2026" in text]

    async def tie(self, key: str = SATURDAY) -> None:
        async with self.database.work() as work:
            await schedule.tie(work, key, self.episode_id)

    async def leave_out(self, why: str) -> None:
        async with self.database.work() as work:
            await work.run(
                sa.update(episode_questions)
                .where(episode_questions.c.question_id == self.question.id)
                .where(episode_questions.c.episode_id == self.episode_id)
                .values(left_out_at=work.now, left_out_why=why)
            )

    async def add_moment(self, kind: str, url: str, seconds: int) -> None:
        async with self.database.work() as work:
            link_id = await work.insert(
                links, episode_id=self.episode_id, kind=kind, url=url, added_at=work.now
            )
            await work.run(
                sa.insert(link_moments).values(link_id=link_id, question_id=self.question.id, seconds=seconds)
            )


@pytest.fixture
async def chosen(database: Database, world: World, clock: SetClock) -> Chosen:
    on_air = OnAir(database, clock)
    await on_air.load_slots()
    clock.at = at("4 10:00")
    async with database.work() as work:
        question = await world.answered(work)
        episode_id = await episode(work, 12, "Đất đai")
        await choose(work, world, episode_id, question.id, "Bao giờ có sổ đỏ?")
    return Chosen(on_air, database, world, question, episode_id)


async def test_chosen_alone_says_nothing_and_its_airing_is_told_once(chosen: Chosen) -> None:
    await chosen.on_air.tick("4 10:05")
    assert await chosen.heard() == []
    await chosen.tie()
    await chosen.on_air.tick("4 10:10", "4 10:15", "6 19:00", "7 20:00", "8 06:00", "8 12:00")
    (text,) = await chosen.heard()
    assert text == (
        "Câu hỏi DH-2026-000001 của ông/bà sẽ được trả lời trên sóng, trong Kỳ 12/2026, “Đất đai”. "
        "Kỳ này phát lúc: • 19:50, thứ Bảy, ngày 07/11/2026, kênh KG "
        "• 05:55, Chủ nhật, ngày 08/11/2026, kênh KG (phát lại) "
        "• 06:50, Chủ nhật, ngày 08/11/2026, kênh KG1 (phát lại) "
        "Kính mời ông/bà đón xem. Chương trình không nêu họ tên, địa chỉ của ông/bà."
    )


async def test_the_asker_hears_before_the_subscribers(chosen: Chosen) -> None:
    await chosen.on_air.subscriber("one", Topic.AIRING_EVENING)
    await chosen.tie()
    chosen.on_air.clock.at = at("6 19:00")
    await announce(chosen.database)
    assert len(await chosen.heard()) == 1  # queued, while the broadcast has not begun
    assert chosen.on_air.heard["one"] == []


async def test_everybody_who_asked_the_same_is_told_with_their_own_code_but_not_by_post(
    chosen: Chosen,
) -> None:
    world = chosen.world
    async with chosen.database.work() as work:
        await world.duplicate(work, chosen.question)
        writer = await person(work, "writer")
        posted = await world.duplicate(work, chosen.question, asker=writer)
        await work.run(sa.update(questions).where(questions.c.id == posted.id).values(channel=Intake.POST))
        await work.run(sa.update(people).where(people.c.id == writer.id).values(address=None))
        await work.run(sa.update(people).where(people.c.id == world.follower.id).values(language="en"))
    await chosen.tie()
    await chosen.on_air.tick("4 11:00")
    assert len(await chosen.heard()) == 1
    assert await chosen.heard(writer) == []
    follower = [plain(html) for html in await told(chosen.database, world.follower)]
    assert "Your question DH-2026-000002 will be answered on air, in episode 12/2026" in follower[-1]


async def test_a_moved_airing_is_told_again_and_a_cancelled_one_too(chosen: Chosen) -> None:
    await chosen.tie()
    await chosen.on_air.tick("4 11:00")
    async with chosen.database.work() as work:
        await changes.move(work, chosen.world.editor, SATURDAY, at("7 20:30"), "Bóng đá")
    await chosen.on_air.tick("4 12:00", "4 12:05")
    assert len(await chosen.heard()) == 2
    assert "Giờ phát sóng thay đổi." in (await chosen.heard())[-1]
    assert "nay phát lúc: • 20:30, thứ Bảy, ngày 07/11/2026, kênh KG" in (await chosen.heard())[-1]
    async with chosen.database.work() as work:
        await changes.cancel(work, chosen.world.editor, SATURDAY, "Bão số 13")
    await chosen.on_air.tick("4 13:00", "4 13:05")
    assert len(await chosen.heard()) == 3
    assert "Buổi phát sóng lúc 20:30, thứ Bảy, ngày 07/11/2026 của Kỳ 12/2026" in (await chosen.heard())[-1]
    await chosen.tie("A24:2026-11-21")
    await chosen.on_air.tick("4 14:00", "4 14:05")
    assert len(await chosen.heard()) == 4
    assert "sẽ được trả lời trên sóng" in (await chosen.heard())[-1]
    assert "ngày 21/11/2026" in (await chosen.heard())[-1]


async def test_afterwards_the_very_minute_is_told_once(chosen: Chosen) -> None:
    await chosen.tie()
    await chosen.on_air.tick("4 11:00")
    chosen.on_air.clock.at = at("9 09:00")
    await chosen.add_moment("newspaper", "https://baoangiang.com.vn/x", 60)
    await chosen.add_moment("youtube", "https://www.youtube.com/watch?v=abcdefghijk", 754)
    await chosen.on_air.tick("9 09:01", "9 09:02")
    await chosen.add_moment("tv", "https://kgtv.vn/video/12", 755)
    await chosen.on_air.tick("9 09:03")
    assert len(await chosen.heard()) == 2
    assert "Xem lại phần trả lời từ phút 12:34 (YouTube)" in (await chosen.heard())[-1]
    async with chosen.database.reading() as work:
        rows = await work.all(
            sa.select(outbox).where(outbox.c.person_id == chosen.world.asker.id).order_by(outbox.c.id)
        )
    assert rows[-1].content["buttons"] == [
        [["YouTube 12:34", "https://www.youtube.com/watch?v=abcdefghijk&t=754s"]]
    ]


async def test_who_asked_three_questions_of_an_episode_gets_one_message(chosen: Chosen) -> None:
    """Of the airing, of its cancelling and of the minutes: one each, with all three codes."""
    world = chosen.world
    async with chosen.database.work() as work:
        others = [await world.answered(work), await world.answered(work)]
        for other in others:
            await choose(work, world, chosen.episode_id, other.id)
    codes = [f"DH-2026-{one.number:06d}" for one in (chosen.question, *others)]
    await chosen.tie()
    await chosen.on_air.tick("4 11:00", "4 11:05")
    (text,) = await chosen.heard()
    assert text.startswith(f"Câu hỏi {codes[0]}, {codes[1]}, {codes[2]} của ông/bà sẽ được trả lời")

    chosen.on_air.clock.at = at("9 09:00")
    await chosen.add_moment("youtube", "https://www.youtube.com/watch?v=abcdefghijk", 754)
    async with chosen.database.work() as work:
        (link,) = await work.all(sa.select(links))
        for other, seconds in zip(others, (900, 960), strict=True):
            await work.run(
                sa.insert(link_moments).values(link_id=link.id, question_id=other.id, seconds=seconds)
            )
    await chosen.on_air.tick("9 09:01", "9 09:02")
    assert len(await chosen.heard()) == 2
    said = (await chosen.heard())[-1]
    for code, minute in zip(codes, ("12:34", "15:00", "16:00"), strict=True):
        assert f"{code}: từ phút {minute} (YouTube)" in said
    async with chosen.database.reading() as work:
        rows = await work.all(
            sa.select(outbox).where(outbox.c.person_id == world.asker.id).order_by(outbox.c.id)
        )
    assert [row[0][0] for row in rows[-1].content["buttons"]] == [
        "YouTube 12:34",
        "YouTube 15:00",
        "YouTube 16:00",
    ]


async def test_left_out_is_told_with_the_reason_and_the_episode_it_is_in_instead(chosen: Chosen) -> None:
    await chosen.tie()
    await chosen.on_air.tick("4 11:00")
    await chosen.leave_out("Khách mời vắng mặt <b>")
    async with chosen.database.work() as work:
        next_one = await episode(work, 13)
        await choose(work, chosen.world, next_one, chosen.question.id)
    await chosen.on_air.tick("4 12:00", "4 12:05", "9 09:00")
    assert len(await chosen.heard()) == 2
    assert (await chosen.heard())[-1] == (
        "Câu hỏi DH-2026-000001 của ông/bà không được phát sóng trong Kỳ 12/2026, “Đất đai”. "
        "Lý do: Khách mời vắng mặt <b> Câu hỏi được chuyển sang Kỳ 13/2026. "
        "Câu trả lời bằng văn bản cho ông/bà không bị ảnh hưởng."
    )


async def test_left_out_after_the_episode_aired_without_it_is_told_too(chosen: Chosen) -> None:
    await chosen.tie()
    await chosen.on_air.tick("4 11:00", "8 12:00")
    await chosen.leave_out("Thời lượng không đủ")
    await chosen.on_air.tick("9 09:00")
    assert "Lý do: Thời lượng không đủ" in (await chosen.heard())[-1]


async def test_of_a_suspected_denunciation_nobody_hears_anything(chosen: Chosen) -> None:
    async with chosen.database.work() as work:
        await work.run(
            sa.update(questions).where(questions.c.id == chosen.question.id).values(secrecy="suspected")
        )
    await chosen.tie()
    await chosen.add_moment("youtube", "https://www.youtube.com/watch?v=abcdefghijk", 754)
    await chosen.on_air.tick("4 11:00")
    await chosen.leave_out("x")
    await chosen.on_air.tick("4 11:05")
    assert await chosen.heard() == []


async def test_two_processes_at_once_tell_an_asker_once(
    chosen: Chosen, clock: SetClock, programme: Programme
) -> None:
    await chosen.tie()
    url = chosen.database.url.render_as_string(hide_password=False)
    others = [Database(url, clock=clock, programme=programme) for _ in range(3)]
    done = await asyncio.gather(*(announce(one) for one in others))
    for one in others:
        await one.close()
    assert sum(one["askers_told"] for one in done) == 1
    assert len(await chosen.heard()) == 1


async def test_who_blocked_us_is_not_invited_to_what_is_over_when_they_come_back(chosen: Chosen) -> None:
    async with chosen.database.work() as work:
        await work.run(
            sa.update(people).where(people.c.id == chosen.world.asker.id).values(unreachable_at=work.now)
        )
    await chosen.tie()
    await chosen.on_air.tick("4 11:00")
    assert await chosen.heard() == []
    await chosen.add_moment("youtube", "https://www.youtube.com/watch?v=abcdefghijk", 754)
    await chosen.on_air.tick("9 11:00")
    assert len(await chosen.heard()) == 1  # held until then: the recording stays


async def test_an_asker_who_subscribes_hears_of_the_airing_like_all(chosen: Chosen) -> None:
    async with chosen.database.work() as work:
        await subscriptions.subscribe(work, chosen.world.asker.person, Topic.AIRING_EVENING)
        other = await intake.receive(work, chosen.world.follower, LAND)
        assert other.id != chosen.question.id
    await chosen.tie()
    await chosen.on_air.tick("6 19:00")
    assert chosen.on_air.times("asker") == ["6 19:00"]
