"""`./danhoi doctor`: is all well? It only looks: nothing is migrated, the messenger is asked for the bot's name."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot.config import Config, load_config
from bot.wiring import open_database
from domain.clock import Clock
from services.health import Check, checks
from storage.database import Database
from storage.errors import DatabaseTrouble
from storage.migrate import current, newest

ASK_WITHIN = 10.0  # seconds


@dataclass(frozen=True)
class Finding:
    """One check for an operator: `says` is empty where there is nothing to say."""

    name: str
    ok: bool
    says: str = ""


async def examine(file: Path | None, env: Mapping[str, str], clock: Clock) -> list[Finding]:
    """Every check, in the order in which they depend on each other. Raises `ConfigurationError`."""
    config = load_config(file, env)
    database = open_database(config, clock)
    try:
        found = [Finding("configuration", True), *await _database(database)]
    finally:
        await database.close()
    return [*found, await _messenger(config)]


async def _database(database: Database) -> list[Finding]:
    try:
        revision = await current(database)
        if revision != newest():
            return [
                Finding("database", False, f"its schema is {revision or 'missing'}: run `danhoi migrate`")
            ]
        async with database.reading() as work:
            looked = await checks(work)
    except (DatabaseTrouble, OSError) as error:
        return [Finding("database", False, f"cannot be used: {type(error).__name__}")]
    return [
        Finding("database", True),
        *(Finding(one.name, one.ok, _sentence(one, database)) for one in looked),
    ]


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
        "parked": f"{one.count} updates of the last day could not be handled: see the log",
        "outbox": f"{one.count} messages wait{since}",
        "failed": f"{one.count} messages of the last day could not be sent: see the log",
        "calendar": f"the days off of {one.day and one.day.year} are not confirmed: /ngaynghi",
        "staff": "no editor or no admin can be reached",
    }[one.name]


async def _messenger(config: Config) -> Finding:
    if config.telegram.token is None:
        return Finding("messenger", False, "telegram.token is missing")
    bot = Bot(config.telegram.token.get_secret_value(), base_url=config.telegram.base_url)
    try:
        async with asyncio.timeout(ASK_WITHIN), bot:
            return Finding("messenger", True, f"@{bot.username}")
    except InvalidToken:
        return Finding("messenger", False, "telegram.token is refused")
    except (TelegramError, TimeoutError) as error:
        return Finding("messenger", False, f"cannot be reached: {type(error).__name__}")
