"""`./danhoi` on a machine that has nothing but a shell and python3, offline."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot import bootstrap

ROOT = Path(__file__).resolve().parents[2]
MACHINE_PYTHON = os.path.realpath(getattr(sys, "_base_executable", sys.executable))

# Stands in for the programme: says what it was given and which packages it sees.
PROGRAMME = """\
import json, os, sys
from importlib.metadata import version, PackageNotFoundError
def seen(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None
print(json.dumps({"arguments": sys.argv[1:], "cwd": os.getcwd(), "root": os.environ["PYTHONPATH"],
                  "tiny": seen("tiny"), "tester": seen("tester"),
                  "trainer": seen("trainer")}))
sys.exit(int(os.environ.get("LEAVE_WITH", "0")))
"""


@dataclass
class House:
    """A copy of the launcher with a programme, locks and wheels of its own."""

    root: Path

    @property
    def wheels(self) -> Path:
        return self.root.parent / "wheels"  # pip splits the setting that names it at spaces

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
        return kept | {
            "PATH": f"{self.root / 'machine'}:{os.environ['PATH']}",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
        }

    def command(self, *arguments: str) -> list[str]:
        return [str(self.root / "danhoi"), *arguments]

    def run(
        self, *arguments: str, cwd: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            cwd=cwd,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def lock(self, tiny: str, *, digest: str | None = None) -> None:
        runtime = self._pinned("tiny", tiny, digest)
        (self.root / "requirements.lock").write_text(runtime)
        test = runtime + self._pinned("tester", "1.0", None)
        (self.root / "requirements-test.lock").write_text(test)
        (self.root / "requirements-train.lock").write_text(test + self._pinned("trainer", "1.0", None))

    def _pinned(self, name: str, version: str, digest: str | None) -> str:
        wheel = self.wheels / f"{name}-{version}-py3-none-any.whl"
        info = f"{name}-{version}.dist-info"
        with zipfile.ZipFile(wheel, "w") as archive:
            for path, text in {
                f"{name}.py": "",
                f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
                f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
                f"{info}/RECORD": "",
            }.items():
                archive.writestr(zipfile.ZipInfo(path), text)
        digest = digest or hashlib.sha256(wheel.read_bytes()).hexdigest()
        return f"{name}=={version} \\\n    --hash=sha256:{digest}\n"

    def starts_of_python3(self) -> int:
        log = self.root / "machine" / "log"
        return len(log.read_text().splitlines()) if log.exists() else 0


def build_house(root: Path) -> House:
    (root / "bot").mkdir(parents=True)
    (root / "machine").mkdir()
    shutil.copy(ROOT / "danhoi", root / "danhoi")
    shutil.copy(ROOT / "bot" / "bootstrap.py", root / "bot" / "bootstrap.py")
    (root / "bot" / "__init__.py").touch()
    (root / "bot" / "__main__.py").write_text(PROGRAMME)
    (root / "bot" / "seldom.py").touch()
    put_python3(root / "machine", f'echo x >>"${{0%/*}}/log"\nexec "{MACHINE_PYTHON}" "$@"')
    house = House(root)
    house.wheels.mkdir()
    house.lock("1.0")
    return house


def put_python3(folder: Path, script: str) -> None:
    file = folder / "python3"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return build_house(tmp_path / "Dân Hỏi $HOME")  # a folder with a space, letters and a dollar sign


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A house whose first start is over; its tests leave it working."""
    house = build_house(tmp_path_factory.mktemp("installed") / "house")
    first = house.run()
    assert first.returncode == 0, first.stderr
    return house


def test_standard_output_holds_the_programme_s_json_alone_on_the_first_start(house: House) -> None:
    result = house.run("question", "DH-2026-000001", "--json", "", "a b")

    assert json.loads(result.stdout) == {
        "arguments": ["question", "DH-2026-000001", "--json", "", "a b"],
        "cwd": os.getcwd(),
        "root": str(house.root),
        "tiny": "1.0",
        "tester": None,
        "trainer": None,
    }
    assert "installing" in result.stderr


def test_an_unchanged_lock_starts_without_the_machine_s_python(installed: House) -> None:
    before = installed.starts_of_python3()

    result = installed.run("run")

    assert (result.returncode, result.stderr) == (0, "")
    assert installed.starts_of_python3() == before


def test_the_first_start_compiles_what_a_later_one_may_not_be_allowed_to(installed: House) -> None:
    assert list((installed.root / "bot" / "__pycache__").glob("seldom.*.pyc"))


def test_the_programme_s_exit_status_is_the_launcher_s(installed: House) -> None:
    assert [installed.run(LEAVE_WITH=status).returncode for status in ("0", "1", "2")] == [0, 1, 2]


def test_it_works_through_a_symlink_from_a_folder_with_a_bot_of_its_own(
    installed: House, tmp_path: Path
) -> None:
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "__main__.py").write_text("print('another bot')")
    (tmp_path / "first").symlink_to(installed.root / "danhoi")
    (tmp_path / "second").symlink_to("first")

    result = subprocess.run(
        ["./second", "x"],
        cwd=tmp_path,
        env=installed.environment,
        capture_output=True,
        text=True,
        check=True,
    )

    said = json.loads(result.stdout)
    assert (said["arguments"], said["cwd"], said["root"]) == (["x"], str(tmp_path), str(installed.root))


def test_a_changed_lock_is_installed_and_the_test_lock_serves_every_command(installed: House) -> None:
    installed.lock("1.1")
    assert json.loads(installed.run("run").stdout)["tiny"] == "1.1"

    installed.lock("1.2")
    tested = installed.run("test")
    before = installed.starts_of_python3()
    ordinary = installed.run("run")

    assert [json.loads(tested.stdout)[name] for name in ("tiny", "tester")] == ["1.2", "1.0"]
    assert json.loads(ordinary.stdout)["tiny"] == "1.2"
    assert installed.starts_of_python3() == before


def test_the_lock_for_learning_serves_tests_and_every_command(installed: House) -> None:
    installed.lock("1.3")
    learnt = installed.run("understanding", "train")
    before = installed.starts_of_python3()

    assert [installed.run(name).returncode for name in ("test", "run")] == [0, 0]
    assert json.loads(learnt.stdout)["trainer"] == "1.0"
    assert installed.starts_of_python3() == before


def test_a_package_that_is_not_what_the_lock_says_is_refused(installed: House) -> None:
    installed.lock("2.0", digest="0" * 64)

    results = [installed.run("run") for _ in range(2)]

    assert [(result.returncode, result.stdout) for result in results] == [(1, ""), (1, "")]
    assert "requirements.lock could not be installed" in results[0].stderr
    assert "Traceback" not in results[0].stderr
    installed.lock("2.1")
    assert json.loads(installed.run("run").stdout)["tiny"] == "2.1"


def test_two_first_starts_at_once_install_once(house: House) -> None:
    starts = [
        subprocess.Popen(
            house.command("run"),
            env=house.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    ends = [start.communicate(timeout=60) for start in starts]

    assert [start.returncode for start in starts] == [0, 0]
    assert [json.loads(out)["tiny"] for out, _ in ends] == ["1.0", "1.0"]
    assert sum(error.count("installing what is needed") for _, error in ends) == 1
    assert sum(error.count("waiting for it") for _, error in ends) <= 1


def test_an_interrupted_installation_is_begun_anew(house: House) -> None:
    # What a `kill -9` in the middle leaves: the mark, half an environment, a stamp of an earlier lock.
    half = house.root / ".venv" / "lib" / "half"
    half.mkdir(parents=True)
    (house.root / ".venv" / "installing").touch()

    result = house.run("run")

    assert json.loads(result.stdout)["tiny"] == "1.0"
    assert not half.exists()
    assert not (house.root / ".venv" / "installing").exists()


def test_without_python3_one_sentence_says_so(house: House) -> None:
    (house.root / "machine" / "python3").unlink()
    for tool in ("readlink", "cmp"):
        found = shutil.which(tool)
        assert found is not None
        (house.root / "machine" / tool).symlink_to(found)

    result = house.run("run", PATH=str(house.root / "machine"))

    assert (result.returncode, result.stdout) == (1, "")
    assert re.fullmatch(r"danhoi: python3 is missing.*python3-venv\)\n", result.stderr)


def test_an_old_python3_is_named_in_one_sentence(house: House) -> None:
    put_python3(house.root / "machine", '[ "$1" = -V ] && echo Python 3.9.2 && exit; exit 1')

    result = house.run("run")

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "danhoi: Python 3.11 or newer is needed, but python3 here is Python 3.9.2\n"


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_its_venv_module_is_one_sentence_that_names_the_package(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], module: str
) -> None:
    venv = house.root / ".venv"
    for name, value in {
        "ROOT": house.root,
        "VENV": venv,
        "PYTHON": venv / "bin/python",
        "MARK": venv / "installing",
    }.items():
        monkeypatch.setattr(bootstrap, name, value)
    monkeypatch.setattr(bootstrap, "find_spec", lambda name: None if name == module else object())

    status = bootstrap.main("requirements.lock")

    assert status == 1
    assert "apt install python3-venv" in capsys.readouterr().err.splitlines()[-1]
    assert not venv.exists()


def test_each_lock_contains_the_smaller_one_and_no_address() -> None:
    def pins(name: str) -> dict[str, str]:
        text = (ROOT / name).read_text()
        assert re.search(r"https?:|^\s*--?(index|extra|find)", text, re.MULTILINE) is None
        pinned = dict(re.findall(r"^([A-Za-z0-9._-]+==\S+)(.*(?:\n    --hash=\S+.*)*)", text, re.MULTILINE))
        assert all("--hash=sha256:" in rest for rest in pinned.values())
        return pinned

    runtime, test, train = (pins(f"requirements{name}.lock") for name in ("", "-test", "-train"))

    assert runtime
    assert runtime.items() <= test.items() <= train.items()
