"""Queries over HTTP: stopped when nobody waits, or for too long, and never in the way of others."""

import logging
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
import openai
import pytest

from contract.contract import USAGE
from support.events import DAY, event
from support.inprocess import serving
from support.ledgers import SETTINGS, store
from support.prices import source
from support.server import ADMIN_KEY
from support.wire import fault
from tallybook.domain.buckets import Span
from tallybook.domain.queries import CostsQuery, UsageQuery
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.ledger.ledger import CardUse
from tallybook.ledger.sql.row_text import RowText
from tallybook.ledger.stopping import NEVER, Stop
from tallybook.web.query_threads import QUERIES_MAX

COMPLETIONS = USAGE["completions"]["path"]
COSTS = "/v1/organization/costs"
CARDS = "/v1/prices/cards"
# The query strings of a query that takes minutes, and of one that does not.
SLOW = f"?start_time={DAY}&end_time={DAY + 86_400}&limit=5"
FAST = f"?start_time={DAY}&end_time={DAY + 86_400}"
SLOW_LIMIT = 5
SECONDS_MAX = 10
# Of a pile: what waits one turn too many is late by as much as this.
PILE_SECONDS = 4
TIMED_OUT = {"status": 504, "type": "server_error", "param": None, "code": "query_timeout"}

_LONG = (
    "SELECT count(*) FROM range(100000000) a, range(10000) b WHERE a.range % 7 + b.range % 9 > 20"
)


class SlowLedger(DuckDBLedger):
    """A ledger that takes minutes for a page of five buckets, and for its cards when told so."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, SETTINGS, source(folder, None))
        self.begun = threading.Semaphore(0)
        self.ended = threading.Semaphore(0)
        self.cards_are_slow = False

    def _dawdle(self, stop: Stop) -> None:
        self.begun.release()
        try:
            with self._engine.guard("answer a query", stop) as cursor:
                cursor.execute(_LONG).fetchall()
        finally:
            self.ended.release()

    def usage(
        self, query: UsageQuery, buckets: Sequence[Span], row: RowText, *, stop: Stop = NEVER
    ) -> dict[int, str]:
        """As the ledger, but slow when asked for five buckets."""
        if query.limit == SLOW_LIMIT:
            self._dawdle(stop)
        return super().usage(query, buckets, row, stop=stop)

    def costs(
        self, query: CostsQuery, buckets: Sequence[Span], row: RowText, *, stop: Stop = NEVER
    ) -> dict[int, str] | None:
        """As the ledger, but slow when asked for five buckets."""
        if query.limit == SLOW_LIMIT:
            self._dawdle(stop)
        return super().costs(query, buckets, row, stop=stop)

    def cards(self, *, stop: Stop = NEVER) -> list[CardUse]:
        """As the ledger, but slow when told so."""
        if self.cards_are_slow:
            self._dawdle(stop)
        return super().cards(stop=stop)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SlowLedger]:
    """A slow ledger with one event."""
    ledger = SlowLedger(tmp_path)
    store(ledger, event(id="one", time=DAY + 5))
    yield ledger
    ledger.close()


def works(client: httpx2.Client) -> bool:
    """Whether a query is answered, with the one event."""
    return bool(client.get(COMPLETIONS + FAST).json()["data"][0]["results"])


@contextmanager
def abandoned(client: httpx2.Client, ledger: SlowLedger, path: str) -> Iterator[None]:
    """A request for something slow, which has begun; its connection is cut after the block."""
    host, port = client.base_url.host, client.base_url.port
    with socket.create_connection((host, port or 0), SECONDS_MAX) as connection:
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\n"
            f"Authorization: Bearer {ADMIN_KEY}\r\n\r\n".encode()
        )
        assert ledger.begun.acquire(timeout=SECONDS_MAX)
        yield


@pytest.mark.parametrize("path", [COMPLETIONS + SLOW, COSTS + SLOW, CARDS])
def test_a_query_is_stopped_when_whoever_asked_is_gone(
    ledger: SlowLedger, tmp_path: Path, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    ledger.cards_are_slow = True
    with serving(ledger, tmp_path) as client:
        with abandoned(client, ledger, path):
            # Long enough to be in the midst of its statement.
            assert not ledger.ended.acquire(timeout=0.2)
            began = time.monotonic()
        assert ledger.ended.acquire(timeout=SECONDS_MAX)
        assert time.monotonic() - began < 1
        assert works(client)
    # Nothing of it is a defect, nor worth a warning.
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("path", [COMPLETIONS + SLOW, COSTS + SLOW, CARDS])
def test_a_query_that_takes_too_long_is_stopped_and_told_so(
    ledger: SlowLedger, tmp_path: Path, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    ledger.cards_are_slow = True
    with serving(ledger, tmp_path, query_seconds_max=1) as client:
        began = time.monotonic()
        answer = client.get(path)
        assert 0.9 < time.monotonic() - began < 2
        assert fault(answer) == TIMED_OUT
        message = answer.json()["error"]["message"]
        for told in ("1 s", "query_seconds_max", "shorter range", "fewer groups"):
            assert told in message
        assert "retry-after" not in answer.headers
        assert ledger.ended.acquire(timeout=0)
        assert works(client)
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


def test_the_official_client_does_not_repeat_a_query_that_took_too_long(
    ledger: SlowLedger, tmp_path: Path
) -> None:
    with (
        serving(ledger, tmp_path, query_seconds_max=1) as client,
        openai.OpenAI(
            base_url=f"{client.base_url}/v1",
            admin_api_key=ADMIN_KEY,
            http_client=openai.DefaultHttpxClient(trust_env=False),
        ) as official,
    ):
        with pytest.raises(openai.InternalServerError) as refused:
            official.admin.organization.usage.completions(
                start_time=DAY, end_time=DAY + 86_400, limit=SLOW_LIMIT
            )
        assert refused.value.status_code == 504
        assert refused.value.code == "query_timeout"
    assert ledger.begun.acquire(timeout=0)
    assert not ledger.begun.acquire(timeout=0)


def test_a_pile_of_slow_queries_ends_in_time_and_holds_up_nothing_but_queries(
    ledger: SlowLedger, tmp_path: Path
) -> None:
    answers: list[httpx2.Response] = []
    with serving(ledger, tmp_path, query_seconds_max=PILE_SECONDS) as client:
        began = time.monotonic()
        askers = [
            threading.Thread(target=lambda: answers.append(client.get(COMPLETIONS + SLOW)))
            for _ in range(2 * QUERIES_MAX)
        ]
        for asker in askers:
            asker.start()
        for _ in range(QUERIES_MAX):
            assert ledger.begun.acquire(timeout=SECONDS_MAX)
        # Events are stored and the ledger answers, while all threads for queries are taken.
        assert client.post("/v1/events", json=event(id="two")).json()["accepted"] == 1
        assert client.get("/readyz").status_code == 200
        for asker in askers:
            asker.join(SECONDS_MAX)
        # Those that waited are not later than the rest: waiting counts.
        assert time.monotonic() - began < 2 * PILE_SECONDS
        assert [fault(answer) for answer in answers] == [TIMED_OUT] * len(askers)
        assert works(client)


def test_a_query_that_waits_for_its_turn_is_dropped_when_whoever_asked_is_gone(
    ledger: SlowLedger, tmp_path: Path
) -> None:
    with serving(ledger, tmp_path) as client:
        with ExitStack() as pile:
            for _ in range(QUERIES_MAX):
                pile.enter_context(abandoned(client, ledger, COMPLETIONS + SLOW))
            with pytest.raises(httpx2.TimeoutException):
                client.get(COMPLETIONS + SLOW, timeout=0.3)
        for _ in range(QUERIES_MAX):
            assert ledger.ended.acquire(timeout=SECONDS_MAX)
        assert works(client)
    assert not ledger.begun.acquire(timeout=0)


def test_a_stopping_server_stops_its_queries(ledger: SlowLedger, tmp_path: Path) -> None:
    answers: list[httpx2.Response] = []
    with serving(ledger, tmp_path) as client:
        url, headers = f"{client.base_url}{COMPLETIONS}{SLOW}", dict(client.headers)
        asking = threading.Thread(
            target=lambda: answers.append(httpx2.get(url, headers=headers, trust_env=False))
        )
        asking.start()
        assert ledger.begun.acquire(timeout=SECONDS_MAX)
        began = time.monotonic()
    # One second for requests to end by themselves.
    assert time.monotonic() - began < 3
    asking.join(SECONDS_MAX)
    assert ledger.ended.acquire(timeout=0)
    assert [answer.status_code for answer in answers] == [503]
