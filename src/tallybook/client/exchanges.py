"""One request and its answer, without a network: what is sent, and what follows from what came.

``Connection`` and ``AsyncConnection`` differ only in how they send and wait;
every decision is here.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from urllib.parse import urlencode

import httpx2
import msgspec

from tallybook.client.errors import NoAnswer, TimedOut, UnreadableAnswer, error_of
from tallybook.client.retrying import RetryPolicy, may_try_again, retry_after_seconds
from tallybook.version import __version__

USER_AGENT = f"tallybook/{__version__}"
BASE_PATH = "/v1"
# A server that does not even take the connection in this time is not there.
CONNECT_SECONDS_MAX = 10.0

# The names and values of a query string, in order; a name may come again.
Parameters = Sequence[tuple[str, str]]

_KEY = re.compile(r"[!-~]+")


class Answer(msgspec.Struct, frozen=True):
    """What a server answered: ``headers`` by their names in lower case, the body unpacked."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_error(self) -> bool:
        """Whether the status is 400 or above."""
        return self.status >= HTTPStatus.BAD_REQUEST


# What an attempt ends in.
Outcome = Answer | NoAnswer


class Exchange:
    """Where requests go, what goes with each of them, and what an outcome means.

    ``chance`` gives a number in ``[0, 1)`` for the jitter of pauses, ``clock``
    the Unix seconds that a ``Retry-After`` with a date is read against.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout_seconds: float,
        retry: RetryPolicy,
        chance: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        """Raises ValueError for an address or a key that cannot be one."""
        self.base = base_of(url)
        self.timeout_seconds = timeout_seconds
        self._key = _checked(key)
        self._retry = retry
        self._chance = chance
        self._clock = clock

    def request(
        self,
        http: httpx2.Client | httpx2.AsyncClient,
        method: str,
        path: str,
        *,
        parameters: Parameters = (),
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> httpx2.Request:
        """A request for ``path`` below the base path; ``headers`` go before those of every one."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        wait = self.timeout_seconds
        return http.build_request(
            method,
            f"{self.base}{path}{query}",
            headers={"User-Agent": USER_AGENT}
            | dict(headers or {})
            | {"Authorization": f"Bearer {self._key}"},
            content=body,
            timeout=httpx2.Timeout(wait, connect=min(wait, CONNECT_SECONDS_MAX)),
        )

    def answer(self, response: httpx2.Response) -> Answer:
        """A response that was read to its end."""
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, response.content)

    def no_answer(self, fault: httpx2.RequestError) -> NoAnswer:
        """The exception for a fault of the network. Raises UnreadableAnswer for one of the body."""
        said = str(fault) or type(fault).__name__
        if isinstance(fault, httpx2.ConnectTimeout):
            outcome: NoAnswer = TimedOut(
                f"{self.base} took no connection in time ({said}). Is the server running, and the"
                " address right?"
            )
        elif isinstance(fault, httpx2.TimeoutException):
            outcome = TimedOut(
                f"{self.base} did not answer within {self.timeout_seconds:g} seconds ({said}). Ask"
                " for less at once, or give a longer timeout_seconds."
            )
        elif isinstance(fault, httpx2.ConnectError):
            outcome = NoAnswer(
                f"{self.base} was not reached: {said}. Is the server running, and the address"
                " right?"
            )
        elif isinstance(fault, httpx2.TransportError):
            outcome = NoAnswer(
                f"{self.base} gave no whole answer: {said}. The connection broke; ask again."
            )
        else:
            raise UnreadableAnswer(
                f"{self.base} answered with a body that cannot be unpacked: {said}. Is it the"
                " address of a Tallybook, and does a proxy stand between?"
            ) from fault
        outcome.__cause__ = fault
        return outcome

    def pause_seconds(self, attempt: int, outcome: Outcome) -> float | None:
        """How long to wait after attempt number ``attempt``, from 0; None when it was the last."""
        asked = None
        if isinstance(outcome, Answer):
            if not (outcome.is_error and may_try_again(outcome.status, outcome.headers)):
                return None
            asked = retry_after_seconds(outcome.headers, self._clock())
        return self._retry.pause_seconds(attempt, asked, self._chance())

    def settled(self, outcome: Outcome) -> Answer:
        """The answer that an outcome is. Raises the ClientError that it is otherwise.

        A redirect is followed nowhere: the key is for this address alone.
        """
        if isinstance(outcome, NoAnswer):
            raise outcome
        if outcome.is_error:
            raise error_of(
                outcome.status,
                outcome.body,
                headers=outcome.headers,
                request_id=outcome.headers.get("x-request-id"),
                retry_after_seconds=retry_after_seconds(outcome.headers, self._clock()),
            )
        if outcome.status >= HTTPStatus.MULTIPLE_CHOICES and (
            outcome.status != HTTPStatus.NOT_MODIFIED
        ):
            raise UnreadableAnswer(
                f"{self.base} answered {outcome.status} and points to"
                f" {outcome.headers.get('location', 'nowhere')}. A key is not sent on to another"
                " address: if that is the right one, give it as the url."
            )
        return outcome


def base_of(url: str) -> str:
    """The address of the API: ``url`` ending in ``/v1``, whether or not it did.

    Raises ValueError for what is no address of HTTP, and for one with a user,
    a query or a fragment: addresses are shown, and secrets are not.
    """
    try:
        parts = httpx2.URL(url)
    except httpx2.InvalidURL as fault:
        raise ValueError(f"the url is no address of HTTP: {fault}") from None
    if parts.userinfo:
        raise ValueError("the url holds a user or a password; give the key as key= instead.")
    if parts.scheme not in ("http", "https") or not parts.host:
        raise ValueError(
            f'the url is "{url}"; it must begin with http:// or https:// and name a host, like'
            " http://127.0.0.1:8321."
        )
    if parts.query or parts.fragment:
        raise ValueError(f'the url is "{url}"; it must end with its path.')
    address = url.rstrip("/")
    return address if address.endswith(BASE_PATH) else address + BASE_PATH


def _checked(key: str) -> str:
    """The key, fit for a header. Raises ValueError, and does not show it."""
    if not _KEY.fullmatch(key):
        raise ValueError(
            "the key is empty or holds a character that no key has (a blank, the end of a line, one"
            " beyond ASCII): was it read with what stands around it?"
        )
    return key
