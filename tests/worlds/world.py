"""People, agencies and questions made by the real services, for many stories."""

from dataclasses import dataclass

import sqlalchemy as sa

from domain.privacy.consent import Consent
from domain.questions.life import Role, Status
from services.corrections import corrections
from services.people.actors import Actor, actor_of
from services.questions import agency_work, answers, asker_decisions, intake, screening
from services.questions.case import Case
from storage.agencies import agencies
from storage.engine.database import Database, Work
from storage.people import consents, people, roles
from storage.questions import entries, history, questions
from storage.rows import AgencyRow, OutboxRow, QuestionRow
from storage.tables import history as history_table
from storage.tables import outbox

LAND = "Tôi nộp hồ sơ cấp sổ đỏ ở phường Rạch Giá từ tháng 5 mà chưa có kết quả, khi nào có?"
ANSWER = "Hồ sơ đã được thẩm định, giấy chứng nhận sẽ có trước ngày 30/11/2026."


async def person(work: Work, name: str) -> Actor:
    """Return a citizen who has agreed to the processing of their data."""
    row = await people.seen(
        work, channel="telegram", address=f"chat of {name}", display_name=name, language="vi"
    )
    await people.update(
        work, row.id, full_name=f"Họ Tên {name}", home_address="12 Lê Lợi", contact="0901234567"
    )
    await consents.give(work, row.id, Consent.PROCESSING, "2026-11")
    return await actor_of(work, await people.by_id(work, row.id))


async def staff(work: Work, name: str, role: Role, agency_code: str | None = None) -> Actor:
    row = await people.seen(
        work, channel="telegram", address=f"chat of {name}", display_name=name, language="vi"
    )
    agency = None if agency_code is None else await agency_of(work, agency_code)
    await roles.grant(work, row.id, role, None if agency is None else agency.id, None)
    return await actor_of(work, row)


async def agency_of(work: Work, code: str) -> AgencyRow:
    row = await agencies.by_code(work, code)
    assert row is not None
    return row


@dataclass(frozen=True)
class World:
    """Three departments, one leading, one coordinating, one neither, and their people.

    Environment leads, construction coordinates, health is neither.
    """

    asker: Actor
    follower: Actor
    editor: Actor
    admin: Actor
    officer: Actor
    leader: Actor
    coordinator: Actor
    outsider: Actor
    lead: AgencyRow
    coordinating: AgencyRow
    other: AgencyRow

    @classmethod
    async def build(cls, work: Work) -> "World":
        return cls(
            asker=await person(work, "asker"),
            follower=await person(work, "follower"),
            editor=await staff(work, "editor", Role.EDITOR),
            admin=await staff(work, "admin", Role.ADMIN),
            officer=await staff(work, "officer", Role.OFFICER, "SNNMT"),
            leader=await staff(work, "leader", Role.LEADER, "SNNMT"),
            coordinator=await staff(work, "coordinator", Role.OFFICER, "SXD"),
            outsider=await staff(work, "outsider", Role.OFFICER, "SYT"),
            lead=await agency_of(work, "SNNMT"),
            coordinating=await agency_of(work, "SXD"),
            other=await agency_of(work, "SYT"),
        )

    # Each takes a question one step further and returns it.

    async def received(self, work: Work, text: str = LAND, asker: Actor | None = None) -> QuestionRow:
        return await intake.receive(work, asker or self.asker, text)

    async def assigned(self, work: Work) -> QuestionRow:
        question = await self.received(work)
        case = await screening.assign(work, self.editor, question.id, self.lead, (self.coordinating,))
        return case.question

    async def accepted(self, work: Work) -> QuestionRow:
        question = await self.assigned(work)
        return (await agency_work.accept(work, self.officer, question.id)).question

    async def waiting(self, work: Work) -> QuestionRow:
        question = await self.accepted(work)
        return (await agency_work.ask_more(work, self.officer, question.id, "Số hồ sơ nào?")).question

    async def in_approval(self, work: Work) -> QuestionRow:
        question = await self.assigned(work)
        return (await agency_work.submit(work, self.officer, question.id, ANSWER)).question

    async def with_the_editors(self, work: Work) -> QuestionRow:
        question = await self.in_approval(work)
        return (await answers.approve(work, self.leader, question.id)).question

    async def answered(self, work: Work) -> QuestionRow:
        question = await self.with_the_editors(work)
        return (await answers.approve(work, self.editor, question.id)).question

    async def corrected(self, work: Work, question_id: int, text: str, why: str = "Ghi nhầm ngày.") -> Case:
        """Have an answer corrected through its agency."""
        await corrections.propose(work, self.officer, question_id, text, why)
        await answers.approve(work, self.leader, question_id)
        return await answers.approve(work, self.editor, question_id)

    async def withdrawn(self, work: Work) -> QuestionRow:
        question = await self.assigned(work)
        return (await asker_decisions.withdraw(work, self.asker, question.id)).question

    async def duplicate(self, work: Work, original: QuestionRow, asker: Actor | None = None) -> QuestionRow:
        """Merge the same question from somebody else; return it."""
        question = await self.received(work, asker=asker or self.follower)
        case, _ = await screening.merge(work, self.editor, question.id, original.id)
        return case.question


async def look(database: Database, question_id: int) -> tuple[QuestionRow, int, int, int]:
    """Return a question's row, and the lengths of history, thread and outbox.

    On a fresh connection.
    """
    async with database.reading() as work:
        row = await questions.by_id(work, question_id)
        assert row is not None
        past = await work.value(
            sa.select(sa.func.count())
            .select_from(history_table)
            .where(history_table.c.question_id == question_id)
        )
        written = len(await entries.of_question(work, question_id))
        out = await work.value(sa.select(sa.func.count()).select_from(outbox))
        return row, past, written, out


async def events(database: Database, question_id: int) -> list[str]:
    async with database.reading() as work:
        return [row.event for row in await history.of_question(work, question_id)]


async def status(database: Database, question_id: int) -> Status:
    return Status((await look(database, question_id))[0].status)


async def told(database: Database, actor: Actor) -> list[str]:
    """Return what was queued for somebody, oldest first, as HTML.

    Without what only brings a card of theirs up to date.
    """
    async with database.reading() as work:
        rows = await work.all(sa.select(outbox).where(outbox.c.person_id == actor.id).order_by(outbox.c.id))
    return [row.content.get("html", "") for row in rows if not brings_up_to_date(row)]


def brings_up_to_date(row: OutboxRow) -> bool:
    """Return whether it is a card that was changed after it was first queued."""
    return "🔄" in row.content.get("html", "")
