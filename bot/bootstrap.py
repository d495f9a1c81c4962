"""Makes `.venv` and installs a lock file into it.

Run by `danhoi` with the machine's own Python.

Standard library only. Only one process at a time works here; others wait, then find the work done. Two files on disk
record how far an installation came: a copy of the lock in `.venv` means that this lock is installed completely; a
mark means that an installation was begun and not finished.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
MARK = VENV / "installing"
RUNTIME, TEST, TRAIN = "requirements.lock", "requirements-test.lock", "requirements-train.lock"
LOCKS = (TRAIN, TEST, RUNTIME)  # each contains those after it

# These would make pip install outside .venv.
_ELSEWHERE = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON", "PIP_DRY_RUN")


class BootstrapError(Exception):
    """The environment cannot be made; the text is the sentence to print."""


def say(sentence: str) -> None:
    print(f"danhoi: {sentence}", file=sys.stderr, flush=True)


def ready(lock: str) -> bool:
    """Return whether exactly this lock is installed completely."""
    try:
        return os.access(PYTHON, os.X_OK) and (VENV / lock).read_bytes() == (ROOT / lock).read_bytes()
    except FileNotFoundError:
        return False


@contextmanager
def alone() -> Iterator[int]:
    """Hold the project folder's lock, so that one process installs at a time.

    The lock ends with the process and its children, however they end.
    """
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another start is installing, waiting for it …")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(folder)


def call(folder: int, *command: str | Path) -> int:
    """Run a command with its output on standard error.

    It inherits the folder's lock: after a bootstrap was killed, the next one waits until that one's pip has ended.
    """
    env = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    env |= {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=sys.stderr, env=env, pass_fds=(folder,), check=False
    ).returncode


def usable() -> bool:
    """Return whether packages can be installed into the present `.venv`; otherwise it is made anew."""
    if MARK.exists() or not os.access(PYTHON, os.X_OK):
        return False
    probe = "import sys, pip; sys.exit(sys.version_info < (3, 11) or sys.prefix == sys.base_prefix)"
    result = subprocess.run([PYTHON, "-I", "-c", probe], capture_output=True, check=False)
    return result.returncode == 0


def make_venv(folder: int) -> None:
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        raise BootstrapError(
            "this Python lacks its venv module; install it first (on Debian: apt install python3-venv)"
        )
    if VENV.is_symlink() or VENV.is_file():
        raise BootstrapError(f"{VENV} is not a folder; move it away and start again")
    VENV.mkdir(exist_ok=True)
    MARK.touch()
    for entry in VENV.iterdir():
        if entry == MARK:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    # By its real name: when the machine's python3 becomes another version, .venv/bin/python dangles and
    # the next start makes it anew, instead of running without packages.
    python = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    if call(folder, python, "-I", "-m", "venv", VENV) != 0:
        raise BootstrapError(
            "the virtual environment could not be made; see above (on Debian: apt install python3-venv)"
        )


def install(folder: int, lock: str) -> None:
    # Read before pip does: a lock changed meanwhile then differs from its copy and is installed next time.
    contained = LOCKS[LOCKS.index(lock) :]
    contents = {name: (ROOT / name).read_bytes() for name in contained}
    if not usable():
        make_venv(folder)
    MARK.touch()
    for name in LOCKS:
        (VENV / name).unlink(missing_ok=True)
    # Dependencies are resolved although the lock is complete: were it not, --require-hashes would say so.
    # Wheels only: building would need a compiler and would fetch build tools without hashes.
    status = call(
        folder, PYTHON, "-I", "-m", "pip", "install", "--quiet", "--require-hashes",
        "--only-binary=:all:", "--no-input", "-r", ROOT / lock,
    )  # fmt: skip
    if status != 0:
        # pip leaves what was there when it fails by itself, so it can go on from here.
        MARK.unlink()
        raise BootstrapError(
            f"{lock} could not be installed (pip ended with {status}); see above, then try again"
        )
    # Compile our own files too, as pip does with packages: whoever starts the bot later may not write beside them, and
    # Python would compile them at every start. Failing here is no error: it only costs time.
    call(folder, PYTHON, "-I", "-m", "compileall", "-q", "-x", r"/(\.venv|tests)/", ROOT)
    for name, content in contents.items():
        unfinished = VENV / f"{name}.part"
        unfinished.write_bytes(content)
        unfinished.replace(VENV / name)
    MARK.unlink()


def main(lock: str) -> int:
    try:
        with alone() as folder:
            if not ready(lock):
                say("installing what is needed into .venv, this takes a minute …")
                install(folder, lock)
                say("installed")
    except BootstrapError as error:
        say(str(error))
        return 1
    except OSError as error:
        say(f"cannot prepare {VENV}: {error.strerror} ({error.filename})")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
