"""Looking back: what finds a past episode, what narrows it down, and what everybody reads of it."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from domain.errors import Reason, RuleViolation
from domain.questions.history import EntryKind
from domain.questions.life import Secrecy
from messages.buttons import Act, Button, Keyboard, LinkButton
from messages.notices.links import AnswerMoment, ShownQuestion
from messages.words import words
from services.episodes import links, past_episodes
from services.episodes.past_episodes import Search, field_key, search_of
from storage.engine.database import Database
from storage.people import people
from storage.questions import entries
from storage.rows import EpisodeRow
from storage.tables import agencies, episode_guests
from storage.tables import questions as questions_table
from tests.conftest import SAMPLES
from tests.worlds.aired import VIDEO, air, choose, episode, leave_out
from tests.worlds.world import World

ARCHIVE = "https://kgtv.vn/dan-hoi/ky-12"
SPEECH = "Hồ sơ cấp sổ đỏ ở Rạch Giá bao giờ xong?"


async def found(database: Database, world: World, search: Search | str, page: int = 1) -> list[str]:
    """The episodes of a page; nothing where only the newest are offered."""
    async with database.reading() as work:
        search = search_of(search) if isinstance(search, str) else search
        notice, _ = await past_episodes.found(work, world.asker, search, page)
    return [] if notice.newest else [one.episode for one in notice.episodes]


def labels(keyboard: Keyboard) -> list[str]:
    """Names from the data as they are, others by their keys."""
    return [
        button.text or (button.label if isinstance(button, Button) else "")
        for row in keyboard
        for button in row
    ]


def pressable(keyboard: Keyboard) -> list[Button]:
    buttons = [button for row in keyboard for button in row if isinstance(button, Button)]
    for button in buttons:
        assert button.data  # raises where it does not fit
    return buttons


@pytest.fixture
async def year_2024(database: Database) -> None:
    """The 36 episodes of 2024, as the sample has them."""
    from csv import DictReader

    with (SAMPLES / "episodes_2024.csv").open(encoding="utf-8") as file:
        lines = list(DictReader(file))
    async with database.work() as work:
        for line in lines:
            await episode(work, int(line["number"]), int(line["year"]), line["title"], line["field"])


# --- what is past ---------------------------------------------------------------------------------------------


async def test_past_are_those_with_a_link_or_an_airing_that_is_over_and_those_of_past_years(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        linked = await episode(work, 1)
        aired = await episode(work, 2)
        coming = await episode(work, 3)
        cancelled = await episode(work, 4)
        await episode(work, 5)  # only planned
        unlinked = await episode(work, 6)
        await episode(work, 36, 2025)
        await links.add_link(work, world.editor, linked.id, VIDEO)
        link, _ = await links.add_link(work, world.editor, unlinked.id, ARCHIVE)
        await links.remove_link(work, world.editor, link.id)
        await air(work, aired, work.now - timedelta(minutes=1))
        await air(work, coming, work.now + timedelta(minutes=1))
        await air(work, cancelled, work.now - timedelta(days=1), "cancelled")

    assert await found(database, world, "") == ["2/2026", "1/2026", "36/2025"]
    async with database.reading() as work:
        with pytest.raises(RuleViolation) as caught:
            await past_episodes.shown(work, world.asker, coming.id)
    assert caught.value.reason is Reason.UNKNOWN_EPISODE


# --- words ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("đuối nước", ["22/2024"]),
        ("DUOI NUOC tre em", ["22/2024"]),
        ("nước đuối", ["22/2024"]),  # in any order
        (unicodedata.normalize("NFD", "đuối nước"), ["22/2024"]),
        ("thi tot nghiep trung hoc pho thong", ["17/2024"]),  # the title says THPT
        ("đất đai", ["32/2024", "21/2024"]),
        ("dat dai ngu dan", []),  # all words must match
        ("TP. Rạch Giá", ["32/2024"]),
        ("phường Rạch Giá", ["32/2024"]),  # what the city has become
        ("iuu", ["30/2024", "26/2024", "7/2024"]),  # by the field's name, too
        ("Education", ["24/2024", "17/2024", "15/2024", "13/2024"]),
        ("kỳ 12", ["12/2024"]),
        ("12/2024", ["12/2024"]),
        ("12/2023", []),
        ("kỳ 12 nắng nóng", ["12/2024"]),
        ("kỳ 12 đất đai", []),
        ("Sở Tài nguyên và Môi trường rác", ["8/2024"]),  # an old name of who answers for the field
        ("sở y tế dịch bệnh", ["12/2024"]),
        ("nắng nóng", ["12/2024", "11/2024"]),
        ("sở y tế nắng nóng", ["12/2024"]),  # not the forests' of that season
        ("2024 đuối nước", ["22/2024"]),
        ("nam 2024 duoi nuoc", ["22/2024"]),
        ("%", []),
        ("' OR 1=1 --", []),
        ("<b>", []),
    ],
)
async def test_words_find_episodes(
    database: Database, world: World, year_2024: None, typed: str, expected: list[str]
) -> None:
    if typed == "%":  # no word at all: everything there is
        assert len(await found(database, world, typed)) == past_episodes.PER_PAGE
    else:
        assert await found(database, world, typed) == expected


async def test_how_a_question_was_put_on_air_is_searched_but_not_of_hidden_or_left_out_ones(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        one = await episode(work, 12, title="Giải đáp", field=None)
        await links.add_link(work, world.editor, one.id, VIDEO)
        question = await world.answered(work)
        await choose(work, one, question, world.editor, SPEECH)

    assert await found(database, world, "sổ đỏ rạch giá giải đáp") == ["12/2026"]
    async with database.work() as work:
        await work.run(sa.update(questions_table).values(secrecy=Secrecy.SUSPECTED))
    assert await found(database, world, "sổ đỏ") == []
    async with database.work() as work:
        await work.run(sa.update(questions_table).values(secrecy=Secrecy.NONE))
        await leave_out(work, question)
    assert await found(database, world, "sổ đỏ") == []


async def test_an_agency_finds_the_episodes_in_which_it_was_a_guest(database: Database, world: World) -> None:
    async with database.work() as work:
        one = await episode(work, 12, title="Giải đáp", field=None)
        await links.add_link(work, world.editor, one.id, VIDEO)
        await work.run(sa.update(agencies).where(agencies.c.id == world.other.id).values(name="Sở Mới"))
        await work.insert(
            episode_guests, episode_id=one.id, agency_id=world.other.id, agency_name="Sở Y tế", name="Bà A",
            added_at=work.now,
        )  # fmt: skip

    assert await found(database, world, "sở mới giải đáp") == ["12/2026"]
    assert await found(database, world, "Bà A") == []


# --- pages and filters ----------------------------------------------------------------------------------------


async def test_pages_hold_everything_once_newest_first(
    database: Database, world: World, year_2024: None
) -> None:
    pages = [await found(database, world, "", page) for page in range(1, 6)]
    assert [number for page in pages for number in page] == [f"{n}/2024" for n in range(36, 0, -1)]
    assert await found(database, world, "", 99) == pages[-1]

    async with database.reading() as work:
        notice, keyboard = await past_episodes.found(work, world.asker, Search(), 2)
    assert (notice.page, notice.pages) == (2, 5)
    assert labels(keyboard)[8:] == ["button.previous", "button.next", "button.by_field", "button.by_year"]


async def test_fields_and_years_narrow_what_is_found_and_keep_the_words(
    database: Database, world: World, year_2024: None
) -> None:
    async with database.work() as work:
        await episode(work, 1, 2025, "Kiên Giang và trường học", "giao-duc")
    search = search_of("kiên giang")

    async with database.reading() as work:
        _, fields = await past_episodes.fields_to_choose(work, world.asker, search)
        _, years = await past_episodes.years_to_choose(work, world.asker, search)
    education = next(one for one in pressable(fields) if one.text == "Giáo dục và đào tạo")
    assert education.act is Act.EPISODES_PAGE
    assert education.args == (1, 0, field_key("giao-duc"), "kiên giang")
    assert "Công nghiệp, thương mại" not in labels(
        fields
    )  # "Giải pháp đảm bảo hàng hóa …" names no Kiên Giang
    assert labels(years) == ["2025", "2024", "button.every_year"]

    narrowed = replace(search, field=field_key("giao-duc"))
    assert await found(database, world, narrowed) == ["1/2025", "24/2024", "17/2024", "15/2024", "13/2024"]
    assert await found(database, world, replace(narrowed, year=2025)) == ["1/2025"]
    assert await found(database, world, replace(search, year=2023)) == []


async def test_an_unknown_field_is_a_stale_button(database: Database, world: World) -> None:
    with pytest.raises(RuleViolation) as caught:
        await found(database, world, Search(field="0badc0de"))
    assert caught.value.reason is Reason.STALE_BUTTON


async def test_where_nothing_is_found_the_newest_and_the_fields_are_offered(
    database: Database, world: World, year_2024: None
) -> None:
    async with database.reading() as work:
        notice, keyboard = await past_episodes.found(work, world.asker, search_of("sổ đỏ của tôi"))

    assert notice.newest
    assert [one.episode for one in notice.episodes] == ["36/2024", "35/2024", "34/2024", "33/2024"]
    assert "Đất đai" in labels(keyboard)  # "sổ đỏ" speaks of it
    assert labels(keyboard)[-2:] == ["button.by_field", "button.by_year"]
    said = words("vi", database.programme.timezone).say(notice)
    assert "Không tìm thấy kỳ nào về “sổ đỏ của tôi”" in said


async def test_nothing_at_all_is_said_without_buttons(database: Database, world: World) -> None:
    async with database.reading() as work:
        notice, keyboard = await past_episodes.found(work, world.asker, Search())
    assert keyboard == []
    assert "Chưa có kỳ nào" in words("vi", database.programme.timezone).say(notice)


@pytest.mark.parametrize("typed", ["đ" * 4_000, "chống khai thác " * 200, ":" * 50, "\u202e😀" * 99])
async def test_every_button_fits_whatever_was_typed(
    database: Database, world: World, year_2024: None, typed: str
) -> None:
    async with database.reading() as work:
        search = replace(search_of(typed), year=2024, field=field_key("giao-duc"))
        for _, keyboard in (
            await past_episodes.found(work, world.asker, search, 999),
            await past_episodes.fields_to_choose(work, world.asker, search),
            await past_episodes.years_to_choose(work, world.asker, search),
        ):
            assert pressable(keyboard)


# --- one episode ----------------------------------------------------------------------------------------------


def opened(keyboard: Keyboard | Sequence[Sequence[object]]) -> list[tuple[str, str]]:
    return [(one.text, one.url) for row in keyboard for one in row if isinstance(one, LinkButton)]


@pytest.fixture
async def shown_episode(database: Database, world: World) -> EpisodeRow:
    """Episode 12 with a video, two clips and an archive, and three questions: worded, published, neither."""
    async with database.work() as work:
        one = await episode(work)
        ids = []
        for url in (VIDEO, "https://www.tiktok.com/@a/video/1", "https://www.tiktok.com/@a/video/2", ARCHIVE):
            link, _ = await links.add_link(work, world.editor, one.id, url)
            ids.append(link.id)
        worded, published, neither = [await world.answered(work) for _ in range(3)]
        await choose(work, one, worded, world.editor, SPEECH)
        await choose(work, one, published, world.editor)
        await choose(work, one, neither, world.editor)
        await entries.write(
            work, published.id, EntryKind.PUBLIC_QUESTION, "Bao giờ có nước sạch?", author_id=None
        )
        await entries.write(work, published.id, EntryKind.PUBLIC_ANSWER, "Tháng 12.", author_id=None)
        await work.run(
            sa.update(questions_table)
            .where(questions_table.c.id == published.id)
            .values(published_at=work.now)
        )
        for link_id, question, seconds in (
            (ids[0], worded, 754), (ids[1], worded, 12), (ids[3], published, 3_723), (ids[0], neither, 5),
        ):  # fmt: skip
            await links.set_moment(work, world.editor, link_id, question.id, seconds)
        await air(work, one, work.now - timedelta(days=2))
        return one


async def test_an_episode_shows_its_links_and_the_minutes_of_what_the_public_may_read(
    database: Database, world: World, shown_episode: EpisodeRow
) -> None:
    async with database.reading() as work:
        notice, keyboard = await past_episodes.shown(work, world.asker, shown_episode.id)

    assert notice.questions == (
        ShownQuestion(SPEECH, (AnswerMoment("youtube", "12:34"), AnswerMoment("tiktok", "0:12"))),
        ShownQuestion("Bao giờ có nước sạch?", (AnswerMoment("tv", "1:02:03"),)),
    )
    assert opened(keyboard) == [
        ("YouTube", VIDEO),
        ("Clip TikTok", "https://www.tiktok.com/@a/video/1"),
        ("Clip TikTok 2", "https://www.tiktok.com/@a/video/2"),
        ("Truyền hình", ARCHIVE),
        ("▶ 1 · YouTube 12:34", f"{VIDEO}&t=754s"),
        ("▶ 2 · Truyền hình 1:02:03", f"{ARCHIVE}?t=3723"),
    ]
    said = words("vi", database.programme.timezone).say(notice)
    assert "YouTube phút 12:34, Clip TikTok phút 0:12" in said
    assert "Lĩnh vực: Đất đai" in said
    assert "thứ Bảy, ngày 31/10/2026" in said
    assert "Họ Tên" not in said
    assert "sổ đỏ ở phường Rạch Giá từ tháng 5" not in said  # as it was asked


async def test_a_question_hidden_later_disappears_with_its_minutes(
    database: Database, world: World, shown_episode: EpisodeRow
) -> None:
    async with database.work() as work:
        await work.run(sa.update(questions_table).values(secrecy=Secrecy.CONFIRMED))
        notice, keyboard = await past_episodes.shown(work, world.editor, shown_episode.id)
    assert notice.questions == ()
    assert len(opened(keyboard)) == 4


async def test_a_removed_link_disappears_with_its_minutes(
    database: Database, world: World, shown_episode: EpisodeRow
) -> None:
    async with database.work() as work:
        video = next(row for _n, row in await links.numbered(work, shown_episode) if row.url == VIDEO)
        await links.remove_link(work, world.editor, video.id)
        notice, keyboard = await past_episodes.shown(work, world.asker, shown_episode.id)
    assert notice.questions[0].moments == (AnswerMoment("tiktok", "0:12"),)
    assert all(not url.startswith(VIDEO) for _text, url in opened(keyboard))


async def test_in_english_fields_and_kinds_are_english(
    database: Database, world: World, shown_episode: EpisodeRow
) -> None:
    async with database.work() as work:
        await people.update(work, world.asker.id, language="en")
        viewer = replace(world.asker, person=await people.by_id(work, world.asker.id))
        notice, keyboard = await past_episodes.shown(work, viewer, shown_episode.id)
        listed, _ = await past_episodes.found(work, viewer, Search())
    assert notice.field == listed.episodes[0].field == "Land"
    assert ("TikTok clip 2", "https://www.tiktok.com/@a/video/2") in opened(keyboard)
    said = words("en", database.programme.timezone).say(notice)
    assert "YouTube minute 12:34" in said


async def test_a_search_among_thousands_of_episodes_reads_few_rows_besides(
    database: Database, world: World
) -> None:
    """The wordings read are bounded: the newest episodes' only, but all of a year that is looked for."""
    async with database.work() as work:
        question = await world.answered(work)
        old = await episode(work, 1, 1990, "Cũ")
        await choose(work, old, question, world.editor, SPEECH)
        for number in range(past_episodes.WORDED):
            await episode(work, number + 1, 2000, f"Mới {number}")

    assert await found(database, world, "sổ đỏ") == []
    assert await found(database, world, replace(search_of("sổ đỏ"), year=1990)) == ["1/1990"]
    assert await found(database, world, "cũ") == ["1/1990"]
