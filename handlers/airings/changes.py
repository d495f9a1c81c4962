"""`/lichphat`: editors move, cancel, restore and add airings, and tie them to episodes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from telegram import Message, Update

from domain.airings.schedule import Airing, AiringStatus, read_key
from domain.airings.typed import (
    TypedExtra,
    TypedMoment,
    channel_at_front,
    moment_at_front,
    read_extra,
    read_reason,
)
from domain.episodes.episodes import read_episode_number
from domain.errors import Reason, RuleViolation
from domain.questions.life import Role
from domain.vietnamese.text import phrase_at_front
from handlers.chat.confirming import STEP as CONFIRM
from handlers.chat.confirming import ask_after, confirmed
from handlers.chat.context import (
    Context,
    current_step,
    leave_step,
    take_pressed_buttons_away,
)
from handlers.chat.paging import paged
from handlers.chat.prompting import CANCEL, ask_for, end_text_step
from handlers.chat.registry import command, press, step
from handlers.chat.typed import id_of, typed_text
from messages.buttons import Act, Button, Keyboard, Press
from messages.keyboards import list_turns, page_of
from messages.notice import Notice
from messages.notices.airings import (
    AiringCard,
    AiringDecided,
    AiringPreview,
    AiringTied,
    ChannelTime,
    EpisodeToTie,
    ListedAiring,
    ScheduleListed,
)
from messages.notices.chat import TextAsked
from services.airings import changes
from services.airings.changes import Change
from services.airings.schedule import (
    CALENDAR_DAYS,
    airing_of,
    airings_between,
    coming_airings,
    tie,
    with_episodes,
)
from services.people.actors import require_editor
from storage.airings.airings import newest_episodes
from storage.episodes import episodes
from storage.tables import Row

ON_A_PAGE = 8
EPISODES_OFFERED = 6

MOVE, CANCEL_IT, RESTORE, ADD = "airing_move", "airing_cancel", "airing_restore", "airing_add"


@command("lichphat", Role.EDITOR, Role.ADMIN, place=570)
async def schedule(update: Update, context: Context, argument: str) -> None:
    """`/lichphat dời 7/11 sang 8/11 20:00 lý do` and the like; without words, the coming airings."""
    if not argument:
        await context.reply(*await schedule_page(context, 1))
        return
    argument = " ".join(argument.split())
    found = phrase_at_front(argument, _VERBS)
    if found is None:
        await _open_typed(context, argument)
    else:
        await _VERBS[found[0]](context, found[1])


@paged("airings")
async def schedule_page(context: Context, page: int) -> tuple[Notice, Keyboard]:
    """Coming airings, each with a button to its card."""
    require_editor(context.actor)
    coming = await coming_airings(context.work, CALENDAR_DAYS)
    here = page_of(coming, page, ON_A_PAGE)
    shown = await with_episodes(context.work, here.shown)
    buttons = [
        [Button("", Act.AIRING, (airing.key,), text=_label(context, number, airing))]
        for number, (airing, _episode) in enumerate(shown, start=1)
    ]
    rows = tuple(
        ListedAiring(
            channel=airing.channel,
            starts_at=airing.starts_at,
            kind=airing.kind.value,
            status=airing.status.value,
            episode=episode,
        )
        for airing, episode in shown
    )
    add = [Button("button.airing_add", Act.AIRING_ADD)]
    return ScheduleListed(airings=rows), [
        *buttons,
        *list_turns("airings", here.number, more=here.more),
        add,
    ]


def _label(context: Context, number: int, airing: Airing) -> str:
    local = context.work.programme.local(airing.starts_at)
    return f"{number}. {local:%d/%m %H:%M} {airing.channel}"


async def _show_card(context: Context, airing: Airing) -> None:
    ((_, episode),) = await with_episodes(context.work, [airing])
    moved = airing.ruled_at is not None and airing.ruled_at != airing.starts_at
    notice = AiringCard(
        channel=airing.channel,
        starts_at=airing.starts_at,
        minutes=airing.minutes,
        kind=airing.kind,
        status=airing.status,
        episode=episode,
        reason=airing.reason or "",
        ruled_at=airing.ruled_at if moved else None,
        follows_cancelled=airing.follows_cancelled,
    )
    await context.reply(notice, _card_buttons(airing))


def _card_buttons(airing: Airing) -> Keyboard:
    rows: list[list[Button]] = []
    key = (airing.key,)
    if not airing.follows_cancelled:
        change = [Button("button.airing_move", Act.AIRING_MOVE, key)]
        if airing.status is not AiringStatus.CANCELLED:
            change.append(Button("button.airing_cancel", Act.AIRING_CANCEL, key))
        rows.append(change)
        moved_from = airing.status is AiringStatus.MOVED and airing.ruled_at is not None
        if moved_from or airing.status is AiringStatus.CANCELLED:
            rows.append([Button("button.airing_restore", Act.AIRING_RESTORE, key)])
    tying = [Button("button.airing_tie", Act.AIRING_TIE, key)]
    if airing.episode_id is not None:
        tying.append(Button("button.airing_untie", Act.AIRING_UNTIE, key))
    return [*rows, tying]


# --- what is typed after the command --------------------------------------------------------------------------


async def _typed_move(context: Context, typed: str) -> None:
    airing, rest = await _find(context, typed)
    await _ask_to_move(context, airing, rest)


async def _typed_cancel(context: Context, typed: str) -> None:
    airing, rest = await _find(context, typed)
    await _ask_to_cancel(context, airing, rest)


async def _typed_restore(context: Context, typed: str) -> None:
    airing, _ = await _find(context, typed)
    await _ask_to_restore(context, airing)


async def _typed_add(context: Context, typed: str) -> None:
    await _ask_to_add(context, typed)


async def _typed_tie(context: Context, typed: str) -> None:
    airing, rest = await _find(context, typed)
    await _tie(context, airing.key, await _episode(context, rest))


async def _typed_untie(context: Context, typed: str) -> None:
    airing, _ = await _find(context, typed)
    await _tie(context, airing.key, None)


async def _open_typed(context: Context, typed: str) -> None:
    """`/lichphat 7/11`: the card of the airing then."""
    airing, _ = await _find(context, typed)
    await _show_card(context, airing)


Verb = Callable[[Context, str], Awaitable[None]]

# Folded.
_VERBS: dict[str, Verb] = {
    "khoi phuc": _typed_restore,
    "restore": _typed_restore,
    "doi": _typed_move,
    "move": _typed_move,
    "huy": _typed_cancel,
    "cancel": _typed_cancel,
    "them": _typed_add,
    "add": _typed_add,
    "gan": _typed_tie,
    "tie": _typed_tie,
    "go": _typed_untie,
    "untie": _typed_untie,
}


async def _find(context: Context, typed: str) -> tuple[Airing, str]:
    """The airing that typed words name by its day, with time and channel where needed, and the words that follow.

    Raises `RuleViolation`: no day, no airing then, several.
    """
    require_editor(context.actor)
    first, _, others = typed.partition(" ")
    if isinstance(read_key(first), tuple):
        return await _airing(context, first), others
    moment = _moment(context, typed)
    if moment is None or moment.day is None:
        raise RuleViolation(Reason.NO_AIRING_MOMENT)
    channel, rest = channel_at_front(moment.rest, await changes.channels(context.work))
    local = context.work.programme.local
    found = [
        one
        for one in await airings_between(context.work, moment.day, moment.day)
        if moment.at in (None, local(one.starts_at).time()) and channel in (None, one.channel)
    ]
    if not found:
        at = None if moment.at is None else f"{moment.at:%H:%M}"
        raise RuleViolation(Reason.NO_AIRING, day=moment.day, at=at, channel=channel)
    if len(found) > 1:
        choices = tuple(f"{local(one.starts_at):%H:%M} {one.channel}" for one in found)
        raise RuleViolation(Reason.WHICH_AIRING, day=moment.day, choices=choices)
    return found[0], rest


def _moment(context: Context, typed: str) -> TypedMoment | None:
    return moment_at_front(typed, context.work.programme.local(context.work.now).date())


def _instant(context: Context, day: date, at: time) -> datetime:
    return datetime.combine(day, at, context.work.programme.timezone)


async def _airing(context: Context, key: str) -> Airing:
    require_editor(context.actor)
    airing = await airing_of(context.work, key)
    if airing is None:
        raise RuleViolation(Reason.NO_AIRING)
    return airing


# --- buttons of the card --------------------------------------------------------------------------------------


def _key(pressed: Press) -> str:
    """The airing's key, which may hold a colon."""
    return ":".join(pressed.args)


@press(Act.AIRING)
async def card_pressed(update: Update, context: Context, pressed: Press) -> None:
    await _show_card(context, await _airing(context, _key(pressed)))


@press(Act.AIRING_MOVE)
async def move_pressed(update: Update, context: Context, pressed: Press) -> None:
    await _ask_for_words(context, await _airing(context, _key(pressed)), MOVE)


@press(Act.AIRING_CANCEL)
async def cancel_pressed(update: Update, context: Context, pressed: Press) -> None:
    await _ask_for_words(context, await _airing(context, _key(pressed)), CANCEL_IT)


async def _ask_for_words(context: Context, airing: Airing, what: str) -> None:
    await ask_for(context, what, TextAsked(code="", what=what), {"key": airing.key})


@step(MOVE)
async def move_typed(update: Update, context: Context, message: Message, conversation: Row) -> None:
    airing = await _airing(context, conversation.data["key"])
    proposal = await _proposed_move(context, airing, typed_text(message))
    await end_text_step(context, conversation)
    await _ask(context, MOVE, *proposal)


@step(CANCEL_IT)
async def cancel_typed(update: Update, context: Context, message: Message, conversation: Row) -> None:
    airing = await _airing(context, conversation.data["key"])
    proposal = await _proposed_cancel(context, airing, typed_text(message))
    await end_text_step(context, conversation)
    await _ask(context, CANCEL_IT, *proposal)


@press(Act.AIRING_RESTORE)
async def restore_pressed(update: Update, context: Context, pressed: Press) -> None:
    await _ask_to_restore(context, await _airing(context, _key(pressed)))


# --- move, cancel, restore: asked first -----------------------------------------------------------------------


async def _ask_to_move(context: Context, airing: Airing, typed: str) -> None:
    await _ask(context, MOVE, *await _proposed_move(context, airing, typed))


async def _proposed_move(context: Context, airing: Airing, typed: str) -> tuple[Change, dict[str, Any]]:
    """To another day, another time, or both; what is not said stays."""
    moment = _moment(context, typed)
    if moment is None:
        raise RuleViolation(Reason.NO_AIRING_MOMENT)
    stands = context.work.programme.local(airing.starts_at)
    to = _instant(context, moment.day or stands.date(), moment.at or stands.time())
    reason = read_reason(moment.rest)
    change = await changes.propose_move(context.work, context.actor, airing.key, to, reason)
    return change, {"to": to.isoformat(), "reason": reason}


async def _ask_to_cancel(context: Context, airing: Airing, typed: str) -> None:
    await _ask(context, CANCEL_IT, *await _proposed_cancel(context, airing, typed))


async def _proposed_cancel(context: Context, airing: Airing, typed: str) -> tuple[Change, dict[str, Any]]:
    reason = read_reason(typed)
    return await changes.propose_cancel(context.work, context.actor, airing.key, reason), {"reason": reason}


async def _ask_to_restore(context: Context, airing: Airing) -> None:
    await _ask(context, RESTORE, await changes.propose_restore(context.work, context.actor, airing.key), {})


async def _ask(context: Context, what: str, change: Change, data: dict[str, Any]) -> None:
    """Show what would happen to an airing and its repeats, and ask for `Xác nhận`."""
    assert change.before is not None
    shown = {"key": change.before.key, "seen": change.before.version}
    await ask_after(context, what, _preview(context, what, change), **data | shown)


def _preview(context: Context, what: str, change: Change) -> AiringPreview:
    repeats = [_channel_time(one) for _, one in change.repeats if one.on_air_at is not None]
    dropped = [_channel_time(one) for _, one in change.repeats if one.on_air_at is None]
    return AiringPreview(
        what=what,
        channel=change.after.channel,
        old=None if change.before is None else change.before.on_air_at,
        new=change.after.on_air_at,
        reason=change.after.reason or "",
        repeats=tuple(repeats),
        dropped=tuple(dropped),
        doubled=tuple(map(_channel_time, change.doubled)),
        told=bool(change.to_tell(context.work.now)),
    )


def _channel_time(airing: Airing) -> ChannelTime:
    return ChannelTime(airing.channel, airing.starts_at)


@confirmed(MOVE)
async def move_confirmed(update: Update, context: Context, data: dict[str, Any]) -> None:
    to = datetime.fromisoformat(data["to"])
    change = await changes.move(context.work, context.actor, data["key"], to, data["reason"], data["seen"])
    await _say_done(context, MOVE, change)


@confirmed(CANCEL_IT)
async def cancel_confirmed(update: Update, context: Context, data: dict[str, Any]) -> None:
    change = await changes.cancel(context.work, context.actor, data["key"], data["reason"], data["seen"])
    await _say_done(context, CANCEL_IT, change)


@confirmed(RESTORE)
async def restore_confirmed(update: Update, context: Context, data: dict[str, Any]) -> None:
    await _say_done(
        context, RESTORE, await changes.restore(context.work, context.actor, data["key"], data["seen"])
    )


async def _say_done(context: Context, what: str, change: Change) -> None:
    told = bool(change.to_tell(context.work.now))
    notice = AiringDecided(
        what=what, channel=change.after.channel, starts_at=change.after.starts_at, told=told
    )
    await context.reply(notice, [[Button("", Act.AIRING, (change.after.key,), text=_name(context, change))]])


def _name(context: Context, change: Change) -> str:
    local = context.work.programme.local(change.after.starts_at)
    return f"{local:%d/%m %H:%M} {change.after.channel}"


# --- add ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Wanted:
    """An airing to add, as it waits for confirmation."""

    to: datetime
    channel: str
    minutes: int | None
    reason: str
    with_repeats: bool

    def as_data(self) -> dict[str, Any]:
        return vars(self) | {"to": self.to.isoformat()}

    @classmethod
    def of(cls, data: dict[str, Any]) -> "_Wanted":
        return cls(
            datetime.fromisoformat(data["to"]),
            data["channel"],
            data["minutes"],
            data["reason"],
            data["with_repeats"],
        )

    async def extra(self, context: Context) -> changes.Extra:
        return await changes.extra(
            context.work,
            self.to,
            self.channel,
            self.minutes,
            self.reason,
            with_repeats=self.with_repeats,
        )


@press(Act.AIRING_ADD)
async def add_pressed(update: Update, context: Context, pressed: Press) -> None:
    require_editor(context.actor)
    await ask_for(context, ADD, TextAsked(code="", what=ADD), {})


@step(ADD)
async def add_typed(update: Update, context: Context, message: Message, conversation: Row) -> None:
    wanted = await _read_wanted(context, typed_text(message))
    proposal = await _proposed_extra(context, wanted)
    await end_text_step(context, conversation)
    await _ask_about_extra(context, wanted, *proposal)


async def _ask_to_add(context: Context, typed: str) -> None:
    wanted = await _read_wanted(context, typed)
    await _ask_about_extra(context, wanted, *await _proposed_extra(context, wanted))


async def _read_wanted(context: Context, typed: str) -> _Wanted:
    require_editor(context.actor)
    moment = _moment(context, typed)
    if moment is None or moment.day is None or moment.at is None:
        raise RuleViolation(Reason.NO_AIRING_MOMENT)
    known = await changes.channels(context.work)
    said: TypedExtra = read_extra(moment.rest, known)
    if said.channel is None:
        raise RuleViolation(Reason.UNKNOWN_AIR_CHANNEL, typed=moment.rest, channels=known)
    to = _instant(context, moment.day, moment.at)
    return _Wanted(to, said.channel, said.minutes, said.reason, said.with_repeats)


async def _proposed_extra(context: Context, wanted: _Wanted) -> tuple[Change, bool]:
    """What adding it would do, and whether it could be the other way: with repeats, or without."""
    new = await wanted.extra(context)
    change = await changes.propose_extra(context.work, context.actor, new)
    if wanted.with_repeats:
        return change, True
    try:
        await changes.propose_extra(context.work, context.actor, changes.with_repeats(new))
    except RuleViolation:
        return change, False
    return change, True


async def _ask_about_extra(context: Context, wanted: _Wanted, change: Change, has_other_way: bool) -> None:
    label = "button.airing_without_repeats" if wanted.with_repeats else "button.airing_with_repeats"
    other = "no" if wanted.with_repeats else "yes"
    further = [[Button(label, Act.AIRING_REPEATS, (other,))]] if has_other_way else []
    await ask_after(context, ADD, _preview(context, ADD, change), further, **wanted.as_data())


@press(Act.AIRING_REPEATS)
async def repeats_pressed(update: Update, context: Context, pressed: Press) -> None:
    """The airing that waits for confirmation comes with repeats, or without: asked anew."""
    conversation = await current_step(update, context, CONFIRM)
    if conversation.data["what"] != ADD:
        raise RuleViolation(Reason.STALE_BUTTON)
    wanted = _Wanted.of(conversation.data | {"with_repeats": pressed.word(0) == "yes"})
    proposal = await _proposed_extra(context, wanted)
    await take_pressed_buttons_away(update, context)
    await _ask_about_extra(context, wanted, *proposal)


@confirmed(ADD)
async def add_confirmed(update: Update, context: Context, data: dict[str, Any]) -> None:
    new = await _Wanted.of(data).extra(context)
    await _say_done(context, ADD, await changes.add(context.work, context.actor, new))


# --- tie to an episode ----------------------------------------------------------------------------------------


@press(Act.AIRING_TIE)
async def tie_pressed(update: Update, context: Context, pressed: Press) -> None:
    airing = await _airing(context, _key(pressed))
    newest = await newest_episodes(context.work, EPISODES_OFFERED)
    buttons = [
        [
            Button(
                "", Act.AIRING_TIE_TO, (airing.key, one.id), text=f"{one.number}/{one.year} {one.title}"[:60]
            )
        ]
        for one in newest
    ]
    asked = EpisodeToTie(channel=airing.channel, starts_at=airing.starts_at)
    await ask_for(context, "airing_tie", asked, {"key": airing.key}, [*buttons, CANCEL])


@press(Act.AIRING_TIE_TO)
async def tie_to_pressed(update: Update, context: Context, pressed: Press) -> None:
    episode_id = id_of(pressed, len(pressed.args) - 1)
    await leave_step(context, "airing_tie")
    await _tie(context, ":".join(pressed.args[:-1]), episode_id)
    await take_pressed_buttons_away(update, context)


@step("airing_tie")
async def tie_typed(update: Update, context: Context, message: Message, conversation: Row) -> None:
    episode_id = await _episode(context, typed_text(message))
    await end_text_step(context, conversation)
    await _tie(context, conversation.data["key"], episode_id)


@press(Act.AIRING_UNTIE)
async def untie_pressed(update: Update, context: Context, pressed: Press) -> None:
    await _tie(context, (await _airing(context, _key(pressed))).key, None)


async def _episode(context: Context, typed: str) -> int:
    number = read_episode_number(typed, context.work.programme.local(context.work.now).year)
    row = None if number is None else await episodes.by_number(context.work, number.year, number.number)
    if row is None:
        raise RuleViolation(Reason.UNKNOWN_EPISODE, number="" if number is None else str(number))
    return int(row.id)


async def _tie(context: Context, key: str, episode_id: int | None) -> None:
    airing = await tie(context.work, key, episode_id, context.actor)
    ((_, episode),) = await with_episodes(context.work, [airing])
    await context.reply(AiringTied(channel=airing.channel, starts_at=airing.starts_at, episode=episode))
