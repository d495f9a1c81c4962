"""Text of the time before Unicode is read as it was meant; what is anything else stays as it is."""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from domain.vietnamese import old_fonts
from domain.vietnamese.disguise import keys_as_letters
from domain.vietnamese.old_fonts import as_unicode
from domain.vietnamese.screening import Emergency, screen
from domain.vietnamese.syllables import RHYMES, is_syllable
from domain.vietnamese.text import clean, fold

SAMPLES = Path(__file__).parents[3] / "samples"
TONES = "\u0300\u0301\u0303\u0309\u0323"
SOME = 1000  # sentences of all
MARKED = 8  # letters with marks: fewer, as in one or two words, are not always certain


# --- ordinary texts -------------------------------------------------------------------------------------------------

OTHERS = [
    # French, German, Spanish, Portuguese, Danish, Swedish, Icelandic, English
    "Où est la forêt? L'été dernier, tôt, bientôt, né à Noël, déjà, maïs, naïf, français, cœur, août, dû, goût",
    "Schöne Grüße aus Köln! Die Bäume blühen, über Straße heißt müde Füße, Äpfel, Übung, Mädchen, Öl, für mich",
    "El Niño mañana, señor, año, ¿qué? ¡sí! ñu, ñandú, cigüeña",
    "São Paulo não é muito, coração, Conceição, põe, mãe, está, você",
    "Blåbær på Øresund, høj sø, å gå, Ærø, få, små, går",
    "Málfræði: það var ný sýn, við göngum, maður, þú",
    "så här, för, hör, på sjön, ö, å, är",
    "café naïve résumé coöperate façade don't can't it's o'clock a.m. e.g. i.e.",
    # Khmer, emoji
    "ខ្ញុំចង់សួរអំពីដី 🙂 ❤️‍🔥 👨‍👩‍👧‍👦 🇻🇳",
    # signs, numbers, code
    "50m² 15°C 1½ ¾ § 12 ¶ · a · b © ® ™ µm 10µg ± « » ¼ £5 ¥7 ¢9 ¤ ¦",
    "· Mục 1\n· Mục 2\n¹ Xem ghi chú\n² khác\n§ 3 ¶ 4",
    "f(a+b)*c^2 - o*p + a^n + b^n; x^2 ~ y' `code` a(b) u+v o+p e^x",
    "def f(a): return a*b + c^d; o += a; u*u + o*o",
    "nhóm máu O+ và A+, B+, AB+ 😀^^ haha^^ hihi^^",
    "co khong? di dau? sao vay. ok. hu~ ho` ha? hi` em la~ da~ vang~",
    "Tiền 50.000đ, 2tr5, 09:30 ngày 1/2/2026, 68B1-123.45, https://kgtv.vn/a?b=(c)*d^e a@b.vn",
    # slips, and marks that Latin-1 has, too
    "môt nôp tôt côt hêt",
    "XÃ AN HOÀ, XÃ BÌNH AN, XÃ Ô LÂM",
    "chủ sở hữu ý kiến gì ì ạch òm ọp õng ẹo",
    "có bé má và tôi hôm nay là nhà ta ghé thăm",
    "iPhone, McDonald's, WiFi, eKYC, VNeID",
]


@lru_cache(maxsize=1)
def ordinary() -> tuple[str, ...]:
    """All invented texts of the samples, and as many that chance puts together from syllables."""
    texts = {
        clean(text)
        for file in sorted((SAMPLES / "understanding").rglob("*.jsonl"))
        for line in file.read_text("utf-8").splitlines()
        for text in _texts_in(json.loads(line))
    }
    chance = random.Random(1258)
    syllables = sorted(_syllables())
    made = [" ".join(chance.choices(syllables, k=chance.randint(8, 30))).capitalize() for _ in range(2000)]
    return (*sorted(texts), *made)


def _texts_in(line: dict[str, object]) -> Iterator[str]:
    for key in ("text", "texts", "near"):
        value = line.get(key)
        yield from [value] if isinstance(value, str) else value if isinstance(value, list) else []


def _syllables() -> set[str]:
    firsts = (
        "",
        "b",
        "c",
        "ch",
        "d",
        "đ",
        "gh",
        "h",
        "kh",
        "l",
        "m",
        "n",
        "ng",
        "nh",
        "ph",
        "t",
        "th",
        "tr",
        "v",
        "x",
    )
    made = {
        unicodedata.normalize("NFC", f"{first}{rhyme[:at]}{tone}{rhyme[at:]}")
        for first in firsts
        for rhyme in RHYMES
        for tone in ("", *TONES)
        for at in (2 if len(rhyme) > 1 and rhyme[:2] in ("iê", "uô", "ươ", "uâ") else 1,)
    }
    return {one for one in made if is_syllable(one)}


@pytest.mark.parametrize("text", OTHERS)
def test_what_is_no_old_font_stays_as_it_is(text: str) -> None:
    assert as_unicode(text) is None


def test_no_ordinary_text_is_changed() -> None:
    assert len(ordinary()) >= 2000
    assert [text for text in ordinary() if as_unicode(text) is not None] == []
    assert [text for text in ordinary() if as_unicode(fold(text)) is not None] == []


# --- there and back -------------------------------------------------------------------------------------------------

_TO_TCVN3 = {letter: sign for sign, letter in old_fonts._TCVN3.items()}
_TO_VNI = {
    unicodedata.normalize("NFC", old_fonts._VNI_ALONE.get(letter, letter) + mark): letter + sign
    for letter, behind in old_fonts._VNI_BEHIND.items()
    for sign, mark in behind.items()
} | {letter: sign for sign, letter in old_fonts._VNI_ALONE.items()}
_TO_VNI |= {letter.upper(): signs.upper() for letter, signs in _TO_VNI.items()}


def tcvn3(text: str) -> str:
    """As an office wrote it; capitals with a tone have no sign of their own."""
    return "".join(_TO_TCVN3.get(sign) or _TO_TCVN3.get(sign.lower(), sign) for sign in text)


def vni(text: str) -> str:
    return "".join(_TO_VNI.get(sign, sign) for sign in text)


def windows_1258(text: str) -> bytes:
    out = ""
    for sign in text:
        try:
            sign.encode("cp1258")
        except UnicodeEncodeError:
            apart = unicodedata.normalize("NFD", sign)
            tone = "".join(one for one in apart if one in TONES)
            letter = unicodedata.normalize("NFC", "".join(one for one in apart if one not in TONES))
            out += letter + tone
        else:
            out += sign
    return out.encode("cp1258")


def taken_for(encoding: str) -> Callable[[bytes], str]:
    """How bytes look in another encoding, as a browser shows them."""
    return lambda raw: "".join(
        chr(one) if one < 128 else bytes([one]).decode(encoding, "ignore") or chr(one) for one in raw
    )


WAYS: dict[str, Callable[[str], str]] = {
    "TCVN3": tcvn3,
    "VNI": vni,
    "1258 as 1252": lambda text: taken_for("cp1252")(windows_1258(text)),
    "UTF-8 as 1252": lambda text: taken_for("cp1252")(text.encode()),
    "UTF-8 as 1258": lambda text: taken_for("cp1258")(text.encode()),
    "UTF-8 as Latin-1": lambda text: text.encode().decode("latin-1"),
}


@pytest.mark.parametrize("way", WAYS)
def test_nearly_every_sentence_comes_back_as_it_was(way: str) -> None:
    marked = [text for text in ordinary() if sum(not sign.isascii() for sign in text) >= MARKED]
    sentences = random.Random(way).sample(marked, SOME)
    same = total = 0
    for text in sentences:
        try:
            written = WAYS[way](text)
        except UnicodeEncodeError:  # an emoji has no place there
            continue
        total += 1
        read = as_unicode(written)
        same += read is not None and (read.lower() == text.lower() if way == "TCVN3" else read == text)
    assert total > 0.9 * SOME
    assert same >= 0.99 * total


def test_windows_1258_itself_and_marks_apart_are_composed_already() -> None:
    text = "Đường vào ấp đã hỏng, bao giờ sửa?"
    assert clean(windows_1258(text).decode("cp1258")) == text
    assert clean(unicodedata.normalize("NFD", text)) == text


# --- as people paste it ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        ("§\u00adêng vµo Êp", "Đường vào ấp"),
        ("§êng vµo Êp", "Đường vào ấp"),  # an app dropped the soft hyphen
        ("Ñöôøng vaøo aáp", "Đường vào ấp"),
        ("ÑÖÔØNG VAØO AÁP", "ĐƯỜNG VÀO ẤP"),
        ("CéNG HOµ X· HéI CHñ NGHÜA VIÖT NAM", "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        ("ÐýõÌng vaÌo âìp", "Đường vào ấp"),
        ("Ä\x90Æ°á»\x9dng vÃ o áº¥p", "Đường vào ấp"),  # with a plain blank in "à"
        ("ddu*o*`ng va`o a^'p co' ho?ng kho^ng?", "đường vào ấp có hỏng không?"),
        ("Kính gửi Sở Xây dựng:\n§\u00adêng vµo Êp háng råi", "Kính gửi Sở Xây dựng:\nĐường vào ấp hỏng rồi"),
        ("Tôi có hỏi: ®\u00adêng vµo Êp, xin trả lời", "Tôi có hỏi: đường vào ấp, xin trả lời"),
        ("§\u00adêng vµo Êp\nÑöôøng vaøo aáp", "Đường vào ấp\nĐường vào ấp"),
    ],
)
def test_what_was_pasted_is_read_as_it_was_meant(pasted: str, meant: str) -> None:
    assert as_unicode(pasted) == meant


def test_words_of_an_old_font_are_screened() -> None:
    assert screen("T«i muèn tè c¸o «ng chñ tÞch x·").denunciation
    assert Emergency.FIRE in screen("Nhaø toâi ñang chaùy roài").emergency


# --- keys that no keyboard turned into letters ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dduowngf vaof aaps", "đường vào ấp"),
        ("d9uong72 va2o a61p", "đường vào ấp"),
        ("Cho hỏi dduwowngf nay", "cho hỏi đường nay"),
        ("nhaf ddang chays", "nhà đang cháy"),
    ],
)
def test_left_over_keys_are_read_as_letters(typed: str, meant: str) -> None:
    assert keys_as_letters(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "this door is of here, now how test list gas taxi bus visa",
        "beer deer seer boots roof reef cheer queer moor teens",
        "co2 covid19 mp3 ddos h2o a1 b2 tp1 5g",
        "thoj roj vaj aj cx dc ko j z",
        "duong vao ap hu bao gio sua",
    ],
)
def test_ordinary_words_are_no_keys(typed: str) -> None:
    assert keys_as_letters(typed) == typed


def test_left_over_keys_are_heard_in_an_emergency() -> None:
    assert Emergency.FIRE in screen("nhaf ddang chays").emergency
