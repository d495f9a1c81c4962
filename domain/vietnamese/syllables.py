"""Tells whether letters are a Vietnamese syllable as the rules of spelling have it."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")  # huyền, sắc, ngã, hỏi, nặng
LONGEST = 7  # letters: "nghiêng"
_STOPPED = frozenset("\u0301\u0323")  # the tones of what ends in c, ch, p, t

# What may stand behind the first consonants, without its tone.
_RHYMES = """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
    i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oem oen oeo oet oi om on ong
    ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uân uâng uât uây uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt uơ up ut uc
    uy uya uych uyên uyêt uynh uyp uyt uyu
    ư ưa ưc ưi ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu
    y yêm yên yêng yêt yêu
"""
# "qu" takes the u of a rhyme away; "gi" before i loses its own.
_RHYMES_BEHIND_QU = """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt ân âng ât âu ây e en eo et ê ên êt
    ôc i it o ơ ơi y ych yên yêt ynh yt
"""
_BEHIND_G = frozenset({"i", "in", "iêc", "iêm", "iên", "iêng", "iêt"})
RHYMES, _BEHIND_QU = frozenset(_RHYMES.split()), frozenset(_RHYMES_BEHIND_QU.split())
_FRONT = ("e", "ê", "i", "y")  # k, gh and ngh stand before these, c, g and ng before the others
_PARTS = re.compile("(ngh|ng|nh|gh|gi|ch|kh|ph|qu|th|tr|[bcdđghklmnprstvx])?([aăâeêioôơuưy][a-zăâêôơư]{0,5})")


def is_syllable(letters: str) -> bool:
    """Return whether letters spell one syllable, wherever its tone is placed.

    At most one tone; composed or not.
    """
    return len(letters) <= 3 * LONGEST and _is_syllable(letters)


@lru_cache(maxsize=16_384)
def _is_syllable(letters: str) -> bool:
    bare, tones = _toneless(letters)
    found = _PARTS.fullmatch(bare)
    if found is None or len(tones) > 1:
        return False
    first, rhyme = found[1] or "", found[2]
    if rhyme.endswith(("c", "ch", "p", "t")) and not _STOPPED.issuperset(tones or "-"):
        return False
    return _fits(first, rhyme)


def _toneless(letters: str) -> tuple[str, list[str]]:
    """Take the tones out of letters in lower case."""
    apart = unicodedata.normalize("NFD", letters.lower())
    tones = [sign for sign in apart if sign in TONES]
    return unicodedata.normalize("NFC", "".join(sign for sign in apart if sign not in TONES)), tones


def _fits(first: str, rhyme: str) -> bool:
    if first == "qu":
        return rhyme in _BEHIND_QU
    if first == "gi":
        return (rhyme in RHYMES and not rhyme.startswith(("i", "y"))) or f"i{rhyme}" in _BEHIND_G
    if rhyme not in RHYMES:
        return False
    if first == "g" and rhyme in _BEHIND_G:
        return True
    if first in ("k", "gh", "ngh"):
        return rhyme.startswith(_FRONT)
    if first in ("c", "g", "ng"):
        return not rhyme.startswith(_FRONT)
    return not (first and rhyme.startswith("yê"))
