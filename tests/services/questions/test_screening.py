"""Screening as stories: who gets a question, who loses it, what is merged, refused, hidden."""

import asyncio
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from domain.errors import Reason, RuleViolation
from domain.programme import Programme
from domain.questions.life import RefusalCode, Role, Status
from services.questions import agency_work, answers, asker_decisions, intake, screening
from storage.engine.database import Database
from storage.questions import answer_drafts, history, questions
from storage.tables import outbox
from tests.worlds.rules import rules
from tests.worlds.world import ANSWER, LAND, World, events, look, person, staff, status, told

DENUNCIATION = "Tôi tố cáo ông chủ tịch xã nhận hối lộ 50 triệu đồng của dân làm sổ đỏ."


# --- assigning ------------------------------------------------------------------------------------------------


async def test_of_two_editors_who_assign_at_once_one_wins_and_the_other_hears_it(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.received(work)
        second = await staff(work, "second editor", Role.EDITOR)

    async def assign(editor: object, agency: object) -> str:
        try:
            async with database.work() as work:
                await screening.assign(work, editor, question.id, agency, seen=0)  # type: ignore[arg-type]
        except RuleViolation as violation:
            return violation.reason
        return "assigned"

    said = await asyncio.gather(assign(world.editor, world.lead), assign(second, world.other))
    assert sorted(said) == [Reason.ALREADY_DONE, "assigned"]
    assert (await events(database, question.id)).count("assigned") == 1
    async with database.reading() as work:
        assert len(await questions.assigned(work, question.id)) == 1


async def test_the_same_assignment_twice_is_told_as_done_and_not_repeated(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
    before = await look(database, question.id)
    with pytest.raises(RuleViolation) as refused:
        async with database.work() as work:
            await screening.assign(work, world.editor, question.id, world.lead, (world.coordinating,))
    assert refused.value.reason is Reason.ALREADY_DONE
    assert await look(database, question.id) == before


async def test_reassigning_drops_the_draft_starts_the_limit_anew_and_tells_who_lost_it(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.in_approval(work)
    database.clock.move(days=2)  # type: ignore[attr-defined]
    async with database.work() as work:
        case = await screening.assign(work, world.editor, question.id, world.other)
        assert await answer_drafts.open_of(work, question.id) is None
    assert case.question.due_at == datetime(2026, 11, 18, 10, tzinfo=UTC)  # ten working days from 4/11
    assert question.due_at is not None
    assert case.question.due_at > question.due_at
    for loser in (world.officer, world.coordinator):
        last = (await told(database, loser))[-1]
        assert case.code in last
        assert "sổ đỏ" not in last
    assert (await events(database, question.id))[-1] == "reassigned"
    with pytest.raises(RuleViolation):
        async with database.work() as work:
            await answers.approve(work, world.leader, question.id)


async def test_an_agency_that_returns_names_the_right_one_and_the_editors_card_suggests_it(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
    async with database.work() as work:
        case = await screening.return_(
            work, world.officer, question.id, "Không đúng thẩm quyền, đề nghị chuyển Sở Xây dựng."
        )
    assert (case.question.status, case.question.lead_agency_id, case.question.due_at) == (
        "received",
        None,
        None,
    )
    card = (await told(database, world.editor))[-1]
    assert "Sở Xây dựng" in card
    assert "Không đúng thẩm quyền" in card
    async with database.reading() as work:
        past = await history.of_question(work, question.id)
    assert past[-1].details["right_agency"] == "SXD"


async def test_the_asker_hears_that_the_same_agency_has_a_returned_question_again(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
        await screening.return_(work, world.officer, question.id, "Không thuộc thẩm quyền.")
        await screening.assign(work, world.editor, question.id, world.lead)
    first, *_, last = [
        html for html in await told(database, world.asker) if f"đến <b>{world.lead.name}" in html
    ]
    assert "đã được chuyển đến" in first
    assert "đã được chuyển lại đến" in last


async def test_a_coordinating_agency_hears_that_the_lead_returned_the_question(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
        await work.run(
            sa.update(outbox).values(
                state="sent", sent_at=work.now, message_id=sa.cast(outbox.c.id + 1000, sa.Text)
            )
        )
    async with database.work() as work:
        case = await screening.return_(work, world.officer, question.id, "Không thuộc thẩm quyền.")
    async with database.reading() as work:
        rows = await work.all(
            sa.select(outbox).where(outbox.c.person_id == world.coordinator.id).order_by(outbox.c.id)
        )
    assert "chủ trì đã trả lại" in rows[-1].content["html"]
    assert case.code in rows[-1].content["html"]
    emptied = [row.edit_of for row in rows if row.kind == "buttons" and row.content["buttons"] == []]
    assert emptied == [row.id for row in rows if row.about == "card"]


async def test_a_card_still_to_be_sent_is_dropped_when_the_question_goes_to_another_agency(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.assigned(work)
        await screening.assign(work, world.editor, question.id, world.other)
    async with database.reading() as work:
        rows = await work.all(sa.select(outbox).where(outbox.c.person_id == world.coordinator.id))
    assert [row.about for row in rows if row.state == "queued"] == [None]


async def test_the_asker_hears_that_the_agency_took_the_question_up_and_that_it_gave_it_back(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        question = await world.accepted(work)
    said = (await told(database, world.asker))[-1]
    assert "Sở Nông nghiệp và Môi trường" in said
    assert "đã nhận xử lý" in said
    assert "16/11/2026" in said
    async with database.work() as work:
        await screening.return_(work, world.officer, question.id, "Không thuộc thẩm quyền.")
    said = (await told(database, world.asker))[-1]
    assert "lại Ban Biên tập để giao đúng nơi" in said
    assert "05/11/2026" in said
    assert "Không thuộc thẩm quyền" not in said


async def test_one_agency_cannot_lead_and_coordinate(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.received(work)
    with pytest.raises(RuleViolation) as refused:
        async with database.work() as work:
            await screening.assign(work, world.editor, question.id, world.lead, (world.lead,))
    assert refused.value.reason is Reason.AGENCY_TWICE
    assert await status(database, question.id) == Status.RECEIVED


# --- automatic assignment ---------------------------------------------------------------------------------------


class TestAutomatically:
    @pytest.fixture
    def programme(self) -> Programme:
        return rules(assign_automatically=True)

    @pytest.mark.parametrize(
        ("text", "field", "lead"),
        [
            (LAND, "dat-dai", "SNNMT"),
            ("Nước sông lên, cháu bé sắp chết đuối, cứu với!", "dat-dai", None),  # an emergency
            (DENUNCIATION, "dat-dai", None),  # a suspected denunciation
            (LAND, None, None),  # no field
        ],
    )
    async def test_only_what_is_plain_goes_out_without_a_tap(
        self, database: Database, world: World, text: str, field: str | None, lead: str | None
    ) -> None:
        async with database.work() as work:
            if field is not None:
                await self.just_one_agency(work, field)
            question = await intake.receive(work, world.asker, text, field_code=field)
        row = (await look(database, question.id))[0]
        if lead is None:
            assert (row.status, row.lead_agency_id) == ("received", None)
        else:
            assert (row.status, row.lead_agency_id) == ("assigned", world.lead.id)
            assert "tự động" in (await told(database, world.editor))[-1]

    async def test_a_field_of_several_agencies_waits_for_an_editor(
        self, database: Database, world: World
    ) -> None:
        async with database.work() as work:
            question = await intake.receive(work, world.asker, LAND, field_code="cai-cach-hanh-chinh")
        assert await status(database, question.id) == Status.RECEIVED

    @staticmethod
    async def just_one_agency(work: object, field: str) -> None:
        from storage.agencies import agencies

        today = datetime(2026, 11, 2, tzinfo=UTC).date()
        assert [one.code for one in await agencies.of_field(work, field, today)] == ["SNNMT"]  # type: ignore[arg-type]


# --- refusing and merging -----------------------------------------------------------------------------------------


async def test_whoever_asked_the_same_is_told_of_the_refusal_too(database: Database, world: World) -> None:
    async with database.work() as work:
        question = await world.received(work)
        duplicate = await world.duplicate(work, question)
        await screening.refuse(work, world.editor, question.id, RefusalCode.COMPLAINT, "Xin gửi đến UBND xã.")
    assert "Xin gửi đến UBND xã." in (await told(database, world.asker))[-1]
    assert f"{duplicate.number:06d}" in (await told(database, world.follower))[-1]


async def test_a_chain_of_merged_questions_ends_at_one_and_everybody_gets_its_answer(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        first, second, third = [
            await world.received(work, asker=who)
            for who in (await person(work, "one"), await person(work, "two"), await person(work, "three"))
        ]
        await screening.merge(work, world.editor, first.id, second.id)
        await screening.merge(work, world.editor, second.id, third.id)
        await screening.assign(work, world.editor, third.id, world.lead)
        await agency_work.submit(work, world.officer, third.id, ANSWER)
        await answers.approve(work, world.leader, third.id)
        await answers.approve(work, world.editor, third.id)
        assert {row.id for row in await questions.duplicates_of(work, third.id)} == {first.id, second.id}
        one, two, three = [await person(work, name) for name in ("one", "two", "three")]
    for who in (one, two, three):
        assert sum(ANSWER in html for html in await told(database, who)) == 1


async def test_a_question_merged_into_an_answered_one_is_answered_at_once(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        original = await world.answered(work)
        before = await world.received(work, asker=await person(work, "earlier"))
        own = await world.received(work, asker=world.follower)
        await screening.merge(work, world.editor, before.id, own.id)
        await screening.merge(work, world.editor, own.id, original.id)
        earlier = await person(work, "earlier")
    assert any(ANSWER in html for html in await told(database, world.follower))
    assert any(ANSWER in html for html in await told(database, earlier))
    assert sum(ANSWER in html for html in await told(database, world.asker)) == 1


async def test_answering_a_merged_question_names_the_one_it_lives_on_in(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        original = await world.received(work)
        question = await world.assigned(work)
        await screening.merge(work, world.editor, question.id, original.id)
    with pytest.raises(RuleViolation) as refused:
        async with database.work() as work:
            await agency_work.submit(work, world.officer, question.id, ANSWER)
    assert refused.value.reason is Reason.MERGED
    assert refused.value.facts["original"] == f"DH-2026-{original.number:06d}"


async def test_nothing_is_merged_in_a_circle_or_into_what_has_ended(database: Database, world: World) -> None:
    async with database.work() as work:
        first, second, ended = [await world.received(work) for _ in range(3)]
        await screening.merge(work, world.editor, first.id, second.id)
        await screening.refuse(work, world.editor, ended.id, RefusalCode.UNCLEAR)
    for which, into, reason in (
        (second, first, Reason.MERGE_WITH_ITSELF),
        (second, second, Reason.MERGE_WITH_ITSELF),
        (second, ended, Reason.MERGE_INTO_ENDED),
    ):
        with pytest.raises(RuleViolation) as refused:
            async with database.work() as work:
                await screening.merge(work, world.editor, which.id, into.id)
        assert refused.value.reason is reason


async def test_when_the_original_is_withdrawn_who_asked_the_same_is_not_forgotten(
    database: Database, world: World
) -> None:
    async with database.work() as work:
        original = await world.assigned(work)
        heir = await world.duplicate(work, original)
        third = await world.duplicate(work, original, asker=await person(work, "third"))
        await asker_decisions.withdraw(work, world.asker, original.id)
    assert await status(database, original.id) == Status.WITHDRAWN
    row = (await look(database, heir.id))[0]
    assert (row.status, row.duplicate_of_id) == ("received", None)
    assert (await look(database, third.id))[0].duplicate_of_id == heir.id
    assert f"{heir.number:06d}" in (await told(database, world.editor))[-1]
