"""What the staff look up about a question: its files, its history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.errors import Reason, RuleViolation
from domain.privacy.audit import AuditAct
from domain.questions.life import HIDDEN, Action
from domain.vietnamese.text import excerpt
from messages.notices.desk import HistoryEvent, QuestionHistory
from messages.words import Words
from services.notify import words_for
from services.people.actors import Actor
from services.questions.case import Case, open_case
from services.questions.facts import Part, at_desk
from storage.agencies import agencies
from storage.delivery import files
from storage.engine.database import Work
from storage.operation import audit
from storage.questions import history
from storage.rows import FileRow, QuestionRow

NOTE = 300  # characters of what somebody wrote, on one line of a history


async def staff_view(work: Work, actor: Actor, question_id: int) -> Case:
    """Return a question that one of the staff may read.

    Raises `RuleViolation`.
    """
    case = await open_case(work, actor, Action.SEE, question_id)
    seen = at_desk(case.question, case.capacities)
    if not seen:
        raise RuleViolation(Reason.UNKNOWN_CODE)
    if Part.HISTORY not in seen:
        raise RuleViolation(Reason.HIDDEN, code=case.code)
    return case


async def note_reading(work: Work, actor: Actor, question: QuestionRow) -> None:
    """Record who opened a suspected or confirmed denunciation.

    The law protects who made it.
    """
    if question.secrecy in HIDDEN:
        await audit.add(work, AuditAct.HIDDEN_READ, f"question:{question.id}", actor_id=actor.id, details={})


async def files_for(work: Work, actor: Actor, question_id: int) -> tuple[QuestionRow, list[FileRow]]:
    """Return the question and its files, for staff who may see them.

    Raises `RuleViolation`.
    """
    case = await staff_view(work, actor, question_id)
    await note_reading(work, actor, case.question)
    # A corrected answer has the files of the one before once more.
    kept = {one.remote_id: one for one in await files.of_question(work, question_id)}
    return case.question, list(kept.values())


async def history_for(work: Work, actor: Actor, question_id: int) -> QuestionHistory:
    """Return the whole history, for staff who may see it.

    Raises `RuleViolation`.
    """
    case = await staff_view(work, actor, question_id)
    await note_reading(work, actor, case.question)
    say = words_for(work, actor.person)
    fields = {one.code: say.either(one.name, one.name_en) for one in await agencies.all_fields(work)}
    return QuestionHistory(
        code=case.code,
        events=tuple(
            HistoryEvent(
                at=row.at,
                event=row.event,
                who=row.actor_full_name or row.actor_display_name or "",
                role=row.actor_role,
                note=excerpt(row.note, NOTE) if row.note else "",
                before=row.details.get("from") or "",
                after=row.details.get("to") or "",
                particulars=_particulars(row.details, say, fields),
            )
            for row in await history.of_question(work, question_id)
        ),
    )


def _particulars(details: dict[str, Any], say: Words, fields: Mapping[str, str]) -> str:
    """To whom, for which coded reason, of which field, how many stars: what an event is about."""
    found = [code for code in (details.get("agency"), *details.get("coordinating", ())) if code]
    found += [
        details[key] for key in ("right_agency", "original", "duplicate", "episode") if details.get(key)
    ]
    if "reason" in details:
        found.append(say.label(f"refusal_code.{details['reason']}"))
    if "step" in details:
        found.append(say.label(f"step.{details['step']}"))
    if "stars" in details:
        found.append(f"{details['stars']} ★")
    if "field_to" in details:
        codes = (details["field_from"], details["field_to"])
        found.append(" → ".join(fields.get(code, code) if code else "…" for code in codes))
    if "days" in details or "field_to" in details:  # from when to when
        ends = (key for key in details if key.endswith(("_from", "_to")))
        dates = [details[key] for key in ends if not key.startswith(("remaining", "field"))]
        if dates:
            found.append(" → ".join(say.when(datetime.fromisoformat(one)) for one in dates))
    if "agreed" in details:
        found.append(say.label("button.yes_publish" if details["agreed"] else "button.no_publish"))
    return ", ".join(found)
