"""What every command needs: printing, failing, reading files, opening the database."""

import asyncio
import json
import os
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import SecretStr

from bot.config import Config, ConfigurationError, load_config
from bot.config.values import SQLITE
from bot.house.clocks import SystemClock
from domain.clock import Clock

ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="default: config.toml beside the script")
]
Json = Annotated[bool, typer.Option("--json", help="print JSON")]

LARGEST_TEXT = 20_000_000  # bytes: a century of episodes has one


def fail(sentence: str) -> NoReturn:
    """Print one sentence on standard error and exit with status 1 (contract)."""
    typer.echo(f"danhoi: {sentence}", err=True)
    raise typer.Exit(1)


def read_text(file: Path, encoding: str) -> str:
    """Read a text file that an operator names.

    Raises `OSError`, and `ValueError` for one that is no text or too large.
    """
    return read_content(file).decode(encoding)


def read_content(file: Path) -> bytes:
    """Read the bytes of a file that an operator names.

    Raises `OSError`, and `ValueError` for one that is too large.
    """
    with file.open("rb") as opened:
        content = opened.read(LARGEST_TEXT + 1)
    if len(content) > LARGEST_TEXT:
        raise ValueError(f"it has more than {LARGEST_TEXT // 1_000_000} MB")
    return content


def configured_by(file: Path | None) -> Config:
    try:
        return load_config(file, os.environ)
    except ConfigurationError as error:
        fail(str(error))


def print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def missing_database(config: Config) -> Path | None:
    """The SQLite file that the configuration names, where nobody has made it yet."""
    from storage.engine.database import file_of

    file = file_of(config.storage.url.get_secret_value())
    return None if file is None or file.exists() else file


@contextmanager
def _existing_or_empty(config: Config) -> Iterator[Config]:
    """The configuration, or one with an empty database that is gone afterwards where the named file is missing."""
    missing = missing_database(config)
    if missing is None:
        yield config
        return
    typer.echo(f"danhoi: there is no database at {missing} yet", err=True)
    with tempfile.TemporaryDirectory(prefix="danhoi-") as folder:
        url = SecretStr(f"{SQLITE}/{folder}/empty.db")
        yield config.model_copy(update={"storage": config.storage.model_copy(update={"url": url})})


def read_database(config: Config, job: Callable[..., Coroutine[Any, Any, Any]]) -> Any:
    """Run a job that only reads, and return what it returns.

    A database that does not exist is read as an empty one and is not made.
    """
    with _existing_or_empty(config) as there:
        return with_database(there, job)


def with_database(
    config: Config,
    job: Callable[..., Coroutine[Any, Any, Any]],
    clock: Clock | None = None,
    *,
    migrated: bool = True,
) -> Any:
    """Run a job on the migrated database; print a mendable failure as one sentence.

    With `migrated=False` the database is left as it is, for commands that replace it.
    """
    from bot.house.exclusive import AlreadyRunning, bring_up_to_date
    from bot.house.wiring import open_database
    from domain.errors import RuleViolation
    from storage.engine.errors import DatabaseAway, DBAPIError
    from storage.engine.migrate import ForeignDatabase
    from storage.operation.audit import AuditKeyMissing

    async def whole() -> Any:
        database = open_database(config, clock or SystemClock())
        try:
            if migrated:
                try:
                    await bring_up_to_date(database)
                except AlreadyRunning:
                    fail("a `danhoi run` of an older version is at work on this database; stop it first")
            return await job(database)
        finally:
            await database.close()

    try:
        return asyncio.run(whole())
    except ForeignDatabase as error:
        fail(str(error))
    except RuleViolation as violation:
        fail(f"refused: {violation.reason}")
    except AuditKeyMissing:
        fail("privacy.audit_keys: the key that seals the audit log of this database is missing")
    except (DBAPIError, DatabaseAway, OSError) as error:
        fail(f"the database cannot be used: {first_line(error)}")


def first_line(error: BaseException) -> str:
    original = getattr(error, "orig", None) or error
    return (str(original).splitlines() or [type(original).__name__])[0]


def moment(text: str, config: Config, option: str) -> datetime:
    """Read a moment that an operator typed.

    Without an offset it is in programme time.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("a moment such as 2026-11-20T20:00", param_hint=option) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=config.programme.zone)


def day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("a date such as 2026-11-20", param_hint=option) from None
