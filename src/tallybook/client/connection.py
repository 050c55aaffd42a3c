"""Connections: one request, sent as often as the retry policy says, and its answer.

The two classes do the same, one by waiting and one by awaiting. What they
send and what they make of what comes is decided in ``client/exchanges.py``.
"""

import random
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from itertools import count

import anyio
import httpx2

from tallybook.client.closing import AsyncClosing, Closing
from tallybook.client.exchanges import Answer, Exchange, Outcome, Parameters
from tallybook.client.retrying import RetryPolicy

__all__ = ["Answer", "AsyncConnection", "Connection", "Parameters"]

# Twice what a server gives a query unless it is set up otherwise.
TIMEOUT_SECONDS = 60.0


class Connection(Closing):
    """A server and a key for it. May be used by many threads at once.

    ``url`` is its address, with or without ``/v1`` at the end.
    ``timeout_seconds`` is the longest silence: for the connection, for what is
    sent, and for each part of what comes. ``http`` is a client of one's own,
    with proxies, certificates and transports as httpx2 has them; it is not
    closed here. Without it one is made from ``transport`` and ``proxy``.
    ``sleep``, ``chance`` and ``clock`` are for tests.

    Raises ValueError for an address or a key that cannot be one, and for
    ``http`` together with ``transport`` or ``proxy``.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        http: httpx2.Client | None = None,
        transport: httpx2.BaseTransport | None = None,
        proxy: str | httpx2.Proxy | None = None,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._exchange = Exchange(
            url, key, timeout_seconds=timeout_seconds, retry=retry, chance=chance, clock=clock
        )
        _check_one(http, transport, proxy)
        self._http = http or httpx2.Client(transport=transport, proxy=proxy)
        self._owned = http is None
        self._sleep = sleep

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base!r})"

    @property
    def base(self) -> str:
        """The address of the API, ending in ``/v1``."""
        return self._exchange.base

    def get(
        self, path: str, parameters: Parameters = (), headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer to a GET of ``path``, below the base path: 2xx, or 304. Raises ClientError."""
        request = self._exchange.request(
            self._http, "GET", path, parameters=parameters, headers=headers
        )
        return self._answered(request)

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer to a POST. Only for what may arrive twice, as events may: it is tried again.

        Raises ClientError.
        """
        request = self._exchange.request(self._http, "POST", path, headers=headers, body=body)
        return self._answered(request)

    def delete(self, path: str) -> Answer:
        """The answer to a DELETE of ``path``. Raises ClientError."""
        return self._answered(self._exchange.request(self._http, "DELETE", path))

    @contextmanager
    def download(
        self, path: str, body: bytes, headers: Mapping[str, str]
    ) -> Iterator[Iterator[bytes]]:
        """The answer to a POST that is too large for memory, in pieces, for the block.

        It is asked for once. Raises ClientError, also when the answer breaks off.
        """
        request = self._exchange.request(self._http, "POST", path, headers=headers, body=body)
        try:
            response = self._http.send(request, auth=None, follow_redirects=False, stream=True)
            try:
                if response.status_code != HTTPStatus.OK:
                    response.read()
                    self._exchange.settled(self._exchange.answer(response))
                yield response.iter_bytes()
            finally:
                response.close()
        except httpx2.RequestError as fault:
            raise self._exchange.no_answer(fault) from fault

    def close(self) -> None:
        """Close what was opened here."""
        if self._owned:
            self._http.close()

    def _answered(self, request: httpx2.Request) -> Answer:
        for attempt in count():
            outcome = self._sent(request)
            pause = self._exchange.pause_seconds(attempt, outcome)
            if pause is None:
                break
            self._sleep(pause)
        return self._exchange.settled(outcome)

    def _sent(self, request: httpx2.Request) -> Outcome:
        try:
            # The key is in the headers: an auth of the http client does not take its place.
            response = self._http.send(request, auth=None, follow_redirects=False)
        except httpx2.RequestError as fault:
            return self._exchange.no_answer(fault)
        return self._exchange.answer(response)


class AsyncConnection(AsyncClosing):
    """The same for ``await``. May be used by many tasks at once; see Connection."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        http: httpx2.AsyncClient | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        proxy: str | httpx2.Proxy | None = None,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        chance: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._exchange = Exchange(
            url, key, timeout_seconds=timeout_seconds, retry=retry, chance=chance, clock=clock
        )
        _check_one(http, transport, proxy)
        self._http = http or httpx2.AsyncClient(transport=transport, proxy=proxy)
        self._owned = http is None
        self._sleep = sleep

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base!r})"

    @property
    def base(self) -> str:
        """The address of the API, ending in ``/v1``."""
        return self._exchange.base

    async def get(
        self, path: str, parameters: Parameters = (), headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer to a GET of ``path``, below the base path: 2xx, or 304. Raises ClientError."""
        request = self._exchange.request(
            self._http, "GET", path, parameters=parameters, headers=headers
        )
        return await self._answered(request)

    async def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer to a POST. Only for what may arrive twice, as events may: it is tried again.

        Raises ClientError.
        """
        request = self._exchange.request(self._http, "POST", path, headers=headers, body=body)
        return await self._answered(request)

    async def delete(self, path: str) -> Answer:
        """The answer to a DELETE of ``path``. Raises ClientError."""
        return await self._answered(self._exchange.request(self._http, "DELETE", path))

    async def close(self) -> None:
        """Close what was opened here."""
        if self._owned:
            await self._http.aclose()

    async def _answered(self, request: httpx2.Request) -> Answer:
        for attempt in count():
            outcome = await self._sent(request)
            pause = self._exchange.pause_seconds(attempt, outcome)
            if pause is None:
                break
            await self._sleep(pause)
        return self._exchange.settled(outcome)

    async def _sent(self, request: httpx2.Request) -> Outcome:
        try:
            response = await self._http.send(request, auth=None, follow_redirects=False)
        except httpx2.RequestError as fault:
            return self._exchange.no_answer(fault)
        return self._exchange.answer(response)


def _check_one(
    http: httpx2.Client | httpx2.AsyncClient | None, transport: object, proxy: object
) -> None:
    """Raise ValueError when a client of one's own comes with what it would have to be made of."""
    if http is not None and (transport is not None or proxy is not None):
        raise ValueError("http excludes transport and proxy: give them to the http client itself.")
