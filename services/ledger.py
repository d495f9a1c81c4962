"""One question as the ledger has it, for scripts and checks (contract, "The ledger's JSON")."""

from typing import Any

from domain.history import EntryKind
from domain.programme import offset_iso
from domain.question import HIDDEN
from services import lateness
from services.case import code_of
from storage import agencies, drafts, files, history, people, questions, thread
from storage.database import Work
from storage.tables import Row


async def as_json(work: Work, question: Row) -> dict[str, Any]:
    """The question with its history; times carry the programme's offset.

    A suspected or confirmed denunciation keeps its text, asker and notes to itself, for whoever asks.
    """
    hidden = question.secrecy in HIDDEN
    asker = await people.by_id(work, question.asker_id)
    assigned = await questions.assigned(work, question.id)
    original = await questions.by_id(work, question.duplicate_of_id) if question.duplicate_of_id else None
    rating = await questions.rating(work, question.id, question.asker_id)
    lead = await agencies.by_id(work, question.lead_agency_id) if question.lead_agency_id else None
    kept = await files.of_question(work, question.id)
    asked = await thread.of_question(work, question.id, EntryKind.QUESTION, EntryKind.SUPPLEMENT)
    by_asker = {entry.id for entry in asked}
    late = await lateness.late_by(work, [question])
    return {
        "code": code_of(work, question),
        "status": question.status,
        "received_at": _at(work, question.received_at),
        "channel": question.channel,
        "text": None if hidden else await thread.question_text(work, question.id),
        "field": question.field_code,
        "asker": None
        if hidden
        else {"name": asker.full_name, "address": asker.home_address, "contact": asker.contact},
        "organisation": None if hidden else question.organisation,
        "lead_agency": None if lead is None else lead.code,
        "coordinating": [row.code for row in assigned if row.part == "coordinating"],
        "assign_due_at": _at(work, question.assign_due_at),
        "due_at": _at(work, question.due_at),
        "late_by": None if hidden else late.get(question.id),
        "answered_at": _at(work, question.answered_at),
        "answer": None if hidden else await _answer(work, question),
        "published_at": _at(work, question.published_at),
        "rating": None if rating is None else rating.stars,
        "duplicate_of": None if original is None else code_of(work, original),
        "attachments": sum(1 for file in kept if file.entry_id in by_asker),
        "history": [
            {
                "at": _at(work, row.at),
                "event": row.event,
                "actor": _actor(row, hidden=hidden),
                "note": None if hidden else row.note or _particulars(row.details),
                "from": row.details.get("from"),
                "to": row.details.get("to"),
                "details": None if hidden else row.details,
            }
            for row in await history.of_question(work, question.id)
        ],
    }


def _particulars(details: dict[str, Any]) -> str | None:
    """What an event without anybody's words is about, in codes: agencies, coded reason, other question, stars."""
    found = [
        details.get(key) for key in ("agency", "reason", "original", "duplicate", "episode", "step", "stars")
    ]
    found += details.get("coordinating", [])
    if "agreed" in details:
        found.append("yes" if details["agreed"] else "no")
    return ", ".join(str(one) for one in found if one) or None


async def _answer(work: Work, question: Row) -> dict[str, Any] | None:
    draft = await drafts.by_id(work, question.answer_id) if question.answer_id else None
    if draft is None or question.answered_at is None:
        return None
    return {
        "text": draft.text,
        "official_letter": draft.official_letter,
        "attachments": len(await files.of_entry(work, draft.entry_id)),
    }


def _actor(row: Row, *, hidden: bool) -> str:
    """Who acted: their capacity, and for staff their name; the asker's name stands once, under `asker`."""
    if row.actor_role in ("asker", "follower", "programme") or hidden:
        return str(row.actor_role)
    return f"{row.actor_role}: {row.actor_full_name or row.actor_display_name or ''}".rstrip(": ")


def _at(work: Work, instant: Any) -> str | None:
    return None if instant is None else offset_iso(instant, work.programme.timezone)
