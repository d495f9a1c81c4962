"""Reads the text of a spreadsheet's file in whichever encoding is certain."""

import codecs
import unicodedata

from domain.errors import Reason
from domain.vietnamese.old_fonts import as_unicode
from services.operation.loading.lines import BadFile, Problem

_MARKS = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_VIETNAMESE = frozenset(
    "đĐ" + "".join(
        unicodedata.normalize("NFC", vowel + mark)
        for one in "aăâeêioôơuưy"
        for vowel in (one, one.upper())
        for mark in _MARKS
    )
)  # fmt: skip
_OTHER_SIGNS = frozenset("–—‘’“”…•©®™§°±²³½¼×÷€₫\u00a0«»·")
_BEGINNINGS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_MOSTLY = 0.2  # of the bytes are zeros, all in the same places: two bytes a sign


def text_of(content: bytes) -> str:
    """Decode a file in UTF-8, UTF-16, Windows-1258 or, surely, an old font.

    Raises `BadFile` where it may be none of these.
    """
    text = _read(content)
    return as_unicode(text) or text


def _read(content: bytes) -> str:
    for mark, encoding in _BEGINNINGS.items():
        if content.startswith(mark):
            return _decoded(content[len(mark) :], encoding)
    sixteen = _without_mark(content)
    if sixteen is not None:
        return _decoded(content, sixteen)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _windows(content)


def _without_mark(content: bytes) -> str | None:
    """Which half of every two bytes is zero so often that this is UTF-16, though its first sign doesn't say so."""
    if b"\x00" not in content or len(content) % 2:
        return None
    first, second = content[::2].count(0), content[1::2].count(0)
    if first and second:
        return None
    if max(first, second) < _MOSTLY * len(content) / 2:
        return None
    return "utf-16-be" if first else "utf-16-le"


def _decoded(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _unreadable() from error
    if not text and encoding != "utf-8":
        raise _unreadable()
    return text


def _windows(content: bytes) -> str:
    """Windows-1258, where all its letters are Vietnamese ones; else TCVN3 or VNI, where all are once it is read so."""
    try:
        text = unicodedata.normalize("NFC", content.decode("cp1258"))
    except UnicodeDecodeError:
        text = None
    if text is None or not _is_vietnamese(text):
        text = as_unicode(content.decode("latin-1"))
    if text is None or not _is_vietnamese(text):
        raise _unreadable()
    return text


def _is_vietnamese(text: str) -> bool:
    """Whether a text has no signs but those of Vietnamese texts."""
    for sign in set(text):
        if sign.isascii() and (sign.isprintable() or sign in "\r\n\t"):
            continue
        if sign not in _VIETNAMESE and sign not in _OTHER_SIGNS:
            return False
    return True


def _unreadable() -> BadFile:
    return BadFile(
        [Problem("cannot be read: neither UTF-8 nor any encoding that is certain", Reason.CSV_ENCODING)]
    )
