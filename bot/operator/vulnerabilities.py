"""Checks locked dependencies for known vulnerabilities: `python -m bot.operator.vulnerabilities`.

A step of `./danhoi test`, done by pip-audit where it is installed and its database can be reached; otherwise that is
said loudly and fails nothing. A vulnerability that a newer version mends fails; one that nobody has mended yet is
only named.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-test.lock", "requirements-train.lock")
NOT_RUN = "NOT RUN: the locks were not compared with the known vulnerabilities"
_SECONDS = 120.0


def audited(lock: Path) -> list[dict[str, Any]] | str:
    """Return what pip-audit says of each package of a lock, or why it couldn't."""
    if find_spec("pip_audit") is None:
        return "pip-audit is not installed"
    options = ("--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json")
    command = (sys.executable, "-m", "pip_audit", *options, "--requirement", str(lock))
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        return "its database did not answer in time"
    except (ValueError, KeyError, TypeError):
        return "its database could not be reached"
    return packages


def judged(packages: Sequence[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Write a line for each vulnerability: mended by a newer version, or by none.

    Returns both lists.
    """
    mended, open_ = [], []
    for package in packages:
        for one in package.get("vulns", ()):
            line = f"{package['name']} {package['version']}: {one['id']}"
            fixed = ", ".join(one.get("fix_versions") or ())
            if fixed:
                mended.append(f"{line}, mended in {fixed}")
            else:
                open_.append(f"{line}, not mended by any version")
    return mended, open_


def main(locks: Sequence[Path]) -> int:
    """Print the vulnerabilities of each lock; return 1 where a newer version mends one."""
    worst = 0
    for lock in locks:
        found = audited(lock)
        if isinstance(found, str):
            print(f"!!! {NOT_RUN} ({lock.name}): {found} !!!")
            continue
        unknown = sum("skip_reason" in package for package in found)
        if unknown:
            print(
                f"!!! {NOT_RUN} ({lock.name}): its database does not know {unknown} of {len(found)} packages !!!"
            )
        mended, open_ = judged(found)
        for line in (*mended, *open_):
            print(f"{lock.name}: {line}")
        print(
            f"{lock.name}: {len(found) - unknown} packages, {len(mended) + len(open_)} known vulnerabilities"
        )
        worst = max(worst, 1 if mended else 0)
    return worst


if __name__ == "__main__":
    sys.exit(main([ROOT / name for name in LOCKS]))
