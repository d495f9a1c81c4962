"""Finds words written so that no table finds them.

Odd letters, letters apart, keys that no keyboard turned into letters (telex, VNI). The results are keys for matching
only; nothing is shown or stored. Every function takes time in proportion to the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from domain.vietnamese.syllables import is_syllable
from domain.vietnamese.text import fold_word, lower

# What looks like a Latin letter and is none, where NFKC doesn't say so: Cyrillic, Greek, small capitals, others.
_ALIKE = str.maketrans(
    "аеорсухіјѕԁһӏьвкмнтгилпԛԝ" + "αεοιυνρτκχηβωѵγσ" + "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ" + "ɑɡıłøðɖđ",
    "aeopcyxijsdhlbbkmhtrunnqw" + "aeoiuvptkxnbwvyo" + "abcdefghijklmnoprstuvwyz" + "agilođđđ",
)
# Marks that Vietnamese has not; those of other scripts belong to their letters.
_FOREIGN_MARKS = re.compile(
    "[\u0304\u0305\u0307\u0308\u030a-\u031a\u031c-\u0322\u0324-\u036f\u20d0-\u20dc\u20e1\u20e5-\u20ff]+"
)
_STYLED = {  # white on black, squared, of flags: A to Z
    first + at: chr(ord("a") + at) for first in (0x1F150, 0x1F170, 0x1F1E6) for at in range(26)
} | {
    0xFDFA: " ",
    0xFDFB: " ",
}  # whole sentences of Arabic in a sign: 4,096 of them would become 73,728 letters
_LEET = str.maketrans("013457@$!", "oieastasi")

# Between letters that belong together: any run of these, no space among them.
_APART = re.compile(r"(?<=[^\W\d_])[^\w\s@$!]+(?=[^\W\d_])|(?<=[^\W\d_])_+(?=[^\W\d_])")
_WORD = re.compile(r"[^\W_]+")
_CHUNK = re.compile(r"\S+")
_LEETISH = re.compile(r"[\w@$!]+")
_MIXED = re.compile(r"[^\W\d_][013457@$!]|[013457@$!][^\W\d_]")
# What most texts are made of, and nothing of which looks like something else: ASCII and Vietnamese, composed.
_USUAL = re.compile("[\0-\x7fàáâãèéêìíòóôõùúýăđĩũơưạ-ỹ–—‘’“”…•]*")

# Two syllables that say it all, however they are spelt out.
_LOUD = (
    ("tố", "cáo"), ("tố", "giác"), ("hối", "lộ"), ("tham", "nhũng"), ("tham", "ô"), ("lạm", "quyền"),
    ("biển", "thủ"), ("ăn", "chặn"), ("lót", "tay"), ("bôi", "trơn"),
)  # fmt: skip
_LOUD_BARE = frozenset((fold_word(first), fold_word(second)) for first, second in _LOUD)
# The first may well end a line or a sentence, and the second begin the next: "… ra biển. Thủ tục …".
_NEIGHBOURS = {("biển", "thủ"), ("tham", "ô")}
# Torn apart by the end of a line (as pasted text is) or of a sentence.
_TORN = re.compile(
    "(?<![^\\W_])(?:"
    + "|".join(
        f"({first})[\\W_]{{0,6}}[.?!;…\n][\\W_]{{0,6}}({second})"
        for first, second in _LOUD
        if (first, second) not in _NEIGHBOURS
    )
    + ")(?![^\\W_])"
)
_SINGLE = re.compile(r"(?<![^\W_])[^\W\d_][\W_]{1,3}[^\W\d_](?![^\W_])")  # two letters, each alone
_LETTERS_APART = 4  # letters that stand alone, one after the other, before they may be a word


def readings(text: str) -> Iterator[str]:
    """Yield further readings of a text, with its disguises undone.

    Odd letters as plain ones, torn words joined, telex and VNI as Vietnamese. Each reading once, and none that equals
    the text itself.
    """
    typed, plain = _both(text)
    seen = {typed}
    for joined in (plain, _APART.sub("", plain), _letters_joined(plain), _TORN.sub(_together, plain)):
        for one in (joined, _typed_out(joined), _unleet(joined)):
            if one not in seen:
                seen.add(one)
                yield one


def _together(found: re.Match[str]) -> str:
    return " ".join(filter(None, found.groups()))


def spells_out(text: str) -> bool:
    """Return whether a text spells loud words in a way that is no accident.

    By odd letters, or with letters apart.
    """
    typed, plain = _both(text)
    odd = plain != typed or _MIXED.search(plain) is not None
    return (
        (odd and _oddly_loud(typed))
        or _cut_elsewhere(plain)
        or any(first + second in run for run in _runs(plain) for first, second in _LOUD_BARE)
    )


def _oddly_loud(typed: str) -> bool:
    """Return whether two loud syllables stand together, at least one of them in odd letters."""
    chunks = _CHUNK.findall(typed)
    shown = [_unleet(_plain(one)) for one in chunks]
    words = [fold_word("".join(_WORD.findall(one))) for one in shown]
    return any(
        (first, second) in _LOUD_BARE and shown[at : at + 2] != chunks[at : at + 2]
        for at, (first, second) in enumerate(pairwise(words))
    )


# --- odd letters ------------------------------------------------------------------------------------------------


@lru_cache(maxsize=2)  # each of the three ways to look at a text asks for it
def _both(text: str) -> tuple[str, str]:
    """Return a text in lower case as it is typed, and with plain letters."""
    typed = lower(text)
    return typed, _plain(typed)


def _plain(text: str) -> str:
    """Replace letters of other alphabets and styles by the Latin ones they look like."""
    return text if _USUAL.fullmatch(text) else _CHUNK.sub(lambda found: _without_style(found[0]), text)


def _without_style(chunk: str) -> str:
    if _USUAL.fullmatch(chunk):
        return chunk
    chunk = unicodedata.normalize("NFKC", chunk.translate(_STYLED))
    chunk = unicodedata.normalize("NFD", chunk.lower()).translate(_ALIKE)
    return unicodedata.normalize("NFC", _FOREIGN_MARKS.sub("", chunk))


def _unleet(text: str) -> str:
    """Replace digits and signs among letters by the letters they stand for: "t0 ca0" → "to cao"."""
    return _LEETISH.sub(_letters_of, text) if _MIXED.search(text) else text


def _letters_of(found: re.Match[str]) -> str:
    word = found[0]
    return word.translate(_LEET) if any(sign.isalpha() for sign in word) else word


# --- letters apart ----------------------------------------------------------------------------------------------


def _letters_joined(text: str) -> str:
    """Join letters that stand apart: "t ố c á o" → "tốcáo", "n h ậ n hối" → "nhận hối"."""
    if not _SINGLE.search(text):
        return text
    joined: list[str] = []
    last, alone = 0, False
    for found in _WORD.finditer(text):
        single = len(found[0]) == 1 and found[0].isalpha()
        between = text[last : found.start()]
        joined += [
            "" if single and alone and "\n" not in between and len(between) <= 3 else between,
            found[0],
        ]
        last, alone = found.end(), single
    return "".join(joined) + text[last:]


def _runs(text: str) -> Iterator[str]:
    """Yield runs of single letters, folded and joined, where there are enough of them."""
    run: list[str] = []
    for found in _WORD.finditer(text) if _SINGLE.search(text) else ():
        if len(found[0]) == 1 and found[0].isalpha():
            run.append(fold_word(found[0]))
            continue
        if len(run) >= _LETTERS_APART:
            yield "".join(run)
        run = []
    if len(run) >= _LETTERS_APART:
        yield "".join(run)


def _cut_elsewhere(text: str) -> bool:
    """Return whether loud syllables occur with marks, but joined or cut inside a syllable."""
    words = _WORD.findall(text)
    whole = "".join(words)
    found = [(first, second) for first, second in _LOUD if first + second in whole]
    if not found:
        return False
    ends, place = {0}, 0
    for word in words:
        place += len(word)
        ends.add(place)
    return any(
        at in ends and at + len(first + second) in ends and not _is_natural(ends, at, first, second)
        for first, second in found
        for at in _places(whole, first + second)
    )


def _is_natural(ends: set[int], at: int, first: str, second: str) -> bool:
    inside = {one for one in range(at + 1, at + len(first + second)) if one in ends}
    return inside == {at + len(first)}


def _places(text: str, wanted: str) -> Iterator[int]:
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)


# --- telex and VNI ------------------------------------------------------------------------------------------------

_INITIAL = "ngh|ng|nh|gh|gi|ch|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx]"
_VOWELS = (
    "oai|oay|oeo|uây|uôi|uya|uyê|uyu|ươi|ươu|iêu|yêu|oo|ai|ao|au|ay|âu|ây|eo|êu|ia|iê|iu|oa|oă|oe|oi|ôi|ơi|"
    "ua|uâ|uê|ui|uô|uơ|uy|ưa|ưi|ươ|ưu|yê|[aăâeêioôơuưy]"
)
_SYLLABLE = re.compile(f"({_INITIAL})?({_VOWELS})(ng|nh|ch|[cmnpt])?")
_KEYS = re.compile(r"(?<![^\W_])[a-z][a-z1-9]{1,9}(?![^\W_])")  # a whole word
_TELEX_TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_VNI_TONES = {"1": "\u0301", "2": "\u0300", "3": "\u0309", "4": "\u0303", "5": "\u0323"}
_HATS = {"a": "â", "e": "ê", "o": "ô"}
_HORNS = {"a": "ă", "o": "ơ", "u": "ư"}
_MARKED = frozenset("âêôăơư")


# Keys of a hat, a horn or a bar and of a tone in one word are no accident, but for these. What has only one of the two
# ("gas", "this", "now") may be any word: such are read only beside two that are none.
_ORDINARY_WORDS = """
    a1 a2 a3 a4 a5 aaru as auf beef beer bees beest boof boor boost boots box bus car cheer chef chest co2 coof
    coos coost cost cows ddos deed deeds deer dees did does dooms door dowd dowf down dowst e1 eer gas gif goof
    goost gowf haf hanf has heer her here his hoof hoops how if is its kees keest last leaf leef leer lees list
    loaf loof loos lost max meer mix moor moorn moost must naif neer nef nof now o1 oaf of oons or our peer pheer
    poof poor post puf puree queer queest raf reef rees reest rest roof room roost sauf see seen seer six soaf
    sofa sos suf tax taxi teems teens teer teest test theer there this tref tuf us usee veer visa
"""
_ORDINARY = frozenset(_ORDINARY_WORDS.split())
_SURE = re.compile(r"^dd|w|aa|ee|oo|f$|[6-9]|[1-5](?=[a-z])")
_COMPANY = 2


def keys_as_letters(text: str) -> str:
    """Return the key of a text with left-over keys as letters: "dduowngf" → "đường".

    For matching only: in lower case. Only where the letters are a syllable and the keys no ordinary word.
    """
    typed = lower(text)
    sure = 0
    for found in _KEYS.finditer(typed):
        sure += _meant(found[0]) is not None
        if sure == _COMPANY:
            break
    if not sure:
        return typed
    return _KEYS.sub(
        lambda found: _meant(found[0]) or (_any_meant(found[0]) if sure == _COMPANY else None) or found[0],
        typed,
    )


@lru_cache(maxsize=8192)
def _meant(word: str) -> str | None:
    """The syllable that keys surely mean.

    A letter of Vietnamese and a tone, "dd" in front, "f" behind, or VNI's digits inside.
    """
    if not _SURE.search(word) or word in _ORDINARY:
        return None
    letters = _any_meant(word)
    if letters is None:
        return None
    apart = unicodedata.normalize("NFD", letters)
    marks = sum(unicodedata.combining(sign) > 0 for sign in apart) + apart.count("đ")
    sure = marks > 1 or word.startswith("dd") or word.endswith("f") or any(map(str.isdigit, word[:-1]))
    return letters if sure else None


def _any_meant(word: str) -> str | None:
    letters = None if word in _ORDINARY else _syllable(word)
    return letters if letters is not None and is_syllable(letters) else None


def _typed_out(text: str) -> str:
    """Write words as an input method would: "toos caos", "to61 ca1o" → "tố cáo"."""
    return _KEYS.sub(lambda found: _syllable(found[0]) or found[0], text)


@lru_cache(maxsize=8192)
def _syllable(word: str) -> str | None:
    """Return the Vietnamese syllable that these keys give; None where they give none, or only themselves."""
    keyed = _keyed(word, telex=not any(sign.isdigit() for sign in word))
    if keyed is None:
        return None
    letters, tone = keyed
    found = _SYLLABLE.fullmatch(letters)
    if found is None or (not tone and letters == word):
        return None
    if tone:
        at = found.start(2) + _tone_place(found[2], closed=bool(found[3]))
        letters = letters[: at + 1] + tone + letters[at + 1 :]
    return unicodedata.normalize("NFC", letters)


def _keyed(word: str, *, telex: bool) -> tuple[str, str] | None:
    """Return (letters, tone) of the keys, taken one after the other as an input method does."""
    letters: list[str] = []
    tone = ""
    tones = _TELEX_TONES if telex else _VNI_TONES
    for key in word:
        if key in tones and any(one in "aeiouyâêôăơư" for one in letters):
            if tone:
                return None
            tone = tones[key]
        elif key == ("d" if telex else "9") and letters[:1] == ["d"]:
            letters[0] = "đ"
        elif (telex and key == "w") or key in ("7", "8"):
            if not _horned(letters, "aou" if telex else "a" if key == "8" else "ou"):
                return None
        elif (telex and key in _HATS and key in letters) or key == "6":
            plain = [at for at, one in enumerate(letters) if one == key or (key == "6" and one in _HATS)]
            if not plain:
                return None
            letters[plain[-1]] = _HATS[letters[plain[-1]]]
        elif key.isdigit():
            return None
        else:
            letters.append(key)
    return "".join(letters), tone


def _horned(letters: list[str], of: str) -> bool:
    """Put a horn (or a breve) on the last letter that takes one, on both of "uo"; False where none does."""
    for at in range(len(letters) - 1, -1, -1):
        if letters[at] in of:
            if letters[at] == "o" and at and letters[at - 1] == "u":
                letters[at - 1] = "ư"
            letters[at] = _HORNS[letters[at]]
            return True
    return False


def _tone_place(vowels: str, *, closed: bool) -> int:
    marked = [at for at, one in enumerate(vowels) if one in _MARKED]
    if marked:
        return marked[-1]
    if closed or len(vowels) == 1:
        return len(vowels) - 1
    return 1 if len(vowels) == 3 else 0


# --- other languages of the province -----------------------------------------------------------------------------

_ENGLISH_DEEDS = frozenset(
    {
        "bribe", "bribes", "bribed", "bribing", "bribery", "embezzle", "embezzles", "embezzled", "embezzling",
        "embezzlement", "kickback", "kickbacks", "extort", "extorts", "extorted", "extorting", "extortion",
        "corrupt", "corruption", "denounce", "denounces", "denounced", "denouncing", "denunciation", "accuse",
        "accuses", "accused", "accusing", "pocketed", "siphoned",
    }
)  # fmt: skip
_ENGLISH_PHRASES = tuple(
    tuple(one.split())
    for one in (
        "abuse of power", "abuse of office", "abuse of authority", "abuses his power", "abuses her power",
        "abuse their power", "abused his power", "abused her power", "abused their power", "abusing his power",
        "abusing her power", "abusing their power", "under the table", "demanded money", "demands money",
        "stole public money", "stole our money", "stole the money", "took our money", "blow the whistle",
    )
)  # fmt: skip
_ENGLISH_ACCUSED = frozenset(
    {
        "official", "officials", "officer", "officers", "policeman", "policemen", "police", "chairman", "chairwoman",
        "director", "secretary", "mayor", "chief", "clerk", "staff", "cadre", "cadres", "accountant", "teacher",
        "principal", "doctor", "inspector", "leader", "head", "mr", "mrs", "ms", "he", "she", "they",
    }
)  # fmt: skip
_ENGLISH_ASKS = frozenset(
    {
        "how", "where", "what", "which", "who", "law", "laws", "rule", "rules", "regulation", "regulations", "policy",
        "policies", "hotline", "procedure", "penalty", "penalties", "campaign", "fight", "fighting", "prevent",
        "prevents", "preventing", "prevention", "anti", "against", "plan", "training",
    }
)  # fmt: skip
_ENGLISH_STEMS = re.compile(
    "brib|embezzl|kickback|extort|corrupt|denounc|denunc|accus|pocketed|siphoned|abus|under the|money|whistle"
)
_ENGLISH_WORD = re.compile(r"[a-z]+|[.?!\n]")

# Khmer has no spaces between words. Subscript "ដ" and "ត" look alike and are typed for each other.
_KHMER = re.compile("[\u1780-\u17ff]")
_KHMER_DEEDS = (
    "បរិហារ", "ចោទប្រកាន់", "ពុករលួយ", "សំណូក", "សូកប៉ាន់", "ស៊ីលុយ", "កេងបន្លំ", "កិបកេង", "រំលោភអំណាច",
    "រំលោភបំពានអំណាច", "រំលោភបំពានលើអំណាច", "លួចលុយ", "គៃបន្លំ",
)  # fmt: skip
_KHMER_ABOUT = ("ប្រឆាំងអំពើពុករលួយ", "ប្រឆាំងនឹងអំពើពុករលួយ", "ប្រឆាំងពុករលួយ", "ទប់ស្កាត់អំពើពុករលួយ")
_KHMER_ASKS = ("ច្បាប់", "របៀប", "នីតិវិធី", "ដូចម្តេច", "នៅឯណា", "បែបបទ")
_KHMER_ACCUSED = ("មន្ត្រី", "ប្រធាន", "ប៉ូលិស", "នគរបាល", "លោក", "គណនេយ្យ", "មេឃុំ", "មេភូមិ", "គ្រូ", "គាត់")


def denounces_in_another_language(text: str) -> bool:
    """Return whether a text reads like a denunciation in English or Khmer.

    Alone or among Vietnamese words. A question about the rules is none, unless it first says who does it.
    """
    _, plain = _both(text)
    versions = {plain, _unleet(_APART.sub("", plain)), _letters_joined(plain)}
    in_english = any(_ENGLISH_STEMS.search(one) and _denounces_in_english(one) for one in versions)
    return in_english or _denounces_in_khmer(plain)


def _denounces_in_english(text: str) -> bool:
    sentence: list[str] = []
    for token in [*_ENGLISH_WORD.findall(text), "."]:
        if token.isalpha():
            sentence.append(token)
        elif sentence:
            deeds = _english_deeds(sentence)
            asked = not _ENGLISH_ASKS.isdisjoint(sentence)
            if deeds and not (asked and _ENGLISH_ACCUSED.isdisjoint(sentence[: deeds[0]])):
                return True
            sentence = []
    return False


def _english_deeds(sentence: list[str]) -> list[int]:
    return [
        at
        for at, word in enumerate(sentence)
        if word in _ENGLISH_DEEDS
        or any(word == one[0] and tuple(sentence[at : at + len(one)]) == one for one in _ENGLISH_PHRASES)
    ]


def _denounces_in_khmer(text: str) -> bool:
    if not _KHMER.search(text):
        return False
    text = _same_subscript(text)
    for one in map(_same_subscript, _KHMER_ABOUT):
        text = text.replace(one, " ")
    deeds = [at for at in map(text.find, map(_same_subscript, _KHMER_DEEDS)) if at >= 0]
    if not deeds:
        return False
    asked = any(one in text for one in map(_same_subscript, _KHMER_ASKS))
    return not asked or _first(text, _KHMER_ACCUSED) < max(deeds)


def _same_subscript(text: str) -> str:
    return unicodedata.normalize("NFC", text).replace("\u17d2\u178a", "\u17d2\u178f")


def _first(text: str, wanted: Iterable[str]) -> int:
    found = [at for at in (text.find(_same_subscript(one)) for one in wanted) if at >= 0]
    return min(found, default=len(text))
