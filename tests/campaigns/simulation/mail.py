"""A messenger in memory that some people have blocked, and that remembers what arrived where, and when."""

from dataclasses import dataclass, field
from datetime import datetime

from channels.outgoing import Kind, Outgoing, Unreachable
from domain.clock import Clock
from messages.words import plain
from tests.worlds.chat import Messenger


@dataclass(frozen=True)
class Letter:
    """Something that arrived in a chat: a message, or a change of one."""

    at: datetime
    address: str
    kind: Kind
    id: str  # of the message, the changed one's too
    text: str
    buttons: tuple[tuple[str, str], ...]  # label, data
    files: tuple[tuple[str, str], ...]  # name, the messenger's id

    def __str__(self) -> str:
        return f"{self.at:%d/%m %H:%M} UTC to {self.address}: {self.text[:300]}"


@dataclass(kw_only=True)
class Mail(Messenger):
    """Keep each delivered message with its time; deliver nothing to who blocked the bot."""

    clock: Clock
    blocked: set[str] = field(default_factory=set)
    letters: list[Letter] = field(default_factory=list)

    async def deliver(self, message: Outgoing) -> str | None:
        self._let_through(message)
        message_id = await super().deliver(message)
        self._note(message, message_id)
        return message_id

    async def deliver_album(self, message: Outgoing) -> list[str]:
        self._let_through(message)
        ids = await super().deliver_album(message)
        self._note(message, ids[0])
        return ids

    def _let_through(self, message: Outgoing) -> None:
        if message.address in self.blocked:
            raise Unreachable("bot was blocked by the user")

    def _note(self, message: Outgoing, message_id: str | None) -> None:
        content = message.content
        sent = content.get("files") or ([content] if message.kind is Kind.FILE else [])
        self.letters.append(
            Letter(
                self.clock.now(),
                message.address,
                message.kind,
                message_id or "",
                plain(content.get("html") or ""),
                tuple((label, data) for row in content.get("buttons") or () for label, data in row),
                tuple((one.get("name") or "", one["remote_id"]) for one in sent),
            )
        )
