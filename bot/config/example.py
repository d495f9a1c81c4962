"""Makes `config.example.toml` from the sections: `python -m bot.config.example > config.example.toml`."""

from collections.abc import Iterator
from datetime import time
from pathlib import Path

from pydantic import SecretStr

from bot.config.sections import SECTIONS, Config
from bot.config.values import WEEKDAYS, Address, LinkHost, TimeSpan, WeeklyTime

WIDTH = 41  # column of what a key means
LONGEST = 110  # of a line; a list that is longer is folded

_HEAD = """\
# Cấu hình của Dân Hỏi: chép thành config.toml rồi sửa; khóa nào bỏ trống thì dùng giá trị mặc định dưới đây.
# Configuration: copy to config.toml and edit; a key left out has the default shown here.
# Mọi khóa đều đặt được bằng biến môi trường / every key can be set in the environment: DANHOI_<SECTION>__<KEY>,
# ví dụ / for example DANHOI_TELEGRAM__TOKEN; danh sách / lists: DANHOI_REMINDERS__BEFORE_DAYS=3,1
"""


def example() -> str:
    """Write a configuration file of all keys, with their defaults and meanings."""
    return "\n".join([_HEAD, *_lines()])


def _lines() -> Iterator[str]:
    defaults = Config()
    for name, section in SECTIONS.items():
        yield f"{f'[{name}]':<{WIDTH}}# {_meaning(section.__doc__)}"
        for key, field in section.model_fields.items():
            written = f"{key} = {_toml(getattr(getattr(defaults, name), key), key)}"
            if len(written) > LONGEST:
                yield f"# {_meaning(field.description)}"
                yield _folded(key, getattr(getattr(defaults, name), key))
            else:
                yield f"{written:<{WIDTH - 1}} # {_meaning(field.description)}"
        yield ""


def _meaning(text: str | None) -> str:
    assert text, "every section and key says what it means"
    return " ".join(text.split())


def _toml(value: object, key: str) -> str:
    """Write a value as it stands in a configuration file."""
    match value:
        case None:
            return '""'
        case SecretStr():
            return _toml(value.get_secret_value(), key)
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case str() | Path():
            return f'"{value}"'
        case time():
            return f'"{value:%H:%M}"'
        case Address(host, port):
            return f'"{host}:{port}"'
        case LinkHost(kind, host):
            return f'"{kind}={host}"'
        case WeeklyTime(weekday, at):
            return f'"{WEEKDAYS[weekday]} {at:%H:%M}"'
        case TimeSpan(start, end) if key == "working_hours":
            return f'"{start:%H:%M}-{end:%H:%M}"'
        case tuple():
            return f"[{', '.join(_toml(one, key) for one in value)}]"
    raise TypeError(f"{key}: {type(value).__name__} has no way to be written")


def _folded(key: str, values: tuple[object, ...]) -> str:
    written = [f"    {_toml(one, key)}," for one in values]
    return "\n".join([f"{key} = [", *written, "]"])


if __name__ == "__main__":
    print(example(), end="")
