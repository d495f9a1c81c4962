"""Vouching: which editors read denunciations (docs/decisions/0027).

A new editor does once another one has vouched for them.
"""

from domain.errors import Reason, RuleViolation
from domain.privacy.audit import AuditAct
from messages.buttons import Act, Button, Keyboard
from messages.notices.staff import EditorRefused, EditorVouched, NobodyReadsHidden, ReadsHidden, VouchAsked
from services import notify
from services.notify import tell
from services.people.actors import Actor
from services.people.desk import name_of, tell_desk
from storage.delivery import outbox
from storage.engine.database import Work
from storage.operation import audit
from storage.people import people, roles
from storage.people.roles import EditorRow
from storage.rows import PersonRow


async def begins_vouched(work: Work, person: PersonRow, invited_by: int | None) -> bool:
    """Return whether a new editor reads denunciations from the beginning.

    Where another editor can vouch, they have to. Where nobody can, the operator's invitation is enough; an admin's
    only for the first editor there ever was, or admins could open what is shut to them by ending the editors' roles.
    """
    if not work.programme.second_editor:
        return True
    if any(_reached(one) for one in await roles.readers_of_hidden(work) if one.id != person.id):
        return False
    return invited_by is None or not await roles.ever_read_hidden(work)


async def ask_for_word(work: Work, waiting: EditorRow) -> None:
    """Ask the editors who may vouch for a new one.

    Where nobody can, all are told what is to be done.
    """
    may = await _who_may_vouch(work, waiting)
    for reader in may:
        await _ask(work, waiting, reader)
    if not any(_reached(one) for one in may):
        await tell_desk(work, NobodyReadsHidden())


async def vouch(work: Work, editor: Actor, role_id: int) -> EditorRow:
    """Vouch for a new editor, who may then read denunciations.

    Returns the new editor's row. Raises `RuleViolation`: not allowed, or done already.
    """
    waiting = await _asked_about(work, editor, role_id)
    await _set(work, waiting, by=editor)
    return waiting


async def vouch_as_operator(work: Work, person: PersonRow) -> bool:
    """Vouch by the operator's invitation, while nobody else could.

    False where somebody can.
    """
    for waiting in await roles.waiting_editors(work):
        if waiting.id == person.id and await begins_vouched(work, person, None):
            await _set(work, waiting, by=None)
            return True
    return False


async def refuse(work: Work, editor: Actor, role_id: int) -> tuple[VouchAsked, Keyboard]:
    """Decline to vouch; the new editor goes on waiting.

    Returns the question that the editor was asked, as it stands now.
    """
    waiting = await _asked_about(work, editor, role_id)
    await audit.add(
        work, AuditAct.VOUCH_REFUSED, f"person:{waiting.id}", actor_id=editor.id, details={"role": "editor"}
    )
    refused = EditorRefused(who=name_of(waiting), actor=name_of(editor.person))
    await tell_desk(work, refused, besides={waiting.id, editor.id})
    return await _question(work, waiting, refused=True)


async def tell_if_unread(work: Work) -> None:
    """Tell editors and admins where nobody who reads denunciations can be reached."""
    if not await is_read(work):
        await tell_desk(work, NobodyReadsHidden())


async def is_read(work: Work) -> bool:
    """Return whether an editor who reads denunciations can be reached."""
    return any(_reached(one) for one in await roles.readers_of_hidden(work))


def _reached(person: PersonRow) -> bool:
    return people.can_be_reached(person) and person.unreachable_at is None


async def _who_may_vouch(work: Work, waiting: EditorRow) -> list[EditorRow]:
    """List who reads denunciations already.

    The admin who invited the new one only where nobody else can be reached.
    """
    readers = [one for one in await roles.readers_of_hidden(work) if one.id != waiting.id]
    others = [one for one in readers if one.id != waiting.granted_by]
    return others if any(_reached(one) for one in others) else readers


async def _asked_about(work: Work, editor: Actor, role_id: int) -> EditorRow:
    if not editor.reads_hidden:
        raise RuleViolation(Reason.NOT_ALLOWED)
    waiting = next((one for one in await roles.waiting_editors(work) if one.role_id == role_id), None)
    if waiting is None:
        raise RuleViolation(Reason.ALREADY_DONE)
    if all(one.id != editor.id for one in await _who_may_vouch(work, waiting)):
        raise RuleViolation(Reason.NOT_ALLOWED)
    return waiting


async def _set(work: Work, waiting: EditorRow, by: Actor | None) -> None:
    if not await roles.vouch(work, waiting.role_id, None if by is None else by.id):
        raise RuleViolation(Reason.ALREADY_DONE)
    actor_id = None if by is None else by.id
    await audit.add(
        work, AuditAct.VOUCHED, f"person:{waiting.id}", actor_id=actor_id, details={"role": "editor"}
    )
    new = await people.by_id(work, waiting.id)
    await tell(work, new, ReadsHidden(), [[Button("button.list_new", Act.SHOW_LIST, ("new",))]])
    told = EditorVouched(who=name_of(new), by="" if by is None else name_of(by.person))
    await tell_desk(work, told, besides={new.id})
    for reader in await roles.readers_of_hidden(work):
        asked = await outbox.latest_as(work, f"{_key(waiting, reader)}:0")
        if asked is not None and asked.content.get("buttons"):
            await notify.take_buttons_away(work, reader, edit_of=asked.id)
    for other in await roles.waiting_editors(work):
        if any(one.id == new.id for one in await _who_may_vouch(work, other)):
            await _ask(work, other, new)


async def _ask(work: Work, waiting: EditorRow, reader: PersonRow) -> None:
    notice, buttons = await _question(work, waiting)
    await tell(work, reader, notice, buttons, supersedes=_key(waiting, reader))


async def _question(work: Work, waiting: EditorRow, *, refused: bool = False) -> tuple[VouchAsked, Keyboard]:
    by = "" if waiting.granted_by is None else name_of(await people.by_id(work, waiting.granted_by))
    rows = [[Button("button.vouch", Act.VOUCH, (waiting.role_id,))]]
    if not refused:
        rows.append([Button("button.vouch_refuse", Act.VOUCH_REFUSE, (waiting.role_id,))])
    return VouchAsked(who=name_of(waiting), by=by, refused=refused), rows


def _key(waiting: EditorRow, reader: PersonRow) -> str:
    return f"vouch:{waiting.role_id}:{reader.id}"
