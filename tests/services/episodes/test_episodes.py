"""An episode's questions and guests as stories, through the real services on both databases."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from domain.episodes.episodes import EpisodeNumber, EpisodePart
from domain.errors import Reason, RuleViolation
from messages.notices.episodes import EpisodeGuest
from services.episodes import editing, episodes, guests, selection
from services.episodes.selection import CandidateFilter
from services.operation.loading.episodes import load_episodes
from services.operation.loading.lines import BadFile
from services.questions import asker_decisions, screening
from storage.engine.database import Database, Work
from storage.episodes import candidates
from storage.episodes import episodes as stored
from storage.rows import EpisodeRow
from storage.tables import questions as questions_table
from tests.conftest import SAMPLES, SetClock
from tests.worlds.world import LAND, World, events, person, told

NUMBER = EpisodeNumber(2026, 12)


async def an_episode(work: Work, world: World, number: int = 12) -> EpisodeRow:
    return await episodes.create(work, world.editor, EpisodeNumber(2026, number), "Đất đai", "dat-dai")


async def refused(reason: Reason, attempt: object, **facts: object) -> RuleViolation:
    """The refusal of an attempt (a coroutine)."""
    with pytest.raises(RuleViolation) as raised:
        await attempt  # type: ignore[misc]  # any awaitable
    assert raised.value.reason is reason
    for name, value in facts.items():
        assert raised.value.facts[name] == value
    return raised.value


# --- episodes themselves ----------------------------------------------------------------------------------------


async def test_numbers_go_on_within_a_year_and_none_is_given_twice(database: Database, world: World) -> None:
    async with database.work() as work:
        assert await episodes.next_number(work) == EpisodeNumber(2026, 1)
        await an_episode(work, world)
        assert await episodes.next_number(work) == EpisodeNumber(2026, 13)
        await refused(
            Reason.EPISODE_EXISTS, episodes.create(work, world.admin, NUMBER, "Khác"), number="12/2026"
        )
    async with database.reading() as work:
        row = await episodes.find(work, NUMBER)
        assert (row.title, row.field_code, row.created_by) == ("Đất đai", "dat-dai", world.editor.id)
        assert [one.id for one in await stored.listed(work, 2026, limit=9)] == [row.id]
        assert await stored.listed(work, 2025, limit=9) == []


async def test_each_part_is_changed_by_itself(database: Database, world: World) -> None:
    typed = {
        EpisodePart.TITLE: "Cấp giấy\nchứng nhận",
        EpisodePart.FIELD: "giao thông",
        EpisodePart.PURPOSE: "Giải đáp.\nLắng nghe.",
        EpisodePart.REQUIREMENTS: "Ngắn gọn.",
        EpisodePart.MINUTES: "30 phút",
        EpisodePart.RECORDING: "8h30 18/11/2026",
        EpisodePart.PLACE: "Trường quay",
        EpisodePart.MANNER: "Trực tiếp",
    }
    async with database.work() as work:
        episode = await an_episode(work, world)
        for part, text in typed.items():
            await editing.change(work, world.editor, NUMBER, part, text)
    async with database.reading() as work:
        row = await episodes.find(work, episode.id)
    assert (row.title, row.purpose, row.minutes) == ("Cấp giấy chứng nhận", "Giải đáp.\nLắng nghe.", 30)
    assert (row.field_code, row.requirements) == ("giao-thong", "Ngắn gọn.")
    assert (row.recording_place, row.recording_manner) == ("Trường quay", "Trực tiếp")
    assert row.recording_at == datetime(2026, 11, 18, 1, 30, tzinfo=UTC)
    # Recorded Wednesday 18/11/2026: due at the close of Wednesday 11/11 (contract).
    assert row.plan_due_at == datetime(2026, 11, 11, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("part", "typed", "reason"),
    [
        (EpisodePart.TITLE, " \u200b ", Reason.TEXT_MISSING),
        (EpisodePart.TITLE, "x" * 301, Reason.TOO_LONG),
        (EpisodePart.FIELD, "bói toán", Reason.UNKNOWN_FIELD),
        (EpisodePart.MINUTES, "lâu", Reason.BAD_MINUTES),
        (EpisodePart.RECORDING, "18/11/2026", Reason.BAD_MOMENT),
        (EpisodePart.RECORDING, "8h 1/11/2026", Reason.RECORDING_IN_THE_PAST),
    ],
)
async def test_bad_input_changes_nothing(
    database: Database, world: World, part: EpisodePart, typed: str, reason: Reason
) -> None:
    async with database.work() as work:
        before = await an_episode(work, world)
        await refused(reason, editing.change(work, world.editor, NUMBER, part, typed))
    async with database.reading() as work:
        assert await episodes.find(work, NUMBER) == before


async def test_only_editors_and_admins_work_on_episodes(database: Database, world: World) -> None:
    async with database.work() as work:
        episode = await an_episode(work, world)
        question = await world.assigned(work)
        for actor in (world.officer, world.leader, world.coordinator, world.outsider, world.asker):
            for attempt in (
                episodes.create(work, actor, EpisodeNumber(2026, 13), "Khác"),
                editing.change(work, actor, episode.id, EpisodePart.TITLE, "Khác"),
                editing.mark_recorded(work, actor, episode.id),
                selection.candidates_for(work, actor, episode.id, CandidateFilter(), 1),
                selection.chosen_questions(work, actor, episode.id),
                guests.add(work, actor, episode.id, "SYT; Nguyễn Văn An"),
                guests.listed(work, actor, episode.id),
            ):
                await refused(Reason.NOT_ALLOWED, attempt)
            with pytest.raises(RuleViolation):
                await selection.choose(work, actor, episode.id, question.id)
        await selection.choose(work, world.admin, episode.id, question.id)


# --- choosing -----------------------------------------------------------------------------------------------------


async def found(work: Work, world: World, **wanted: object) -> list[tuple[int, int]]:
    """Candidates as (question id, askers)."""
    _, rows, _ = await selection.candidates_for(work, world.editor, NUMBER, CandidateFilter(**wanted), 1)  # type: ignore[arg-type]
    return [(row.id, row.askers) for row in rows]


async def test_candidates_stand_by_how_many_people_ask_them_each_counted_once(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        await an_episode(work, world)
        alone = await world.received(work)
        twice = await world.received(work)
        many = await world.assigned(work)
        same_person = await world.answered(work)
        await world.duplicate(work, twice)
        for name in ("follower", "second", "third"):
            await world.duplicate(work, many, await person(work, name))
        await world.duplicate(work, many)  # the follower once more
        await world.duplicate(work, same_person, world.asker)
    async with database.reading() as work:
        assert await found(work, world) == [
            (many.id, 4),
            (twice.id, 2),
            (same_person.id, 1),
            (alone.id, 1),
        ]
        assert await found(work, world, asked_by=2) == [(many.id, 4), (twice.id, 2)]
        assert await found(work, world, asked_by=5) == []
        assert [await candidates.askers(work, row.id) for row in (many, twice, same_person, alone)] == [
            4,
            2,
            1,
            1,
        ]


async def test_candidates_are_narrowed_by_field_and_age_and_come_in_pages(
    database: Database, world: World, clock: SetClock
) -> None:
    async with database.work() as work:
        await an_episode(work, world)
        old = await world.received(work)
    clock.move(days=40)
    async with database.work() as work:
        fresh = [await world.received(work) for _ in range(selection.PAGE)]
        several = await world.received(work)
        await world.duplicate(work, several)
        await work.run(
            sa.update(questions_table)
            .where(questions_table.c.id.in_([old.id, fresh[0].id]))
            .values(field_code="giao-thong")
        )
    async with database.reading() as work:
        assert await found(work, world, field_code="giao-thong") == [(fresh[0].id, 1), (old.id, 1)]
        assert await found(work, world, field_code="giao-thong", days=30) == [(fresh[0].id, 1)]
        assert await found(work, world, field_code="y-te") == []
        first, rows, more = await selection.candidates_for(work, world.editor, NUMBER, CandidateFilter(), 1)
        _, rest, end = await selection.candidates_for(work, world.editor, NUMBER, CandidateFilter(), 2)
    assert (more, end, len(rows)) == (True, False, selection.PAGE)
    newest_first = [several.id, *(row.id for row in reversed(fresh)), old.id]
    assert [row.id for row in (*rows, *rest)] == newest_first
    assert (first.questions[0].askers, first.questions[0].age) == (2, 0)


async def test_what_can_not_be_asked_on_air_is_no_candidate_and_can_not_be_chosen(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        episode = await an_episode(work, world)
        withdrawn = await world.withdrawn(work)
        suspected = await world.received(work)
        await screening.flag(work, world.editor, suspected.id)
        original = await world.received(work)
        merged = await world.duplicate(work, original)
        await selection.choose(work, world.editor, episode.id, original.id)
        other = await an_episode(work, world, 13)
    async with database.work() as work:
        assert await found(work, world) == []
        for question, reason in (
            (withdrawn, Reason.WRONG_STATUS),
            (suspected, Reason.HIDDEN),
            (merged, Reason.MERGED),
        ):
            await refused(reason, selection.choose(work, world.editor, episode.id, question.id))
        for which in (episode, other):
            await refused(
                Reason.ALREADY_CHOSEN,
                selection.choose(work, world.editor, which.id, original.id),
                number="12/2026",
            )


async def test_what_is_hidden_or_withdrawn_later_falls_out_without_a_word(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        episode = await an_episode(work, world)
        stays, goes, hides = [await world.assigned(work) for _ in range(3)]
        for question in (stays, goes, hides):
            await selection.choose(work, world.editor, episode.id, question.id)
    async with database.work() as work:
        await asker_decisions.withdraw(work, world.asker, goes.id)
        await screening.flag(work, world.officer, hides.id)
    async with database.work() as work:
        assert [row.id for row in await stored.questions_of(work, episode.id)] == [stays.id]
        assert await stored.count_fallen_out(work, episode.id) == 2
        assert await stored.count_questions(work, [episode.id]) == {episode.id: 1}
        await refused(Reason.HIDDEN, selection.on_air_asked(work, world.editor, episode.id, hides.id))
        # An editor looks: it is none. It is back where it was.
        await screening.clear(work, world.editor, hides.id)
        assert [row.id for row in await stored.questions_of(work, episode.id)] == [stays.id, hides.id]


async def test_questions_are_put_in_order(database: Database, world: World) -> None:
    async with database.work() as work:
        episode = await an_episode(work, world)
        a, b, c = [(await world.received(work)).id for _ in range(3)]
        for question in (a, b, c):
            await selection.choose(work, world.editor, episode.id, question)
        await selection.move_up(work, world.editor, episode.id, c)
        await selection.move_up(work, world.editor, episode.id, a)  # the first stays
        assert [row.id for row in await stored.questions_of(work, episode.id)] == [a, c, b]
        await selection.put_at(work, world.editor, episode.id, b, 1)
        await selection.put_at(work, world.editor, episode.id, a, 99)
    async with database.reading() as work:
        assert [row.id for row in await stored.questions_of(work, episode.id)] == [b, c, a]


async def test_the_words_for_the_air_name_nobody_and_what_does_is_said(
    database: Database, world: World
) -> None:
    """The asker is Họ Tên asker, 12 Lê Lợi, 0901234567; the follower asks the same."""
    async with database.work() as work:
        episode = await an_episode(work, world)
        question = await world.assigned(work)
        await world.duplicate(work, question)
        await selection.choose(work, world.editor, episode.id, question.id)
        for text, tells in (
            ("Ông họ tên ASKER ở phường hỏi", ("họ tên ASKER",)),
            ("Bà Ho Ten Follower, 12 lê lợi, 090 123 4567", ("12 lê lợi", "090 123 4567", "Ho Ten Follower")),
            ("Xin trả lời về a.b@c.vn", ("a.b@c.vn",)),
        ):
            refusal = await refused(
                Reason.ON_AIR_TELLS, selection.word(work, world.editor, episode.id, question.id, text)
            )
            assert set(refusal.facts["found"]) == set(tells)  # type: ignore[call-overload]
        await selection.word(work, world.editor, episode.id, question.id, "Khi nào\ncó  giấy?")
    async with database.reading() as work:
        (row,) = await stored.questions_of(work, episode.id)
    assert row.on_air == "Khi nào có giấy?"


async def test_the_proposal_is_the_question_without_the_asker(database: Database, world: World) -> None:
    async with database.work() as work:
        episode = await an_episode(work, world)
        question = await world.received(work, f"Tôi là Họ Tên asker, số 0901234567. {LAND}")
        await selection.choose(work, world.editor, episode.id, question.id)
        await selection.word_as_proposed(work, world.editor, episode.id, question.id)
    async with database.reading() as work:
        (row,) = await stored.questions_of(work, episode.id)
    assert row.on_air == f"Tôi là …, số …. {LAND}"


async def test_leaving_out_needs_a_reason_and_both_stand_in_the_history(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        episode = await an_episode(work, world)
        question = await world.received(work)
        await selection.choose(work, world.editor, episode.id, question.id)
        leave = selection.leave_out
        await refused(Reason.REASON_MISSING, leave(work, world.editor, episode.id, question.id, " "))
        await leave(work, world.editor, episode.id, question.id, "Hết thời lượng.")
        await refused(Reason.NOT_CHOSEN, leave(work, world.editor, episode.id, question.id, "Nữa."))
    async with database.reading() as work:
        row = await stored.chosen(work, episode.id, question.id)
        assert row is not None
        assert (row.left_out_why, row.left_out_at) == ("Hết thời lượng.", work.now)
        assert await stored.questions_of(work, episode.id) == []
    assert (await events(database, question.id))[-2:] == ["chosen_for_episode", "left_out"]
    # It may be chosen again, for this episode or for another.
    async with database.work() as work:
        other = await an_episode(work, world, 13)
        await selection.choose(work, world.editor, other.id, question.id)
        assert await found(work, world) == []


# --- guests -------------------------------------------------------------------------------------------------------


async def test_a_guest_who_can_not_come_names_a_substitute(database: Database, world: World) -> None:
    async with database.work() as work:
        episode = await an_episode(work, world)
        await guests.add(
            work, world.editor, episode.id, "Sở Tài nguyên và Môi trường; Trần Văn Bình; Phó Giám đốc"
        )
        (guest,) = await guests.coming(work, episode.id)
        assert guest.agency_name == "Sở Nông nghiệp và Môi trường"  # as it is called now
        await refused(Reason.NOT_ALLOWED, guests.substitute(work, world.outsider, guest.id, "Ai Đó"))
        await refused(Reason.NOT_ALLOWED, guests.cannot_come(work, world.officer, guest.id))
        await refused(Reason.GUEST_MISSING, guests.substitute(work, world.officer, guest.id, "123"))
        await guests.substitute(work, world.officer, guest.id, "Phạm Thu Hà; Trưởng phòng")
        await refused(Reason.ALREADY_DONE, guests.substitute(work, world.leader, guest.id, "Lê Văn C"))
    async with database.reading() as work:
        agency = "Sở Nông nghiệp và Môi trường"
        assert await guests.lines_of(work, episode.id) == (
            EpisodeGuest("Trần Văn Bình", "Phó Giám đốc", agency, "", True),
            EpisodeGuest("Phạm Thu Hà", "Trưởng phòng", agency, "Trần Văn Bình", False),
        )
    assert any("cử Phạm Thu Hà" in text for text in await told(database, world.editor))


async def test_a_guest_comes_for_an_agency_of_today(database: Database, world: World) -> None:
    async with database.work() as work:
        episode = await an_episode(work, world)
        for typed, reason in (
            ("Sở Phép thuật; Nguyễn Văn An", Reason.UNKNOWN_AGENCY),
            ("Nguyễn Văn An", Reason.GUEST_MISSING),
            ("SYT; 123", Reason.GUEST_MISSING),
        ):
            await refused(reason, guests.add(work, world.editor, episode.id, typed))
        await guests.add(work, world.editor, episode.id, "SYT; Nguyễn Văn An")
        await guests.cannot_come(work, world.editor, (await guests.guest_named(work, episode.id, 1)).id)
        await refused(Reason.NO_GUEST, guests.guest_named(work, episode.id, 1))
        assert await guests.coming(work, episode.id) == []


# --- loading ------------------------------------------------------------------------------------------------------


async def test_the_36_episodes_of_2024_load_and_load_again(database: Database, world: World) -> None:
    text = (SAMPLES / "episodes_2024.csv").read_text(encoding="utf-8")
    async with database.work() as work:
        assert await load_episodes(work, text) == 36
        await editing.change(work, world.editor, EpisodeNumber(2024, 3), EpisodePart.PURPOSE, "Giải đáp.")
        assert await load_episodes(work, text.replace("Kiên Giang thực hiện", "KG thực hiện")) == 36
    async with database.reading() as work:
        assert await stored.count(work, 2024) == 36
        assert [row.number for row in await stored.listed(work, 2024, limit=3)] == [36, 35, 34]
        third = await episodes.find(work, EpisodeNumber(2024, 3))
    assert third.title.startswith("KG thực hiện")
    assert (third.purpose, third.field_code) == ("Giải đáp.", "bao-tro-xa-hoi")


async def test_every_bad_line_of_a_file_is_named_and_nothing_is_loaded(database: Database) -> None:
    text = (
        "number,year,title,field\n1,2024,Tốt,dat-dai\n0,2024,A,\nx,2024,B,\n2,24,C,\n3,2024,,\n"
        "4,2024,D,boi-toan\n1,2024,E,\n"
    )
    with pytest.raises(BadFile) as raised:
        async with database.work() as work:
            await load_episodes(work, text)
    assert [problem.split(":")[0] for problem in raised.value.problems] == [
        f"line {number}" for number in range(3, 9)
    ]
    async with database.reading() as work:
        assert await stored.count(work, None) == 0
