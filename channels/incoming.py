"""What somebody wrote, pressed, edited or did on a channel; nothing here knows a messenger.

Ids and addresses are text here, whatever type a messenger gives them.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.vietnamese.old_fonts import as_unicode


class What(StrEnum):
    """Name what happened: said, edited, pressed, came, left or moved."""

    SAID = "said"  # a message
    EDITED = "edited"  # an earlier message reads differently now
    PRESSED = "pressed"  # a button below one of our messages
    CAME = "came"  # the bot may write there (again)
    LEFT = "left"  # the bot was blocked, or put out of a group
    MOVED = "moved"  # a chat has another address


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat: private with the bot, or a group."""

    address: str
    private: bool
    title: str = ""


class Style(StrEnum):
    """The look of some words of a message."""

    BOLD = "bold"
    ITALIC = "italic"
    UNDERLINE = "underline"
    STRIKETHROUGH = "strikethrough"
    SPOILER = "spoiler"
    CODE = "code"
    QUOTE = "quote"
    LONG_QUOTE = "long quote"  # folded until somebody unfolds it
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Span:
    """Some characters of `Message.typed` and how they look.

    `url` is where a link leads: http(s), with a host.
    """

    style: Style
    start: int
    end: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file as its channel describes it. `kind`: photo, voice, document, video, audio.

    `size`: bytes, where told.
    """

    kind: str
    remote_id: str
    name: str = ""  # what apps show of it; nobody has looked at it yet
    content_type: str = "application/octet-stream"
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the map."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Contact:
    """A telephone number that somebody shares; `own` where the channel says that it is theirs."""

    number: str
    own: bool


@dataclass(frozen=True, slots=True)
class Message:
    """A message that somebody wrote or sent.

    A part that could not be read is empty; the other parts are there.
    """

    id: str  # empty where it could not be read
    at: datetime | None
    edited_at: datetime | None = None
    text: str | None = None  # with the addresses of links that its app does not show
    caption: str | None = None  # the same of the words below a file
    typed: str = ""  # text or caption as its app shows it: what apps count, and what `spans` count in
    spans: tuple[Span, ...] = ()
    files: tuple[File, ...] = ()
    place: Place | None = None
    contact: Contact | None = None
    reply_to: str | None = None  # the message that this one answers
    before: str | None = None  # the id just before this one, where a channel numbers the messages of a chat
    album: str | None = None  # files with the same one were sent together
    forwarded: bool = False  # somebody else's words
    topic: str | None = None  # the part of a group in which it was written
    as_typed: str | None = None  # text or caption before it was read as of an old font; None where it was not

    @property
    def shown(self) -> str:
        """Its words without the addresses of links, in Unicode."""
        return self.typed if self.as_typed is None else self.words

    @property
    def words(self) -> str:
        """Its text, or its caption."""
        return self.text or self.caption or ""


def in_unicode(message: Message) -> Message:
    """Return a message with words and file names of an old font in Unicode.

    What is certain only. Every channel reads its messages through this, so that nothing else ever looks at such
    words. How some of them look (`spans`) is dropped then, for it counts in what was typed.
    """
    files = tuple(_named_in_unicode(file) for file in message.files) if message.files else ()
    before = message.words
    words = as_unicode(before)
    if words is None:
        return message if files == message.files else replace(message, files=files)
    text, caption = (words, message.caption) if message.text else (message.text, words)
    return replace(message, text=text, caption=caption, files=files, spans=(), as_typed=before)


def _named_in_unicode(file: File) -> File:
    name = None if file.name.isascii() else as_unicode(file.name)
    return file if name is None else replace(file, name=name)


@dataclass(frozen=True, slots=True)
class Pressed:
    """A pressed button.

    Its data comes from outside and may be old or forged.
    """

    id: str  # by which the channel is told that it was heard
    data: str
    under: str | None  # the message it stands under; None where that is too old for the channel to say


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing that came in.

    `event` is equal when a channel delivers the same thing again.
    """

    channel: str
    event: str
    what: What
    chat: Chat | None  # None: pressed under a message of which the channel does not say where it stands
    address: str | None  # who did it; None where the channel does not say
    name: str | None  # as they call themselves; None where it could not be read
    language: str | None  # of their app
    at: datetime | None
    message: Message | None = None  # said, or edited
    pressed: Pressed | None = None
    hidden: bool = False  # an admin who writes in the group's name: nobody can say who
    moved_to: str | None = None  # the address that the chat has now
