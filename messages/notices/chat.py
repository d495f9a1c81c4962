"""Notices of every conversation: welcome, help, refusals, prompts. Conventions as in `messages.notices`."""

from dataclasses import dataclass

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
    """`/huy`, or the button: what was being written is gone."""

    draft: bool  # there was something to drop
    question: bool = True  # it was a question being written


class Refusal(Notice):
    """Something could not be done. `html` is the sentence `Words.refusal` made."""

    html: str


class SomethingFailed(Notice):
    """A fault of ours: told once, the update is parked."""


class NotRead(Notice):
    """What somebody sent is nothing that can be read: told once, it is kept for the operator."""


@dataclass(frozen=True)
class EmergencyNumber:
    """A telephone number, and the key of the label that says whom it calls."""

    number: str
    key: str


class EmergencyNumbers(Notice):
    """At once, when words of an emergency appear: whom to call."""

    numbers: tuple[EmergencyNumber, ...]


class LongTextKept(Notice):
    """A text so long that the app may have cut it: kept until its author says that all of it has come."""

    messages: int
    characters: int
    ending: str
    file: bool


class ListChanged(Notice):
    """In place of a list, when one of its questions may be shown no more. It says nothing of which, or why."""


class TextAsked(Notice):
    """The bot waits for words: `what` is a key under [ask] in labels (return, ask_more, send_back …)."""

    code: str
    what: str


class Done(Notice):
    """A staff action went through. `what` is an Event value, `detail` a name or code that goes with it."""

    code: str
    what: str
    detail: str = ""


class ConfirmAsked(Notice):
    """`Xác nhận`? `what` is a key under [confirm] in labels, `detail` what it concerns."""

    what: str
    code: str
    detail: str = ""
    preview: str = ""
