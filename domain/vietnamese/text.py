"""Vietnamese text as people type it: cleaning, folding for matching, teencode, excerpts.

Only `clean` changes what is stored as the asker's words; the rest makes keys for matching.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache

_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_ODD_SPACES = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Controls but newline; soft hyphen; Arabic and Mongolian format characters; zero-width, bidi marks, overrides
# and isolates; interlinear and tag characters; lone surrogates (no encoding can store them).
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
# Of these, what stays where it belongs: what joins emoji to one (a family, a heart on fire), the letters of a region's
# flag, and what Khmer sets between words, for it has no spaces. Everywhere else it would hide words from a search.
_EMOJI = "\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
_KHMER = "[\u1780-\u17b3\u17b6-\u17ff]"
_BELONGS_OR_INVISIBLE = re.compile(
    f"((?<=[{_EMOJI}\ufe0f])\u200d(?=[{_EMOJI}])"
    "|(?<=\U0001f3f4)[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,8}\U000e007f"
    f"|(?<={_KHMER})[\u200b-\u200d](?=[\u200b-\u200d]{{0,4}}{_KHMER}))|{_INVISIBLE.pattern}"
)
# Of all these, what Python finds printable.
_INVISIBLE_LETTERS = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0]")
_MARKS = re.compile("[\u0300-\u036f]+")
MARKS = 30  # in a row; no language has so many (Unicode Standard Annex 15, "Stream-Safe Text Format")
_MANY_MARKS = re.compile(rf"[^\x00-\u02ff\w]{{{MARKS + 1}}}")  # or as many of what is no letter either
_WIDE_MARKS = frozenset("\uff9e\uff9f")  # letters, but marks in their compatibility forms
_D_WITH_BAR = str.maketrans("đðɖ", "ddd")  # the letter, and the look-alikes that keyboards and old fonts give
_AROUND = " ,.:;-"  # what people set between a phrase and what follows
_WORD = re.compile(r"[^\W_]+")
_TYPED = re.compile(r"\w+")
# "hoà", "khoẻ", "thuỷ" (old placement of the tone) → "hòa", "khỏe", "thủy"; only where the syllable ends
# there.
_OLD_TONE = re.compile(r"(o[àáảãạèéẻẽẹ]|(?<!q)u[ỳýỷỹỵ])(?!\w)")
_NEW_TONE = {
    "oà": "òa", "oá": "óa", "oả": "ỏa", "oã": "õa", "oạ": "ọa",
    "oè": "òe", "oé": "óe", "oẻ": "ỏe", "oẽ": "õe", "oẹ": "ọe",
    "uỳ": "ùy", "uý": "úy", "uỷ": "ủy", "uỹ": "ũy", "uỵ": "ụy",
}  # fmt: skip

# What is typed (without diacritics, lower case) → what is meant. One meaning each, the commonest in a
# question to an authority: "bn" is "bao nhiêu" here though it may be "bạn". Units of money stand after a
# number only.
TEENCODE: dict[str, str] = {
    "ko": "không", "k": "không", "kh": "không", "khg": "không", "hok": "không", "hong": "không",
    "hk": "không",
    "hem": "không", "kp": "không phải", "kbt": "không biết", "dc": "được", "dk": "được", "vs": "với",
    "bn": "bao nhiêu", "bnh": "bao nhiêu", "bnhiu": "bao nhiêu", "nhiu": "nhiêu", "ntn": "như thế nào",
    "tn": "thế nào", "ng": "người", "ngta": "người ta", "mn": "mọi người", "mng": "mọi người", "j": "gì",
    "z": "vậy", "r": "rồi", "rui": "rồi", "oy": "rồi", "lm": "làm", "bt": "biết", "bik": "biết",
    "trc": "trước",
    "dag": "đang", "cx": "cũng", "cug": "cũng", "nhg": "nhưng", "nma": "nhưng mà", "wa": "quá",
    "gd": "gia đình",
    "hs": "hồ sơ", "cb": "cán bộ", "nv": "nhân viên", "sdt": "số điện thoại", "tg": "thời gian",
    "hqua": "hôm qua", "hnay": "hôm nay", "bh": "bây giờ", "mk": "mình", "mik": "mình",
}  # fmt: skip

# Abbreviations of offices and papers (programme.md, "Words"), in the same form.
ABBREVIATIONS: dict[str, str] = {
    "ubnd": "ủy ban nhân dân", "hdnd": "hội đồng nhân dân", "tthc": "thủ tục hành chính",
    "gplx": "giấy phép lái xe",
    "cccd": "căn cước công dân", "cmnd": "chứng minh nhân dân", "bhyt": "bảo hiểm y tế",
    "bhxh": "bảo hiểm xã hội",
    "bhtn": "bảo hiểm thất nghiệp", "gcn": "giấy chứng nhận", "qsdd": "quyền sử dụng đất",
    "gpxd": "giấy phép xây dựng",
    "csgt": "cảnh sát giao thông", "pccc": "phòng cháy chữa cháy", "nvqs": "nghĩa vụ quân sự",
    "tnmt": "tài nguyên môi trường",
    "ttphcc": "trung tâm phục vụ hành chính công", "dvc": "dịch vụ công", "hkd": "hộ kinh doanh",
    "gpkd": "giấy phép kinh doanh",
    "vsattp": "vệ sinh an toàn thực phẩm", "attp": "an toàn thực phẩm", "thpt": "trung học phổ thông",
    "thcs": "trung học cơ sở", "ntm": "nông thôn mới", "gpmb": "giải phóng mặt bằng", "ld": "lao động",
}  # fmt: skip

# Units of money after a number; "k" only joined to it ("số 5 k có" says "không").
_UNITS = {"k": "nghìn", "tr": "triệu", "trd": "triệu đồng", "ty": "tỷ"}


def clean(text: str) -> str:
    """Clean a text so that it may be stored and shown.

    NFC, trimmed, without control, zero-width or bidi characters. Newlines stay ("\\n"), every other space becomes a
    plain one. Never fails: lone surrogates are dropped.
    """
    if text.isprintable() and (text.isascii() or not _INVISIBLE_LETTERS.search(text)):
        return _composed(text).strip()
    text = _LINE_ENDS.sub("\n", text)
    text = _ODD_SPACES.sub(" ", text)
    # Before NFC: a zero-width character may stand between a letter and its mark.
    text = _BELONGS_OR_INVISIBLE.sub(r"\1", text)
    return _composed(text).strip()


def _composed(text: str) -> str:
    """Normalise to NFC, with at most MARKS marks in a row.

    Sorting thousands of marks on one letter takes quadratic time.
    """
    if text.isascii():
        return text
    if _MANY_MARKS.search(text) or not _WIDE_MARKS.isdisjoint(text):
        kept, row = [], 0
        for sign in text:
            row = row + 1 if unicodedata.combining(unicodedata.normalize("NFKD", sign)[0]) else 0
            if row <= MARKS:
                kept.append(sign)
        text = "".join(kept)
    return unicodedata.normalize("NFC", text)


def lower(text: str) -> str:
    """Clean and lower a text for matching with diacritics.

    Tones are placed the new way ("hoà" → "hòa").
    """
    lowered = unicodedata.normalize("NFC", clean(text).lower())
    return lowered if lowered.isascii() else _OLD_TONE.sub(lambda found: _NEW_TONE[found[0]], lowered)


def fold(text: str) -> str:
    """Return the key for matching: cleaned, lower case, without diacritics (đ → d).

    Single spaces between words. Compatibility forms fold too (full-width "Ｄ", bold "𝐃"). Scripts other than Latin
    keep their vowel signs.
    """
    text = clean(text)
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(filter(None, map(fold_word, text.split())))


def fold_word(word: str) -> str:
    """Return `fold` of one cleaned word, cached.

    A language has few syllables, and this is called very often.
    """
    return _fold_short(word) if len(word) <= _REMEMBERED else _fold_word(word)


_REMEMBERED = 40  # letters of a word that is remembered: thousands of long ones would fill the memory


@lru_cache(maxsize=16_384)
def _fold_short(word: str) -> str:
    return _fold_word(word)


def _fold_word(word: str) -> str:
    lowered = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).lower())
    bare = _INVISIBLE.sub("", _MARKS.sub("", lowered)).translate(_D_WITH_BAR)
    return " ".join(unicodedata.normalize("NFC", bare).split())


def words(text: str) -> list[str]:
    """List the folded words of a text, without punctuation."""
    return _WORD.findall(fold(text))


def phrase_at_front(typed: str, phrases: Collection[str]) -> tuple[str, str] | None:
    """Take the longest known phrase (folded) off the front of a text.

    Returns it and the rest, or None.
    """
    longest = max(phrase.count(" ") for phrase in phrases) + 1
    for count in range(longest, 0, -1):
        words = typed.split(None, count)
        phrase = fold(" ".join(words[:count])).strip(_AROUND)
        if phrase in phrases:
            return phrase, words[count].strip() if len(words) > count else ""
    return None


def has_diacritics(text: str) -> bool:
    """Return whether any letter carries a Vietnamese mark, in NFC or NFD."""
    return not text.isascii() and any(
        fold_word(word) != unicodedata.normalize("NFKC", word) for word in _TYPED.findall(clean(text).lower())
    )


_FOLDED_TEENCODE = {typed: fold(meant) for typed, meant in TEENCODE.items()}
_FOLDED_ABBREVIATIONS = {typed: fold(meant) for typed, meant in ABBREVIATIONS.items()}
_FOLDED_UNITS = {typed: fold(meant) for typed, meant in _UNITS.items()}
_MONEY = re.compile(r"(?<!\w)(\d+(?:[.,]\d+)?)(k| ?trd| ?tr| ?ty)(\d*)(?!\w)")


def _expand(text: str, table: dict[str, str]) -> str:
    return _TYPED.sub(lambda found: table.get(found[0], found[0]), text)


def expand_teencode(folded: str) -> str:
    """Write out teencode in a folded text: "ko dc 50k" → "khong duoc 50 nghin".

    For matching only.
    """
    folded = _MONEY.sub(
        lambda found: f"{found[1]} {_FOLDED_UNITS[found[2].strip()]}" + (f" {found[3]}" if found[3] else ""),
        folded,
    )
    return _expand(folded, _FOLDED_TEENCODE)


def expand_abbreviations(folded: str) -> str:
    """Write out abbreviations of offices and papers: "gplx" → "giay phep lai xe".

    In a folded text.
    """
    return _expand(folded, _FOLDED_ABBREVIATIONS)


def excerpt(text: str, limit: int) -> str:
    """Return the beginning of a text on one line, at most `limit` characters.

    Cut between words, with "…".
    """
    if limit < 1:
        raise ValueError("an excerpt has room for at least one character")
    line = " ".join(clean(text).split())
    if len(line) <= limit:
        return line
    room = line[:limit]  # one character goes to the "…", which a space may give
    cut = room.rfind(" ")
    if cut < limit // 2:  # one very long word, as a link: cut inside it
        cut = limit - 1
        while cut and unicodedata.combining(line[cut]):
            cut -= 1
    return line[:cut].rstrip(" ,.;:-–") + "…"


def beginning(text: str, limit: int) -> str:
    """Return the beginning of a text, with its line breaks.

    At most `limit` characters, cut between words with "…".
    """
    if len(text) <= limit:
        return text
    room = text[:limit]  # one character goes to the "…", which a space may give
    cut = max(room.rfind(" "), room.rfind("\n"))
    if cut < limit // 2:  # one very long word, as a link: cut inside it
        cut = limit - 1
        while cut and unicodedata.combining(text[cut]):
            cut -= 1
    return text[:cut].rstrip() + "…"
