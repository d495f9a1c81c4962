"""The card of a broadcast, for those who compose and watch broadcasts.

One message follows its progress.
"""

from dataclasses import asdict, dataclass
from datetime import timedelta

from markupsafe import Markup

from domain.broadcasts.broadcasts import ENDED, BroadcastStatus
from domain.questions.life import Role
from messages.buttons import Act, Button, Keyboard
from messages.notices.broadcasts import BroadcastDeed, BroadcastState
from services import notify
from services.broadcasts import broadcasts as broadcasting
from services.broadcasts.broadcasts import Progress
from services.broadcasts.holding import audience_key, field_of, html_of, text_of
from services.people.actors import actor_of
from storage.broadcasts import broadcasts
from storage.delivery import outbox
from storage.delivery.outbox import Lane, OutboxState
from storage.engine.database import Database, Work
from storage.people import people
from storage.rows import BroadcastRow, OutboxRow, PersonRow

ACTS = 3  # of the last things people did that a card tells


async def card(
    work: Work, person: PersonRow, row: BroadcastRow, *, refresh: bool = False
) -> tuple[BroadcastState, Keyboard]:
    """Lay out a broadcast with what can be done to it.

    `refresh`: the message does not follow it.
    """
    progress = await broadcasting.progress(work, row.id)
    counts = asdict(progress)
    left = counts.pop("seconds_left")
    maker = None if row.created_by is None else await people.by_id(work, row.created_by)
    # Its author's word is there already.
    may_approve = row.waits_for is not None and row.created_by != person.id
    notice = BroadcastState(
        **counts,
        kind=row.kind,
        text=text_of(row),
        html=await html_of(work, row) if may_approve else Markup(),
        audience=audience_key(row.audience),
        field=await field_of(work, person, row.audience),
        repeats=row.repeats_id,
        made_by=None if maker is None else _name(maker),
        made_at=row.created_at,
        start_at=row.start_at,
        waits_for=row.waits_for,
        done_at=None if left is None else work.now + timedelta(seconds=left),
        ended_at=row.ended_at,
        acts=tuple(
            BroadcastDeed(act=one.act, who=_name(one), at=one.at)
            for one in await broadcasts.acts(work, row.id, ACTS)
        ),
    )
    buttons = _buttons(progress, refresh=refresh, may_approve=may_approve)
    if await broadcasting.count_to_take_back(work, row):
        buttons = [*buttons, [Button("button.broadcast_take_back", Act.BROADCAST_TAKE_BACK, (row.id,))]]
    return notice, buttons


def _name(person: PersonRow) -> str:
    return str(person.full_name or person.display_name or "")


def _buttons(progress: Progress, *, refresh: bool, may_approve: bool) -> Keyboard:
    one = (progress.id,)
    cancel = Button("button.broadcast_cancel", Act.BROADCAST_CANCEL, one)
    follow = [[Button("button.broadcast_refresh", Act.BROADCAST_OPEN, (progress.id, "refresh"))]]
    last = [[cancel]]  # apart from what lets it go on
    match progress.status:
        case BroadcastStatus.QUEUED:
            rows = [[Button("button.broadcast_move", Act.BROADCAST_MOVE, one)]]
            if may_approve:
                rows.insert(0, [Button("button.broadcast_approve", Act.BROADCAST_APPROVE, one)])
        case BroadcastStatus.RUNNING:
            rows = [[Button("button.broadcast_pause", Act.BROADCAST_PAUSE, one)]]
        case BroadcastStatus.PAUSED:
            rows = [[Button("button.broadcast_resume", Act.BROADCAST_RESUME, one)]]
        case _:
            follow, last = [], []
            rows = []
            if progress.blocked or progress.failed or progress.dropped:
                rows.append([Button("button.broadcast_again", Act.BROADCAST_AGAIN, (progress.id, "missed"))])
            if progress.uncertain:
                again = (progress.id, "uncertain")
                rows.append([Button("button.broadcast_again_uncertain", Act.BROADCAST_AGAIN, again)])
    return [*rows, *(follow if refresh else []), *last]


# --- the message that follows it ----------------------------------------------------------------------------------


async def follow_on(work: Work, broadcast_id: int, outbox_id: int) -> None:
    """Let this message of ours follow a broadcast until it has ended."""
    await broadcasts.show_on(work, broadcast_id, outbox_id)
    await _bring_up_to_date(work, broadcast_id)


async def show_progress(database: Database) -> int:
    """Bring every message that follows a broadcast up to date.

    Returns how many had to be changed. Only what reads differently is changed, and a change that has not left is
    replaced, so that a slow messenger gets one, not many.
    """
    async with database.reading() as work:
        behind = [row.id for row in await broadcasts.shown(work) if not (await _look(work, row)).is_current]
    changed = 0
    for broadcast_id in behind:
        async with database.work() as work:
            changed += await _bring_up_to_date(work, broadcast_id)
    return changed


@dataclass(frozen=True)
class _Look:
    """A broadcast, the message that follows it, and what that should say."""

    row: BroadcastRow
    person: PersonRow
    last: OutboxRow  # the message, or the newest change of it
    notice: BroadcastState
    buttons: Keyboard
    may_see: bool  # they still are an editor, and something reaches them
    is_right: bool  # the message says so, or will once it is delivered

    @property
    def is_over(self) -> bool:
        return self.row.status in ENDED and not self.notice.pending

    @property
    def is_delivered(self) -> bool:
        return self.last.state not in (OutboxState.QUEUED, OutboxState.SENDING)

    @property
    def is_current(self) -> bool:
        """Whether nothing has to be done now."""
        if not self.may_see or self.last.error == outbox.GONE:
            return False
        return self.is_right and not (self.is_over and self.is_delivered)


async def _look(work: Work, row: BroadcastRow) -> _Look:
    assert row.progress_id is not None, "a message follows it"
    message = await outbox.by_id(work, row.progress_id)
    assert message.person_id is not None
    person = await people.by_id(work, message.person_id)
    last = await outbox.last_change(work, _key(row), row.progress_id) or message
    notice, buttons = await card(work, person, row)
    content = notify.content(work, person, notice, buttons)
    # Whoever presses a button on it changes it, too; and what the messenger will never take is not tried for ever.
    shown = None
    if people.can_be_reached(person):
        shown = await outbox.as_shown(
            work, person.channel, person.address, message_id=None, row_id=row.progress_id
        )
    return _Look(
        row=row,
        person=person,
        last=last,
        notice=notice,
        buttons=buttons,
        may_see=person.unreachable_at is None
        and (await actor_of(work, person)).holds(Role.EDITOR, Role.ADMIN),
        is_right=shown == (content["html"], content["buttons"]) or content.items() <= last.content.items(),
    )


def _key(row: BroadcastRow) -> str:
    return f"progress:{row.id}"


async def _bring_up_to_date(work: Work, broadcast_id: int) -> bool:
    """Change the message, or send it anew where it is gone; return whether either was needed."""
    row = await broadcasts.by_id(work, broadcast_id)
    if row is None or row.progress_id is None:
        return False
    look = await _look(work, row)
    if not look.may_see:
        await broadcasts.show_on(work, row.id, None)
        return False
    if look.last.error == outbox.GONE:  # deleted, or too old to be changed
        fresh = await notify.tell(work, look.person, look.notice, look.buttons, lane=Lane.REPLY)
        await broadcasts.show_on(work, row.id, fresh)
        return True
    if look.is_right:
        if look.is_over and look.is_delivered:
            await broadcasts.show_on(work, row.id, None)
        return False
    await notify.rewrite(
        work,
        look.person,
        look.notice,
        look.buttons,
        edit_of=row.progress_id,
        supersedes=_key(row),
        purpose=notify.Purpose.PROGRESS,
    )
    return True
