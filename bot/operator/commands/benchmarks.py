"""`bench`: the benchmarks, as ratios within one run."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer

from bot.operator.commands.terminal import Json, print_json


def bench(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="default: all")] = None,
    as_json: Json = False,
) -> None:
    """Run the benchmarks; results are ratios within one run.

    PostgreSQL takes part where the test tools are installed.
    """
    from bench import (
        answering,
        broadcasting,
        flooding,
        looking_up,
        rescheduling,
        side_by_side,
        starting,
        ticking,
    )

    every: dict[str, Callable[[], Coroutine[Any, Any, list[dict[str, Any]]]]] = {
        "starting": starting.run,
        "answering": answering.run,
        "ledgers": answering.run_ledgers,
        "flooding": flooding.run,
        "side-by-side": side_by_side.run,
        "unlimited": answering.run_broadcast,
        "looking-up": looking_up.run,
        "ticking": ticking.run,
        "rescheduling": rescheduling.run,
        "broadcasting": broadcasting.run,
    }
    unknown = set(names or ()) - every.keys()
    if unknown:
        raise typer.BadParameter(f"one of {', '.join(every)}", param_hint="'NAME'")
    rows: list[dict[str, Any]] = []
    for name in names or every:
        found = asyncio.run(every[name]())
        rows += found
        if not as_json:
            for row in found:
                typer.echo("  ".join(f"{key} {value}" for key, value in row.items()))
    if as_json:
        print_json(rows)
