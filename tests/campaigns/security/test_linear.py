"""Whatever somebody sends costs at most in proportion to its length: every pattern, every function on people's text.

Measured with 20,000 signs of each class, in processor time, as a ratio to a quarter of them: 4 where it grows with the
length, 16 where it grows with its square. What takes next to nothing at the full length is not looked at further; so
is what takes a sixteenth of that at the quarter, for were it the square it would still be next to nothing.
"""

import ast
import gc
import importlib
import inspect
import pkgutil
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from html import escape
from itertools import product
from pathlib import Path
from time import process_time
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from channels.telegram import compose
from domain import periods
from domain.airings import schedule
from domain.airings import typed as typed_airings
from domain.broadcasts import fraud, typed_buttons
from domain.calendar import typed_days, working_days
from domain.deadlines import promised_days
from domain.episodes import episodes, links, search
from domain.errors import Reason, RuleViolation
from domain.questions import anonymise, codes, differences, letters, redaction
from domain.vietnamese import disguise, old_fonts, places, screening, syllables, text, typed_moments
from domain.vietnamese.names import NameIndex, NamesOfOne
from handlers.chat import long_text, registry
from handlers.deadlines import extensions
from handlers.questions import draft
from messages import words
from services.broadcasts import broadcasts
from services.people import introductions
from storage.questions import published
from understanding import routing

ROOT = Path(__file__).parents[3]
ROOMS = ("bot", "handlers", "services", "channels", "storage", "understanding", "messages", "domain")
SIGNS = 20_000
NOTHING = 0.03  # seconds of the processor for all of them: no square of 20,000 fits into it
MOST = 9  # times what a quarter of them takes
TRIES = 3

CLASSES = (
    "a", "1", " ", ".", ",", "\n", "-", "@", "<", "&", '"', "'", "…", "?", ":", "/", "_", "#", "(", "+", "=",
    "\u0301", "\u0301\u0323", "a\u0301", "\u0f73", "\uff9e\u0301", "😀", "\u200b", "\r", "\t", "é", "đ",
    "a.", "a ", "1.", "1/", "1 ", "1:", ". ", "? ", "\n ", ", ", "a@", "&a", "<a", "oà",
)  # fmt: skip
# What stands behind: where a row of signs ends otherwise, so that whoever hoped to find its end looks again.
ENDINGS = ("", "x", "\x00")
WORDS = (
    "tố cáo ", "hỏi tố cáo ", "ông ", "ông A hối lộ ", "ông chống hối lộ ", "ông hối lộ quy định ", "hối lộ ",
    "quy định ông hối lộ ", "cháu ", "cháu bé bị ", "đánh nhau ", "nhà cháy ", "gp ", "ko dc 50k ", "UBND ",
    "Mai ", "Mai Mai Lan ", "a@b.vn ", "a@b.vn+", "0912345678 ", "xã ", "xã Hòn Đất ", "Hòn Đất, An Biên ",
    "An An Biên ", "1/2 ", "ngày 1/2 ", "1/2/2027, ", "ngày 30 tháng 9 ", "20:00 ", "mai 8h30 ", "&amp; ",
    "https://kgtv.vn/a ", "v=a&", "kỳ 12 ", "SXD ", "kg ", "lý do ", "số công văn 1\n", "1;",
    "ông Nguyễn Văn A ", "Kính gửi ông A,\n", "Nguyễn ", "tôi tên là ", "số nhà 1/2/3 ", "thửa 1 tờ 2 ", "68B1-123.45 ",
    "stk 123456789 ", "0297 3 ", "vaøo aáp ", "vµo Êp ", "vaÌo âìp ", "va`o a^'p ", "vÃ\u00a0o ", "dduowngf vaof ",
)  # fmt: skip


# --- measuring ----------------------------------------------------------------------------------------------


def cost(run: Callable[[str], object], given: str) -> float:
    """Seconds of the processor."""
    begun = process_time()
    with suppress(RuleViolation, ValueError):  # that something is refused is an answer, too
        run(given)
    return process_time() - begun


def growth(run: Callable[[str], object], made: Callable[[int], str]) -> float | None:
    """By how many times what it takes grows with four times the length; None where that is linear, or nothing."""
    few = made(SIGNS // 4)
    if cost(run, few) < NOTHING / 16:
        return None
    many = made(SIGNS)
    found = 0.0
    of_many, of_few = [], []
    for _ in range(TRIES):
        of_many.append(cost(run, many))
        if of_many[-1] < NOTHING:
            return None
        of_few.append(cost(run, few))
        found = min(of_many) / max(min(of_few), 1e-6)
        if found < MOST:
            return None
    return found


@lru_cache(maxsize=1024)
def repeated(sign: str, ending: str, count: int) -> str:
    """So many signs, and what stands behind."""
    return (sign * (count // len(sign) + 1))[:count] + ending


@pytest.fixture(autouse=True)
def _nobody_collects() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


# --- patterns -----------------------------------------------------------------------------------------------

METHODS = {"search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"}
# Not patterns of what people send: an operator's own configuration, read once at the start.
ELSEWHERE = {
    ("bot/config/values.py", "fullmatch"),
    ("bot/config/loading.py", "fullmatch"),
    ("bot/config/loading.py", "search"),
}
# Patterns that are made when they are needed, and whoever makes them.
MADE = {"domain/questions/codes.py": [one[0] for one in codes._patterns("DH")]}


@lru_cache(maxsize=1)
def modules() -> tuple[ModuleType, ...]:
    names = [
        one.name
        for room in ROOMS
        for one in pkgutil.walk_packages([str(ROOT / room)], f"{room}.")
        if not one.name.endswith("__main__") and ".migrations." not in one.name
    ]
    return tuple(importlib.import_module(name) for name in (*ROOMS, *names))


def patterns_in(value: object, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    """The patterns in what a module or a class has a name for."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 4 and isinstance(value, tuple | list | set | frozenset):
        for one in value:
            yield from patterns_in(one, depth + 1)
    elif depth < 4 and isinstance(value, dict):
        yield from patterns_in([*value, *value.values()], depth + 1)
    elif depth < 4 and isinstance(value, type) and value.__module__.split(".")[0] in ROOMS:
        yield from patterns_in(list(vars(value).values()), depth + 2)


@lru_cache(maxsize=1)
def every_pattern() -> dict[re.Pattern[Any], set[tuple[str, str]]]:
    """Each pattern of the seven rooms, and the (file, name) where it is known."""
    found: dict[re.Pattern[Any], set[tuple[str, str]]] = defaultdict(set)
    for module in modules():
        path = str(Path(module.__file__ or "").relative_to(ROOT))
        for name, value in list(vars(module).items()):
            for pattern in patterns_in(value):
                found[pattern].add((path, name))
    for path, made in MADE.items():
        for pattern in made:
            found[pattern].add((path, ""))
    return found


@lru_cache(maxsize=1)
def uses() -> dict[tuple[str, str], set[str]]:
    """(file, name of a pattern) → methods called on it there; under "" those called on what no pattern's name is."""
    named = {name for names in every_pattern().values() for name in names}
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in METHODS and isinstance(node.value, ast.Name):
                at = (path, node.value.id)
                found[at if at in named else (path, "")].add(node.attr)
    return found


def methods_of(names: set[tuple[str, str]]) -> set[str]:
    """How a pattern is used; where it goes by another name (of a loop, of a parameter), as any such one there."""
    found = {method for at in names for method in uses().get(at, ())}
    return found or {method for path, _ in names for method in uses().get((path, ""), ())} or METHODS


@lru_cache(maxsize=1)
def sources() -> tuple[tuple[str, ast.Module], ...]:
    return tuple(
        (str(file.relative_to(ROOT)), ast.parse(file.read_text("utf-8")))
        for room in ROOMS
        for file in sorted((ROOT / room).rglob("*.py"))
    )


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_pattern_takes_time_in_proportion_to_the_text(ending: str) -> None:
    patterns = every_pattern()
    assert len(patterns) > 80
    for pattern, names in patterns.items():
        for method in methods_of(names):
            for sign in CLASSES:
                run = partial(_use, pattern, method)
                grown = growth(run, partial(repeated, sign, ending))
                assert grown is None, (sorted(names), method, sign)


def _use(pattern: re.Pattern[str], method: str, given: str) -> None:
    if method in {"sub", "subn"}:
        getattr(pattern, method)("", given)
    elif method == "finditer":
        for _ in pattern.finditer(given):
            pass
    else:
        getattr(pattern, method)(given)


def test_no_pattern_hides_from_the_measuring() -> None:
    """Each is compiled where a module or a class begins, or by one of those that are named above."""
    hidden: set[tuple[str, str]] = set()
    for path, tree in sources():
        imported = [
            node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "re"
        ]
        assert imported == [], path
        if path in MADE:
            continue
        inside = {
            call
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for call in ast.walk(function)
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
                and node.func.attr in METHODS | {"compile"}
                and (node.func.attr != "compile" or node in inside)
            ):
                hidden.add((path, node.func.attr))
    assert hidden == ELSEWHERE


# --- functions ----------------------------------------------------------------------------------------------

TODAY = date(2026, 12, 1)
NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
NAMES = ("Mai Mai Mai Mai Lan", "Ấp Đường Hòn, xã Hòn Đất", "a@b.vn", "a a a a b")
INDEX = places.PlaceIndex(
    {"HD": ["Hòn Đất", "xã Hòn Đất"], "AB": ["An Biên", "An"], "AA": ["An An Biên"], "PQ": ["Phú Quốc"]}
)
NAMED = NameIndex(
    [
        NamesOfOne("SXD", ("Sở Xây dựng", "a a a"), ("a", "An An Biên"), ("UBND xã Hòn Đất",), ("SXD",)),
        NamesOfOne("AB", ("UBND xã An Biên",), ("Mai", "1 1"), means=("AB",)),
    ],
    "tỉnh An An",
)
OLD = ("§êng vµo Êp", "Ñöôøng vaøo aáp", "ÐýõÌng vaÌo âìp", "ddu*o*`ng va`o a^'p", "Ä\x90Æ°á»\x9dng")
PART = {"message": 1, "text": "", "glue": "\n", "cut": False, "space": False}
VI = words.words("vi", ZoneInfo("Asia/Ho_Chi_Minh"))


def pieces(typed: str) -> list[str]:
    """As many short messages."""
    return [typed[at : at + 40] for at in range(0, len(typed), 40)]


Run = Callable[[str], object]
# Every function on what people type or send, and how it is called.
FUNCTIONS: dict[Callable[..., Any], Run] = {
    schedule.read_key: schedule.read_key,
    anonymise.anonymise: lambda typed: anonymise.anonymise(typed, *NAMES),
    anonymise.unnamed: lambda typed: anonymise.unnamed(typed, *NAMES),
    anonymise.details_in: lambda typed: anonymise.details_in(typed, *NAMES, typed[:500], typed),
    anonymise.bare: anonymise.bare,
    anonymise.unnamed_file: lambda typed: anonymise.unnamed_file(f"{typed}.pdf", *NAMES),
    anonymise.places_of: lambda typed: list(anonymise.places_of(["a", "a", "a", "b"], typed.split(" "))),
    redaction.find: lambda typed: [redaction.find(typed, *NAMES, of_office=one) for one in (False, True)],
    redaction.without: lambda typed: redaction.without(typed, redaction.find(typed, *NAMES)),
    working_days.parse_hours: lambda typed: working_days.parse_hours([typed]),
    working_days.parse_weekend: lambda typed: working_days.parse_weekend([typed]),
    codes.parse_code: lambda typed: codes.parse_code(typed, "DH", 2026),
    codes.split_code: lambda typed: (codes.split_code(f"dh {typed}", "DH", 2026), codes.split_code(typed, "DH", 2026)),
    compose.split: lambda typed: compose.split(escape(typed)),
    compose.units: compose.units,
    differences.differences: lambda typed: (
        differences.differences(typed, typed[::-1]),
        differences.differences(typed, f"x {typed}"),
    ),
    differences.beside: lambda typed: (
        differences.beside(typed, typed[::-1]),
        differences.beside(typed, f"x\n{typed}"),
    ),
    disguise._both: disguise._both.__wrapped__,
    disguise.denounces_in_another_language: disguise.denounces_in_another_language,
    disguise.keys_as_letters: disguise.keys_as_letters,
    disguise.readings: lambda typed: list(disguise.readings(typed)),
    disguise.spells_out: disguise.spells_out,
    draft._joined: lambda typed: draft._joined([PART | {"text": one} for one in pieces(typed)]),
    draft._shortened: draft._shortened,
    search.named_in: lambda typed: search.named_in(typed.split(), [(1, typed), (2, "Hòn Đất")]),
    search.searchable: search.searchable.__wrapped__,
    search.tidy: search.tidy,
    search.wanted: search.wanted,
    episodes.episode_number_at_front: lambda typed: episodes.episode_number_at_front(typed, 2026),
    episodes.read_episode_number: lambda typed: episodes.read_episode_number(typed, 2026),
    episodes.read_guest: episodes.read_guest,
    episodes.read_minutes: episodes.read_minutes,
    episodes.read_person: episodes.read_person,
    extensions._decision: extensions._decision,
    fraud.foreign_addresses: lambda typed: fraud.foreign_addresses(
        typed, [typed, f"https://{typed}"], links.HOSTS, own="danhoi_bot"
    ),
    fraud.words_of_fraud: fraud.words_of_fraud,
    letters.split_letter: letters.split_letter,
    links.at_second: lambda typed: links.at_second(f"https://kgtv.vn/{typed}", links.LinkKind.TV, 5),
    links.read_count_day: lambda typed: links.read_count_day(typed, TODAY, {"hom qua": 1}),
    links.read_host: links.read_host,
    links.read_link: lambda typed: links.read_link(typed, links.HOSTS),
    links.read_time_code: links.read_time_code,
    links.read_views: links.read_views,
    links.same_as: lambda typed: links.same_as(f"https://kgtv.vn/{typed}"),
    long_text._joined: lambda typed: long_text._joined([("1", one) for one in pieces(typed)]),
    periods.read_period: lambda typed: periods.read_period(typed, TODAY, {}),
    NameIndex.find: NAMED.find,
    NameIndex.listed: NAMED.listed,
    NameIndex.mentioned: NAMED.mentioned,
    old_fonts.as_unicode: lambda typed: [old_fonts.as_unicode(f"{one} {typed}") for one in ("", *OLD)],
    places.PlaceIndex.candidates: INDEX.candidates,
    places.PlaceIndex.find: INDEX.find,
    places.PlaceIndex.spans: lambda typed: INDEX.spans(text.words(typed)),
    places.PlaceIndex.names_some: INDEX.names_some,
    promised_days.day_at_front: lambda typed: promised_days.day_at_front(typed, TODAY),
    promised_days.promised_days: lambda typed: promised_days.promised_days(typed, TODAY),
    published.key_words: published.key_words,
    registry.read_command: lambda typed: registry.read_command(f"/{typed}", "bot"),
    routing.named: lambda typed: routing.named(routing.said(typed), [("Đất đai", 3), ("a", 2)]),
    routing.said: routing.said,
    introductions.read_said: lambda typed: [introductions.read_said(what, typed) for what in ("full_name", "contact")],
    broadcasts.check_length: lambda typed: broadcasts.check_length(typed, with_photo=True),
    screening.denounces_in_disguise: screening.denounces_in_disguise,
    screening.screen: screening.screen,
    screening.tail: screening.tail,
    syllables.is_syllable: syllables.is_syllable,
    text.beginning: lambda typed: (text.beginning(typed, 200), text.beginning(typed, SIGNS // 5)),
    text.clean: text.clean,
    text.excerpt: lambda typed: (text.excerpt(typed, 200), text.excerpt(typed, SIGNS // 5)),
    text.expand_abbreviations: text.expand_abbreviations,
    text.expand_teencode: text.expand_teencode,
    text.fold: text.fold,
    text.fold_word: lambda typed: text.fold_word(text.clean(typed)),
    text.has_diacritics: text.has_diacritics,
    text.lower: text.lower,
    text.phrase_at_front: lambda typed: text.phrase_at_front(typed, {"moi", "khong dong y"}),
    text.words: text.words,
    typed_airings.channel_at_front: lambda typed: typed_airings.channel_at_front(typed, ["KG", "a a a"]),
    typed_airings.moment_at_front: lambda typed: typed_airings.moment_at_front(typed, TODAY),
    typed_airings.read_extra: lambda typed: typed_airings.read_extra(typed, ["KG"]),
    typed_airings.read_reason: typed_airings.read_reason,
    typed_buttons.read_button: typed_buttons.read_button,
    typed_buttons.safe_address: lambda typed: typed_buttons.safe_address(f"https://{typed}"),
    typed_days.read_day: lambda typed: typed_days.read_day(typed, TODAY),
    typed_days.read_days: lambda typed: typed_days.read_days(
        typed, TODAY, working_days.DayKind.OFF, kinds={"nghi": working_days.DayKind.OFF}
    ),
    typed_moments.read_coming: lambda typed: typed_moments.read_coming(typed, NOW),
    typed_moments.read_moment: lambda typed: typed_moments.read_moment(typed, TODAY),
    words.plain: lambda typed: words.plain(escape(typed)),
    words.Words.refusal: lambda typed: VI.refusal(RuleViolation(Reason.BAD_DATE, typed=typed)),
}  # fmt: skip
# Rooms and modules of which every public function that takes a text is in that table, but for those of our own words.
WHOLE = ("domain.", "channels.telegram.compose", "storage.questions.published")
OURS = {
    "domain.airings.schedule.Schedule.airing", "domain.airings.schedule.Schedule.first_of",
    "domain.airings.schedule.Schedule.repeats_of", "domain.airings.schedule.airing_key",
    "domain.privacy.audit.HistoryDigest.add", "domain.privacy.audit.HistoryDigest.add_words",
    "domain.privacy.audit.key_name", "domain.privacy.audit.seal", "domain.privacy.audit.words_digest",
    "domain.calendar.working_days.WorkingCalendar.named_days", "domain.questions.codes.Code.written",
    "domain.questions.codes.format_code", "domain.questions.lateness.holder", "domain.episodes.links.is_named",
    "domain.subscribers.topics.field_of", "domain.subscribers.topics.field_topic",
    "storage.questions.published.search",
}  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda one: f"{one.__module__}.{one.__qualname__}")
def test_every_function_on_what_people_send_takes_time_in_proportion_to_it(
    function: Callable[..., Any],
) -> None:
    run = FUNCTIONS[function]
    for sign, ending in (*product(CLASSES, "x"), *product(WORDS, [""])):
        grown = growth(run, partial(repeated, sign, ending))
        assert grown is None, sign


def test_no_function_on_what_people_send_is_left_out_of_the_table() -> None:
    known = {_name(one) for one in FUNCTIONS}
    found = {
        _name(one)
        for module in modules()
        if f"{module.__name__}.".startswith(tuple(f"{whole.rstrip('.')}." for whole in WHOLE))
        for one in _functions(module)
    }
    assert len(found) > 50
    assert found - known == OURS


def _functions(module: ModuleType) -> Iterator[Callable[..., Any]]:
    """The public functions and methods of a module that are given a text."""
    owners = [
        one
        for name, one in vars(module).items()
        if isinstance(one, type) and one.__module__ == module.__name__ and not name.startswith("_")
    ]
    for owner in (module, *owners):
        for name, one in vars(owner).items():
            bare = inspect.unwrap(one) if callable(one) else one
            if (
                not name.startswith("_")
                and inspect.isfunction(bare)
                and bare.__module__ == module.__name__
                and any(re.search(r"\bstr\b", str(kind)) for kind in _given(bare))
            ):
                yield bare


def _given(function: Callable[..., Any]) -> list[object]:
    return [one.annotation for one in inspect.signature(function).parameters.values()]


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"
