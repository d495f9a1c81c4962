"""Notices of every conversation: welcome, help, refusals, prompts. Conventions as in `messages.notices`."""

from dataclasses import dataclass
from datetime import date

from messages.notice import Notice


class Welcome(Notice):
    """`/start`."""

    programme: str
    province: str
    roles: tuple[str, ...]  # what this person may do besides asking, already in words


@dataclass(frozen=True)
class DescribedCommand:
    """A command and what it does."""

    name: str
    description: str


class Help(Notice):
    """`/trogiup`: the commands this person has."""

    commands: tuple[DescribedCommand, ...]


class LanguageChosen(Notice):
    """`/ngonngu`, done."""


class LanguageAsked(Notice):
    """`/ngonngu`: which language?"""


class Cancelled(Notice):
    """`/huy`, or the button: what was being written was dropped."""

    draft: bool  # there was something to drop
    question: bool = True  # it was a question being written
    staff: bool = False  # its reader works here: a message of theirs begins no question


class Refusal(Notice):
    """Something could not be done.

    `html` is the sentence that `Words.refusal` made.
    """

    html: str


class SomethingFailed(Notice):
    """A fault of ours.

    It is told once; the update is parked.
    """


class NotRead(Notice):
    """To who sent something that nobody can read; it is kept for the operator."""


@dataclass(frozen=True)
class EmergencyNumber:
    """A telephone number, and the key of the label that says who answers it."""

    number: str
    key: str


class EmergencyNumbers(Notice):
    """Numbers to call, sent at once when words speak of an emergency."""

    numbers: tuple[EmergencyNumber, ...]
    gentle: str = ""  # "self_harm" or "child_speaks": words for who writes so, before the numbers


class LongTextKept(Notice):
    """A text that the app may have cut, kept until its author ends it."""

    messages: int
    characters: int
    ending: str
    file: bool


class ListChanged(Notice):
    """In place of a list, when one of its questions may be shown no more.

    It does not say which, or why.
    """


class TextAsked(Notice):
    """The bot waits for words.

    `what` is a key under [ask] in labels (return, ask_more, send_back …).
    """

    code: str
    what: str


class Done(Notice):
    """A staff action is done.

    `what` is an Event value, `detail` a name or code that goes with it.
    """

    code: str
    what: str
    detail: str = ""


class ConfirmAsked(Notice):
    """The question before `Xác nhận`.

    `what` is a key under [confirm] in labels, `detail` what it concerns, already in words.
    """

    what: str
    code: str
    detail: str = ""
    preview: str = ""


class Blocked(Notice):
    """To a sender whom an editor stopped, once a day."""

    last: date
