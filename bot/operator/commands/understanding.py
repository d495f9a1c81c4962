"""`understand` and `understanding`: what texts mean, and how well that is known."""

import json
import sys
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
)

Lines = Annotated[
    str, typer.Argument(metavar="FILE.jsonl|-", help='lines {"id", "text"}; "-": standard input')
]
MOST_LINES = 100_000


def understand(file: Lines, _as_json: Json = True, config: ConfigFile = None) -> None:
    """Print what texts mean, against the loaded agencies and fields."""
    from services.agencies import routing
    from understanding.reading import understood

    lines = _lines(file)

    async def job(database: Any) -> list[dict[str, Any]]:
        async with database.reading() as work:
            offices = await routing.offices(work)
        return [
            {"id": one["id"]} | understood(offices, one["text"], str(one.get("address") or ""))
            for one in lines
        ]

    print_json(read_database(configured_by(config), job))


def _lines(file: str) -> list[dict[str, Any]]:
    """Read the lines, each with an id and a text; a wrong one is named."""
    try:
        text = (
            sys.stdin.buffer.read().decode("utf-8-sig") if file == "-" else read_text(Path(file), "utf-8-sig")
        )
    except (OSError, ValueError) as error:
        fail(f"cannot read {file}: {error}")
    found: list[dict[str, Any]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            one = json.loads(line)
        except (ValueError, RecursionError):
            fail(f"line {number} is no JSON")
        if not isinstance(one, dict) or "id" not in one or not isinstance(one.get("text"), str):
            fail(f'line {number} needs an "id" and a "text"')
        found.append(one)
        if len(found) > MOST_LINES:
            fail(f"at most {MOST_LINES} lines are read at once")
    return found
