"""Fills an episode's script plan as a Word document (programme.md, "Episodes").

From our own template or an office's. What people wrote is data: it is escaped, and never read as a template. docxtpl
is imported when first needed.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

HOUSE_TEMPLATE = Path(__file__).parent / "script_plan.docx"
NOT_YET = "(chưa có)"
LIMIT = 10_000_000  # bytes of a template
UNPACKED = 50_000_000  # bytes of all that is packed in it
PIECE = 1 << 16

# What no XML may hold: named, for naming what it may takes long to compile.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PROVINCE = re.compile(r"^(?:tỉnh|thành phố|tp\.?)\s+", re.IGNORECASE)


class BrokenTemplate(Exception):
    """A template that can't be used.

    The text says what is wrong, for whoever edits it in Word.
    """


@dataclass(frozen=True)
class PlannedQuestion:
    """A question as asked on air, with the names of the answering agencies."""

    code: str
    on_air: str
    lead: str
    coordinating: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlannedGuest:
    """A guest of an agency, perhaps in somebody's place."""

    name: str
    position: str
    agency: str
    substitute_for: str = ""


@dataclass(frozen=True)
class PlannedAiring:
    """The time and channel of an airing; `repeat` is ", phát lại" or nothing."""

    time: str
    channel: str
    repeat: str = ""


@dataclass(frozen=True)
class ScriptPlan:
    """The fields that a template may use; times are already in words."""

    programme: str
    province: str
    number: str  # 12/2026
    title: str
    version: int  # from 1
    place_and_date: str
    purpose: tuple[str, ...]  # paragraphs
    requirements: tuple[str, ...]
    questions: tuple[PlannedQuestion, ...]
    guests: tuple[PlannedGuest, ...]
    recording_time: str
    recording_place: str
    recording_manner: str
    minutes: str
    airings: tuple[PlannedAiring, ...]
    recipients: tuple[str, ...]


def place_and_date(province: str, day: date) -> str:
    """Write "An Giang, ngày 05 tháng 02 năm 2026".

    Days below 10 and the first two months are padded (Decree 30).
    """
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    place = _PROVINCE.sub("", province) or "…"
    return f"{place}, ngày {day.day:02d} tháng {month} năm {day.year}"


def paragraphs(text: str | None) -> tuple[str, ...]:
    """Split what somebody wrote into paragraphs, one per line; NOT_YET for nothing."""
    lines = (" ".join(line.split()) for line in (text or "").splitlines())
    return tuple(line for line in lines if line) or (NOT_YET,)


def script_plan_document(plan: ScriptPlan, template: Path | None = None) -> bytes:
    """Write the Word document.

    Raises `BrokenTemplate`, and never returns half a document.
    """
    from docx import Document
    from docxtpl import DocxTemplate
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import SandboxedEnvironment
    from lxml.etree import LxmlError

    content = _content(template or HOUSE_TEMPLATE)
    environment = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    document = BytesIO()
    try:
        _require_small(content)
        word = DocxTemplate(BytesIO(content))
        word.render(_cleaned(asdict(plan)), environment, autoescape=True)
        word.save(document)
        Document(BytesIO(document.getvalue()))
    except TemplateError as error:
        raise BrokenTemplate(_what(error)) from error
    except (LxmlError, BadZipFile, KeyError, ValueError) as error:
        raise BrokenTemplate(f"{type(error).__name__}: {_line(str(error))}") from error
    except (TypeError, AttributeError, ArithmeticError) as error:  # of an expression in the template
        raise BrokenTemplate(_line(str(error))) from error
    return document.getvalue()


def check_template(template: Path | None = None) -> None:
    """Fill a template with a sample; raise `BrokenTemplate` where that fails."""
    sample = ScriptPlan(
        programme="…", province="…", number="1/2026", title="…", version=2, place_and_date="…",
        purpose=("…",), requirements=("…",), questions=(PlannedQuestion("…", "…", "…", ("…",)),),
        guests=(PlannedGuest("…", "…", "…", "…"),), recording_time="…", recording_place="…",
        recording_manner="…", minutes="30", airings=(PlannedAiring("…", "…"),), recipients=("…",),
    )  # fmt: skip
    script_plan_document(sample, template)


def _require_small(content: bytes) -> None:
    """Refuse an archive that unpacks into too much.

    A few kilobytes can unpack into gigabytes. Counted while reading, for an archive may lie about its sizes; one that
    lies fails by checksum. Raises `BrokenTemplate`, `BadZipFile`.
    """
    unpacked = 0
    with ZipFile(BytesIO(content)) as parts:
        for part in parts.infolist():
            with parts.open(part) as stream:
                while some := stream.read(PIECE):
                    unpacked += len(some)
                    if unpacked > UNPACKED:
                        raise BrokenTemplate(f"{part.filename[:100]}: > {UNPACKED // 1_000_000} MB")


def _content(template: Path) -> bytes:
    try:
        size, changed = template.stat().st_size, template.stat().st_mtime_ns
        if size > LIMIT:
            raise BrokenTemplate(f"{template.name}: > {LIMIT // 1_000_000} MB")
        return _read(template, changed)
    except OSError as error:
        raise BrokenTemplate(f"{template.name}: {error.strerror}") from error


@cache
def _read(template: Path, _changed: int) -> bytes:
    return template.read_bytes()


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _NOT_XML.sub("", value)
    if isinstance(value, Mapping):
        return {key: _cleaned(one) for key, one in value.items()}
    return [_cleaned(one) for one in value] if isinstance(value, list | tuple) else value


def _what(error: Exception) -> str:
    """Say what a template's author has to mend, with the words of the place where docxtpl knows it."""
    place = " ".join(" ".join(getattr(error, "docx_context", ())).split())
    said = _line(getattr(error, "message", None) or str(error))
    return f"{said} ({_line(place)})" if place else said


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 200 else line[:199] + "…"
