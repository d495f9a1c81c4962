"""Messages without files: text, places, copies and forwards; and what every sending shares."""

from sandbox.errors import bad
from sandbox.methods.access import find_chat, find_message
from sandbox.methods.registry import Params, method
from sandbox.methods.wording import caption_of, message_text
from sandbox.shapes import Json
from sandbox.state.people import Group, Person
from sandbox.state.world import Record, World
from sandbox.text import markup

CONTENT = (
    "text",
    "entities",
    "caption",
    "caption_entities",
    "photo",
    "document",
    "voice",
    "video",
    "audio",
    "sticker",
    "animation",
    "video_note",
    "contact",
    "location",
    "link_preview_options",
)
"""The fields of a message that make its content, which a copy takes along."""

_ACTIONS = (
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
    "record_audio",
    "upload_audio",
)


def target(world: World, params: Params, count: int = 1) -> Person | Group:
    """The chat to send to, after flood control."""
    chat = find_chat(world, params.text("chat_id"), "write")
    world.flood.check(chat.id, count, params.flag("allow_paid_broadcast"), is_edit=False)
    return chat


def reply_of(world: World, params: Params, chat_id: int) -> Json:
    """``reply_to_message`` for the message that the request answers, without that message's own quote."""
    reply = params.json("reply_parameters", "reply parameters")
    if reply is None:
        reply = {
            "message_id": params.integer("reply_to_message_id"),
            "allow_sending_without_reply": params.flag("allow_sending_without_reply"),
        }
    if not isinstance(reply, dict):
        raise bad("object expected as reply parameters")
    number = reply.get("message_id")
    if reply and (not isinstance(number, int) or isinstance(number, bool)):
        raise bad('field "message_id" must be of type Number')
    if not reply or not isinstance(number, int) or number <= 0:
        return {}
    if reply.get("chat_id") not in (None, "", chat_id, str(chat_id)):
        raise bad("the sandbox knows no replies into another chat")
    answered = world.record(chat_id, number)
    if answered is None:
        if reply.get("allow_sending_without_reply"):
            return {}
        raise bad("message to be replied not found")
    return {"reply_to_message": quoted(answered.message)}


def quoted(message: Json) -> Json:
    """A message as the quote inside its answer."""
    return {name: value for name, value in message.items() if name != "reply_to_message"}


def send(world: World, params: Params, chat: Person | Group, content: Json) -> Record:
    """Put the bot's message into the chat, with the request's reply and keyboard."""
    inline, keyboard = markup.checked(params.json("reply_markup", "reply keyboard markup"))
    fields = {**reply_of(world, params, chat.id), **content}
    if params.flag("protect_content"):
        fields["has_protected_content"] = True
    if params.text("message_thread_id"):  # not looked for: the sandbox has no topics, only their number
        fields |= {"message_thread_id": params.integer("message_thread_id"), "is_topic_message": True}
    if inline:
        fields["reply_markup"] = inline
    return world.add_message(chat.id, world.bot_user(), fields, keyboard)


@method("sendMessage")
async def send_message(world: World, params: Params) -> Json:
    """Send a text of 1-4096 characters."""
    return send(world, params, target(world, params), message_text(params)).message


@method("sendLocation")
async def send_location(world: World, params: Params) -> Json:
    """Send a point on the map."""
    place = {}
    for name, bound in (("latitude", 90.0), ("longitude", 180.0)):
        try:
            place[name] = float(params.text(name))
        except ValueError:
            raise bad(f"{name} is empty") from None
        if not -bound <= place[name] <= bound:
            raise bad("wrong location specified")
    return send(world, params, target(world, params), {"location": place}).message


@method("sendChatAction")
async def send_chat_action(world: World, params: Params) -> bool:
    """Show "is typing" for a moment."""
    if params.text("action") not in _ACTIONS:
        raise bad("wrong parameter action in request")
    chat = find_chat(world, params.text("chat_id"), "write")
    world.emit("action", chat_id=chat.id, action=params.text("action"))
    return True


def _source(world: World, params: Params, purpose: str) -> Record:
    source = find_chat(world, params.text("from_chat_id"), "read")
    return find_message(world, source.id, params.integer("message_id"), purpose)


@method("copyMessage")
async def copy_message(world: World, params: Params) -> Json:
    """Send a message's content again as the bot's own.

    A new caption may replace the old.
    """
    original = _source(world, params, "message to copy").message
    content = {name: original[name] for name in CONTENT if name in original}
    if not content:
        raise bad("message can't be copied")
    if "caption" in params.values and "text" not in content:
        content = {name: value for name, value in content.items() if not name.startswith("caption")}
        content |= caption_of(params)
    return {"message_id": send(world, params, target(world, params), content).message["message_id"]}


@method("forwardMessage")
async def forward_message(world: World, params: Params) -> Json:
    """Send a message with a note of where it comes from."""
    original = _source(world, params, "message to forward").message
    content = {name: original[name] for name in CONTENT if name in original}
    if not content:
        raise bad("message can't be forwarded")
    if original.get("has_protected_content"):
        raise bad("message has protected content and can't be forwarded")
    content["forward_origin"] = original.get("forward_origin") or {
        "type": "user",
        "date": original["date"],
        "sender_user": original["from"],
    }
    chat = target(world, params)
    return world.add_message(chat.id, world.bot_user(), content).message
