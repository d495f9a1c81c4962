"""`/lichphat`: editors move, cancel, restore and add airings, and tie them to episodes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from channels.incoming import Message
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
from handlers.chat.confirming import ConfirmStep, ask_after, confirmed
from handlers.chat.paging import paged
from handlers.chat.prompting import CANCEL, ask_for, end_text_step
from handlers.chat.registry import command, press, step
from handlers.chat.steps import StepData
from handlers.chat.turn import (
    Turn,
    current_step,
    leave_step,
    take_pressed_buttons_away,
)
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
from messages.typed import meanings
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

ON_A_PAGE = 8
EPISODES_OFFERED = 6

MOVE, CANCEL_IT, RESTORE, ADD = "airing_move", "airing_cancel", "airing_restore", "airing_add"


@command("lichphat", Role.EDITOR, Role.ADMIN, place=570)
async def schedule(turn: Turn, argument: str) -> None:
    """`/lichphat dời 7/11 sang 8/11 20:00 lý do` and the like.

    Without words: the coming airings.
    """
    if not argument:
        await turn.reply(*await schedule_page(turn, 1))
        return
    argument = " ".join(argument.split())
    found = phrase_at_front(argument, _VERBS)
    if found is None:
        await _open_typed(turn, argument)
    else:
        await _VERBS[found[0]](turn, found[1])


@paged("airings")
async def schedule_page(turn: Turn, page: int) -> tuple[Notice, Keyboard]:
    """Show the coming airings, each with a button to its card."""
    require_editor(turn.actor)
    coming = await coming_airings(turn.work, CALENDAR_DAYS)
    here = page_of(coming, page, ON_A_PAGE)
    shown = await with_episodes(turn.work, here.shown)
    buttons = [
        [Button("", Act.AIRING, (airing.key,), text=_label(turn, number, airing))]
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


def _label(turn: Turn, number: int, airing: Airing) -> str:
    local = turn.work.programme.local(airing.starts_at)
    return f"{number}. {local:%d/%m %H:%M} {airing.channel}"


async def _show_card(turn: Turn, airing: Airing) -> None:
    ((_, episode),) = await with_episodes(turn.work, [airing])
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
    await turn.reply(notice, _card_buttons(airing))


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


async def _typed_move(turn: Turn, typed: str) -> None:
    airing, rest = await _find(turn, typed)
    await _ask_to_move(turn, airing, rest)


async def _typed_cancel(turn: Turn, typed: str) -> None:
    airing, rest = await _find(turn, typed)
    await _ask_to_cancel(turn, airing, rest)


async def _typed_restore(turn: Turn, typed: str) -> None:
    airing, _ = await _find(turn, typed)
    await _ask_to_restore(turn, airing)


async def _typed_add(turn: Turn, typed: str) -> None:
    await _ask_to_add(turn, typed)


async def _typed_tie(turn: Turn, typed: str) -> None:
    airing, rest = await _find(turn, typed)
    await _tie(turn, airing.key, await _episode(turn, rest))


async def _typed_untie(turn: Turn, typed: str) -> None:
    airing, _ = await _find(turn, typed)
    await _tie(turn, airing.key, None)


async def _open_typed(turn: Turn, typed: str) -> None:
    """`/lichphat 7/11`: show the card of that day's airing."""
    airing, _ = await _find(turn, typed)
    await _show_card(turn, airing)


Verb = Callable[[Turn, str], Awaitable[None]]

_VERBS: dict[str, Verb] = meanings(
    "airing",
    {
        "restore": _typed_restore,
        "move": _typed_move,
        "cancel": _typed_cancel,
        "add": _typed_add,
        "tie": _typed_tie,
        "untie": _typed_untie,
    },
)


async def _find(turn: Turn, typed: str) -> tuple[Airing, str]:
    """Find the airing that is typed by day, where needed with time and channel; return it and the rest.

    Raises `RuleViolation`: no day, no airing then, several.
    """
    require_editor(turn.actor)
    first, _, others = typed.partition(" ")
    if isinstance(read_key(first), tuple):
        return await _airing(turn, first), others
    moment = _moment(turn, typed)
    if moment is None or moment.day is None:
        raise RuleViolation(Reason.NO_AIRING_MOMENT)
    channel, rest = channel_at_front(moment.rest, await changes.channels(turn.work))
    local = turn.work.programme.local
    found = [
        one
        for one in await airings_between(turn.work, moment.day, moment.day)
        if moment.at in (None, local(one.starts_at).time()) and channel in (None, one.channel)
    ]
    if not found:
        at = None if moment.at is None else f"{moment.at:%H:%M}"
        raise RuleViolation(Reason.NO_AIRING, day=moment.day, at=at, channel=channel)
    if len(found) > 1:
        choices = tuple(f"{local(one.starts_at):%H:%M} {one.channel}" for one in found)
        raise RuleViolation(Reason.WHICH_AIRING, day=moment.day, choices=choices)
    return found[0], rest


def _moment(turn: Turn, typed: str) -> TypedMoment | None:
    return moment_at_front(typed, turn.work.programme.local(turn.work.now).date())


def _instant(turn: Turn, day: date, at: time) -> datetime:
    return datetime.combine(day, at, turn.work.programme.timezone)


async def _airing(turn: Turn, key: str) -> Airing:
    require_editor(turn.actor)
    airing = await airing_of(turn.work, key)
    if airing is None:
        raise RuleViolation(Reason.NO_AIRING)
    return airing


# --- buttons of the card --------------------------------------------------------------------------------------


def _key(pressed: Press) -> str:
    """Return the airing's key, which may hold a colon."""
    return ":".join(pressed.args)


@press(Act.AIRING)
async def card_pressed(turn: Turn, pressed: Press) -> None:
    await _show_card(turn, await _airing(turn, _key(pressed)))


@press(Act.AIRING_MOVE)
async def move_pressed(turn: Turn, pressed: Press) -> None:
    await _ask_for_words(turn, await _airing(turn, _key(pressed)), MOVE)


@press(Act.AIRING_CANCEL)
async def cancel_pressed(turn: Turn, pressed: Press) -> None:
    await _ask_for_words(turn, await _airing(turn, _key(pressed)), CANCEL_IT)


@dataclass(frozen=True, kw_only=True)
class AiringStep(StepData):
    """A step about an airing, by its key."""

    key: str


@dataclass(frozen=True, kw_only=True)
class AiringChange(AiringStep):
    """What would be done to an airing, as it was shown (`seen`: its version then)."""

    seen: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class AiringMove(AiringChange):
    """To when an airing would be moved."""

    to: datetime


async def _ask_for_words(turn: Turn, airing: Airing, what: str) -> None:
    await ask_for(turn, what, TextAsked(code="", what=what), AiringStep(key=airing.key))


@step(MOVE, holds=AiringStep)
async def move_typed(turn: Turn, message: Message, held: AiringStep) -> None:
    airing = await _airing(turn, held.key)
    proposal = await _proposed_move(turn, airing, typed_text(message))
    await end_text_step(turn, held)
    await _ask(turn, MOVE, *proposal)


@step(CANCEL_IT, holds=AiringStep)
async def cancel_typed(turn: Turn, message: Message, held: AiringStep) -> None:
    airing = await _airing(turn, held.key)
    proposal = await _proposed_cancel(turn, airing, typed_text(message))
    await end_text_step(turn, held)
    await _ask(turn, CANCEL_IT, *proposal)


@press(Act.AIRING_RESTORE)
async def restore_pressed(turn: Turn, pressed: Press) -> None:
    await _ask_to_restore(turn, await _airing(turn, _key(pressed)))


# --- move, cancel, restore: asked first -----------------------------------------------------------------------


async def _ask_to_move(turn: Turn, airing: Airing, typed: str) -> None:
    await _ask(turn, MOVE, *await _proposed_move(turn, airing, typed))


async def _proposed_move(turn: Turn, airing: Airing, typed: str) -> tuple[Change, AiringMove]:
    """Compute a move to another day, another time, or both; what is not typed stays."""
    moment = _moment(turn, typed)
    if moment is None:
        raise RuleViolation(Reason.NO_AIRING_MOMENT)
    stands = turn.work.programme.local(airing.starts_at)
    to = _instant(turn, moment.day or stands.date(), moment.at or stands.time())
    reason = read_reason(moment.rest)
    change = await changes.propose_move(turn.work, turn.actor, airing.key, to, reason)
    return change, AiringMove(key=_before(change).key, seen=_before(change).version, reason=reason, to=to)


async def _ask_to_cancel(turn: Turn, airing: Airing, typed: str) -> None:
    await _ask(turn, CANCEL_IT, *await _proposed_cancel(turn, airing, typed))


async def _proposed_cancel(turn: Turn, airing: Airing, typed: str) -> tuple[Change, AiringChange]:
    reason = read_reason(typed)
    change = await changes.propose_cancel(turn.work, turn.actor, airing.key, reason)
    return change, AiringChange(key=_before(change).key, seen=_before(change).version, reason=reason)


async def _ask_to_restore(turn: Turn, airing: Airing) -> None:
    change = await changes.propose_restore(turn.work, turn.actor, airing.key)
    await _ask(turn, RESTORE, change, AiringChange(key=_before(change).key, seen=_before(change).version))


def _before(change: Change) -> Airing:
    """The airing as it stands now, and is shown."""
    assert change.before is not None
    return change.before


async def _ask(turn: Turn, what: str, change: Change, held: AiringChange) -> None:
    """Show what would happen to an airing and its repeats, and ask for `Xác nhận`."""
    await ask_after(turn, what, _preview(turn, what, change), held)


def _preview(turn: Turn, what: str, change: Change) -> AiringPreview:
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
        told=bool(change.to_tell(turn.work.now)),
    )


def _channel_time(airing: Airing) -> ChannelTime:
    return ChannelTime(airing.channel, airing.starts_at)


@confirmed(MOVE, holds=AiringMove)
async def move_confirmed(turn: Turn, held: AiringMove) -> None:
    change = await changes.move(turn.work, turn.actor, held.key, held.to, held.reason, held.seen)
    await _say_done(turn, MOVE, change)


@confirmed(CANCEL_IT, holds=AiringChange)
async def cancel_confirmed(turn: Turn, held: AiringChange) -> None:
    change = await changes.cancel(turn.work, turn.actor, held.key, held.reason, held.seen)
    await _say_done(turn, CANCEL_IT, change)


@confirmed(RESTORE, holds=AiringChange)
async def restore_confirmed(turn: Turn, held: AiringChange) -> None:
    await _say_done(turn, RESTORE, await changes.restore(turn.work, turn.actor, held.key, held.seen))


async def _say_done(turn: Turn, what: str, change: Change) -> None:
    told = bool(change.to_tell(turn.work.now))
    notice = AiringDecided(
        what=what, channel=change.after.channel, starts_at=change.after.starts_at, told=told
    )
    await turn.reply(notice, [[Button("", Act.AIRING, (change.after.key,), text=_name(turn, change))]])


def _name(turn: Turn, change: Change) -> str:
    local = turn.work.programme.local(change.after.starts_at)
    return f"{local:%d/%m %H:%M} {change.after.channel}"


# --- add ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Wanted(StepData):
    """An airing to add, while it waits for confirmation."""

    to: datetime
    channel: str
    minutes: int | None
    reason: str
    with_repeats: bool

    async def extra(self, turn: Turn) -> changes.Extra:
        return await changes.extra(
            turn.work,
            self.to,
            self.channel,
            self.minutes,
            self.reason,
            with_repeats=self.with_repeats,
        )


@press(Act.AIRING_ADD)
async def add_pressed(turn: Turn, pressed: Press) -> None:
    require_editor(turn.actor)
    await ask_for(turn, ADD, TextAsked(code="", what=ADD), StepData())


@step(ADD, holds=StepData)
async def add_typed(turn: Turn, message: Message, held: StepData) -> None:
    wanted = await _read_wanted(turn, typed_text(message))
    proposal = await _proposed_extra(turn, wanted)
    await end_text_step(turn, held)
    await _ask_about_extra(turn, wanted, *proposal)


async def _ask_to_add(turn: Turn, typed: str) -> None:
    wanted = await _read_wanted(turn, typed)
    await _ask_about_extra(turn, wanted, *await _proposed_extra(turn, wanted))


async def _read_wanted(turn: Turn, typed: str) -> _Wanted:
    require_editor(turn.actor)
    moment = _moment(turn, typed)
    if moment is None or moment.day is None or moment.at is None:
        raise RuleViolation(Reason.NO_AIRING_MOMENT)
    known = await changes.channels(turn.work)
    said: TypedExtra = read_extra(moment.rest, known)
    if said.channel is None:
        raise RuleViolation(Reason.UNKNOWN_AIR_CHANNEL, typed=moment.rest, channels=known)
    to = _instant(turn, moment.day, moment.at)
    return _Wanted(
        to=to,
        channel=said.channel,
        minutes=said.minutes,
        reason=said.reason,
        with_repeats=said.with_repeats,
    )


async def _proposed_extra(turn: Turn, wanted: _Wanted) -> tuple[Change, bool]:
    """Compute what adding it would do, and whether repeats can be chosen or left out."""
    new = await wanted.extra(turn)
    change = await changes.propose_extra(turn.work, turn.actor, new)
    if wanted.with_repeats:
        return change, True
    try:
        await changes.propose_extra(turn.work, turn.actor, changes.with_repeats(new))
    except RuleViolation:
        return change, False
    return change, True


async def _ask_about_extra(turn: Turn, wanted: _Wanted, change: Change, has_other_way: bool) -> None:
    label = "button.airing_without_repeats" if wanted.with_repeats else "button.airing_with_repeats"
    other = "no" if wanted.with_repeats else "yes"
    further = [[Button(label, Act.AIRING_REPEATS, (other,))]] if has_other_way else []
    await ask_after(turn, ADD, _preview(turn, ADD, change), wanted, further)


@press(Act.AIRING_REPEATS)
async def repeats_pressed(turn: Turn, pressed: Press) -> None:
    """Switch the airing to add between with and without repeats, and ask again."""
    asked = await current_step(turn, ConfirmStep, CONFIRM)
    held = await turn.at(CONFIRM, _Wanted)
    if asked.what != ADD or held is None:
        raise RuleViolation(Reason.STALE_BUTTON)
    wanted = replace(held, with_repeats=pressed.word(0) == "yes")
    proposal = await _proposed_extra(turn, wanted)
    await take_pressed_buttons_away(turn)
    await _ask_about_extra(turn, wanted, *proposal)


@confirmed(ADD, holds=_Wanted)
async def add_confirmed(turn: Turn, held: _Wanted) -> None:
    new = await held.extra(turn)
    await _say_done(turn, ADD, await changes.add(turn.work, turn.actor, new))


# --- tie to an episode ----------------------------------------------------------------------------------------


@press(Act.AIRING_TIE)
async def tie_pressed(turn: Turn, pressed: Press) -> None:
    airing = await _airing(turn, _key(pressed))
    newest = await newest_episodes(turn.work, EPISODES_OFFERED)
    buttons = [
        [
            Button(
                "", Act.AIRING_TIE_TO, (airing.key, one.id), text=f"{one.number}/{one.year} {one.title}"[:60]
            )
        ]
        for one in newest
    ]
    asked = EpisodeToTie(channel=airing.channel, starts_at=airing.starts_at)
    await ask_for(turn, "airing_tie", asked, AiringStep(key=airing.key), [*buttons, CANCEL])


@press(Act.AIRING_TIE_TO)
async def tie_to_pressed(turn: Turn, pressed: Press) -> None:
    episode_id = id_of(pressed, len(pressed.args) - 1)
    await leave_step(turn, "airing_tie")
    await _tie(turn, ":".join(pressed.args[:-1]), episode_id)
    await take_pressed_buttons_away(turn)


@step("airing_tie", holds=AiringStep)
async def tie_typed(turn: Turn, message: Message, held: AiringStep) -> None:
    episode_id = await _episode(turn, typed_text(message))
    await end_text_step(turn, held)
    await _tie(turn, held.key, episode_id)


@press(Act.AIRING_UNTIE)
async def untie_pressed(turn: Turn, pressed: Press) -> None:
    await _tie(turn, (await _airing(turn, _key(pressed))).key, None)


async def _episode(turn: Turn, typed: str) -> int:
    number = read_episode_number(typed, turn.work.programme.local(turn.work.now).year)
    row = None if number is None else await episodes.by_number(turn.work, number.year, number.number)
    if row is None:
        raise RuleViolation(Reason.UNKNOWN_EPISODE, number="" if number is None else str(number))
    return int(row.id)


async def _tie(turn: Turn, key: str, episode_id: int | None) -> None:
    airing = await tie(turn.work, key, episode_id, turn.actor)
    ((_, episode),) = await with_episodes(turn.work, [airing])
    await turn.reply(AiringTied(channel=airing.channel, starts_at=airing.starts_at, episode=episode))
