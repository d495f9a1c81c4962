"""`load`: agencies, fields, episodes, slots, days and counts of views from CSV files."""

from pathlib import Path
from typing import Annotated, Any

import typer

from bot.config import Config
from bot.operator.commands.terminal import ConfigFile, configured_by, fail, read_content, with_database


def load(
    what: Annotated[str, typer.Argument(metavar="agencies|fields|episodes|slots|days|views")],
    file: Annotated[Path, typer.Argument(metavar="FILE.csv")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="check only, change nothing")] = False,
    config: ConfigFile = None,
) -> None:
    """Load or update reference data by key; never deletes; all or nothing."""
    from services.operation.loading import LOADERS
    from services.operation.loading.lines import BadFile
    from services.operation.loading.text import text_of

    if what not in LOADERS:
        raise typer.BadParameter(f"one of {', '.join(LOADERS)}", param_hint="'WHAT'")
    try:
        content = read_content(file)
    except (OSError, ValueError) as error:
        fail(f"{file} cannot be read: {error}")

    class DryRun(Exception):
        """Raised to roll the transaction back."""

    configured = configured_by(config)

    async def job(database: Any) -> int:
        count = 0
        try:
            text = text_of(content)
            async with database.work() as work:
                count = await _SAYING_MORE.get(what, _load)(work, what, text, dry_run)
                if dry_run:
                    raise DryRun
        except DryRun:
            pass
        return count

    try:
        count = with_database(configured, job)
    except BadFile as error:
        for problem in error.problems:
            typer.echo(f"danhoi: {file}: {problem}", err=True)
        for advice in error.advice:
            typer.echo(f"danhoi: {_said(configured, advice)}", err=True)
        fail(f"nothing was loaded from {file}")
    typer.echo(f"danhoi: {count} {what} {'would be ' if dry_run else ''}loaded", err=True)


def _said(config: Config, advice: Any) -> str:
    """Return advice on a refused file, in the programme's language."""
    from domain.errors import RuleViolation
    from messages.words import plain, words

    return plain(words(config.programme.language, config.programme.timezone).refusal(RuleViolation(advice)))


async def _load(work: Any, what: str, text: str, _dry_run: bool) -> int:
    from services.operation.loading import LOADERS

    return await LOADERS[what](work, text)


async def _load_days(work: Any, _what: str, text: str, dry_run: bool) -> int:
    """Load the days, and print on standard error which open deadlines move (contract, `load`)."""
    from domain.programme import offset_iso
    from services.deadlines.rescheduling import apply, preview
    from services.operation.loading.days import read_days

    changes = read_days(text)
    found = await (preview if dry_run else apply)(work, changes)
    for one in found.moved:
        old, new = (offset_iso(due, work.programme.timezone) for due in (one.old, one.new))
        typer.echo(f"{one.code} {one.what} {old} -> {new}", err=True)
    for plan in found.plans:
        old, new = (offset_iso(due, work.programme.timezone) for due in (plan.old, plan.new))
        typer.echo(f"{plan.number} script_plan {old} -> {new}", err=True)
    would = "would " if dry_run else ""
    moved = len(found.moved) + len(found.plans)
    typer.echo(
        f"danhoi: {moved} deadline{'' if moved == 1 else 's'} {would}move{'' if would else 'd'}", err=True
    )
    return len(changes)


async def _load_agencies(work: Any, _what: str, text: str, dry_run: bool) -> int:
    """Load the agencies, and say on standard error which open questions go on with which successor."""
    from services.operation.loading.agencies import change_agencies
    from services.questions.case import code_of

    loaded = await change_agencies(work, text)
    for one in loaded.handed_over:
        for question in one.questions:
            typer.echo(f"{code_of(work, question)} {one.ended.code} -> {one.heirs[0].code}", err=True)
    count = sum(len(one.questions) for one in loaded.handed_over)
    if count:
        would = "would be " if dry_run else ""
        typer.echo(f"danhoi: {count} question{'' if count == 1 else 's'} {would}handed over", err=True)
    for note in loaded.notes:
        typer.echo(f"danhoi: {note}", err=True)
    return loaded.count


async def _load_slots(work: Any, _what: str, text: str, _dry_run: bool) -> int:
    """Load the slots, and print which changed airings no longer belong to a rule."""
    from services.operation.loading.slots import change_slots

    loaded = await change_slots(work, text)
    for note in loaded.notes:
        typer.echo(f"danhoi: {note}", err=True)
    return loaded.count


async def _load_views(work: Any, _what: str, text: str, _dry_run: bool) -> int:
    """Load view counts, and print on standard error where they fall.

    Either a counter was corrected, or it is a mistake.
    """
    from services.episodes.links import record_counts
    from services.operation.loading.views import read_counts

    counts = await read_counts(work, text)
    for one in await record_counts(work, counts):
        typer.echo(
            f"{one.url}: {one.views} views on {one.day} are fewer than the {one.earlier_views} of {one.earlier_day}",
            err=True,
        )
    return len(counts)


# What tells the operator more than how much was loaded.
_SAYING_MORE = {"agencies": _load_agencies, "days": _load_days, "slots": _load_slots, "views": _load_views}
