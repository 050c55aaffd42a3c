"""When a request is sent again: pure arithmetic of attempts, answers and chance.

The rules are those of the official SDK (``docs/wire.md``, section 8): 408,
409, 429 and 5xx and broken connections are tried again, what the server says
about when goes first, and waits double with jitter from half a second to
eight. 409 is left out here: to Tallybook it says that events conflict.
"""

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import msgspec

_AGAIN = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_NEVER = frozenset({HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.HTTP_VERSION_NOT_SUPPORTED})


class RetryPolicy(msgspec.Struct, frozen=True):
    """How often and how patiently a request is tried again.

    ``retries_max`` is beside the first attempt. A server that asks for a wait
    longer than ``wait_seconds_max`` is not asked again.
    """

    retries_max: int = 2
    first_pause_seconds: float = 0.5
    pause_seconds_max: float = 8.0
    wait_seconds_max: float = 120.0

    def pause_seconds(
        self, attempt: int, retry_after_seconds: float | None, chance: float
    ) -> float | None:
        """How long to wait after attempt number ``attempt``, from 0; None to give up.

        ``chance`` is in ``[0, 1)``: up to a quarter of a pause of our own is
        taken off by it, so that many callers do not come back together. What
        the server asked for is never shortened.
        """
        if attempt >= self.retries_max:
            return None
        if retry_after_seconds is not None:
            return retry_after_seconds if retry_after_seconds <= self.wait_seconds_max else None
        return self.jittered(attempt, chance)

    def jittered(self, attempt: int, chance: float) -> float:
        """The pause of our own after attempt number ``attempt``, from 0."""
        # 2**60 half seconds are beyond any pause, and the power stays a number.
        doubled = self.first_pause_seconds * (1 << min(attempt, 60))
        return min(doubled, self.pause_seconds_max) * (1 - 0.25 * chance)


def may_try_again(status: int, headers: Mapping[str, str]) -> bool:
    """Whether an answer with an error may be better the next time; the server's word goes first."""
    said = headers.get("x-should-retry")
    if said in ("true", "false"):
        return said == "true"
    return status in _AGAIN or (status >= HTTPStatus.INTERNAL_SERVER_ERROR and status not in _NEVER)


def retry_after_seconds(headers: Mapping[str, str], now: float) -> float | None:
    """How long the server asks to wait, from ``now`` in Unix seconds; None when it does not say.

    Reads ``retry-after-ms``, then ``Retry-After`` in seconds or as a date (RFC
    9110, section 10.2.3). Names of ``headers`` are matched in lower case.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after")
    seconds = _number(text)
    if seconds is not None or text is None:
        return seconds
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    # A date without a zone is one of GMT.
    known = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(known.timestamp() - now, 0.0)


def _number(text: str | None) -> float | None:
    """A number of seconds, 0 or more, or None where the text is none."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    # Neither infinity nor NaN is a wait.
    return value if 0 <= value < float("inf") else None
