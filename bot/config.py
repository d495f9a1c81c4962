"""Configuration: one TOML file, every key overridable as DANHOI_<SECTION>__<KEY> in the environment.

What is wrong is refused before anything starts, in one sentence that names the key. Secrets are `SecretStr`,
so that no repr, log line or error shows them. Relative paths count from the configuration file's folder.
"""

import contextlib
import hmac
import ipaddress
import json
import re
import tomllib
from collections.abc import Mapping
from datetime import time
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_origin
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from domain.episodes.links import HOSTS, LinkKind, read_host

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_FILE = ROOT / "config.toml"
CALENDAR_PATH = "/lich.ics"
HEADS = "audit-heads.jsonl"
LEAST_KEY = 24  # characters: nobody tries them all
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_PREFIX = "DANHOI_"
_SQLITE, _POSTGRESQL = "sqlite+aiosqlite://", "postgresql+asyncpg://"


class ConfigurationError(Exception):
    """The configuration cannot be used; the text is one sentence for the operator."""


class LinkHost(NamedTuple):
    """Where links of a kind stand, written "youtube=youtube.com"."""

    kind: LinkKind
    host: str


class TimeSpan(NamedTuple):
    """A span within one day, written "HH:MM-HH:MM"."""

    start: time
    end: time


class Night(NamedTuple):
    """Hours that may run over midnight."""

    start: time
    end: time


class WeeklyTime(NamedTuple):
    """A time of the week, written "mon 07:30"; Monday is 0."""

    weekday: int
    at: time


class Address(NamedTuple):
    """Where a server listens, written "host:port"."""

    host: str
    port: int


# --- Values written as text -------------------------------------------------------------------------------


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
    except (KeyError, ValueError, OSError):  # not found, not a name, a folder of names
        raise ValueError(f"there is no time zone {value!r}") from None
    return value


def _database_url(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not text.startswith((_SQLITE, _POSTGRESQL)):
        raise ValueError(f"must begin with {_SQLITE} or {_POSTGRESQL}")
    if text.startswith(_SQLITE) and not re.fullmatch(r"(/[^/?].*)|(//.+)|/?", text.removeprefix(_SQLITE)):
        raise ValueError(f"must be like {_SQLITE}/relative/file.db or {_SQLITE}//absolute/file.db")
    return value


def _token(value: SecretStr) -> SecretStr:
    # It becomes part of an address: anything else in it would be a mistake in copying.
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


Text = Annotated[str, Field(min_length=1)]
Days = Annotated[int, Field(ge=1, le=3660)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Limit = Annotated[int, Field(ge=0, le=1_000_000)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]

# --- Sections ---------------------------------------------------------------------------------------------


class Section(BaseModel):
    # Strict: a number in quotes is a mistake worth telling, not worth guessing.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Programme(Section):
    name: Text = "Dân hỏi - Chính quyền trả lời"
    province: str = ""
    code_prefix: Annotated[str, Field(pattern=r"^[A-Z]{1,8}$")] = "DH"
    timezone: Annotated[str, AfterValidator(_timezone)] = "Asia/Ho_Chi_Minh"
    language: Literal["vi", "en"] = "vi"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Telegram(Section):
    token: Annotated[Annotated[SecretStr, AfterValidator(_token)] | None, BeforeValidator(_none_if_empty)] = (
        None
    )
    base_url: HttpUrl = "https://api.telegram.org/bot"
    base_file_url: HttpUrl = "https://api.telegram.org/file/bot"
    mode: Literal["polling", "webhook"] = "polling"
    webhook_url: Annotated[HttpUrl | None, BeforeValidator(_none_if_empty)] = None
    webhook_listen: Annotated[Address, BeforeValidator(_address)] = Address("127.0.0.1", 8443)
    webhook_secret: Annotated[
        Annotated[SecretStr, AfterValidator(_webhook_secret)] | None, BeforeValidator(_none_if_empty)
    ] = None
    messages_per_second: Annotated[int, Field(ge=1, le=100_000)] = 30
    paid_broadcasts: bool = False  # costs money: only ever by this switch
    paid_messages_per_second: Annotated[int, Field(ge=1, le=1000)] = 1000

    @model_validator(mode="after")
    def _webhook_is_complete(self) -> "Telegram":
        if self.mode == "webhook" and self.webhook_url is None:
            # The type carries the key, which a validator of the whole section has no place for.
            raise PydanticCustomError(
                "missing_key", 'is required when telegram.mode is "webhook"', {"key": "webhook_url"}
            )
        return self


class Storage(Section):
    url: Annotated[SecretStr, AfterValidator(_database_url)] = SecretStr(f"{_SQLITE}/data/danhoi.db")
    files: Annotated[Path, BeforeValidator(_path)] = Path("data/files")
    # Where the audit log's last seal is written every day, apart from the database; none: beside the files.
    audit_heads: Annotated[Path | None, BeforeValidator(_path_or_none)] = None

    @property
    def heads(self) -> Path:
        return self.files / HEADS if self.audit_heads is None else self.audit_heads


class Calendar(Section):
    working_hours: Annotated[
        tuple[Annotated[TimeSpan, BeforeValidator(_working_span)], ...],
        BeforeValidator(_as_tuple),
        Field(min_length=1),
        AfterValidator(_hours_in_order),
    ] = (TimeSpan(time(7), time(11)), TimeSpan(time(13), time(17)))
    weekend: Annotated[
        tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...],
        BeforeValidator(_as_tuple),
        AfterValidator(_some_workday),
    ] = ("sat", "sun")


class Deadlines(Section):
    """All in working days, but `reopen_days`, which are days of the calendar."""

    assign_days: Days = 3
    answer_days: Days = 10
    clarification_days: Days = 5
    script_plan_days: Days = 5
    reopen_days: Days = 15
    max_extension_days: Days = 10


class Reminders(Section):
    before_days: Annotated[tuple[Days, ...], BeforeValidator(_as_tuple), AfterValidator(_no_repeats)] = (3, 1)
    send_between: Annotated[TimeSpan, BeforeValidator(_span_of_two)] = TimeSpan(time(7, 30), time(17))
    leader_after_days: Days = 2
    editors_after_days: Days = 4


class Assignment(Section):
    auto: bool = False


class Approval(Section):
    steps: Annotated[
        tuple[Literal["leader", "editor"], ...], BeforeValidator(_as_tuple), AfterValidator(_steps_in_order)
    ] = ("leader", "editor")


class Digests(Section):
    daily: Annotated[time | None, BeforeValidator(_daily)] = time(7, 30)
    weekly: Annotated[WeeklyTime | None, BeforeValidator(_weekly)] = WeeklyTime(0, time(7, 30))


class Episodes(Section):
    provincial_office: str = "VPUBND"  # gets every script plan
    script_plan_template: Annotated[Path | None, BeforeValidator(_path_or_none)] = None
    # Links of a kind stand at these hosts and below them; the first kind of a host is taken for a bare address.
    link_hosts: Annotated[
        tuple[Annotated[LinkHost, BeforeValidator(_link_host)], ...],
        BeforeValidator(_as_tuple),
        AfterValidator(_hosts_once),
    ] = tuple(LinkHost(kind, host) for kind, hosts in HOSTS.items() for host in hosts)


class Subscriptions(Section):
    """Times of day, in programme time."""

    evening_at: Annotated[time, BeforeValidator(_time)] = time(19)
    minutes_before: Annotated[int, Field(ge=1, le=24 * 60)] = 30
    quiet_hours: Annotated[Night, BeforeValidator(_night)] = Night(time(21), time(6))
    digest_at: Annotated[time, BeforeValidator(_time)] = time(18)


class Broadcasts(Section):
    """Settings that hold broadcasts sent from the chat; the operator's command is exempt."""

    hold_minutes: Annotated[float, Field(ge=0, le=24 * 60)] = (
        2.0  # the other editors hear of it meanwhile; 0: none
    )
    second_editor_above: Limit = 200  # recipients; above, another editor agrees first, where there is one


class Http(Section):
    """HTTP addresses of the public calendar and of the monitoring routes."""

    listen: Annotated[
        Annotated[Address, BeforeValidator(_address)] | None, BeforeValidator(_none_if_empty)
    ] = None
    watch_listen: Annotated[
        Annotated[Address, BeforeValidator(_address)] | None, BeforeValidator(_none_if_empty)
    ] = None
    public_url: Annotated[HttpUrl | None, BeforeValidator(_none_if_empty)] = None

    @property
    def calendar_address(self) -> str:
        """The address to tell people; "" where nothing is public."""
        return "" if self.public_url is None else self.public_url.rstrip("/") + CALENDAR_PATH

    @model_validator(mode="after")
    def _something_answers_there(self) -> "Http":
        if self.public_url is not None and self.listen is None:
            raise PydanticCustomError(
                "missing_key", "is required when http.public_url is set", {"key": "listen"}
            )
        return self


class Privacy(Section):
    """Settings for retention (days, years), audit keys and access to denunciations."""

    inbox_days: Days = 30
    outbox_days: Days = 90
    draft_days: Days = 30
    identity_years: Annotated[int, Field(ge=0, le=100)] = 0  # 0: as long as the ledger
    second_editor: bool = True  # a new editor reads denunciations once another editor says so
    # The first seals the audit log from then on; earlier ones stay, to check what they sealed.
    audit_keys: Annotated[
        tuple[Annotated[SecretStr, AfterValidator(_long_key)], ...], BeforeValidator(_as_tuple)
    ] = ()


class Limits(Section):
    question_characters: Annotated[int, Field(ge=100, le=1_000_000)] = 20_000
    draft_files: Count = 10
    file_megabytes: Annotated[int, Field(ge=1, le=2000)] = 20
    chat_seconds: Annotated[float, Field(ge=0, le=60)] = 1.0  # between two messages to one chat
    invitation_days: Days = 7
    # Of one person, wherever they write; 0: as many as they like.
    messages_per_minute: Limit = 40
    staff_messages_per_minute: Limit = 120
    questions_per_day: Limit = 10
    files_per_day: Limit = 50
    staff_files_per_day: Limit = 200


class Config(BaseSettings):
    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    programme: Programme = Programme()
    telegram: Telegram = Telegram()
    storage: Storage = Storage()
    calendar: Calendar = Calendar()
    deadlines: Deadlines = Deadlines()
    reminders: Reminders = Reminders()
    assignment: Assignment = Assignment()
    approval: Approval = Approval()
    digests: Digests = Digests()
    episodes: Episodes = Episodes()
    subscriptions: Subscriptions = Subscriptions()
    broadcasts: Broadcasts = Broadcasts()
    http: Http = Http()
    privacy: Privacy = Privacy()
    limits: Limits = Limits()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)  # nothing behind `load_config`'s back: it is given file and environment


SECTIONS: dict[str, type[Section]] = {
    name: field.annotation
    for name, field in Config.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
}

# --- Loading ----------------------------------------------------------------------------------------------


class _Environment(EnvSettingsSource):
    """DANHOI_<SECTION>__<KEY>; lists as JSON or separated by commas."""

    def __init__(self, env: Mapping[str, str]) -> None:
        super().__init__(Config, env_prefix=_PREFIX, env_nested_delimiter="__", case_sensitive=False)
        self.env_vars = {name.lower(): value for name, value in env.items()}

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        if get_origin(field.annotation) is not tuple and field.annotation not in (TimeSpan, Night):
            return value  # one text that only becomes a tuple, such as an address
        try:
            decoded = json.loads(value)
        except ValueError:
            return [_number_or_text(part.strip()) for part in value.split(",") if part.strip()]
        return decoded if isinstance(decoded, list) else [decoded]


def _number_or_text(text: str) -> int | str:
    return int(text) if re.fullmatch(r"-?[0-9]+", text) else text


def _from_environment(env: Mapping[str, str]) -> dict[str, dict[str, object]]:
    ours = {name: value for name, value in env.items() if name.startswith(_PREFIX) and "__" in name}
    for name in sorted(ours):
        section, _, key = name.removeprefix(_PREFIX).lower().partition("__")
        if section not in SECTIONS:
            raise ConfigurationError(f"{name}: unknown section {section}{_nearest(section, SECTIONS)}")
        if key not in SECTIONS[section].model_fields:
            hint = _nearest(key, SECTIONS[section].model_fields)
            raise ConfigurationError(f"{name}: unknown key {section}.{key}{hint}")
    values: dict[str, dict[str, object]] = _Environment(ours)()
    for section, keys in values.items():
        for key, value in keys.items():
            # An environment has only text, so here a number or a truth is read from it.
            kind = SECTIONS[section].model_fields[key].annotation
            if value == "" and get_origin(kind) is tuple:
                keys[key] = []
            elif kind is bool and str(value).lower() in ("true", "false"):
                keys[key] = str(value).lower() == "true"
            elif kind is int and isinstance(value, str):
                keys[key] = _number_or_text(value.strip())
            elif kind is float and isinstance(value, str):
                with contextlib.suppress(ValueError):
                    keys[key] = float(value)
    return values


def _from_file(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file}: is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        # Its message names the place and at most one character of the text.
        raise ConfigurationError(f"{file}: is not valid TOML: {error}") from error


def _nearest(name: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(name, known, n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def _sentence(error: ErrorDetails, file: Path, overridden: Mapping[str, Mapping[str, object]]) -> str:
    section, *rest = (str(part) for part in error["loc"])
    if error["type"] == "missing_key":
        rest = [error["ctx"]["key"]]
    key = rest[0] if rest else ""
    name = f"{section}.{key}" if key else section
    from_environment = key in overridden.get(section, {})
    origin = f"{_PREFIX}{section}__{key}".upper() if from_environment else str(file)
    match error["type"]:
        case "extra_forbidden" if key:
            return f"{origin}: unknown key {name}{_nearest(key, SECTIONS[section].model_fields)}"
        case "extra_forbidden":
            return f"{origin}: unknown section or key {name}{_nearest(section, SECTIONS)}"
        case "model_type" | "model_attributes_type":
            return f"{origin}: {name} must be a section, written [{name}]"
        case "missing_key":
            return f"{origin}: {name} {error['msg']}"
        case "value_error":
            return f"{origin}: {name} {error['ctx']['error']}"
    reason = error["msg"].replace("Input should", "should", 1)
    return f"{origin}: {name} {reason[0].lower()}{reason[1:]}"


def _resolved(config: Config, folder: Path) -> Config:
    url = config.storage.url.get_secret_value()
    relative = re.fullmatch(re.escape(_SQLITE) + r"/([^/:?][^?]*)(\?.*)?", url)
    if relative is not None and not relative[1].startswith("file:"):
        url = f"{_SQLITE}/{(folder / relative[1]).as_posix()}{relative[2] or ''}"
    heads = config.storage.audit_heads
    storage = config.storage.model_copy(
        update={
            "url": SecretStr(url),
            "files": folder / config.storage.files,
            "audit_heads": None if heads is None else folder / heads,
        }
    )
    template = config.episodes.script_plan_template
    episodes = config.episodes.model_copy(
        update={"script_plan_template": None if template is None else folder / template}
    )
    return config.model_copy(update={"storage": storage, "episodes": episodes})


def load_config(path: Path | None, env: Mapping[str, str]) -> Config:
    """The configuration of this file, overridden by this environment.

    Without a path, the file beside `danhoi`, which may be missing. Raises `ConfigurationError`.
    """
    file = (path or DEFAULT_FILE).absolute()
    overridden = _from_environment(env)
    values = _from_file(file) if path is not None or file.exists() else {}
    for section, keys in overridden.items():
        written = values.setdefault(section, {})
        if isinstance(written, dict):
            values[section] = written | keys
    try:
        config = Config(**values)  # type: ignore[arg-type]  # whatever the file holds; checked right here
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
        raise ConfigurationError(_sentence(errors[0], file, overridden)) from None
    return _resolved(config, file.parent)


SECRETS = (
    ("telegram", "token"),
    ("telegram", "webhook_secret"),
    ("storage", "url"),
    ("privacy", "audit_keys"),
)


def secrets_in(path: Path | None) -> tuple[Path, list[str]]:
    """The configuration file, and the keys of those secrets that stand in it and not in the environment."""
    file = (path or DEFAULT_FILE).absolute()
    values = _from_file(file) if file.exists() else {}
    found = []
    for section, key in SECRETS:
        written = values.get(section)
        value = written.get(key) if isinstance(written, dict) else None
        if value and (key != "url" or re.search(r"://[^/]*:[^/]*@", str(value))):
            found.append(f"{section}.{key}")
    return file, found


def require_token(config: Config) -> SecretStr:
    """The bot's token, for those commands that speak to the messenger."""
    if config.telegram.token is None:
        raise ConfigurationError(
            "telegram.token is missing: write it into the configuration file or set DANHOI_TELEGRAM__TOKEN"
        )
    return config.telegram.token


def hook_secret(config: Config) -> SecretStr:
    """Return the webhook secret: the configured one, else one made from token and address.

    So it is the same after every start and in processes side by side, and stands in no database and no backup.
    """
    if config.telegram.webhook_secret is not None:
        return config.telegram.webhook_secret
    token = require_token(config).get_secret_value()
    return SecretStr(
        hmac.digest(token.encode(), f"webhook {config.telegram.webhook_url}".encode(), "sha256").hex()
    )


def is_this_machine(host: str) -> bool:
    """Whether only this machine reaches an address: one of its loopback, or `localhost`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
