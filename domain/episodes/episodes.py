"""Episodes (kỳ): their numbers ("12/2026"), their parts, what a script plan needs."""

import re
from dataclasses import dataclass
from enum import StrEnum

from domain.vietnamese.text import clean, fold

_TYPED = re.compile(r"(?:ky|so|episode)?\s*(\d{1,3})(?:(?:\s*+[/\-.]\s*+|\s++)(\d{4}))?")
_MINUTES = re.compile(r"(\d{1,3})\s*(?:phut|p|'|minutes|min)?")

# Working days in which an agency acknowledges that it has the script plan.
ACKNOWLEDGE_DAYS = 1
TITLE = 300  # characters
TEXT = 4000  # of a purpose, of the requirements, of a wording on air
LINE = 300  # of a place, a manner, a name, a position, a reason
LONGEST = 600  # minutes


@dataclass(frozen=True, order=True)
class EpisodeNumber:
    """An episode's year, and its number within that year (from 1)."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.number}/{self.year}"


class EpisodePart(StrEnum):
    """A part of an episode that editors write, each changed by itself."""

    TITLE = "title"
    FIELD = "field"
    PURPOSE = "purpose"
    REQUIREMENTS = "requirements"
    MINUTES = "minutes"
    RECORDING = "recording"  # day and time
    PLACE = "place"
    MANNER = "manner"


class Missing(StrEnum):
    """What a script plan demands (programme.md, "Episodes") and an episode lacks."""

    RECORDING = "recording"
    QUESTIONS = "questions"
    ON_AIR = "on_air"  # of one question or several
    LEAD = "lead"  # a question that no agency answers
    PURPOSE = "purpose"
    REQUIREMENTS = "requirements"
    MINUTES = "minutes"
    PLACE = "place"
    MANNER = "manner"
    AIRING = "airing"
    GUESTS = "guests"


# Without a day nothing is due, without questions there is nobody to send it to, without words nothing to answer.
BLOCKING = frozenset({Missing.RECORDING, Missing.QUESTIONS, Missing.ON_AIR})


def read_episode_number(text: str, this_year: int) -> EpisodeNumber | None:
    """Read an episode's number: "12/2026", "kỳ 12", "12".

    Without a year it is one of this year. None for anything else.
    """
    found = _TYPED.fullmatch(fold(text).strip())
    return None if found is None else _number(found, this_year)


def episode_number_at_front(text: str, this_year: int) -> tuple[EpisodeNumber | None, str]:
    """Read the episode's number at the front of a text; return it and the rest.

    (None, the whole text) where it begins with none.

    Without its year, the number is one of this year; what follows may begin with a number of its own ("12 30 phút").
    """
    text = clean(text)
    for count in (2, 1):  # "kỳ 12/2026", "12/2026"
        words = text.split(None, count)
        typed = " ".join(words[:count]).strip(":,;")
        if len(words) >= count and (count == 1 or not typed[:1].isdigit()):
            found = read_episode_number(typed, this_year)
            if found is not None:
                return found, words[count].strip() if len(words) > count else ""
    return None, text


def _number(found: re.Match[str], this_year: int) -> EpisodeNumber | None:
    number = int(found[1])
    return EpisodeNumber(int(found[2] or this_year), number) if number else None


def read_minutes(text: str) -> int | None:
    """Read a length in minutes: "30", "30 phút"; at most LONGEST.

    None for anything else.
    """
    found = _MINUTES.fullmatch(fold(text))
    minutes = int(found[1]) if found is not None else 0
    return minutes if 1 <= minutes <= LONGEST else None


def read_person(text: str) -> tuple[str, str] | None:
    """Read name and position: "Nguyễn Văn A; Phó Giám đốc".

    The position may be missing; None where there is no name. A comma or a dash separates them, too, where there is no
    semicolon.
    """
    text = " ".join(clean(text).split())
    for sign in (";", ",", " - ", " – "):
        if sign in text:
            name, _, position = text.partition(sign)
            break
    else:
        name, position = text, ""
    name, position = name.strip(" ,;-–"), position.strip(" ,;-–")
    return (name[:LINE], position[:LINE]) if any(map(str.isalpha, name)) else None


def read_guest(text: str) -> tuple[str, str, str] | None:
    """Read agency, name, position: "Sở Xây dựng; Nguyễn Văn A; Phó Giám đốc".

    The position may be missing; None where agency or name is.
    """
    agency, sign, person = clean(text).partition(";")
    found = read_person(person) if sign else None
    return None if found is None or not agency.strip() else (agency.strip(), *found)


class AskerTold(StrEnum):
    """The last message that an asker got about their question in an episode."""

    AIRING = "airing"  # it will be on air, and when
    UNSURE = "unsure"  # that airing is cancelled, and no other is known yet
    AIRED = "aired"  # where in the recording its answer is
    LEFT_OUT = "left_out"  # it is not in this episode, and why
