"""The suite's second tries: what drives processes and fails is run once more, alone, and its luck is said loudly."""

from pathlib import Path

import pytest

from bot.operator import checks

# `first` fails where it runs for the first time; each says which process ran it, so that "alone" can be seen.
TESTS = """
import os
from pathlib import Path
import pytest

def tried(name):
    with (Path(__file__).parent / f"{name}.txt").open("a") as file:
        file.write(os.environ.get("PYTEST_XDIST_WORKER", "alone") + "\\n")
    return len((Path(__file__).parent / f"{name}.txt").read_text().splitlines())

@pytest.mark.processes
def test_first():
    assert tried("first") > 1

@pytest.mark.processes
@pytest.mark.skipif("ALWAYS" not in os.environ, reason="fails only in the run that is to fail")
@pytest.mark.parametrize("one", ["a b", "[c]::d"])
def test_always(one):
    tried("always")
    assert False

@pytest.mark.skipif("PLAIN" not in os.environ, reason="fails only in the run that is to fail")
def test_plain():
    assert tried("plain") > 1

@pytest.mark.processes
def test_never():
    tried("never")

@pytest.fixture
def broken():
    assert tried("broken") > 1

@pytest.mark.processes
def test_broken_before(broken):
    pass
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A throwaway folder of tests, and nothing of the suite that runs this."""
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS", "ALWAYS", "PLAIN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    options = "--strict-markers -p xdist.plugin -p no:cacheprovider"
    (tmp_path / "pytest.ini").write_text(f"[pytest]\nmarkers = processes\naddopts = {options}\n", "utf-8")
    (tmp_path / "test_luck.py").write_text(TESTS, "utf-8")
    return tmp_path


def tries(folder: Path, name: str) -> list[str]:
    return (folder / f"{name}.txt").read_text("utf-8").split()


def test_what_fails_the_first_time_only_is_named_as_flaky_last_of_all_and_fails_nothing(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert checks.suite(["-n", "2"], folder) == 0
    said = capfd.readouterr().out
    *_, before, first, broken, line = said.splitlines()
    assert "FLAKY" in before
    assert {first, broken} == {"test_luck.py::test_first", "test_luck.py::test_broken_before"}
    assert set(line) == {"!"}
    among, alone = tries(folder, "first")
    assert among.startswith("gw")
    assert alone == "alone"
    assert len(tries(folder, "broken")) == 2
    assert len(tries(folder, "never")) == 1


def test_what_fails_twice_has_failed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ALWAYS", "1")
    assert checks.suite(["-n", "0"], folder) == 1
    said = capfd.readouterr().out
    assert len(tries(folder, "always")) == 4
    assert "test_first" in said.partition("FLAKY")[2]
    assert "test_always" not in said.partition("FLAKY")[2]


def test_what_drives_no_process_has_no_second_try(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PLAIN", "1")
    assert checks.suite(["-n", "0"], folder) == 1
    assert len(tries(folder, "plain")) == 1
    assert "test_first" in capfd.readouterr().out.partition("FLAKY")[2]


def test_where_nothing_fails_nothing_is_run_twice(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert checks.suite(["-n", "0", "-k", "never"], folder) == 0
    assert "FLAKY" not in capfd.readouterr().out
    assert len(tries(folder, "never")) == 1


def test_what_pytest_cannot_do_is_no_bad_luck(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "test_luck.py").write_text("import nothing_of_this_name", "utf-8")
    assert checks.suite(["-n", "0"], folder) == 2
    assert "once more" not in capfd.readouterr().out


def test_what_is_compiled_is_kept_whatever_the_caller_s_shell_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    (folder / "test_luck.py").write_text(
        "import sys\ndef test_kept():\n    assert not sys.dont_write_bytecode\n", "utf-8"
    )
    assert checks.suite(["-n", "0"], folder) == 0


def test_checks_go_on_side_by_side_and_each_has_its_status(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    meet = (
        "import sys, time; from pathlib import Path; mine, other = map(Path, sys.argv[1:3]); mine.touch()\n"
        "while not other.exists(): time.sleep(0.01)\n"
        "print('met', flush=True); sys.exit(int(sys.argv[3]))"
    )
    here, there = str(tmp_path / "here"), str(tmp_path / "there")
    statuses = checks.check({"one": ("-c", meet, here, there, "0"), "other": ("-c", meet, there, here, "3")})
    assert statuses == {"one": 0, "other": 3}
    assert capfd.readouterr().out.count("met") == 2


@pytest.mark.parametrize("command", ["check", "fix"])
def test_checking_and_mending_take_no_arguments(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert checks.main(command, ["tests"]) == 2
    assert capfd.readouterr().err == f"danhoi: {command} takes no arguments\n"
