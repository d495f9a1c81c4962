"""Links of an episode: their kinds, plausible addresses, and moments in a recording.

What people paste is hostile until read here: only http(s), only hosts that the configuration names for a kind, and
nothing that makes an address look like another one (user names, ports, IP numbers, backslashes, look-alike letters).
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import quote, urlsplit, urlunsplit

from domain.errors import Reason, RuleViolation
from domain.vietnamese.text import clean, fold


class LinkKind(StrEnum):
    """A place to watch, hear or read an episode, or a piece of it.

    Source: programme.md, "Episodes and airings".
    """

    TV = "tv"  # the broadcaster's archive
    YOUTUBE = "youtube"
    TIKTOK = "tiktok"  # a clip of 1-2 minutes
    PORTAL = "portal"  # of the province
    NEWSPAPER = "newspaper"  # the electronic one
    RADIO = "radio"


LinkHosts = Mapping[LinkKind, tuple[str, ...]]

# Kind → the hosts at which (and below which) links of that kind stand; the configuration replaces it.
HOSTS: LinkHosts = MappingProxyType(
    {
        LinkKind.TV: ("kgtv.vn",),
        LinkKind.YOUTUBE: ("youtube.com", "youtu.be"),
        LinkKind.TIKTOK: ("tiktok.com",),
        LinkKind.PORTAL: ("kiengiang.gov.vn", "angiang.gov.vn"),
        LinkKind.NEWSPAPER: ("baokiengiang.vn", "baoangiang.com.vn"),
        LinkKind.RADIO: ("kgtv.vn",),
    }
)

# Kinds whose players begin at the second that `t=` names; the others are told the minute in words.
PLAYS_FROM = frozenset({LinkKind.YOUTUBE, LinkKind.TV, LinkKind.RADIO})

ADDRESS = 1000  # characters; far beyond any address of the kinds above
LONGEST = 12 * 3600  # seconds of a recording
MOST_VIEWS = 10**12  # more is a typing error

_SPACE = re.compile(r"\s")
_GROUPING = re.compile("[.,]")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")
_MINUTES = re.compile(r"(\d{1,3}):([0-5]\d)")
_HOURS = re.compile(r"(\d{1,2}):([0-5]\d):([0-5]\d)")
_SECONDS = re.compile(r"\d{1,5}")
_VIEWS = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*|\d+")
_LOCAL_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}))?")
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_VIDEO = re.compile(r"[A-Za-z0-9_-]{6,20}")

# Says who shared it, not what it is.
_TRACKING = frozenset(
    {
        "fbclid", "gclid", "igshid", "mibextid", "zarsrc", "si", "feature", "pp",
        "_r", "_t", "is_from_webapp", "sender_device", "is_copy_url",
    }
)  # fmt: skip
_SAFE = "%/:@!$&'()*+,;=~-._?"  # stay as they are in a path, a query or a fragment


# --- addresses ----------------------------------------------------------------------------------------------


def read_host(typed: str) -> str | None:
    """Normalise a host (lower case, IDNA).

    None for what is no host name: an IP number, a port, a single label.
    """
    if not 0 < len(typed) <= 253 or not typed.isprintable():
        return None
    try:
        host = typed.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        return None
    if _HOST.fullmatch(host) is None or host.rpartition(".")[2].isdigit():
        return None
    return host


def read_link(typed: str, hosts: LinkHosts, kind: LinkKind | None = None) -> tuple[LinkKind, str]:
    """Read a link's kind, and its address as it is kept.

    The host is normalised, tracking dropped, the rest percent-encoded. Without `kind` the host decides: the most
    specific configured one, the first where several have it. Raises `RuleViolation`: no plausible address (bad link),
    a host that is not configured (link host).
    """
    address = clean(typed)
    if _SCHEME.match(address) is None:
        address = f"https://{address}"
    if len(address) > ADDRESS or _SPACE.search(address) is not None:
        raise RuleViolation(Reason.BAD_LINK)
    try:
        parts = urlsplit(address)
    except ValueError:  # a host in broken brackets, or that becomes another one when normalised
        raise RuleViolation(Reason.BAD_LINK) from None
    host = read_host(parts.netloc)  # a user name, a port or a backslash in it makes it none
    front_page = not parts.path.strip("/") and not parts.query and not parts.fragment
    if parts.scheme not in ("http", "https") or host is None or front_page:
        raise RuleViolation(Reason.BAD_LINK)
    found = _kind_of(host, hosts, kind)
    if found is None:
        wanted = hosts.get(kind, ()) if kind is not None else dict.fromkeys(_all_hosts(hosts))
        raise RuleViolation(Reason.LINK_HOST, host=host, hosts=tuple(wanted))
    if found is LinkKind.YOUTUBE:
        video = _video(host, parts.path, parts.query)
        if video is not None:
            return found, f"https://www.youtube.com/watch?v={video}"
    path, query, fragment = (
        quote(part, safe=_SAFE)
        for part in (parts.path or "/", _without_tracking(parts.query), parts.fragment)
    )
    return found, urlunsplit((parts.scheme, host, path, query, fragment))


def _kind_of(host: str, hosts: LinkHosts, wanted: LinkKind | None) -> LinkKind | None:
    best: tuple[int, LinkKind] | None = None
    for kind, names in hosts.items():
        for name in names if wanted in (None, kind) else ():
            if (host == name or host.endswith(f".{name}")) and (best is None or len(name) > best[0]):
                best = (len(name), kind)
    return None if best is None else best[1]


def is_named(host: str, hosts: LinkHosts) -> bool:
    """Return whether the configuration names a host, or one above it.

    The host as `read_host` returns it.
    """
    return _kind_of(host, hosts, None) is not None


def _all_hosts(hosts: LinkHosts) -> list[str]:
    return [name for names in hosts.values() for name in names]


def _without_tracking(query: str) -> str:
    kept = (
        part
        for part in query.split("&")
        if not (name := part.partition("=")[0].lower()).startswith("utm_") and name not in _TRACKING
    )
    return "&".join(filter(None, kept))


def _video(host: str, path: str, query: str) -> str | None:
    """Return the video in a YouTube address, however it was shared; None for a channel or a list."""
    if host == "youtu.be" or host.endswith(".youtu.be"):
        found = path.strip("/")
    elif path.rstrip("/") == "/watch":
        named = [part[2:] for part in query.split("&") if part.startswith("v=")]
        found = named[0] if named else ""
    else:
        place, _, found = path.strip("/").partition("/")
        if place not in ("live", "embed", "shorts"):
            return None
    return found if _VIDEO.fullmatch(found) is not None else None


def same_as(address: str) -> str:
    """Return a key that is equal for two addresses of the same page.

    Without scheme, "www." and a last slash.
    """
    parts = urlsplit(address)
    page = urlunsplit(("", "", parts.path.rstrip("/"), parts.query, parts.fragment))
    return parts.netloc.removeprefix("www.").removeprefix("m.") + page


def at_second(address: str, kind: LinkKind, seconds: int) -> str | None:
    """Return the address that starts playing at this second.

    None where its kind knows no time code. An address that uses `t` for something of its own stays as it is.
    """
    if kind not in PLAYS_FROM:
        return None
    parts = urlsplit(address)
    if any(part.partition("=")[0] == "t" for part in parts.query.split("&")):
        return address
    moment = f"t={seconds}s" if kind is LinkKind.YOUTUBE else f"t={seconds}"
    query = f"{parts.query}&{moment}" if parts.query else moment
    return urlunsplit(parts._replace(query=query))


# --- time codes, counts and days as they are typed ----------------------------------------------------------


def read_time_code(typed: str) -> int:
    """Read a time code in seconds: "12:34", "1:02:03", "754".

    Raises `RuleViolation` (bad time code).
    """
    text = clean(typed)
    seconds = None
    if found := _HOURS.fullmatch(text):
        seconds = int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3])
    elif found := _MINUTES.fullmatch(text):
        seconds = int(found[1]) * 60 + int(found[2])
    elif text.isascii() and _SECONDS.fullmatch(text):
        seconds = int(text)
    if seconds is None or not text.isascii() or seconds > LONGEST:
        raise RuleViolation(Reason.BAD_TIME_CODE, typed=text)
    return seconds


def written_time(seconds: int) -> str:
    """Write seconds as "12:34", and as "1:02:03" from an hour on."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def read_views(typed: str) -> int:
    """Read a count of views: "1800", "24.000", "24,000".

    Raises `RuleViolation` (bad views).
    """
    text = clean(typed)
    if text.isascii() and _VIEWS.fullmatch(text) and len(text) <= 20:
        views = int(_GROUPING.sub("", text))
        if views <= MOST_VIEWS:
            return views
    raise RuleViolation(Reason.BAD_VIEWS, typed=text)


def read_count_day(typed: str, today: date, days_ago: Mapping[str, int]) -> date:
    """Read the day of a count: "3/11", "3/11/2026", "2026-11-03", "hôm qua".

    `days_ago` are the words for days, folded; no words mean today. Without its year it is the last such day. Raises
    `RuleViolation`: no date (bad date), a day to come.
    """
    text = clean(typed)
    said = fold(text)
    if not said:
        return today
    if said in days_ago:
        return today - timedelta(days=days_ago[said])
    local, iso = _LOCAL_DAY.fullmatch(said.removeprefix("ngay ")), _ISO_DAY.fullmatch(said)
    try:
        if iso is not None:
            day = date(int(iso[1]), int(iso[2]), int(iso[3]))
        elif local is not None:
            day = date(int(local[3] or today.year), int(local[2]), int(local[1]))
            if local[3] is None and day > today:
                day = day.replace(year=today.year - 1)
        else:
            raise ValueError
    except ValueError:
        raise RuleViolation(Reason.BAD_COUNT_DAY, typed=text) from None
    if day > today:
        raise RuleViolation(Reason.DAY_TO_COME, day=day)
    return day
