"""Finds the handler for an update: command, reply, step, or new question."""

from dataclasses import replace

from channels.incoming import Chat, Message, What
from domain.errors import OVER, Reason, RuleViolation
from domain.questions.life import Capacity
from handlers.broadcasts import composing
from handlers.broadcasts.draft import BROADCAST
from handlers.chat import blocked, long_text, prompting, rate_limit
from handlers.chat.dropping import drop
from handlers.chat.registry import COMMANDS, NOT_MINE, PRESSES, REPLIES, STEPS, press, read_command
from handlers.chat.steps import CardStep, read
from handlers.chat.turn import (
    Turn,
    current_step,
    meet,
    meet_known,
    pressed_message,
    pressed_row,
    row_of,
    take_pressed_buttons_away,
)
from handlers.questions import answer_editor, asking, stray_words
from handlers.staff import groups as group_chat
from messages.buttons import Act, Press
from messages.notices.chat import NotRead, Refusal, SomethingFailed
from messages.words import plain, words
from services import notify
from services.questions import cards
from services.questions.case import find, look_at
from services.staff import groups as agency_groups
from services.staff import staff
from storage.delivery import inbox, occasions, outbox
from storage.people import people
from storage.rows import ConversationRow


async def take(turn: Turn) -> None:
    """Let the handlers act on one update.

    Raises what they raise.
    """
    incoming = turn.incoming
    chat, message = incoming.chat, incoming.message
    if incoming.what is What.PRESSED:
        await on_press(turn)
    elif chat is None:
        return
    elif incoming.what is What.MOVED:
        await on_moved(turn, chat)
    elif message is None:
        await on_membership(turn, chat)
    elif not chat.private:
        if incoming.what is What.SAID:
            await on_group(turn, chat, message)
    elif incoming.what is What.SAID:
        await on_message(turn, message)
    else:
        await on_edit(turn, message)


async def on_message(turn: Turn, message: Message) -> None:
    """Handle a message in a private chat."""
    if await rate_limit.is_too_much(turn):
        return
    turn.actor = await meet(turn)
    if await blocked.stops(turn):
        return
    await _take_message(turn, message)
    await asking.show_surfaced(turn)


async def _take_message(turn: Turn, message: Message, *, whole: bool = False) -> None:
    """Handle a message's words.

    `whole`: a long text that has come completely; other long texts are kept until their author says so
    (handlers.chat.long_text).
    """
    # What somebody else typed elsewhere is words: forwarded, it would be done a second time.
    typed = None if message.forwarded else read_command(message.words, turn.bot_name)
    if typed is not None:
        await _run_command(turn, message, *typed, whole=whole)
        return
    if await answer_editor.album_goes_on(turn, message):
        return
    keep = not whole and message.text is not None and long_text.may_be_cut(message)
    conversation = await turn.step()
    if conversation is None and message.reply_to is None and await answer_editor.goes_on(turn, message):
        return
    if message.reply_to is not None and not _goes_on(conversation, message.reply_to):
        row = await row_of(turn, message.reply_to)
        on_reply = REPLIES.get(row.about or "") if row is not None else None
        if on_reply is not None and row is not None:
            if keep and row.about in long_text.REPLIES:
                await long_text.keep(turn, message, row.about)
            else:
                await on_reply(turn, message, row)
            return
    entered = None if conversation is None else STEPS.get(conversation.step)
    if conversation is None or entered is None:
        await stray_words.take(turn, message)
        return
    held = read(entered.holds, conversation.data)
    if held is None:  # of another version: what they were at is dropped, and they hear so
        dropped = await drop(turn)
        await (turn.reply(dropped) if dropped.draft else stray_words.take(turn, message))
    elif keep and conversation.step in long_text.STEPS:
        await long_text.keep(turn, message, conversation.step)
    else:
        turn.for_step = True
        if await entered.run(turn, message, held) is NOT_MINE:
            turn.for_step = False
            await stray_words.take(turn, message)


def _goes_on(conversation: ConversationRow | None, answered: str) -> bool:
    """Return whether a reply continues a long text.

    Apps may make every piece of a text that they cut a reply to the same message.
    """
    if conversation is None or conversation.step != long_text.STEP:
        return False
    text = read(long_text.LongText, conversation.data)
    return text is not None and text.reply_to == answered


async def _run_command(turn: Turn, message: Message, name: str, argument: str, *, whole: bool) -> None:
    command = COMMANDS.get(name)
    # A command for other roles is answered like one that does not exist.
    if command is None or not command.is_for(turn.actor):
        raise RuleViolation(Reason.UNKNOWN_COMMAND)
    if not whole and name in long_text.COMMANDS and message.text and long_text.may_be_cut(message):
        await long_text.keep(turn, message, name)
        return
    await command.run(turn, argument)


@press(Act.SEND_WHOLE)
async def on_whole(turn: Turn, pressed: Press) -> None:
    """Handle a long text that has come completely, as one message."""
    text = await current_step(turn, long_text.LongText, long_text.STEP)
    message = long_text.whole(turn, text)
    await long_text.give_back(turn, text)
    await take_pressed_buttons_away(turn)
    on_button = turn.incoming
    turn.incoming = replace(on_button, what=What.SAID, message=message, pressed=None)
    try:
        await _take_message(turn, message, whole=True)
    finally:
        turn.incoming = on_button  # a refusal is shown on the button


async def on_edit(turn: Turn, message: Message) -> None:
    """Handle an edited message in a private chat.

    It matters only while its question, answer or broadcast is not yet sent.
    """
    if await rate_limit.is_too_much(turn):
        return
    known = await meet_known(turn)
    if known is None:
        await inbox.blank(turn.work, turn.incoming.channel, turn.incoming.event)
        return
    turn.actor = known
    if await blocked.stops(turn):
        return
    if await answer_editor.edited(turn, message, await turn.at(answer_editor.STEP, CardStep)):
        return
    text = await turn.at(long_text.STEP, long_text.LongText)
    if text is not None:
        await long_text.edited(turn, message, text)
        return
    conversation = await turn.step()
    if conversation is not None and conversation.step == BROADCAST:
        await composing.edited(turn, message)
        return
    await asking.edited(turn, message)


async def on_press(turn: Turn) -> None:
    """Handle a pressed button.

    Its data comes from outside and may be old or forged.
    """
    chat = turn.incoming.chat
    if await rate_limit.is_too_much(turn):
        return
    known = await meet_known(turn)
    if known is None:
        await _turn_away(turn)
        return
    turn.actor = known
    if await blocked.stops(turn):
        return
    pressed = _press_of(turn)
    run = PRESSES.get(pressed.act) if pressed is not None else None
    if pressed is None or run is None or chat is None or not chat.private:
        raise RuleViolation(Reason.STALE_BUTTON)
    await run(turn, pressed)
    await asking.show_surfaced(turn)


async def _turn_away(turn: Turn) -> None:
    """Refuse a press in a chat that we don't know, and keep nothing about who pressed."""
    say = words(turn.work.programme.language, turn.work.programme.timezone)
    turn.show(plain(say.refusal(RuleViolation(Reason.STALE_BUTTON))), alert=True)
    await inbox.blank(turn.work, turn.incoming.channel, turn.incoming.event)


async def on_membership(turn: Turn, chat: Chat) -> None:
    """Handle somebody who blocked the bot or came back, or a group that removed it."""
    where, left = (turn.incoming.channel, chat.address), turn.incoming.what is What.LEFT
    if not chat.private:
        if left:
            await agency_groups.put_out(turn.work, *where)
        return
    if not left:
        await meet_known(turn)
        return
    person = await people.at(turn.work, *where)
    if person is not None:
        await staff.became_unreachable(turn.work, person.id)
        await outbox.hold_for(turn.work, *where)


async def on_moved(turn: Turn, chat: Chat) -> None:
    """Follow a group to its new address."""
    if turn.incoming.moved_to is not None:
        await agency_groups.move(turn.work, turn.incoming.channel, chat.address, turn.incoming.moved_to)


async def on_group(turn: Turn, chat: Chat, message: Message) -> None:
    """Handle a command in a group: only `/nhom` works there, questions are for private chats."""
    if message.text is None or message.forwarded:
        return
    typed = read_command(message.text, turn.bot_name)
    if typed is None or typed[0] not in COMMANDS or await rate_limit.is_too_much(turn):
        return
    if turn.incoming.hidden:
        raise RuleViolation(Reason.HIDDEN_ADMIN)
    if typed[0] == "nhom":
        turn.actor = await meet(turn)
        await group_chat.in_group(turn, chat, typed[1])
        return
    raise RuleViolation(Reason.GROUP_CHAT, bot=turn.bot_name)


async def refuse(turn: Turn, violation: RuleViolation) -> None:
    """Say why something was refused: on the pressed button, or in a message.

    Nothing else changes, except: a card whose button came too late is brought up to date, and a step is ended that
    waits for words which are no longer needed.
    """
    incoming = turn.incoming
    if incoming.address is None:
        return
    if incoming.what is What.SAID and incoming.chat is not None and not incoming.chat.private:
        await _refuse_in_group(turn, incoming.chat, violation)
        return
    turn.actor = await meet(turn)
    turn.surfaced = False  # the rollback undid that, too
    if not turn.is_press or (violation.reason is not Reason.STALE_BUTTON and await _long_text_is_over(turn)):
        await turn.reply(Refusal(html=turn.words.refusal(violation)))
    else:
        await _refuse_press(turn, violation)
    await _leave_step_that_is_over(turn, violation)
    await asking.show_surfaced(turn)


async def _refuse_press(turn: Turn, violation: RuleViolation) -> None:
    """Show a refusal on the pressed button, and bring our card up to date."""
    question_id, certain = await _pressed_card(turn)
    if violation.reason is Reason.UNKNOWN_CODE and certain:
        # They had this question's card: it has gone to somebody else, and is no secret.
        violation = RuleViolation(Reason.ALREADY_DONE)
    turn.show(plain(turn.words.refusal(violation)), alert=True)
    if question_id is not None:
        await _show_as_it_stands(turn, question_id, pressed_message(turn))


async def _show_as_it_stands(turn: Turn, question_id: int, message_id: str) -> None:
    """Bring a card up to date; remove its buttons where the person may no longer see it."""
    work, person = turn.work, turn.person
    try:
        notice, keyboard = await cards.card_in_place(work, turn.actor, await find(work, question_id))
    except RuleViolation:
        await notify.take_buttons_away(work, person, message_id=message_id)
    else:
        await notify.rewrite(work, person, notice, keyboard, message_id=message_id)


async def _leave_step_that_is_over(turn: Turn, violation: RuleViolation) -> None:
    """End a step for words on a question that was decided meanwhile.

    The next message is then not taken for it.
    """
    conversation = await turn.step()
    at = None if conversation is None else read(CardStep, conversation.data)
    if at is None or (not turn.for_step and not await _pressed_prompt(turn, at.prompt)):
        return
    question_id = at.question
    if violation.reason not in OVER:
        if violation.reason is not Reason.UNKNOWN_CODE:
            return
        # A code may have been mistyped; or they have nothing to do with the question any more.
        case = await look_at(turn.work, turn.actor, await find(turn.work, question_id))
        if case.capacities != {Capacity.STRANGER}:
            return
    await prompting.end_text_step(turn, at)
    if at.card is not None:
        await _show_as_it_stands(turn, question_id, at.card)


async def _pressed_prompt(turn: Turn, prompt: int | None) -> bool:
    pressed = turn.incoming.pressed
    if pressed is None or pressed.under is None or prompt is None:
        return False
    row = await pressed_row(turn)
    return row is not None and row.id == prompt


async def _refuse_in_group(turn: Turn, chat: Chat, violation: RuleViolation) -> None:
    """Refuse in the programme's language, without meeting the person.

    A group is no private chat with them.
    """
    say = words(turn.work.programme.language, turn.work.programme.timezone)
    await notify.tell_chat(
        turn.work,
        turn.incoming.channel,
        chat.address,
        Refusal(html=say.refusal(violation)),
        lane=outbox.Lane.REPLY,
        topic=turn.message.topic,
    )


async def _long_text_is_over(turn: Turn) -> bool:
    """Return whether a long text was refused; then drop it and go back to the step before."""
    pressed = _press_of(turn)
    if pressed is None or pressed.act is not Act.SEND_WHOLE:
        return False
    text = await turn.at(long_text.STEP, long_text.LongText)
    if text is None:
        return False
    await long_text.give_back(turn, text)
    await take_pressed_buttons_away(turn)
    return True


async def _pressed_card(turn: Turn) -> tuple[int | None, bool]:
    """Return the question whose card a member of the staff pressed, and whether we surely sent it to them.

    A card that came twice, because the network lost the messenger's answer, is known by one of its copies only.
    """
    pressed, chat = _press_of(turn), turn.incoming.chat
    question_id = pressed.number(0) if pressed is not None else None
    if pressed is None or question_id is None or chat is None or not chat.private:
        return None, False
    if not turn.actor.is_staff:
        return None, False
    row = await pressed_row(turn)
    if row is None:
        return (question_id if pressed.act in cards.ONLY_ON_CARDS else None), False
    mine = row.about == "card" and row.question_id == question_id
    return (question_id if mine else None), mine


def _press_of(turn: Turn) -> Press | None:
    """Read the pressed button, where it is one of ours."""
    pressed = turn.incoming.pressed
    return None if pressed is None else Press.parse(pressed.data)


async def apologise(turn: Turn) -> None:
    """Tell the person once that something failed on our side.

    Nobody else waits for it.
    """
    if turn.incoming.address is None or not await _first_word_of(turn):
        return
    turn.actor = await meet(turn)
    await turn.reply(SomethingFailed())


async def say_unread(turn: Turn) -> None:
    """Tell the sender, once, that a message could not be read.

    It makes nobody known, for it says nothing of them.
    """
    address = turn.incoming.address
    if address is None or await rate_limit.is_too_much(turn) or not await _first_word_of(turn):
        return
    known = await people.at(turn.work, turn.incoming.channel, address)
    if known is None:
        lane = outbox.Lane.REPLY
        await notify.tell_chat(turn.work, turn.incoming.channel, address, NotRead(), lane=lane)
    else:
        turn.actor = await meet(turn)
        await turn.reply(NotRead())


async def _first_word_of(turn: Turn) -> bool:
    """Whether nobody was told yet that this went wrong: an operator may try it once more (`inbox retry`)."""
    return await occasions.claim(turn.work, turn.incoming.channel, "went_wrong", turn.incoming.event)
