"""Finds signs of misuse in a message to many: foreign links, words that swindlers use.

It only suggests: whoever composes sees the signs, and so do those who can stop it; a person decides. Text within a
picture is not read.
"""

import re
from collections.abc import Iterable, Iterator

from domain.episodes.links import LinkHosts, is_named, read_host
from domain.vietnamese.text import clean, fold, fold_word

# Phrases of messages that ask for money, a code or a paper; matched without diacritics, written together or letter by
# letter. An everyday notice of an authority has none of these.
WORDS = (
    "OTP", "mật khẩu", "mã xác thực", "mã xác nhận", "mã xác minh", "mã PIN", "mã QR", "chuyển khoản", "chuyển tiền",
    "số tài khoản", "tài khoản ngân hàng", "số thẻ", "thẻ ngân hàng", "thẻ tín dụng", "ví điện tử", "nạp tiền",
    "nộp tiền", "đóng tiền", "đóng phí", "nộp phí", "phí xử lý", "đặt cọc", "trúng thưởng", "nhận thưởng",
    "trúng giải", "quà tặng miễn phí", "hoàn tiền", "ảnh CCCD", "chụp CCCD", "photo CCCD", "số CCCD",
    "ảnh căn cước", "chụp căn cước", "số căn cước", "cài ứng dụng", "cài đặt ứng dụng", "tải ứng dụng", "APK",
    "password", "passcode", "verification code", "security code", "bank account", "card number", "transfer money",
    "you have won", "pay a fee",
)  # fmt: skip

# What people type for these (folded); other meanings of the same letters are rare in a notice.
_SHORT = {
    "ck": "chuyen khoan", "stk": "so tai khoan", "mk": "mat khau", "tknh": "tai khoan ngan hang",
    "cmnd": "cccd", "cmt": "cccd", "khoang": "khoan",
}  # fmt: skip

# Letters that look like others: of Cyrillic and Greek, and digits among letters.
_LOOK_ALIKE = str.maketrans("асеһіјкмнорѕтухвαβεικνορτυχ", "acehijkmhopstyxbabeikvoptux")
_DIGITS = str.maketrans("03457", "oeast")
_NO_DIGITS = str.maketrans("", "", "0123456789")

_WORD = re.compile(r"[^\W_]+")
_PATH = re.compile(r"[/?#\\]")
_QUERY = re.compile(r"[?#]")
_EDGES = ".!?…*_~`。"
_BETWEEN = re.compile(r"[\s,;()\[\]{}<>|\"'“”‘’«»]+")
_MENTION = re.compile(r"(?<![\w.@])@[A-Za-z0-9_]{4,32}")
# Ends of hosts that messengers make links of without "https://"; of longer ones those that swindlers like.
_ENDS = frozenset(
    {
        "ac", "ad", "ae", "af", "ag", "ai", "al", "am", "ao", "aq", "ar", "as", "at", "au", "aw", "ax", "az", "ba",
        "bb", "bd", "be", "bf", "bg", "bh", "bi", "bj", "bm", "bn", "bo", "br", "bs", "bt", "bw", "by", "bz", "ca",
        "cc", "cd", "cf", "cg", "ch", "ci", "ck", "cl", "cm", "cn", "co", "cr", "cu", "cv", "cw", "cx", "cy", "cz",
        "de", "dj", "dk", "dm", "do", "dz", "ec", "ee", "eg", "er", "es", "et", "eu", "fi", "fj", "fk", "fm", "fo",
        "fr", "ga", "gd", "ge", "gf", "gg", "gh", "gi", "gl", "gm", "gn", "gp", "gq", "gr", "gs", "gt", "gu", "gw",
        "gy", "hk", "hm", "hn", "hr", "ht", "hu", "id", "ie", "il", "im", "in", "io", "iq", "ir", "is", "it", "je",
        "jm", "jo", "jp", "ke", "kg", "kh", "ki", "km", "kn", "kp", "kr", "kw", "ky", "kz", "la", "lb", "lc", "li",
        "lk", "lr", "ls", "lt", "lu", "lv", "ly", "ma", "mc", "md", "me", "mg", "mh", "mk", "ml", "mm", "mn", "mo",
        "mp", "mq", "mr", "ms", "mt", "mu", "mv", "mw", "mx", "my", "mz", "na", "nc", "ne", "nf", "ng", "ni", "nl",
        "no", "np", "nr", "nu", "nz", "om", "pa", "pe", "pf", "pg", "ph", "pk", "pl", "pm", "pn", "pr", "ps", "pt",
        "pw", "py", "qa", "re", "ro", "rs", "ru", "rw", "sa", "sb", "sc", "sd", "se", "sg", "sh", "si", "sk", "sl",
        "sm", "sn", "so", "sr", "ss", "st", "su", "sv", "sx", "sy", "sz", "tc", "td", "tf", "tg", "th", "tj", "tk",
        "tl", "tm", "tn", "to", "tr", "tt", "tv", "tw", "tz", "ua", "ug", "uk", "us", "uy", "uz", "va", "vc", "ve",
        "vg", "vi", "vn", "vu", "wf", "ws", "ye", "yt", "za", "zm", "zw",
        "com", "net", "org", "info", "biz", "xyz", "top", "site", "online", "club", "shop", "store", "live", "link",
        "click", "app", "dev", "page", "web", "tech", "space", "fun", "icu", "vip", "win", "work", "pro", "name",
        "mobi", "asia", "cloud", "host", "one", "bet", "game", "games", "money", "bank", "pay", "loan", "finance",
        "website", "blog", "news", "today", "world", "group", "life", "cfd", "sbs", "buzz", "cyou", "monster",
        "quest", "rest", "digital", "services", "support", "help", "center", "zone", "art", "ltd", "inc",
    }
)  # fmt: skip
MANY = 10  # of each kind that are told; with more nobody needs to know which


def foreign_addresses(
    text: str, links: Iterable[str], hosts: LinkHosts, *, own: str | None = None
) -> list[str]:
    """List the hosts and accounts in a text that the configuration does not name.

    Each once, in the plain text and in its links. A look-alike host is written as it is resolved ("xn--…"). `own`:
    the bot's own user name.
    """
    told = [_foreign(address, hosts, own) for address in (*links, *_addresses(clean(text)))]
    accounts = [one for one in _MENTION.findall(text) if own is None or one[1:].lower() != own.lower()]
    return list(dict.fromkeys([*filter(None, told), *accounts]))[:MANY]


def _addresses(text: str) -> Iterator[str]:
    """Yield what messengers would turn into links."""
    for token in _BETWEEN.split(text):
        if "://" in token:
            yield token
        else:
            yield from (part for part in token.split(":") if _is_address(part))  # "xem:kgtv.vn"


def _is_address(token: str) -> bool:
    host = _host_of(token)
    name, _, end = host.rpartition(".")
    if not name or not any(sign.isalpha() for sign in end):
        return False
    other_script = not fold_word(end).isascii()
    has_path = "/" in token and end.isascii()
    return end in _ENDS or other_script or has_path or host.startswith("www.") or end.startswith("xn--")


def _host_of(address: str) -> str:
    """Return the part of an address where its host stands, lower case, without user name and port."""
    rest = address.partition("://")[2] if "://" in address else address
    rest = _PATH.split(rest, maxsplit=1)[0].rpartition("@")[2]
    return rest.partition(":")[0].lower().replace("。", ".").strip(_EDGES)


def _foreign(address: str, hosts: LinkHosts, own: str | None) -> str | None:
    """Return how an address is shown, or None where the configuration names its host."""
    typed = _host_of(address)
    host = read_host(typed)
    if host is None:
        return typed or address[:80]
    if own is not None and host in ("t.me", "telegram.me"):
        path = address.partition(host)[2].strip(_EDGES)
        if _QUERY.split(path)[0].strip("/").lower() == own.lower():
            return None
    return None if is_named(host, hosts) else host


def words_of_fraud(text: str) -> list[str]:
    """List the table's phrases that a text contains, however they are typed.

    In the table's spelling.
    """
    found: list[str] = []
    for sentence, spelt in _readings(text):
        found += [
            phrase
            for phrase, bare, joined in _PHRASES
            if f" {bare} " in sentence or f" {joined} " in sentence or any(joined in one for one in spelt)
        ]
    return [phrase for phrase in WORDS if phrase in found][:MANY]


_PHRASES = tuple((phrase, fold(phrase), fold(phrase).replace(" ", "")) for phrase in WORDS)


def _readings(text: str) -> Iterable[tuple[str, list[str]]]:
    """Yield the folded words of a text in each way that its digits and letters can be read.

    With each, what is spelt letter by letter ("m.ậ.t k.h.ẩ.u"), joined.
    """
    typed = _WORD.findall(fold(text).translate(_LOOK_ALIKE))
    marks = [word.translate(_NO_DIGITS) for word in typed]  # VNI: "ma65t kha63u"
    for words in (
        typed,
        *([_lettered(word, one) for word in typed] for one in "il"),
        list(filter(None, marks)),
    ):
        written = " ".join(_SHORT.get(word, word) for word in words)
        yield f" {written} ", _spelt(words)


def _lettered(word: str, one: str) -> str:
    """Read digits within a word as letters: "0TP", "m4t"."""
    return word if word.isdigit() else word.translate(_DIGITS).replace("1", one)


def _spelt(words: list[str]) -> list[str]:
    """Join runs of three or more single letters to one word each."""
    runs: list[str] = []
    run = ""
    for word in [*words, ""]:
        if len(word) == 1:
            run += word
            continue
        if len(run) > 2:
            runs.append(run)
        run = ""
    return runs
