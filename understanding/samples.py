"""Reads the sentences that the model learns from, and the places it masks.

`samples/understanding/README.md` says what they are and how they were labelled.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
FOLDER = SAMPLES / "understanding"
SECOND = FOLDER / "second"  # written apart; to measure, never to learn from

LEARNT = ("groups", "routing", "screening", "smalltalk")  # files of sentences, by what they hold
_LEVELS = ("Phường ", "Xã ", "Thị trấn ", "Huyện ", "Thành phố ", "Thị xã ", "Đặc khu ")

COMMUNE = "COMMUNE"  # the label of what the People's Committee of the commune named has to answer


@dataclass(frozen=True)
class RoutingSample:
    """A question with the agencies and the field that answer it, best first."""

    text: str
    agencies: tuple[str, ...]
    field: str | None
    writer: str = ""


@dataclass(frozen=True)
class ScreeningSample:
    """A text with what it is; `emergency` names what is happening."""

    text: str
    kind: str
    also: tuple[str, ...] = ()
    emergency: tuple[str, ...] = ()
    writer: str = ""


@dataclass(frozen=True)
class Group:
    """The same question as several people ask it, and questions that only look like it."""

    texts: tuple[str, ...]
    near: tuple[str, ...]
    writer: str = ""


@dataclass(frozen=True)
class SmallTalk:
    """Something short that people say, and what they mean by it."""

    text: str
    meaning: str
    writer: str = ""


def routed(folder: Path = FOLDER) -> list[RoutingSample]:
    return [
        RoutingSample(one["text"], tuple(one["agencies"]), one["field"], writer)
        for one, writer in _lines(folder, "routing")
    ]


def screened(folder: Path = FOLDER) -> list[ScreeningSample]:
    return [
        ScreeningSample(
            one["text"], one["kind"], tuple(one.get("also", ())), tuple(one.get("emergency", ())), writer
        )
        for one, writer in _lines(folder, "screening")
    ]


def groups(folder: Path = FOLDER) -> list[Group]:
    return [
        Group(tuple(one["texts"]), tuple(one["near"]), writer) for one, writer in _lines(folder, "groups")
    ]


def small_talk(folder: Path = FOLDER) -> list[SmallTalk]:
    return [SmallTalk(one["text"], one["meaning"], writer) for one, writer in _lines(folder, "smalltalk")]


def digest(folder: Path = FOLDER) -> str:
    """Return the SHA-256 of all that a model learns from."""
    found = hashlib.sha256()
    sentences = [path for name in LEARNT for path in _files(folder, f"{name}-*")]
    for path in (*sentences, *sorted(SAMPLES.glob("*.csv"))):
        found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def rows(name: str, samples: Path = SAMPLES) -> list[dict[str, str]]:
    """Read one of the sample tables, such as `agencies.csv`."""
    with (samples / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def places(samples: Path = SAMPLES) -> dict[str, list[str]]:
    """Read the names of each commune of today, former ones and districts too."""
    found: dict[str, list[str]] = {}
    for row in rows("communes.csv", samples):
        names = [row["name"], *row["former_communes"].split("|"), *row["former_districts"].split("|")]
        cleaned = [part for name in names if (part := name.replace("(một phần)", "").strip())]
        found[row["name"]] = list(dict.fromkeys([*cleaned, *filter(None, map(_without_level, cleaned))]))
    return found


def _without_level(name: str) -> str:
    """Return "Hòn Đất" of "Xã Hòn Đất"; nothing where one syllable or a number would be left."""
    for level in _LEVELS:
        if name.startswith(level) and " " in name.removeprefix(level):
            return name.removeprefix(level)
    return ""


def _files(folder: Path, name: str) -> list[Path]:
    return sorted(folder.glob(f"{name}.jsonl"))


def _lines(folder: Path, name: str) -> Iterator[tuple[Any, str]]:
    """Yield each line of the files of a name, with who wrote it: `routing-b.jsonl` is by b."""
    for path in _files(folder, f"{name}*"):
        writer = path.stem.rpartition("-")[2]
        with path.open(encoding="utf-8") as file:
            for line in filter(str.strip, file):
                yield json.loads(line), writer
