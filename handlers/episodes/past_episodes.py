"""`/xemlai`: everybody finds past episodes, by words, field and year."""

import re

from domain.errors import Reason, RuleViolation
from handlers.chat.registry import command, press
from handlers.chat.turn import Turn, rewrite_pressed
from handlers.chat.typed import id_of
from messages.buttons import Act, Press
from services.episodes import past_episodes
from services.episodes.past_episodes import Search, search_of
from storage.episodes import episodes

_KEY = re.compile(r"[0-9a-f]{0,8}")  # services.episodes.past_episodes.field_key, or nothing


@command("xemlai", place=150)
async def look_back(turn: Turn, argument: str) -> None:
    """`/xemlai sổ đỏ`, `/xemlai kỳ 12`, `/xemlai 2024`; without words the newest."""
    await turn.reply(*await past_episodes.found(turn.work, turn.actor, search_of(argument)))


@press(Act.EPISODES_PAGE)
async def turn_page(turn: Turn, pressed: Press) -> None:
    page, search = _search(pressed)
    found = await past_episodes.found(turn.work, turn.actor, search, page)
    await rewrite_pressed(turn, *found)


@press(Act.EPISODES_FIELDS)
async def fields_pressed(turn: Turn, pressed: Press) -> None:
    _page, search = _search(pressed)
    asked = await past_episodes.fields_to_choose(turn.work, turn.actor, search)
    await rewrite_pressed(turn, *asked)


@press(Act.EPISODES_YEARS)
async def years_pressed(turn: Turn, pressed: Press) -> None:
    _page, search = _search(pressed)
    asked = await past_episodes.years_to_choose(turn.work, turn.actor, search)
    await rewrite_pressed(turn, *asked)


@press(Act.EPISODE_OPEN)
async def open_pressed(turn: Turn, pressed: Press) -> None:
    """Send an episode as a new message; the list stays.

    What it says of its questions is noted, because one may have to be hidden later.
    """
    episode_id = id_of(pressed)
    notice, buttons = await past_episodes.shown(turn.work, turn.actor, episode_id)
    await turn.reply(notice, buttons, shows=await episodes.question_ids(turn.work, episode_id))


def _search(pressed: Press) -> tuple[int, Search]:
    page, year, key = pressed.number(0), pressed.number(1), pressed.word(2)
    # Whatever is read here travels on in the next buttons, which hold 64 bytes.
    if not page or year is None or max(page, year) > 9999 or not _KEY.fullmatch(key):
        raise RuleViolation(Reason.STALE_BUTTON)
    words = search_of(pressed.word(3)).words
    return page, Search(words, year or None, "" if key in ("", "0") else key)
