"""The gate for blocked senders: tables of what is still taken (docs/decisions/0044).

What they write to the office is not: it leaves nothing behind but one sentence a day. What they read, what an agency
asked them for, and whatever concerns their own data works as before. What the tables do not name is stopped.
"""

from datetime import timedelta
from typing import Any

from channels.incoming import Message, What
from domain.errors import Reason, RuleViolation
from handlers.chat import confirming, long_text
from handlers.chat.dropping import ALBUM
from handlers.chat.emergency import warn_of
from handlers.chat.registry import read_command
from handlers.chat.turn import Turn, row_of
from handlers.chat.typed import split_code_of
from messages.buttons import Act, Press
from messages.notices.chat import Blocked
from messages.words import plain
from storage.delivery import inbox
from storage.people import blocks
from storage.rows import ConversationRow

COMMANDS = frozenset(
    {
        # their own data and questions
        "dulieu", "xoadulieu", "cuatoi", "tracuu", "rut",
        # what everybody reads, and sets for themselves
        "lich", "xemlai", "hoidap", "dangky", "ngonngu", "huy", "trogiup",
    }
)  # fmt: skip
ACTS = frozenset(
    {
        # their own data and questions; a rating is a number
        Act.OWN_DATA_FILE, Act.CORRECT_OWN, Act.NO_CONTACT, Act.WITHDRAW_CONSENT, Act.ERASE,
        Act.MY_QUESTIONS, Act.TRACK, Act.WITHDRAW, Act.REPLY, Act.RATE, Act.CONSENT_PUBLICATION,
        # what everybody reads, and sets for themselves
        Act.LIST, Act.SHOW_LIST, Act.CALENDAR_FILE, Act.EPISODES_PAGE, Act.EPISODES_FIELDS,
        Act.EPISODES_YEARS, Act.EPISODE_OPEN, Act.LANGUAGE, Act.CANCEL, Act.LEAVE, Act.SUBSCRIPTIONS,
        Act.SUBSCRIPTION_MENU, Act.SUBSCRIPTION_FIELDS, Act.SUBSCRIPTION_TAP, Act.SUBSCRIPTION_DAILY,
        Act.SUBSCRIPTION_GENERAL, Act.SUBSCRIPTION_RETURN,
    }
)  # fmt: skip
CONFIRMED = frozenset({"erase", "withdraw"})
# Whose words are taken: of their own data, what an agency asked for.
STEPS = frozenset({"own_data", "supply"})
REPLIES = frozenset({"clarification"})
TRACK = "track"  # a code alone


async def stops(turn: Turn) -> bool:
    """Return whether an update goes no further, because its sender is blocked.

    They are told once a day, on buttons always. Emergency numbers are sent all the same.
    """
    until = turn.actor.blocked_until(turn.work.now)
    if until is None:
        return False
    last = turn.work.programme.local(until - timedelta(seconds=1)).date()
    message = turn.incoming.message
    if turn.is_press:
        if await _press_is_taken(turn):
            return False
        turn.show(plain(turn.words.refusal(RuleViolation(Reason.BLOCKED, ends=last))), alert=True)
        return True
    said = turn.incoming.what is What.SAID
    if message is None or (said and await _is_taken(turn, message)):
        return False
    await inbox.blank(turn.work, turn.incoming.channel, turn.incoming.event)
    await warn_of(turn, message.words)
    today = turn.work.programme.local(turn.work.now).date()
    if said and await blocks.is_first_today(turn.work, turn.person.id, today):
        await turn.reply(Blocked(last=last))
    return True


async def _is_taken(turn: Turn, message: Message) -> bool:
    typed = None if message.forwarded else read_command(message.words, turn.bot_name)
    if typed is not None:
        return typed[0] in COMMANDS
    if await _answers_what_was_asked(turn, message.reply_to):
        return True
    step = await turn.step()
    if step is None:
        return False
    if step.step == ALBUM:  # the rest of what answered a clarification
        return message.album is not None and step.data.get("album") == message.album
    if step.step == TRACK:
        code, rest = split_code_of(turn, message.text or "")
        return code is not None and not rest
    return step.step in STEPS or await _is_long_reply(turn, step)


async def _answers_what_was_asked(turn: Turn, reply_to: str | None) -> bool:
    row = None if reply_to is None else await row_of(turn, reply_to)
    return row is not None and row.about in REPLIES


async def _is_long_reply(turn: Turn, step: ConversationRow) -> bool:
    """Return whether a long text that is being collected answers what an agency asked for."""
    if step.step != long_text.STEP:
        return False
    before: dict[str, Any] = step.data.get("before") or {}
    return before.get("step") in STEPS or await _answers_what_was_asked(turn, step.data.get("reply_to"))


async def _press_is_taken(turn: Turn) -> bool:
    pressed = turn.incoming.pressed
    press = None if pressed is None else Press.parse(pressed.data)
    if press is None or press.act in ACTS:
        return True  # what no button of ours carries is refused as ever
    step = await turn.step()
    if step is None:
        return False
    if press.act is Act.CONFIRM:
        return step.step == confirming.STEP and step.data.get("what") in CONFIRMED
    return press.act is Act.SEND_WHOLE and await _is_long_reply(turn, step)
