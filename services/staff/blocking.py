"""Blocks a sender for a time: nothing that they write is taken (docs/decisions/0044).

Their questions under way go on, answers reach them, and their own data stays theirs (handlers.chat.blocked).
"""

from datetime import UTC, date, datetime, time, timedelta

from domain.errors import Reason, RuleViolation
from domain.privacy.audit import AuditAct
from domain.questions.codes import Code, format_code
from domain.questions.life import HIDDEN, Action
from domain.vietnamese.text import clean
from messages.buttons import Act, Button, Key, Keyboard
from messages.keyboards import list_turns
from messages.notices.staff import (
    BlockedSender,
    BlockedSenders,
    SenderBlocked,
    SenderUnblocked,
    WriteAgain,
)
from services.notify import tell
from services.people.actors import Actor, require_editor
from services.people.desk import name_of, tell_desk
from services.questions.case import Case, code_of, open_case
from storage.engine.database import Work
from storage.operation import audit
from storage.people import blocks, people, roles
from storage.people.blocks import ListedBlockRow
from storage.privacy import erasing
from storage.questions import questions
from storage.rows import BlockRow, PersonRow, QuestionRow

DAYS_OFFERED = (7, 30, 90, 365)
LONGEST = timedelta(days=366)
REASON_LIMIT = 500  # characters
ON_A_PAGE = 8
LIST = "blocked"  # of the list, as a button names it


def usual_end(work: Work) -> date:
    """Return the last day of a block for which nobody says one."""
    return _today(work) + timedelta(days=work.programme.block_days)


def ends_offered(work: Work) -> list[date]:
    """List the last days that buttons offer, the configured one among them."""
    days = sorted({*DAYS_OFFERED, work.programme.block_days})
    return [_today(work) + timedelta(days=one) for one in days if timedelta(days=one) < LONGEST]


async def to_block(work: Work, editor: Actor, which: Code | int) -> Case:
    """Return the question whose sender somebody may block.

    Raises `RuleViolation` with the reason why not.
    """
    case = await open_case(work, editor, Action.BLOCK_SENDER, which)
    sender = await people.by_id(work, case.question.asker_id)
    if not people.can_be_reached(sender):
        raise RuleViolation(Reason.CANNOT_BLOCK, code=case.code, staff=False)
    if await roles.of_person(work, sender.id):
        raise RuleViolation(Reason.CANNOT_BLOCK, code=case.code, staff=True)
    standing = await blocks.of_person(work, sender.id)
    if standing is not None:
        raise RuleViolation(Reason.BLOCKED_ALREADY, code=case.code, ends=last_day(work, standing.until))
    return case


async def block(
    work: Work, editor: Actor, which: Code | int, last: date, reason: str
) -> tuple[Case, Keyboard]:
    """Block a question's sender to the end of a day; editors and admins are told.

    Returns the question and the button that takes it back. Raises `RuleViolation`.
    """
    case = await to_block(work, editor, which)
    reason = clean(reason)
    if not reason:
        raise RuleViolation(Reason.REASON_MISSING, code=case.code)
    if len(reason) > REASON_LIMIT:
        raise RuleViolation(Reason.TOO_LONG, limit=REASON_LIMIT)
    if not _today(work) <= last <= _today(work) + LONGEST:
        raise RuleViolation(Reason.BLOCK_END, ends=_today(work) + LONGEST)
    block_id = await blocks.add(
        work,
        case.question.asker_id,
        _close_of(work, last),
        question_id=case.question.id,
        by_id=editor.id,
        reason=reason,
    )
    await _note(work, AuditAct.SENDER_BLOCKED, block_id, editor, {"until": last.isoformat()})
    buttons = unblock_button(block_id)
    await tell_desk(
        work,
        SenderBlocked(code=case.code, who=name_of(editor.person), last=last, reason=reason),
        buttons,
        besides={editor.id},
        question_id=case.question.id,
    )
    return case, buttons


async def unblock(work: Work, editor: Actor, block_id: int) -> str:
    """Take a block back; return the question's code, "" where none is known.

    Who was told that they are blocked hears that they may write again. Raises `RuleViolation`.
    """
    require_editor(editor)
    standing = await blocks.by_id(work, block_id)
    question = None
    if standing is not None and standing.question_id is not None:
        question = await questions.by_id(work, standing.question_id)
    if standing is None or (_is_hidden(question) and not editor.reads_hidden):
        raise RuleViolation(Reason.STALE_BUTTON)
    return await _end(work, editor, standing, question)


async def unblock_sender_of(work: Work, editor: Actor, which: Code | int) -> str:
    """Take back the block of a question's sender; as `unblock`.

    By whichever question of theirs they were blocked: that one may be hidden from the editor.
    """
    case = await open_case(work, editor, Action.BLOCK_SENDER, which)
    standing = await blocks.of_person(work, case.question.asker_id)
    if standing is None:
        raise RuleViolation(Reason.NOT_BLOCKED, code=case.code)
    return await _end(work, editor, standing, case.question)


async def _end(work: Work, editor: Actor, standing: BlockRow, question: QuestionRow | None) -> str:
    if not await blocks.end(work, standing, editor.id):
        raise RuleViolation(Reason.ALREADY_DONE)
    code = "" if question is None else code_of(work, question)
    await _note(work, AuditAct.SENDER_UNBLOCKED, standing.id, editor, {})
    await tell_desk(
        work,
        SenderUnblocked(code=code, who=name_of(editor.person)),
        besides={editor.id},
        hidden=_is_hidden(question),
        question_id=None if question is None else question.id,
    )
    if standing.told_on is not None:
        await tell(work, await people.by_id(work, standing.person_id), WriteAgain())
    return code


def _is_hidden(question: QuestionRow | None) -> bool:
    return question is not None and question.secrecy in HIDDEN


async def _note(work: Work, act: AuditAct, block_id: int, editor: Actor, details: dict[str, str]) -> None:
    """Write the act in the audit log, by the block's number.

    The log loses nothing again: a name there could not be erased, and a question that is hidden later would be known
    by the day on which its asker's block ends.
    """
    await audit.add(work, act, f"block:{block_id}", actor_id=editor.id, details=details)


async def page(work: Work, editor: Actor, number: int) -> tuple[BlockedSenders, Keyboard]:
    """Return one page of who is blocked, with its buttons.

    Raises `RuleViolation` for anybody but editors and admins.
    """
    require_editor(editor)
    hiding = () if editor.reads_hidden else HIDDEN
    skip = (max(number, 1) - 1) * ON_A_PAGE
    found = await blocks.standing(work, ON_A_PAGE + 1, skip, hiding)
    shown = found[:ON_A_PAGE]
    notice = BlockedSenders(tuple(_listed(work, row) for row in shown))
    more = len(found) > ON_A_PAGE
    return notice, [*(_row(work, row) for row in shown), *list_turns(LIST, number, more=more)]


def _row(work: Work, row: ListedBlockRow) -> list[Key]:
    code = _code(work, row)
    if row.question_id is None:
        return list(unblock_button(row.id, code)[0])
    return [Button("button.open", Act.OPEN, (row.question_id,), text=code), *unblock_button(row.id)[0]]


def _listed(work: Work, row: ListedBlockRow) -> BlockedSender:
    code = _code(work, row)
    return BlockedSender(
        # without a question nothing would take the name back from this list (services.recall)
        name=(row.full_name or row.display_name) if code else f"#{row.person_id}",
        code=code,
        last=last_day(work, row.until),
        reason=row.reason or "",
        by=row.by_full_name or row.by_display_name or "",
    )


def _code(work: Work, row: ListedBlockRow) -> str:
    if row.year is None or row.number is None:
        return ""
    return format_code(work.programme.code_prefix, row.year, row.number)


def unblock_button(block_id: int, detail: str = "") -> Keyboard:
    return [[Button("button.unblock", Act.UNBLOCK, (block_id,), detail=detail)]]


async def block_again(work: Work, person: PersonRow, begun_at: datetime, until: datetime) -> bool:
    """Block somebody whom a restored backup does not have as blocked.

    Returns whether it was needed. The reason stood in the database that was replaced: nothing outside of one holds
    words.
    """
    if until <= work.now or await roles.of_person(work, person.id):
        return False
    if await blocks.of_person(work, person.id) is not None:
        return False
    asked = [one for one in await erasing.questions_of(work, person.id) if one.secrecy not in HIDDEN]
    await blocks.add(
        work,
        person.id,
        until,
        question_id=asked[-1].id if asked else None,
        by_id=None,
        reason=None,
        begun_at=begun_at,
    )
    return True


async def unblock_again(work: Work, standing: BlockRow) -> bool:
    """End a block that was ended since a restored backup; return whether it stood."""
    return await blocks.end(work, standing, None)


# --- days ---------------------------------------------------------------------------------------------------------


def _today(work: Work) -> date:
    return work.programme.local(work.now).date()


def _close_of(work: Work, last: date) -> datetime:
    """Return the end of a day in programme time."""
    return datetime.combine(last + timedelta(days=1), time(), work.programme.timezone).astimezone(UTC)


def last_day(work: Work, until: datetime) -> date:
    """Return the last day of a block, as people are told it."""
    return work.programme.local(until - timedelta(seconds=1)).date()
