"""Turns notices, labels and refusals into the words of a person's language."""

import re
import tomllib
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from domain.errors import RuleViolation
from domain.vietnamese.text import excerpt
from messages.buttons import Key, LinkButton
from messages.notice import Notice

Name = TypeVar("Name", str, str | None)

TEMPLATES = Path(__file__).parent / "templates"
LANGUAGES = tuple(sorted(folder.name for folder in TEMPLATES.iterdir() if folder.is_dir()))

_DAY = {"vi": "EEEE, 'ngày' dd/MM/yyyy", "en": "EEEE, d MMMM yyyy"}
_BLANK_LINES = re.compile(r"\n{3,}")
_WORD_BOUNDARY = re.compile(r"(?<!^)(?=[A-Z])")


class Words:
    """One language, one time zone."""

    def __init__(self, language: str, timezone: ZoneInfo) -> None:
        self.language = language
        self._timezone = timezone
        self._labels = tomllib.loads((TEMPLATES / language / "labels.toml").read_text(encoding="utf-8"))
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES / language),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.globals.clear()  # no template uses Jinja's own, and copying them is half of rendering one
        self._templates.filters |= {
            "when": self.when,
            "day": self.day,
            "short_day": self.short_day,
            "clock": self.clock,
            "excerpt": excerpt,
            "label": self.label,
            "number": self.number,
            "size": self.size,
        }

    def say(self, notice: Notice) -> str:
        """Write a notice as HTML.

        Its template stands in its subject's folder and is named after its class. Raises `jinja2.UndefinedError` when
        the template uses what the notice does not carry.
        """
        return self._render(_template_of(type(notice).__module__, type(notice).__name__), vars(notice))

    def refusal(self, violation: RuleViolation) -> str:
        """Write a refusal as HTML."""
        return self._render(f"refusals/{violation.reason.value}.j2", violation.facts)

    def label(self, key: str) -> str:
        """Return a short word in plain text: a button, a status, a role.

        Dotted keys walk the tables of `labels.toml`.
        """
        found: Any = self._labels
        for part in key.split("."):
            found = found[part]
        return str(found)

    def either(self, name: Name, name_en: Name) -> Name:
        """Choose the name in this language from the two that fields have."""
        return name_en if self.language == "en" else name

    def button(self, button: Key) -> tuple[str, str]:
        """Return a button's label, and its data or the address it opens."""
        if isinstance(button, LinkButton):
            return (button.text, button.url)
        label = button.text if button.text is not None else self._counted(button.label, button.count)
        return (f"{label} {button.detail}".strip(), button.data)

    def _counted(self, key: str, count: int | None) -> str:
        if count is None:
            return self.label(key)
        return self.label(f"{key}_one" if count == 1 else key).format(count=count)

    def when(self, instant: datetime) -> str:
        """Write a moment as a citizen reads it: "17:00, thứ Tư, ngày 25/11/2026".

        In programme time.
        """
        local = instant.astimezone(self._timezone)
        return f"{local:%H:%M}, {self.day(local.date())}"

    def clock(self, instant: datetime) -> str:
        """Write a time of day, "17:00", in programme time."""
        return f"{instant.astimezone(self._timezone):%H:%M}"

    def day(self, value: date | datetime) -> str:
        if isinstance(value, datetime):
            value = value.astimezone(self._timezone).date()
        return _day(value, self.language)

    def short_day(self, instant: datetime) -> str:
        """ "25/11": a date among many of the same months, in programme time."""
        return f"{instant.astimezone(self._timezone):%d/%m}"

    def number(self, value: int) -> str:
        """Write a number as people here do: "24.000"."""
        return str(format_decimal(value, locale=self.language))

    def size(self, octets: int) -> str:
        """How large a file is: "1,2 MB", "340 KB"."""
        for unit, least in (("MB", 1 << 20), ("KB", 1 << 10)):
            if octets >= least:
                return f"{format_decimal(octets / least, format='#,##0.#', locale=self.language)} {unit}"
        return f"{octets} B"

    def _render(self, template: str, facts: dict[str, object]) -> str:
        html = self._templates.get_template(template).render(facts)
        return (_BLANK_LINES.sub("\n\n", html) if "\n\n\n" in html else html).strip()


@cache
def _template_of(module: str, kind: str) -> str:
    """Name a notice's template: "notices/airings/airing_card.j2" for `messages.notices.airings.AiringCard`."""
    return f"notices/{module.rpartition('.')[2]}/{_WORD_BOUNDARY.sub('_', kind).lower()}.j2"


@lru_cache(maxsize=4096)  # the same few days stand in very many messages, and Babel takes its time
def _day(value: date, language: str) -> str:
    text = format_date(value, _DAY.get(language, "full"), locale=language)
    if language != "vi":
        return text
    # Babel writes the calendar's own names; in a sentence they are "thứ Tư", but "Chủ nhật".
    return text.replace("Thứ ", "thứ ", 1).replace("Chủ Nhật", "Chủ nhật", 1)


@cache
def words(language: str, timezone: ZoneInfo) -> Words:
    """Return the words of a language; an unknown one falls back on Vietnamese."""
    return Words(language if language in LANGUAGES else "vi", timezone)


def plain(html: str) -> str:
    """Remove tags from HTML, for places without formatting (a button's toast)."""
    return Markup(html).striptags()
