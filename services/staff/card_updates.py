"""Changes everybody's newest card of a question that changes, without a sound."""

import structlog

from messages.buttons import Keyboard
from messages.notice import Notice
from messages.notices.desk import LatestChange
from services.notify import Rewriting, rewrite_many, tell_each
from services.people.actors import actors_of
from services.questions import cards
from services.questions.case import changes, follows_changes, standing
from services.questions.facts import Part, View, view
from storage.delivery import outbox
from storage.delivery.outbox import AboutRow, OutboxState
from storage.engine.database import Work
from storage.engine.errors import UNAVAILABLE
from storage.people import people
from storage.questions import history, questions
from storage.rows import PersonRow

log = structlog.get_logger(__name__)


@follows_changes
async def bring_up_to_date(work: Work, question_id: int) -> None:
    """Change the cards of a question that staff have, once in a transaction.

    As many statements however many they are. What was done stands, whatever becomes of this: it only shows it.
    """
    if work.memo.get(("followed", question_id)) == changes(work, question_id):
        return  # it is called once for each change
    work.memo["followed", question_id] = changes(work, question_id)
    try:
        async with work.savepoint():
            await _follow(work, question_id)
    except UNAVAILABLE:
        raise
    except Exception as error:
        log.exception("cards_not_changed", question_id=question_id, error=type(error).__name__)


async def _follow(work: Work, question_id: int) -> None:
    question = await questions.by_id(work, question_id)
    if question is None:
        return
    newest = {row.person_id: row for row in await outbox.of_question(work, question_id) if _is_card(row)}
    stale = {
        person_id: row
        for person_id, row in newest.items()
        if work.memo.get(("card", question_id, person_id)) != changes(work, question_id)
    }
    if not stale:
        return
    last = await history.latest(work, question_id)
    latest = LatestChange(
        who=last.actor_full_name or last.actor_display_name or "",
        role=last.actor_role,
        event=last.event,
        at=last.at,
    )
    laid_out: dict[tuple[View, str, str], tuple[Notice, Keyboard]] = {}
    known = await standing(work, question)
    shown: list[tuple[PersonRow, AboutRow, Notice, Keyboard]] = []
    for reader in await actors_of(work, list((await people.by_ids(work, stale)).values())):
        seen = view(known, reader)
        if not reader.is_staff or Part.TEXT not in seen.desk:
            continue  # what they had lost its buttons, or was taken back (services.questions.recall)
        like = (seen, reader.person.channel, reader.person.language)
        if like not in laid_out:
            laid_out[like] = await cards.card_in_place(work, reader, question, latest=latest)
        shown.append((reader.person, stale[reader.id], *laid_out[like]))
    await _put(work, question_id, shown)


def _is_card(row: AboutRow) -> bool:
    return row.kind == "text" and outbox.CARD in row.content


async def _put(
    work: Work, question_id: int, shown: list[tuple[PersonRow, AboutRow, Notice, Keyboard]]
) -> None:
    """What has not left is replaced by the card of now; what people have before them is changed."""
    waiting = [row.id for _, row, _, _ in shown if _is_unsent(row)]
    dropped = await outbox.drop_many(work, waiting) if waiting else set()
    await rewrite_many(
        work,
        [
            Rewriting(person, notice, buttons=buttons, edit_of=row.id)
            for person, row, notice, buttons in shown
            if row.id not in dropped
        ],
    )
    instead = [(person, notice, buttons) for person, row, notice, buttons in shown if row.id in dropped]
    if instead:
        await tell_each(work, instead, question_id=question_id, about="card", card=True)


def _is_unsent(row: AboutRow) -> bool:
    """One of several parts is changed where it stands: the others go out before it."""
    return row.state in (OutboxState.QUEUED, OutboxState.HELD) and row.content[outbox.CARD] == 1
