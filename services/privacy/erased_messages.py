"""What the staff have before them of a question whose asker was erased: cards, files and lists that showed it."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape, unescape

from domain.questions.anonymise import unnamed, unnamed_file
from domain.questions.life import HIDDEN
from messages.notices.chat import ListChanged
from messages.notices.privacy import CardErased
from services import notify
from services.people.actors import actor_of
from services.questions import cards, publication
from services.questions.case import code_of
from storage.delivery import outbox
from storage.delivery.outbox import OutboxState
from storage.engine.database import Work
from storage.people import people
from storage.privacy import erasing
from storage.questions import questions
from storage.tables import Row

_GONE = (
    OutboxState.QUEUED,
    OutboxState.HELD,
    OutboxState.DROPPED,
    OutboxState.FAILED,
)  # nobody has seen them
_TAG = re.compile("(<[^<>]*>)")
_CHANGES = (outbox.EDIT, outbox.BUTTONS, outbox.DELETE)


async def take_back(
    work: Work, asked: Sequence[Row], followed: Sequence[int], asker_id: int
) -> frozenset[str]:
    """Messages to others about these questions say that they were erased; what was not sent yet never is.

    Who asked the same keeps what they were told; what stands in place of a denunciation stays there (`_tells_whose`).
    Returns the addresses of those who had such messages.
    """
    addresses = set()
    ids = [int(row.id) for row in asked]
    by_id = {int(row.id): row for row in asked}
    for row in await erasing.messages_about(work, ids):
        if row.person_id in (None, asker_id) or row.kind in _CHANGES:
            continue
        reader = await people.by_id(work, row.person_id)
        if reader.erased_at is not None or await _asked_the_same(work, row.question_id, reader.id):
            continue
        addresses.add(row.address)
        if row.state not in _GONE and await _tells_whose(work, by_id[row.question_id], reader):
            continue
        await erasing.blank_messages(work, [row, *await erasing.changes_of(work, row)])
        if row.state in _GONE:
            continue
        question = by_id[row.question_id]
        if row.kind in (outbox.FILE, outbox.ALBUM):
            await notify.take_back(work, reader, edit_of=row.id)
        else:
            notice = CardErased(code=code_of(work, question), status=question.status)
            buttons = cards.open_button(question)
            await notify.rewrite(work, reader, notice, buttons, edit_of=row.id, hides=question.id)
    addresses |= await _change_elsewhere(work, by_id, asker_id)
    await _end_steps(work, {*ids, *followed})
    return frozenset(addresses)


async def mask(work: Work, person: Row, followed: Sequence[int], known: Sequence[str]) -> frozenset[str]:
    """What the staff have before them of questions that somebody followed names them no more; all else stays.

    Returns the addresses of those who had messages about these questions.
    """
    addresses = set()
    details = {one: await publication.of_them_alone(work, person, one, known) for one in followed}
    for row in [*await erasing.messages_about(work, followed), *await outbox.showing(work, followed)]:
        reader = None if row.person_id is None else await people.by_id(work, row.person_id)
        if reader is None or reader.id == person.id or reader.address is None:
            continue
        if not (await actor_of(work, reader)).is_staff:
            continue  # who asked the same never read it
        addresses.add(row.address)
        question_id = row.question_id if row.question_id in details else row.shown_id
        if row.kind in (outbox.FILE, outbox.ALBUM):
            await _take_back_naming(work, reader, row, details[question_id])
        else:
            await _mask(work, reader, row, details[question_id], question_id)
    return frozenset(addresses)


async def _mask(work: Work, reader: Row, row: Row, details: Sequence[str], question_id: int) -> None:
    """One message, in the chat and in the outbox, with all that changed it."""
    pressed = row.content.get("message_id")  # another page in the place of what was pressed
    base = None if pressed else row.edit_of or row.id
    rows = [row, *await erasing.changes_of(work, row)]
    shown = await outbox.as_shown(work, row.channel, row.address, message_id=pressed, row_id=base)
    if row.state not in _GONE and shown is not None and shown[0] is not None:
        html = _without(shown[0], details)
        if html != shown[0]:
            caption = {"caption": True} if row.kind in outbox.CAPTIONED else {}
            content = {"html": html, "buttons": shown[1]} | caption
            await notify.reword(work, reader, content, edit_of=base, message_id=pressed, hides=question_id)
    for one in rows:
        html = one.content.get("html", "")
        if _without(html, details) != html:
            await outbox.change_content(work, one.id, one.content | {"html": _without(html, details)})


async def _take_back_naming(work: Work, reader: Row, row: Row, details: Sequence[str]) -> None:
    """Files whose name is theirs: a messenger keeps the name that a file came with."""
    names = [one["name"] for one in row.content.get("files", [row.content]) if one.get("name")]
    if any(unnamed_file(name, *details) != name for name in names):
        await erasing.blank_messages(work, [row, *await erasing.changes_of(work, row)])
        if row.state not in _GONE:
            await notify.take_back(work, reader, edit_of=row.id)


def _without(html: str, details: Sequence[str]) -> str:
    """The words of a message without these details of somebody; its markup stays."""
    parts = _TAG.split(html)
    for at in range(0, len(parts), 2):
        words = unescape(parts[at])
        masked = unnamed(words, *details)
        if masked != words:
            parts[at] = escape(masked)
    return "".join(parts)


async def take_back_long_texts(work: Work, typist: Row, until: datetime) -> None:
    """The end of what an editor typed for somebody in several messages was shown to them."""
    for row in await erasing.long_texts_shown(work, typist, until):
        await erasing.blank_messages(work, [row, *await erasing.changes_of(work, row)])
        if row.state not in _GONE:
            await notify.take_back(work, typist, edit_of=row.id)


async def _tells_whose(work: Work, question: Row, reader: Row) -> bool:
    """Whether a change would say who denounced: a card of theirs under a name changes at the same moment.

    To whoever may not read a denunciation nothing of it is left that could be erased (services.questions.cards.hide).
    """
    return question.secrecy in HIDDEN and not (await actor_of(work, reader)).reads_hidden


async def _asked_the_same(work: Work, question_id: int, person_id: int) -> bool:
    """Whether somebody is among those who asked the same; found once for all of a question's messages."""
    key = ("asked the same", question_id)
    if key not in work.memo:
        work.memo[key] = {one.asker_id for one in await questions.duplicates_of(work, question_id)}
    return person_id in work.memo[key]


async def _change_elsewhere(work: Work, asked: Mapping[int, Row], asker_id: int) -> set[str]:
    """Lists that showed one of the questions tell only that they have changed, other messages what was erased."""
    done: set[tuple[str, object]] = set()
    for row in await outbox.showing(work, asked):
        reader = await people.by_id(work, row.person_id)
        if reader.id == asker_id or reader.erased_at is not None:
            continue
        if row.state not in _GONE and await _tells_whose(work, asked[row.shown_id], reader):
            continue
        pressed = row.content.get("message_id")  # another page in the place of the list that was pressed
        reworded = [one for one in await erasing.changes_of(work, row) if one.about == outbox.REWORDED]
        await erasing.blank_messages(work, [row, *reworded])
        which = (row.address, pressed or row.message_id or f"row {row.id}")
        if row.state in _GONE or which in done:
            continue
        done.add(which)
        question = asked[row.shown_id]
        erased = CardErased(code=code_of(work, question), status=question.status)
        notice = ListChanged() if row.about == outbox.LIST else erased
        where = {"edit_of": row.edit_of or row.id} if pressed is None else {"message_id": pressed}
        await notify.rewrite(work, reader, notice, hides=question.id, **where)
    return {address for address, _ in done}


async def _end_steps(work: Work, question_ids: set[int]) -> None:
    """What somebody of the staff was in the middle of with one of these questions may hold its words."""
    for step in await erasing.steps_of_staff(work):
        if step.data.get("question") in question_ids:
            await people.end_conversation(work, step.person_id)
