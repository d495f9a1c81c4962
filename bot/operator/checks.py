"""`./danhoi test`: every check of the project, pytest last."""

import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"

CHECKS: dict[str, tuple[str, ...]] = {
    "ruff check": ("-m", "ruff", "check", "."),
    "ruff format": ("-m", "ruff", "format", "--check", "."),
    "mypy --strict": ("-m", "mypy"),
    "import-linter": ("-c", _LINT_IMPORTS, "--no-logo"),
    "known vulnerabilities": ("-m", "bot.operator.vulnerabilities"),
    # On as many cores as there are; `worksteal` leaves a module's tests together, which share what they set up.
    "pytest": ("-m", "pytest", "-m", "not long", "-n", "auto", "--maxprocesses", "4", "--dist", "worksteal"),
}


def _run(arguments: Sequence[str]) -> int:
    # Modules are found from the root alone, wherever the caller stands, also when not started by `danhoi`.
    env = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}
    status = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, check=False).returncode
    return status if status >= 0 else 128 - status


def main(arguments: Sequence[str]) -> int:
    """Run all checks, or with arguments just pytest with these; the worst exit status."""
    if find_spec("pytest") is None:
        print("danhoi: the test tools are missing; they are installed by ./danhoi test", file=sys.stderr)
        return 1
    if arguments:
        return _run(["-m", "pytest", *arguments])
    statuses: dict[str, int] = {}
    for name, command in CHECKS.items():
        print(f"\n── {name} ──", flush=True)
        statuses[name] = _run(command)
    failed = [name for name, status in statuses.items() if status]
    if failed:
        print(f"danhoi: failed: {', '.join(failed)}", file=sys.stderr)
    return max(statuses.values())
