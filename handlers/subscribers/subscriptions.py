"""`/dangky`: what people want to hear of, by taps on one message that is rewritten; and one tap to leave anything."""

from collections.abc import Iterable, Sequence

from telegram import Update

from domain.errors import Reason, RuleViolation
from domain.subscribers.topics import AIRINGS, Leave, Topic, field_of, field_topic
from domain.vietnamese.text import fold, lower, phrase_at_front
from handlers.agencies.field_choice import field_name
from handlers.chat.context import Context, rewrite_pressed
from handlers.chat.registry import command, press
from messages.buttons import Act, Button, Keyboard, Press
from messages.keyboards import page_of, turn_rows
from messages.notice import Notice
from messages.notices.subscribers import (
    SubscriptionBegun,
    SubscriptionFieldsShown,
    SubscriptionLeft,
    SubscriptionsShown,
)
from services.subscribers import news, subscriptions
from services.subscribers.subscriptions import Chosen
from storage.agencies import agencies

PER_PAGE = 8

# What is typed after `/dangky`, folded: topics; and after "hủy", what is left.
_TYPED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("lich", "lich phat song", "airing", "airings", "times"), AIRINGS),
    **dict.fromkeys(("lich toi", "toi", "toi hom truoc", "evening"), (Topic.AIRING_EVENING,)),
    **dict.fromkeys(("lich truoc gio", "truoc gio", "sap phat", "soon"), (Topic.AIRING_SOON,)),
    **dict.fromkeys(("link", "links", "lien ket", "duong dan", "ky moi", "xem lai"), (Topic.LINKS,)),
}
_DAILY = {"moi ngay", "hang ngay", "ban tin", "ngay mot lan", "daily", "digest"}
_AT_ONCE = {"ngay", "ngay lap tuc", "tung tin", "at once"}
_GENERAL = {"thong bao", "thong bao chung", "chung", "general"}
_LEAVE = ("huy", "thoi", "bo", "leave", "stop")
_EVERYTHING = {"", "het", "tat ca", "all", "everything"}


@command("dangky", place=190)
async def on_subscriptions(update: Update, context: Context, argument: str) -> None:
    """`/dangky lịch`, `/dangky link`, `/dangky đất đai`, `/dangky mỗi ngày`, `/dangky hủy`, `/dangky hủy lịch`."""
    typed = fold(argument)
    left = phrase_at_front(typed, _LEAVE)
    if not typed:
        await context.reply(*await _menu(context))
    elif left is not None:
        await _leave_typed(context, left[1])
    elif lower(argument) == "ngày" or typed in _DAILY:
        await _change_manner(context, daily=True)
        await context.reply(*await _menu(context))
    elif typed in _AT_ONCE:
        await _change_manner(context, daily=False)
        await context.reply(*await _menu(context))
    elif typed in _GENERAL:
        await subscriptions.return_to_general(context.work, context.person)
        await context.reply(*await _menu(context))
    else:
        topics = await _topics_typed(context, typed)
        await subscriptions.subscribe(context.work, context.person, *topics)
        await context.reply(*await _begun(context, topics))


async def _topics_typed(context: Context, typed: str) -> tuple[str, ...]:
    """The topics that typed words name; raises `RuleViolation` where they name none."""
    if typed in _TYPED:
        return _TYPED[typed]
    for field in await agencies.all_fields(context.work):
        if typed in (
            fold(field.code),
            fold(field.code).replace("-", " "),
            fold(field.name),
            fold(field.name_en),
        ):
            return (field_topic(field.code),)
    raise RuleViolation(Reason.UNKNOWN_TOPIC, typed=typed)


async def _leave_typed(context: Context, typed: str) -> None:
    if typed in _EVERYTHING:
        whats: Sequence[str] = (Leave.EVERYTHING,)
    elif typed in _GENERAL:
        whats = (Leave.GENERAL,)
    else:
        whats = await _topics_typed(context, typed)
    left = [one for what in whats for one in await subscriptions.leave(context.work, context.person, what)]
    if left:
        await context.reply(*await _left(context, left, whats[0] if len(whats) == 1 else Leave.AIRINGS))
    else:
        await context.reply(*await _menu(context))


# --- one message, rewritten ---------------------------------------------------------------------------------------


@press(Act.SUBSCRIPTIONS)
async def on_open(update: Update, context: Context, pressed: Press) -> None:
    await context.reply(*await _menu(context))


@press(Act.SUBSCRIPTION_MENU)
async def on_menu(update: Update, context: Context, pressed: Press) -> None:
    await rewrite_pressed(update, context, *await _menu(context))


@press(Act.SUBSCRIPTION_FIELDS)
async def on_fields(update: Update, context: Context, pressed: Press) -> None:
    await rewrite_pressed(update, context, *await _fields(context, pressed.number(0) or 1))


@press(Act.SUBSCRIPTION_TAP)
async def on_tap(update: Update, context: Context, pressed: Press) -> None:
    """The button says what it makes of it, so that a second tap on the same one changes nothing."""
    topic = pressed.rest(2)
    if pressed.word(0) == "1":
        await subscriptions.subscribe(context.work, context.person, topic)
        context.say("toast.subscribed")
    else:
        await subscriptions.leave(context.work, context.person, topic)
        context.say("toast.left")
    page = pressed.number(1)
    shown = await _fields(context, page) if page else await _menu(context)
    await rewrite_pressed(update, context, *shown)


@press(Act.SUBSCRIPTION_DAILY)
async def on_manner(update: Update, context: Context, pressed: Press) -> None:
    await _change_manner(context, daily=pressed.word(0) == "1")
    context.say("toast.done")
    await rewrite_pressed(update, context, *await _menu(context))


@press(Act.SUBSCRIPTION_GENERAL)
async def on_general(update: Update, context: Context, pressed: Press) -> None:
    if pressed.word(0) == "1":
        await subscriptions.return_to_general(context.work, context.person)
    else:
        await subscriptions.leave(context.work, context.person, Leave.GENERAL)
    context.say("toast.done")
    await rewrite_pressed(update, context, *await _menu(context))


async def _change_manner(context: Context, *, daily: bool) -> None:
    """Who changes from the digest to hearing at once first reads what it would have told."""
    work, person = context.work, context.person
    until = await subscriptions.digested_until_now(work, person)
    waiting = None if daily else await news.digest(work, person, until)
    if await subscriptions.set_daily(work, person, daily) and waiting is not None:
        await context.reply(waiting, [[Button("button.leave", Act.LEAVE, (Leave.DIGEST,))]])


async def _menu(context: Context) -> tuple[Notice, Keyboard]:
    work, label = context.work, context.words.label
    programme = work.programme
    now = await subscriptions.chosen(work, context.person)
    start, end = programme.quiet_hours
    notice = SubscriptionsShown(
        topics=await names(context, now.topics),
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


async def _fields(context: Context, page: int) -> tuple[Notice, Keyboard]:
    now = await subscriptions.chosen(context.work, context.person)
    every = await agencies.all_fields(context.work)
    fields = page_of(every, page, PER_PAGE)
    ticks = [
        [_tick(now, field_topic(field.code), field_name(context, field), fields.number)]
        for field in fields.shown
    ]
    turns = turn_rows(Act.SUBSCRIPTION_FIELDS, lambda to: (to,), fields.number, more=fields.more)
    chosen = {code for topic in now.topics if (code := field_of(topic)) is not None}
    notice = SubscriptionFieldsShown(
        topics=tuple(field_name(context, field) for field in every if field.code in chosen),
        version=context.words.label("consent_version.subscription"),
    )
    return notice, [*ticks, *turns, [Button("button.back", Act.SUBSCRIPTION_MENU)]]


def _tick(now: Chosen, topic: str, name: str, page: int = 0) -> Button:
    on = topic in now.topics
    return Button("", Act.SUBSCRIPTION_TAP, (int(not on), page, topic), text=f"{'☑' if on else '☐'} {name}")


# --- leaving, and the way back --------------------------------------------------------------------------------------


@press(Act.LEAVE)
async def on_leave(update: Update, context: Context, pressed: Press) -> None:
    """Under every broadcast, however old: that message stays, and what it brought ends."""
    what = pressed.rest(0)
    left = await subscriptions.leave(context.work, context.person, what)
    if not left:
        context.say("toast.left_before", alert=True)
        return
    context.say("toast.left")
    if what == Leave.EVERYTHING:  # pressed on the choice itself
        await rewrite_pressed(update, context, *await _left(context, left, what))
    else:
        await context.reply(*await _left(context, left, what))


@press(Act.SUBSCRIPTION_RETURN)
async def on_return(update: Update, context: Context, pressed: Press) -> None:
    what = pressed.rest(0)
    topics = await subscriptions.come_back(context.work, context.person, what)
    context.say("toast.subscribed")
    await rewrite_pressed(update, context, *await _begun(context, topics))


async def _left(context: Context, left: Sequence[str], what: str) -> tuple[Notice, Keyboard]:
    """What was left, and one tap back to it; back to several things each has its own tap."""
    rows = []
    if what not in (Leave.EVERYTHING, Leave.DIGEST):
        rows.append([Button("button.subscribe_again", Act.SUBSCRIPTION_RETURN, (what,))])
    rows.append([Button("button.subscriptions", Act.SUBSCRIPTIONS)])
    return SubscriptionLeft(topics=await names(context, left)), rows


async def _begun(context: Context, topics: Sequence[str]) -> tuple[Notice, Keyboard]:
    what = topics[0] if len(topics) == 1 else Leave.AIRINGS
    return SubscriptionBegun(
        topics=await names(context, topics), version=context.words.label("consent_version.subscription")
    ), [
        [Button("button.leave", Act.LEAVE, (what,))],
        [Button("button.subscriptions", Act.SUBSCRIPTIONS)],
    ]


async def names(context: Context, topics: Iterable[str]) -> tuple[str, ...]:
    """What topics are called in the person's language; the fields in their order, after the others."""
    label, wanted = context.words.label, set(topics)
    fields = {
        field_topic(field.code): f"{label('topic.field_of')}: {field_name(context, field)}"
        for field in (await agencies.all_fields(context.work) if any(map(field_of, wanted)) else ())
    }
    general = {topic: label(f"topic.{topic}") for topic in (*Topic, Leave.GENERAL)}
    return tuple(name for topic, name in (general | fields).items() if topic in wanted)
