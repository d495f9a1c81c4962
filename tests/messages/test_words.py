"""Every word that a person reads: complete, in each language, and in the HTML that Telegram takes."""

import importlib
import pkgutil
import re
import tomllib
import types
import typing
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
import jinja2.meta
import jinja2.nodes
import pytest
from markupsafe import Markup

import messages
from domain.airings.schedule import AiringKind, AiringStatus
from domain.broadcasts.broadcasts import BroadcastAct, BroadcastKind, BroadcastStatus, WaitsFor
from domain.calendar.working_days import DayKind
from domain.deadlines.ladder import Matter
from domain.episodes.episodes import EpisodePart, Missing
from domain.episodes.links import LinkKind
from domain.errors import Reason, RuleViolation
from domain.privacy.audit import OWN_DATA, AuditAct
from domain.privacy.consent import Consent
from domain.questions.differences import Difference
from domain.questions.history import EntryKind, Event
from domain.questions.lateness import Holder
from domain.questions.life import Action, ApprovalStep, Capacity, Intake, RefusalCode, Role, Status
from domain.vietnamese.screening import EMERGENCY_NUMBERS, Emergency
from domain.vietnamese.text import fold
from messages.notice import Notice
from messages.notices import answers, asking, chat, questions
from messages.words import LANGUAGES, TEMPLATES, Words

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOON = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)
HOSTILE = unicodedata.normalize("NFD", "Nguyễn </blockquote><b>&\"' {{ 7*7 }} {% x %} 😀👩‍👩‍👧 Ánh")
CALM = "Nguyễn Văn Ánh"

for module in pkgutil.walk_packages(messages.__path__, "messages."):
    importlib.import_module(module.name)
NOTICES = sorted(Notice.__subclasses__(), key=lambda one: one.__name__)
WORDS = {language: Words(language, ZONE) for language in LANGUAGES}


@cache
def labels(language: str) -> dict[str, Any]:
    return tomllib.loads((TEMPLATES / language / "labels.toml").read_text(encoding="utf-8"))


# --- what Telegram takes (Bot API, "HTML style"), read strictly ---------------------------------------------

_TOKEN = re.compile(r"<[^<>]*>|&[^\s;&<>]*;|[<>&]|[^<>&]+")
_OPENING = re.compile(r'<(?:b|i|u|s|code|blockquote(?: expandable)?|a href="[^"<>]+")>')
_CLOSING = re.compile(r"</(b|i|u|s|code|blockquote|a)>")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")


def visible(html: str) -> str:
    """The text a reader sees; raises `ValueError` for whatever Telegram would refuse or misread."""
    text: list[str] = []
    still_open: list[str] = []
    for token in _TOKEN.findall(html):
        closing = _CLOSING.fullmatch(token)
        if closing is not None:
            if not still_open or still_open.pop() != closing[1]:
                raise ValueError(f"{token} closes nothing: {html!r}")
        elif _OPENING.fullmatch(token):
            name = token.strip("<>").split()[0]
            if name in still_open or "code" in still_open:
                raise ValueError(f"{token} inside {still_open}: {html!r}")
            still_open.append(name)
        elif _ENTITY.fullmatch(token):
            text.append(unescape(token))
        elif token[0] in "<>&":
            raise ValueError(f"{token!r} is not escaped: {html!r}")
        else:
            text.append(token)
    if still_open:
        raise ValueError(f"{still_open} stay open: {html!r}")
    return "".join(text)


@pytest.mark.parametrize(
    "html",
    ["<b>open", "shut</b>", "<b><i>crossed</b></i>", "a < b", "a & b", "<p>tag</p>", "&nbsp;", "<br>",
     "<b><b>twice</b></b>", "<blockquote>a<blockquote>b</blockquote></blockquote>", "<code><b>x</b></code>",
     '<a href="x" id="y">z</a>'],
)  # fmt: skip
def test_the_checker_refuses_what_telegram_refuses(html: str) -> None:
    with pytest.raises(ValueError, match=r"closes nothing|not escaped|stay open|inside"):
        visible(html)


def test_the_checker_reads_what_telegram_takes() -> None:
    html = '<b>a</b> &lt;&#34;&amp; <blockquote expandable><i>b</i></blockquote><a href="https://x.vn/?a=1">c</a>'
    assert visible(html) == 'a <"& bc'


# --- notices of every shape, built from their types ---------------------------------------------------------

# Fields whose values come from a fixed set, by notice and field, and within a line by the line's own field.
CHOICES: Mapping[tuple[str, ...], tuple[object, ...]] = {
    ("QuestionRefused", "reason"): tuple(RefusalCode),
    ("Tracked", "status"): tuple(Status),
    ("Tracked", "history", "event"): tuple(Event),
    ("MyData", "consents", "kind"): tuple(Consent),
    ("OwnDataAsked", "what"): tuple(labels("vi")["own_data"]),
    ("OwnDataCorrected", "what"): tuple(labels("vi")["own_data"]),
    ("OwnDataInWords", "channel"): tuple(Intake),
    ("OwnDataInWords", "consents", "kind"): tuple(Consent),
    ("OwnDataInWords", "questions", "status"): tuple(Status),
    ("OwnDataInWords", "questions", "words", "kind"): tuple(EntryKind),
    ("CardErased", "status"): tuple(Status),
    ("MyQuestions", "questions", "status"): tuple(f"status.{status}" for status in Status),
    ("EmergencyNumbers", "numbers", "key"): tuple(f"emergency.{key}" for key in labels("vi")["emergency"]),
    ("QuestionCard", "latest", "event"): tuple(Event),
    ("QuestionCard", "latest", "role"): tuple(labels("vi")["capacity"]),
    ("QuestionCard", "status"): tuple(Status),
    ("QuestionCard", "headline"): tuple(labels("vi")["headline"]),
    ("QuestionCard", "channel"): tuple(Intake),
    ("QuestionCard", "late_by"): tuple(Holder),
    ("QuestionCard", "approval"): tuple(ApprovalStep),
    ("QuestionCard", "draft_files", "kind"): tuple(labels("vi")["file_kind"]),
    ("QuestionCard", "correction", "files_added", "kind"): tuple(labels("vi")["file_kind"]),
    ("QuestionCard", "correction", "files_gone", "kind"): tuple(labels("vi")["file_kind"]),
    ("AnswerCorrected", "files_gone", "kind"): tuple(labels("vi")["file_kind"]),
    **{
        (*which, "paragraphs", part, "0"): tuple(Difference)
        for which in (("QuestionCard", "correction"), ("AnswerCorrected",), ("CorrectionWentOut",))
        for part in ("before", "after")
    },
    ("AnswerPreview", "files", "kind"): tuple(labels("vi")["file_kind"]),
    ("AddedToDraft", "files", "kind"): tuple(labels("vi")["file_kind"]),
    ("DraftChanged", "files_left_out", "kind"): tuple(labels("vi")["file_kind"]),
    ("DraftChanged", "pieces", "0"): tuple(Difference),
    ("EditedAfterwards", "state"): tuple(labels("vi")["edited"]),
    ("BroadcastState", "html"): (Markup(), Markup("<b>Lịch</b> &amp; giờ")),
    ("BroadcastTold", "html"): (Markup(), Markup("<b>Lịch</b> &amp; giờ")),
    ("QuestionCard", "thread", "kind"): tuple(EntryKind),
    ("HiddenCard", "status"): tuple(Status),
    ("ProgrammeDigest", "kind"): ("daily", "weekly"),
    ("ProgrammeDigest", "late_answers", "holder"): tuple(Holder),
    ("ProgrammeDigest", "overdue_by", "holder"): tuple(Holder),
    ("NothingToTell", "kind"): ("daily", "weekly"),
    ("QuestionHistory", "events", "event"): tuple(Event),
    ("QuestionHistory", "events", "role"): (*Capacity, "programme", ""),
    ("QuestionHistory", "events", "before"): (*Status, ""),
    ("QuestionHistory", "events", "after"): (*Status, ""),
    ("Reminders", "overdue", "matters", "matter"): tuple(Matter),
    ("Reminders", "today", "matter"): tuple(Matter),
    ("Reminders", "soon", "matter"): tuple(Matter),
    ("DueDateMoved", "what"): ("answer", "assignment", "reply", "promise"),
    ("DueDateMoved", "why"): ("extension", "calendar", "agency"),
    ("DaysPreview", "days", "kind"): tuple(labels("vi")["day"]),
    ("DaysPreview", "moves", "what"): tuple(labels("vi")["deadline"]),
    ("DaysChanged", "days", "kind"): tuple(labels("vi")["day"]),
    ("DaysListed", "days", "kind"): tuple(DayKind),
    ("DaysListed", "days", "source"): tuple(labels("vi")["day_source"]),
    ("DaysListed", "years", "state"): tuple(labels("vi")["year"]),
    ("YearPreview", "days", "kind"): tuple(DayKind),
    ("YearPreview", "days", "source"): tuple(labels("vi")["day_source"]),
    ("AuditLog", "entries", "act"): tuple(AuditAct),
    ("AuditLog", "own", "act"): tuple(OWN_DATA),
    ("LedgerNotSent", "why"): tuple(labels("vi")["ledger_not_sent"]),
    ("SystemHealth", "checks", "name"): tuple(labels("vi")["health"]),
    ("WorkList", "kind"): tuple(labels("vi")["work_list"]),
    ("WorkList", "questions", "status"): tuple(Status),
    ("WorkList", "questions", "part"): (
        *("lead", "coordinating", "mark.hidden", "mark.emergency", "headline.returned"),
        *("correction_step.leader", "correction_step.editor"),
        *("step.leader", "step.editor", "late_by.agency", "late_by.leader", "late_by.editors", ""),
    ),
    ("Done", "what"): tuple(Event),
    ("TakenFromAgency", "why"): (
        *(Event.REASSIGNED, Event.RETURNED, Event.REFUSED, Event.MERGED, Event.WITHDRAWN),
    ),
    ("DraftSentBack", "by"): tuple(ApprovalStep),
    ("AskerErasureAsked", "channel"): tuple(Intake),
    ("DeliveryNeeded", "channel"): tuple(Intake),
    ("ClarificationNeeded", "channel"): tuple(Intake),
    ("TextAsked", "what"): tuple(labels("vi")["ask"]),
    ("ConfirmAsked", "what"): tuple(labels("vi")["confirm"]),
    ("IntakeAsked", "step"): tuple(labels("vi")["intake"]),
    ("RoleGranted", "role"): tuple(Role),
    ("RoleRevoked", "role"): tuple(Role),
    ("RoleNews", "role"): tuple(Role),
    ("RoleEndedNews", "role"): tuple(Role),
    ("OpenInvitations", "invitations", "role"): tuple(Role),
    ("InvitationMade", "role"): tuple(Role),
    ("InviteChoice", "holders", "role"): tuple(Role),
    ("LinkAnnounced", "kind"): tuple(labels("vi")["link_kind"]),
    ("AskerAired", "moments", "kind"): tuple(labels("vi")["link_kind"]),
    ("SubscriberDigest", "links", "kind"): tuple(labels("vi")["link_kind"]),
    ("BroadcastDraft", "step"): tuple(labels("vi")["broadcast_step"]),
    ("BroadcastDraft", "audience"): tuple(labels("vi")["audience"]),
    ("BroadcastAsked", "audience"): tuple(labels("vi")["audience"]),
    ("BroadcastState", "audience"): tuple(labels("vi")["audience"]),
    ("BroadcastState", "kind"): tuple(BroadcastKind),
    ("BroadcastState", "status"): tuple(BroadcastStatus),
    ("BroadcastState", "acts", "act"): tuple(BroadcastAct),
    ("BroadcastState", "waits_for"): tuple(WaitsFor),
    ("BroadcastAsked", "waits_for"): tuple(WaitsFor),
    ("BroadcastTold", "audience"): tuple(labels("vi")["audience"]),
    ("BroadcastTold", "kind"): tuple(BroadcastKind),
    ("BroadcastTold", "what"): tuple(labels("vi")["broadcast_told"]),
    ("BroadcastTold", "waits_for"): tuple(WaitsFor),
    ("BroadcastsListed", "broadcasts", "status"): tuple(BroadcastStatus),
    ("BroadcastsListed", "broadcasts", "kind"): tuple(BroadcastKind),
    ("AiringTimes", "airings", "kind"): tuple(AiringKind),
    ("AiringTimes", "airings", "status"): tuple(AiringStatus),
    ("ScheduleListed", "airings", "kind"): tuple(AiringKind),
    ("ScheduleListed", "airings", "status"): tuple(AiringStatus),
    ("AiringCard", "kind"): tuple(AiringKind),
    ("AiringCard", "status"): tuple(AiringStatus),
    ("AiringPreview", "what"): tuple(labels("vi")["airing_done"]),
    ("AiringDecided", "what"): tuple(labels("vi")["airing_done"]),
    ("EpisodeCard", "airings", "kind"): tuple(AiringKind),
    ("EpisodeCard", "missing"): (tuple(Missing), ()),
    ("EpisodePartAsked", "part"): tuple(EpisodePart),
    ("CandidatesListed", "questions", "status"): tuple(Status),
    ("PlanPreview", "missing"): (tuple(Missing), ()),
    ("LinkAdded", "kind"): tuple(LinkKind),
    ("LinkRemoved", "kind"): tuple(LinkKind),
    ("LinksListed", "links", "kind"): tuple(LinkKind),
    ("LinksListed", "totals", "kind"): tuple(LinkKind),
    ("MomentChoice", "kind"): tuple(LinkKind),
    ("MomentChoice", "links", "kind"): tuple(LinkKind),
    ("MomentDropped", "kind"): tuple(LinkKind),
    ("MomentSet", "kind"): tuple(LinkKind),
    ("ViewsChoice", "links", "kind"): tuple(LinkKind),
    ("ViewsRecorded", "kind"): tuple(LinkKind),
    ("ViewsTotalled", "kinds", "kind"): tuple(LinkKind),
    ("EpisodeShown", "questions", "moments", "kind"): tuple(LinkKind),
    ("FilterAsked", "what"): ("field", "year"),
}
# Never empty, or the notice says nothing.
NEEDED = {"code", "agency", "original", "link", "version"}


def full(kind: Any, path: tuple[str, ...], text: str) -> list[Any]:
    """Values of a type with something in them: one, or each of a fixed set."""
    if path in CHOICES:
        return list(CHOICES[path])
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        (inner,) = (one for one in typing.get_args(kind) if one is not types.NoneType)
        return full(inner, path, text)
    if typing.get_origin(kind) is tuple:
        row, *rest = typing.get_args(kind)
        if rest == [Ellipsis]:
            return [tuple(full(row, path, text)) * 2]
        columns = [full(one, (*path, str(at)), text) for at, one in enumerate([row, *rest])]
        longest = max(map(len, columns))
        return [tuple(column[at % len(column)] for column in columns) for at in range(longest)]
    if is_dataclass(kind):
        fields = {name: full(one, (*path, name), text) for name, one in typing.get_type_hints(kind).items()}
        longest = max(map(len, fields.values()))
        lines = ({name: of[at % len(of)] for name, of in fields.items()} for at in range(longest))
        return [typing.cast(type, kind)(**line) for line in lines]
    plain: dict[Any, list[Any]] = {
        str: [text],
        int: [7],
        float: [28.94],
        bool: [True],
        datetime: [NOON],
        date: [NOON.date()],
    }
    return plain[kind]


def empty(kind: Any, path: tuple[str, ...], text: str) -> list[Any]:
    """The value of a type with nothing in it."""
    if type(None) in typing.get_args(kind):
        return [None]
    if path in CHOICES:
        return [CHOICES[path][0]]
    if typing.get_origin(kind) is tuple:
        return [()]
    if kind is str:
        return [text] if path[-1] in NEEDED else [""]
    plain: dict[Any, list[Any]] = {
        int: [0],
        float: [0.0],
        bool: [False],
        datetime: [NOON],
        date: [NOON.date()],
    }
    return plain[kind]


def examples(notice: type[Notice], text: str) -> Iterator[Notice]:
    """Everything filled, nothing filled, and each value of each field with the others filled, and empty."""
    kinds = typing.get_type_hints(notice)
    rich = {name: full(kind, (notice.__name__, name), text) for name, kind in kinds.items()}
    poor = {name: empty(kind, (notice.__name__, name), text) for name, kind in kinds.items()}
    for base in (rich, poor):
        some = {name: values[0] for name, values in base.items()}
        yield notice(**some)
        for name in kinds:
            for value in (*rich[name], *poor[name]):
                yield notice(**some | {name: value})


UNTIDY = re.compile(r"  | [.,;:)]|\( |\(\)|“”|\bNone\b|\bTrue\b|\bFalse\b|function|\b\w+\.[A-Z_]{3,}\b|\n{3}")
SAID = [one for one in NOTICES if one is not chat.Refusal]  # whose HTML is a refusal, below


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice", SAID, ids=lambda one: one.__name__)
def test_every_notice_is_said_in_html_that_telegram_takes(language: str, notice: type[Notice]) -> None:
    for example in examples(notice, HOSTILE):
        html = WORDS[language].say(example)
        assert visible(html).strip(), example


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice", SAID, ids=lambda one: one.__name__)
def test_every_notice_is_tidy(language: str, notice: type[Notice]) -> None:
    """No gaps where something is missing, and no Python in the words."""
    kinds = typing.get_type_hints(notice)
    rich = {name: full(kind, (notice.__name__, name), CALM)[0] for name, kind in kinds.items()}
    optional = {
        name: empty(kind, (notice.__name__, name), CALM)[0]
        for name, kind in kinds.items()
        if kind is not str or name in ("note", "detail", "preview", "why", "words", "query", "province", "by")
    }
    for name in (None, *optional):
        if name == "by" and (notice.__name__, name) in CHOICES:
            continue
        said = visible(WORDS[language].say(notice(**rich if name is None else rich | {name: optional[name]})))
        assert not UNTIDY.search(said), said
        assert said == said.strip()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["text", "agency", "official_letter"])
def test_what_people_wrote_arrives_unchanged(language: str, name: str) -> None:
    answer = next(iter(examples(answers.AnswerSent, CALM)))
    said = visible(WORDS[language].say(answers.AnswerSent(**vars(answer) | {name: HOSTILE})))
    assert unicodedata.normalize("NFC", HOSTILE) in unicodedata.normalize("NFC", said)


# --- templates and notices belong together ------------------------------------------------------------------


def template_of(notice: type[Notice]) -> str:
    subject = notice.__module__.removeprefix("messages.notices.")
    return f"notices/{subject}/{re.sub(r'(?<!^)(?=[A-Z])', '_', notice.__name__).lower()}.j2"


def templates(language: str) -> set[str]:
    folder = TEMPLATES / language
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_notice_and_reason_has_one_template_and_no_template_is_left_over(language: str) -> None:
    wanted = {template_of(notice) for notice in NOTICES} | {f"refusals/{reason}.j2" for reason in Reason}
    assert templates(language) == {*wanted, "labels.toml", "typed.toml"}


PARSER = jinja2.Environment(autoescape=True)
PARSER.filters |= dict.fromkeys(("when", "day", "short_day", "clock", "excerpt", "label", "number"), str)

# Carried by the notice, for buttons or for the record; no language has to say it.
UNSAID: set[tuple[str, str]] = set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice", NOTICES, ids=lambda one: one.__name__)
def test_a_template_uses_what_its_notice_carries(language: str, notice: type[Notice]) -> None:
    source = (TEMPLATES / language / template_of(notice)).read_text(encoding="utf-8")
    used = jinja2.meta.find_undeclared_variables(PARSER.parse(source))
    carried = set(typing.get_type_hints(notice))
    assert used <= carried
    assert {(notice.__name__, name) for name in carried - used} <= UNSAID


def lines_in(kind: Any) -> Iterator[type]:
    """The dataclasses that a type holds: those of a notice's lines, and of the lines in them."""
    if is_dataclass(kind) and isinstance(kind, type):
        yield kind
        for inner in typing.get_type_hints(kind).values():
            yield from lines_in(inner)
    for inner in typing.get_args(kind):
        yield from lines_in(inner)


LINES = {notice: list(dict.fromkeys([*lines_in(notice)][1:])) for notice in NOTICES}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice", [one for one in NOTICES if LINES[one]], ids=lambda one: one.__name__)
def test_a_template_uses_what_the_lines_of_its_notice_carry(language: str, notice: type[Notice]) -> None:
    """By the name of a field alone; a name that no line has is undefined, and saying the examples fails."""
    source = (TEMPLATES / language / template_of(notice)).read_text(encoding="utf-8")
    used = {node.attr for node in PARSER.parse(source).find_all(jinja2.nodes.Getattr)}
    carried = {name for line in LINES[notice] for name in typing.get_type_hints(line)}
    assert carried - used == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_but_a_finished_refusal_passes_unescaped(language: str) -> None:
    for name in templates(language) - {"notices/chat/refusal.j2"}:
        source = (TEMPLATES / language / name).read_text(encoding="utf-8")
        assert "|safe" not in source.replace(" ", ""), name
        assert "autoescape" not in source, name


# --- refusals -----------------------------------------------------------------------------------------------

FACTS: tuple[dict[str, object], ...] = (
    {},
    {"code": "DH-2026-000123"},
    {"code": "DH-2026-000123", "action": Action.REOPEN, "status": Status.WAITING},
    {"code": "DH-2026-000123", "original": "DH-2026-000001", "role": Role.OFFICER, "bot": "danhoi_bot"},
    {"code": "DH-2026-000123", "original": "", "until": NOON, "limit": 20000, "bot": None},
    {"typed": HOSTILE, "agency": HOSTILE, "successors": ("SNNMT", "STC"), "name": HOSTILE, "command": "xem"},
    {"code": "DH-2026-000123", "leader": True, "editor": False},
    {"code": "DH-2026-000123", "leader": False, "editor": True},
    {"code": "DH-2026-000123", "left": 1, "due_at": NOON},
    {"code": "DH-2026-000123", "left": 0},
    {"typed": "32/1", "day": NOON.date(), "kind": DayKind.WORK, "year": 2027, "first": 2026, "last": 2029},
    {"host": HOSTILE, "hosts": ("kgtv.vn", "youtu.be"), "episode": "12/2026"},
    {"typed": "", "agency": "", "successors": (), "name": "", "least": 1, "most": 5},
    {"day": NOON.date(), "at": NOON, "channel": "KG", "choices": ("19:50 KG", HOSTILE), "channels": ("KG",)},
    {"day": NOON.date(), "at": "19:50", "channel": "", "choices": (), "channels": ()},
    {"code": "DH-2026-000123", "number": "12/2026", "found": (HOSTILE, "0901234567"), "what": HOSTILE},
    {"number": "12/2026", "missing": tuple(Missing), "found": (), "what": ""},
    {"refused": (("DH-2026-000123", HOSTILE + "."), ("29", "Không tìm thấy câu hỏi."))},
    {"typed": HOSTILE, "from_day": NOON.date(), "to_day": NOON.date(), "most": 1_048_575},
    {"codes": tuple(RefusalCode)},
    {"code": "DH-2026-000123", "staff": True, "ends": NOON.date()},
    {"code": "DH-2026-000123", "staff": False},
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", Reason)
def test_every_refusal_is_said_with_and_without_facts(language: str, reason: Reason) -> None:
    for facts in FACTS:
        html = WORDS[language].refusal(RuleViolation(reason, **facts))
        said = visible(html)
        assert said.endswith((".", "5", "3", "/trogiup", "”")), said
        assert not UNTIDY.search(said), said
        assert said.count("\n") == 0
        notice = WORDS[language].say(chat.Refusal(html=html))
        assert notice == html


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_that_does_not_exist_and_one_a_stranger_may_not_know_of_sound_alike(language: str) -> None:
    assert {WORDS[language].refusal(RuleViolation(Reason.UNKNOWN_CODE, **facts)) for facts in FACTS} == {
        WORDS[language].refusal(RuleViolation(Reason.UNKNOWN_CODE))
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", [one for one in Reason if one is not Reason.UNKNOWN_REFUSAL])
def test_a_refusal_never_says_that_a_question_is_a_denunciation(language: str, reason: Reason) -> None:
    for facts in FACTS:  # but the list of codes has to name it
        said = fold(visible(WORDS[language].refusal(RuleViolation(reason, **facts))))
        assert "to cao" not in said
        assert "denunciation" not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_asker_reads_why_for_every_reason_to_refuse(language: str) -> None:
    """A reason without a branch in the template says nothing: so does one that there is not."""
    say = WORDS[language].say
    nothing = say(questions.QuestionRefused(code="DH-2026-000123", reason="none", note=""))
    said = {reason: say(questions.QuestionRefused("DH-2026-000123", reason, "")) for reason in RefusalCode}
    assert [reason for reason, text in said.items() if text == nothing] == []
    assert len(set(said.values())) == len(RefusalCode)


# --- labels -------------------------------------------------------------------------------------------------


def flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_labels_and_none_is_empty(language: str) -> None:
    assert flat(labels(language)).keys() == flat(labels("vi")).keys()
    for key, value in flat(labels(language)).items():
        assert value == value.strip(), key
        assert value, key
        assert "<" not in value, key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("table", "keys"),
    [("status", Status), ("event", Event), ("role", Role), ("capacity", Capacity), ("channel", Intake),
     ("refusal_code", RefusalCode), ("consent", Consent),
     ("entry", EntryKind), ("late_by", Holder), ("audit", AuditAct), ("step", ApprovalStep), ("emergency", Emergency),
     ("airing_kind", AiringKind), ("airing_status", AiringStatus),
     ("episode_part", EpisodePart), ("plan_missing", Missing), ("episode", AiringKind),
     ("link_kind", LinkKind)],
)  # fmt: skip
def test_everything_that_has_a_name_in_the_rules_has_one_in_the_labels(
    language: str, table: str, keys: Any
) -> None:
    assert set(keys) <= labels(language)[table].keys()


def test_every_emergency_number_says_whom_it_calls() -> None:
    for number in {number for numbers in EMERGENCY_NUMBERS.values() for number in numbers}:
        assert number in labels("vi")["emergency"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_fit_where_the_messenger_shows_them(language: str) -> None:
    assert all(len(value) <= 200 for value in labels(language)["toast"].values())  # answerCallbackQuery.text
    for command, description in labels(language)["command"].items():  # BotCommand
        assert re.fullmatch(r"[a-z0-9_]{1,32}", command)
        assert 1 <= len(description) <= 256
    assert all(len(value) <= 32 for value in labels(language)["button"].values())


def test_the_consent_version_is_the_same_in_every_language() -> None:
    first, *others = [labels(language)["consent_version"] for language in LANGUAGES]
    assert set(first) == set(Consent)
    assert all(other == first for other in others)


# The contract, "In the chat": scripts press these.
CONTRACT = {
    "consent": "Đồng ý", "skip": "Bỏ qua", "send_question": "Gửi câu hỏi", "cancel": "Hủy",
    "reply": "Trả lời", "accept": "Nhận xử lý", "approve": "Duyệt",
    "send_back": "Yêu cầu sửa", "confirm": "Xác nhận",
}  # fmt: skip
COMMANDS = (
    "start hoi cuatoi tracuu lich xemlai hoidap dangky danhgia molai rut dulieu xoadulieu ngonngu huy "
    "trogiup viec xem nhan trave hoithem giahan traloi duyet sualai moi chuyen gop tuchoi congkhai nhaptay "
    "kyphat kichban lichphat thongbao moinguoi ngaynghi baocao xuatso nhatky tinhtrang"
)


@pytest.mark.parametrize(("key", "label"), CONTRACT.items())
def test_buttons_carry_the_labels_of_the_contract(key: str, label: str) -> None:
    assert labels("vi")["button"][key] == label


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_of_the_contract_has_a_description(language: str) -> None:
    assert set(COMMANDS.split()) <= labels(language)["command"].keys()


def test_the_code_asks_only_for_labels_that_exist() -> None:
    """Keys as they stand in the source; those put together at run time are the tables above."""
    known = flat(labels("vi")).keys()
    # "ask." begins the steps of a conversation too
    tables = [one for one, table in labels("vi").items() if isinstance(table, dict) and one != "ask"]
    key = re.compile(rf'(?<!\w)"((?:{"|".join(tables)})\.\w+)"')
    for room in ("services", "handlers", "channels", "bot"):
        for path in (TEMPLATES.parent.parent / room).rglob("*.py"):
            for found in key.findall(path.read_text(encoding="utf-8")):
                assert found in known, f"{path}: {found}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_button_named_in_a_sentence_exists(language: str) -> None:
    buttons = set(labels(language)["button"].values())
    for name in templates(language):
        if name.startswith("notices/"):
            source = (TEMPLATES / language / name).read_text(encoding="utf-8")
            for quoted in re.findall(r"“([^”{]+)”", source):
                assert quoted in buttons, f"{name}: {quoted}"


# --- tone and language --------------------------------------------------------------------------------------


def sources(language: str) -> Iterator[tuple[str, str]]:
    for name in sorted(templates(language)):
        yield name, (TEMPLATES / language / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_templates_are_written_in_composed_characters(language: str) -> None:
    for name, source in sources(language):
        assert source == unicodedata.normalize("NFC", source), name


def test_people_are_never_addressed_as_ban() -> None:
    for name, source in sources("vi"):
        assert not re.search(r"\bbạn\b", source.lower()), name


def test_commands_named_in_a_sentence_exist() -> None:
    for language in LANGUAGES:
        for name, source in sources(language):
            if not name.endswith(".toml"):
                for command in re.findall(r"(?<![<\w/])/([a-z]+)\b", re.sub(r"{[%{].*?[%}]}", "", source)):
                    assert command in labels(language)["command"], f"{name}: /{command}"


NAMES_IN_ENGLISH = ("Tiếng Việt", "Thanh tra tỉnh")


def test_english_leaves_no_vietnamese_behind() -> None:
    for name, source in sources("en"):
        ours = re.sub("|".join(NAMES_IN_ENGLISH), "", source)
        marked = [sign for sign in unicodedata.normalize("NFD", ours) if unicodedata.combining(sign)]
        assert not marked, name
        assert "đ" not in ours.lower(), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_machine_says_that_it_is_one_and_what_it_never_asks_for(language: str) -> None:
    said = WORDS[language].say(chat.Welcome(programme=CALM, province="", roles=()))
    assert ("tự động" if language == "vi" else "automatic") in said
    assert "OTP" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_citizen_reads_dates_in_programme_time(language: str) -> None:
    said = WORDS[language].say(asking.QuestionReceived(code="DH-2026-000123", assign_due_at=NOON))
    noon = {"vi": "12:00, thứ Tư, ngày 25/11/2026", "en": "12:00, Wednesday, 25 November 2026"}
    assert noon[language] in said
    assert "/tracuu DH-2026-000123" in said
    assert "/cuatoi" in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("violation", "told"),
    [
        (RuleViolation(Reason.TOO_MANY_FILES, limit=10), ["10"]),
        (RuleViolation(Reason.MERGED, code="DH-2026-000002", original="DH-2026-000001"), ["DH-2026-000001"]),
        (RuleViolation(Reason.UNKNOWN_AGENCY, typed="Sở Lạ"), ["Sở Lạ"]),
        (
            RuleViolation(Reason.AGENCY_ENDED, agency="Sở Cũ", successors=("SNNMT", "STC")),
            ["Sở Cũ", "SNNMT, STC"],
        ),
        (RuleViolation(Reason.REOPEN_TOO_LATE, code="DH-2026-000002", until=NOON), ["12:00", "2026"]),
        (RuleViolation(Reason.CODE_MISSING, command="xem"), ["/xem DH-2026-000123"]),
        (RuleViolation(Reason.GROUP_CHAT, bot="danhoi_bot"), ["@danhoi_bot"]),
    ],
    ids=lambda one: one.reason if isinstance(one, RuleViolation) else "",
)
def test_a_refusal_tells_the_facts_it_is_given(
    language: str, violation: RuleViolation, told: list[str]
) -> None:
    said = visible(WORDS[language].refusal(violation))
    for fact in told:
        assert fact in said


# What others read although it answers a question of ours: whoever types it is told who they are.
WORDS_FOR_OTHERS = (
    "extend", "grant_in_words", "refuse_extension", "promise", "promise_kept", "promise_move", "return", "ask_more",
    "send_back", "reopen", "correct_why", "supply", "rating_words", "delivery", "airing_move", "airing_cancel",
)  # fmt: skip


@pytest.mark.parametrize(("language", "says"), [("vi", r"\bđọc\b|\bgửi người hỏi\b"), ("en", r"\bread\b")])
def test_whoever_types_a_reason_is_told_who_will_read_it(language: str, says: str) -> None:
    asked = labels(language)["ask"]
    assert [what for what in WORDS_FOR_OTHERS if not re.search(says, asked[what])] == []
