"""Configuration: what is wrong is refused in one sentence that names the key."""

import os
import tomllib
from datetime import time
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.config import (
    ROOT,
    SECTIONS,
    Address,
    Config,
    ConfigurationError,
    TimeSpan,
    WeeklyTime,
    load_config,
    require_token,
)
from bot.config.example import example
from bot.house.wiring import programme_of


def write(folder: Path, text: str) -> Path:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def refusal(path: Path | None, env: dict[str, str]) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_config(path, env)
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[telegram]\ntokn = "1:a"', "unknown key telegram.tokn (did you mean token?)"),
        ('[telegramm]\ntoken = "1:a"', "unknown section or key telegramm (did you mean telegram?)"),
        ('token = "1:a"', "unknown section or key token"),
        ("telegram = 3", "telegram must be a section"),
        ("[telegram]\ntoken = 3", "telegram.token"),
        ('[telegram]\ntoken = "1:a b"', "telegram.token"),
        ('[telegram]\nbase_url = "api.telegram.org"', "telegram.base_url"),
        ('[telegram]\nmode = "push"', "telegram.mode"),
        (
            '[telegram]\nmode = "webhook"',
            'telegram.webhook_url is required when telegram.mode is "webhook"',
        ),
        ('[telegram]\nwebhook_secret = "dấu"', "telegram.webhook_secret"),
        (f'[telegram]\nwebhook_secret = "{"a" * 257}"', "telegram.webhook_secret"),
        (f'[telegram]\nwebhook_secret = "{"a" * 23}"', "telegram.webhook_secret must have 24 to 256"),
        ('[http]\nwatch_listen = "8082"', "http.watch_listen"),
        ('[telegram]\nwebhook_listen = "8443"', "telegram.webhook_listen"),
        ('[telegram]\nwebhook_listen = "127.0.0.1:65536"', "telegram.webhook_listen"),
        ("[telegram]\nmessages_per_second = 0", "telegram.messages_per_second"),
        ('[programme]\ntimezone = "Asia/Hanoi_City"', "programme.timezone"),
        ('[programme]\ntimezone = "../etc/passwd"', "programme.timezone"),
        ('[programme]\ntimezone = "Asia"', "programme.timezone"),
        ('[programme]\nlanguage = "fr"', "programme.language"),
        ('[programme]\ncode_prefix = "DH-"', "programme.code_prefix"),
        ('[storage]\nurl = "mysql://u:geheim@h/d"', "storage.url"),
        ('[storage]\nurl = "sqlite+aiosqlite://relative.db"', "storage.url"),
        ('[storage]\nfiles = ""', "storage.files"),
        ('[calendar]\nworking_hours = ["11:00-07:00"]', "calendar.working_hours"),
        ('[calendar]\nworking_hours = ["13:00-17:00", "07:00-11:00"]', "calendar.working_hours"),
        ('[calendar]\nworking_hours = ["07:00-13:30", "13:00-17:00"]', "calendar.working_hours"),
        ('[calendar]\nworking_hours = ["7-11"]', "calendar.working_hours"),
        ('[calendar]\nworking_hours = "07:00-11:00"', "calendar.working_hours"),
        ("[calendar]\nworking_hours = []", "calendar.working_hours"),
        ('[calendar]\nweekend = ["saturday"]', "calendar.weekend"),
        ('[calendar]\nweekend = ["sat", "sat"]', "calendar.weekend"),
        ('[calendar]\nweekend = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]', "calendar.weekend"),
        ("[deadlines]\nanswer_days = 0", "deadlines.answer_days"),
        ('[deadlines]\nanswer_days = "10"', "deadlines.answer_days"),
        ("[deadlines]\nanswer_days = 2.5", "deadlines.answer_days"),
        ("[deadlines]\nanswer_days = true", "deadlines.answer_days"),
        ("[reminders]\nbefore_days = 3", "reminders.before_days"),
        ("[reminders]\nbefore_days = [3, 3]", "reminders.before_days"),
        ('[reminders]\nsend_between = ["17:00", "07:30"]', "reminders.send_between"),
        ('[reminders]\nsend_between = ["07:30"]', "reminders.send_between"),
        ("[reminders]\nsend_between = [7, 17]", "reminders.send_between"),
        ("[assignment]\nauto = 1", "assignment.auto"),
        ('[assignment]\nauto = "true"', "assignment.auto"),
        ('[approval]\nsteps = ["editor", "leader"]', "approval.steps"),
        ('[approval]\nsteps = ["leader", "leader"]', "approval.steps"),
        ('[approval]\nsteps = ["boss"]', "approval.steps"),
        ('[digests]\ndaily = "25:00"', "digests.daily"),
        ('[digests]\nweekly = "monday 07:30"', "digests.weekly"),
        ('[http]\nlisten = "8081"', "http.listen"),
        ('[http]\npublic_url = "dan.example.vn"', "http.public_url"),
        (
            '[http]\npublic_url = "https://dan.example.vn"',
            "http.listen is required when http.public_url is set",
        ),
        ('[episodes]\nlink_hosts = "tv=kgtv.vn"', "episodes.link_hosts"),
        ('[episodes]\nlink_hosts = ["kgtv.vn"]', "episodes.link_hosts must be a kind and a host"),
        ('[episodes]\nlink_hosts = ["zalo=zalo.me"]', "episodes.link_hosts names the kind 'zalo'"),
        ('[episodes]\nlink_hosts = ["tv=vn"]', "episodes.link_hosts names 'vn', which is no host"),
        ('[episodes]\nlink_hosts = ["tv=https://kgtv.vn/"]', "which is no host"),
        ('[episodes]\nlink_hosts = ["tv=127.0.0.1"]', "which is no host"),
        (
            '[episodes]\nlink_hosts = ["tv=kgtv.vn", "tv=KGTV.VN"]',
            "episodes.link_hosts names tv=kgtv.vn twice",
        ),
        ("[privacy]\ninbox_days = 0", "privacy.inbox_days"),
        ("[limits]\nfile_megabytes = -1", "limits.file_megabytes"),
        ("[limits\n", "is not valid TOML"),
    ],
)
def test_a_mistake_in_the_file_is_refused_by_the_name_of_its_key(
    tmp_path: Path, text: str, named: str
) -> None:
    file = write(tmp_path, text)

    sentence = refusal(file, {})

    assert sentence.startswith(f"{file}: ")
    assert named in sentence
    assert "geheim" not in sentence


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("DANHOI_TELEGRAM__TOKN", "x", "unknown key telegram.tokn (did you mean token?)"),
        ("DANHOI_TELEGRAF__TOKEN", "x", "unknown section telegraf (did you mean telegram?)"),
        ("DANHOI_DEADLINES__ASSIGN_DAYS", "three", "deadlines.assign_days"),
        ("DANHOI_DEADLINES__ASSIGN_DAYS", "", "deadlines.assign_days"),
        ("DANHOI_DEADLINES__ASSIGN_DAYS", "0", "deadlines.assign_days"),
        ("DANHOI_ASSIGNMENT__AUTO", "maybe", "assignment.auto"),
        ("DANHOI_REMINDERS__BEFORE_DAYS", "3,x", "reminders.before_days"),
        ("DANHOI_APPROVAL__STEPS", "editor,leader", "approval.steps"),
        ("DANHOI_TELEGRAM__MODE", "webhook", "telegram.webhook_url"),
    ],
)
def test_a_mistake_in_the_environment_is_refused_by_the_name_of_its_key(
    tmp_path: Path, name: str, value: str, named: str
) -> None:
    sentence = refusal(write(tmp_path, ""), {name: value})

    assert named in sentence
    assert name in sentence or name == "DANHOI_TELEGRAM__MODE"


def test_the_environment_wins_over_the_file_key_by_key(tmp_path: Path) -> None:
    file = write(
        tmp_path, '[telegram]\ntoken = "1:file"\nmessages_per_second = 5\n[deadlines]\nassign_days = 7'
    )

    config = load_config(
        file,
        {
            "DANHOI_TELEGRAM__TOKEN": "1:environment",
            "DANHOI_TELEGRAM__WEBHOOK_LISTEN": "0.0.0.0:80",
            "DANHOI_PROGRAMME__NAME": "2026",
            "DANHOI_CALENDAR__WORKING_HOURS": "08:00-12:00, 13:30-17:30",
            "DANHOI_CALENDAR__WEEKEND": '["sun"]',
            "DANHOI_REMINDERS__BEFORE_DAYS": "5",
            "DANHOI_REMINDERS__SEND_BETWEEN": "08:00,16:00",
            "DANHOI_ASSIGNMENT__AUTO": "True",
            "DANHOI_APPROVAL__STEPS": "",
            "DANHOI_DIGESTS__DAILY": "",
            "DANHOI_DIGESTS__WEEKLY": "fri 16:00",
            "DANHOI_EPISODES__LINK_HOSTS": "radio=Đài.vn, tv=đài.vn,tv=kgtv.vn",
            "DANHOI_LIMITS__DRAFT_FILES": "3",
            "DANHOI_SOMETHING": "no key of ours",
            "OTHER__KEY": "nor this",
        },
    )

    assert require_token(config).get_secret_value() == "1:environment"
    assert config.telegram.messages_per_second == 5
    assert config.telegram.webhook_listen == Address("0.0.0.0", 80)
    assert config.programme.name == "2026"
    assert config.calendar.working_hours == (
        TimeSpan(time(8), time(12)),
        TimeSpan(time(13, 30), time(17, 30)),
    )
    assert config.calendar.weekend == ("sun",)
    assert config.deadlines.assign_days == 7
    assert config.reminders.before_days == (5,)
    assert config.reminders.send_between == (time(8), time(16))
    assert config.assignment.auto is True
    assert config.approval.steps == ()
    assert config.digests.daily is None
    assert config.digests.weekly == WeeklyTime(4, time(16))
    assert config.limits.draft_files == 3
    hosts = programme_of(config).link_hosts
    assert hosts == {"radio": ("xn--i-rfa0m.vn",), "tv": ("xn--i-rfa0m.vn", "kgtv.vn")}
    assert list(hosts) == ["radio", "tv"]  # the first is taken where an address is without a kind
    with pytest.raises(TypeError):
        hosts["tv"] = ()  # type: ignore[index]  # that is the point


def test_the_example_is_what_the_sections_say() -> None:
    """Made anew by `python -m bot.config.example > config.example.toml`."""
    assert (ROOT / "config.example.toml").read_text("utf-8") == example()


def test_the_example_names_every_key_with_its_default(tmp_path: Path) -> None:
    written_down = (ROOT / "config.example.toml").read_text("utf-8")

    keys = {section: set(values) for section, values in tomllib.loads(written_down).items()}
    assert keys == {section: set(model.model_fields) for section, model in SECTIONS.items()}

    written = load_config(write(tmp_path, written_down), {})
    assert written == load_config(write(tmp_path, ""), {})


def test_a_missing_file_is_refused_only_when_it_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.config.loading.DEFAULT_FILE", tmp_path / "config.toml")

    assert "cannot be read" in refusal(tmp_path / "absent.toml", {})
    assert load_config(None, {}).programme.code_prefix == "DH"

    write(tmp_path, '[programme]\ncode_prefix = "LA"')
    assert load_config(None, {}).programme.code_prefix == "LA"


def test_a_file_that_is_no_utf_8_or_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b'[programme]\nname = "\xff"')

    assert "is not UTF-8" in refusal(tmp_path / "config.toml", {})
    assert "cannot be read" in refusal(tmp_path, {})


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, "\ufeff[programme]\nname = 'A'"), {}).programme.name == "A"


@pytest.mark.parametrize(
    ("url", "resolved"),
    [
        ("sqlite+aiosqlite:///data/a.db", "sqlite+aiosqlite:///{folder}/data/a.db"),
        ("sqlite+aiosqlite:///a.db?timeout=5", "sqlite+aiosqlite:///{folder}/a.db?timeout=5"),
        ("sqlite+aiosqlite:////srv/a.db", "sqlite+aiosqlite:////srv/a.db"),
        ("sqlite+aiosqlite:///:memory:", "sqlite+aiosqlite:///:memory:"),
        ("sqlite+aiosqlite://", "sqlite+aiosqlite://"),
        ("postgresql+asyncpg://u:p@h:5432/d", "postgresql+asyncpg://u:p@h:5432/d"),
    ],
)
def test_paths_count_from_the_configuration_s_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, resolved: str
) -> None:
    write(tmp_path, f'[storage]\nurl = "{url}"\nfiles = "kept"')
    monkeypatch.chdir(tmp_path)

    storage = load_config(Path("config.toml"), {}).storage

    assert storage.url.get_secret_value() == resolved.format(folder=tmp_path)
    assert storage.files == tmp_path / "kept"


def test_a_template_of_ones_own_counts_from_the_configurations_folder(tmp_path: Path) -> None:
    file = write(tmp_path, '[episodes]\nscript_plan_template = "mau/kich-ban.docx"')
    assert load_config(file, {}).episodes.script_plan_template == tmp_path / "mau" / "kich-ban.docx"
    assert load_config(write(tmp_path, ""), {}).episodes.script_plan_template is None


def test_no_secret_is_shown(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        '[telegram]\ntoken = "1:geheim"\nwebhook_secret = "geheim_das_niemand_erraet"\n'
        '[storage]\nurl = "postgresql+asyncpg://u:geheim@h/d"',
    )

    config = load_config(file, {})

    assert "geheim" not in f"{config!r} {config} {config.model_dump()} {config.model_dump_json()}"


def test_the_token_is_asked_for_only_where_it_is_needed(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, '[telegram]\ntoken = ""'), {})

    with pytest.raises(ConfigurationError, match=r"telegram\.token is missing"):
        require_token(config)


def test_a_configuration_cannot_be_changed_and_reads_no_environment_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(os.environ, "DANHOI_DEADLINES__ASSIGN_DAYS", "9")
    config = Config()

    assert config.deadlines.assign_days == 3
    with pytest.raises(ValidationError):
        config.deadlines.assign_days = 4  # type: ignore[misc]  # that is the point


def test_the_calendars_address_is_told_where_something_answers_there(tmp_path: Path) -> None:
    file = write(tmp_path, "")
    env = {"DANHOI_HTTP__LISTEN": "127.0.0.1:8081"}
    assert load_config(file, {}).http.listen is None
    assert programme_of(load_config(file, env)).calendar_address == ""
    env["DANHOI_HTTP__PUBLIC_URL"] = "https://dan.example.vn/"
    config = load_config(file, env)
    assert config.http.listen == Address("127.0.0.1", 8081)
    assert programme_of(config).calendar_address == "https://dan.example.vn/lich.ics"
