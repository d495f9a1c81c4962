"""`inbox list`, `inbox retry`: what came in and could not be read or handled."""

from typing import Any

import typer

from bot.operator.commands.terminal import ConfigFile, Json, configured_by, print_json, with_database


def inbox_list(as_json: Json = False, config: ConfigFile = None) -> None:
    """List what could not be read or handled, oldest first, without its words."""
    from domain.programme import offset_iso
    from storage.delivery import inbox

    async def job(database: Any) -> list[dict[str, Any]]:
        async with database.reading() as work:
            return [
                {
                    "channel": row.channel,
                    "event": row.event,
                    "received_at": offset_iso(row.received_at, work.programme.timezone),
                    "kind": _kind(row.payload),
                    "why": "failed" if row.tries else "unreadable",
                }
                for row in await inbox.parked(work)
            ]

    listed = with_database(configured_by(config), job)
    if as_json:
        print_json(listed)
        return
    for one in listed:
        typer.echo(
            f"{one['received_at']}  {one['channel']:<9}  {one['event']:<12}  {one['kind'] or '-':<16}  {one['why']}"
        )


def inbox_retry(as_json: Json = False, config: ConfigFile = None) -> None:
    """Once more: `run` takes them up, now or when it starts."""
    from storage.delivery import inbox

    async def job(database: Any) -> int:
        async with database.work() as work:
            return int(await inbox.retry(work))

    retried = with_database(configured_by(config), job)
    if as_json:
        print_json({"retried": retried})
    else:
        typer.echo(f"danhoi: {retried} are tried once more", err=True)


def _kind(payload: str) -> str | None:
    """Return the messenger's name for its kind (message, callback_query …), where readable."""
    from channels.telegram.reading import read_json

    try:
        raw = read_json(payload)
    except (ValueError, RecursionError):
        return None
    return next((key for key in raw if key != "update_id"), None) if isinstance(raw, dict) else None
