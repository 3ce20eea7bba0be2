"""Telegram's library over aiohttp: its own way, httpx, takes several times the CPU, the more the more calls are under way."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

CERTAIN = aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError  # causes: the request never went out


class Request(BaseRequest):
    """Times in seconds. At most `connections` calls at once; others wait for one of them to end."""

    def __init__(self, *, connections: int, read_s: float, connect_s: float = 5.0, wait_s: float = 30.0) -> None:
        self._connections, self._read_s, self._connect_s, self._wait_s = connections, read_s, connect_s, wait_s
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return self._read_s

    async def initialize(self) -> None:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections)
            self._session = aiohttp.ClientSession(connector=connector, headers={"User-Agent": self.USER_AGENT})

    async def shutdown(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

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
        """A call; its status and body. Only read_timeout is heeded of the times. Raises NetworkError and TimedOut."""
        if self._session is None:
            raise NetworkError("the client is closed")
        read_s = self._read_s if read_timeout is BaseRequest.DEFAULT_NONE else read_timeout
        limits = aiohttp.ClientTimeout(None, connect=self._wait_s, sock_connect=self._connect_s, sock_read=read_s)
        try:
            proxy = _proxy(*urlsplit(url)[:2])
            call = self._session.request(method, url, data=_body(request_data), timeout=limits, proxy=proxy)
            async with call as answer:
                return answer.status, await answer.read()
        except TimeoutError as error:
            raise TimedOut from error
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(f"{type(error).__name__}: {error}") from error


@cache
def _proxy(scheme: str, host: str) -> str | None:
    """What HTTPS_PROXY and NO_PROXY say of a host: aiohttp's own way looks it up in a thread at each call."""
    return None if proxy_bypass(host) else getproxies().get(scheme)


def _body(data: RequestData | None) -> Any:
    if data is None:
        return None
    if not data.contains_files:
        return data.json_parameters
    form = aiohttp.FormData(data.json_parameters)
    for field, (name, content, kind) in (data.multipart_data or {}).items():
        form.add_field(field, content, filename=name, content_type=kind)
    return form
