"""The operator's commands (docs/contract.md, "Command line"): the front door.

Heavy parts are imported by the command that needs them.
"""

import os
import tomllib
from pathlib import Path
from typing import Annotated

import typer

from bot.operator.commands import (
    benchmarks,
    broadcasts,
    calendars,
    incoming,
    process,
    questions,
    reference_data,
    safekeeping,
    staff,
    understanding,
)

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Dân hỏi - Chính quyền trả lời",
    context_settings={"help_option_names": ["-h", "--help"]},
)
calendar_app = typer.Typer(no_args_is_help=True, help="Working days.")
app.add_typer(calendar_app, name="calendar")
inbox_app = typer.Typer(no_args_is_help=True, help="What came in and could not be read or handled.")
app.add_typer(inbox_app, name="inbox")

understanding_app = typer.Typer(no_args_is_help=True, help="How well it is known what texts mean.")
app.add_typer(understanding_app, name="understanding")


def _print_version(wanted: bool) -> None:
    if wanted:
        project = Path(__file__).parents[3] / "pyproject.toml"
        typer.echo(f"danhoi {tomllib.loads(project.read_text('utf-8'))['project']['version']}")
        raise typer.Exit


@app.callback()
def _privately(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="print the version")
    ] = False,
) -> None:
    os.umask(0o077)  # what any command writes (database, files, lists, backups) is for its owner alone


# As the help lists them.
app.command()(process.run)
app.command()(process.demo)
app.command()(process.migrate)
app.command()(reference_data.load)
app.command()(staff.invite)
app.command()(questions.question)
app.command()(questions.questions)
app.command()(calendars.airings)
app.command()(broadcasts.broadcast)
app.command()(broadcasts.broadcasts)
app.command()(process.tick)
app.command()(safekeeping.backup)
app.command()(safekeeping.restore)
app.command()(safekeeping.doctor)
app.command()(benchmarks.bench)
app.command()(understanding.understand)
calendar_app.command("due")(calendars.calendar_due)
inbox_app.command("list")(incoming.inbox_list)
inbox_app.command("retry")(incoming.inbox_retry)
understanding_app.command("train")(understanding.train)
understanding_app.command("measure")(understanding.measure)
understanding_app.command("export")(understanding.export)
