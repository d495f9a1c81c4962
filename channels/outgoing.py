"""What a channel is given, returns and raises; nothing here knows a messenger."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


def opens_address(data: str) -> bool:
    """Return whether a button opens an address.

    Our own button data never looks like one (messages.buttons.Act).
    """
    return data.startswith(("https://", "http://"))


class Kind(StrEnum):
    """The kinds of work that an outbox row asks of its channel.

    The shape of `content` stands beside each.
    """

    # {"html", "buttons": [[[label, data or address], …], …], perhaps "silent": without a sound, "topic": the part of a
    # group, "protected": not to be passed on, "previews": pages that it links to are shown}
    TEXT = "text"
    EDIT = (
        "edit"  # the same; changes an earlier message; with "caption", the words below a picture or document
    )
    BUTTONS = "buttons"  # {"buttons"}; changes only an earlier message's buttons
    DELETE = "delete"  # {}; takes an earlier message back
    FILE = "file"  # {"kind", "remote_id", "checksum", "name", "content_type", "caption", perhaps "buttons"}
    ALBUM = "album"  # {"files": [as FILE has it, without "caption" and "buttons"]}; 2-10 that go together
    PICTURE = "picture"  # {"png" in base64, "html", "buttons"}; a drawing of ours with its caption
    # {"data" in base64, or "checksum" of a kept file, "name", "html", "buttons"}; a document of ours with its caption
    DOCUMENT = "document"
    MENU = "menu"  # {"commands": [[name, description], …]}; the commands a person's app shows


@dataclass(frozen=True)
class Abilities:
    """What a channel can show, and how it cuts what is longer (channels.registry)."""

    text_limit: int
    caption_limit: int
    units: Callable[[str], int]  # a text's length as the channel counts it
    split: Callable[[str, int], list[str]]  # HTML in parts of at most so many units
    buttons: bool  # without them choices are numbered lines, answered with a number
    edits: bool
    deletes: bool
    menus: bool
    album_files: int  # that go together; 1: each goes by itself


@dataclass(frozen=True)
class Outgoing:
    """One message on its way to one address.

    `message_id` is the earlier message that an edit changes.
    """

    address: str
    kind: Kind
    content: dict[str, Any]
    message_id: str | None = None
    paid: bool = False  # at the speed that the messenger charges for
    previews: bool = False  # pages that it links to are shown; or its content says so


class DeliveryError(Exception):
    """A message did not arrive."""


class Unreachable(DeliveryError):
    """The person blocked the bot, left, or never began.

    Or the bot may not write in the group. Nothing reaches them until they come back.
    """


class Busy(DeliveryError):
    """The messenger asks everybody to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


class Moved(DeliveryError):
    """The chat has a new address."""

    def __init__(self, address: str) -> None:
        super().__init__("the chat has moved")
        self.address = address


class Rejected(DeliveryError):
    """The messenger will never take this message as it is."""


class Gone(Rejected):
    """The message to edit is no longer there, or may no longer be edited."""


class Interrupted(DeliveryError):
    """The network or the messenger failed.

    Unless it says otherwise, nobody knows whether the message arrived.
    """

    def __init__(self, text: str, *, may_have_arrived: bool = True) -> None:
        super().__init__(text)
        self.may_have_arrived = may_have_arrived


class Unavailable(DeliveryError):
    """The messenger does not give a file now; it may later."""


class FileTooLarge(Rejected):
    """The messenger gives no file so large, but passes it on."""


class Channel(Protocol):
    """A way to people."""

    async def deliver(self, message: Outgoing) -> str | None:
        """Deliver one message and return its id there.

        Raises a `DeliveryError`.
        """

    async def deliver_album(self, message: Outgoing) -> list[str]:
        """Deliver several files as one album, all or none; return their ids there.

        Raises a `DeliveryError`.
        """

    async def fetch(self, remote_id: str, limit: int) -> bytes:
        """Fetch a file that a person sent, at most `limit` bytes.

        Raises a `DeliveryError`.
        """
