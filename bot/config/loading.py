"""Reads the configuration from one TOML file and the environment (DANHOI_<SECTION>__<KEY>).

A mistake is refused before anything starts, in one sentence that names the key. Relative paths count from the
configuration file's folder.
"""

import contextlib
import json
import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_origin

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import EnvSettingsSource

from bot.config.sections import SECRETS, SECTIONS, Config, ConfigurationError
from bot.config.values import SQLITE, Night, TimeSpan

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_FILE = ROOT / "config.toml"

_PREFIX = "DANHOI_"


class _Environment(EnvSettingsSource):
    """Reads DANHOI_<SECTION>__<KEY>; lists are JSON or separated by commas."""

    def __init__(self, env: Mapping[str, str]) -> None:
        super().__init__(Config, env_prefix=_PREFIX, env_nested_delimiter="__", case_sensitive=False)
        self.env_vars = {name.lower(): value for name, value in env.items()}

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        if get_origin(field.annotation) is not tuple and field.annotation not in (TimeSpan, Night):
            return value  # one text that becomes a tuple, such as an address
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
    relative = re.fullmatch(re.escape(SQLITE) + r"/([^/:?][^?]*)(\?.*)?", url)
    if relative is not None and not relative[1].startswith("file:"):
        url = f"{SQLITE}/{(folder / relative[1]).as_posix()}{relative[2] or ''}"
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
    """Load the configuration from this file, overridden by this environment.

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


def secrets_in(path: Path | None) -> tuple[Path, list[str]]:
    """Return the configuration file and the keys of secrets that are written in it.

    A secret may stand in the environment instead; those that do are left out.
    """
    file = (path or DEFAULT_FILE).absolute()
    values = _from_file(file) if file.exists() else {}
    found = []
    for section, key in SECRETS:
        written = values.get(section)
        value = written.get(key) if isinstance(written, dict) else None
        if value and (key != "url" or re.search(r"://[^/]*:[^/]*@", str(value))):
            found.append(f"{section}.{key}")
    return file, found
