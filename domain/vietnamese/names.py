"""Understands which office or field a typed name means.

By its code or any of its names, as people shorten, turn and misspell them.

Only what the names say is understood; what fits several of them is told as several, and a person chooses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.vietnamese.text import clean, fold_word, lower

_WORD = re.compile(r"[^\W_]+")
_APART = re.compile(r"[,;|\n]")

# How the kinds of offices are shortened; every other abbreviation is the first letters of a name's words.
_SHORTENED: dict[str, tuple[str, ...]] = {
    "ubnd": ("uy", "ban", "nhan", "dan"),
    "ub": ("uy", "ban"),
    "vp": ("van", "phong"),
    "p": ("phuong",),
    "x": ("xa",),
    "dk": ("dac", "khu"),
    "tp": ("thanh", "pho"),
    "tx": ("thi", "xa"),
    "h": ("huyen",),
}
_FILLERS = frozenset({"va", "cua", "thuoc"})
_COMMITTEES = (("uy", "ban", "nhan", "dan"), ("uy", "ban"))
_LEVELS = (
    ("phuong",), ("xa",), ("dac", "khu"), ("thi", "tran"),
    ("thanh", "pho"), ("thi", "xa"), ("huyen",),
)  # fmt: skip
# Abolished in July 2025; people go on writing them behind the commune: "xã Hòn Đất, huyện Hòn Đất".
_DISTRICTS = frozenset({("thanh", "pho"), ("thi", "xa"), ("huyen",)})
# With these a sentence begins to name an office.
_KINDS = frozenset(
    {
        "so",
        "ubnd",
        "uy",
        "phuong",
        "xa",
        "dac",
        "p",
        "x",
        "cuc",
        "ban",
        "bo",
        "cong",
        "van",
        "thanh",
        "bao",
        "chi",
    }
)
_MENTIONS = 50  # of these words in one sentence are looked at
_WHOLE = 2  # fits as a whole name, with or without its kind
MOST = 20  # offices in one list
_LONGEST = 24  # words of one name, the kind of office before it included
_INITIALS = 8  # words that an abbreviation stands for


@dataclass(frozen=True, slots=True)
class NamesOfOne:
    """The code and the names of one office or field.

    `means` are the codes that stand for it today: its own, or its successors'.
    """

    code: str
    names: tuple[str, ...]  # its own: the full one, the short one
    aliases: tuple[str, ...] = ()  # what people call it, or what it does
    former: tuple[str, ...] = ()  # what it was before
    means: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """The meaning of a phrase: codes of today, in the order of the data.

    `ended` is what it means where that has ended and has no successor.
    """

    codes: tuple[str, ...] = ()
    ended: str | None = None

    def __bool__(self) -> bool:
        return bool(self.codes) or self.ended is not None


@dataclass(frozen=True, slots=True)
class Listed:
    """A list as far as it was understood.

    Where it was not: the phrase with what it may mean, and what stands around it.
    """

    codes: tuple[str, ...]
    stuck: str = ""
    meaning: Meaning = Meaning()
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class _Word:
    folded: str
    marked: str  # with its marks, in lower case
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class _Name:
    place: int  # of what it names, in the order of the data
    kind: int  # 0 its own, 1 an alias, 2 of before
    marked: Mapping[str, str]  # its words with their marks, by the folded ones
    row: tuple[str, ...]  # its words in order
    full: frozenset[str]
    core: frozenset[str]
    level: tuple[str, ...]
    shortened: Mapping[str, frozenset[str]]  # first letters → the words that they stand for


class NameIndex:
    """Names by their words; made once, asked for every text."""

    def __init__(self, known: Iterable[NamesOfOne], province: str = "") -> None:
        """`province` may stand behind any name ("Sở Y tế tỉnh An Giang"), and says nothing."""
        self._known = tuple(known)
        own = tuple(word.folded for word in _words(clean(province)))
        self._unsaid = tuple(row for row in (own, own[own[:1] == ("tinh",) :]) if len(row) > 1)
        self._levels: dict[str, tuple[str, ...]] = {}
        self._codes: dict[tuple[str, ...], list[int]] = {}
        self._rows: dict[tuple[str, ...], list[_Name]] = {}
        self._by_word: dict[str, list[_Name]] = {}
        for place, one in enumerate(self._known):
            self._codes.setdefault(tuple(word.folded for word in _words(one.code)), []).append(place)
            for kind, names in enumerate((one.names, one.aliases, one.former)):
                for name in names:
                    entered = _name(place, kind, self._told_words(name))
                    self._enter(entered)
                    self._levels.setdefault(one.code, entered.level)  # the full name comes first

    def _enter(self, name: _Name) -> None:
        if not name.row:
            return
        self._rows.setdefault(name.row, []).append(name)
        for word in name.full | name.shortened.keys():
            self._by_word.setdefault(word, []).append(name)

    def find(self, typed: str) -> Meaning:
        """Return what one phrase means, by the best kind of fit.

        All whose names fit it equally well are told.
        """
        return self._meaning(self._told_words(clean(typed)))

    def listed(self, typed: str) -> Listed:
        """Read a list of offices, the longest phrase first.

        Commas, bars and line ends are welcome, not needed. An old district right behind a commune is its address.
        """
        text = clean(typed)
        words = self._told_words(text)
        ends = _ends_of_parts(text, words)
        codes: list[str] = []
        at = 0
        while at < len(words):
            taken, meaning = self._longest(words, at, ends[at])
            here = _level_of([word.folded for word in words[at : at + taken]])
            if len(meaning.codes) != 1 or len(codes) == MOST:
                return _stuck(text, words, at, at + taken if meaning else ends[at], codes, meaning)
            before = self._levels[codes[-1]] if codes else ()
            if not (here in _DISTRICTS and before and before not in _DISTRICTS):
                codes.append(meaning.codes[0])
            at += taken
        return Listed(tuple(codes))

    def _told_words(self, text: str) -> list[_Word]:
        """The words of a text without the province's name."""
        words = _words(text)
        for unsaid in self._unsaid:
            kept, at = [], 0
            while at < len(words):
                here = tuple(word.folded for word in words[at : at + len(unsaid)])
                if here == unsaid and len(words) > len(unsaid):
                    at += len(unsaid)
                else:
                    kept.append(words[at])
                    at += 1
            words = kept
        return words

    def _longest(self, words: list[_Word], at: int, part: int) -> tuple[int, Meaning]:
        """The longest phrase from here that means something; beyond its part only where it is a name to the letter."""
        for end in range(min(len(words), at + _LONGEST), at, -1):
            if end > part:
                row = tuple(word.folded for word in words[at:end])
                meaning = self._told({name.place for name in self._rows.get(_expanded(row), ())})
            else:
                meaning = self._meaning(words[at:end])
            if meaning:
                return end - at, meaning
        return 0, Meaning()

    def mentioned(self, text: str) -> tuple[str, ...]:
        """Return the offices that a sentence names.

        By code in capitals, or with their kind ("Sở TNMT", "UBND xã An Biên").
        """
        text = clean(text)
        words = self._told_words(text)
        codes: dict[str, None] = {}
        at, looked = 0, 0
        while at < len(words):
            taken = 1
            if words[at].folded in _KINDS and looked < _MENTIONS:
                looked += 1
                for end in range(min(len(words), at + _LONGEST), at + 1, -1):
                    meaning = self._meaning(words[at:end], _WHOLE)
                    if meaning:
                        taken = end - at
                        codes |= dict.fromkeys(meaning.codes)
                        break
            else:
                for size in (3, 2, 1):
                    some = words[at : at + size]
                    row = tuple(word.folded for word in some)
                    if row in self._codes and text[some[0].start : some[-1].end].isupper():
                        taken = size
                        codes |= dict.fromkeys(self._told(set(self._codes[row])).codes)
                        break
            at += taken
        return tuple(codes)

    def _meaning(self, words: Sequence[_Word], worst: int | None = None) -> Meaning:
        """What these words mean; no fit worse than `worst`, and then none with other marks."""
        if not words or len(words) > _LONGEST:
            return Meaning()
        row = tuple(word.folded for word in words)
        marked = [word for word in words if word.marked != word.folded]
        if row in self._codes and not marked:  # "cát" is no "CAT"
            return self._told(set(self._codes[row]))
        phrase = _expanded(row)
        fits: dict[tuple[bool, int, int], set[int]] = {}
        for name in self._may_fit(phrase):
            rank = _rank(phrase, name)
            if rank is None:
                continue
            misspelt = any(_misspelt(word, name) for word in marked)
            if misspelt and (len(words) == 1 or worst is not None):
                continue  # "cá" is no "CA"
            if worst is not None and rank > worst:
                continue
            fits.setdefault((misspelt, rank, int(name.kind == _FORMER)), set()).add(name.place)
        return self._told(fits[min(fits)]) if fits else Meaning()

    def _may_fit(self, phrase: tuple[str, ...]) -> list[_Name]:
        """The names that have the phrase's rarest word; all of its words but those of its kind must be theirs."""
        core, _ = _core(phrase)
        wanted = [word for word in core or phrase if word not in _FILLERS]
        found = [self._by_word.get(word, []) for word in wanted]
        return min(found, key=len) if found else []

    def _told(self, places: set[int]) -> Meaning:
        codes: dict[str, None] = {}
        ended = None
        for place in sorted(places):
            one = self._known[place]
            codes |= dict.fromkeys(one.means)
            if not one.means:
                ended = ended or one.code
        return Meaning(tuple(codes), None if codes else ended)


_ALIAS, _FORMER = 1, 2


def _words(text: str) -> list[_Word]:
    return [
        _Word(fold_word(found[0]), lower(found[0]), found.start(), found.end())
        for found in _WORD.finditer(text)
    ]


def _name(place: int, kind: int, words: Sequence[_Word]) -> _Name:
    row = _expanded(tuple(word.folded for word in words))
    core, level = _core(row)
    return _Name(
        place,
        kind,
        {word.folded: word.marked for word in words},
        row,
        frozenset(row) - _FILLERS,
        core,
        level,
        _shortened(row),
    )


def _shortened(row: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """The first letters of every few words in a row, with and without the small ones: "nnmt" and "nn"."""
    found: dict[str, frozenset[str]] = {}
    for words in {row, tuple(word for word in row if word not in _FILLERS)}:
        for start in range(len(words)):
            for end in range(start + 2, min(len(words), start + _INITIALS) + 1):
                some = words[start:end]
                letters = "".join(word[0] for word in some)
                found[letters] = found.get(letters, frozenset()) | (frozenset(some) - _FILLERS)
    return found


def _expanded(row: tuple[str, ...]) -> tuple[str, ...]:
    if not any(word in _SHORTENED for word in row):
        return row
    return tuple(part for word in row for part in _SHORTENED.get(word, (word,)))


def _core(row: Sequence[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """The words that tell one office from others of its kind, and its level where it is a commune's or a district's."""
    words = list(row)
    for committee in _COMMITTEES:
        if tuple(words[: len(committee)]) == committee:
            del words[: len(committee)]
            break
    if words[:1] == ["so"]:
        del words[0]
    level = _level_of(words)
    del words[: len(level)]
    return frozenset(words) - _FILLERS - {"tinh"}, level


def _level_of(words: Sequence[str]) -> tuple[str, ...]:
    row = _expanded(tuple(words[:6]))
    if row[:4] == _COMMITTEES[0]:
        row = row[4:]
    return next((level for level in _LEVELS if row[: len(level)] == level), ())


def _rank(phrase: tuple[str, ...], name: _Name) -> int | None:
    """How well a phrase fits a name, 0 best; None where it doesn't."""
    if phrase == name.row:
        return 0
    if len(phrase) - len(set(phrase)) > len(name.row) - len(set(name.row)):
        return None  # one office said twice is no name
    full = frozenset(phrase) - _FILLERS
    covered = _covered(full, name)
    if covered == name.full:
        return 1
    core, level = _core(phrase)
    covered_core = _covered(core, name) if core else None
    same_level = not level or not name.level or level == name.level
    if covered_core is not None and covered_core >= name.core and name.core:
        return 2 if same_level else 5
    if name.kind == _ALIAS:
        return None  # a part of what an office does is no name
    if covered is not None:
        return 3
    if covered_core is not None:
        return 4 if same_level else 6
    return None


def _covered(words: frozenset[str], name: _Name) -> frozenset[str] | None:
    """The words of a name for which these stand, themselves or as first letters; None where one stands for none."""
    found: set[str] = set()
    for word in words:
        if word in name.full:
            found.add(word)
        elif word in name.shortened:
            found |= name.shortened[word]
        else:
            return None
    return frozenset(found)


def _misspelt(word: _Word, name: _Name) -> bool:
    """Whether a word typed with marks has others than the name; "KHĐT" is short for "Kế hoạch và Đầu tư"."""
    if word.folded in name.marked:
        return word.marked != name.marked[word.folded]
    return word.folded in name.shortened and word.marked.replace("đ", "d") != word.folded


def _ends_of_parts(text: str, words: list[_Word]) -> list[int]:
    """For every word, the number of the word with which the next part begins."""
    ends = [0] * len(words)
    end = len(words)
    for at in range(len(words) - 1, -1, -1):
        if at + 1 < len(words) and _APART.search(text, words[at].end, words[at + 1].start):
            end = at + 1
        ends[at] = end
    return ends


def _stuck(text: str, words: list[_Word], start: int, end: int, codes: list[str], meaning: Meaning) -> Listed:
    first, last = words[start].start, words[end - 1].end
    return Listed(tuple(codes), text[first:last], meaning, text[:first], text[last:])
