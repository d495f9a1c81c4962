"""The operator's commands: what they print, where, and how they end (contract)."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.operator.commands import app
from domain.programme import Programme
from domain.questions.life import Role
from services.airings import changes
from storage.engine.database import Database
from tests.conftest import SetClock
from tests.worlds import programme
from tests.worlds.world import World, staff

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "samples"


class Operator:
    """Somebody at the command line, with a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "config.toml").write_text('[programme]\nprovince = "An Giang"\n', "utf-8")

    def call(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DANHOI_")}
        whole = [*arguments, "--config", str(self.folder / "config.toml")]
        out, err = self.folder / "out.txt", self.folder / "err.txt"
        for file in (out, err):
            file.write_bytes(b"")
        process = programme.start(whole, env=environment, cwd=self.folder, out=out, err=err)
        process.join(60)
        status = programme.status_of(process)
        return subprocess.CompletedProcess(whole, status, out.read_text("utf-8"), err.read_text("utf-8"))

    def file(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text, "utf-8")
        return str(self.folder / name)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.folder / "data" / "danhoi.db")) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)


@pytest.fixture(scope="session")
def loaded_once(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """A folder into which an operator has loaded the samples."""
    operator = Operator(tmp_path_factory.mktemp("loaded"))
    for what in ("fields", "agencies", "days"):
        done = operator.call("load", what, str(SAMPLES / f"{what}.csv"))
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
    return operator


@pytest.fixture
def loaded(operator: Operator, loaded_once: Operator) -> Operator:
    shutil.copytree(loaded_once.folder, operator.folder, dirs_exist_ok=True)
    return operator


def test_the_samples_load_and_loading_them_again_changes_nothing(loaded: Operator) -> None:
    before = loaded.rows("SELECT * FROM agencies"), loaded.rows("SELECT * FROM agency_aliases")
    assert loaded.call("load", "agencies", str(SAMPLES / "agencies.csv")).returncode == 0
    assert (loaded.rows("SELECT * FROM agencies"), loaded.rows("SELECT * FROM agency_aliases")) == before


def test_episodes_load_by_year_and_number(loaded: Operator) -> None:
    file = str(SAMPLES / "episodes_2024.csv")
    assert loaded.call("load", "episodes", file, "--dry-run").returncode == 0
    assert loaded.rows("SELECT * FROM episodes") == []
    for _ in range(2):
        done = loaded.call("load", "episodes", file)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert loaded.rows("SELECT count(*) FROM episodes WHERE year = 2024") == [(36,)]
    bad = loaded.file("bad.csv", "number,year,title,field\n1,2024,,dat-dai\nx,2024,A,dat-dai\n")
    done = loaded.call("load", "episodes", bad)
    assert done.returncode == 1
    assert "line 2: title is empty" in done.stderr
    assert "line 3: number is no number from 1 to 999: 'x'" in done.stderr


def test_a_broken_template_of_the_script_plan_is_refused_at_start(operator: Operator) -> None:
    operator.file("mau.docx", "Kỳ {{ number }}")
    operator.file(
        "config.toml", '[telegram]\ntoken = "1:test"\n[episodes]\nscript_plan_template = "mau.docx"\n'
    )
    done = operator.call("run")
    assert done.returncode == 1
    assert "episodes.script_plan_template" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_could_not_be_read_is_listed_without_its_words_and_tried_once_more(operator: Operator) -> None:
    assert operator.call("migrate").returncode == 0
    with closing(sqlite3.connect(operator.folder / "data" / "danhoi.db")) as connection, connection:
        for event, payload, tries in (("5", '{"update_id": 5, "message": {"text": "kín"}}', 0), ("6", "", 3)):
            connection.execute(
                "INSERT INTO inbox (channel, event, place, chat, payload, received_at, state, tries)"
                " VALUES ('telegram', ?, ?, '7', ?, '2026-11-02 02:00:00.000000', 'parked', ?)",
                (event, int(event), payload, tries),
            )
    listed = operator.call("inbox", "list", "--json")
    at = {"channel": "telegram", "received_at": "2026-11-02T09:00:00+07:00"}
    assert json.loads(listed.stdout) == [
        {**at, "event": "5", "kind": "message", "why": "unreadable"},
        {**at, "event": "6", "kind": None, "why": "failed"},
    ]
    assert "kín" not in operator.call("inbox", "list").stdout
    assert json.loads(operator.call("inbox", "retry", "--json").stdout) == {"retried": 2}
    assert json.loads(operator.call("inbox", "list", "--json").stdout) == []
    assert operator.rows("SELECT event, state, tries FROM inbox ORDER BY place") == [
        ("5", "waiting", 0),
        ("6", "waiting", 0),
    ]


def test_a_dry_run_changes_nothing(operator: Operator) -> None:
    done = operator.call("load", "fields", str(SAMPLES / "fields.csv"), "--dry-run")
    assert done.returncode == 0
    assert operator.rows("SELECT * FROM fields") == []


def test_a_file_with_bad_lines_is_refused_whole_and_every_bad_line_is_named(loaded: Operator) -> None:
    bad = loaded.file(
        "bad.csv",
        "code,name,short_name,level,fields\n"
        "SMOI,Sở Mới,Sở Mới,province,dat-dai\n"
        "SHONG,,Sở Hỏng,planet,khong-co\n"
        "SMOI,Sở Mới,Sở Mới,province,\n",
    )
    done = loaded.call("load", "agencies", bad)
    assert done.returncode == 1
    assert "line 3: name is empty" in done.stderr
    assert "line 3: unknown level 'planet'" in done.stderr
    assert "line 3: unknown field 'khong-co'" in done.stderr
    assert "line 4: code 'SMOI' stands on line 2 already" in done.stderr
    assert loaded.rows("SELECT * FROM agencies WHERE code LIKE 'S%M_I' AND code = 'SMOI'") == []
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"code,name\nA,B\n", "columns are missing: name_en"),
        (b'code,name,name_en\n"A,B,C\n', "line"),
        (b"\xff\xfe", "cannot be read"),
        (b"", "columns are missing"),
        (b"code,name,name_en\nA,B\n", "line 2: not as many cells"),
    ],
)
def test_a_file_that_is_no_such_list_is_refused(operator: Operator, content: bytes, sentence: str) -> None:
    (operator.folder / "x.csv").write_bytes(content)
    done = operator.call("load", "fields", str(operator.folder / "x.csv"))
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("language", "sentence"), [("vi", "chọn Lưu thành, kiểu “CSV UTF-8”"), ("en", "save it as “CSV UTF-8”")]
)
def test_what_to_do_about_a_file_is_said_in_the_programmes_language(
    operator: Operator, language: str, sentence: str
) -> None:
    operator.file("config.toml", f'[programme]\nlanguage = "{language}"\n')
    (operator.folder / "x.csv").write_bytes(b"code,name,name_en\nA,S\xeb Y t\xd5,Health\n")  # TCVN3
    done = operator.call("load", "fields", str(operator.folder / "x.csv"))
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("what", ["fields", "views"])
def test_a_file_that_has_no_end_is_refused_before_it_fills_the_memory(operator: Operator, what: str) -> None:
    huge = operator.folder / "huge.csv"
    huge.touch()
    os.truncate(huge, 50_000_000_000)  # takes no room on the disk
    done = operator.call("load", what, str(huge))
    assert done.returncode == 1
    assert "huge.csv cannot be read: it has more than 20 MB" in done.stderr


def test_views_load_and_where_they_fall_is_said(loaded: Operator) -> None:
    with closing(sqlite3.connect(loaded.folder / "data" / "danhoi.db")) as connection, connection:
        connection.execute(
            "INSERT INTO episodes (id, year, number, title, created_at) VALUES (1, 2024, 12, 'Kỳ', '2024-06-01')"
        )
        connection.execute(
            "INSERT INTO links (episode_id, kind, url, added_at)"
            " VALUES (1, 'tv', 'https://kgtv.vn/ky-12', '2024-06-01')"
        )
    views = loaded.file(
        "views.csv",
        "year,number,url,date,views\n"
        "2024,12,https://www.kgtv.vn/ky-12/?utm_source=x,2024-06-02,1800\n"
        "2024,12,https://kgtv.vn/ky-12,2024-06-03,1700\n",
    )

    dry = loaded.call("load", "views", views, "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "1700 views on 2024-06-03 are fewer than the 1800 of 2024-06-02" in dry.stderr
    assert loaded.rows("SELECT * FROM link_views") == []

    for _ in range(2):
        done = loaded.call("load", "views", views)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        assert "fewer than" in done.stderr
    assert loaded.rows("SELECT day, views FROM link_views") == [("2024-06-02", 1800), ("2024-06-03", 1700)]

    bad = loaded.call(
        "load", "views", loaded.file("bad.csv", "year,number,url,date,views\n2024,13,x,2024-06-02,5\n")
    )
    assert bad.returncode == 1
    assert "line 2: there is no episode '13' of '2024'" in bad.stderr
    assert "Traceback" not in bad.stderr


def test_an_invitation_has_no_link_until_the_bots_name_is_known(loaded: Operator) -> None:
    done = loaded.call("invite", "--role", "officer", "--agency", "SNNMT", "--json")
    invitation = json.loads(done.stdout)
    assert invitation["link"] is None
    assert len(invitation["code"]) <= 64
    assert invitation["expires_at"].endswith("+07:00")
    # Who reads the table can't use it.
    assert invitation["code"] not in str(loaded.rows("SELECT * FROM invitations"))


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("invite", "--role", "officer", "--json"), 1),  # of which agency?
        (("invite", "--role", "editor", "--agency", "SNNMT"), 1),
        (("invite", "--role", "officer", "--agency", "KHONGCO"), 1),
        (("invite", "--role", "king"), 2),
        (("question", "DH-2026-000001", "--json"), 1),
        (("question", "xin chào", "--json"), 1),
        (("questions", "--json", "--status", "sleeping"), 2),
        (("load", "dreams", "x.csv"), 2),
        (("load", "fields", "absent.csv"), 1),
        (("calendar", "due", "--from", "2026-11-20T20:00", "--days", "0"), 2),
        (("calendar", "due", "--from", "hôm qua", "--days", "3"), 2),
        (("run",), 1),  # no token
        (("nothing",), 2),
    ],
)
def test_what_cannot_be_done_ends_with_its_status_and_without_a_traceback(
    loaded: Operator, arguments: tuple[str, ...], status: int
) -> None:
    done = loaded.call(*arguments)
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def python(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """A Python of its own, for what happens before the programme is loaded."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DANHOI_")}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_service_loads_nothing_that_colours_a_terminal() -> None:
    done = python(
        "-c",
        "import sys; sys.argv = ['danhoi', 'run']; import bot.__main__, bot.operator.commands, bot.house.run; "
        "print([name for name in sys.modules if name.partition('.')[0] == 'rich'])",
    )
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize(("option", "status"), [("--nothing", 2), ("--help", 0)])
def test_what_is_said_of_the_service_on_a_terminal_still_finds_it(option: str, status: int) -> None:
    done = python("-m", "bot", "run", option)
    assert done.returncode == status, done.stderr
    assert option in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("since", "days", "due"),
    [
        ("2026-11-20T20:00", 3, "2026-11-26T17:00:00+07:00"),  # 24/11 is Culture Day
        ("2026-08-28T10:00", 3, "2026-09-07T17:00:00+07:00"),
        ("2026-11-06T13:00:00Z", 3, "2026-11-11T17:00:00+07:00"),
    ],
)
def test_a_limit_of_working_days_is_one_bare_line(loaded: Operator, since: str, days: int, due: str) -> None:
    done = loaded.call("calendar", "due", "--from", since, "--days", str(days))
    assert done.stdout == f"{due}\n"


def test_a_listed_day_wins_in_the_reckoning_of_a_limit(loaded: Operator) -> None:
    listed = loaded.file("days.csv", "date,kind,note\n2026-11-24,work,\n2026-11-28,work,\n2026-11-23,off,\n")
    assert loaded.call("load", "days", listed).returncode == 0
    done = loaded.call("calendar", "due", "--from", "2026-11-20T20:00", "--days", "5")
    assert done.stdout == "2026-11-28T17:00:00+07:00\n"  # the Saturday, after 24, 25, 26, 27


async def _questions(operator: Operator) -> None:
    """On 2/11/2026 one is received, one assigned, one waits for its asker."""
    database = Database(
        f"sqlite+aiosqlite:///{operator.folder / 'data' / 'danhoi.db'}",
        clock=SetClock(datetime(2026, 11, 2, 2, tzinfo=UTC)),
        programme=Programme(),
    )
    async with database.work() as work:
        world = await World.build(work)
        await world.received(work)
        await world.assigned(work)
        await world.waiting(work)
    await database.close()


MOVES = [
    "DH-2026-000001 assignment 2026-11-05T17:00:00+07:00 -> 2026-11-06T17:00:00+07:00",
    "DH-2026-000003 reply 2026-11-09T17:00:00+07:00 -> 2026-11-10T17:00:00+07:00",
    "DH-2026-000002 answer 2026-11-16T17:00:00+07:00 -> 2026-11-17T17:00:00+07:00",
]


async def test_loading_an_agency_that_has_ended_says_which_questions_go_on_with_whom(
    loaded: Operator,
) -> None:
    await _questions(loaded)
    columns = "code,name,short_name,level,fields,aliases,predecessors,valid_to,successors\n"
    ends = loaded.file("ends.csv", f"{columns}SNNMT,Sở Cũ,Sở Cũ,province,,,,2026-10-31,SCT\n")
    before = loaded.rows("SELECT * FROM questions"), loaded.rows("SELECT * FROM agencies")
    dry = loaded.call("load", "agencies", ends, "--dry-run")
    assert (dry.returncode, dry.stdout) == (0, "")
    assert dry.stderr.splitlines() == [
        "DH-2026-000002 SNNMT -> SCT",
        "DH-2026-000003 SNNMT -> SCT",
        "danhoi: 2 questions would be handed over",
        "danhoi: messages reach no officer of SCT yet",
        "danhoi: 1 agencies would be loaded",
    ]
    assert (loaded.rows("SELECT * FROM questions"), loaded.rows("SELECT * FROM agencies")) == before
    nobody = loaded.file("nobody.csv", f"{columns}SNNMT,Sở Cũ,Sở Cũ,province,,,,2026-10-31,\n")
    refused = loaded.call("load", "agencies", nobody)
    assert refused.returncode == 1
    assert "line 2: SNNMT ends with open questions (DH-2026-000002, DH-2026-000003)" in refused.stderr
    assert "đúng một cơ quan kế tục" in refused.stderr
    assert (loaded.rows("SELECT * FROM questions"), loaded.rows("SELECT * FROM agencies")) == before
    assert loaded.call("load", "agencies", ends).returncode == 0
    told = json.loads(loaded.call("question", "DH-2026-000002", "--json").stdout)
    assert told["lead_agency"] == "SCT"
    assert told["history"][-1]["event"] == "reassigned"


async def test_loading_days_says_which_deadlines_move_and_moves_them(loaded: Operator) -> None:
    await _questions(loaded)
    late = loaded.file("late.csv", "date,kind,note\n2026-11-05,off,Bão\n2026-11-24,off,\n")
    tables = ("questions", "clarifications", "days", "history", "outbox")
    before = [loaded.rows(f"SELECT * FROM {table}") for table in tables]

    dry = loaded.call("load", "days", late, "--dry-run")
    assert (dry.returncode, dry.stdout) == (0, "")
    assert dry.stderr.splitlines() == [
        *MOVES,
        "danhoi: 3 deadlines would move",
        "danhoi: 2 days would be loaded",
    ]
    assert [loaded.rows(f"SELECT * FROM {table}") for table in tables] == before

    done = loaded.call("load", "days", late)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [*MOVES, "danhoi: 3 deadlines moved", "danhoi: 2 days loaded"]
    told = json.loads(loaded.call("question", "DH-2026-000002", "--json").stdout)
    assert told["due_at"] == "2026-11-17T17:00:00+07:00"
    assert told["history"][-1]["event"] == "rescheduled"

    again = loaded.call("load", "days", late)
    assert again.stderr.splitlines() == ["danhoi: 0 deadlines moved", "danhoi: 2 days loaded"]


async def test_bad_days_move_nothing(loaded: Operator) -> None:
    await _questions(loaded)
    bad = loaded.file(
        "bad.csv", "date,kind,note\n2026-11-05,off,\n2026-11-32,off,\n2026-11-06,closed,\n,off,\n"
    )
    before = loaded.rows("SELECT * FROM questions"), loaded.rows("SELECT * FROM days")
    for arguments in ((), ("--dry-run",)):
        done = loaded.call("load", "days", bad, *arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert "line 3: date is no date" in done.stderr
        assert "line 4: kind is neither off nor work: 'closed'" in done.stderr
        assert "line 5: date is empty" in done.stderr
        assert "->" not in done.stderr
    assert (loaded.rows("SELECT * FROM questions"), loaded.rows("SELECT * FROM days")) == before


# --- slots and airings ----------------------------------------------------------------------------------------


async def test_slots_load_and_airings_are_printed_as_the_contract_has_them(operator: Operator) -> None:
    dry = operator.call("load", "slots", str(SAMPLES / "slots.csv"), "--dry-run")
    assert (dry.returncode, dry.stdout, dry.stderr) == (0, "", "danhoi: 8 slots would be loaded\n")
    assert operator.rows("SELECT * FROM slots") == []
    done = operator.call("load", "slots", str(SAMPLES / "slots.csv"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "danhoi: 8 slots loaded\n")

    printed = operator.call("airings", "--from", "2124-11-01", "--to", "2124-11-05", "--json")
    assert (printed.returncode, printed.stderr) == (0, "")
    # 1/11/2124 is a Wednesday: Saturday 4 is the first, Sunday 5 the day after; no Tuesday yet.
    assert json.loads(printed.stdout) == [
        {
            "starts_at": f"2124-11-{at}:00+07:00",
            "channel": channel,
            "kind": kind,
            "episode": None,
            "status": "planned",
        }
        for at, channel, kind in (
            ("04T19:50", "KG", "first"),
            ("05T05:55", "KG", "repeat"),
            ("05T06:50", "KG1", "repeat"),
        )
    ]
    plain = operator.call("airings", "--from", "2124-11-04", "--to", "2124-11-04").stdout
    assert plain == "2124-11-04T19:50:00+07:00  KG            first   planned    -\n"


def test_bad_slots_are_named_and_nothing_is_loaded(operator: Operator) -> None:
    bad = operator.file(
        "bad.csv",
        "slot,channel,medium,weeks,weekday,time,minutes,repeat_of,days_after,valid_from,valid_to\n"
        "A,KG,tv,1|3,sat,19:50,30,,,,\n"
        "B,KG,tv,1|6,sat,19:50,30,,,,\n"
        "C,KG,tv,,,05:55,30,X,1,,\n",
    )
    done = operator.call("load", "slots", bad)
    assert (done.returncode, done.stdout) == (1, "")
    assert "line 3: a week of the month is 1 to 5: '6'" in done.stderr
    assert "line 4: unknown repeat_of 'X'" in done.stderr
    assert operator.rows("SELECT * FROM slots") == []


STAYS = "follows no rule any more and stays as it is"


async def test_loading_slots_says_which_decisions_follow_no_rule_any_more(operator: Operator) -> None:
    assert operator.call("load", "slots", str(SAMPLES / "slots.csv")).returncode == 0
    database = Database(
        f"sqlite+aiosqlite:///{operator.folder / 'data' / 'danhoi.db'}",
        clock=SetClock(datetime(2026, 11, 2, 2, tzinfo=UTC)),
        programme=Programme(),
    )
    async with database.work() as work:
        editor = await staff(work, "editor", Role.EDITOR)
        await changes.cancel(work, editor, "R24:2126-11-26", "nghỉ lễ")
    await database.close()
    header, *_, radio = (SAMPLES / "slots.csv").read_text("utf-8").splitlines()
    ended = operator.file("ended.csv", f"{header}\n{radio}2026-12-31\n")
    for _ in range(2):  # it is still to come, so it is said each time
        done = operator.call("load", "slots", ended)
        assert (done.returncode, done.stdout) == (0, "")
        assert done.stderr.splitlines() == [
            f"danhoi: R24:2126-11-26 (cancelled, 2126-11-26 05:45, Phát thanh) {STAYS}",
            "danhoi: 1 slots loaded",
        ]
    printed = operator.call("airings", "--from", "2126-11-26", "--to", "2126-11-26", "--json")
    assert [row["status"] for row in json.loads(printed.stdout)] == ["cancelled"]


@pytest.mark.parametrize(
    ("first", "last", "status", "sentence"),
    [
        ("2026-11-02", "2026-11-01", 1, "danhoi: --from 2026-11-02 is after --to 2026-11-01\n"),
        ("2026-11-31", "2026-12-01", 2, "a date such as 2026-11-20"),
        ("2026-11-01", "hôm nay", 2, "a date such as 2026-11-20"),
    ],
)
def test_a_span_that_is_none(operator: Operator, first: str, last: str, status: int, sentence: str) -> None:
    done = operator.call("airings", "--from", first, "--to", last, "--json")
    assert (done.returncode, done.stdout) == (status, "")
    assert sentence in done.stderr


def test_no_question_is_an_empty_list(loaded: Operator) -> None:
    assert json.loads(loaded.call("questions", "--json").stdout) == []


def test_a_missing_token_and_an_unknown_key_are_named(operator: Operator) -> None:
    assert "telegram.token" in operator.call("run").stderr
    (operator.folder / "config.toml").write_text("[deadlines]\nanswer_day = 3\n", "utf-8")
    assert "deadlines.answer_day" in operator.call("questions", "--json").stderr


def test_a_database_of_something_else_is_left_alone(operator: Operator) -> None:
    (operator.folder / "data").mkdir()
    with closing(sqlite3.connect(operator.folder / "data" / "danhoi.db")) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    done = operator.call("migrate")
    assert done.returncode == 1
    assert "something else" in done.stderr
    assert operator.rows("SELECT name FROM sqlite_master") == [("recipes",)]


def test_a_file_that_is_no_database_is_refused_in_a_sentence(operator: Operator) -> None:
    (operator.folder / "data").mkdir()
    (operator.folder / "data" / "danhoi.db").write_bytes(b"not a database at all" * 100)
    done = operator.call("questions", "--json")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert (operator.folder / "data" / "danhoi.db").read_bytes() == b"not a database at all" * 100


# --- backup, restore, doctor -----------------------------------------------------------------------------------


def test_the_version_is_one_line_and_needs_no_configuration() -> None:
    done = CliRunner().invoke(app, ["--version"])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert (done.exit_code, done.stdout) == (0, f"danhoi {project['version']}\n")


def test_a_backup_overwrites_nothing_unless_it_is_forced(loaded: Operator) -> None:
    assert loaded.call("backup", "copy.tar").returncode == 0
    kept = (loaded.folder / "copy.tar").read_bytes()
    loaded.file("precious.txt", "not a backup")
    for name in ("copy.tar", "precious.txt"):
        refused = loaded.call("backup", name)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert f"{name} exists" in refused.stderr
        assert "--force" in refused.stderr
    assert (loaded.folder / "copy.tar").read_bytes() == kept
    assert (loaded.folder / "precious.txt").read_text("utf-8") == "not a backup"
    assert loaded.call("backup", "precious.txt", "--force").returncode == 0
    assert loaded.call("restore", "precious.txt", "--force").returncode == 0


@pytest.mark.parametrize(
    ("call", "printed"),
    [
        (("questions", "--json"), "[]\n"),
        (("questions",), ""),
        (("broadcasts", "--json"), "[]\n"),
        (("airings", "--from", "2026-11-01", "--to", "2026-11-30", "--json"), "[]\n"),
        (
            ("calendar", "due", "--from", "2026-11-02T08:00", "--days", "1"),
            "2026-11-03T17:00:00+07:00\n",
        ),
    ],
)
def test_a_command_that_only_reads_makes_no_database(
    operator: Operator, call: tuple[str, ...], printed: str
) -> None:
    done = operator.call(*call)
    assert (done.returncode, done.stdout) == (0, printed)
    assert "there is no database at" in done.stderr
    assert not (operator.folder / "data").exists()


def test_a_question_and_a_backup_of_a_database_that_is_not_there_are_refused(operator: Operator) -> None:
    for call, sentence in (
        (("question", "DH-2026-000001", "--json"), "there is no question DH-2026-000001"),
        (("backup", "copy.tar"), "nothing to keep"),
    ):
        done = operator.call(*call)
        assert (done.returncode, done.stdout) == (1, "")
        assert sentence in done.stderr
    assert not (operator.folder / "data").exists()
    assert not (operator.folder / "copy.tar").exists()


def test_an_operator_takes_a_backup_and_puts_it_back(loaded: Operator) -> None:
    before = loaded.rows("SELECT * FROM agencies")
    assert loaded.call("backup", "copy.tar").returncode == 0
    refused = loaded.call("restore", "copy.tar")
    assert refused.returncode == 1
    assert "--force" in refused.stderr
    with closing(sqlite3.connect(loaded.folder / "data" / "danhoi.db")) as connection:
        connection.execute("DELETE FROM agency_fields")
        connection.commit()
    assert loaded.call("restore", "copy.tar", "--force").returncode == 0
    assert loaded.rows("SELECT * FROM agencies") == before
    assert loaded.rows("SELECT count(*) FROM agency_fields") != [(0,)]


def test_an_operator_who_goes_back_to_an_older_version_restores_over_the_newer_schema(
    loaded: Operator,
) -> None:
    assert loaded.call("backup", "copy.tar").returncode == 0
    (schema,) = loaded.rows("SELECT version_num FROM alembic_version")
    with closing(sqlite3.connect(loaded.folder / "data" / "danhoi.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.execute("CREATE TABLE of_tomorrow (id INTEGER)")
        connection.commit()
    refused = loaded.call("run")
    assert refused.returncode == 1
    assert loaded.call("restore", "copy.tar", "--force").returncode == 0
    assert loaded.rows("SELECT version_num FROM alembic_version") == [schema]
    assert loaded.call("questions", "--json").returncode == 0


def test_a_database_of_something_else_is_not_overwritten_even_on_a_word(loaded: Operator) -> None:
    assert loaded.call("backup", "copy.tar").returncode == 0
    file = loaded.folder / "data" / "danhoi.db"
    for leftover in file.parent.glob("danhoi.db*"):
        leftover.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    done = loaded.call("restore", "copy.tar", "--force")
    assert done.returncode == 1
    assert "something else" in done.stderr
    assert loaded.rows("SELECT name FROM sqlite_master") == [("recipes",)]


def test_restoring_something_else_is_one_sentence(operator: Operator) -> None:
    done = operator.call("restore", operator.file("other.tar", "no backup"))
    assert done.returncode == 1
    assert "cannot be read as a backup" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_doctor_names_what_is_wrong(loaded: Operator) -> None:
    done = loaded.call("doctor", "--json")
    found = {one["name"]: one for one in json.loads(done.stdout)}
    assert done.returncode == 1
    assert found["database"]["ok"]
    assert found["audit"]["ok"]
    assert not found["messenger"]["ok"]
    assert "token is missing" in found["messenger"]["says"]
    assert not found["staff"]["ok"]


def test_the_doctor_does_not_touch_a_database_of_an_older_version(operator: Operator) -> None:
    done = operator.call("doctor")
    assert done.returncode == 1
    assert "run `danhoi migrate`" in done.stdout
    assert operator.rows("SELECT name FROM sqlite_master WHERE type = 'table'") == []


def test_a_broadcast_is_queued_as_plain_text_and_listed(loaded: Operator) -> None:
    text = loaded.file("tin.txt", "\ufeffPhát sóng <20:00> & phát lại\n")
    assert loaded.call("broadcasts", "--json").stdout == "[]\n"
    for number, to in enumerate(("all", "airings", "links", "field:dat-dai"), start=1):
        done = loaded.call("broadcast", "--text-file", text, "--to", to, "--json")
        assert (done.returncode, json.loads(done.stdout)) == (0, {"id": number}), done.stderr
    listed = json.loads(loaded.call("broadcasts", "--json").stdout)
    counts = dict.fromkeys(("recipients", "sent", "blocked", "failed", "uncertain", "pending"), 0)
    assert listed == [{"id": number, "status": "queued", **counts} for number in (1, 2, 3, 4)]
    assert loaded.call("broadcasts").stdout.splitlines()[0].split()[:2] == ["1", "queued"]
    ((content,),) = loaded.rows("SELECT content FROM broadcasts WHERE id = 1")
    assert json.loads(str(content))["html"] == "Phát sóng &lt;20:00&gt; &amp; phát lại"


@pytest.mark.parametrize(
    ("content", "to", "status", "words"),
    [
        (b"tin", "everybody", 2, "all, airings, links or field:CODE"),
        (b"tin", "digest", 2, "all, airings, links or field:CODE"),
        (b"tin", "field:khong-co", 1, "there is no field khong-co"),
        (b" \n", "all", 1, "is empty"),
        (b"a" * 4097, "all", 1, "at most 4096 characters"),
        ("ghi bằng VISCII".encode("utf-16"), "all", 1, "cannot be read"),
    ],
)
def test_what_is_no_broadcast_is_refused_in_a_sentence_and_queues_nothing(
    loaded: Operator, content: bytes, to: str, status: int, words: str
) -> None:
    (loaded.folder / "tin.txt").write_bytes(content)
    done = loaded.call("broadcast", "--text-file", str(loaded.folder / "tin.txt"), "--to", to)
    assert (done.returncode, done.stdout) == (status, "")
    assert words in " ".join(done.stderr.replace("│", " ").split())
    assert loaded.call("broadcasts", "--json").stdout == "[]\n"


def test_a_text_that_is_not_there_is_refused(loaded: Operator) -> None:
    done = loaded.call("broadcast", "--text-file", "khong-co.txt", "--to", "all")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
