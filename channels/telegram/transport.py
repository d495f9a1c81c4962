"""Sends python-telegram-bot's requests by aiohttp, at a fraction of the stock transport's cost."""

from dataclasses import dataclass
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


_JSON = {"Content-Type": "application/json"}

# The names of BaseRequest.do_request's parameters are python-telegram-bot's.


class AiohttpRequest(BaseRequest):
    """Requests over one session; a long poll may take all the time its caller allows."""

    def __init__(self, *, connections: int = 300, seconds: float = 20) -> None:
        self._connections = connections
        self._seconds = seconds
        self._session: aiohttp.ClientSession | None = None
        self._proxies: dict[str, str | None] = {}  # by the messenger's address

    @property
    def read_timeout(self) -> float:
        return self._seconds

    async def initialize(self) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=self._connections))

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

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
        if self._session is None:
            raise RuntimeError("the transport was not initialised")
        seconds = self._seconds if read_timeout is BaseRequest.DEFAULT_NONE else read_timeout
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=seconds)
        try:
            async with self._session.request(
                method, url, proxy=self._proxy(url), **_body(request_data), timeout=timeout
            ) as response:
                body = await response.read()
        # The address holds the token: only the kind of failure may reach a log.
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSent(type(error).__name__) from None
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
            bypassed = proxy_bypass(address.hostname or "")
            self._proxies[address.netloc] = None if bypassed else getproxies().get(address.scheme)
        return self._proxies[address.netloc]


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
