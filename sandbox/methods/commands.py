"""Menus of commands by scope and language."""

import json
import re

from sandbox.errors import bad
from sandbox.methods.access import find_chat
from sandbox.methods.registry import Params, method
from sandbox.shapes import Json
from sandbox.state.people import Group
from sandbox.state.world import World

MAX_COMMANDS = 100
MAX_DESCRIPTION = 256
_CHAT_SCOPES = ("chat", "chat_administrators", "chat_member")
_SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators", *_CHAT_SCOPES)


def scope_key(kind: str, language: str, chat_id: int = 0, user_id: int = 0) -> str:
    """The key under which a menu is kept."""
    return f"{kind}/{chat_id}/{user_id}/{language}"


def _key(world: World, params: Params) -> str:
    scope = params.json("scope", "BotCommandScope")
    if scope is None:
        scope = {"type": "default"}
    if not isinstance(scope, dict):
        raise bad("can't parse BotCommandScope: BotCommandScope must be an Object")
    kind = scope.get("type")
    if kind not in _SCOPES:
        raise bad("can't parse BotCommandScope: Unsupported type specified")
    language = params.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad("invalid language code specified")
    chat_id = user_id = 0
    if kind in _CHAT_SCOPES:
        if scope.get("chat_id") in (None, ""):
            raise bad("can't parse BotCommandScope: Empty chat_id specified")
        chat = find_chat(world, str(scope["chat_id"]), "read")
        if kind != "chat" and not isinstance(chat, Group):
            raise bad("can't use specified scope in private chats")
        chat_id = chat.id
    if kind == "chat_member":
        if not isinstance(scope.get("user_id"), int) or scope["user_id"] <= 0:
            raise bad("can't parse BotCommandScope: Invalid user_id specified")
        user_id = scope["user_id"]
    return scope_key(kind, language, chat_id, user_id)


def _checked(raw: object) -> list[Json]:
    if not isinstance(raw, list):
        raise bad("expected an Array of BotCommand")
    commands = []
    for item in raw:
        if not isinstance(item, dict):
            raise bad("can't parse BotCommand: expected an Object")
        for name in ("command", "description"):
            if not isinstance(item.get(name), str):
                raise bad(f"can't parse BotCommand: Can't find field \"{name}\"")
        command = item["command"].strip().removeprefix("/")
        description = item["description"].strip()
        if not command:
            raise bad("command must be non-empty")
        if len(command) > 32:
            raise bad("command length must not exceed 32")
        if not re.fullmatch(r"[a-z0-9_]+", command):
            raise bad("BOT_COMMAND_INVALID")
        if not description:
            raise bad("command description must be non-empty")
        if len(description) > MAX_DESCRIPTION:
            raise bad(f"command description length must not exceed {MAX_DESCRIPTION}")
        commands.append({"command": command, "description": description})
    if len(commands) > MAX_COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    return commands


@method("setMyCommands")
async def set_my_commands(world: World, params: Params) -> bool:
    """Set the menu of a scope and language: at most 100 commands."""
    key = _key(world, params)
    commands = _checked(params.json("commands", "commands"))
    return _keep(world, key, commands)


@method("deleteMyCommands")
async def delete_my_commands(world: World, params: Params) -> bool:
    """Remove the menu of a scope and language."""
    return _keep(world, _key(world, params), [])


def _keep(world: World, key: str, commands: list[Json]) -> bool:
    if commands:
        world.commands[key] = commands
    else:
        world.commands.pop(key, None)
    world.store.put("commands", key, commands or None)
    world.emit("commands")
    return True


@method("getMyCommands")
async def get_my_commands(world: World, params: Params) -> list[Json]:
    """The menu of exactly this scope and language."""
    return world.commands.get(_key(world, params), [])


def visible_commands(world: World, user_id: int, chat_id: int) -> list[Json]:
    """Return the menu that a person sees in a chat.

    The narrowest scope wins, the person's language before none.

    Order from the Bot API documentation, "Determining list of commands".
    """
    person = world.people[user_id]
    group = world.groups.get(chat_id)
    if group is None:
        scopes = [("chat", chat_id, 0), ("all_private_chats", 0, 0)]
    else:
        admin = group.members.get(user_id) in ("creator", "administrator")
        scopes = [("chat_member", chat_id, user_id)]
        scopes += [("chat_administrators", chat_id, 0)] if admin else []
        scopes += [("chat", chat_id, 0)]
        scopes += [("all_chat_administrators", 0, 0)] if admin else []
        scopes += [("all_group_chats", 0, 0)]
    for kind, chat, user in [*scopes, ("default", 0, 0)]:
        for language in (person.language_code[:2], ""):
            found = world.commands.get(scope_key(kind, language, chat, user))
            if found:
                return found
    return []


@method("setChatMenuButton")
async def set_chat_menu_button(world: World, params: Params) -> bool:
    """Set what the menu button does, for one private chat or for all."""
    button = params.json("menu_button", "menu button") or {"type": "default"}
    if not isinstance(button, dict) or button.get("type") not in ("default", "commands", "web_app"):
        raise bad("can't parse menu button: MenuButton has unsupported type")
    world.profile["menu_button"] = button
    world.store.put("profile", "menu_button", button)
    return True


@method("getChatMenuButton")
async def get_chat_menu_button(world: World, params: Params) -> Json:
    """What the menu button does."""
    button: Json = world.profile.get("menu_button", {"type": "commands"})
    return json.loads(json.dumps(button)) if button["type"] != "default" else {"type": "commands"}
