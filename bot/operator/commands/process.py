"""`run`, `demo`, `migrate`, `tick`: running the programme, or a part of it once."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.config import Config, ConfigurationError
from bot.house.clocks import FixedClock, SystemClock
from bot.operator.commands.terminal import (
    ConfigFile,
    Json,
    configured_by,
    fail,
    first_line,
    moment,
    print_json,
    with_database,
)


async def _run(config: Config) -> None:
    from bot.house.house import House
    from bot.house.run import run as run_houses

    await run_houses([House(config, SystemClock())])


def run(config: ConfigFile = None) -> None:
    """Run the bot: polling or webhook, as configured."""
    from bot.house.exclusive import AlreadyRunning
    from bot.house.logs import set_up
    from bot.loops.receiver import TokenRefused
    from storage.engine.errors import DatabaseAway, DBAPIError
    from storage.engine.migrate import ForeignDatabase

    configured = configured_by(config)
    set_up()
    try:
        asyncio.run(_run(configured))
    except ConfigurationError as error:
        fail(str(error))
    except AlreadyRunning:
        fail(
            "another `danhoi run` is at work on this database; stop it first"
            if configured.storage.url.get_secret_value().startswith("sqlite")
            else "the database is being restored, or `danhoi run` of another version is at work on it; wait, or stop it"
        )
    except TokenRefused:
        fail("the messenger refuses telegram.token; check it with @BotFather")
    except ForeignDatabase as error:
        fail(str(error))
    except (DBAPIError, DatabaseAway, OSError) as error:
        fail(f"cannot run: {first_line(error)}")


def demo(
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8080,
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="default: data/demo")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser")] = False,
    config: ConfigFile = None,
) -> None:
    """Run the whole programme on this machine, with a local messenger and sample staff."""
    from bot.house.exclusive import AlreadyRunning
    from bot.house.logs import set_up
    from bot.operator.demo import DemoFailed
    from bot.operator.demo import demo as run_demo

    configured = configured_by(config)
    set_up()
    try:
        asyncio.run(run_demo(configured, port=port, data=data, browser=not no_browser))
    except DemoFailed as error:
        fail(str(error))
    except AlreadyRunning:
        fail("another demo is at work on this data; stop it first, or choose another --data")


def migrate(config: ConfigFile = None) -> None:
    """Migrate the database to this version's schema."""

    async def job(_database: Any) -> None:
        return None

    with_database(configured_by(config), job)
    typer.echo("danhoi: the database is at this version", err=True)


def tick(
    now: Annotated[str | None, typer.Option("--now", metavar="ISO", help="as if it were this moment")] = None,
    as_json: Json = False,
    config: ConfigFile = None,
) -> None:
    """Do all scheduled work that is due, once; deliver it unless a `run` does."""
    from bot.house.logs import set_up
    from bot.house.tick_once import tick_once

    configured = configured_by(config)
    set_up()
    at = None if now is None else moment(now, configured, "'--now'")
    done = with_database(
        configured, lambda database: tick_once(database, configured), FixedClock(at) if at else None
    )
    if as_json:
        print_json(done)
    else:
        typer.echo("  ".join(f"{what} {count}" for what, count in done.items()))
