"""Reads text of the time before Unicode: TCVN3 (ABC), VNI, VIQR, misread encodings.

Such text comes from old office files. It looks like Latin letters and signs ("§­êng vµo Êp", "Ñöôøng vaøo aáp"), and
no search, no table and no reader finds anything in it. Only what is certain is changed: words that are no Vietnamese
as they stand, and are Vietnamese once read in one of these ways, several of them, and hardly any others beside.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from domain.vietnamese.syllables import is_syllable


class Old(StrEnum):
    """A way in which Vietnamese was written before Unicode, or misread."""

    MISREAD = "utf-8"  # UTF-8 taken for Windows-1252 or -1258
    TCVN3 = "tcvn3"  # the fonts .VnTime, .VnArial …
    VNI = "vni"  # the fonts VNI-Times …
    WINDOWS = "windows-1258"  # taken for Windows-1252
    VIQR = "viqr"  # "ddu*o*`ng va`o a^'p"


# --- tables -------------------------------------------------------------------------------------------------------

# TCVN 5712:1993, VN3: a sign of Latin-1 for each letter. Capitals with a tone have none: their font made them.
_TCVN3: Mapping[str, str] = dict(
    zip(
        "¡¢£¤¥¦§¨©ª«¬\u00ad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
        "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
        strict=True,
    )
)
_TCVN3_SIGNS = frozenset(sign for sign in _TCVN3 if not sign.isalpha()) | frozenset(
    "ªµ"
)  # no letters of names

# VNI: the letter, and behind it a sign for its hat and tone; some signs are whole letters.
_VNI_BEHIND: Mapping[str, Mapping[str, str]] = {
    **{one: {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"} for one in "aeouyôö"},
    "a": {
        "ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323",
        "â": "\u0302", "á": "\u0302\u0301", "à": "\u0302\u0300", "å": "\u0302\u0309", "ã": "\u0302\u0303",
        "ä": "\u0302\u0323", "ê": "\u0306", "é": "\u0306\u0301", "è": "\u0306\u0300", "ú": "\u0306\u0309",
        "ü": "\u0306\u0303", "ë": "\u0306\u0323",
    },
    **{
        one: {
            "ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323",
            "â": "\u0302", "á": "\u0302\u0301", "à": "\u0302\u0300", "å": "\u0302\u0309", "ã": "\u0302\u0303",
            "ä": "\u0302\u0323",
        }
        for one in "eo"
    },
}  # fmt: skip
_VNI_ALONE: Mapping[str, str] = {
    "ô": "ơ", "ö": "ư", "ñ": "đ", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ",
}  # fmt: skip
_VNI_SIGNS = frozenset("øûïåäëüöñæîØÛÏÅÄËÜÖÑÆÎ")  # that no Vietnamese letter looks like

# Windows-1258 seen as Windows-1252: letters that the two have in different places, and the tones, which combine.
_WINDOWS: Mapping[str, str] = {
    "Ã": "Ă", "Ð": "Đ", "Õ": "Ơ", "Ý": "Ư", "ã": "ă", "ð": "đ", "õ": "ơ", "ý": "ư", "þ": "₫",
    "Ì": "\u0300", "Ò": "\u0309", "Þ": "\u0303", "ì": "\u0301", "ò": "\u0323",
}  # fmt: skip

_VIQR_HATS: Mapping[tuple[str, str], str] = {
    ("a", "^"): "\u0302", ("e", "^"): "\u0302", ("o", "^"): "\u0302", ("a", "("): "\u0306",
    ("o", "+"): "\u031b", ("o", "*"): "\u031b", ("u", "+"): "\u031b", ("u", "*"): "\u031b",
}  # fmt: skip
_VIQR_TONES: Mapping[str, str] = {
    "'": "\u0301", "`": "\u0300", "?": "\u0309", "~": "\u0303", ".": "\u0323",
}  # fmt: skip
_VIQR_WORD = re.compile(r"[A-Za-z][A-Za-z^(+*'`?~.]*+")

# How bytes of UTF-8 look in either encoding; the five that Windows-1252 has no sign for stay what they are.
_BYTES: Sequence[Mapping[str, int]] = [
    {bytes([one]).decode(encoding, "ignore") or chr(one): one for one in range(128, 256)}
    for encoding in ("cp1252", "cp1258", "latin-1")
]

_VIQR_STRONG = frozenset("^(+*")  # tones alone are what people set behind words: "da~", "di?"

_CAPITAL_INSIDE = re.compile("[a-zß-þ][À-Þ]")  # behind a small letter
# What a text must have: signs, or rows of them, that ordinary words have not.
_SIGNS: Mapping[Old, frozenset[str]] = {
    Old.TCVN3: _TCVN3_SIGNS, Old.VNI: _VNI_SIGNS, Old.WINDOWS: frozenset("ðÐÞ"),
}  # fmt: skip
_INSIDE: Mapping[Old, re.Pattern[str]] = {
    Old.MISREAD: re.compile("[ÂÃÄÅÆÌÐâðáĂĐ][ \x80-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u2122]|á[º»]"),
    Old.TCVN3: _CAPITAL_INSIDE,
    Old.VNI: re.compile("[aeo][áàâãåäéèêëúùü]|[AEO][ÁÀÂÃÅÄÉÈÊËÚÙÜ]"),
    Old.WINDOWS: re.compile("[a-zà-ý][ÌÒ]|[âêôãõýÂÊÔÃÕÝ][ìòÌÒ]"),
}
_MISREAD_A = re.compile("Ã (?=[a-z ]|$)")  # "à" has a blank that apps make a plain one
_CHUNK = re.compile(r"[^ \t\r\n]+")
_RUN = re.compile(r"[^\W\d_]+")
_BARE_NG = re.compile("(?<=[^ưƯ])([ơờớởỡợ])(?=ng|c)|^([ơờớởỡợ])(?=ng|c)")
_LONGEST = 120  # signs between blanks: no word, and to compose thousands of marks takes their square
_ENOUGH = 3  # signs in words that nothing else explains
_MOST = 3  # that one word gives

# --- words --------------------------------------------------------------------------------------------------------


class _Is(StrEnum):
    """One reading of a word between blanks, in one of the ways."""

    ASCII = "ascii"  # the same in every way
    UNICODE = "unicode"  # Vietnamese as it stands, or letters that the way has not
    EITHER = "either"  # Vietnamese both ways
    OLD = "old"  # Vietnamese in this way alone
    NEITHER = "neither"  # a name, a slip: read in this way where all around is


@dataclass(frozen=True, slots=True)
class _Word:
    """A word between blanks: where it stands, what it is, and how it reads."""

    start: int
    end: int
    kind: _Is
    read: str = ""
    signs: int = 0  # that speak for this way
    sure: bool = False  # among them one that ordinary words have not
    key: str = ""
    line: int = 0


@dataclass(slots=True)
class _Way:
    """The words of a text, seen in one way."""

    old: Old
    words: list[_Word] = field(default_factory=list)

    @property
    def lines(self) -> set[int]:
        """The lines that have words of this way."""
        return {word.line for word in self.words if word.kind is _Is.OLD}

    @property
    def weight(self) -> int:
        """Count the signs that speak for a way; 0 where it is not certain."""
        told = {word.key: word.signs for word in self.words if word.kind is _Is.OLD}
        lines = self.lines
        against = sum(word.kind is _Is.NEITHER and word.line in lines for word in self.words)
        weight = sum(told.values())
        sure = any(word.sure for word in self.words) or (
            self.old in (Old.VNI, Old.WINDOWS)
            and len(told) >= _ENOUGH
            and not any(word.kind is _Is.UNICODE for word in self.words)
        )
        if self.old is Old.VIQR:
            sure = sum(signs > 0 for signs in told.values()) > 1
        certain = sure and weight >= _ENOUGH
        return weight if certain and sum(w.kind is _Is.OLD for w in self.words) >= 2 * against else 0


def as_unicode(text: str) -> str | None:
    """Return a text in Unicode where it surely is of an old font; else None.

    A part of it is enough. Blanks, line ends and everything else stay as they are.
    """
    before = text
    for _ in Old:
        ways = [_seen(text, old) for old in Old if _may_be(text, old)]
        best = max(ways, key=lambda way: way.weight, default=None)
        if best is None or not best.weight:
            break
        if best.old is Old.MISREAD and "Ã " in text:
            text = _MISREAD_A.sub("Ã\u00a0", text)
            best = _seen(text, best.old)
        text = _rewritten(text, best)
    return None if text == before else text


def _may_be(text: str, old: Old) -> bool:
    """Whether a look at the words is worth while: nearly all texts have nothing of the kind."""
    if old is Old.VIQR:
        return not _VIQR_STRONG.isdisjoint(text) and _VIQR_WORD.search(text) is not None
    if text.isascii():
        return False
    return not _SIGNS.get(old, frozenset()).isdisjoint(text) or _INSIDE[old].search(text) is not None


def _seen(text: str, old: Old) -> _Way:
    way = _Way(old)
    known: dict[tuple[str, bool], _Word] = {}
    line = behind = 0
    for found in _CHUNK.finditer(text):
        line += text.count("\n", behind, found.start())
        behind = found.end()
        ends = old is Old.VIQR and _ends_sentence(text, found.end())
        word = known.get((found[0], ends))
        if word is None:
            word = known[found[0], ends] = _word(found[0], old, ends=ends)
        way.words.append(
            _Word(found.start(), found.end(), word.kind, word.read, word.signs, word.sure, word.key, line)
        )
    return way


def _ends_sentence(text: str, end: int) -> bool:
    """Whether a sentence ends with the word before this place: "?" and "." are no tones there."""
    return not text[end : end + 2].lstrip()[:1].islower()


def _word(chunk: str, old: Old, *, ends: bool) -> _Word:
    if len(chunk) > _LONGEST or (chunk.isascii() and old is not Old.VIQR):
        return _Word(0, 0, _Is.ASCII, chunk)
    read = _READ[old](chunk) if old is not Old.VIQR else _viqr(chunk, ends=ends)
    if read == chunk or not (chunk.isascii() or _has_letters(chunk) or read):
        return _Word(0, 0, _Is.ASCII)
    now = _is_vietnamese(chunk)
    if read is None:
        return _Word(0, 0, _Is.ASCII if chunk.isascii() else _Is.UNICODE if now else _Is.NEITHER)
    if old is Old.MISREAD:
        signs = sum(not sign.isascii() for sign in read)
        spoken = _is_vietnamese(read) and any(len(run) > 1 for run in _RUN.findall(read))
        return _Word(0, 0, _Is.OLD, read, min(signs + 1 + spoken, _MOST), True, read)
    if not _is_vietnamese(read):
        kind = _Is.UNICODE if now and not chunk.isascii() else _Is.NEITHER
        return _Word(0, 0, kind, read if kind is _Is.NEITHER and _has_letters(read) else "")
    signs, sure = _signs(chunk, old)
    # A lone sign may be a bullet.
    if (now and not chunk.isascii()) or not any(
        len(run) > 1 and not run.isascii() for run in _RUN.findall(read)
    ):
        return _Word(0, 0, _Is.EITHER, read)
    return _Word(0, 0, _Is.OLD, read, min(signs, _MOST), sure, read.lower())


def _signs(chunk: str, old: Old) -> tuple[int, bool]:
    """Count a word's signs for a way; say whether one is never in ordinary words."""
    if old is Old.VIQR:
        hats = sum(sign in _VIQR_STRONG for sign in chunk) + ("dd" in chunk.lower())
        return hats, hats > 0
    signs = _SIGNS.get(old, frozenset())
    inside = (_CAPITAL_INSIDE.search(chunk) is not None) if old in (Old.TCVN3, Old.WINDOWS) else False
    odd = sum(sign in signs for sign in chunk) + 2 * inside
    return sum("\x7f" < sign <= "\xff" for sign in chunk) + odd, odd > 0


def _has_letters(chunk: str) -> bool:
    return any(not sign.isascii() and sign.isalpha() for sign in chunk)


def _is_vietnamese(chunk: str) -> bool:
    """Whether each run of letters is a syllable, or ASCII."""
    return all(run.isascii() or is_syllable(run) for run in _RUN.findall(chunk)) and _all_known(chunk)


def _all_known(chunk: str) -> bool:
    """Whether no sign among the letters belongs to an old font."""
    return not any(sign in _TCVN3_SIGNS or unicodedata.combining(sign) for sign in chunk)


def _rewritten(text: str, way: _Way) -> str:
    """Write the words of the old font anew, and those that read both ways where only such stand around."""
    changed = {at for at, word in enumerate(way.words) if word.kind is _Is.OLD}
    lines = way.lines
    for first, last in _stretches(text, way.words):
        for at in range(first, last):
            word = way.words[at]
            if word.kind is _Is.EITHER or (word.kind is _Is.NEITHER and word.read and word.line in lines):
                changed.add(at)
    parts, behind = list[str](), 0
    for at in sorted(changed):
        word = way.words[at]
        read = word.read.upper() if way.old is Old.TCVN3 and _among_capitals(way.words, at) else word.read
        parts += [text[behind : word.start], read]
        behind = word.end
    return "".join(parts) + text[behind:]


def _among_capitals(words: list[_Word], at: int) -> bool:
    """Whether the words on both sides are in capitals: their font made this one so, too."""
    beside = [words[one].read for one in (at - 1, at + 1) if 0 <= one < len(words)]
    return all(one.isupper() and sum(map(str.isalpha, one)) > 1 for one in beside)


def _stretches(text: str, words: list[_Word]) -> Iterator[tuple[int, int]]:
    """Yield from where to where all is of the old font: whole lines, or from its first word to its last.

    Between two words that are Unicode, what reads both ways belongs to the old font only as far as a line reaches
    that has such words, or in the middle of them.
    """
    first = 0
    for at in range(len(words) + 1):
        if at < len(words) and words[at].kind is not _Is.UNICODE:
            continue
        inside = [one for one in range(first, at) if words[one].kind is _Is.OLD]
        if inside:
            start, end = first, at
            if first:  # a Unicode word stands before: its line is not of the old font
                start = _line_after(text, words, first - 1, inside[0])
            if at < len(words):
                end = _line_before(text, words, inside[-1], at)
            yield start, end
        first = at + 1


def _line_after(text: str, words: list[_Word], behind: int, until: int) -> int:
    """The first word of a new line behind one word, at the latest another one."""
    for at in range(behind + 1, until):
        if "\n" in text[words[at - 1].end : words[at].start]:
            return at
    return until


def _line_before(text: str, words: list[_Word], last: int, before: int) -> int:
    """The place behind the last word of the lines before one word, at the earliest behind another."""
    for at in range(before, last, -1):
        if "\n" in text[words[at - 1].end : words[at].start]:
            return at
    return last + 1


# --- the five ways ------------------------------------------------------------------------------------------------


def _tcvn3(chunk: str) -> str | None:
    read = "".join(_TCVN3.get(sign, sign) for sign in chunk)
    if any(sign > "\u007f" and sign not in _TCVN3 and sign.isalpha() for sign in chunk):
        return None
    # Apps drop the soft hyphen, which is "ư" here: no syllable has "ơng" or "ơc".
    return _RUN.sub(lambda found: _capitals(_BARE_NG.sub(_with_horn, found[0])), read)


def _with_horn(found: re.Match[str]) -> str:
    return f"ư{found[0]}"


def _capitals(run: str) -> str:
    """Write a word in capitals whose font had them: "CộNG" → "CỘNG"."""
    plain = [sign for sign in run if sign.isascii()]
    return run.upper() if len(plain) > 1 and all(sign.isupper() for sign in plain) else run


def _vni(chunk: str) -> str | None:
    read: list[str] = []
    before = ""
    for sign in chunk:
        low = sign.lower()
        behind = _VNI_BEHIND.get(before, {}).get(low)
        if behind is not None:
            read.append(behind)
            before = ""
            continue
        if low in _VNI_ALONE:
            read.append(_VNI_ALONE[low].upper() if sign.isupper() else _VNI_ALONE[low])
        elif sign > "\u007f" and sign.isalpha():
            return None
        else:
            read.append(sign)
        before = low
    return unicodedata.normalize("NFC", "".join(read))


def _windows(chunk: str) -> str | None:
    if any(sign > "\u00ff" and sign.isalpha() for sign in chunk):
        return None
    return unicodedata.normalize("NFC", "".join(_WINDOWS.get(sign, sign) for sign in chunk))


def _misread(chunk: str) -> str | None:
    for table in _BYTES:
        try:
            read = bytes(table[sign] if sign > "\u007f" else ord(sign) for sign in chunk).decode("utf-8")
        except (KeyError, UnicodeDecodeError):
            continue
        return unicodedata.normalize("NFC", read)
    return None


def _viqr(chunk: str, *, ends: bool) -> str | None:
    """Read a word of VIQR; the "?" or "." that ends a sentence stays one."""
    if not chunk.isascii() or "://" in chunk or "@" in chunk:
        return None
    kept = ""
    if ends and chunk[-1:] in "?.":
        chunk, kept = chunk[:-1], chunk[-1]
    read: list[str] = []
    vowel = ""
    for at, sign in enumerate(chunk):
        low = sign.lower()
        if low == "d" and at and chunk[at - 1].lower() == "d" and read and read[-1] in "dD":
            read[-1] = "Đ" if chunk[at - 1] == "D" else "đ"
        elif (vowel, sign) in _VIQR_HATS:
            read.append(_VIQR_HATS[vowel, sign])
        elif vowel and sign in _VIQR_TONES:
            read.append(_VIQR_TONES[sign])
            vowel = ""
        else:
            read.append(sign)
            vowel = low if low in "aeiouy" else ""
    return unicodedata.normalize("NFC", "".join(read)) + kept


_READ = {Old.MISREAD: _misread, Old.TCVN3: _tcvn3, Old.VNI: _vni, Old.WINDOWS: _windows}
