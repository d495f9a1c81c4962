"""`/thongbao`: composing a broadcast, with a preview and one card.

As soon as there is a text or a picture, it is shown as its recipients will see it, with `Xác nhận` below; button,
recipients and time are chosen on that same card.

The draft has a row of its own: a question asked in between, or any other conversation, leaves it as it is.
"""

from dataclasses import asdict
from datetime import datetime, time
from typing import Any

from channels.incoming import Message
from domain.broadcasts.broadcasts import Audience
from domain.broadcasts.typed_buttons import read_button
from domain.errors import Reason, RuleViolation
from domain.questions.life import EDITORS
from domain.subscribers.topics import field_topic
from domain.vietnamese.text import clean
from domain.vietnamese.typed_moments import read_coming
from handlers.agencies.field_choice import PER_PAGE, field_name
from handlers.broadcasts.draft import (
    BROADCAST,
    CONFIRM,
    MENDING,
    PARTS,
    TEXT,
    Composition,
    drop_broadcast,
    forget_preview,
)
from handlers.chat.dropping import drop
from handlers.chat.formatting import formatted
from handlers.chat.long_text import nearly_full
from handlers.chat.media import note_file, sent_file
from handlers.chat.registry import NOT_MINE, NotMine, press, read_command, step
from handlers.chat.steps import StepData
from handlers.chat.turn import Turn, leave_step, pressed_row, rewrite_pressed
from handlers.chat.typed import choice_of
from messages.buttons import Act, Button, Keyboard, Press
from messages.keyboards import in_rows, page_of, turn_rows
from messages.notice import Notice
from messages.notices.broadcasts import BroadcastAsked, BroadcastDraft
from messages.notices.chat import Cancelled, Refusal
from services import notify
from services.broadcasts import broadcasts, holding
from services.broadcasts import card as broadcast_card
from services.people.actors import require_editor
from services.subscribers import delivery_words
from storage.agencies import agencies
from storage.broadcasts import drafts
from storage.delivery import files, outbox

PIECES_WITHIN = 5  # seconds in which the pieces of a text come that an app has cut
AUDIENCES = (Audience.ALL, Audience.AIRINGS, Audience.LINKS)


async def _save(turn: Turn, draft: Composition) -> None:
    await drafts.put(turn.work, turn.person.id, asdict(draft))
    await turn.set_step(BROADCAST, StepData(prompt=draft.card))


# --- what comes in ----------------------------------------------------------------------------------------------


async def begin(turn: Turn, message: Message | None = None) -> None:
    """Show the draft; or begin a new one from the command's words and its picture."""
    require_editor(turn.actor)
    draft = await Composition.of(turn) or Composition()
    if message is not None:
        await drop_broadcast(turn)
        draft = Composition(card=draft.card)
        await _take(turn, draft, message, _after_command(turn, message))
    await forget_preview(turn, draft.preview)  # it is shown again, below
    draft.preview = None
    await _show(turn, draft)


def _after_command(turn: Turn, message: Message) -> str | None:
    """Return what stands behind a command as it was typed; None without a command."""
    typed = read_command(message.typed, turn.bot_name)
    return None if typed is None else typed[1]


@step(BROADCAST, holds=StepData)
async def on_message(turn: Turn, message: Message, held: StepData) -> NotMine | None:
    """Take a message as a part of the broadcast."""
    if not turn.actor.holds(*EDITORS):
        await drop(turn)  # their role was revoked meanwhile: they are a citizen who asks
        return NOT_MINE
    draft = await Composition.of(turn) or Composition()
    if draft.album is not None and message.album == draft.album:
        await _refuse_rest_of_album(turn, draft)
        return None
    typed = message.text
    if draft.step == "button" and typed:
        draft.button = list(read_button(typed))
        await forget_preview(turn, draft.preview)
        draft.preview = None
    elif draft.step == "time" and typed:
        draft.start_at = _moment(turn, typed).isoformat()
    else:
        await _take(turn, draft, message)
    await _show(turn, draft)
    return None


def _moment(turn: Turn, typed: str) -> datetime:
    return read_coming(typed, turn.work.programme.local(turn.work.now))


async def _refuse_rest_of_album(turn: Turn, draft: Composition) -> None:
    if not draft.refused_album:
        draft.refused_album = True
        await _refuse(turn, Reason.ONE_PICTURE)
        await _save(turn, draft)


async def _refuse(turn: Turn, reason: Reason, **facts: object) -> None:
    """Say what is wrong without undoing what else this message did."""
    await turn.reply(Refusal(html=turn.words.refusal(RuleViolation(reason, **facts))))


async def _take(turn: Turn, draft: Composition, message: Message, words: str | None = None) -> None:
    """Take a picture, a text, or both; raise `RuleViolation` for anything else."""
    sent = sent_file(message)
    if (sent is not None and sent.kind != "photo") or (sent is None and not message.text):
        raise RuleViolation(Reason.NOT_A_PICTURE)
    if sent is not None:
        if draft.picture is not None:
            await files.drop(turn.work, [draft.picture])
        draft.picture = await note_file(turn, message)
        draft.album, draft.refused_album = message.album, False
    if message.text or (message.caption and words != ""):
        await _take_text(turn, draft, message, words)
    await forget_preview(turn, draft.preview)
    draft.preview = None


async def _take_text(turn: Turn, draft: Composition, message: Message, words: str | None) -> None:
    html, text = formatted(message, words)
    if not clean(text) and sent_file(message) is None:
        raise RuleViolation(Reason.TEXT_MISSING)
    sent = int((message.at or turn.work.now).timestamp())
    if draft.cut and message.id != draft.message and sent - draft.sent <= PIECES_WITHIN:
        # The rest of a text that its app cut: as a whole it is too long for one message.
        limit = draft.limit
        draft.html, draft.text, draft.message, draft.sent = "", "", message.id, sent
        draft.cut = nearly_full(message)
        await _refuse(turn, Reason.BROADCAST_TOO_LONG, limit=limit, picture=draft.picture is not None)
        return
    draft.html, draft.text, draft.message, draft.sent = html, text, message.id, sent
    draft.cut = nearly_full(message)


async def edited(turn: Turn, message: Message) -> None:
    """Take over an edit of the message that brought the text."""
    draft = await Composition.of(turn)
    if draft is None or draft.message != message.id or not turn.actor.holds(*EDITORS):
        return
    html, text = formatted(message, _after_command(turn, message))
    if (html, text) == (draft.html, draft.text) or not clean(text):
        return
    draft.html, draft.text = html, text
    await forget_preview(turn, draft.preview)
    draft.preview = None
    await _show(turn, draft)


# --- the card ---------------------------------------------------------------------------------------------------


async def _show(turn: Turn, draft: Composition, *, in_place: bool = False) -> None:
    """Show the draft, ready to be confirmed or with what keeps it from that.

    The card stands at the end of the chat, below the preview; pressed (`in_place`), it is rewritten where it stands.
    """
    recipients = await broadcasts.count_recipients(turn.work, draft.audience)
    draft.step, problem = _state(turn, draft, recipients)
    if problem is not None:
        await _refuse(turn, problem)
    if draft.step == CONFIRM and draft.preview is None:
        message = delivery_words.composed(turn.work, await _content(turn, draft), draft.audience, turn.person)
        draft.preview = await notify.show_as_sent(turn.work, turn.person, message)
        in_place = False
    await _show_card(turn, draft, recipients, in_place=in_place)


async def _show_card(turn: Turn, draft: Composition, recipients: int = 0, *, in_place: bool = False) -> None:
    notice, buttons = await _card(turn, draft, recipients)
    if in_place:
        await rewrite_pressed(turn, notice, buttons)
    else:
        old = draft.card
        unseen = old is not None and await outbox.is_waiting(turn.work, old)
        draft.card = await turn.reply(notice, buttons, supersedes=f"broadcast:{turn.person.id}")
        if old is not None and not unseen:
            await notify.take_buttons_away(turn.work, turn.person, edit_of=old)
    await _save(turn, draft)


def _state(turn: Turn, draft: Composition, recipients: int) -> tuple[str, Reason | None]:
    """Return the step the draft is at, and what has to be said besides the card."""
    if draft.is_empty:
        return TEXT, None
    if draft.room < 0:
        return MENDING, None  # the card says by how much
    if not recipients:
        return MENDING, Reason.NO_RECIPIENTS
    if draft.begins is not None and draft.begins <= turn.work.now:
        return MENDING, Reason.MOMENT_PAST
    return CONFIRM, None


async def _card(turn: Turn, draft: Composition, recipients: int) -> tuple[Notice, Keyboard]:
    drop_button = Button("button.cancel", Act.BROADCAST_DROP)
    back = Button("button.broadcast_back", Act.BROADCAST_PART, ("back",))
    if draft.step == CONFIRM:
        send = Button("button.confirm", Act.BROADCAST_SEND)
        return await _question(turn, draft, recipients), [[send, drop_button], *_changes(draft)]
    notice = BroadcastDraft(
        step=draft.step,
        text=draft.text,
        room=draft.room,
        picture=draft.picture is not None,
        button=None if draft.button is None else draft.button[0],
        address=None if draft.button is None else draft.button[1],
        audience=holding.audience_key(draft.audience),
        field=await holding.field_of(turn.work, turn.person, draft.audience),
        start_at=draft.begins,
    )
    match draft.step:
        case "picture" | "button":
            return notice, [[back, drop_button]]
        case "time":
            now = Button("button.broadcast_at_once", Act.BROADCAST_PART, ("at_once",))
            return notice, [*([[now]] if draft.start_at else []), [back, drop_button]]
        case "to":
            return notice, [*await _audiences(turn, draft.page), [back, drop_button]]
        case "mending":
            return notice, [*_changes(draft), [drop_button]]
        case _:
            return notice, [[drop_button]]


async def _question(turn: Turn, draft: Composition, recipients: int) -> Notice:
    """Make the question before sending: to how many it goes, and when."""
    work, begins = turn.work, draft.begins
    first, last = work.programme.quiet_hours
    content = await _content(turn, draft)
    addresses, words = await holding.noticed(work, content)
    return BroadcastAsked(
        recipients=recipients,
        audience=holding.audience_key(draft.audience),
        field=await holding.field_of(work, turn.person, draft.audience),
        start_at=begins,
        quiet=_is_between(work.programme.local(begins or work.now).time(), first, last),
        quiet_from=f"{first:%H:%M}",
        quiet_to=f"{last:%H:%M}",
        held=work.programme.hold_minutes,
        waits_for=await holding.reason_to_wait(work, turn.person.id, content, recipients),
        addresses=addresses,
        words=words,
    )


def _is_between(at: time, first: time, last: time) -> bool:
    """Return whether a time of day lies in a span that may run over midnight."""
    return first <= at < last if first <= last else at >= first or at < last


def _changes(draft: Composition) -> Keyboard:
    return [
        [_toggle("picture", draft.picture is not None), _toggle("button", draft.button is not None)],
        [
            Button("button.broadcast_to", Act.BROADCAST_ASK, ("to",)),
            Button("button.broadcast_time", Act.BROADCAST_ASK, ("time",)),
        ],
    ]


def _toggle(part: str, there: bool) -> Button:
    if there:
        return Button(f"button.broadcast_no_{part}", Act.BROADCAST_PART, (f"no_{part}",))
    return Button(f"button.broadcast_{part}", Act.BROADCAST_ASK, (part,))


async def _audiences(turn: Turn, page: int) -> Keyboard:
    """Lay out the groups of recipients, then one page of the fields."""
    groups = [[Button(f"audience.{one}", Act.BROADCAST_TO, (one,))] for one in AUDIENCES]
    fields = page_of(await agencies.all_fields(turn.work), page, PER_PAGE)
    shown = [
        Button("", Act.BROADCAST_TO, ("field", one.code), text=field_name(turn, one)) for one in fields.shown
    ]
    turns = turn_rows(Act.BROADCAST_FIELDS, lambda to: (to,), fields.number, more=fields.more)
    return [*groups, *in_rows(shown), *turns]


# --- what is pressed --------------------------------------------------------------------------------------------


async def _pressed(turn: Turn, *, at: str | None = None) -> Composition:
    """Return the draft whose card was pressed.

    Raises `RuleViolation` for an older card, or another step than `at`. Whatever other conversation came in between
    is no hindrance.
    """
    require_editor(turn.actor)
    draft = await Composition.of(turn)
    row = await pressed_row(turn)
    if draft is None or (row is not None and row.id != draft.card) or (at is not None and draft.step != at):
        raise RuleViolation(Reason.STALE_BUTTON)
    return draft


@press(Act.BROADCAST_ASK)
async def on_ask(turn: Turn, pressed: Press) -> None:
    draft = await _pressed(turn)
    if draft.is_empty:
        raise RuleViolation(Reason.STALE_BUTTON)
    draft.step, draft.page = choice_of(pressed, PARTS), 1
    await _show_card(turn, draft, in_place=True)


@press(Act.BROADCAST_PART)
async def on_part(turn: Turn, pressed: Press) -> None:
    draft = await _pressed(turn)
    match pressed.word(0):
        case "back":
            pass
        case "no_picture" if draft.picture is not None:
            await files.drop(turn.work, [draft.picture])
            draft.picture = draft.album = None
            await forget_preview(turn, draft.preview)
            draft.preview = None
        case "no_button" if draft.button is not None:
            draft.button = None
            await forget_preview(turn, draft.preview)
            draft.preview = None
        case "at_once":
            draft.start_at = None
        case _:
            raise RuleViolation(Reason.STALE_BUTTON)
    await _show(turn, draft, in_place=True)


@press(Act.BROADCAST_TO)
async def on_to(turn: Turn, pressed: Press) -> None:
    draft = await _pressed(turn, at="to")
    audience = field_topic(pressed.word(1)) if pressed.word(0) == "field" else pressed.word(0)
    await broadcasts.check_audience(turn.work, audience)
    if audience != draft.audience:  # the button to unsubscribe names it, too
        await forget_preview(turn, draft.preview)
        draft.audience, draft.preview = audience, None
    await _show(turn, draft, in_place=True)


@press(Act.BROADCAST_FIELDS)
async def on_fields(turn: Turn, pressed: Press) -> None:
    draft = await _pressed(turn, at="to")
    draft.page = pressed.number(0) or 1
    await _show_card(turn, draft, in_place=True)


@press(Act.BROADCAST_DROP)
async def on_drop(turn: Turn, pressed: Press) -> None:
    await _pressed(turn)
    await drop_broadcast(turn)
    await leave_step(turn, BROADCAST)
    await rewrite_pressed(turn, Cancelled(draft=True, question=False, staff=True))
    turn.say("toast.cancelled")


# --- on its way ---------------------------------------------------------------------------------------------------


async def _content(turn: Turn, draft: Composition) -> dict[str, Any]:
    """Make the content that `broadcasts.compose` takes."""
    photo = None
    if draft.picture is not None:
        (row,) = await files.by_ids(turn.work, [draft.picture])
        photo = {
            "remote_id": row.remote_id,
            "checksum": row.checksum,
            "name": row.name,
            "content_type": row.content_type,
        }
    return {"html": draft.html, "photo": photo, "button": draft.button}


@press(Act.BROADCAST_SEND)
async def on_send(turn: Turn, pressed: Press) -> None:
    """Send the broadcast once: a second tap finds no draft any more."""
    require_editor(turn.actor)
    if await Composition.of(turn) is None:
        turn.say("toast.already")
        return
    draft = await _pressed(turn, at=CONFIRM)
    if draft.begins is not None and draft.begins <= turn.work.now:
        raise RuleViolation(Reason.MOMENT_PAST)
    content = await _content(turn, draft)
    button = content["button"]
    broadcast_id = await broadcasts.compose(
        turn.work,
        turn.actor,
        html=content["html"],
        photo=content["photo"],
        button=None if button is None else (button[0], button[1]),
        audience=draft.audience,
        start_at=draft.begins,
    )
    await drafts.drop(turn.work, turn.person.id)
    await leave_step(turn, BROADCAST)
    assert draft.card is not None
    await broadcast_card.follow_on(turn.work, broadcast_id, draft.card)
    turn.say("toast.sent")
