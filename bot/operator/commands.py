"""The operator's commands (contract, "Command line"). Heavy parts are imported by the command that needs them."""

import asyncio
import gc
import json
import os
from collections.abc import Callable, Coroutine
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from bot.config import Config, ConfigurationError, load_config
from bot.house.clocks import FixedClock, SystemClock
from domain.clock import Clock

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Dân hỏi - Chính quyền trả lời",
    context_settings={"help_option_names": ["-h", "--help"]},
)
calendar_app = typer.Typer(no_args_is_help=True, help="Working days.")
app.add_typer(calendar_app, name="calendar")


@app.callback()
def _privately() -> None:
    os.umask(0o077)  # what any command writes (database, files, lists, backups) is for its owner alone


ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="default: config.toml beside the script")
]
LARGEST_TEXT = 20_000_000  # bytes: a century of episodes has one

Json = Annotated[bool, typer.Option("--json", help="print JSON")]


def _fail(sentence: str) -> NoReturn:
    """One sentence on standard error, status 1 (contract)."""
    typer.echo(f"danhoi: {sentence}", err=True)
    raise typer.Exit(1)


def _read_text(file: Path, encoding: str) -> str:
    """A text that an operator names; raises `OSError`, and `ValueError` for one that is none, or has no end."""
    with file.open("rb") as opened:
        content = opened.read(LARGEST_TEXT + 1)
    if len(content) > LARGEST_TEXT:
        raise ValueError(f"it has more than {LARGEST_TEXT // 1_000_000} MB")
    return content.decode(encoding)


def _configured(file: Path | None) -> Config:
    try:
        return load_config(file, os.environ)
    except ConfigurationError as error:
        _fail(str(error))


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _with_database(
    config: Config,
    job: Callable[..., Coroutine[Any, Any, Any]],
    clock: Clock | None = None,
    *,
    migrated: bool = True,
) -> Any:
    """Run a job on the migrated database; what an operator can do something about becomes a sentence.

    Not `migrated`: on the database as it is, for what replaces it.
    """
    from bot.house.exclusive import AlreadyRunning, bring_up_to_date
    from bot.house.wiring import open_database
    from domain.errors import RuleViolation
    from storage.engine.errors import DatabaseAway, DBAPIError
    from storage.engine.migrate import ForeignDatabase
    from storage.operation.audit import AuditKeyMissing

    async def whole() -> Any:
        database = open_database(config, clock or SystemClock())
        try:
            if migrated:
                try:
                    await bring_up_to_date(database)
                except AlreadyRunning:
                    _fail("a `danhoi run` of an older version is at work on this database; stop it first")
            return await job(database)
        finally:
            await database.close()

    try:
        return asyncio.run(whole())
    except ForeignDatabase as error:
        _fail(str(error))
    except RuleViolation as violation:
        _fail(f"refused: {violation.reason}")
    except AuditKeyMissing:
        _fail("privacy.audit_keys: the key that seals the audit log of this database is missing")
    except (DBAPIError, DatabaseAway, OSError) as error:
        _fail(f"the database cannot be used: {_first_line(error)}")


def _first_line(error: BaseException) -> str:
    original = getattr(error, "orig", None) or error
    return (str(original).splitlines() or [type(original).__name__])[0]


async def _run(config: Config) -> None:
    from bot.house.house import House
    from bot.house.run import run

    await run([House(config, SystemClock())])


@app.command()
def run(config: ConfigFile = None) -> None:
    """The bot for real: polling or webhook as configured."""
    from bot.house.exclusive import AlreadyRunning
    from bot.house.logs import set_up
    from bot.loops.receiver import TokenRefused
    from storage.engine.errors import DatabaseAway, DBAPIError
    from storage.engine.migrate import ForeignDatabase

    gc.freeze()  # what is loaded by now stays, and need not be looked at again
    gc.enable()
    configured = _configured(config)
    set_up()
    try:
        asyncio.run(_run(configured))
    except ConfigurationError as error:
        _fail(str(error))
    except AlreadyRunning:
        _fail(
            "another `danhoi run` is at work on this database; stop it first"
            if configured.storage.url.get_secret_value().startswith("sqlite")
            else "the database is being restored, or `danhoi run` of another version is at work on it; wait, or stop it"
        )
    except TokenRefused:
        _fail("the messenger refuses telegram.token; check it with @BotFather")
    except ForeignDatabase as error:
        _fail(str(error))
    except (DBAPIError, DatabaseAway, OSError) as error:
        _fail(f"cannot run: {_first_line(error)}")


@app.command()
def demo(
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8080,
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="default: data/demo")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser")] = False,
    config: ConfigFile = None,
) -> None:
    """The whole programme on this machine: local messenger, sample agencies and people, the bot."""
    from bot.house.exclusive import AlreadyRunning
    from bot.house.logs import set_up
    from bot.operator.demo import DemoFailed
    from bot.operator.demo import demo as run_demo

    configured = _configured(config)
    set_up()
    try:
        asyncio.run(run_demo(configured, port=port, data=data, browser=not no_browser))
    except DemoFailed as error:
        _fail(str(error))
    except AlreadyRunning:
        _fail("another demo is at work on this data; stop it first, or choose another --data")


@app.command()
def migrate(config: ConfigFile = None) -> None:
    """Bring the database to this version."""

    async def job(_database: Any) -> None:
        return None

    _with_database(_configured(config), job)
    typer.echo("danhoi: the database is at this version", err=True)


@app.command()
def load(
    what: Annotated[str, typer.Argument(metavar="agencies|fields|episodes|slots|days|views")],
    file: Annotated[Path, typer.Argument(metavar="FILE.csv")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="check only, change nothing")] = False,
    config: ConfigFile = None,
) -> None:
    """Load or update reference data by key; never deletes; all or nothing."""
    from services.operation.loading import LOADERS
    from services.operation.loading.lines import BadFile

    if what not in LOADERS:
        raise typer.BadParameter(f"one of {', '.join(LOADERS)}", param_hint="'WHAT'")
    try:
        text = _read_text(file, "utf-8")
    except (OSError, ValueError) as error:
        _fail(f"{file} cannot be read: {error}")

    class DryRun(Exception):
        """Rolls the transaction back."""

    configured = _configured(config)

    async def job(database: Any) -> int:
        count = 0
        try:
            async with database.work() as work:
                count = await _SAYING_MORE.get(what, _load)(work, what, text, dry_run)
                if dry_run:
                    raise DryRun
        except DryRun:
            pass
        return count

    try:
        count = _with_database(configured, job)
    except BadFile as error:
        for problem in error.problems:
            typer.echo(f"danhoi: {file}: {problem}", err=True)
        _fail(f"nothing was loaded from {file}")
    typer.echo(f"danhoi: {count} {what} {'would be ' if dry_run else ''}loaded", err=True)


async def _load(work: Any, what: str, text: str, _dry_run: bool) -> int:
    from services.operation.loading import LOADERS

    return await LOADERS[what](work, text)


async def _load_days(work: Any, _what: str, text: str, dry_run: bool) -> int:
    """Load the days, and say on standard error which open deadlines move (contract, `load`)."""
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


async def _load_slots(work: Any, _what: str, text: str, _dry_run: bool) -> int:
    """Load the slots, and say which moved, cancelled and tied airings stay without a rule."""
    from services.operation.loading.slots import change_slots

    loaded = await change_slots(work, text)
    for note in loaded.notes:
        typer.echo(f"danhoi: {note}", err=True)
    return loaded.count


async def _load_views(work: Any, _what: str, text: str, _dry_run: bool) -> int:
    """Load counts of views, and say on standard error where they fall: a counter was corrected, or a mistake."""
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
_SAYING_MORE = {"days": _load_days, "slots": _load_slots, "views": _load_views}


@app.command()
def invite(
    role: Annotated[str, typer.Option(metavar="officer|leader|editor|admin")],
    agency: Annotated[str | None, typer.Option(metavar="CODE")] = None,
    uses: Annotated[int, typer.Option(min=1, max=1000)] = 1,
    as_json: Json = False,
    config: ConfigFile = None,
) -> None:
    """A one-time invitation to a role."""
    from domain.programme import offset_iso
    from domain.questions.life import AGENCY_ROLES, Role
    from services.staff.staff import invite as make_invitation
    from services.staff.staff import link_to
    from storage.agencies import agencies

    if role not in set(Role):
        raise typer.BadParameter(f"one of {', '.join(Role)}", param_hint="'--role'")

    if Role(role) in AGENCY_ROLES and agency is None:
        _fail(f"an invitation to be {role} needs --agency CODE")
    if Role(role) not in AGENCY_ROLES and agency is not None:
        _fail(f"the role {role} belongs to no agency; leave --agency out")

    async def job(database: Any) -> dict[str, object]:
        async with database.work() as work:
            found = await agencies.by_code(work, agency) if agency is not None else None
            if agency is not None and found is None:
                _fail(f"there is no agency {agency}; load the agencies first")
            code, expires_at = await make_invitation(work, Role(role), found, uses=uses)
            link = await link_to(work, code)
            return {
                "code": code,
                "link": link,
                "expires_at": offset_iso(expires_at, work.programme.timezone),
            }

    invitation = _with_database(_configured(config), job)
    if as_json:
        _print_json(invitation)
    else:
        typer.echo(invitation["link"] or f"/start {invitation['code']}")


@app.command()
def question(code: str, as_json: Json = False, config: ConfigFile = None) -> None:
    """One question as the ledger has it."""
    from domain.questions.codes import parse_code
    from services.ledger.ledger import as_json as ledger_json
    from storage.questions import questions as ledger

    async def job(database: Any) -> dict[str, Any] | None:
        async with database.reading() as work:
            year = work.programme.local(work.now).year
            parsed = parse_code(code, work.programme.code_prefix, year)
            row = await ledger.by_code(work, parsed.year, parsed.number) if parsed else None
            return None if row is None else await ledger_json(work, row)

    found = _with_database(_configured(config), job)
    if found is None:
        _fail(f"there is no question {code}")
    if as_json:
        _print_json(found)
    else:
        typer.echo(_line(found))


@app.command()
def questions(
    as_json: Json = False,
    status: Annotated[str | None, typer.Option(metavar="S")] = None,
    agency: Annotated[str | None, typer.Option(metavar="CODE")] = None,
    overdue: Annotated[bool, typer.Option("--overdue")] = False,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N")] = None,
    config: ConfigFile = None,
) -> None:
    """Questions as the ledger has them, oldest first."""
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
                _fail(f"there is no agency {agency}")
            rows = await ledger.listed(
                work,
                statuses=frozenset(Status) if status is None else frozenset({Status(status)}),
                agency_id=None if found is None else found.id,
                overdue_at=work.now if overdue else None,
                limit=limit,
            )
            return [await ledger_json(work, row) for row in rows]

    listed = _with_database(_configured(config), job)
    if as_json:
        _print_json(listed)
    else:
        for row in listed:
            typer.echo(_line(row))


@app.command()
def airings(
    since: Annotated[str, typer.Option("--from", metavar="DATE")],
    until: Annotated[str, typer.Option("--to", metavar="DATE")],
    as_json: Json = False,
    config: ConfigFile = None,
) -> None:
    """The airings of a span, both days included, in programme time."""
    from services.airings.schedule import airings_between, as_json_rows

    first, last = _day(since, "'--from'"), _day(until, "'--to'")
    if first > last:
        _fail(f"--from {first} is after --to {last}")

    async def job(database: Any) -> list[dict[str, Any]]:
        async with database.reading() as work:
            return await as_json_rows(work, await airings_between(work, first, last))

    listed = _with_database(_configured(config), job)
    if as_json:
        _print_json(listed)
        return
    for row in listed:
        episode = "-" if row["episode"] is None else row["episode"]
        typer.echo(
            f"{row['starts_at']}  {row['channel']:<12}  {row['kind']:<6}  {row['status']:<9}  {episode}"
        )


@app.command()
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
        text = _read_text(text_file, "utf-8-sig").strip()
    except (OSError, ValueError) as error:
        _fail(f"{text_file} cannot be read: {error}")

    async def job(database: Any) -> int:
        async with database.work() as work:
            try:
                return await compose(work, None, html=escape(text, quote=False), audience=to)
            except RuleViolation as violation:
                match violation.reason:
                    case Reason.TEXT_MISSING:
                        _fail(f"{text_file} is empty; a broadcast needs a text")
                    case Reason.TOO_LONG:
                        limit = violation.facts["limit"]
                        _fail(
                            f"{text_file} is too long; a broadcast is one message of at most {limit} characters"
                        )
                    case Reason.UNKNOWN_FIELD:
                        _fail(f"there is no field {to.removeprefix(FIELD)}")
                raise

    broadcast_id = _with_database(_configured(config), job)
    if as_json:
        _print_json({"id": broadcast_id})
    else:
        typer.echo(f"danhoi: broadcast {broadcast_id} is queued", err=True)


@app.command()
def broadcasts(as_json: Json = False, config: ConfigFile = None) -> None:
    """All broadcasts and how far they are, oldest first."""
    from services.broadcasts.broadcasts import all_progress

    async def job(database: Any) -> list[Any]:
        async with database.reading() as work:
            return await all_progress(work)

    shown = ("recipients", "sent", "blocked", "failed", "uncertain", "pending")
    rows = [
        {"id": one.id, "status": one.status.value} | {name: getattr(one, name) for name in shown}
        for one in _with_database(_configured(config), job)
    ]
    if as_json:
        _print_json(rows)
        return
    for row in rows:
        counts = "  ".join(f"{name} {row[name]}" for name in shown)
        typer.echo(f"{row['id']:>5}  {row['status']:<9}  {counts}")


@app.command()
def tick(
    now: Annotated[str | None, typer.Option("--now", metavar="ISO", help="as if it were this moment")] = None,
    as_json: Json = False,
    config: ConfigFile = None,
) -> None:
    """Do once all scheduled work that is due and, where no `run` is at work, deliver what it queued."""
    from bot.house.logs import set_up
    from bot.house.tick_once import tick_once

    configured = _configured(config)
    set_up()
    at = None if now is None else _moment(now, configured, "'--now'")
    done = _with_database(
        configured, lambda database: tick_once(database, configured), FixedClock(at) if at else None
    )
    if as_json:
        _print_json(done)
    else:
        typer.echo("  ".join(f"{what} {count}" for what, count in done.items()))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    config: ConfigFile = None,
) -> None:
    """A consistent copy of everything, made while the bot runs. It holds personal data: keep it like the database."""
    from bot.lists.audit_heads import note
    from bot.operator.backup import make
    from services.operation.evidence import seal_ledger

    configured = _configured(config)

    async def job(database: Any) -> Any:
        await seal_ledger(database)
        done = await make(database, configured.storage.files, file.absolute())
        await note(database, configured.storage.heads)
        return done

    made = _with_database(configured, job)
    if made.missing_files:
        typer.echo(f"danhoi: {made.missing_files} files that rows refer to are missing", err=True)
    rows, files = sum(made.rows.values()), sum(name.startswith("files/") for name in made.parts)
    typer.echo(f"danhoi: {rows} rows and {files} files are in {file}", err=True)


@app.command()
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
    """Put a backup in the place of what the database holds; who was erased, and what ended since, is again."""
    from bot.house.exclusive import AlreadyRunning
    from bot.lists.erasures import BadList
    from bot.operator.backup import BadBackup, NotEmpty
    from bot.operator.backup import restore as restore_from
    from services.operation.endings import counted

    configured = _configured(config)

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
        # As it is: a newer version's database is just what an operator wants to get rid of who goes back.
        restored = _with_database(configured, job, migrated=False)
    except (BadBackup, BadList) as error:
        _fail(str(error))
    except NotEmpty:
        _fail("the database is not empty; to overwrite what it holds, say --force")
    except AlreadyRunning:
        _fail("a `danhoi run` is at work on this database; stop it first")
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
}


@app.command()
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
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename or heads} cannot be read: {error.strerror}")
    if as_json:
        _print_json([vars(one) for one in found])
    else:
        for one in found:
            sign = "FAIL" if not one.ok else "warn" if one.warns else "ok"
            typer.echo(f"{sign:<4}  {one.name:<13} {one.says}".rstrip())
    if not all(one.ok for one in found):
        raise typer.Exit(1)


@app.command()
def bench(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="default: all")] = None,
    as_json: Json = False,
) -> None:
    """The benchmarks, as ratios within one run. PostgreSQL takes part where the test tools are installed."""
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
        _print_json(rows)


def _moment(text: str, config: Config, option: str) -> datetime:
    """A moment as an operator types it; without offset it is programme time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("a moment such as 2026-11-20T20:00", param_hint=option) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=config.programme.zone)


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("a date such as 2026-11-20", param_hint=option) from None


def _line(row: dict[str, Any]) -> str:
    text = " ".join((row["text"] or "").split())
    return f"{row['code']}  {row['status']:<11}  {row['lead_agency'] or '-':<12}  {text[:80]}"


@calendar_app.command("due")
def calendar_due(
    since: Annotated[str, typer.Option("--from", metavar="ISO")],
    days: Annotated[int, typer.Option(min=1, metavar="N")],
    config: ConfigFile = None,
) -> None:
    """When a limit of N working days ends."""
    from domain.programme import offset_iso
    from services.calendar.working_days import calendar_of

    configured = _configured(config)
    event = _moment(since, configured, "'--from'")

    async def job(database: Any) -> str:
        async with database.reading() as work:
            due = (await calendar_of(work)).due(event, days)
            return offset_iso(due, configured.programme.zone)

    typer.echo(_with_database(configured, job))
