"""Changing and deleting messages that are already there."""

from sandbox.errors import bad
from sandbox.methods.access import find_chat, find_message
from sandbox.methods.registry import Params, method
from sandbox.methods.wording import caption_of, message_text
from sandbox.shapes import Json
from sandbox.state.people import Person
from sandbox.state.world import Record, World
from sandbox.text import markup

DELETABLE_FOR = 48 * 3600
"""Seconds after which a bot can't delete a message any more (Bot API documentation)."""

_SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


def _editable(world: World, params: Params) -> Record:
    if not params.text("chat_id") and params.text("inline_message_id"):
        raise bad("MESSAGE_ID_INVALID")
    chat = find_chat(world, params.text("chat_id"), "edit")
    if not params.text("message_id"):
        raise bad("message identifier is not specified")
    record = find_message(world, chat.id, params.integer("message_id"), "message to edit")
    if record.message["from"]["id"] != world.bot_id or record.keyboard or "forward_origin" in record.message:
        raise bad("message can't be edited")
    world.flood.check(chat.id, 1, params.flag("allow_paid_broadcast"), is_edit=True)
    return record


def _apply(world: World, record: Record, params: Params, content: Json, replaced: tuple[str, ...]) -> Json:
    """Replace fields and the inline keyboard; without a new keyboard the old one goes, as on the platform."""
    inline, _ = markup.checked(params.json("reply_markup", "reply keyboard markup"), only_inline=True)
    fields = (*replaced, "reply_markup")
    fresh = content | ({"reply_markup": inline} if inline else {})
    if all(record.message.get(name) == fresh.get(name) for name in fields):
        raise bad(_SAME)
    for name in fields:
        record.message.pop(name, None)
    record.message |= fresh
    if replaced:
        record.message["edit_date"] = world.clock.unix()
    world.touch(record)
    return record.message


@method("editMessageText")
async def edit_message_text(world: World, params: Params) -> Json:
    """Replace the text of the bot's own message."""
    content = message_text(params)
    record = _editable(world, params)
    if "text" not in record.message:
        raise bad("there is no text in the message to edit")
    return _apply(world, record, params, content, ("text", "entities", "link_preview_options"))


@method("editMessageCaption")
async def edit_message_caption(world: World, params: Params) -> Json:
    """Replace the caption of the bot's own message with a file."""
    content = caption_of(params)
    record = _editable(world, params)
    if not world.files.shown(record.message):
        raise bad("there is no caption in the message to edit")
    return _apply(world, record, params, content, ("caption", "caption_entities"))


@method("editMessageReplyMarkup")
async def edit_message_reply_markup(world: World, params: Params) -> Json:
    """Replace the inline keyboard of the bot's own message."""
    return _apply(world, _editable(world, params), params, {}, ())


def _delete(world: World, chat: object, record: Record) -> None:
    own = record.message["from"]["id"] == world.bot_id
    if not own and not isinstance(chat, Person) and getattr(chat, "bot_status", "") != "administrator":
        raise bad("message can't be deleted")
    if world.clock.unix() - record.message["date"] > DELETABLE_FOR:
        raise bad("message can't be deleted for everyone")
    world.remove_message(record.message["chat"]["id"], record.message["message_id"])


@method("deleteMessage")
async def delete_message(world: World, params: Params) -> bool:
    """Take a message of the last 48 hours out of its chat."""
    chat = find_chat(world, params.text("chat_id"), "write")
    record = find_message(world, chat.id, params.integer("message_id"), "message to delete")
    _delete(world, chat, record)
    return True


@method("deleteMessages")
async def delete_messages(world: World, params: Params) -> bool:
    """Take up to 100 messages out of a chat.

    Those that are not there are skipped.
    """
    chat = find_chat(world, params.text("chat_id"), "write")
    numbers = params.json("message_ids", "message_ids")
    if not isinstance(numbers, list) or not numbers:
        raise bad("message identifiers are not specified")
    if len(numbers) > 100:
        raise bad("too many message identifiers specified")
    for number in numbers:
        record = world.record(chat.id, number) if isinstance(number, int) else None
        if record is not None:
            _delete(world, chat, record)
    return True
