"""`/xuatso`: exports of the ledger as spreadsheets.

Asked for here, made by `bot.loops.ledger_maker`, sent by the outbox. The ledger is read in pages, each in a
transaction of its own. What becomes secret or is erased meanwhile must not go out: `services.ledger.recall` marks the
export, and a marked one is made anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from domain.calendar.working_days import WorkingCalendar
from domain.errors import Reason, RuleViolation
from domain.periods import BEGINNING, Period
from domain.privacy.audit import AuditAct
from domain.programme import Programme
from domain.questions.life import ANSWERED_STATUSES, Role, Status
from messages.documents.ledger_book import MAX_QUESTIONS, BookColumn, BookFact, BookHead, Cell
from messages.notices.ledger import LedgerBeingMade, LedgerNotSent, LedgerReady
from messages.notices.staff import LedgerTakenNews
from messages.words import Words
from services import notify
from services.calendar.working_days import calendar_of
from services.ledger import ledger
from services.ledger.ledger import LedgerLine
from services.people.actors import Actor, actor_of, require_admin
from services.people.desk import name_of, tell_desk
from storage.agencies import agencies
from storage.delivery import files, outbox
from storage.delivery.outbox import Lane, OutboxState
from storage.engine.database import Work
from storage.ledger import exports
from storage.ledger import lines as stored
from storage.ledger.exports import period_of
from storage.operation import audit
from storage.people import people
from storage.questions.questions import CLOCK_RUNS
from storage.rows import LedgerExportRow, PersonRow, QuestionRow

PAGE = 200  # questions read at once: others get their turn in between
TRIES = 3

# A key under [ledger_column], and its width in characters.
_COLUMNS = (
    ("code", 17),
    ("received_at", 16),
    ("channel", 14),
    ("field", 24),
    ("status", 24),
    ("lead", 36),
    ("coordinating", 36),
    ("assign_due_at", 16),
    ("first_due_at", 16),
    ("due_at", 16),
    ("answered_at", 16),
    ("late_days", 10),
    ("late_days_first", 10),
    ("late_by", 22),
    ("extended_days", 10),
    ("official_letter", 18),
    ("published_at", 16),
    ("episodes", 12),
    ("stars", 8),
    ("duplicate_of", 17),
    ("asker", 28),
    ("organisation", 28),
    ("address", 36),
    ("contact", 20),
    ("text", 80),
)


async def ask(work: Work, admin: Actor, period: Period) -> LedgerBeingMade:
    """Ask for a spreadsheet of a period's ledger, for an admin.

    Raises `RuleViolation`: no admin, no question in that period, more than a spreadsheet holds, asked for before.
    """
    require_admin(admin)
    first = await stored.first_received(work)
    if period.first == BEGINNING and first is not None:
        period = replace(period, first=work.programme.local(first).date())
    facts = {"from_day": period.first, "to_day": period.last}
    start, end = period.instants(work.programme.timezone)
    questions = await stored.count(work, start, end, at_most=MAX_QUESTIONS + 1)
    if not questions:
        raise RuleViolation(Reason.LEDGER_EMPTY, **facts)
    if questions > MAX_QUESTIONS:
        raise RuleViolation(Reason.LEDGER_TOO_LONG, **facts, most=MAX_QUESTIONS)
    if await exports.is_under_way(work, admin.id, period):
        raise RuleViolation(Reason.LEDGER_UNDER_WAY, **facts)
    await exports.add(work, admin.id, period)
    return LedgerBeingMade(period.first, period.last, questions)


# --- made ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """An export to make, with all that its lines need to become words."""

    row: LedgerExportRow
    period: Period
    head: BookHead
    in_words: "InWords"


async def next_job(work: Work) -> Job | None:
    """Return the next export to make, or None."""
    row = await exports.next_to_make(work)
    if row is None:
        return None
    person = await people.by_id(work, row.person_id)
    say, period = notify.words_for(work, person), period_of(row)
    fields = {row.code: str(say.either(row.name, row.name_en)) for row in await agencies.all_fields(work)}
    in_words = InWords(say, work.programme, await calendar_of(work), fields, work.now)
    return Job(row, period, _head(work, say, row, person), in_words)


def _head(work: Work, say: Words, row: LedgerExportRow, person: PersonRow) -> BookHead:
    named = person.full_name or person.display_name
    facts: dict[str, Cell] = {
        "programme": work.programme.name,
        "province": work.programme.province,
        "first": say.day(row.first_on),
        "last": say.day(row.last_on),
        "made_at": say.when(work.now),
        "made_for": named,
        # No two are the same file: the content of one may be discarded while another is on its way.
        "number": f"{row.id}.{row.outdated}" if row.outdated else str(row.id),
        "hidden": say.label("ledger_about.hidden_why"),
        "personal": say.label("ledger_about.personal_why"),
    }
    return BookHead(
        sheet=say.label("ledger_sheet.ledger"),
        columns=tuple(BookColumn(say.label(f"ledger_column.{key}"), width) for key, width in _COLUMNS),
        about=say.label("ledger_sheet.about"),
        facts=tuple(BookFact(say.label(f"ledger_about.{key}"), fact) for key, fact in facts.items()),
        made_at=work.now,
    )


async def page(
    work: Work, job: Job, after: QuestionRow | None
) -> tuple[list[LedgerLine], QuestionRow] | None:
    """Return the next lines, and the row that they end with; None after the last."""
    start, end = job.period.instants(work.programme.timezone)
    rows = await stored.page(work, start, end, after=after, limit=PAGE)
    return (await ledger.lines(work, rows), rows[-1]) if rows else None


@dataclass(frozen=True)
class InWords:
    """Writes lines as cells, in one language and in programme time."""

    say: Words
    programme: Programme
    calendar: WorkingCalendar
    fields: Mapping[str, str]
    now: datetime

    def cells(self, line: LedgerLine) -> list[Cell]:
        """Return a line's cells in the order of the columns.

        A cell that the ledger does not show is empty.
        """
        label, asker, answer = self.say.label, line.asker, line.answer
        return [
            line.code,
            self._at(line.received_at),
            label(f"channel.{line.channel}"),
            self.fields.get(line.field or "", line.field),
            label(f"status.{line.status}"),
            None if line.lead is None else line.lead.name,
            "; ".join(agency.name for agency in line.coordinating),
            self._at(line.assign_due_at),
            self._at(line.first_due_at),
            self._at(line.due_at),
            self._at(line.answered_at),
            self._late_days(line),
            self._late_days_first(line),
            None if line.late_by is None else label(f"late_by.{line.late_by}"),
            line.extended_days or None,
            None if answer is None else answer.official_letter,
            self._at(line.published_at),
            "; ".join(map(str, line.episodes)),
            line.stars,
            line.duplicate_of,
            None if asker is None else asker.name,
            line.organisation,
            None if asker is None else asker.address,
            None if asker is None else asker.contact,
            line.text,
        ]

    def _at(self, instant: datetime | None) -> datetime | None:
        """Return a time for a spreadsheet: programme time, to the second, naive."""
        if instant is None:
            return None
        return self.programme.local(instant).replace(tzinfo=None, microsecond=0)

    def _late_days(self, line: LedgerLine) -> int | None:
        """Count working days after the due day, until the answer or now; 0 on the due day itself."""
        due = line.assign_due_at if line.status == Status.RECEIVED else line.due_at
        return None if line.late_by is None or due is None else self._days_after(due, line)

    def _late_days_first(self, line: LedgerLine) -> int | None:
        """The same after the first limit that the asker was told; of what was reopened there is none."""
        due = line.first_due_at
        counts = line.status in (Status.RECEIVED, *CLOCK_RUNS, *ANSWERED_STATUSES)
        if line.hidden or line.reopened or due is None or not counts:
            return None
        end = line.answered_at if line.status in ANSWERED_STATUSES else self.now
        return self._days_after(due, line) if end is not None and end > due else None

    def _days_after(self, due: datetime, line: LedgerLine) -> int:
        answered = line.answered_at if line.status in ANSWERED_STATUSES else None
        local = self.programme.local
        return self.calendar.working_days_between(local(due).date(), local(answered or self.now).date())


# --- sent ---------------------------------------------------------------------------------------------------------


async def send(work: Work, job: Job, checksum: str, questions: int) -> bool:
    """Queue the file, kept under its checksum, for who asked for it.

    False where it may hold what must no longer be in it: its content is discarded, and it is made anew.
    """
    row, period = job.row, job.period
    admin = await actor_of(work, await people.by_id(work, row.person_id))
    if not admin.holds(Role.ADMIN):  # not any more
        await exports.drop(work, row.id)
        await files.discard(work, {checksum})
        return True
    if not await exports.claim(work, row, checksum):
        await files.discard(work, {checksum})
        return False
    notice = LedgerReady(period.first, period.last, questions)
    outbox_id = await notify.tell_with_kept_file(work, admin.person, notice, checksum, file_name(job))
    await exports.goes_with(work, row.id, outbox_id)
    await audit.add(
        work,
        AuditAct.LEDGER_EXPORTED,
        f"ledger:{period.first}..{period.last}",
        actor_id=admin.id,
        details={"questions": questions},
    )
    news = LedgerTakenNews(period.first, period.last, questions, actor=name_of(admin.person))
    await tell_desk(work, news, besides={admin.id})
    return True


def file_name(job: Job) -> str:
    """Return "so-cau-hoi_2026-01-01_2026-03-31.xlsx"."""
    return f"{job.in_words.say.label('file.ledger')}_{job.period.first}_{job.period.last}.xlsx"


async def failed(work: Work, job: Job, *, too_large: bool) -> None:
    """Note a failed try; after the last one, tell who asked."""
    tries = await exports.tried(work, job.row.id)
    if too_large or tries >= TRIES:
        await exports.drop(work, job.row.id)
        await _tell_not_sent(work, job.row, "too_large" if too_large else "failed")


async def tidy(work: Work) -> int:
    """Discard files that were delivered or never will be; return how many exports ended."""
    done = 0
    for row in await exports.settled(work):
        checksum = row.checksum
        if not await exports.end(work, row.id):
            continue
        done += 1
        if checksum is not None:
            await files.discard(work, {checksum})
        brings, queued = row.outbox_id, row.outcome == OutboxState.QUEUED
        waited = brings is not None and queued and await outbox.drop(work, brings)
        if waited or row.outcome == OutboxState.FAILED:
            await _tell_not_sent(work, row, "not_delivered")
    await exports.drop_old(work)
    return done


async def is_tidy(work: Work) -> bool:
    """Return whether there is nothing to tidy."""
    return not await exports.settled(work) and not await exports.has_old(work)


async def _tell_not_sent(work: Work, row: LedgerExportRow, why: str) -> None:
    person = await people.by_id(work, row.person_id)
    if person.unreachable_at is None:
        notice = LedgerNotSent(row.first_on, row.last_on, why)
        await notify.tell(work, person, notice, lane=Lane.REPLY)
