"""`/thongbao`: lists broadcasts; pauses, resumes, stops and repeats them.

Those of everybody, whoever composed them.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from channels.incoming import Message
from domain.errors import Reason, RuleViolation
from domain.questions.life import Role
from domain.vietnamese.text import fold
from domain.vietnamese.typed_moments import read_coming
from handlers.broadcasts import composing
from handlers.broadcasts.draft import BROADCAST
from handlers.chat.confirming import ask_after, confirmed
from handlers.chat.media import sent_file
from handlers.chat.paging import paged
from handlers.chat.prompting import ask_for, end_text_step
from handlers.chat.registry import command, press, step
from handlers.chat.steps import StepData
from handlers.chat.turn import Turn, pressed_row, rewrite_pressed
from handlers.chat.typed import choice_of, id_of, typed_text
from messages.buttons import Act, Button, Keyboard, Press
from messages.keyboards import list_turns
from messages.notice import Notice
from messages.notices.broadcasts import (
    BroadcastAgainAsked,
    BroadcastMoveAsked,
    BroadcastsListed,
    BroadcastTakeBackAsked,
    ListedBroadcast,
)
from messages.typed import either, forms, meanings
from services import notify
from services.broadcasts import broadcasts as broadcasting
from services.broadcasts import card as broadcast_card
from services.broadcasts import holding
from services.people.actors import Actor, require_editor
from storage.broadcasts import broadcasts, drafts
from storage.engine.database import Work
from storage.rows import BroadcastRow

ON_A_PAGE = 6
WAITING, ENDED = "broadcasts", "broadcasts_ended"
MOVE = "broadcast_move"

OnBroadcast = Callable[[Work, Actor, int], Awaitable[None]]
# What is typed after the command, folded; the number stands behind it.
_ACTS: dict[str, OnBroadcast | None] = meanings(
    "broadcast",
    {
        "pause": broadcasting.pause,
        "resume": broadcasting.resume,
        "cancel": broadcasting.cancel,
        "approve": broadcasting.approve,
        "repeat": None,  # asked about first
        "move": None,  # with the time behind
    },
)
_NUMBER = rf"(?:{either(forms('broadcast_words', 'number'))} |#)?(\d{{1,18}})"
_ACTED = either(_ACTS.keys() - forms("broadcast", "move"))
_NAMED = either(forms("broadcast_words", "broadcast"))
_UNCERTAIN = either(forms("broadcast_words", "uncertain"))
_TYPED = re.compile(rf"({_ACTED})(?: {_NAMED})? {_NUMBER}( {_UNCERTAIN})?")
_SHOWN = re.compile(_NUMBER)
_MOVED = re.compile(rf"{either(forms('broadcast', 'move'))} {_NUMBER} (.+)")


@dataclass(frozen=True, kw_only=True)
class BroadcastStep(StepData):
    """A step about a broadcast."""

    broadcast: int


@dataclass(frozen=True, kw_only=True)
class BroadcastAgain(BroadcastStep):
    """A broadcast to be sent once more to whom it did not reach.

    `uncertain`: to whom it may have reached, too.
    """

    uncertain: bool


@command("thongbao", Role.EDITOR, Role.ADMIN, place=620)
async def on_broadcasts(turn: Turn, argument: str) -> None:
    """`/thongbao nội dung`: compose a broadcast.

    Or act on one: `/thongbao dừng 12`, `tiếp`, `hủy`, `đồng ý`, `gửi lại 12`, `đổi 12 mai 8:00`.
    """
    message = turn.message
    typed = fold(argument)
    acted, moved, shown = _TYPED.fullmatch(typed), _MOVED.fullmatch(typed), _SHOWN.fullmatch(typed)
    run = None if acted is None else _ACTS[acted[1]]
    if acted is not None and run is not None and not acted[3]:
        await run(turn.work, turn.actor, int(acted[2]))
        await _reply_with_card(turn, await _found(turn, int(acted[2])))
    elif acted is not None and run is None:
        await _ask_again(turn, int(acted[2]), uncertain=bool(acted[3]))
    elif moved is not None:
        await _move(turn, int(moved[1]), moved[2])
        await _reply_with_card(turn, await _found(turn, int(moved[1])))
    elif shown is not None:
        await _reply_with_card(turn, await _found(turn, int(shown[1])))
    elif argument or sent_file(message) is not None:
        await composing.begin(turn, message)
    else:
        menu = await turn.reply(*await waiting_page(turn, 1))
        if await turn.step() is None:  # nothing else is meant by what they send next
            await turn.set_step(BROADCAST, StepData(prompt=menu))


@press(Act.BROADCAST_NEW)
async def on_new(turn: Turn, pressed: Press) -> None:
    await composing.begin(turn)


# --- lists ------------------------------------------------------------------------------------------------------


@paged(WAITING)
async def waiting_page(turn: Turn, page: int) -> tuple[Notice, Keyboard]:
    """Show broadcasts that wait or run, with buttons to compose and to the ended ones."""
    draft = await drafts.of_person(turn.work, turn.person.id)
    label = "button.broadcast_new" if draft is None else "button.broadcast_resume_draft"
    rows = [
        [
            Button(label, Act.BROADCAST_NEW),
            Button("button.broadcast_ended", Act.SHOW_LIST, (ENDED,)),
        ]
    ]
    return await _page(turn, page, rows, ended=False)


@paged(ENDED)
async def ended_page(turn: Turn, page: int) -> tuple[Notice, Keyboard]:
    """Show ended broadcasts, the newest first."""
    rows = [[Button("button.broadcast_waiting", Act.SHOW_LIST, (WAITING,))]]
    return await _page(turn, page, rows, ended=True)


async def _page(turn: Turn, page: int, first: list[list[Button]], *, ended: bool) -> tuple[Notice, Keyboard]:
    require_editor(turn.actor)
    found = await broadcasts.page(turn.work, ended=ended, limit=ON_A_PAGE + 1, offset=(page - 1) * ON_A_PAGE)
    shown = found[:ON_A_PAGE]
    notice = BroadcastsListed(
        ended=ended,
        broadcasts=tuple(
            ListedBroadcast(
                id=row.id,
                status=row.status,
                text=holding.text_of(row),
                kind=row.kind,
                at=row.started_at or row.start_at,
            )
            for row in shown
        ),
    )
    opens = [Button("", Act.BROADCAST_OPEN, (row.id,), text=str(row.id)) for row in shown]
    turns = list_turns(ENDED if ended else WAITING, page, more=len(found) > ON_A_PAGE)
    return notice, [*first, *([opens] if opens else []), *turns]


# --- one of them --------------------------------------------------------------------------------------------------


async def _found(turn: Turn, broadcast_id: int) -> BroadcastRow:
    require_editor(turn.actor)
    row = await broadcasts.by_id(turn.work, broadcast_id)
    if row is None:
        raise RuleViolation(Reason.UNKNOWN_BROADCAST)
    return row


async def _reply_with_card(turn: Turn, row: BroadcastRow) -> None:
    """Reply with a card; its author's newest card is the one that follows the broadcast."""
    mine = row.created_by == turn.person.id
    notice, buttons = await broadcast_card.card(turn.work, turn.person, row, refresh=not mine)
    card = await turn.reply(notice, buttons, shows=holding.shown_by(row))
    if mine and card is not None:
        if row.progress_id is not None:
            await notify.take_buttons_away(turn.work, turn.person, edit_of=row.progress_id)
        await broadcasts.show_on(turn.work, row.id, card)


@press(Act.BROADCAST_OPEN)
async def on_open(turn: Turn, pressed: Press) -> None:
    row = await _found(turn, id_of(pressed))
    if pressed.word(1) == "refresh":
        await _show_pressed(turn, row.id)
    else:
        await _reply_with_card(turn, row)


async def _show_pressed(turn: Turn, broadcast_id: int) -> None:
    """Bring the pressed card up to date."""
    row = await _found(turn, broadcast_id)
    message = await pressed_row(turn)
    follows = message is not None and message.id == row.progress_id
    notice, buttons = await broadcast_card.card(turn.work, turn.person, row, refresh=not follows)
    await rewrite_pressed(turn, notice, buttons, shows=holding.shown_by(row))


@press(Act.BROADCAST_PAUSE)
async def on_pause(turn: Turn, pressed: Press) -> None:
    await _act(turn, pressed, broadcasting.pause)


@press(Act.BROADCAST_RESUME)
async def on_resume(turn: Turn, pressed: Press) -> None:
    await _act(turn, pressed, broadcasting.resume)


@press(Act.BROADCAST_CANCEL)
async def on_cancel(turn: Turn, pressed: Press) -> None:
    await _act(turn, pressed, broadcasting.cancel)


@press(Act.BROADCAST_APPROVE)
async def on_approve(turn: Turn, pressed: Press) -> None:
    await _act(turn, pressed, broadcasting.approve)


_TOO_LATE = (Reason.BROADCAST_ENDED, Reason.BROADCAST_NOT_STARTED, Reason.BROADCAST_NOT_WAITING)


async def _act(turn: Turn, pressed: Press, act: OnBroadcast) -> None:
    """Act on a broadcast and show how it stands, also where it was over or somebody was quicker."""
    broadcast_id = id_of(pressed)
    try:
        await act(turn.work, turn.actor, broadcast_id)
    except RuleViolation as violation:
        if violation.reason not in _TOO_LATE:
            raise
        turn.say("toast.already", alert=True)
    else:
        turn.say("toast.broadcast")
    await _show_pressed(turn, broadcast_id)


# --- another time -------------------------------------------------------------------------------------------------


@press(Act.BROADCAST_MOVE)
async def on_move(turn: Turn, pressed: Press) -> None:
    row = await _found(turn, id_of(pressed))
    asked = BroadcastMoveAsked(id=row.id, start_at=row.start_at)
    await ask_for(turn, MOVE, asked, BroadcastStep(broadcast=row.id))


@step(MOVE, holds=BroadcastStep)
async def move_typed(turn: Turn, message: Message, held: BroadcastStep) -> None:
    await _move(turn, held.broadcast, typed_text(message))
    await end_text_step(turn, held)
    await _reply_with_card(turn, await _found(turn, held.broadcast))


async def _move(turn: Turn, broadcast_id: int, typed: str) -> None:
    require_editor(turn.actor)
    start_at = read_coming(typed, turn.work.programme.local(turn.work.now))
    await broadcasting.reschedule(turn.work, turn.actor, broadcast_id, start_at)


# --- once more ----------------------------------------------------------------------------------------------------


@press(Act.BROADCAST_AGAIN)
async def on_again(turn: Turn, pressed: Press) -> None:
    which = choice_of(pressed, ("missed", "uncertain"), 1)
    await _ask_again(turn, id_of(pressed), uncertain=which == "uncertain")


async def _ask_again(turn: Turn, broadcast_id: int, *, uncertain: bool) -> None:
    """Say how many people a repetition would go to, and ask for `Xác nhận`."""
    require_editor(turn.actor)
    people = await broadcasting.count_missed(turn.work, broadcast_id, include_uncertain=uncertain)
    if not people:
        raise RuleViolation(Reason.NOBODY_MISSED)
    notice = BroadcastAgainAsked(id=broadcast_id, people=people, uncertain=uncertain)
    held = BroadcastAgain(broadcast=broadcast_id, uncertain=uncertain)
    await ask_after(turn, "broadcast_again", notice, held)


@confirmed("broadcast_again", holds=BroadcastAgain)
async def again_confirmed(turn: Turn, held: BroadcastAgain) -> None:
    again = await broadcasting.repeat_to_missed(
        turn.work, turn.actor, held.broadcast, include_uncertain=held.uncertain
    )
    await _reply_with_card(turn, await _found(turn, again))


# --- taken back ---------------------------------------------------------------------------------------------------


@press(Act.BROADCAST_TAKE_BACK)
async def on_take_back(turn: Turn, pressed: Press) -> None:
    """Say from how many chats it would be deleted, and ask for `Xác nhận`."""
    require_editor(turn.actor)
    row = await _found(turn, id_of(pressed))
    people = await broadcasting.count_to_take_back(turn.work, row)
    if not people:
        raise RuleViolation(Reason.BROADCAST_NOT_TAKEN_BACK)
    notice = BroadcastTakeBackAsked(id=row.id, people=people)
    await ask_after(turn, "broadcast_take_back", notice, BroadcastStep(broadcast=row.id))


@confirmed("broadcast_take_back", holds=BroadcastStep)
async def take_back_confirmed(turn: Turn, held: BroadcastStep) -> None:
    await broadcasting.take_back(turn.work, turn.actor, held.broadcast)
    await _reply_with_card(turn, await _found(turn, held.broadcast))
