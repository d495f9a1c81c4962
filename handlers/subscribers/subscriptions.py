"""`/dangky`: choosing and leaving topics, by taps on one message."""

from collections.abc import Iterable, Sequence

from domain.errors import Reason, RuleViolation
from domain.subscribers.topics import AIRINGS, Leave, Topic, field_of, field_topic
from domain.vietnamese.text import fold, lower, phrase_at_front
from handlers.agencies.field_choice import field_name
from handlers.chat.registry import command, press
from handlers.chat.turn import Turn, rewrite_pressed
from messages.buttons import Act, Button, Keyboard, Press
from messages.keyboards import page_of, turn_rows
from messages.notice import Notice
from messages.notices.subscribers import (
    SubscriptionBegun,
    SubscriptionFieldsShown,
    SubscriptionLeft,
    SubscriptionsShown,
)
from messages.typed import forms, marked, meanings
from services.subscribers import news, subscriptions
from services.subscribers.subscriptions import Chosen
from storage.agencies import agencies

PER_PAGE = 8

# What is typed after `/dangky`, folded: topics; and after "hủy", what is left.
_TYPED: dict[str, tuple[str, ...]] = meanings(
    "topic",
    {
        "airings": AIRINGS,
        "evening": (Topic.AIRING_EVENING,),
        "soon": (Topic.AIRING_SOON,),
        "links": (Topic.LINKS,),
    },
)
_DAILY, _AT_ONCE = forms("subscription", "daily"), forms("subscription", "at_once")
_GENERAL, _LEAVE = forms("subscription", "general"), forms("subscription", "leave")
_EVERYTHING = forms("subscription", "everything")
_DAILY_MARKED = marked("subscription_marked", "daily")


@command("dangky", place=190)
async def on_subscriptions(turn: Turn, argument: str) -> None:
    """`/dangky lịch`, `/dangky link`, `/dangky đất đai`, `/dangky mỗi ngày`, `/dangky hủy`, `/dangky hủy lịch`."""
    typed = fold(argument)
    left = phrase_at_front(typed, _LEAVE)
    if not typed:
        await turn.reply(*await _menu(turn))
    elif left is not None:
        await _leave_typed(turn, left[1])
    elif lower(argument) in _DAILY_MARKED or typed in _DAILY:
        await _change_manner(turn, daily=True)
        await turn.reply(*await _menu(turn))
    elif typed in _AT_ONCE:
        await _change_manner(turn, daily=False)
        await turn.reply(*await _menu(turn))
    elif typed in _GENERAL:
        await subscriptions.return_to_general(turn.work, turn.person)
        await turn.reply(*await _menu(turn))
    else:
        topics = await _topics_typed(turn, typed)
        await subscriptions.subscribe(turn.work, turn.person, *topics)
        await turn.reply(*await _begun(turn, topics))


async def _topics_typed(turn: Turn, typed: str) -> tuple[str, ...]:
    """Read the topics that typed words name; raise `RuleViolation` where they name none."""
    if typed in _TYPED:
        return _TYPED[typed]
    for field in await agencies.all_fields(turn.work):
        if typed in (
            fold(field.code),
            fold(field.code).replace("-", " "),
            fold(field.name),
            fold(field.name_en),
        ):
            return (field_topic(field.code),)
    raise RuleViolation(Reason.UNKNOWN_TOPIC, typed=typed)


async def _leave_typed(turn: Turn, typed: str) -> None:
    if not typed or typed in _EVERYTHING:
        whats: Sequence[str] = (Leave.EVERYTHING,)
    elif typed in _GENERAL:
        whats = (Leave.GENERAL,)
    else:
        whats = await _topics_typed(turn, typed)
    left = [one for what in whats for one in await subscriptions.leave(turn.work, turn.person, what)]
    if left:
        await turn.reply(*await _left(turn, left, whats[0] if len(whats) == 1 else Leave.AIRINGS))
    else:
        await turn.reply(*await _menu(turn))


# --- one message, rewritten ---------------------------------------------------------------------------------------


@press(Act.SUBSCRIPTIONS)
async def on_open(turn: Turn, pressed: Press) -> None:
    await turn.reply(*await _menu(turn))


@press(Act.SUBSCRIPTION_MENU)
async def on_menu(turn: Turn, pressed: Press) -> None:
    await rewrite_pressed(turn, *await _menu(turn))


@press(Act.SUBSCRIPTION_FIELDS)
async def on_fields(turn: Turn, pressed: Press) -> None:
    await rewrite_pressed(turn, *await _fields(turn, pressed.number(0) or 1))


@press(Act.SUBSCRIPTION_TAP)
async def on_tap(turn: Turn, pressed: Press) -> None:
    """Subscribe or leave, as the button says.

    A second tap on the same button changes nothing.
    """
    topic = pressed.rest(2)
    if pressed.word(0) == "1":
        await subscriptions.subscribe(turn.work, turn.person, topic)
        turn.say("toast.subscribed")
    else:
        await subscriptions.leave(turn.work, turn.person, topic)
        turn.say("toast.left")
    page = pressed.number(1)
    shown = await _fields(turn, page) if page else await _menu(turn)
    await rewrite_pressed(turn, *shown)


@press(Act.SUBSCRIPTION_DAILY)
async def on_manner(turn: Turn, pressed: Press) -> None:
    await _change_manner(turn, daily=pressed.word(0) == "1")
    turn.say("toast.saved")
    await rewrite_pressed(turn, *await _menu(turn))


@press(Act.SUBSCRIPTION_GENERAL)
async def on_general(turn: Turn, pressed: Press) -> None:
    if pressed.word(0) == "1":
        await subscriptions.return_to_general(turn.work, turn.person)
    else:
        await subscriptions.leave(turn.work, turn.person, Leave.GENERAL)
    turn.say("toast.saved")
    await rewrite_pressed(turn, *await _menu(turn))


async def _change_manner(turn: Turn, *, daily: bool) -> None:
    """Who changes from the digest to hearing at once first reads what it would have told."""
    work, person = turn.work, turn.person
    until = await subscriptions.digested_until_now(work, person)
    waiting = None if daily else await news.digest(work, person, until)
    if await subscriptions.set_daily(work, person, daily) and waiting is not None:
        await turn.reply(waiting, [[Button("button.leave", Act.LEAVE, (Leave.DIGEST,))]])


async def _menu(turn: Turn) -> tuple[Notice, Keyboard]:
    work, label = turn.work, turn.words.label
    programme = work.programme
    now = await subscriptions.chosen(work, turn.person)
    start, end = programme.quiet_hours
    notice = SubscriptionsShown(
        topics=await names(turn, now.topics),
        digest_at=f"{programme.subscribers_digest:%H:%M}" if now.daily else None,
        quiet=(f"{start:%H:%M}", f"{end:%H:%M}") if start != end else (),
        left_general=now.left_general,
        evening_at=f"{programme.evening_at:%H:%M}",
        minutes=programme.minutes_before_airing,
        version=label("consent_version.subscription"),
    )
    fields = sum(field_of(topic) is not None for topic in now.topics)
    rows = [[_tick(now, topic, label(f"topic.{topic}"))] for topic in Topic]
    rows.append(
        [Button("topic.field", Act.SUBSCRIPTION_FIELDS, (1,), detail=f"({fields}) ▸" if fields else "▸")]
    )
    rows.append(
        [
            Button("button.subscribe_at_once", Act.SUBSCRIPTION_DAILY, (0,))
            if now.daily
            else Button("button.subscribe_daily", Act.SUBSCRIPTION_DAILY, (1,))
        ]
    )
    if now.left_general:
        rows.append([Button("button.general_again", Act.SUBSCRIPTION_GENERAL, (1,))])
    else:
        rows.append([Button("button.general_leave", Act.SUBSCRIPTION_GENERAL, (0,))])
    if now.topics:
        rows.append([Button("button.leave_everything", Act.LEAVE, (Leave.EVERYTHING,))])
    return notice, rows


async def _fields(turn: Turn, page: int) -> tuple[Notice, Keyboard]:
    now = await subscriptions.chosen(turn.work, turn.person)
    every = await agencies.all_fields(turn.work)
    fields = page_of(every, page, PER_PAGE)
    ticks = [
        [_tick(now, field_topic(field.code), field_name(turn, field), fields.number)]
        for field in fields.shown
    ]
    turns = turn_rows(Act.SUBSCRIPTION_FIELDS, lambda to: (to,), fields.number, more=fields.more)
    chosen = {code for topic in now.topics if (code := field_of(topic)) is not None}
    notice = SubscriptionFieldsShown(
        topics=tuple(field_name(turn, field) for field in every if field.code in chosen),
        version=turn.words.label("consent_version.subscription"),
    )
    return notice, [*ticks, *turns, [Button("button.back", Act.SUBSCRIPTION_MENU)]]


def _tick(now: Chosen, topic: str, name: str, page: int = 0) -> Button:
    on = topic in now.topics
    return Button("", Act.SUBSCRIPTION_TAP, (int(not on), page, topic), text=f"{'☑' if on else '☐'} {name}")


# --- leaving, and the way back --------------------------------------------------------------------------------------


@press(Act.LEAVE)
async def on_leave(turn: Turn, pressed: Press) -> None:
    """Under every broadcast, however old: that message stays, and what it brought ends."""
    what = pressed.rest(0)
    left = await subscriptions.leave(turn.work, turn.person, what)
    if not left:
        turn.say("toast.left_before", alert=True)
        return
    turn.say("toast.left")
    if what == Leave.EVERYTHING:  # pressed on the choice itself
        await rewrite_pressed(turn, *await _left(turn, left, what))
    else:
        await turn.reply(*await _left(turn, left, what))


@press(Act.SUBSCRIPTION_RETURN)
async def on_return(turn: Turn, pressed: Press) -> None:
    what = pressed.rest(0)
    topics = await subscriptions.come_back(turn.work, turn.person, what)
    turn.say("toast.subscribed")
    await rewrite_pressed(turn, *await _begun(turn, topics))


async def _left(turn: Turn, left: Sequence[str], what: str) -> tuple[Notice, Keyboard]:
    """What was left, and one tap back to it; back to several things each has its own tap."""
    rows = []
    if what not in (Leave.EVERYTHING, Leave.DIGEST):
        rows.append([Button("button.subscribe_again", Act.SUBSCRIPTION_RETURN, (what,))])
    rows.append([Button("button.subscriptions", Act.SUBSCRIPTIONS)])
    return SubscriptionLeft(topics=await names(turn, left)), rows


async def _begun(turn: Turn, topics: Sequence[str]) -> tuple[Notice, Keyboard]:
    what = topics[0] if len(topics) == 1 else Leave.AIRINGS
    return SubscriptionBegun(
        topics=await names(turn, topics), version=turn.words.label("consent_version.subscription")
    ), [
        [Button("button.leave", Act.LEAVE, (what,))],
        [Button("button.subscriptions", Act.SUBSCRIPTIONS)],
    ]


async def names(turn: Turn, topics: Iterable[str]) -> tuple[str, ...]:
    """Name topics in the person's language.

    The fields in their order, after the others.
    """
    label, wanted = turn.words.label, set(topics)
    fields = {
        field_topic(field.code): f"{label('topic.field_of')}: {field_name(turn, field)}"
        for field in (await agencies.all_fields(turn.work) if any(map(field_of, wanted)) else ())
    }
    general = {topic: label(f"topic.{topic}") for topic in (*Topic, Leave.GENERAL)}
    return tuple(name for topic, name in (general | fields).items() if topic in wanted)
