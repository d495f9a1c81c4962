"""From acceptance to the answer as stories: approval steps, clarifications, corrections, delivery by hand."""

import json
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from domain.errors import Reason, RuleViolation
from domain.programme import Programme
from domain.questions.history import EntryKind
from domain.questions.life import ApprovalStep, Intake, Role, Status
from services.deadlines import extensions, promises
from services.people.actors import Actor, actor_of
from services.privacy import own_data
from services.questions import agency_work, answers, approval, asker_decisions, intake, screening, tracking
from services.staff import staff as staff_service
from storage.delivery import files
from storage.engine.database import Database, Work
from storage.people import people, roles
from storage.questions import answer_drafts, entries
from storage.rows import QuestionRow
from storage.tables import outbox
from tests.worlds.rules import rules
from tests.worlds.world import ANSWER, LAND, World, events, look, person, staff, status, told

LEADER, EDITOR = ApprovalStep.LEADER, ApprovalStep.EDITOR


async def step(database: Database, question: QuestionRow) -> ApprovalStep | None:
    async with database.reading() as work:
        return await approval.step_waited_for(work, (await look(database, question.id))[0])


async def refusal(database: Database, attempt: object) -> Reason:
    """Why an attempt (given a work) is refused."""
    with pytest.raises(RuleViolation) as refused:
        async with database.work() as work:
            await attempt(work)  # type: ignore[operator]
    return refused.value.reason


async def answered_with_a_letter(work: Work, world: World, question: QuestionRow) -> None:
    letter = await files.add(work, person_id=world.officer.id, kind="document", remote_id="letter")
    await agency_work.submit(work, world.officer, question.id, ANSWER, [letter])
    await answers.approve(work, world.leader, question.id)
    await answers.approve(work, world.editor, question.id)


async def kinds(database: Database, actor: Actor) -> list[str]:
    """Of what kind are the messages queued for somebody, oldest first."""
    async with database.reading() as work:
        rows = await work.all(sa.select(outbox).where(outbox.c.person_id == actor.id).order_by(outbox.c.id))
    return [row.kind for row in rows]


# --- approval ---------------------------------------------------------------------------------------------------


class TestNobodyApproves:
    @pytest.fixture
    def programme(self) -> Programme:
        return rules(approval_steps=())

    async def test_the_answer_goes_out_at_once(self, database: Database, world: World) -> None:
        async with database.work() as work:
            question = await world.assigned(work)
            await agency_work.submit(work, world.officer, question.id, ANSWER)
        assert await status(database, question.id) == Status.ANSWERED
        assert (await events(database, question.id))[-2:] == ["submitted", "answered"]
        assert sum(ANSWER in html for html in await told(database, world.asker)) == 1


class TestOnlyTheLeaderApproves:
    @pytest.fixture
    def programme(self) -> Programme:
        return rules(approval_steps=(LEADER,))

    async def test_the_leaders_word_sends_it(self, database: Database, world: World) -> None:
        async with database.work() as work:
            question = await world.in_approval(work)
            await answers.approve(work, world.leader, question.id)
        assert await status(database, question.id) == Status.ANSWERED

    async def test_where_no_leader_can_be_reached_the_editors_decide(
        self, database: Database, world: World
    ) -> None:
        async with database.work() as work:
            await people.update(work, world.leader.id, unreachable_at=work.now)
            question = await world.in_approval(work)
        assert await step(database, question) is EDITOR
        assert ANSWER in (await told(database, world.editor))[-1]
        async with database.work() as work:
            await answers.approve(work, world.editor, question.id)
        assert await status(database, question.id) == Status.ANSWERED


class TestOnlyTheEditorsApprove:
    @pytest.fixture
    def programme(self) -> Programme:
        return rules(approval_steps=(EDITOR,))

    async def test_the_leader_is_not_asked(self, database: Database, world: World) -> None:
        async with database.work() as work:
            question = await world.in_approval(work)
        leader_sees = await told(database, world.leader)
        assert all(ANSWER not in html for html in leader_sees)
        async with database.work() as work:
            await answers.approve(work, world.editor, question.id)
        assert await status(database, question.id) == Status.ANSWERED


async def test_leader_and_editor_approve_one_after_the_other(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.in_approval(work)
    assert await step(database, question) is LEADER
    assert (
        await refusal(database, lambda work: answers.approve(work, world.editor, question.id))
        is Reason.NOT_ALLOWED
    )
    async with database.work() as work:
        await answers.approve(work, world.leader, question.id)
    assert await step(database, question) is EDITOR
    # The leader's second press is no riddle.
    assert (
        await refusal(database, lambda work: answers.approve(work, world.leader, question.id))
        is Reason.ALREADY_DONE
    )
    async with database.work() as work:
        await answers.approve(work, world.editor, question.id)
    assert await status(database, question.id) == Status.ANSWERED
    assert (
        await refusal(database, lambda work: answers.approve(work, world.editor, question.id))
        is Reason.ALREADY_DONE
    )


async def test_a_leader_who_goes_leaves_the_draft_to_the_editors(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.in_approval(work)
        await staff_service.revoke(work, world.admin, world.leader.roles[0].id)
    assert await step(database, question) is EDITOR
    assert ANSWER in (await told(database, world.editor))[-1]


async def test_the_button_of_a_replaced_draft_approves_nothing(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.in_approval(work)
        first = await answer_drafts.open_of(work, question.id)
        assert first is not None
        await agency_work.submit(work, world.officer, question.id, "Một câu trả lời khác.")
    assert (
        await refusal(database, lambda work: answers.approve(work, world.leader, question.id, first.id))
        is Reason.ALREADY_DONE
    )
    assert await status(database, question.id) == Status.IN_APPROVAL


async def test_words_that_send_a_draft_back_reach_the_officer(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.with_the_editors(work)
        await answers.send_back(work, world.editor, question.id, "Nêu rõ căn cứ pháp lý.")
    assert await status(database, question.id) == Status.ACCEPTED
    assert "Nêu rõ căn cứ pháp lý." in (await told(database, world.officer))[-1]
    async with database.work() as work:
        await agency_work.submit(work, world.officer, question.id, ANSWER)
    assert await step(database, question) is LEADER  # approved anew from the beginning


# --- the clock and the asker's word -------------------------------------------------------------------------------


async def test_the_clock_stands_while_the_asker_is_asked_and_runs_on_with_their_reply(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.waiting(work)
    assert question.due_at == datetime(2026, 11, 16, 10, tzinfo=UTC)
    assert question.remaining_days == 10
    database.clock.move(days=3)  # type: ignore[attr-defined]  # to Thursday
    async with database.work() as work:
        case = await agency_work.supply(work, world.asker, question.id, "Hồ sơ số 123.")
    assert (case.question.status, case.question.remaining_days) == ("accepted", None)
    assert case.question.due_at == datetime(2026, 11, 19, 10, tzinfo=UTC)
    assert "Hồ sơ số 123." in (await told(database, world.officer))[-1]


async def test_a_coordinating_agency_contributes_to_the_leads_draft(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.accepted(work)
        await agency_work.submit(work, world.coordinator, question.id, "Sở Xây dựng không có ý kiến khác.")
    assert await status(database, question.id) == Status.ACCEPTED
    assert "Sở Xây dựng không có ý kiến khác." in (await told(database, world.officer))[-1]
    assert (await events(database, question.id))[-1] == "contributed"


# --- afterwards ---------------------------------------------------------------------------------------------------


async def test_a_question_is_reopened_once_with_words_and_answered_again(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.answered(work)
        case = await asker_decisions.reopen(work, world.asker, question.id, "Chưa nói rõ ngày nào.")
    assert (case.question.status, case.question.answered_at) == ("assigned", None)
    assert "Chưa nói rõ ngày nào." in (await told(database, world.officer))[-1]
    async with database.work() as work:
        await agency_work.submit(work, world.officer, question.id, "Ngày 28/11.")
        await answers.approve(work, world.leader, question.id)
        await answers.approve(work, world.editor, question.id)
    assert (
        await refusal(
            database, lambda work: asker_decisions.reopen(work, world.asker, question.id, "Vẫn chưa rõ.")
        )
        is Reason.REOPENED_BEFORE
    )


async def test_withdrawing_tells_the_officers_and_drops_the_draft(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.in_approval(work)
        case = await asker_decisions.withdraw(work, world.asker, question.id)
        assert await answer_drafts.open_of(work, question.id) is None
    for officer in (world.officer, world.coordinator):
        assert case.code in (await told(database, officer))[-1]
    assert (
        await refusal(database, lambda work: answers.approve(work, world.leader, question.id))
        is Reason.WRONG_STATUS
    )


async def test_a_correction_keeps_the_earlier_text_and_tells_every_asker(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.answered(work)
        await world.duplicate(work, question)
        await world.corrected(work, question.id, "Trước ngày 15/12/2026.", "Ghi nhầm ngày.")
        texts = [row.text for row in await entries.of_question(work, question.id, EntryKind.DRAFT)]
    assert texts == [ANSWER, "Trước ngày 15/12/2026."]
    for asker in (world.asker, world.follower):
        last = (await told(database, asker))[-1]
        assert "Trước ngày 15/12/2026." in last
        assert "Ghi nhầm ngày." in last
    async with database.reading() as work:
        row = (await look(database, question.id))[0]
        answer = await answer_drafts.sent(work, row)
    assert answer is not None
    assert answer.text == "Trước ngày 15/12/2026."


async def test_who_asked_the_same_is_not_told_who_asked_first(database: Database, world: World) -> None:
    """Offices name whom they answer. Their own telephone stays."""
    words = "Kính gửi Họ Tên asker, số 12 Lê Lợi. Sổ đỏ có trước 30/11. Cần gì xin gọi 02973862000."
    async with database.work() as work:
        question = await world.assigned(work)
        await agency_work.submit(work, world.officer, question.id, words)
        await answers.approve(work, world.leader, question.id)
        before = await world.duplicate(work, question)
        await answers.approve(work, world.editor, question.id)
        late = await person(work, "late")
        after = await world.duplicate(work, question, late)
        await world.corrected(work, question.id, f"{words} Kính!", "Họ Tên asker hỏi lại.")
    for reader, asked in ((world.asker, question), (world.follower, before), (late, after)):
        shown = await told(database, reader)
        async with database.reading() as work:
            for one in (question, asked):
                shown.append(str((await tracking.tracked(work, reader, one.id))[0].answer))
            held = await own_data.export(work, reader, "")
            shown += [held.for_people.decode(), json.loads(held.for_programs)["questions"][0]["answer"]]
        named = [words for words in shown if "02973862000" in words]
        assert len(named) == 6  # answered, corrected, looked at twice, exported twice
        for words in named:
            assert ("Họ Tên asker" in words) == (reader is world.asker)


async def test_another_answers_files_are_looked_at_anew(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
        await world.duplicate(work, question)
        await answered_with_a_letter(work, world, question)
        await answers.pass_on_files(work, world.editor, question.id)
        await world.corrected(work, question.id, "Ngày 29/11.", "Ghi nhầm ngày.")
    again = lambda work: answers.pass_on_files(work, world.editor, question.id)  # noqa: E731
    assert await refusal(database, again) is Reason.ALREADY_DONE
    async with database.work() as work:
        await asker_decisions.reopen(work, world.asker, question.id, "Chưa rõ.")
        await answered_with_a_letter(work, world, question)
        await answers.pass_on_files(work, world.editor, question.id)
    sent = [kind for kind in await kinds(database, world.follower) if kind == "file"]
    assert len(sent) == 2
    assert [event for event in await events(database, question.id) if "files" in event] == [
        "files_passed_on",
        "files_passed_on",
    ]


async def test_where_nobody_else_asked_or_nothing_is_attached_nothing_waits_for_a_look(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        alone = await world.assigned(work)
        await world.duplicate(work, alone, world.asker)  # asked twice: the letter is theirs
        await answered_with_a_letter(work, world, alone)
        words = await world.assigned(work)
        await world.duplicate(work, words)
        await agency_work.submit(work, world.officer, words.id, ANSWER)
        await answers.approve(work, world.leader, words.id)
        await answers.approve(work, world.editor, words.id)
    assert not [html for html in await told(database, world.editor) if "cần xem" in html]
    assert not [html for html in await told(database, world.asker) if "chưa gửi" in html]
    attempt = lambda work: answers.pass_on_files(work, world.editor, words.id)  # noqa: E731
    assert await refusal(database, attempt) is Reason.STALE_BUTTON


async def test_nor_by_what_an_office_says_of_more_days_or_of_a_promise(
    database: Database, world: World
) -> None:
    name = "Kính báo Họ Tên asker"
    async with database.work() as work:
        question = await world.assigned(work)
        await world.duplicate(work, question)
        await extensions.ask(work, world.officer, question.id, 3, f"{name}: chờ khảo sát.")
        await extensions.grant(work, world.editor, question.id)
        await agency_work.submit(work, world.officer, question.id, ANSWER)
        await answers.approve(work, world.leader, question.id)
        await answers.approve(work, world.editor, question.id)
        first, then = date(2026, 11, 30), date(2026, 12, 4)
        await promises.record(work, world.officer, question.id, first, f"{name}: sửa hẻm.")
        await promises.move(work, world.officer, question.id, then, f"{name}: mưa nhiều.")
        await promises.report_kept(work, world.officer, question.id, f"{name}: đã sửa.")
    said = ("chờ khảo sát.", "sửa hẻm.", "mưa nhiều.", "đã sửa.")
    for reader in (world.asker, world.follower):
        shown = [html for html in await told(database, reader) if any(words in html for words in said)]
        assert len(shown) == len(said)
        for html in shown:
            assert ("Họ Tên asker" in html) == (reader is world.asker)


# --- by hand ------------------------------------------------------------------------------------------------------


async def by_telephone(work: Work, world: World) -> QuestionRow:
    return await intake.enter_by_hand(
        work,
        world.editor,
        Intake.PHONE,
        LAND,
        full_name="Ông Tư",
        home_address="Xã An Biên",
        contact="0912345678",
    )


async def test_an_answer_to_somebody_who_telephoned_is_delivered_by_hand_once(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await by_telephone(work, world)
        await screening.assign(work, world.editor, question.id, world.lead)
        await agency_work.submit(work, world.officer, question.id, ANSWER)
        await answers.approve(work, world.leader, question.id)
    assert (
        await refusal(database, lambda work: answers.record_delivery(work, world.editor, question.id))
        is Reason.WRONG_STATUS
    )
    async with database.work() as work:
        await answers.approve(work, world.editor, question.id)
    needed = (await told(database, world.editor))[-1]
    assert "0912345678" in needed
    async with database.work() as work:
        await answers.record_delivery(work, world.editor, question.id, "Gọi lại lúc 9 giờ.")
    assert (await events(database, question.id))[-1] == "delivered"
    assert (
        await refusal(database, lambda work: answers.record_delivery(work, world.editor, question.id))
        is Reason.ALREADY_DONE
    )
    async with database.work() as work:  # another answer, another delivery
        await world.corrected(work, question.id, "Sửa lại.", "Nhầm.")
        await answers.record_delivery(work, world.editor, question.id)


async def test_an_answer_goes_where_its_asker_is_wherever_the_question_came_from(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await by_telephone(work, world)
        await people.update(work, question.asker_id, channel="telegram", address="1234")
        await screening.assign(work, world.editor, question.id, world.lead)
        await agency_work.submit(work, world.officer, question.id, ANSWER)
        await answers.approve(work, world.leader, question.id)
        asker = await people.by_id(work, question.asker_id)
    before = len(await told(database, world.editor))
    async with database.work() as work:
        await answers.approve(work, world.editor, question.id)
    assert any(ANSWER in html for html in await told(database, Actor(asker, ())))
    assert len(await told(database, world.editor)) == before


async def test_nobody_is_asked_to_bring_an_answer_to_somebody_who_was_erased(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.with_the_editors(work)
        await people.update(work, question.asker_id, address=None, erased_at=work.now)
    before = len(await told(database, world.editor))
    async with database.work() as work:
        await answers.approve(work, world.editor, question.id)
    assert len(await told(database, world.editor)) == before
    assert (await events(database, question.id))[-1] == "answered"


async def test_the_answer_of_a_merged_question_is_delivered_by_hand_too(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        own = await by_telephone(work, world)
        original = await world.in_approval(work)
        await screening.merge(work, world.editor, own.id, original.id)
    attempt = lambda work: answers.record_delivery(work, world.editor, own.id)  # noqa: E731
    assert await refusal(database, attempt) is Reason.WRONG_STATUS
    async with database.work() as work:
        await answers.approve(work, world.leader, original.id)
        await answers.approve(work, world.editor, original.id)
        await answers.record_delivery(work, world.editor, own.id)
    assert (await events(database, own.id))[-1] == "delivered"


# --- albums -------------------------------------------------------------------------------------------------------


async def test_further_pictures_of_an_album_join_the_draft_it_brought(
    database: Database, world: World
) -> None:
    async def picture(work: Work, name: str) -> int:
        return await files.add(work, person_id=world.officer.id, kind="photo", remote_id=name)

    async with database.work() as work:
        question = await world.assigned(work)
        case = await agency_work.submit(
            work, world.officer, question.id, ANSWER, [await picture(work, "1")], album="a"
        )
        brought = await agency_work.brought_by_album(work, world.officer, "a")
        assert brought is not None
        await agency_work.join(work, world.officer, brought, "Ảnh hai.", [await picture(work, "2")])
        draft = await answer_drafts.open_of(work, case.question.id)
        assert draft is not None
        assert [row.remote_id for row in await files.of_entry(work, draft.entry_id)] == ["1", "2"]
        assert draft.text == f"{ANSWER}\nẢnh hai."
        assert await agency_work.brought_by_album(work, world.coordinator, "a") is None
        await answers.approve(work, world.leader, question.id)
        await answers.send_back(work, world.editor, question.id, "Thiếu ảnh.")
    assert (
        await refusal(database, lambda work: agency_work.join(work, world.officer, brought, "", []))
        is Reason.ALREADY_DONE
    )


async def test_further_pictures_of_an_album_join_a_contribution(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.accepted(work)
        await agency_work.submit(work, world.coordinator, question.id, "Góp ý.", album="b")
        assert await agency_work.brought_by_album(work, world.coordinator, "b") is not None
        assert await agency_work.brought_by_album(work, world.coordinator, "c") is None


async def test_somebody_with_two_roles_decides_in_both(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.in_approval(work)
        both = await staff(work, "both", Role.LEADER, "SNNMT")
        await roles.grant(work, both.id, Role.EDITOR, None, None)
        both = await actor_of(work, both.person)
        await answers.approve(work, both, question.id)
        await answers.approve(work, both, question.id)
    assert await status(database, question.id) == Status.ANSWERED
