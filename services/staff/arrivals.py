"""New questions reach editors as one message that counts them, until they open the queue.

Emergencies, suspected denunciations and what an agency returned come at once, each by itself.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog

from channels.outgoing import Kind
from domain.programme import IntakeNotify
from domain.questions.life import Role
from messages.buttons import Act, Button
from messages.notices.desk import NewQuestionsCounted
from services import notify
from services.calendar.working_days import calendar_of
from services.notify import Rewriting, rewrite_many
from services.questions.case import ARRIVED, QUEUE, follows_changes
from storage.delivery import outbox
from storage.delivery.outbox import Lane, OutboxMessage, OutboxState, PersonalRow
from storage.engine.database import Work
from storage.engine.errors import UNAVAILABLE
from storage.people import people, roles
from storage.people.people import ReachablePersonRow
from storage.questions import worklists

log = structlog.get_logger(__name__)

SINCE = "since"  # a key of `content`: what came in from then on is counted
_UNSENT = (OutboxState.QUEUED, OutboxState.HELD)


def key_of(person_id: int) -> str:
    """The key (`outbox.supersedes`) of the message that counts for somebody."""
    return f"arrivals:{person_id}"


@follows_changes
async def count(work: Work, _question_id: int) -> None:
    """Bring the counts of new questions up to date, once in a transaction.

    Where a question came in, every editor has one. Where questions only left the queue, what nobody has opened
    yet goes down. What was done stands, whatever becomes of this: the question is in the queue.
    """
    what = work.memo.pop(QUEUE, None)
    if what is None or work.programme.intake_notify is not IntakeNotify.COUNTED:
        return
    try:
        async with work.savepoint():
            await _count(work, begins=what == ARRIVED)
    except UNAVAILABLE:
        raise
    except Exception as error:
        log.exception("arrivals_not_counted", error=type(error).__name__)


async def _count(work: Work, *, begins: bool) -> None:
    editors = [one for one in await roles.holders(work, Role.EDITOR) if people.can_be_reached(one)]
    standing = await _standing(work, editors)
    await _show(work, [one for one in editors if begins or one.id in standing], standing)


async def opened(work: Work, person_id: int) -> None:
    """Count what comes in from now on in another message: somebody looks at the queue."""
    await outbox.release_key(work, key_of(person_id))


async def _standing(work: Work, editors: Sequence[ReachablePersonRow]) -> dict[int, PersonalRow]:
    """By editor, the message that counts for them, where they have not opened the queue since it came."""
    rows = await outbox.newest_as(work, [key_of(one.id) for one in editors])
    return {row.person_id: row for row in rows.values() if SINCE in row.content}


async def _show(work: Work, editors: Sequence[ReachablePersonRow], standing: dict[int, PersonalRow]) -> None:
    since = {one.id: _since(standing.get(one.id), work.now) for one in editors}
    if not since:
        return
    received = await worklists.received_since(work, min(since.values()))
    counts = {one: sum(at >= begun for at in received) for one, begun in since.items()}
    unsent = [row.id for row in standing.values() if row.state in _UNSENT]
    dropped = await outbox.drop_many(work, unsent) if unsent else set()
    changed, new = [], []
    for editor in editors:
        row, count = standing.get(editor.id), counts[editor.id]
        if row is None or row.id in dropped:
            if count:
                new.append(editor)
        else:
            notice = NewQuestionsCounted(count=count)
            changed.append(Rewriting(editor, notice, buttons=_BUTTONS if count else (), edit_of=row.id))
    await rewrite_many(work, changed)
    for row in standing.values():
        if not counts[row.person_id] and row.id not in dropped:
            await opened(work, row.person_id)  # nothing of it is left: the next one is news
    if new:
        silent = not (await calendar_of(work)).within_hours(work.now)
        await outbox.put_many(
            work, [_message(work, one, counts[one.id], since[one.id], silent=silent) for one in new]
        )


_BUTTONS = [[Button("button.arrivals", Act.SHOW_LIST, ("new",))]]


def _since(row: PersonalRow | None, now: datetime) -> datetime:
    return now if row is None else datetime.fromisoformat(row.content[SINCE])


def _message(
    work: Work, editor: ReachablePersonRow, count: int, since: datetime, *, silent: bool
) -> OutboxMessage:
    content = notify.content(work, editor, NewQuestionsCounted(count=count), _BUTTONS)
    content |= {SINCE: since.isoformat()} | ({outbox.SILENT: True} if silent else {})
    return OutboxMessage(
        channel=editor.channel,
        address=editor.address,
        person_id=editor.id,
        lane=Lane.NOTICE,
        kind=Kind.TEXT,
        content=content,
        supersedes=key_of(editor.id),
        held=editor.unreachable_at is not None,
    )
