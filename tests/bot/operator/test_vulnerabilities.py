"""Dependencies are pinned by hash, and compared with the known vulnerabilities where that is possible."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bot.operator import vulnerabilities
from bot.operator.vulnerabilities import LOCKS, NOT_RUN, ROOT, judged, main

PINNED = re.compile(r"[A-Za-z0-9._-]+(\[[a-z0-9,_-]+\])?==[^\s;\\]+( *;[^\\]+)?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


@pytest.mark.parametrize("name", LOCKS)
def test_each_locked_package_has_one_version_and_its_hashes(name: str) -> None:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    packages = [one.strip() for one in re.split(r"\n(?=\S)", text) if one.strip()]
    assert len(packages) > 10
    for package in packages:
        requirement, *hashes = [part.strip() for part in package.split("\\\n")]
        assert PINNED.fullmatch(requirement), requirement
        assert hashes, requirement
        assert all(HASH.fullmatch(one) for one in hashes), requirement


FOUND: list[dict[str, Any]] = [
    {"name": "aiohttp", "version": "3.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1"]}]},
    {"name": "jinja2", "version": "3.0", "vulns": [{"id": "PYSEC-2", "fix_versions": []}]},
    {"name": "babel", "version": "2.0", "vulns": []},
]


def test_only_what_a_newer_version_mends_is_a_failure() -> None:
    mended, open_ = judged(FOUND)
    assert mended == ["aiohttp 3.0: PYSEC-1, mended in 3.1"]
    assert open_ == ["jinja2 3.0: PYSEC-2, not mended by any version"]


@pytest.mark.parametrize(
    ("printed", "status", "said"),
    [
        (json.dumps({"dependencies": FOUND}), 1, "PYSEC-2, not mended"),
        (json.dumps({"dependencies": FOUND[1:]}), 0, "PYSEC-2, not mended"),
        (json.dumps({"dependencies": FOUND[2:]}), 0, "1 packages, 0 known vulnerabilities"),
        (
            json.dumps({"dependencies": [{"name": "babel", "skip_reason": "not found"}]}),
            0,
            "0 packages, 0 known",
        ),
        (json.dumps({"dependencies": [{"name": "babel", "skip_reason": "not found"}]}), 0, NOT_RUN),
        ("", 0, NOT_RUN),  # no connection
        ("[]", 0, NOT_RUN),
    ],
    ids=["mended", "open", "none", "unknown", "unknown said", "unreachable", "something else"],
)
def test_an_audit_fails_on_what_it_found_and_says_loudly_when_it_did_not_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], printed: str, status: int, said: str
) -> None:
    def ran(command: Any, **_options: Any) -> subprocess.CompletedProcess[str]:
        assert "--require-hashes" in command
        return subprocess.CompletedProcess(command, 1, printed, "")

    monkeypatch.setattr(vulnerabilities, "find_spec", lambda _name: object())
    monkeypatch.setattr(subprocess, "run", ran)
    assert main([Path("requirements.lock")]) == status
    assert said in capsys.readouterr().out


def test_without_pip_audit_nothing_fails_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(vulnerabilities, "find_spec", lambda _name: None)
    assert main([Path("requirements.lock")]) == 0
    assert f"{NOT_RUN} (requirements.lock): pip-audit is not installed" in capsys.readouterr().out
