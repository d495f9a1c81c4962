"""What every command needs of the terminal, the configuration and the database."""

import asyncio
import json
import os
from collections.abc import Callable, Coroutine
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from bot.config import Config, ConfigurationError, load_config
from bot.house.clocks import SystemClock
from domain.clock import Clock

ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="default: config.toml beside the script")
]
Json = Annotated[bool, typer.Option("--json", help="print JSON")]

LARGEST_TEXT = 20_000_000  # bytes: a century of episodes has one


def fail(sentence: str) -> NoReturn:
    """One sentence on standard error, status 1 (contract)."""
    typer.echo(f"danhoi: {sentence}", err=True)
    raise typer.Exit(1)


def read_text(file: Path, encoding: str) -> str:
    """A text that an operator names; raises `OSError`, and `ValueError` for one that is none, or has no end."""
    return read_content(file).decode(encoding)


def read_content(file: Path) -> bytes:
    """A file that an operator names; raises `OSError`, and `ValueError` for one that has no end."""
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


def with_database(
    config: Config,
    job: Callable[..., Coroutine[Any, Any, Any]],
    clock: Clock | None = None,
    *,
    migrated: bool = True,
) -> Any:
    """Run a job on the migrated database; what an operator can do something about becomes a sentence.

    Not `migrated`: on the database as it is, for what replaces it.
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
    """A moment as an operator types it; without offset it is programme time."""
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
