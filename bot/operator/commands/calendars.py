"""`airings`, `calendar due`: the airings of a span, and the end of a limit."""

from typing import Annotated, Any

import typer

from bot.operator.commands.terminal import (
    ConfigFile,
    Json,
    configured_by,
    day,
    fail,
    moment,
    print_json,
    read_database,
)


def airings(
    since: Annotated[str, typer.Option("--from", metavar="DATE")],
    until: Annotated[str, typer.Option("--to", metavar="DATE")],
    as_json: Json = False,
    config: ConfigFile = None,
) -> None:
    """Print the airings of a span, both days included, in programme time."""
    from services.airings.schedule import airings_between, as_json_rows

    first, last = day(since, "'--from'"), day(until, "'--to'")
    if first > last:
        fail(f"--from {first} is after --to {last}")

    async def job(database: Any) -> list[dict[str, Any]]:
        async with database.reading() as work:
            return await as_json_rows(work, await airings_between(work, first, last))

    listed = read_database(configured_by(config), job)
    if as_json:
        print_json(listed)
        return
    for row in listed:
        episode = "-" if row["episode"] is None else row["episode"]
        typer.echo(
            f"{row['starts_at']}  {row['channel']:<12}  {row['kind']:<6}  {row['status']:<9}  {episode}"
        )


def calendar_due(
    since: Annotated[str, typer.Option("--from", metavar="ISO")],
    days: Annotated[int, typer.Option(min=1, metavar="N")],
    config: ConfigFile = None,
) -> None:
    """Print when a limit of N working days ends."""
    from domain.programme import offset_iso
    from services.calendar.working_days import calendar_of

    configured = configured_by(config)
    event = moment(since, configured, "'--from'")

    async def job(database: Any) -> str:
        async with database.reading() as work:
            due = (await calendar_of(work)).due(event, days)
            return offset_iso(due, configured.programme.zone)

    typer.echo(read_database(configured, job))
