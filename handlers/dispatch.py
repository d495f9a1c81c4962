"""From an update to the handler it is meant for: command, reply, step of a conversation, or a new question."""

from telegram import MaybeInaccessibleMessage, Message, Update
from telegram.constants import ChatType

from domain.errors import OVER, Reason, RuleViolation
from domain.questions.life import Capacity
from handlers.broadcasts import composing
from handlers.broadcasts.draft import BROADCAST
from handlers.chat import long_text, prompting, rate_limit
from handlers.chat.context import (
    CHANNEL,
    Context,
    current_step,
    handling,
    meet,
    meet_known,
    pressed_message,
    pressed_row,
    take_pressed_buttons_away,
)
from handlers.chat.registry import COMMANDS, PRESSES, REPLIES, STEPS, press, read_command
from handlers.questions import answer_editor, asking
from handlers.staff import groups as group_chat
from messages.buttons import Act, Press
from messages.notices.chat import Refusal, SomethingFailed
from messages.words import plain, words
from services import notify
from services.questions import cards
from services.questions.case import find, look_at
from services.staff import groups as agency_groups
from services.staff import staff
from storage.delivery import inbox, outbox
from storage.people import people
from storage.tables import Row


async def on_message(update: Update, context: Context) -> None:
    """A message in a private chat."""
    message = update.message
    assert message is not None
    if await rate_limit.is_too_much(update, context):
        return
    context.actor = await meet(update, context.work)
    await _take_message(update, context, message)
    await asking.show_surfaced(context)


async def _take_message(update: Update, context: Context, message: Message, *, whole: bool = False) -> None:
    """`whole`: a long text that has come completely; others are kept until they say so (handlers.chat.long_text)."""
    text = message.text or message.caption or ""
    typed = read_command(text, context.bot.username)
    if typed is not None:
        await _run_command(update, context, message, *typed, whole=whole)
        return
    if await answer_editor.album_goes_on(context, message):
        return
    keep = not whole and message.text is not None and long_text.nearly_full(message)
    conversation = await context.step()
    answered = message.reply_to_message
    if answered is not None and not _goes_on(conversation, answered):
        row = await outbox.sent_as(context.work, CHANNEL, context.person.address, answered.message_id)
        on_reply = REPLIES.get(row.about or "") if row is not None else None
        if on_reply is not None and row is not None:
            if keep and row.about in long_text.REPLIES:
                await long_text.keep(context, message, row.about)
            else:
                await on_reply(update, context, message, row)
            return
    if conversation is not None and conversation.step in STEPS:
        if keep and conversation.step in long_text.STEPS:
            await long_text.keep(context, message, conversation.step)
        else:
            handling.get().for_step = True
            await STEPS[conversation.step](update, context, message, conversation)
        return
    await asking.begin(update, context, message)


def _goes_on(conversation: Row | None, answered: Message) -> bool:
    """Apps may make every piece of a text that they cut a reply to the same message."""
    return (
        conversation is not None
        and conversation.step == long_text.STEP
        and conversation.data["reply_to"] == answered.message_id
    )


async def _run_command(
    update: Update, context: Context, message: Message, name: str, argument: str, *, whole: bool
) -> None:
    command = COMMANDS.get(name)
    # Who types a command of others hears the same as for one that does not exist.
    if command is None or not command.is_for(context.actor):
        raise RuleViolation(Reason.UNKNOWN_COMMAND)
    if not whole and name in long_text.COMMANDS and message.text and long_text.nearly_full(message):
        await long_text.keep(context, message, name)
        return
    await command.run(update, context, argument)


@press(Act.SEND_WHOLE)
async def on_whole(update: Update, context: Context, pressed: Press) -> None:
    """All of a long text has come: now it is taken, as one message."""
    conversation = await current_step(update, context, long_text.STEP)
    message = long_text.whole(context, update, conversation)
    await long_text.give_back(context, conversation)
    await take_pressed_buttons_away(update, context)
    await _take_message(Update(update.update_id, message=message), context, message, whole=True)


async def on_edit(update: Update, context: Context) -> None:
    """A message was edited in a private chat: matters only while its question is a draft."""
    if await rate_limit.is_too_much(update, context):
        return
    known = await meet_known(update, context.work)
    if known is None:
        await inbox.blank(context.work, update.update_id)
        return
    context.actor = known
    assert update.edited_message is not None
    conversation = await context.step()
    if conversation is not None and conversation.step == answer_editor.STEP:
        await answer_editor.edited(context, update.edited_message, conversation)
        return
    if conversation is not None and conversation.step == long_text.STEP:
        await long_text.edited(context, update.edited_message, conversation)
        return
    if conversation is not None and conversation.step == BROADCAST:
        await composing.edited(context, update.edited_message)
        return
    await asking.edited(update, context, update.edited_message)


async def on_press(update: Update, context: Context) -> None:
    """An inline button was pressed; its data comes from outside and may be old or forged."""
    query = update.callback_query
    assert query is not None
    if await rate_limit.is_too_much(update, context):
        return
    known = await meet_known(update, context.work)
    if known is None:
        await _turn_away(update, context)
        return
    context.actor = known
    pressed = Press.parse(query.data or "")
    run = PRESSES.get(pressed.act) if pressed is not None else None
    if pressed is None or run is None or not _in_private(query.message):
        raise RuleViolation(Reason.STALE_BUTTON)
    await run(update, context, pressed)
    await asking.show_surfaced(context)


async def _turn_away(update: Update, context: Context) -> None:
    """A button of a chat that we do not know: it is over, and who pressed it is not kept."""
    say = words(context.work.programme.language, context.work.programme.timezone)
    context.show(plain(say.refusal(RuleViolation(Reason.STALE_BUTTON))), alert=True)
    await inbox.blank(context.work, update.update_id)


def _in_private(message: MaybeInaccessibleMessage | None) -> bool:
    """Also of a message so old that the messenger does not show it to us any more."""
    return message is not None and message.chat.type == ChatType.PRIVATE


async def on_membership(update: Update, context: Context) -> None:
    """Somebody blocked the bot, or took it back."""
    change = update.my_chat_member
    assert change is not None
    if change.chat.type != ChatType.PRIVATE:
        if change.new_chat_member.status in ("kicked", "left"):
            await agency_groups.put_out(context.work, CHANNEL, str(change.chat.id))
        return
    if change.new_chat_member.status not in ("kicked", "left"):
        await meet_known(update, context.work)
        return
    person = await people.at(context.work, CHANNEL, str(change.chat.id))
    if person is not None:
        await staff.became_unreachable(context.work, person.id)
        await outbox.hold_for(context.work, CHANNEL, str(change.chat.id))


async def on_group(update: Update, context: Context) -> None:
    """In a group the bot answers only commands, and does only `/nhom`: questions are for private chats."""
    message = update.message
    if message is None or message.text is None:
        return
    typed = read_command(message.text, context.bot.username)
    if typed is None or typed[0] not in COMMANDS or await rate_limit.is_too_much(update, context):
        return
    if typed[0] == "nhom":
        context.actor = await meet(update, context.work)
        await group_chat.in_group(update, context, typed[1])
        return
    raise RuleViolation(Reason.GROUP_CHAT, bot=context.bot.username)


async def on_error(update: object, context: Context) -> None:
    """Hand what a handler raised to the worker, which rolls the update back."""
    if isinstance(context.error, Exception):
        handling.get().failure = context.error


async def refuse(update: Update, context: Context, violation: RuleViolation) -> None:
    """Say why something was refused: on the pressed button, or as a message.

    It changes nothing else, but that a card whose button came too late shows how things stand now, and nobody is
    asked any more for words that nobody wants now.
    """
    if update.effective_user is None:
        return
    query = update.callback_query
    if query is None and update.message is not None and not _in_private(update.message):
        await _refuse_in_group(update.message, context, violation)
        return
    context.actor = await meet(update, context.work)
    handling.get().surfaced = False  # that was undone, too
    if query is None or (
        violation.reason is not Reason.STALE_BUTTON and await _long_text_is_over(update, context)
    ):
        await context.reply(Refusal(html=context.words.refusal(violation)))
    else:
        await _refuse_press(update, context, violation)
    await _leave_step_that_is_over(update, context, violation)
    await asking.show_surfaced(context)


async def _refuse_press(update: Update, context: Context, violation: RuleViolation) -> None:
    """On the pressed button; a card of ours shows how things stand now."""
    question_id, certain = await _pressed_card(update, context)
    if violation.reason is Reason.UNKNOWN_CODE and certain:
        # They had this question's card: it has gone to somebody else, and is no secret.
        violation = RuleViolation(Reason.ALREADY_DONE)
    context.show(plain(context.words.refusal(violation)), alert=True)
    if question_id is not None:
        await _show_as_it_stands(context, question_id, pressed_message(update))


async def _show_as_it_stands(context: Context, question_id: int, message_id: int) -> None:
    """A card in the chat becomes the card of now, or loses its buttons where it is no longer theirs to see."""
    work, person = context.work, context.person
    try:
        notice, keyboard = await cards.card(work, context.actor, await find(work, question_id))
    except RuleViolation:
        await notify.take_buttons_away(work, person, message_id=message_id)
    else:
        await notify.rewrite(work, person, notice, keyboard, message_id=message_id)


async def _leave_step_that_is_over(update: Update, context: Context, violation: RuleViolation) -> None:
    """Words were typed for a question on which somebody decided meanwhile: what comes next is not for it."""
    conversation = await context.step()
    if conversation is None or "question" not in conversation.data:
        return
    if not handling.get().for_step and not await _pressed_prompt(update, context, conversation):
        return
    question_id = conversation.data["question"]
    if violation.reason not in OVER:
        if violation.reason is not Reason.UNKNOWN_CODE:
            return
        # A code may have been mistyped; or they have nothing to do with the question any more.
        case = await look_at(context.work, context.actor, await find(context.work, question_id))
        if case.capacities != {Capacity.STRANGER}:
            return
    await prompting.end_text_step(context, conversation)
    if conversation.data.get("card") is not None:
        await _show_as_it_stands(context, question_id, conversation.data["card"])


async def _pressed_prompt(update: Update, context: Context, conversation: Row) -> bool:
    query, prompt = update.callback_query, conversation.data.get("prompt")
    if query is None or query.message is None or prompt is None:
        return False
    row = await pressed_row(update, context)
    return row is not None and row.id == prompt


async def _refuse_in_group(message: Message, context: Context, violation: RuleViolation) -> None:
    """In the programme's language, and without meeting the person: a group is no private chat with them."""
    say = words(context.work.programme.language, context.work.programme.timezone)
    await notify.tell_chat(
        context.work,
        CHANNEL,
        str(message.chat.id),
        Refusal(html=say.refusal(violation)),
        lane=outbox.Lane.REPLY,
    )


async def _long_text_is_over(update: Update, context: Context) -> bool:
    """Whether a long text was refused: like a short one it is not kept, and they are where they were before."""
    pressed = Press.parse((update.callback_query and update.callback_query.data) or "")
    conversation = await context.step()
    if pressed is None or pressed.act is not Act.SEND_WHOLE:
        return False
    if conversation is None or conversation.step != long_text.STEP:
        return False
    await long_text.give_back(context, conversation)
    await take_pressed_buttons_away(update, context)
    return True


async def _pressed_card(update: Update, context: Context) -> tuple[int | None, bool]:
    """The question whose card a member of the staff pressed, and whether we know that we sent it to them.

    A card that came twice, because the network lost the messenger's answer, is known by one of its copies only.
    """
    query = update.callback_query
    pressed = Press.parse(query.data or "") if query is not None else None
    question_id = pressed.number(0) if pressed is not None else None
    if pressed is None or question_id is None or query is None or not _in_private(query.message):
        return None, False
    if not context.actor.is_staff:
        return None, False
    row = await pressed_row(update, context)
    if row is None:
        return (question_id if pressed.act in cards.ONLY_ON_CARDS else None), False
    mine = row.about == "card" and row.question_id == question_id
    return (question_id if mine else None), mine


async def apologise(update: Update, context: Context) -> None:
    """A fault of ours: the person is told once, and nobody else waits for it."""
    if update.effective_user is None:
        return
    context.actor = await meet(update, context.work)
    await context.reply(SomethingFailed())
