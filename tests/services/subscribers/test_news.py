"""Published answers by field, at once; and the digest of those who want one message a day."""

import pytest
import sqlalchemy as sa

from channels.telegram.compose import split
from domain.broadcasts.broadcasts import BroadcastKind, BroadcastStatus
from domain.privacy.consent import Consent
from domain.programme import Programme
from domain.subscribers.topics import Topic, field_topic
from messages.notices.subscribers import (
    AiringChanged,
    AiringsAnnounced,
    AnnouncedAiring,
    ChangedAiring,
    NewAnswer,
    NewLink,
    SubscriberDigest,
)
from messages.words import plain, words
from services.questions import agency_work, answers, asker_decisions, publication
from services.questions.publication import PublicText
from services.subscribers import news, subscriptions
from services.subscribers.announcements import announce
from storage.engine.database import Database, Work
from storage.people import consents, people
from storage.rows import QuestionRow
from storage.tables import broadcasts, deliveries, links, outbox, questions
from tests.conftest import SetClock
from tests.worlds.on_air import OnAir, at, episode
from tests.worlds.world import World

LAND = field_topic("dat-dai")
PUBLIC = PublicText("Bao giờ có sổ đỏ?", "Trước ngày 30/11.")


@pytest.fixture
async def on_air(database: Database, clock: SetClock) -> OnAir:
    found = OnAir(database, clock)
    await found.load_slots()
    clock.at = at("9 10:00")
    return found


async def answered(work: Work, world: World, field: str = "dat-dai") -> QuestionRow:
    """A question with its answer, in a field."""
    question = await world.answered(work)
    await work.run(sa.update(questions).where(questions.c.id == question.id).values(field_code=field))
    return question


async def published(
    database: Database, world: World, text: PublicText = PUBLIC, field: str = "dat-dai"
) -> QuestionRow:
    async with database.work() as work:
        question = await answered(work, world, field)
        return (await publication.publish(work, world.editor, question.id, text, anonymised=True)).question


async def link(database: Database, number: int) -> None:
    async with database.work() as work:
        episode_id = await episode(work, number)
        url = f"https://youtu.be/abc{number}"
        await work.insert(links, episode_id=episode_id, kind="youtube", url=url, added_at=work.now)


# --- answers ---------------------------------------------------------------------------------------------------


async def test_a_published_answer_is_told_to_those_who_follow_its_field_in_its_public_words(
    on_air: OnAir, database: Database, world: World
) -> None:
    await on_air.subscriber("land", LAND)
    await on_air.subscriber("en", LAND, language="en")
    await on_air.subscriber("health", field_topic("y-te"))
    question = await published(database, world)
    await on_air.deliver()
    assert on_air.last("land") == (
        "Câu trả lời mới: Đất đai Câu hỏi DH-2026-000001: Bao giờ có sổ đỏ? "
        "Sở Nông nghiệp và Môi trường trả lời: Trước ngày 30/11."
    )
    assert on_air.last("en").startswith("A new answer: Land Question DH-2026-000001:")
    assert on_air.buttons["land"] == [
        ["Đọc câu trả lời", f"tr:{question.id}"],
        ["Ngừng nhận tin này", "sul:field:dat-dai"],
    ]
    assert on_air.heard["health"] == []


async def test_whoever_asked_it_does_not_hear_of_their_own_answer_again(
    on_air: OnAir, database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await answered(work, world)
        await world.duplicate(work, question)
        for one in (world.asker, world.follower, world.outsider):
            await subscriptions.subscribe(work, one.person, LAND)
        await publication.publish(work, world.editor, question.id, PUBLIC, anonymised=True)
    await on_air.deliver()
    assert set(on_air.heard) == {"outsider"}


async def test_a_publication_taken_back_is_not_sent_any_more(
    on_air: OnAir, database: Database, world: World
) -> None:
    await on_air.subscriber("one", LAND)
    await on_air.subscriber("two", LAND)
    async with database.work() as work:
        question = await answered(work, world)
        await asker_decisions.choose_publication(work, world.asker, question.id, agreed=True)
        await publication.publish(work, world.editor, question.id, PUBLIC)
    await on_air.deliver(limit=1)
    async with database.work() as work:
        await asker_decisions.choose_publication(work, world.asker, question.id, agreed=False)
    await on_air.deliver()
    assert len(on_air.heard["one"]) + len(on_air.heard["two"]) == 1


async def test_an_answer_that_turned_out_a_denunciation_is_told_nobody(
    on_air: OnAir, database: Database, world: World
) -> None:
    await on_air.subscriber("one", LAND)
    question = await published(database, world)
    async with database.work() as work:
        await work.run(sa.update(questions).where(questions.c.id == question.id).values(secrecy="confirmed"))
    await on_air.deliver()
    assert on_air.heard["one"] == []


async def test_subscribers_hear_of_a_correction_and_what_they_were_told_before_is_taken_back(
    on_air: OnAir, database: Database, world: World
) -> None:
    await on_air.subscriber("one", LAND)
    async with database.work() as work:
        question = await answered(work, world)
        await asker_decisions.choose_publication(work, world.asker, question.id, agreed=True)
        await publication.publish(work, world.editor, question.id)
    await on_air.deliver()
    assert "30/11/2026" in on_air.last("one")
    async with database.work() as work:
        await work.run(sa.update(deliveries).values(message_id="77"))
        await world.corrected(work, question.id, "Trước ngày 15/12/2026.")
        rows = await work.all(sa.select(outbox).where(outbox.c.kind == "edit").order_by(outbox.c.id))
    assert any("Tin này không còn nữa" in row.content.get("html", "") for row in rows)
    await on_air.deliver()
    assert len(on_air.heard["one"]) == 2
    assert "15/12/2026" in on_air.last("one")


async def test_an_announcement_that_waits_says_nothing_of_an_answer_that_was_corrected(
    on_air: OnAir, database: Database, world: World
) -> None:
    await on_air.subscriber("one", LAND)
    async with database.work() as work:
        question = await answered(work, world)
        await asker_decisions.choose_publication(work, world.asker, question.id, agreed=True)
        await publication.publish(work, world.editor, question.id)
        await world.corrected(work, question.id, "Trước ngày 15/12/2026.")
    await on_air.deliver()
    assert len(on_air.heard["one"]) == 1
    assert "15/12/2026" in on_air.last("one")


async def test_published_twice_it_is_told_once_and_a_new_answer_anew(
    on_air: OnAir, database: Database, world: World
) -> None:
    await on_air.subscriber("one", LAND)
    async with database.work() as work:
        question = await answered(work, world)
        for _ in range(2):
            await asker_decisions.choose_publication(work, world.asker, question.id, agreed=True)
            await publication.publish(work, world.editor, question.id, PUBLIC)
            await asker_decisions.choose_publication(work, world.asker, question.id, agreed=False)
        await asker_decisions.choose_publication(work, world.asker, question.id, agreed=True)
        await publication.publish(work, world.editor, question.id, PUBLIC)
    await on_air.deliver()
    assert len(on_air.heard["one"]) == 1
    async with database.work() as work:
        await asker_decisions.reopen(work, world.asker, question.id, "Chưa rõ.")
        await agency_work.submit(work, world.officer, question.id, "Câu trả lời khác.")
        await answers.approve(work, world.leader, question.id)
        await answers.approve(work, world.editor, question.id)
        await publication.publish(work, world.editor, question.id, PublicText("Hỏi", "Trả lời mới."))
    await on_air.deliver()
    assert len(on_air.heard["one"]) == 2
    assert "Trả lời mới." in on_air.last("one")


# --- digests ---------------------------------------------------------------------------------------------------


async def test_a_daily_reader_gets_what_was_new_once_a_day_and_nothing_at_once(
    on_air: OnAir, database: Database, world: World
) -> None:
    on_air.clock.at = at("20 09:00")
    await on_air.subscriber("daily", LAND, Topic.LINKS, Topic.AIRING_SOON, daily=True)
    on_air.clock.at = at("20 10:00")
    await published(database, world)
    await published(database, world, field="y-te")
    await link(database, 12)
    await on_air.tick("20 10:05", "20 17:59")
    assert on_air.heard["daily"] == []
    await on_air.tick("20 18:00", "20 18:20", "20 19:00", "21 19:20")
    assert on_air.times("daily") == ["20 18:00", "21 19:20"]
    assert on_air.heard["daily"][0][1] == (
        "Bản tin của ông/bà Lịch phát sóng • 19:50, thứ Bảy, ngày 21/11/2026, kênh KG "
        "Kỳ mới để xem lại • Kỳ 12/2026, YouTube: Cấp giấy chứng nhận quyền sử dụng đất "
        "Câu trả lời mới • DH-2026-000001 (Đất đai): Bao giờ có sổ đỏ? "
        "Xem đầy đủ: /tracuu và mã câu hỏi."
    )
    # That of Saturday 18:00, late: the repeats of Sunday are to be told.
    assert "Bao giờ" not in on_air.last("daily")
    assert on_air.buttons["daily"] == [["Ngừng nhận tin này", "sul:digest"]]


async def test_nothing_new_is_not_sent(on_air: OnAir, database: Database, world: World) -> None:
    await on_air.subscriber("daily", LAND, Topic.AIRING_EVENING, daily=True)
    await published(database, world, field="y-te")
    await on_air.tick("9 18:00", "10 18:00")
    assert on_air.heard["daily"] == []
    async with database.reading() as work:
        rows = await work.all(sa.select(broadcasts).where(broadcasts.c.kind == BroadcastKind.DIGEST))
    assert [row.status for row in rows] == [BroadcastStatus.DONE] * 2


async def test_a_missed_digest_is_sent_once_late_and_loses_nothing(
    on_air: OnAir, database: Database, world: World
) -> None:
    await on_air.subscriber("daily", LAND, daily=True)
    await published(database, world, PublicText("Câu một?", "Một."))
    on_air.clock.at = at("10 12:00")
    await published(database, world, PublicText("Câu hai?", "Hai."))
    await on_air.tick("12 09:00", "12 09:01")  # an outage of days
    ((when, text),) = on_air.heard["daily"]
    assert when == "12 09:00"
    assert "Câu một?" in text
    assert "Câu hai?" in text
    on_air.clock.at = at("12 12:00")
    await published(database, world, PublicText("Câu ba?", "Ba."))
    await on_air.tick("12 18:00")
    assert on_air.times("daily") == ["12 09:00", "12 18:00"]
    assert "Câu ba?" in on_air.last("daily")
    assert "Câu hai?" not in on_air.last("daily")


async def test_nobody_reads_of_their_own_answer_in_a_digest(
    on_air: OnAir, database: Database, world: World
) -> None:
    async with database.work() as work:
        await subscriptions.subscribe(work, world.asker.person, LAND)
        await subscriptions.set_daily(work, world.asker.person, daily=True)
    on_air.clock.move(minutes=1)
    await published(database, world)
    await on_air.tick("9 18:00")
    assert on_air.heard["asker"] == []


async def test_late_in_the_night_it_waits_for_the_morning(
    on_air: OnAir, database: Database, world: World
) -> None:
    await on_air.subscriber("daily", LAND, daily=True)
    await published(database, world)
    await on_air.tick("9 22:00", "10 05:59", "10 06:00")
    assert on_air.times("daily") == ["10 06:00"]


async def test_who_was_not_reached_reads_it_in_the_next_one(
    on_air: OnAir, database: Database, world: World
) -> None:
    daily = await on_air.subscriber("daily", LAND, daily=True)
    await published(database, world, PublicText("Câu một?", "Một."))
    async with database.work() as work:
        await people.update(work, daily.id, unreachable_at=work.now)
    await on_air.tick("9 18:00")
    async with database.work() as work:
        await people.update(work, daily.id, unreachable_at=None)
    await on_air.tick("10 18:00", "11 18:00")
    assert on_air.times("daily") == ["10 18:00"]
    assert "Câu một?" in on_air.last("daily")


async def test_a_digest_still_under_way_gives_way_to_the_next(
    on_air: OnAir, database: Database, world: World
) -> None:
    for name in ("one", "two"):
        await on_air.subscriber(name, LAND, daily=True)
    await published(database, world, PublicText("Câu một?", "Một."))
    on_air.clock.at = at("9 18:00")
    await announce(database)
    await on_air.deliver(limit=1)
    on_air.clock.at = at("10 12:00")
    await published(database, world, PublicText("Câu hai?", "Hai."))
    await on_air.tick("10 18:00")
    assert "Câu một?" in on_air.last("two")
    assert "Câu hai?" in on_air.last("two")
    assert "Câu một?" not in on_air.last("one")
    assert len(on_air.heard["two"]) == 1
    async with database.reading() as work:
        rows = await work.all(
            sa.select(broadcasts.c.status)
            .where(broadcasts.c.kind == BroadcastKind.DIGEST)
            .order_by(broadcasts.c.id)
        )
    assert [row.status for row in rows] == [BroadcastStatus.CANCELLED, BroadcastStatus.DONE]


async def test_a_long_digest_is_cut_with_a_count_of_more(
    on_air: OnAir, database: Database, world: World
) -> None:
    reader = await on_air.subscriber("daily", LAND, Topic.LINKS, daily=True)
    on_air.clock.move(minutes=1)
    async with database.work() as work:
        first = await answered(work, world)
        first = (await publication.publish(work, world.editor, first.id, PUBLIC, anonymised=True)).question
        copied = [column.name for column in questions.c if column.name not in ("id", "number")]
        for number in range(2, 14):
            values = {name: getattr(first, name) for name in copied}
            await work.insert(questions, **values | {"number": number})
    for number in range(1, 9):
        await link(database, number)
    async with database.reading() as work:
        notice = await news.digest(work, reader.person, work.now)
        assert notice is not None
        text = plain(words("vi", work.programme.timezone).say(notice))
    assert text.count("youtu") == 0
    assert text.count("• DH-2026-") == 8
    assert "Và 5 câu trả lời nữa: /hoidap" in text
    assert text.count("• Kỳ") == 6
    assert "Và 2 đường dẫn nữa: /xemlai" in text
    assert "Kỳ 8/2026" in text  # the newest are shown


async def test_changing_to_a_digest_and_back_loses_nothing_and_tells_nothing_twice(
    on_air: OnAir, database: Database, world: World
) -> None:
    reader = await on_air.subscriber("one", LAND)
    on_air.clock.at = at("9 22:00")  # what is published in the night waits
    await published(database, world, PublicText("Câu một?", "Một."))
    on_air.clock.at = at("9 23:00")
    async with database.work() as work:
        await subscriptions.set_daily(work, reader.person, daily=True)
    await on_air.tick("10 06:00")
    assert on_air.heard["one"] == []
    on_air.clock.at = at("10 12:00")
    async with database.work() as work:
        handed_over = await news.digest(work, reader.person, work.now)
        assert handed_over is not None
        assert await subscriptions.set_daily(work, reader.person, daily=False)
        assert not await subscriptions.set_daily(work, reader.person, daily=False)
    await on_air.tick("10 18:00")
    assert on_air.heard["one"] == []


async def test_who_changes_to_a_digest_while_something_is_sent_reads_it_there_and_nothing_else_again(
    on_air: OnAir, database: Database, world: World
) -> None:
    await on_air.subscriber("one", LAND)
    two = await on_air.subscriber("two", LAND)
    on_air.clock.at = at("9 10:05")
    await published(database, world, PublicText("Câu một?", "Một."))
    await on_air.deliver()
    on_air.clock.at = at("9 11:00")
    await published(database, world, PublicText("Câu hai?", "Hai."))
    await on_air.deliver(limit=1)
    on_air.clock.at = at("9 11:01")
    async with database.work() as work:
        await subscriptions.set_daily(work, two.person, daily=True)
    await on_air.deliver()
    await on_air.tick("9 18:00")
    assert on_air.times("two") == ["9 10:05", "9 18:00"]
    assert "Câu hai?" in on_air.last("two")
    assert "Câu một?" not in on_air.last("two")


async def test_who_changes_to_hearing_at_once_in_the_night_is_told_in_the_morning_only(
    on_air: OnAir, database: Database, world: World
) -> None:
    one = await on_air.subscriber("one", LAND, daily=True)
    on_air.clock.at = at("9 22:00")
    await published(database, world, PublicText("Câu một?", "Một."))
    on_air.clock.at = at("9 23:00")
    async with database.work() as work:
        until = await subscriptions.digested_until_now(work, one.person)
        assert await news.digest(work, one.person, until) is None
        await subscriptions.set_daily(work, one.person, daily=False)
    await on_air.tick("10 06:00", "10 18:00")
    assert on_air.times("one") == ["10 06:00"]


async def test_the_consent_of_a_subscription_is_kept_with_its_version(
    on_air: OnAir, database: Database
) -> None:
    reader = await on_air.subscriber("one", LAND)
    async with database.reading() as work:
        consent = await consents.latest(work, reader.id, Consent.SUBSCRIPTION)
    assert consent is not None
    assert (consent.topic, consent.version) == (LAND, "2026-11")


async def test_all_recipients_of_a_language_share_one_rendering(
    on_air: OnAir, database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[int] = []
    real = publication.published_text

    async def counted(work: Work, question: QuestionRow) -> PublicText | None:
        said.append(question.id)
        return await real(work, question)

    monkeypatch.setattr(publication, "published_text", counted)
    for index in range(20):
        await on_air.subscriber(f"reader {index}", LAND, language="vi" if index % 2 else "en")
    await published(database, world)
    said.clear()
    await on_air.deliver()
    assert len(on_air.heard) == 20
    assert len(said) == 2


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_longest_of_each_is_one_message(language: str, programme: Programme) -> None:
    long = "Một câu rất dài " * 60
    line = AnnouncedAiring(at("21 19:50"), "K" * 64, True, "136/2026", long)
    moved = ChangedAiring(at("21 19:50"), at("22 19:50"), "K" * 64, True)
    named, asked = "Công nghiệp, thương mại, dịch vụ", "x" * news.DIGEST_LINE
    notices = [
        SubscriberDigest(
            airings=(line,) * news.DIGEST_AIRINGS,
            links=(NewLink("portal", "136/2026", long, f"https://x.vn/{'a' * 900}"),) * news.DIGEST_LINKS,
            more_links=99,
            answers=(NewAnswer("DH-2026-000123", named, asked),) * news.DIGEST_ANSWERS,
            more_answers=99,
        ),
        AiringsAnnounced(
            evening=True,
            airings=(line,) * news.AIRINGS_TOLD,
            topics=("x" * news.TOPIC,) * news.TOPICS,
        ),
        AiringChanged((moved,) * news.AIRINGS_TOLD, "136/2026", long, long),
    ]
    for notice in notices:
        assert len(split(words(language, programme.timezone).say(notice))) == 1
