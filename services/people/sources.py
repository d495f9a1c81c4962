"""Counts sources: which word behind the bot's link (`?start=to-roi`) brought how many.

Whoever opens the bot chooses the word: it is counted and shown to the staff only where it looks like one of a poster,
and a flood of words finds room for few.
"""

from datetime import date, timedelta

from domain.vietnamese.screening import screen
from domain.vietnamese.text import fold
from storage.engine.database import Work
from storage.people import sources
from storage.people.sources import OTHERS

LONGEST = 32  # letters
DIGITS = 5  # more may be a telephone number, or somebody's own
NEW_A_DAY = 50  # words, further ones are counted together
KNOWN_A_DAY = 200  # with those that brought some on one of the last days: a flood does not push a poster out
KNOWN_BY = 3  # starts on one day
KNOWN_FOR = timedelta(days=30)
KEPT = timedelta(days=400)  # a year can be compared with the one before
TOLD_FROM = 3  # starts of a week; fewer may be one person's doing, and are counted together
TOLD = 8  # words of a week


async def count(work: Work, typed: str) -> None:
    """Count a start by a word; nothing where there is none, or several."""
    folded = fold(typed[: 4 * LONGEST])
    if not folded or " " in folded:
        return
    today = work.programme.local(work.now).date()
    word = folded if _may_be_shown(folded) else OTHERS
    if await sources.add(work, today, word):
        return
    await sources.begin(work, today, word if await _has_room(work, today, word) else OTHERS)


def _may_be_shown(word: str) -> bool:
    """Return whether a word looks like one that somebody put on a poster."""
    if len(word) > LONGEST or not word.isascii() or not word[0].isalpha():
        return False
    if not word.replace("-", "").replace("_", "").isalnum() or sum(map(str.isdigit, word)) > DIGITS:
        return False
    found = screen(word.replace("-", " ").replace("_", " "))
    return not (found.denunciation or found.complaint or found.emergency)


async def _has_room(work: Work, today: date, word: str) -> bool:
    if word == OTHERS:
        return True
    there = await sources.words_of(work, today)
    if there < NEW_A_DAY:
        return True
    return there < KNOWN_A_DAY and await sources.was_seen(work, word, today - KNOWN_FOR, starts=KNOWN_BY)


async def told(work: Work, first: date, end: date) -> list[tuple[str, int]]:
    """List the words of a period with how many came by each, most first.

    OTHERS stands last, for all the rest.
    """
    counted = await sources.between(work, first, end)
    ranked = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    shown = [(word, starts) for word, starts in ranked if word != OTHERS and starts >= TOLD_FROM][:TOLD]
    rest = sum(counted.values()) - sum(starts for _, starts in shown)
    return [*shown, *([(OTHERS, rest)] if rest else [])]


async def forget(work: Work) -> int:
    """Delete what is older than can be compared; return how many rows."""
    return await sources.forget(work, work.programme.local(work.now).date() - KEPT)
