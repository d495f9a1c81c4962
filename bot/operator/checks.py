"""`./danhoi check`, `fix` and `test`.

The checks, mending what can be mended, and the suite with its second tries.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

_LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"

# Started together: the type check takes longer than all others.
CHECKS: dict[str, tuple[str, ...]] = {
    "mypy --strict": ("-m", "mypy"),
    "import-linter": ("-c", _LINT_IMPORTS, "--no-logo"),
    "ruff check": ("-m", "ruff", "check", "."),
    "ruff format": ("-m", "ruff", "format", "--check", "."),
}
FIXES: dict[str, tuple[str, ...]] = {
    "ruff check --fix": ("-m", "ruff", "check", "--fix", "."),
    "ruff format": ("-m", "ruff", "format", "."),
}
# Asks the network, and so waits while the others work.
VULNERABILITIES: dict[str, tuple[str, ...]] = {
    "known vulnerabilities": ("-m", "bot.operator.vulnerabilities")
}

# On as many cores as there are; `worksteal` leaves a module's tests together, which share what they set up.
QUICK = ("-n", "auto", "--maxprocesses", "4", "--dist", "worksteal")
# One more where processes are driven: they wait for each other's pauses, and a core would stand idle meanwhile.
TOGETHER = ("-n", str(min(4, (os.cpu_count() or 1) + 1)), "--dist", "worksteal")
ALONE = ("-n", "0")

# The marker of tests that drive real processes. What such a process does when is up to the machine as well: one that
# fails among others is tried once more by itself.
PROCESSES = "processes"
_FAILED = "DANHOI_FAILED_TESTS"  # the variable that names the file in which pytest leaves what failed
_NOTHING_COMPILED = "PYTHONDONTWRITEBYTECODE"  # an empty value is none
_SOME_FAILED = 1  # pytest's exit status; others say that it could not do its work


def main(command: str, arguments: Sequence[str]) -> int:
    """Do one of the three commands with its arguments; return the exit status."""
    if find_spec("pytest") is None:
        print(f"danhoi: the test tools are missing; ./danhoi {command} installs them", file=sys.stderr)
        return 1
    if command == "test":
        return _test(arguments)
    if arguments:
        print(f"danhoi: {command} takes no arguments", file=sys.stderr)
        return 2
    return _said({name: _run(one, name) for name, one in FIXES.items()} if command == "fix" else check())


def _test(arguments: Sequence[str]) -> int:
    if list(arguments) == ["--quick"]:
        return _run(["-m", "pytest", "--quick", "-m", "not long", *QUICK])
    if arguments:  # pytest's own options are not ours to understand
        return _run(["-m", "pytest", *arguments])
    statuses = check(CHECKS | VULNERABILITIES)
    print("\n── pytest ──", flush=True)
    statuses["pytest"] = suite(["-m", "not long", *TOGETHER])
    return _said(statuses)


def check(checks: Mapping[str, tuple[str, ...]] = CHECKS) -> dict[str, int]:
    """Run the checks side by side; return the exit status of each."""
    begun = monotonic()
    started = {name: _started(command, stdout=subprocess.PIPE) for name, command in checks.items()}
    statuses: dict[str, int] = {}
    for name, process in started.items():
        said, _ = process.communicate()
        print(f"\n── {name} ──\n{said}", end="", flush=True)
        statuses[name] = _status(process)
    print(f"\nchecked in {monotonic() - begun:.0f} s", flush=True)
    return statuses


def suite(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Run pytest, repeat alone the failed tests that drive processes; return the exit status.

    A test that passes then is named as flaky, at the end of the output. One that fails again has failed, and so has
    every failed test that drives no process.
    """
    status, failed = _pytest(arguments, root)
    again = [test for test, drives_processes in failed.items() if drives_processes]
    if status != _SOME_FAILED or not again:
        return status
    print(f"\n── once more, alone: {len(again)} that drive processes ──", flush=True)
    second, failed_again = _pytest([*ALONE, *again], root)
    if second not in (0, _SOME_FAILED):
        return second
    if flaky := [test for test in again if test not in failed_again]:
        line = "!" * 100
        print(
            f"\n{line}\nFLAKY: failed among others, passed alone. To be mended:",
            *flaky,
            line,
            sep="\n",
            flush=True,
        )
    return _SOME_FAILED if second or len(again) < len(failed) else 0


def _pytest(arguments: Sequence[str], root: Path) -> tuple[int, dict[str, bool]]:
    """Run pytest; return the exit status and each failed test with whether it drives processes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "failed.json"
        command = ["-m", "pytest", "-p", __name__, *arguments]
        process = _started(command, root, environment={_FAILED: str(file)})
        process.wait()
        failed: dict[str, bool] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return _status(process), failed


class _Failures:
    """A pytest plugin that collects failed tests, also from its other processes."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._failed: dict[str, bool] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self._failed[report.nodeid] = PROCESSES in report.keywords

    def pytest_sessionfinish(self) -> None:
        self._file.write_text(json.dumps(self._failed), "utf-8")


def pytest_configure(config: Any) -> None:
    """Collect failures in the process that hears of every test."""
    if _FAILED in os.environ and not hasattr(config, "workerinput"):
        # For this run only: a pytest that some test starts must not write there.
        config.pluginmanager.register(_Failures(Path(os.environ.pop(_FAILED))))


def _run(arguments: Sequence[str], name: str = "") -> int:
    if name:
        print(f"\n── {name} ──", flush=True)
    process = _started(arguments)
    process.wait()
    return _status(process)


def _started(
    arguments: Sequence[str],
    root: Path = ROOT,
    *,
    environment: dict[str, str] | None = None,
    stdout: int | None = None,
) -> "subprocess.Popen[str]":
    # Modules are found from the root alone, wherever the caller stands, also when not started by `danhoi`. What is
    # compiled is kept whatever the caller's shell says: the tests start the programme some hundred times.
    ours = {"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", _NOTHING_COMPILED: ""}
    env = os.environ | ours | (environment or {})
    stderr = None if stdout is None else subprocess.STDOUT
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=root, env=env, stdout=stdout, stderr=stderr, text=True
    )


def _status(process: "subprocess.Popen[str]") -> int:
    status = process.returncode
    return status if status >= 0 else 128 - status


def _said(statuses: dict[str, int]) -> int:
    """Print what failed; return the worst exit status."""
    if failed := [name for name, status in statuses.items() if status]:
        print(f"danhoi: failed: {', '.join(failed)}", file=sys.stderr)
    return max(statuses.values())
