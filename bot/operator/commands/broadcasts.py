"""`broadcast`, `broadcasts`: queue messages to many, and watch them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from bot.operator.commands.terminal import (
    ConfigFile,
    Json,
    configured_by,
    fail,
    print_json,
    read_database,
    read_text,
    with_database,
)


def broadcast(
    text_file: Annotated[Path, typer.Option("--text-file", metavar="F", help="the message, UTF-8 text")],
    to: Annotated[str, typer.Option("--to", metavar="all|airings|links|field:CODE")],
    as_json: Json = False,
    config: ConfigFile = None,
) -> None:
    """Queue a broadcast of one plain text; `run` delivers it."""
    from html import escape

    from domain.broadcasts.broadcasts import Audience
    from domain.errors import Reason, RuleViolation
    from domain.subscribers.topics import FIELD
    from services.broadcasts.broadcasts import compose

    if to not in (Audience.ALL, Audience.AIRINGS, Audience.LINKS) and not to.startswith(FIELD):
        raise typer.BadParameter("all, airings, links or field:CODE", param_hint="'--to'")
    try:
        text = read_text(text_file, "utf-8-sig").strip()
    except (OSError, ValueError) as error:
        fail(f"{text_file} cannot be read: {error}")

    async def job(database: Any) -> int:
        async with database.work() as work:
            try:
                return await compose(work, None, html=escape(text, quote=False), audience=to)
            except RuleViolation as violation:
                match violation.reason:
                    case Reason.TEXT_MISSING:
                        fail(f"{text_file} is empty; a broadcast needs a text")
                    case Reason.TOO_LONG:
                        limit = violation.facts["limit"]
                        fail(
                            f"{text_file} is too long; a broadcast is one message of at most {limit} characters"
                        )
                    case Reason.UNKNOWN_FIELD:
                        fail(f"there is no field {to.removeprefix(FIELD)}")
                raise

    broadcast_id = with_database(configured_by(config), job)
    if as_json:
        print_json({"id": broadcast_id})
    else:
        typer.echo(f"danhoi: broadcast {broadcast_id} is queued", err=True)


def broadcasts(as_json: Json = False, config: ConfigFile = None) -> None:
    """Print all broadcasts and how far they are, oldest first."""
    from services.broadcasts.broadcasts import all_progress

    async def job(database: Any) -> list[Any]:
        async with database.reading() as work:
            return await all_progress(work)

    shown = ("recipients", "sent", "blocked", "failed", "uncertain", "pending")
    rows = [
        {"id": one.id, "status": one.status.value} | {name: getattr(one, name) for name in shown}
        for one in read_database(configured_by(config), job)
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        counts = "  ".join(f"{name} {row[name]}" for name in shown)
        typer.echo(f"{row['id']:>5}  {row['status']:<9}  {counts}")
