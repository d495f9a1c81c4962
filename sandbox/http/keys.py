"""What the aiohttp application carries."""

from aiohttp import web

from sandbox.state.world import World

WORLD: web.AppKey[World] = web.AppKey("world", World)
CLOCK_URL: web.AppKey[str] = web.AppKey("clock_url", str)
"""Where a moved clock is announced; empty for nowhere."""
HOSTS: web.AppKey[frozenset[str]] = web.AppKey("hosts", frozenset)
"""The names under which it is asked; another name is that of a foreign page."""
TIME_ZONE: web.AppKey[str] = web.AppKey("time_zone", str)
"""The zone in which the page shows times."""
