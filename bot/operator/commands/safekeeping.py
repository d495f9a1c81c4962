"""`backup`, `restore`, `doctor`: keeping the data, and finding faults early."""

import asyncio
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.config import ConfigurationError
from bot.house.clocks import SystemClock
from bot.operator.commands.terminal import (
    ConfigFile,
    Json,
    configured_by,
    fail,
    missing_database,
    print_json,
    with_database,
)


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    force: Annotated[bool, typer.Option("--force", help="overwrite FILE where it exists")] = False,
    config: ConfigFile = None,
) -> None:
    """Write a consistent copy of everything to a file, while the bot runs.

    It holds personal data: keep it like the database.
    """
    from bot.lists.audit_heads import note
    from bot.operator.backup import make
    from services.operation.evidence import seal_ledger

    configured = configured_by(config)
    if (missing := missing_database(configured)) is not None:
        fail(f"there is no database at {missing}, so there is nothing to keep")
    if file.exists() and not force:
        fail(f"{file} exists; choose another name, or --force overwrites it")

    async def job(database: Any) -> Any:
        await seal_ledger(database)
        done = await make(database, configured.storage.files, file.absolute())
        await note(database, configured.storage.heads)
        return done

    made = with_database(configured, job)
    if made.missing_files:
        typer.echo(f"danhoi: {made.missing_files} files that rows refer to are missing", err=True)
    rows, files = sum(made.rows.values()), sum(name.startswith("files/") for name in made.parts)
    typer.echo(f"danhoi: {rows} rows and {files} files are in {file}", err=True)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    force: Annotated[bool, typer.Option("--force", help="overwrite what the database holds")] = False,
    erasures: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="a list of people who were erased, besides the one beside the files"
        ),
    ] = None,
    endings: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="a list of what ended, besides the one beside the files"),
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Replace the database by a backup; repeat erasures and endings since then."""
    from bot.house.exclusive import AlreadyRunning
    from bot.lists.erasures import BadList
    from bot.operator.backup import BadBackup, NotEmpty
    from bot.operator.backup import restore as restore_from
    from services.operation.endings import counted

    configured = configured_by(config)

    async def job(database: Any) -> Any:
        return await restore_from(
            database,
            configured.storage.files,
            file,
            force=force,
            erasures=erasures,
            endings=endings,
            heads=configured.storage.heads,
        )

    try:
        # Not migrated: an operator who goes back to an old version replaces a newer version's database.
        restored = with_database(configured, job, migrated=False)
    except (BadBackup, BadList) as error:
        fail(str(error))
    except NotEmpty:
        fail("the database is not empty; to overwrite what it holds, say --force")
    except AlreadyRunning:
        fail("a `danhoi run` is at work on this database; stop it first")
    made = restored.manifest
    typer.echo(f"danhoi: restored the backup of {made.made_at}: {sum(made.rows.values())} rows", err=True)
    if restored.erased_again:
        typer.echo(f"danhoi: {restored.erased_again} people were erased again", err=True)
    for kind, count, which in counted(restored.ended):
        one, more = _ENDED[kind]
        said = one if count == 1 else f"{count} {more}"
        typer.echo(f"danhoi: ended again, as since the backup: {said}{which and f': {which}'}", err=True)
    if restored.ended.unknown:
        kinds = ", ".join(_ENDED[kind][1] for kind in restored.ended.unknown)
        typer.echo(
            f"danhoi: not known, and perhaps back: {kinds}; look at /moinguoi, or restore with --endings FILE",
            err=True,
        )


# One and more of each kind of `services.operation.endings`, as an operator reads it.
_ENDED = {
    "role": ("1 role", "roles"),
    "invitation": ("1 invitation", "invitations"),
    "consent": ("1 consent", "consents"),
    "broadcasts": ("1 person who left broadcasts", "people who left broadcasts"),
    "flag": ("1 suspected denunciation", "suspected denunciations"),
    "publication": ("1 publication", "publications"),
    "sending": ("1 broadcast", "broadcasts"),
    "block": ("1 block of a sender", "blocks of senders"),
}


def doctor(
    as_json: Json = False,
    heads: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="last seals of the audit log kept elsewhere, or a backup"),
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Check configuration, database, evidence, calendar, queues and messenger; status 1 where something is wrong."""
    from bot.lists.audit_heads import BadHeads
    from bot.operator.doctor import examine

    try:
        found = asyncio.run(examine(config, os.environ, SystemClock(), heads))
    except (ConfigurationError, BadHeads) as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename or heads} cannot be read: {error.strerror}")
    if as_json:
        print_json([vars(one) for one in found])
    else:
        for one in found:
            sign = "FAIL" if not one.ok else "warn" if one.warns else "ok"
            typer.echo(f"{sign:<4}  {one.name:<13} {one.says}".rstrip())
    if not all(one.ok for one in found):
        raise typer.Exit(1)
