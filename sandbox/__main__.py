"""``python -m sandbox``: run the look-alike until it is told to stop."""

import argparse
import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from sandbox.actions import create_person
from sandbox.errors import ControlError
from sandbox.http.server import DEFAULT_ZONE, serve
from sandbox.state.store import Store
from sandbox.state.world import World

DEFAULT_TOKEN = "1000001:sandbox-token"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port; 0 takes a free one")
    parser.add_argument("--token", default=DEFAULT_TOKEN, help="the bot's token (default %(default)s)")
    parser.add_argument(
        "--bot-username", default="sandbox_bot", help="the bot's username (default %(default)s)"
    )
    parser.add_argument("--bot-name", default="Sandbox Bot", help="the bot's name (default %(default)s)")
    parser.add_argument("--state", type=Path, help="SQLite file that keeps everything across restarts")
    parser.add_argument("--clock-url", default="", help="address that hears of every move of the clock")
    parser.add_argument(
        "--time-zone", default=DEFAULT_ZONE, help="zone of the page's times (default %(default)s)"
    )
    parser.add_argument("--people", type=Path, help="JSON file with the people who are there from the start")
    parser.add_argument("--flood", action="store_true", help="switch the flood limits on")
    arguments = parser.parse_args()
    if not arguments.token.partition(":")[0].isdigit():
        parser.error("a token starts with the bot's id and a colon, for example 1000001:secret")
    return arguments


def _settle(world: World, people: Path) -> None:
    """Create the people of a file, except those who are there already."""
    for body in json.loads(people.read_text("utf-8")):
        if body.get("id") not in world.people:
            create_person(world, body)
    world.store.commit()


async def _run(arguments: argparse.Namespace) -> None:
    os.umask(0o077)  # what people wrote is for whoever started it
    world = World(Store(arguments.state), arguments.token, arguments.bot_username, arguments.bot_name)
    if arguments.people:
        _settle(world, arguments.people)
    world.flood.settings.enabled = arguments.flood
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    place = (arguments.host, arguments.port, arguments.clock_url, arguments.time_zone)
    async with serve(world, *place) as url:
        print(f"sandbox: {url}", flush=True)
        await stop.wait()


if __name__ == "__main__":
    try:
        asyncio.run(_run(_arguments()))
    except (
        OSError,
        ValueError,
    ) as error:  # a port that is taken, a people file that is not there or not JSON
        sys.exit(f"sandbox: {error}")
    except ControlError as error:
        sys.exit(f"sandbox: --people: {error.message}")
