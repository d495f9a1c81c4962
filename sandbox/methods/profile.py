"""The bot itself: who it is, its name and descriptions per language."""

import re

from sandbox.errors import bad
from sandbox.methods.registry import Method, Params, method
from sandbox.shapes import Json
from sandbox.state.world import World


@method("getMe")
async def get_me(world: World, params: Params) -> Json:
    """The bot as a user."""
    return {
        **world.bot_user(),
        "can_join_groups": True,
        "can_read_all_group_messages": not world.settings["privacy_mode"],
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


@method("logOut")
async def log_out(world: World, params: Params) -> bool:
    """Accepted and without effect: there is no cloud to leave."""
    return True


method("close")(log_out)


def _language(params: Params) -> str:
    language = params.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad("invalid language code specified")
    return language


def _pair(field: str, limit: int, complaint: str) -> tuple[Method, Method]:
    """The setter and the getter of one text about the bot; a missing language falls back to none."""

    async def set_text(world: World, params: Params) -> bool:
        key = "_".join(filter(None, (field, _language(params))))
        text = params.text(field).strip()
        if len(text) > limit:
            raise bad(complaint)
        if not text and field == "name":
            raise bad("BOT_TITLE_INVALID")
        world.profile[key] = text
        world.store.put("profile", key, text)
        return True

    async def get_text(world: World, params: Params) -> Json:
        profile = world.profile
        return {field: profile.get(f"{field}_{_language(params)}") or profile.get(field, "")}

    return set_text, get_text


for _suffix, _field, _limit, _words in (
    ("Name", "name", 64, "BOT_TITLE_INVALID"),
    ("Description", "description", 512, "BOT_DESCRIPTION_TOO_LONG"),
    ("ShortDescription", "short_description", 120, "BOT_ABOUT_TOO_LONG"),
):
    _setter, _getter = _pair(_field, _limit, _words)
    method(f"setMy{_suffix}")(_setter)
    method(f"getMy{_suffix}")(_getter)
