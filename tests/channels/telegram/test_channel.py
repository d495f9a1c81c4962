"""What Telegram says to a message, in the channel's own words."""

from pathlib import Path
from typing import Any

import pytest
from telegram.error import BadRequest

from channels.outgoing import Gone, Kind, Outgoing, Rejected
from channels.telegram.channel import TelegramChannel


class Refusing:
    """A bot whose server refuses to delete, if at all, in these words."""

    def __init__(self, words: str) -> None:
        self.words = words
        self.deleted: list[tuple[str, int]] = []

    async def delete_message(self, chat_id: str, message_id: int) -> bool:
        if self.words:
            raise BadRequest(self.words)
        self.deleted.append((chat_id, message_id))
        return True

    async def edit_message_text(self, *_text: Any, **_rest: Any) -> bool:
        raise BadRequest(self.words)


class Editing:
    """A bot that notes what it is asked to edit."""

    def __init__(self) -> None:
        self.captions: list[dict[str, Any]] = []

    async def edit_message_caption(self, **what: Any) -> bool:
        self.captions.append(what)
        return True


async def test_the_words_below_a_document_are_edited_as_its_caption() -> None:
    bot: Any = Editing()
    content = {"html": "<b>Đã nhận</b>", "buttons": [], "caption": True}
    done = await TelegramChannel(bot, Path("files")).deliver(Outgoing("7", Kind.EDIT, content, "42"))
    assert done == "42"
    (what,) = bot.captions
    assert (what["chat_id"], what["message_id"], what["caption"]) == ("7", 42, "<b>Đã nhận</b>")


async def take_back(bot: Any) -> None:
    await TelegramChannel(bot, Path("files")).deliver(Outgoing("7", Kind.DELETE, {}, "42"))


async def test_a_message_is_taken_back() -> None:
    bot = Refusing("")
    await take_back(bot)
    assert bot.deleted == [("7", 42)]


@pytest.mark.parametrize("words", ["Message to delete not found", "Message can't be deleted for everyone"])
async def test_what_is_gone_or_cannot_go_any_more_is_done_with(words: str) -> None:
    await take_back(Refusing(words))


async def test_another_refusal_is_one() -> None:
    with pytest.raises(Rejected):
        await take_back(Refusing("Bad Request: something else"))


async def edit(words: str) -> str | None:
    content = {"html": "…", "buttons": []}
    bot: Any = Refusing(words)
    return await TelegramChannel(bot, Path("files")).deliver(Outgoing("7", Kind.EDIT, content, "42"))


@pytest.mark.parametrize("words", ["Message to edit not found", "Message can't be edited"])
async def test_an_edit_tells_that_its_message_is_gone(words: str) -> None:
    with pytest.raises(Gone):
        await edit(words)


async def test_an_edit_that_changes_nothing_is_done() -> None:
    assert await edit("Bad Request: message is not modified: specified new message content …") == "42"
