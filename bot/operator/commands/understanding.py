"""`understand` and `understanding`: what texts mean, and how well that is known."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
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


def train(
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="default: what this house ships")] = None,
) -> None:
    """Learn the model from samples/understanding; the same sentences give the same model."""
    from understanding.loading import FOLDER

    with _learning() as training:
        model = training.train()
    model.save(out or FOLDER)
    typer.echo(f"danhoi: learnt, and written to {out or FOLDER}", err=True)


def measure(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="labelled sentences; default: the second set")
    ] = None,
    cv: Annotated[
        bool, typer.Option("--cv", help="learn from all writers but one, and measure on that one")
    ] = False,
    config: ConfigFile = None,
) -> None:
    """Print how often the model is right, with the sentences it took wrongly."""
    from services.agencies import routing
    from understanding import measuring, samples
    from understanding.loading import shipped

    if cv:
        with _learning() as training:
            print_json(training.cross_validated())
        return
    folder = folder or samples.SECOND
    try:
        routed, screened = samples.routed(folder), samples.screened(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        fail(f"cannot read the sentences in {folder}: {error}")
    if not routed and not screened:
        fail(f"no routing*.jsonl and no screening*.jsonl in {folder}")

    async def job(database: Any) -> Any:
        async with database.reading() as work:
            return await routing.offices(work)

    offices = measuring.with_all_communes(read_database(configured_by(config), job))
    print_json(
        {
            "routing": measuring.measured_routing(offices, routed),
            "screening": measuring.measured_screening(shipped(), screened),
        }
    )


def export(folder: Annotated[Path, typer.Argument(metavar="DIR")]) -> None:
    """Write the model in use to a folder: model.npz and model.json."""
    from understanding.loading import shipped

    model = shipped()
    if model is None:
        fail("there is no model to write; the log says why")
    try:
        model.save(folder)
    except OSError as error:
        fail(f"cannot write to {folder}: {error.strerror}")


@contextmanager
def _learning() -> Iterator[ModuleType]:
    """Yield the module that learns, or say what it lacks."""
    from understanding import training

    try:
        yield training
    except ModuleNotFoundError as missing:
        fail(f"{missing.name} is missing; ./danhoi understanding installs it")
