"""Reads a button that opens an address: "Xem lịch phát sóng https://kgtv.vn/lich"."""

import re
from urllib.parse import quote, urlsplit

from domain.errors import Reason, RuleViolation
from domain.vietnamese.text import clean

LABEL = 40  # characters: longer ones are cut on a telephone
ADDRESS = 512

_LABEL_OF_HOST = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_HOST = re.compile(rf"(?:{_LABEL_OF_HOST}\.)+(?!\d+$)[a-z][a-z0-9-]*[a-z0-9]")
_AS_TYPED = ":/?#[]@!$&'()*+,;=%"  # what has a meaning in an address; other letters travel percent-encoded


def read_button(typed: str) -> tuple[str, str]:
    """Read (label, address): words, then an address.

    Raises `RuleViolation`: no words, too many of them, or no address that is safe to open.
    """
    words, _, address = f" {' '.join(clean(typed).split())}".rpartition(" ")
    words = words.strip(" :|-–—")
    if "://" in words:  # two addresses: which one is meant?
        raise RuleViolation(Reason.BAD_ADDRESS, typed=words)
    url = safe_address(address)
    if not words:
        raise RuleViolation(Reason.BUTTON_LABEL_MISSING)
    if len(words) > LABEL:
        raise RuleViolation(Reason.BUTTON_LABEL_TOO_LONG, limit=LABEL)
    return words, url


def safe_address(typed: str) -> str:
    """Check an https address of a named host; raise `RuleViolation` for any other.

    Refused are other schemes (javascript:, http:), numbers instead of a name, and "name@host", which looks like
    another host than the one it opens.
    """
    if len(typed) > ADDRESS:
        raise RuleViolation(Reason.BAD_ADDRESS, typed=typed)
    try:
        parts = urlsplit(typed)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = parts.port
    except ValueError:  # of a port, of brackets; and UnicodeError of a host
        raise RuleViolation(Reason.BAD_ADDRESS, typed=typed) from None
    good = parts.scheme == "https" and _HOST.fullmatch(host) and "@" not in parts.netloc and "\\" not in typed
    if not good:
        raise RuleViolation(Reason.BAD_ADDRESS, typed=typed)
    url = parts._replace(netloc=host if port is None else f"{host}:{port}").geturl()
    return quote(url, safe=_AS_TYPED)
