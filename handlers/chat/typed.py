"""Reads what people type and press: codes, words, files, ids of buttons."""

from collections.abc import Iterable
from typing import TypeVar

from channels.incoming import Message
from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code, split_code
from domain.vietnamese.text import clean
from handlers.chat.emergency import warn_of
from handlers.chat.media import note_file, text_of
from handlers.chat.turn import Turn
from messages.buttons import Press

Offered = TypeVar("Offered", bound=str)

LINE_LIMIT = 200  # characters of a name, an address, a contact, an organisation


def code_at_front(turn: Turn, argument: str, command_name: str) -> tuple[Code, str]:
    """Read a question's code and the rest of what was typed.

    Raises `RuleViolation` when there is none.
    """
    code, rest = split_code_of(turn, argument)
    if code is None:
        raise RuleViolation(Reason.CODE_MISSING, command=command_name)
    return code, rest


def split_code_of(turn: Turn, argument: str) -> tuple[Code | None, str]:
    """Read a question's code, and the rest.

    With this programme's prefix and this year. None where there is no code.
    """
    work = turn.work
    return split_code(argument, work.programme.code_prefix, work.programme.local(work.now).year)


def id_of(pressed: Press, index: int = 0) -> int:
    """Read an id in a pressed button.

    Raises `RuleViolation` (stale button) for a forged one.
    """
    number = pressed.number(index)
    if number is None:
        raise RuleViolation(Reason.STALE_BUTTON)
    return number


def choice_of(pressed: Press, offered: Iterable[Offered], index: int = 0) -> Offered:
    """Read which of the offered words a button carries.

    Raises `RuleViolation` (stale button) for any other.
    """
    for one in offered:
        if one == pressed.word(index):
            return one
    raise RuleViolation(Reason.STALE_BUTTON)


def typed_text(message: Message) -> str:
    """Read the words of a message that answers a prompt.

    Raises `RuleViolation` where there are none.
    """
    text = text_of(message)
    if text is None:
        raise RuleViolation(Reason.UNSUPPORTED_MESSAGE)
    if not text:
        raise RuleViolation(Reason.TEXT_MISSING)
    return text


def one_line(typed: str) -> str:
    """Read what somebody says of themselves, on one line.

    Raises `RuleViolation` for nothing and for too much.
    """
    words = " ".join(clean(typed).split())
    if not words:
        raise RuleViolation(Reason.TEXT_MISSING)
    if len(words) > LINE_LIMIT:
        raise RuleViolation(Reason.TOO_LONG, limit=LINE_LIMIT)
    return words


def own_number(message: Message) -> str | None:
    """Read the number of a shared contact, where it is the sender's own."""
    if message.contact is None or not message.contact.own:
        return None
    number = message.contact.number
    # Apps leave the "+" of an international number out, and so it begins with no 0.
    return number if number.startswith(("+", "0")) else f"+{number}"


async def words_and_files(turn: Turn, message: Message, *, beside: int = 0) -> tuple[str, list[int]]:
    """Read a message's words and file, outside a draft.

    `beside`: as in `note_file`. Raises `RuleViolation` for what can't be taken.
    """
    text = text_of(message)
    if text is None:
        raise RuleViolation(Reason.UNSUPPORTED_MESSAGE)
    limit = turn.work.programme.question_characters
    if len(text) > limit:
        raise RuleViolation(Reason.TOO_LONG, limit=limit)
    await warn_of(turn, text)
    file_id = await note_file(turn, message, beside=beside)
    return text, [] if file_id is None else [file_id]
