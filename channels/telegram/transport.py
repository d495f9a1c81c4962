"""python-telegram-bot's requests over aiohttp, which costs a fraction of its stock transport (see docs/design)."""

from typing import Any

import aiohttp
from telegram._utils.defaultvalue import DefaultValue
from telegram._utils.types import ODVInput
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData


class NotSent(NetworkError):
    """Nobody was reached: nothing of the request arrived."""


class Unanswered(NetworkError):
    """The request was on its way when the connection broke: whether it arrived is not known."""


# The names of BaseRequest.do_request's parameters are python-telegram-bot's.


class AiohttpRequest(BaseRequest):
    """One session for everything; a long poll may take all the time its caller allows."""

    def __init__(self, *, connections: int = 128, seconds: float = 20) -> None:
        self._connections = connections
        self._seconds = seconds
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return self._seconds

    async def initialize(self) -> None:
        if self._session is None:
            # trust_env: a province's server may reach the messenger only through its proxy.
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections), trust_env=True
            )

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        if self._session is None:
            raise RuntimeError("the transport was not initialised")
        seconds = self._seconds if isinstance(read_timeout, DefaultValue) else read_timeout
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=seconds)
        try:
            async with self._session.request(
                method, url, data=_body(request_data), timeout=timeout
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


def _is_somebody_elses(status: int, body: bytes) -> bool:
    """Whether an answer is a page of whoever stands in between (a network to sign in to, a proxy that blocks).

    The messenger's own methods answer in JSON. From its own gateway come 413, which says what is wrong, and 5xx.
    Taken for its word, a page would mean that a message is refused for ever, a person gone, or the token wrong.
    """
    return status != 413 and status < 500 and not body.lstrip().startswith(b"{")


def _body(data: RequestData | None) -> Any:
    if data is None:
        return None
    if not data.multipart_data:
        return data.json_parameters
    # quote_fields would percent-encode Vietnamese file names.
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, content_type) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=content_type)
    return form
