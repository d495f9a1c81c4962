"""Says which kind a text is: question, denunciation, cry for help and others.

The model weighs the words. What is hidden behind other letters or said in another language the tables of phrases know,
and where there is no model they do it all. Nobody is refused by it: an editor decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.vietnamese import screening as tables
from domain.vietnamese.screening import Emergency, Screening
from understanding.loading import shipped

if TYPE_CHECKING:
    from understanding.model import Model

KINDS = (
    "question", "complaint", "denunciation", "emergency", "abuse", "spam", "off_topic", "smalltalk",
)  # fmt: skip
CONTESTED = ("complaint", "denunciation")
EMERGENCIES = tuple(str(kind) for kind in Emergency)
ELSE_SURE = 0.6  # from here on a text is no question though nothing contested or urgent is in it
SENTENCE = 5  # spaces from which on a detail is read as a sentence
HAPPENS = 0.0  # score from which an emergency is named beside the likeliest one


@dataclass(frozen=True)
class Screened:
    """What a text is, the strongest first; `found` is what the bot acts upon."""

    kinds: tuple[str, ...]
    found: Screening


def screen(text: str) -> Screening:
    """Find what a text may be besides a question, by the shipped model."""
    return screened(text).found


def screen_detail(text: str) -> Screening:
    """Find what a detail may be, such as a name, an address, a file's name.

    A name is no sentence, and the model learnt from sentences: short ones are read by the tables alone.
    """
    return screen(text) if text.count(" ") >= SENTENCE else tables.screen(text)


def screened(text: str, model: Model | None = None) -> Screened:
    """Say which kind a text is, by a model (default: the shipped one)."""
    model = model or shipped()
    if model is None:
        return by_tables(tables.screen(text))
    disguised = tables.denounces_in_disguise(text)
    spoken = model.words(text)
    if not disguised and not any(word[0].isalpha() for word in spoken):
        return Screened(("question",), Screening())  # a number, a row of emoji: nothing is said
    return judged(model, model.scores(spoken), disguised=disguised)


def by_tables(found: Screening) -> Screened:
    """Say what a text is by the tables of phrases alone."""
    said = {
        "emergency": bool(found.emergency),
        "denunciation": found.denunciation,
        "complaint": found.complaint,
    }
    return Screened(tuple(kind for kind, holds in said.items() if holds) or ("question",), found)


def judged(model: Model, scores: Mapping[str, Any], *, disguised: bool) -> Screened:
    """Weigh what the model scores; its thresholds say how sure is sure."""
    chances = model.heads["kind"].chances(scores["kind"])
    stronger, weaker = sorted(CONTESTED, key=lambda kind: -chances[kind])
    contested, both = chances[stronger] + chances[weaker], chances[weaker] > chances[stronger] / 2
    likely = (stronger, weaker) if both else (stronger,)
    kinds = ["emergency"] if chances["emergency"] >= model.thresholds["emergency"] else []
    doubt: tuple[str, ...] = ()
    if contested >= model.thresholds["sure"]:
        kinds += likely
    elif contested >= model.thresholds["asked"] and not kinds:  # who cries for help is not asked
        doubt = likely
    if disguised and "denunciation" not in kinds:
        kinds.append("denunciation")
    if not kinds:
        rest = next(kind for kind in chances if kind not in (*CONTESTED, "emergency"))
        kinds.append(rest if chances[rest] >= ELSE_SURE and not doubt else "question")
    return Screened(
        tuple(kinds),
        Screening(
            denunciation="denunciation" in kinds,
            complaint="complaint" in kinds,
            emergency=_happening(model, scores) if "emergency" in kinds else frozenset(),
            doubt=frozenset(doubt) - set(kinds),
        ),
    )


def _happening(model: Model, scores: Mapping[str, Any]) -> frozenset[Emergency]:
    """Name the emergencies: the likeliest, and whatever else is likely."""
    named = dict(zip(model.heads["emergency"].labels, scores["emergency"], strict=True))
    likeliest = max(named, key=lambda name: named[name])
    return frozenset(Emergency(name) for name, score in named.items() if score > HAPPENS or name == likeliest)
