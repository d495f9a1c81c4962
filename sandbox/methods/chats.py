"""Chats and their members."""

from sandbox.errors import bad
from sandbox.methods.access import find_chat, find_message
from sandbox.methods.registry import Params, method
from sandbox.shapes import Json
from sandbox.state.people import PRESENT, Group, Person
from sandbox.state.world import World

_NO_GIFTS = dict.fromkeys(
    ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
)


@method("getChat")
async def get_chat(world: World, params: Params) -> Json:
    """Return the facts known about a chat."""
    chat = find_chat(world, params.text("chat_id"), "read")
    full = {
        **chat.as_chat(),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": _NO_GIFTS,
    }
    pinned = world.pinned.get(chat.id)
    record = world.record(chat.id, pinned[-1]) if pinned else None
    if record is not None:
        full["pinned_message"] = record.message
    return full


def member_json(world: World, group: Group, user_id: int) -> Json:
    """A ``ChatMember`` with the fields its status demands."""
    status = group.bot_status if user_id == world.bot_id else group.members.get(user_id, "left")
    person = world.people.get(user_id)
    user = world.bot_user() if person is None else person.as_user()
    member: Json = {"status": status, "user": user}
    if status in ("creator", "administrator"):
        member["is_anonymous"] = False
    if status == "administrator":
        member |= dict.fromkeys(
            (
                "can_be_edited",
                "can_manage_chat",
                "can_delete_messages",
                "can_manage_video_chats",
                "can_restrict_members",
                "can_promote_members",
                "can_change_info",
                "can_invite_users",
                "can_post_stories",
                "can_edit_stories",
                "can_delete_stories",
                "can_pin_messages",
            ),
            True,
        )
    if status == "kicked":
        member["until_date"] = 0
    return member


@method("getChatMember")
async def get_chat_member(world: World, params: Params) -> Json:
    """One member of a chat."""
    chat = find_chat(world, params.text("chat_id"), "read")
    user_id = params.integer("user_id")
    if user_id != world.bot_id and user_id not in world.people:
        raise bad("invalid user_id specified" if user_id <= 0 else "member not found")
    if isinstance(chat, Person):
        if user_id not in (chat.id, world.bot_id):
            raise bad("member not found")
        user = world.bot_user() if user_id == world.bot_id else chat.as_user()
        return {"status": "member", "user": user}
    return member_json(world, chat, user_id)


@method("getChatMemberCount")
async def get_chat_member_count(world: World, params: Params) -> int:
    """How many are in a chat, the bot included."""
    chat = find_chat(world, params.text("chat_id"), "read")
    if isinstance(chat, Person):
        return 2
    return sum(status in PRESENT for status in [*chat.members.values(), chat.bot_status])


@method("getChatAdministrators")
async def get_chat_administrators(world: World, params: Params) -> list[Json]:
    """The people who run a group."""
    chat = find_chat(world, params.text("chat_id"), "read")
    if isinstance(chat, Person):
        raise bad("there are no administrators in the private chat")
    everyone = {**chat.members, world.bot_id: chat.bot_status}
    return [
        member_json(world, chat, user)
        for user, status in everyone.items()
        if status in ("creator", "administrator")
    ]


@method("leaveChat")
async def leave_chat(world: World, params: Params) -> bool:
    """Leave a group."""
    chat = find_chat(world, params.text("chat_id"), "edit")
    if isinstance(chat, Person):
        raise bad("chat member status can't be changed in private chats")
    chat.bot_status = "left"
    world.save(chat)
    world.add_message(chat.id, world.bot_user(), {"left_chat_member": world.bot_user()})
    return True


@method("pinChatMessage")
async def pin_chat_message(world: World, params: Params) -> bool:
    """Pin a message.

    Of a private chat, or of a group where the bot is an administrator.
    """
    chat = find_chat(world, params.text("chat_id"), "write")
    record = find_message(world, chat.id, params.integer("message_id"), "message to pin")
    if isinstance(chat, Group) and chat.bot_status != "administrator":
        raise bad("not enough rights to manage pinned messages in the chat")
    number = record.message["message_id"]
    world.pinned[chat.id] = [other for other in world.pinned.get(chat.id, []) if other != number] + [number]
    _save_pins(world, chat.id)
    return True


@method("unpinChatMessage")
async def unpin_chat_message(world: World, params: Params) -> bool:
    """Unpin one message, or the newest pinned one."""
    chat = find_chat(world, params.text("chat_id"), "write")
    pins = world.pinned.get(chat.id, [])
    number = params.integer("message_id") or (pins[-1] if pins else 0)
    if number not in pins:
        raise bad("message to unpin not found")
    pins.remove(number)
    _save_pins(world, chat.id)
    return True


@method("unpinAllChatMessages")
async def unpin_all_chat_messages(world: World, params: Params) -> bool:
    """Unpin everything."""
    chat = find_chat(world, params.text("chat_id"), "write")
    world.pinned.pop(chat.id, None)
    _save_pins(world, chat.id)
    return True


def _save_pins(world: World, chat_id: int) -> None:
    world.store.put("pinned", chat_id, world.pinned.get(chat_id))
    world.emit("pinned", chat_id=chat_id)
