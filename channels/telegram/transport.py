"""Sends python-telegram-bot's requests by aiohttp, at a fraction of the stock transport's cost."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, cast
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import orjson
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from channels.telegram.reading import read_json


class NotSent(NetworkError):
    """Nobody was reached: no part of the request arrived."""


class Unanswered(NetworkError):
    """The connection broke while the request was on its way.

    Nobody knows whether it arrived.
    """


SOCKS = ("socks5://", "socks5h://", "socks4://", "socks4a://")


def what_failed(error: Exception) -> str:
    """Say for a log what kept the messenger from being reached.

    Never its address, which holds the token.
    """
    return error.message if isinstance(error, NotSent) else type(error).__name__


_JSON = {"Content-Type": "application/json"}

# The names of BaseRequest.do_request's parameters are python-telegram-bot's.


class AiohttpRequest(BaseRequest):
    """Requests over one session for each way out.

    A long poll may take all the time its caller allows.
    """

    def __init__(self, *, connections: int = 300, seconds: float = 20) -> None:
        self._connections = connections
        self._seconds = seconds
        self._sessions: dict[str, aiohttp.ClientSession] | None = None  # by SOCKS proxy; "": past any
        self._proxies: dict[str, str | None] = {}  # by the messenger's address

    @property
    def read_timeout(self) -> float:
        return self._seconds

    async def initialize(self) -> None:
        if self._sessions is None:
            self._sessions = {}

    async def shutdown(self) -> None:
        if self._sessions is not None:
            sessions, self._sessions = self._sessions, None
            for session in sessions.values():
                await session.close()

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """Parse the messenger's answer, several times as fast as the standard library.

        Raises `TelegramError`, as python-telegram-bot's own does, but never shows the answer to the log.
        """
        try:
            return read_json(payload)
        except ValueError as error:
            raise TelegramError("Invalid server response") from error

    async def call(self, url: str, parameters: dict[str, Any]) -> Any:
        """Call one of the messenger's methods; return its answer as plain data.

        Raises what python-telegram-bot's calls do. Making objects of all that goes out and comes back would be half
        of a message's cost there.
        """
        return await self.post(url, cast(RequestData, _Parameters(parameters)))

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        if self._sessions is None:
            raise RuntimeError("the transport was not initialised")
        proxy = self._proxy(url)
        socks = proxy if proxy is not None and proxy.startswith(SOCKS) else ""
        if socks not in self._sessions:
            self._sessions[socks] = aiohttp.ClientSession(connector=_connector(socks, self._connections))
        seconds = self._seconds if read_timeout is BaseRequest.DEFAULT_NONE else read_timeout
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=seconds)
        try:
            async with self._sessions[socks].request(
                method, url, proxy=None if socks else proxy, **_body(request_data), timeout=timeout
            ) as response:
                body = await response.read()
        # The address holds the token: only the kind of failure may reach a log.
        except _not_connected(socks) as error:
            raise NotSent(_why(error, proxy)) from None
        except aiohttp.ClientHttpProxyError as error:
            raise NotSent(f"{_why(error, proxy)} ({error.status})") from None
        except TimeoutError as error:
            raise TimedOut from error
        except aiohttp.ClientError as error:
            raise Unanswered(type(error).__name__) from None
        if method == "POST" and _is_somebody_elses(response.status, body):
            raise Unanswered("NotTheMessenger")
        return response.status, body

    def _proxy(self, url: str) -> str | None:
        """Return the proxy that the environment names: a province's server may need one.

        Looked up once: aiohttp would read files for every message.
        """
        address = urlsplit(url)
        if address.netloc not in self._proxies:
            self._proxies[address.netloc] = proxy_for(url)
        return self._proxies[address.netloc]


def proxy_for(url: str) -> str | None:
    """Find the proxy that the environment names for an address.

    By `https_proxy`, `http_proxy` and `all_proxy`, but not for what `no_proxy` lists. Raises `NotSent` for one that
    nobody can use.
    """
    address = urlsplit(url)
    proxies = getproxies()
    proxy = proxies.get(address.scheme) or proxies.get("all")
    if proxy is None or proxy_bypass(address.hostname or ""):
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    scheme, _, rest = proxy.partition("://")
    try:
        known = bool(urlsplit(proxy).hostname) and urlsplit(proxy).port != 0
    except ValueError:
        known = False
    if not known or f"{scheme.lower()}://" not in ("http://", "https://", *SOCKS):
        raise NotSent(
            f"the proxy {_place(proxy)} of the environment is none of http, https, socks4, socks5 with host and port"
        )
    return f"{scheme.lower()}://{rest}"


@cache
def _socks_library() -> Any:
    """aiohttp's way through a SOCKS proxy, imported where one is named; None in an installation of before."""
    return import_module("aiohttp_socks") if find_spec("aiohttp_socks") else None


def _not_connected(socks: str) -> tuple[type[Exception], ...]:
    """What means that nobody was reached; a SOCKS proxy that is away, refuses, or is silent has errors of its own."""
    library = _socks_library() if socks else None
    of_socks = (
        ()
        if library is None
        else (library.ProxyError, library.ProxyConnectionError, library.ProxyTimeoutError)
    )
    return (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, *of_socks)


def _connector(socks: str, connections: int) -> aiohttp.BaseConnector:
    if not socks:
        return aiohttp.TCPConnector(limit=connections)
    library = _socks_library()
    if library is None:
        raise NotSent(
            f"the SOCKS proxy {_place(socks)} needs the library aiohttp-socks, which is not installed"
        )
    # With an "h" or an "a" at its end the proxy looks names up, as curl has it; here always: who needs a proxy often
    # finds no address of the messenger's by itself.
    address = socks.replace("socks5h://", "socks5://").replace("socks4a://", "socks4://")
    connector: aiohttp.BaseConnector = library.ProxyConnector.from_url(address, rdns=True, limit=connections)
    return connector


def _why(error: Exception, proxy: str | None) -> str:
    """What failed, and at which proxy; its address may hold a password, and the messenger's the token."""
    kind = type(error).__name__
    return kind if proxy is None else f"{kind} at the proxy {_place(proxy)}"


def _place(proxy: str) -> str:
    """Scheme, host and port of a proxy, without who signs in there."""
    scheme, _, rest = proxy.rpartition("://")
    place = rest.rpartition("@")[2].partition("/")[0]
    return f"{scheme}://{place}" if scheme else place


@dataclass
class _Parameters:
    """The parts of RequestData that we use; only python-telegram-bot may make one."""

    parameters: dict[str, Any]
    contains_files = False


def _is_somebody_elses(status: int, body: bytes) -> bool:
    """Return whether an answer comes from something in between, not from the messenger.

    Such as a network that asks to sign in, or a proxy that blocks.

    The messenger's methods answer in JSON; its gateway answers 413, which says what is wrong, and 5xx. A page taken
    for the messenger's word would mean that a message is refused for ever, a person gone, or the token wrong.
    """
    return status != 413 and status < 500 and not body.lstrip().startswith(b"{")


def _body(data: RequestData | None) -> dict[str, Any]:
    """Make a request's body: JSON, which costs a fraction of a form in Vietnamese, or a form with files."""
    if data is None:
        return {}
    if not data.contains_files:
        return {"data": orjson.dumps(data.parameters), "headers": _JSON}
    # quote_fields would percent-encode Vietnamese file names.
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, content_type) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=content_type)
    return {"data": form}
