"""The words of each kind of broadcast for one person, as a table by kind.

Words are chosen when a delivery is about to go out, so that they are up to date and in the person's language. A
function here only reads; None drops the delivery: there is nothing to say to this one any more.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from channels.outgoing import Kind
from domain.broadcasts.broadcasts import BroadcastKind
from messages.buttons import Act, Button, Keyboard, LinkButton
from services.notify import content, rows_of, words_for
from services.subscribers import news
from storage.engine.database import Work
from storage.rows import BroadcastRow, PersonRow

Content = dict[str, Any]


async def content_for(work: Work, broadcast: BroadcastRow, person: PersonRow) -> Content | None:
    """Return {"kind", "content"} for this person, or None for nothing to say.

    `kind` is a channels.outgoing.Kind, `content` as an outbox row has it.
    """
    return await _WORDS[BroadcastKind(broadcast.kind)](work, broadcast, person)


def leave_button(audience: str) -> Button:
    """Make the button to leave these; it stands under every broadcast."""
    return Button("button.leave", Act.LEAVE, (audience,))


async def _message(work: Work, broadcast: BroadcastRow, person: PersonRow) -> Content:
    return composed(work, broadcast.content, broadcast.audience, person)


def composed(work: Work, written: Content, audience: str, person: PersonRow) -> Content:
    """Return what a person composed.

    The same for everybody, except the language of the last button.
    """
    keyboard: Keyboard = [
        *([[LinkButton(*written["button"])]] if written["button"] else []),
        [leave_button(audience)],
    ]
    buttons = rows_of(words_for(work, person), keyboard)
    if written["photo"] is None:
        return {"kind": Kind.TEXT, "content": {"html": written["html"], "buttons": buttons}}
    photo = {"kind": "photo", **written["photo"], "caption": written["html"], "buttons": buttons}
    return {"kind": Kind.FILE, "content": photo}


async def _news(work: Work, broadcast: BroadcastRow, person: PersonRow) -> Content | None:
    """Return what the programme announces by itself (services.subscribers.news), with the button to leave it."""
    told = await news.news(work, broadcast, person)
    if told is None:
        return None
    # The same for everybody of a language and channel is rendered once for the deliveries of one transaction.
    key = ("said", broadcast.id, person.language, person.channel)
    said = work.memo.get(key) if told.shared else None
    if said is None:
        said = content(work, person, told.notice, [*told.buttons, [leave_button(broadcast.audience)]])
        work.memo[key] = said
    return {"kind": Kind.TEXT, "content": said}


_WORDS: dict[BroadcastKind, Callable[[Work, BroadcastRow, PersonRow], Awaitable[Content | None]]] = {
    BroadcastKind.MESSAGE: _message,
    BroadcastKind.AIRING: _news,
    BroadcastKind.AIRING_CHANGED: _news,
    BroadcastKind.LINK: _news,
    BroadcastKind.ANSWER: _news,
    BroadcastKind.DIGEST: _news,
}
