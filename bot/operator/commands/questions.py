"""`question`, `questions`: printing the ledger."""

from typing import Annotated, Any

import typer

from bot.operator.commands.terminal import ConfigFile, Json, configured_by, fail, print_json, read_database


def question(code: str, as_json: Json = False, config: ConfigFile = None) -> None:
    """Print one question of the ledger."""
    from domain.questions.codes import parse_code
    from services.ledger.ledger import as_json as ledger_json
    from storage.questions import questions as ledger

    async def job(database: Any) -> dict[str, Any] | None:
        async with database.reading() as work:
            year = work.programme.local(work.now).year
            parsed = parse_code(code, work.programme.code_prefix, year)
            row = await ledger.by_code(work, parsed.year, parsed.number) if parsed else None
            return None if row is None else await ledger_json(work, row)

    found = read_database(configured_by(config), job)
    if found is None:
        fail(f"there is no question {code}")
    if as_json:
        print_json(found)
    else:
        typer.echo(_line(found))


def questions(
    as_json: Json = False,
    status: Annotated[str | None, typer.Option(metavar="S")] = None,
    agency: Annotated[str | None, typer.Option(metavar="CODE")] = None,
    overdue: Annotated[bool, typer.Option("--overdue")] = False,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N")] = None,
    config: ConfigFile = None,
) -> None:
    """Print questions of the ledger, oldest first."""
    from domain.questions.life import Status
    from services.ledger.ledger import as_json as ledger_json
    from storage.agencies import agencies
    from storage.questions import questions as ledger

    if status is not None and status not in set(Status):
        raise typer.BadParameter(f"one of {', '.join(Status)}", param_hint="'--status'")

    async def job(database: Any) -> list[dict[str, Any]]:
        async with database.reading() as work:
            found = await agencies.by_code(work, agency) if agency is not None else None
            if agency is not None and found is None:
                fail(f"there is no agency {agency}")
            rows = await ledger.listed(
                work,
                statuses=frozenset(Status) if status is None else frozenset({Status(status)}),
                agency_id=None if found is None else found.id,
                overdue_at=work.now if overdue else None,
                limit=limit,
            )
            return [await ledger_json(work, row) for row in rows]

    listed = read_database(configured_by(config), job)
    if as_json:
        print_json(listed)
    else:
        for row in listed:
            typer.echo(_line(row))


def _line(row: dict[str, Any]) -> str:
    text = " ".join((row["text"] or "").split())
    return f"{row['code']}  {row['status']:<11}  {row['lead_agency'] or '-':<12}  {text[:80]}"
