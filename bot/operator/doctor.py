"""`./danhoi doctor`: checks that all is well and changes nothing.

Nothing is migrated, and the messenger is only asked about the bot.
"""

import asyncio
import os
import shutil
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from telegram import WebhookInfo
from telegram.error import InvalidToken, TelegramError

from bot.config import Config, load_config, secrets_in
from bot.house.application import build_bot
from bot.house.wiring import open_database
from bot.lists import audit_heads
from bot.lists.endings import LIST as ENDINGS
from bot.lists.erasures import LIST as ERASURES
from channels.telegram.transport import NotSent
from domain.clock import Clock
from domain.privacy.audit import Head
from services.operation import evidence
from services.operation.health import Check, checks
from storage.engine.database import Database
from storage.engine.errors import DatabaseTrouble
from storage.engine.migrate import current, newest

ASK_WITHIN = 10.0  # seconds
LEAST_FREE = 1 << 30  # bytes: a month of files in an ordinary province
LATELY = timedelta(hours=1)  # a call of the messenger that failed longer ago is history
MANY_WAIT = 100  # updates that the messenger holds; more are no traffic


@dataclass(frozen=True)
class Finding:
    """One check for an operator; `says` is empty where all is well.

    A finding that only `warns` is no fault, but worth a look: an office may have its reasons.
    """

    name: str
    ok: bool
    says: str = ""
    warns: bool = False


async def examine(
    file: Path | None, env: Mapping[str, str], clock: Clock, heads: Path | None = None
) -> list[Finding]:
    """Run every check, in the order in which they depend on each other.

    `heads`: another file of the audit log's last seals, or a backup.

    Raises `ConfigurationError`, `BadHeads`, `OSError`.
    """
    config = load_config(file, env)
    known = _heads(config, heads)
    database = open_database(config, clock)
    try:
        access = _modes(config, database, file)  # before we open it, which makes and removes files
        found = [Finding("configuration", True), access, *await _database(database, known)]
    finally:
        await database.close()
    return [*found, _disk(config, database), *await _messenger(config, clock.now())]


def _heads(config: Config, more: Path | None) -> list[Head]:
    """Read the heads that were kept outside of the database, the oldest first."""
    own = config.storage.heads
    found = audit_heads.read(own) if own.exists() else []
    if more is not None:
        # What a restore recorded there counts for seals kept elsewhere, too.
        found = sorted([*found, *audit_heads.read(more)], key=lambda one: one.at)
    return found


async def _database(database: Database, heads: Sequence[Head]) -> list[Finding]:
    try:
        revision = await current(database)
        if revision != newest():
            return [
                Finding("database", False, f"its schema is {revision or 'missing'}: run `danhoi migrate`")
            ]
        async with database.reading() as work:
            looked = await checks(work)
            faults = await evidence.examine(work, heads)
    except (DatabaseTrouble, OSError) as error:
        return [Finding("database", False, f"cannot be used: {type(error).__name__}")]
    return [
        Finding("database", True),
        *(Finding(one.name, one.ok, _sentence(one, database)) for one in looked),
        *_evidence(faults, heads),
    ]


# What was changed behind the programme's back: (check, sentence), by `Fault.about`.
EVIDENCE = {
    "triggers": ("guards", "the trigger {name} is missing, off or not ours"),
    "audit": ("audit_log", "entry {number} is missing or not what was sealed"),
    "audit_end": ("audit_log", "it ends at entry {last}, but says that its last is {number}"),
    "audit_time": ("audit_log", "entry {number} is earlier than the one before it"),
    "unknown_key": (
        "audit_log",
        "what follows entry {number} is sealed with a key that is not in privacy.audit_keys",
    ),
    "key_unused": ("audit_log", "it is not sealed with the first of privacy.audit_keys"),
    "head_cut": ("audit_heads", "the log ends at entry {last}; entry {number} was there on {at:%d/%m/%Y}"),
    "head_other": (
        "audit_heads",
        "entry {number} is another than on {at:%d/%m/%Y}: the log was written anew",
    ),
    "role_not_granted": ("roles", "person {person} holds or held the role {role}, which nobody granted"),
    "role_vouched_by_nobody": (
        "roles",
        "the {role} person {person} reads denunciations, for which nobody vouched",
    ),
    "role_ended_by_nobody": ("roles", "the role {role} of person {person} was ended, which nobody did"),
    "invitation": ("roles", "invitation {id}, to the role {role}, was made by nobody"),
    "role_lost": ("roles", "the role {role} that was granted to person {person} is missing"),
    "role_not_ended": ("roles", "the role {role} of person {person} was ended, and stands again"),
    "piece_skipped": ("history", "rows {first}-{last} were sealed out of turn (audit entry {number})"),
    "piece_lost": ("history", "what is sealed ends at row {last}, another is noted as the last"),
    "history_missing": ("history", "rows are missing among {first}-{last}: {count}"),
    "history_added": ("history", "rows were added among {first}-{last}: {count}"),
    "history_changed": ("history", "a row among {first}-{last} is not what was sealed"),
    "history_time": ("history", "row {row}, of {code}, is earlier than the one before it"),
    "words_seals": ("words", "seals of words are missing or added (audit entry {number})"),
    "words_added": ("words", "seals of words that no entry of the log tells of: {count}"),
    "words_changed": ("words", "what was written about {code} was changed: {kind} (entry {entry})"),
    "status": ("questions", "{code} is {status}; its history says {told}"),
    "secrecy": ("questions", "{code} was flagged as a denunciation, and is not hidden"),
    "published": ("questions", "{code} is public; its history does not say so"),
    "answer": ("questions", "the answer of {code} is another than went out"),
    "approvals": ("approvals", "an answer of {code} has an approval that nobody gave"),
    "consents": ("consents", "consents that nobody gave: {count}"),
    "erasures": ("erasures", "person {person} was erased; the list of erasures does not say so"),
}
MOST_NAMED = 5  # of one check


def _evidence(faults: Sequence[evidence.Fault], heads: Sequence[Head]) -> list[Finding]:
    """Return a finding for each check of the evidence, the first few faults by name."""
    found = []
    for name in dict.fromkeys(name for name, _ in EVIDENCE.values()):
        said = [
            sentence.format(**fault.facts)
            for fault in faults
            for check, sentence in [EVIDENCE[fault.about]]
            if check == name
        ]
        more = [f"and {len(said) - MOST_NAMED} more"] if len(said) > MOST_NAMED else []
        found.append(Finding(name, not said, "; ".join(said[:MOST_NAMED] + more)))
    if not heads:
        found = [
            Finding(one.name, one.ok, "none are kept outside yet") if one.name == "audit_heads" else one
            for one in found
        ]
    return found


def _sentence(one: Check, database: Database) -> str:
    since = (
        ""
        if one.since is None
        else f", the oldest since {database.programme.local(one.since):%d/%m/%Y %H:%M}"
    )
    if one.ok:
        return ""
    return {
        "storage": "the database is damaged: restore a backup",
        "audit": f"the audit log is broken at entry {one.count}",
        "inbox": f"{one.count} updates wait{since}: is `danhoi run` at work?",
        "parked": f"{one.count} updates of the last day could not be handled: see the log and `danhoi inbox list`",
        "outbox": f"{one.count} messages wait{since}",
        "failed": f"{one.count} messages of the last day could not be sent: see the log",
        "calendar": f"the days off of {one.day and one.day.year} are not confirmed: /ngaynghi",
        "staff": "no editor or no admin can be reached",
    }[one.name]


def _disk(config: Config, database: Database) -> Finding:
    """Check the room on disk where files, and a SQLite database, grow.

    Measured at the nearest folder that exists.
    """
    places = [config.storage.files.absolute()]
    if database.url.get_backend_name() == "sqlite" and database.url.database:
        places.append(Path(database.url.database).absolute().parent)
    for place in places:
        found = next(folder for folder in (place, *place.parents) if folder.exists())
        if not os.access(found, os.W_OK):
            return Finding("disk", False, f"{found} cannot be written to")
        free = shutil.disk_usage(found).free
        if free < LEAST_FREE:
            return Finding("disk", False, f"{free >> 20} MB are left for {place}")
    return Finding("disk", True)


def _modes(config: Config, database: Database, file: Path | None) -> Finding:
    """Warn of files that other users may access; a group may read the configuration."""
    files = config.storage.files.absolute()
    ours = [files, files / ERASURES, files / ENDINGS]
    if database.url.get_backend_name() == "sqlite" and database.url.database:
        kept = Path(database.url.database).absolute()
        ours += [kept.parent, kept, *(Path(f"{kept}{end}") for end in ("-wal", "-shm", "-journal", ".run"))]
    loose = [(path, mode) for path in ours if (mode := _mode(path)) & 0o077]
    heads = config.storage.heads
    if (mode := _mode(heads)) & 0o022:  # anybody may read them, to compare
        loose.append((heads, mode))
    written, secrets = secrets_in(file)
    if secrets and (mode := _mode(written)) & 0o027:
        loose.append((written, mode))
    said = ", ".join(f"{path} ({mode:04o})" for path, mode in loose)
    also = f"; the last holds {', '.join(secrets)}" if secrets and loose and loose[-1][0] == written else ""
    says = said and f"open to other users: {said}{also}: `chmod go= …`"
    return Finding("access", True, says, warns=bool(loose))


def _mode(path: Path) -> int:
    """Return the permission bits of a path; 0 where it does not exist."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0


async def _messenger(config: Config, now: datetime) -> list[Finding]:
    if config.telegram.token is None:
        return [Finding("messenger", False, "telegram.token is missing")]
    try:
        async with asyncio.timeout(ASK_WITHIN), build_bot(config) as bot:
            wrong = _receiving(config, await bot.get_webhook_info(), now)
            return [Finding("messenger", True, f"@{bot.username}"), Finding("receiving", not wrong, wrong)]
    except InvalidToken:
        return [Finding("messenger", False, "telegram.token is refused")]
    except NotSent as error:  # says where, and never the token
        return [Finding("messenger", False, f"cannot be reached: {error.message}")]
    except (TelegramError, TimeoutError) as error:
        return [Finding("messenger", False, f"cannot be reached: {type(error).__name__}")]


def _receiving(config: Config, hook: WebhookInfo, now: datetime) -> str:
    """Return what keeps updates from coming as configured; "" where nothing does."""
    if config.telegram.mode == "polling":
        if hook.url:
            return "a webhook is set, but telegram.mode is polling: `danhoi run` takes it away"
    elif not hook.url:
        return "no webhook is set: is `danhoi run` at work?"
    elif hook.url != config.telegram.webhook_url:
        return "the messenger calls another address than telegram.webhook_url"
    elif hook.last_error_date is not None and now - hook.last_error_date < LATELY:
        return f"the messenger's last call that failed: {hook.last_error_message}"
    if hook.pending_update_count > MANY_WAIT:
        return f"{hook.pending_update_count} updates wait at the messenger: is `danhoi run` at work?"
    return ""
