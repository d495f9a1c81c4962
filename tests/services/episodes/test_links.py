"""Links of an episode: who may add them, what is announced, where questions are answered, how many viewed them."""

from datetime import date

import pytest
import sqlalchemy as sa

from domain.episodes.links import LinkKind
from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code
from domain.questions.life import Secrecy
from messages.notices.links import EpisodeViews
from messages.words import words
from services.episodes import links
from services.operation import loading
from services.operation.loading.lines import BadFile
from services.operation.loading.views import read_counts
from storage.engine.database import Database
from storage.episodes import links as stored
from storage.rows import EpisodeRow
from storage.tables import link_moments, link_views
from storage.tables import questions as questions_table
from tests.conftest import SetClock
from tests.worlds.aired import VIDEO, announced, choose, episode, leave_out
from tests.worlds.world import World

ARCHIVE = "https://kgtv.vn/dan-hoi/ky-12"
CLIP = "https://www.tiktok.com/@kgtv/video/7"
# The clock stands at Monday 2/11/2026.
TODAY, YESTERDAY = date(2026, 11, 2), date(2026, 11, 1)


async def refusal(database: Database, job: object) -> Reason:
    """Why a service refused; nothing it did is kept."""
    with pytest.raises(RuleViolation) as caught:
        async with database.work() as work:
            await job(work)  # type: ignore[operator]
    return caught.value.reason


@pytest.fixture
async def kept(database: Database, world: World) -> EpisodeRow:
    """Episode 12/2026."""
    async with database.work() as work:
        return await episode(work)


async def added(database: Database, world: World, kept: EpisodeRow, url: str = VIDEO) -> int:
    async with database.work() as work:
        link, _announced = await links.add_link(work, world.editor, kept.id, url)
        return int(link.id)


async def standing(database: Database, kept: EpisodeRow) -> list[tuple[str, str]]:
    async with database.reading() as work:
        return [(row.kind, row.url) for _number, row in await links.numbered(work, kept)]


# --- adding and removing ------------------------------------------------------------------------------------


async def test_a_link_is_added_by_an_editor_or_an_admin_and_announced_once(
    database: Database, world: World, kept: EpisodeRow
) -> None:
    link_id = await added(database, world, kept, "https://youtu.be/dQw4w9WgXcQ?si=x")
    async with database.work() as work:
        _clip, is_announced = await links.add_link(work, world.admin, kept.id, CLIP)

    assert is_announced
    assert await standing(database, kept) == [("youtube", VIDEO), ("tiktok", CLIP)]
    assert await announced(database) == [
        ("link", "links", {"link_id": link_id}, f"link:{link_id}"),
        ("link", "links", {"link_id": link_id + 1}, f"link:{link_id + 1}"),
    ]


async def test_a_link_that_completes_the_archive_is_no_news(database: Database, world: World) -> None:
    async with database.work() as work:
        old = await episode(work, number=7, year=2024)
        _link, is_announced = await links.add_link(work, world.editor, old.id, CLIP)

    assert not is_announced
    assert await announced(database) == []


@pytest.mark.parametrize("who", ["asker", "officer", "leader", "coordinator", "outsider"])
async def test_nobody_else_touches_links(
    database: Database, world: World, kept: EpisodeRow, who: str
) -> None:
    link_id = await added(database, world, kept)
    actor = getattr(world, who)

    for job in (
        lambda work: links.add_link(work, actor, kept.id, ARCHIVE),
        lambda work: links.remove_link(work, actor, link_id),
        lambda work: links.set_moment(work, actor, link_id, 1, 60),
        lambda work: links.record_views(work, actor, link_id, 5, TODAY),
        lambda work: links.listed(work, actor, kept),
        lambda work: links.moment_choice(work, actor, kept),
        lambda work: links.views_choice(work, actor, kept),
        lambda work: links.totalled(work, actor, 2026),
    ):
        assert await refusal(database, job) is Reason.NOT_ALLOWED

    assert await standing(database, kept) == [("youtube", VIDEO)]


@pytest.mark.parametrize(
    "again", [VIDEO, "http://youtube.com/live/dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=5"]
)
async def test_a_link_that_the_episode_has_is_refused_however_it_is_written(
    database: Database, world: World, kept: EpisodeRow, again: str
) -> None:
    await added(database, world, kept)

    assert await refusal(database, lambda work: links.add_link(work, world.editor, kept.id, again)) is (
        Reason.LINK_TWICE
    )
    assert len(await announced(database)) == 1


async def test_a_refused_address_changes_nothing_and_announces_nothing(
    database: Database, world: World, kept: EpisodeRow
) -> None:
    for url in (
        "javascript:alert(1)",
        "https://youtube.com.evil.example/x",
        "https://kgtv.vn/a\nb",
        "x" * 5_000,
    ):
        reason = await refusal(
            database, lambda work, url=url: links.add_link(work, world.editor, kept.id, url)
        )
        assert reason in (Reason.BAD_LINK, Reason.LINK_HOST)
    assert await refusal(database, lambda work: links.add_link(work, world.editor, 999, VIDEO)) is (
        Reason.UNKNOWN_EPISODE
    )
    assert await standing(database, kept) == []
    assert await announced(database) == []


async def test_a_removed_link_stays_marked_and_comes_back_with_its_views_without_a_second_announcement(
    database: Database, world: World, kept: EpisodeRow
) -> None:
    link_id = await added(database, world, kept)
    async with database.work() as work:
        await links.record_views(work, world.editor, link_id, 1_800, TODAY)
        await links.remove_link(work, world.editor, link_id)

    async with database.reading() as work:
        row = await stored.by_id(work, link_id)
        assert row is not None
        assert row.removed_at == work.now
        assert await links.episode_totals(work, kept.id) == {}
    assert await standing(database, kept) == []
    assert await refusal(database, lambda work: links.remove_link(work, world.editor, link_id)) is (
        Reason.UNKNOWN_LINK
    )

    async with database.work() as work:
        again, is_announced = await links.add_link(work, world.editor, kept.id, "youtu.be/dQw4w9WgXcQ")

    assert again.id == link_id
    assert not is_announced
    assert len(await announced(database)) == 1
    async with database.reading() as work:
        assert await links.episode_totals(work, kept.id) == {LinkKind.YOUTUBE: 1_800}


async def test_a_link_keeps_its_number_though_others_are_removed(
    database: Database, world: World, kept: EpisodeRow
) -> None:
    first = await added(database, world, kept)
    second = await added(database, world, kept, CLIP)
    async with database.work() as work:
        await links.remove_link(work, world.editor, first)

    async with database.reading() as work:
        assert [(number, row.id) for number, row in await links.numbered(work, kept)] == [(2, second)]
        assert (await links.link_named(work, kept, "2")).id == second
        assert (await links.link_named(work, kept, "https://tiktok.com/@kgtv/video/7/")).id == second
        with pytest.raises(RuleViolation):
            await links.link_named(work, kept, "1")


# --- moments ------------------------------------------------------------------------------------------------


async def test_a_moment_belongs_to_a_question_on_air_and_a_newer_one_replaces_it(
    database: Database, world: World, kept: EpisodeRow
) -> None:
    link_id = await added(database, world, kept)
    async with database.work() as work:
        question = await world.answered(work)
        await choose(work, kept, question, world.editor)
        await links.set_moment(work, world.editor, link_id, question.id, 700)
        await links.set_moment(work, world.admin, link_id, Code(question.year, question.number), 754)

    async with database.reading() as work:
        (row,) = await work.all(sa.select(link_moments))
    assert (row.link_id, row.question_id, row.seconds) == (link_id, question.id, 754)


@pytest.mark.parametrize("why", ["never chosen", "left out", "suspected", "confirmed", "unknown"])
async def test_a_question_that_is_not_on_air_gets_no_moment(
    database: Database, world: World, kept: EpisodeRow, why: str
) -> None:
    link_id = await added(database, world, kept)
    async with database.work() as work:
        question = await world.answered(work)
        if why != "never chosen":
            await choose(work, kept, question, world.editor)
        if why == "left out":
            await leave_out(work, question)
        if why in set(Secrecy):
            await work.run(sa.update(questions_table).values(secrecy=why))
    which = 999_999 if why == "unknown" else question.id

    async def job(work: object) -> None:
        await links.set_moment(work, world.editor, link_id, which, 60)  # type: ignore[arg-type]

    assert await refusal(database, job) is Reason.NOT_IN_EPISODE
    async with database.reading() as work:
        assert await work.all(sa.select(link_moments)) == []


# --- views --------------------------------------------------------------------------------------------------


async def test_views_add_up_by_kind_from_the_latest_count_of_each_link(
    database: Database, world: World, kept: EpisodeRow
) -> None:
    video, clip = await added(database, world, kept), await added(database, world, kept, CLIP)
    short = await added(database, world, kept, "https://www.tiktok.com/@kgtv/video/8")
    async with database.work() as work:
        other = await episode(work, 36, 2025)
        old, _ = await links.add_link(work, world.editor, other.id, ARCHIVE)
        for link_id, views, day in (
            (video, 1_000, YESTERDAY), (video, 1_800, TODAY), (clip, 30, TODAY), (short, 12, YESTERDAY),
            (short, 11, YESTERDAY), (old.id, 49_000, TODAY),
        ):  # fmt: skip
            await links.record_views(work, world.editor, link_id, views, day)

    async with database.reading() as work:
        assert await links.episode_totals(work, kept.id) == {LinkKind.YOUTUBE: 1_800, LinkKind.TIKTOK: 41}
        assert await links.year_totals(work, 2026) == {LinkKind.YOUTUBE: 1_800, LinkKind.TIKTOK: 41}
        notice = await links.totalled(work, world.editor, 2026)
    assert notice.total == 1_841
    assert notice.episodes == (EpisodeViews("12/2026", "Hồ sơ đất đai", 1_841),)


async def test_views_that_fall_are_kept_and_said_and_days_to_come_are_refused(
    database: Database, world: World, kept: EpisodeRow, clock: SetClock
) -> None:
    link_id = await added(database, world, kept)
    async with database.work() as work:
        first = await links.record_views(work, world.editor, link_id, 500, YESTERDAY)
        fell = await links.record_views(work, world.editor, link_id, 499, TODAY)

    assert first.before is None
    assert fell.before == 500
    tomorrow = date(2026, 11, 3)
    assert await refusal(
        database, lambda work: links.record_views(work, world.editor, link_id, 1, tomorrow)
    ) is (Reason.DAY_TO_COME)
    clock.move(hours=15)  # 00:00 in the programme's zone: the next day has begun
    async with database.work() as work:
        await links.record_views(work, world.editor, link_id, 600, tomorrow)


# --- views from a file --------------------------------------------------------------------------------------

HEADER = "year,number,url,date,views\n"


async def test_a_file_of_counts_loads_and_loading_it_again_changes_nothing(
    database: Database, world: World, kept: EpisodeRow
) -> None:
    link_id = await added(database, world, kept)
    await added(database, world, kept, CLIP)
    text = (
        "\ufeff" + HEADER + "2026,12,https://youtu.be/dQw4w9WgXcQ,2026-11-01,1000\n"
        "2026,12,http://youtube.com/watch?v=dQw4w9WgXcQ,2026-11-02,1800\n"
        f"2026,012,{CLIP},2026-11-02,30\n"
    )
    for _ in range(2):
        async with database.work() as work:
            assert await loading.LOADERS["views"](work, text) == 3

    async with database.reading() as work:
        rows = await work.all(sa.select(link_views).where(link_views.c.link_id == link_id))
        assert [(row.day, row.views) for row in rows] == [(YESTERDAY, 1_000), (TODAY, 1_800)]
        assert await links.episode_totals(work, kept.id) == {LinkKind.YOUTUBE: 1_800, LinkKind.TIKTOK: 30}


async def test_every_bad_line_of_a_file_is_named_and_nothing_is_loaded(
    database: Database, world: World, kept: EpisodeRow
) -> None:
    link_id = await added(database, world, kept)
    removed = await added(database, world, kept, CLIP)
    async with database.work() as work:
        await links.remove_link(work, world.editor, removed)
    text = HEADER + (
        f"2026,12,{VIDEO},2026-11-02,5\n"
        f"2026,13,{VIDEO},2026-11-02,5\n"
        f"2026,12,{ARCHIVE},2026-11-02,5\n"
        f"2026,12,{CLIP},2026-11-02,5\n"
        "2026,12,javascript:alert(1),2026-11-02,5\n"
        f"2026,12,{VIDEO},2026-11-03,5\n"
        f"2026,12,{VIDEO},2/11/2026,5\n"
        f"2026,12,{VIDEO},,5\n"
        f"2026,12,{VIDEO},2026-11-01,-5\n"
        f"2026,12,{VIDEO},2026-11-01,1.5\n"
        f"2026,12,{VIDEO},2026-11-01,{'9' * 400}\n"
        f"x{'9' * 50},'; DROP TABLE links; --,{VIDEO},2026-11-01,5\n"
        f"2026,12,https://youtu.be/dQw4w9WgXcQ,2026-11-02,6\n"
    )

    with pytest.raises(BadFile) as caught:
        async with database.work() as work:
            await loading.LOADERS["views"](work, text)

    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        f"line {number}" for number in range(3, 15)
    ]
    assert "line 14: this link and date stand on line 2 already" in caught.value.problems
    assert "line 7: 2026-11-03 is a day to come" in caught.value.problems
    async with database.reading() as work:
        assert await stored.counts(work, [link_id]) == []


async def test_a_file_says_where_views_fall_next_to_what_was_counted_before(
    database: Database, world: World, kept: EpisodeRow
) -> None:
    link_id = await added(database, world, kept)
    async with database.work() as work:
        await links.record_views(work, world.editor, link_id, 100, date(2026, 10, 1))
        await links.record_views(work, world.editor, link_id, 90, date(2026, 10, 2))  # not of the file
        await links.record_views(work, world.editor, link_id, 300, TODAY)
        text = HEADER + f"2026,12,{VIDEO},2026-10-05,80\n2026,12,{VIDEO},2026-10-06,400\n"
        falls = await links.record_counts(work, await read_counts(work, text))

    assert [(fall.day, fall.views, fall.earlier_views) for fall in falls] == [
        (date(2026, 10, 5), 80, 90),
        (TODAY, 300, 400),
    ]


async def test_thousands_of_counts_load_in_one_go(database: Database, world: World, kept: EpisodeRow) -> None:
    async with database.work() as work:
        urls = [f"https://kgtv.vn/ky/{number}" for number in range(1, 601)]
        for number, url in enumerate(urls, start=100):
            one = await episode(work, number, 2025)
            await stored.add(work, one.id, LinkKind.TV, url, world.editor.id)
        lines = [
            f"2025,{number},{url},2026-10-{day:02d},{day * 10}\n"
            for number, url in enumerate(urls, start=100)
            for day in (1, 2, 3)
        ]
        assert await loading.LOADERS["views"](work, HEADER + "".join(lines)) == 1_800
        assert await links.year_totals(work, 2025) == {LinkKind.TV: 600 * 30}


# --- words --------------------------------------------------------------------------------------------------


async def test_a_hostile_title_is_shown_as_it_was_typed_and_nothing_more(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        one = await episode(work, 7, title="</b><a href='https://evil.example'>{{ 7*7 }}")
        await links.add_link(work, world.editor, one.id, "https://kgtv.vn/a?x=<b>&y=\"'")
        notice, _buttons, _shown = await links.listed(work, world.editor, one)
    said = words("vi", database.programme.timezone).say(notice)
    assert "<a" not in said
    assert "&lt;/b&gt;&lt;a href=" in said
    assert "{{ 7*7 }}" in said
    assert "https://kgtv.vn/a?x=%3Cb%3E&amp;y=%22" in said
