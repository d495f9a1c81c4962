"""Which chats and messages a request may touch, with the platform's refusals."""

from typing import Literal

from sandbox.errors import ApiError, bad, forbidden
from sandbox.state.people import PRESENT, Group, Person
from sandbox.state.world import Record, World

Access = Literal["read", "edit", "write"]


def find_chat(world: World, chat: str, access: Access) -> Person | Group:
    """The chat that a ``chat_id`` names, if the bot may use it so."""
    if not chat:
        raise bad("chat_id is empty")
    try:
        chat_id = int(chat)
    except ValueError:
        raise bad("chat not found") from None
    if chat_id in world.people:
        return _private(world.people[chat_id], access)
    if chat_id in world.groups:
        return _group(world.groups[chat_id], access)
    raise bad("chat not found")


def _private(person: Person, access: Access) -> Person:
    if person.deactivated and access != "read":
        raise forbidden("user is deactivated")
    if not person.started:
        if access == "write":
            raise forbidden("bot can't initiate conversation with a user")
        raise bad("chat not found")
    if person.blocked and access == "write":
        raise forbidden("bot was blocked by the user")
    return person


def _group(group: Group, access: Access) -> Group:
    if group.migrated_to and access == "write":
        raise ApiError(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            {"migrate_to_chat_id": group.migrated_to},
        )
    if group.deleted and access == "write":
        raise forbidden("the group chat was deleted")
    if group.migrated_to or (access == "read" and group.type == "group"):
        return group
    if group.bot_status == "kicked":
        raise forbidden(f"bot was kicked from the {group.type} chat")
    if group.bot_status not in PRESENT:
        raise forbidden(f"bot is not a member of the {group.type} chat")
    return group


def find_message(world: World, chat_id: int, message_id: int, purpose: str) -> Record:
    """A message that is still in its chat, or ``<purpose> not found``."""
    record = world.record(chat_id, message_id)
    if record is None:
        raise bad(f"{purpose} not found")
    return record
