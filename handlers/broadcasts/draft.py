"""A broadcast being composed: its row, its preview, and dropping both."""

from dataclasses import dataclass, fields
from datetime import datetime

from channels.telegram.compose import CAPTION_LIMIT, TEXT_LIMIT, units
from domain.broadcasts.broadcasts import Audience
from handlers.chat.dropping import when_dropped
from handlers.chat.steps import StepData
from handlers.chat.turn import Turn
from services import notify
from storage.broadcasts import drafts
from storage.delivery import files, outbox

BROADCAST = "broadcast"  # the step at which whatever comes is part of it
# Besides these the steps are the parts that the card asks for: keys under [broadcast_step] in labels.
TEXT, MENDING, CONFIRM = "text", "mending", "confirm"
PARTS = ("picture", "button", "to", "time")


@dataclass
class Composition:
    """What somebody is composing.

    At the step "mending" something keeps it from being sent, at "confirm" nothing does.
    """

    step: str = TEXT
    html: str = ""
    text: str = ""  # the same without its formatting
    message: str | None = None  # that brought the text
    sent: int = 0  # when, in seconds
    cut: bool = False  # it filled its message: more of it may follow
    picture: int | None = None  # files.id
    album: str | None = None  # that brought the picture
    refused_album: bool = False  # its other pictures were refused, once
    button: list[str] | None = None  # [label, address]
    audience: str = Audience.ALL
    start_at: str | None = None  # ISO; None: at once
    page: int = 1  # of the fields offered
    card: int | None = None  # outbox id
    preview: int | None = None  # outbox id; None where it does not show what the draft is now

    @classmethod
    async def of(cls, turn: Turn) -> "Composition | None":
        data = await drafts.of_person(turn.work, turn.person.id)
        known = {one.name for one in fields(cls)}
        return None if data is None else cls(**{key: data[key] for key in data if key in known})

    @property
    def is_empty(self) -> bool:
        return not self.text and self.picture is None

    @property
    def limit(self) -> int:
        """The most characters of the text, as the messenger counts them."""
        return TEXT_LIMIT if self.picture is None else CAPTION_LIMIT

    @property
    def room(self) -> int:
        return self.limit - units(self.text)

    @property
    def begins(self) -> datetime | None:
        return None if self.start_at is None else datetime.fromisoformat(self.start_at)


async def drop_broadcast(turn: Turn) -> None:
    """Drop the broadcast that somebody is composing, with its picture and preview."""
    data = await drafts.of_person(turn.work, turn.person.id)
    if data is not None:
        await forget_preview(turn, data.get("preview"))
        await files.drop(turn.work, [data["picture"]] if data.get("picture") else [])
        await drafts.drop(turn.work, turn.person.id)


@when_dropped(BROADCAST)
async def _given_up(turn: Turn, held: StepData) -> None:
    await drop_broadcast(turn)


async def forget_preview(turn: Turn, preview: int | None) -> None:
    """Take back a preview (an outbox id) that is out of date."""
    if preview is not None and not await outbox.drop(turn.work, preview):
        await notify.take_back(turn.work, turn.person, edit_of=preview)
