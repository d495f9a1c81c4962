"""Types of values that the configuration writes as text, and how each is read."""

import re
from datetime import time
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from domain.episodes.links import LinkKind, read_host

LEAST_KEY = 24  # characters: nobody tries them all
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SQLITE, POSTGRESQL = "sqlite+aiosqlite://", "postgresql+asyncpg://"


class LinkHost(NamedTuple):
    """Name a host for links of a kind, written "youtube=youtube.com"."""

    kind: LinkKind
    host: str


class TimeSpan(NamedTuple):
    """A span within one day, written "HH:MM-HH:MM"."""

    start: time
    end: time


class Night(NamedTuple):
    """A span of hours that may run over midnight."""

    start: time
    end: time


class WeeklyTime(NamedTuple):
    """A time of the week, written "mon 07:30"; Monday is 0."""

    weekday: int
    at: time


class Address(NamedTuple):
    """Name the address at which a server listens, written "host:port"."""

    host: str
    port: int


def _time(value: object) -> time:
    if isinstance(value, time):
        return value
    match = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('must be a time of day such as "07:30"')
    return time(int(match[1]), int(match[2]))


def _ordered(start: time, end: time) -> TimeSpan:
    if start >= end:
        raise ValueError("must begin before it ends")
    return TimeSpan(start, end)


def _working_span(value: object) -> TimeSpan:
    if isinstance(value, TimeSpan):
        return value
    parts = value.split("-") if isinstance(value, str) else []
    if len(parts) != 2:
        raise ValueError('must be a span such as "07:00-11:00"')
    return _ordered(_time(parts[0].strip()), _time(parts[1].strip()))


def _span_of_two(value: object) -> TimeSpan:
    if isinstance(value, TimeSpan):
        return value
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError('must be two times such as ["07:30", "17:00"]')
    return _ordered(_time(value[0]), _time(value[1]))


def _night(value: object) -> Night:
    if isinstance(value, Night):
        return value
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError('must be two times such as ["21:00", "06:00"]')
    return Night(_time(value[0]), _time(value[1]))


def _daily(value: object) -> time | None:
    return None if value in ("", None) else _time(value)


def _weekly(value: object) -> WeeklyTime | None:
    if value in ("", None) or isinstance(value, WeeklyTime):
        return value or None  # type: ignore[return-value]  # narrowed to WeeklyTime or empty just above
    parts = value.split() if isinstance(value, str) else []
    if len(parts) != 2 or parts[0] not in WEEKDAYS:
        raise ValueError('must be a weekday and a time such as "mon 07:30"')
    return WeeklyTime(WEEKDAYS.index(parts[0]), _time(parts[1]))


def _address(value: object) -> Address:
    if isinstance(value, Address):
        return value
    match = (
        re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+):([0-9]{1,5})", value)
        if isinstance(value, str)
        else None
    )
    if match is None or int(match[2]) > 65535:
        raise ValueError('must be an address with its port such as "127.0.0.1:8443"')
    return Address(match[1].strip("[]"), int(match[2]))


def _link_host(value: object) -> LinkHost:
    if isinstance(value, LinkHost):
        return value
    kind, equals, host = value.partition("=") if isinstance(value, str) else ("", "", "")
    if not equals:
        raise ValueError('must be a kind and a host such as "youtube=youtube.com"')
    if kind.strip() not in set(LinkKind):
        raise ValueError(f"names the kind {kind.strip()!r}, which is none of {', '.join(LinkKind)}")
    read = read_host(host.strip())
    if read is None:
        raise ValueError(f"names {host.strip()!r}, which is no host such as youtube.com")
    return LinkHost(LinkKind(kind.strip()), read)


def _hosts_once(hosts: tuple[LinkHost, ...]) -> tuple[LinkHost, ...]:
    for one in hosts:
        if hosts.count(one) > 1:
            raise ValueError(f"names {one.kind}={one.host} twice")
    return hosts


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


def _http_url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+\S*", value):
        raise ValueError("must be an address that begins with http:// or https://")
    return value


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):  # not found, not a zone's name, or a folder of zones
        raise ValueError(f"there is no time zone {value!r}") from None
    return value


def _database_url(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not text.startswith((SQLITE, POSTGRESQL)):
        raise ValueError(f"must begin with {SQLITE} or {POSTGRESQL}")
    if text.startswith(SQLITE) and not re.fullmatch(r"(/[^/?].*)|(//.+)|/?", text.removeprefix(SQLITE)):
        raise ValueError(f"must be like {SQLITE}/relative/file.db or {SQLITE}//absolute/file.db")
    return value


def _token(value: SecretStr) -> SecretStr:
    # It becomes part of an address: any other character is a copying mistake.
    if not re.fullmatch(r"[A-Za-z0-9:_-]+", value.get_secret_value()):
        raise ValueError("may contain only letters, digits, colon, underscore and hyphen")
    return value


def _webhook_secret(value: SecretStr) -> SecretStr:
    # The Bot API's own rule for secret_token, but long enough that nobody guesses it.
    if not re.fullmatch(r"[A-Za-z0-9_-]{24,256}", value.get_secret_value()):
        raise ValueError(
            "must have 24 to 256 letters, digits, underscores or hyphens; left empty, one is made of the token"
        )
    return value


def _hours_in_order(spans: tuple[TimeSpan, ...]) -> tuple[TimeSpan, ...]:
    if any(earlier.end > later.start for earlier, later in pairwise(spans)):
        raise ValueError("must be in the order of the day and not overlap")
    return spans


def _some_workday(days: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(days)) != len(days):
        raise ValueError("names a day twice")
    if len(days) == len(WEEKDAYS):
        raise ValueError("leaves no working day")
    return days


def _no_repeats(days: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(days)) != len(days):
        raise ValueError("names a number twice")
    return tuple(sorted(days, reverse=True))


def _in_order(days: tuple[int, ...]) -> tuple[int, ...]:
    return _no_repeats(days)[::-1]


def _steps_in_order(steps: tuple[str, ...]) -> tuple[str, ...]:
    if steps not in ((), ("leader",), ("editor",), ("leader", "editor")):
        raise ValueError('must be [], ["leader"], ["editor"] or ["leader", "editor"]')
    return steps


def _long_key(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < LEAST_KEY:
        raise ValueError(f"must be keys of at least {LEAST_KEY} characters")
    return value


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _path(value: object) -> object:
    if value == "":
        raise ValueError("must not be empty")
    return Path(value) if isinstance(value, str) else value


def _path_or_none(value: object) -> object:
    return None if value in ("", None) else _path(value)


# --- Types of keys ----------------------------------------------------------------------------------------

Text = Annotated[str, Field(min_length=1)]
Days = Annotated[int, Field(ge=1, le=3660)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Limit = Annotated[int, Field(ge=0, le=1_000_000)]
CodePrefix = Annotated[str, Field(pattern=r"^[A-Z]{1,8}$")]
TimeZone = Annotated[str, AfterValidator(_timezone)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
SomeHttpUrl = Annotated[HttpUrl | None, BeforeValidator(_none_if_empty)]
Listen = Annotated[Address, BeforeValidator(_address)]
SomeListen = Annotated[Listen | None, BeforeValidator(_none_if_empty)]
Token = Annotated[Annotated[SecretStr, AfterValidator(_token)] | None, BeforeValidator(_none_if_empty)]
WebhookSecret = Annotated[
    Annotated[SecretStr, AfterValidator(_webhook_secret)] | None, BeforeValidator(_none_if_empty)
]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
AuditKeys = Annotated[tuple[Annotated[SecretStr, AfterValidator(_long_key)], ...], BeforeValidator(_as_tuple)]
Folder = Annotated[Path, BeforeValidator(_path)]
SomeFile = Annotated[Path | None, BeforeValidator(_path_or_none)]
TimeOfDay = Annotated[time, BeforeValidator(_time)]
Daily = Annotated[time | None, BeforeValidator(_daily)]
Weekly = Annotated[WeeklyTime | None, BeforeValidator(_weekly)]
Hours = Annotated[
    tuple[Annotated[TimeSpan, BeforeValidator(_working_span)], ...],
    BeforeValidator(_as_tuple),
    Field(min_length=1),
    AfterValidator(_hours_in_order),
]
FromTo = Annotated[TimeSpan, BeforeValidator(_span_of_two)]
NightHours = Annotated[Night, BeforeValidator(_night)]
Weekend = Annotated[
    tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...],
    BeforeValidator(_as_tuple),
    AfterValidator(_some_workday),
]
DaysAfter = Annotated[tuple[Days, ...], BeforeValidator(_as_tuple), AfterValidator(_in_order)]
DaysBefore = Annotated[tuple[Days, ...], BeforeValidator(_as_tuple), AfterValidator(_no_repeats)]
Steps = Annotated[
    tuple[Literal["leader", "editor"], ...], BeforeValidator(_as_tuple), AfterValidator(_steps_in_order)
]
LinkHosts = Annotated[
    tuple[Annotated[LinkHost, BeforeValidator(_link_host)], ...],
    BeforeValidator(_as_tuple),
    AfterValidator(_hosts_once),
]
