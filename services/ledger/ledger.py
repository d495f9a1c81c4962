"""The ledger's lines: what it shows of each question (contract, "The ledger's JSON").

One place decides what is withheld of a suspected or confirmed denunciation: `lines`. The JSON for scripts and the
spreadsheet for admins are both made of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.episodes.episodes import EpisodeNumber
from domain.programme import offset_iso
from domain.questions.codes import format_code
from domain.questions.history import EntryKind, Event
from domain.questions.lateness import Holder
from domain.questions.life import ENDS, HIDDEN
from services.questions.case import code_of
from services.questions.facts import late_by
from storage.delivery import files
from storage.engine.database import Work
from storage.ledger import lines as ledger
from storage.questions import entries, history
from storage.questions.history import ToldHistoryRow
from storage.rows import QuestionRow


@dataclass(frozen=True)
class Agency:
    """An agency on a question; `name` is the one it had then."""

    code: str
    name: str


@dataclass(frozen=True)
class Answer:
    """The answer that was sent to the asker."""

    text: str | None
    official_letter: str | None
    entry_id: int


@dataclass(frozen=True)
class Asker:
    """Who asked, as the ledger must hold it; empty for an erased person."""

    name: str | None
    address: str | None
    contact: str | None


@dataclass(frozen=True)
class LedgerLine:
    """One question in the ledger.

    Of a hidden one `text`, `asker`, `organisation`, `answer`, `late_by` are None, whoever reads.
    """

    code: str
    status: str
    hidden: bool
    received_at: datetime
    channel: str
    text: str | None
    field: str | None  # its code
    asker: Asker | None
    organisation: str | None
    lead: Agency | None
    coordinating: tuple[Agency, ...]
    assign_due_at: datetime
    first_due_at: datetime | None  # the first limit that the asker was told
    due_at: datetime | None
    late_by: Holder | None
    answered_at: datetime | None
    answer: Answer | None
    published_at: datetime | None
    stars: int | None
    duplicate_of: str | None
    reopened: bool
    extended_days: int  # working days, granted in all
    episodes: tuple[EpisodeNumber, ...]


async def lines(work: Work, rows: Sequence[QuestionRow]) -> list[LedgerLine]:
    """Return the lines of these questions, in their order.

    As many as fit into one statement, read with a few statements. Words, asker and notes of a suspected or confirmed
    denunciation are withheld from everybody.
    """
    if not rows:
        return []
    ids = [row.id for row in rows]
    open_to_all = [row for row in rows if row.secrecy not in HIDDEN]
    shown = [row.id for row in open_to_all]
    texts = {row.question_id: row.text or "" for row in await ledger.texts(work, shown)}
    askers = {
        row.id: Asker(row.full_name, row.home_address, row.contact)
        for row in await ledger.askers(work, sorted({row.asker_id for row in open_to_all}))
    }
    sent = [row.answer_id for row in open_to_all if row.answer_id is not None and row.answered_at is not None]
    answers = {
        row.id: Answer(row.text, row.official_letter, row.entry_id)
        for row in (await ledger.answers(work, sent) if sent else [])
    }
    agencies = await _agencies(work, rows)
    stars = {row.question_id: row.stars for row in await ledger.stars(work, ids)}
    originals = await _codes(work, {row.duplicate_of_id for row in rows if row.duplicate_of_id is not None})
    extended = {row.question_id: int(row.days) for row in await ledger.extended(work, ids)}
    on_air = _together(
        (row.question_id, EpisodeNumber(row.year, row.number)) for row in await ledger.on_air(work, shown)
    )
    late = await late_by(work, rows)
    found = []
    for row in rows:
        hidden = row.secrecy in HIDDEN
        lead, coordinating = agencies[row.id]
        found.append(
            LedgerLine(
                code=code_of(work, row),
                status=row.status,
                hidden=hidden,
                received_at=row.received_at,
                channel=row.channel,
                text=None if hidden else texts.get(row.id, ""),
                field=row.field_code,
                asker=None if hidden else askers[row.asker_id],
                organisation=None if hidden else row.organisation,
                lead=lead,
                coordinating=coordinating,
                assign_due_at=row.assign_due_at,
                first_due_at=row.first_due_at,
                due_at=row.due_at,
                late_by=None if hidden else late.get(row.id),
                answered_at=row.answered_at,
                answer=None if hidden or row.answered_at is None else answers.get(row.answer_id),
                published_at=row.published_at,
                stars=stars.get(row.id),
                duplicate_of=None if row.duplicate_of_id is None else originals.get(row.duplicate_of_id),
                reopened=row.reopened_at is not None,
                extended_days=extended.get(row.id, 0),
                # what has ended is in no episode any more
                episodes=() if row.status in ENDS else tuple(on_air.get(row.id, ())),
            )
        )
    return found


async def _agencies(
    work: Work, rows: Sequence[QuestionRow]
) -> dict[int, tuple[Agency | None, tuple[Agency, ...]]]:
    """Return, by question, who leads, and who coordinates now."""
    ever = _together((one.question_id, one) for one in await ledger.assigned(work, [row.id for row in rows]))
    found: dict[int, tuple[Agency | None, tuple[Agency, ...]]] = {}
    for row in rows:
        known = {one.agency_id: Agency(one.code, one.agency_name) for one in ever.get(row.id, ())}
        helping = [one for one in ever.get(row.id, ()) if one.part == "coordinating" and one.ended_at is None]
        found[row.id] = (
            known.get(row.lead_agency_id),
            tuple(Agency(one.code, one.agency_name) for one in helping),
        )
    return found


async def _codes(work: Work, question_ids: set[int]) -> dict[int, str]:
    prefix = work.programme.code_prefix
    rows = await ledger.by_ids(work, sorted(question_ids)) if question_ids else []
    return {row.id: format_code(prefix, row.year, row.number) for row in rows}


def _together(pairs: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


async def as_json(work: Work, question: QuestionRow) -> dict[str, Any]:
    """Return the question with its history as JSON.

    Times carry the programme's offset.
    """
    (line,) = await lines(work, [question])
    kept = await files.of_question(work, question.id)
    asked = await entries.of_question(work, question.id, EntryKind.QUESTION, EntryKind.SUPPLEMENT)
    by_asker = {entry.id for entry in asked}
    told = await history.of_question(work, question.id)
    if line.hidden:
        told = [row for row in told if not _of_all_at_once(row, told)]
    return {
        "code": line.code,
        "status": line.status,
        "received_at": _at(work, line.received_at),
        "channel": line.channel,
        "text": line.text,
        "field": line.field,
        "asker": None
        if line.asker is None
        else {"name": line.asker.name, "address": line.asker.address, "contact": line.asker.contact},
        "organisation": line.organisation,
        "lead_agency": None if line.lead is None else line.lead.code,
        "coordinating": [agency.code for agency in line.coordinating],
        "owner": None,
        "assign_due_at": _at(work, line.assign_due_at),
        "first_due_at": _at(work, line.first_due_at),
        "due_at": _at(work, line.due_at),
        "late_by": line.late_by,
        "answered_at": _at(work, line.answered_at),
        "answer": None if line.answer is None else await _answer(work, line.answer),
        "published_at": _at(work, line.published_at),
        "rating": line.stars,
        "duplicate_of": line.duplicate_of,
        "attachments": sum(1 for file in kept if file.entry_id in by_asker),
        "history": [
            {
                "at": _at(work, row.at),
                "event": row.event,
                "actor": _actor(row, hidden=line.hidden),
                "note": None if line.hidden else row.note or _particulars(row.details),
                "from": row.details.get("from"),
                "to": row.details.get("to"),
                "details": None if line.hidden else row.details,
            }
            for row in told
        ],
    }


def _of_all_at_once(row: ToldHistoryRow, told: Sequence[ToldHistoryRow]) -> bool:
    """Return whether an event happened to all of a person's questions at once.

    It would tell whose a hidden one is. Erasing somebody withdraws all their open questions.
    """
    erased = {one.at for one in told if one.event == Event.ASKER_ERASED}
    all_at_once = row.event in (Event.ASKER_CORRECTED, Event.ASKER_ERASED)
    return all_at_once or (row.event == Event.WITHDRAWN and row.at in erased)


def _particulars(details: dict[str, Any]) -> str | None:
    """Return what a wordless event is about, in codes: agencies, reason, other question, stars."""
    found = [
        details.get(key)
        for key in ("agency", "reason", "original", "duplicate", "episode", "step", "stars", "field_to")
    ]
    found += details.get("coordinating", [])
    if "agreed" in details:
        found.append("yes" if details["agreed"] else "no")
    return ", ".join(str(one) for one in found if one) or None


async def _answer(work: Work, answer: Answer) -> dict[str, Any]:
    return {
        "text": answer.text,
        "official_letter": answer.official_letter,
        "attachments": len(await files.of_entry(work, answer.entry_id)),
    }


def _actor(row: ToldHistoryRow, *, hidden: bool) -> str:
    """Return who acted: their capacity, and the name of staff.

    The asker's name stands once, under `asker`.
    """
    if row.actor_role in ("asker", "follower", "programme") or hidden:
        return str(row.actor_role)
    return f"{row.actor_role}: {row.actor_full_name or row.actor_display_name or ''}".rstrip(": ")


def _at(work: Work, instant: Any) -> str | None:
    return None if instant is None else offset_iso(instant, work.programme.timezone)
