"""How a broadcast stands, as those see it who compose and watch broadcasts; one message shows its progress."""

from dataclasses import asdict
from datetime import timedelta

from domain.broadcasts import ENDED, BroadcastKind, BroadcastStatus
from domain.question import Role
from domain.subscriptions import FIELD
from messages.broadcast_notices import BroadcastState
from messages.buttons import Act, Button, Keyboard
from messages.notice import Notice
from messages.words import plain
from services import broadcasting, notify
from services.broadcasting import Progress
from services.case import actor_of
from storage import agencies, broadcasts, outbox, people
from storage.database import Database, Work
from storage.outbox import Lane, OutboxState
from storage.tables import Row

ACTS = 3  # of the last things people did that a card tells


def audience_key(audience: str) -> str:
    """The key under [audience] in labels."""
    return "field" if audience.startswith(FIELD) else audience


async def field_of(work: Work, person: Row, audience: str) -> str | None:
    """The name, in a person's language, of the field whose followers are meant."""
    if not audience.startswith(FIELD):
        return None
    code = audience.removeprefix(FIELD)
    found = await agencies.field(work, code)
    if found is None:
        return code
    return str(found.name_en if notify.words_for(work, person).language == "en" else found.name)


def text_of(row: Row) -> str:
    """The words that a person composed; empty for what announces itself."""
    return plain(row.content["html"]) if row.kind == BroadcastKind.MESSAGE else ""


async def card(
    work: Work, person: Row, row: Row, *, refresh: bool = False
) -> tuple[BroadcastState, Keyboard]:
    """A broadcast as it stands, with what can be done to it; `refresh` where the message does not follow it."""
    progress = await broadcasting.progress(work, row.id)
    counts = asdict(progress)
    left = counts.pop("seconds_left")
    maker = None if row.created_by is None else await people.by_id(work, row.created_by)
    notice = BroadcastState(
        **counts,
        kind=row.kind,
        text=text_of(row),
        audience=audience_key(row.audience),
        field=await field_of(work, person, row.audience),
        repeats=row.repeats_id,
        made_by=None if maker is None else _name(maker),
        made_at=row.created_at,
        start_at=row.start_at,
        done_at=None if left is None else work.now + timedelta(seconds=left),
        ended_at=row.ended_at,
        acts=tuple((one.act, _name(one), one.at) for one in await broadcasts.acts(work, row.id, ACTS)),
    )
    return notice, _buttons(progress, refresh=refresh)


def _name(person: Row) -> str:
    return str(person.full_name or person.display_name or "")


def _buttons(progress: Progress, *, refresh: bool) -> Keyboard:
    one = (progress.id,)
    cancel = Button("button.broadcast_cancel", Act.BROADCAST_CANCEL, one)
    follow = [[Button("button.broadcast_refresh", Act.BROADCAST_OPEN, (progress.id, "refresh"))]]
    match progress.status:
        case BroadcastStatus.QUEUED:
            rows = [[Button("button.broadcast_move", Act.BROADCAST_MOVE, one), cancel]]
        case BroadcastStatus.RUNNING:
            rows = [[Button("button.broadcast_pause", Act.BROADCAST_PAUSE, one), cancel]]
        case BroadcastStatus.PAUSED:
            rows = [[Button("button.broadcast_resume", Act.BROADCAST_RESUME, one), cancel]]
        case _:
            follow = []
            rows = []
            if progress.blocked or progress.failed or progress.dropped:
                rows.append([Button("button.broadcast_again", Act.BROADCAST_AGAIN, (progress.id, "missed"))])
            if progress.uncertain:
                again = (progress.id, "uncertain")
                rows.append([Button("button.broadcast_again_uncertain", Act.BROADCAST_AGAIN, again)])
    return [*rows, *(follow if refresh else [])]


# --- the message that follows it ----------------------------------------------------------------------------------


async def follow_on(work: Work, person: Row, broadcast_id: int, outbox_id: int) -> None:
    """From now on this message of ours shows how the broadcast stands, until it has ended."""
    await broadcasts.show_on(work, broadcast_id, outbox_id)
    await _bring_up_to_date(work, broadcast_id, person)


async def show_progress(database: Database) -> int:
    """Bring every message that follows a broadcast up to date; returns how many changed.

    Only what reads differently is changed, and a change that has not left is replaced, so that a slow messenger
    gets one, not many.
    """
    async with database.reading() as work:
        rows = await broadcasts.shown(work)
    changed = 0
    for row in rows:
        async with database.work() as work:
            changed += await _bring_up_to_date(work, row.id)
    return changed


async def _bring_up_to_date(work: Work, broadcast_id: int, reader: Row | None = None) -> bool:
    """Whether the message had to be changed, or sent anew because it is gone."""
    row = await broadcasts.by_id(work, broadcast_id)
    if row is None or row.progress_id is None:
        return False
    message = await outbox.by_id(work, row.progress_id)
    person = reader or await people.by_id(work, message.person_id)
    if person.unreachable_at is not None or not (await actor_of(work, person)).holds(Role.EDITOR, Role.ADMIN):
        await broadcasts.show_on(work, row.id, None)
        return False
    notice, buttons = await card(work, person, row)
    key = f"progress:{row.id}"
    last = await outbox.last_change(work, key, row.progress_id) or message
    if last.error == outbox.GONE:
        await _follow_anew(work, person, row, notice, buttons)
        return True
    if _says(last, notify.content(work, person, notice, buttons)):
        over = row.status in ENDED and not notice.pending
        if over and last.state not in (OutboxState.QUEUED, OutboxState.SENDING):
            await broadcasts.show_on(work, row.id, None)
        return False
    await notify.rewrite(work, person, notice, buttons, edit_of=row.progress_id, supersedes=key)
    return True


def _says(last: Row, content: dict[str, object]) -> bool:
    return {name: last.content.get(name) for name in content} == content


async def _follow_anew(work: Work, person: Row, row: Row, notice: Notice, buttons: Keyboard) -> None:
    """The message was deleted, or is too old to be changed."""
    fresh = await notify.tell(work, person, notice, buttons, lane=Lane.REPLY)
    await broadcasts.show_on(work, row.id, fresh)
