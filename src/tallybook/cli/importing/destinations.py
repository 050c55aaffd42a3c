"""Where loads go: into a data folder, or through a running server. One gate for both."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from typing import Protocol

import httpx2
import msgspec

from tallybook.cli.importing.rows import Load
from tallybook.cli.target import FolderTarget, Refused, ServerTarget, Target, message_of
from tallybook.domain.entries import latest_us
from tallybook.domain.receipts import Fault, Receipt
from tallybook.intake.native import Batch, Format, read_events
from tallybook.ledger.ledger import Ledger, Lot
from tallybook.ledger.receipts import receipt_of

# A commit and a look for repeats cost nearly the same for a hundred thousand as for a thousand.
LEDGER_ROWS, LEDGER_BYTES = 100_000, 64 << 20
SERVER_ROWS, SERVER_BYTES = 10_000, 4 << 20
SERVER_IN_FLIGHT = 4
# Answers after which the same body may be sent again, and how often before giving up.
AGAIN = (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS)
ATTEMPTS_MAX = 60
PAUSE_SECONDS, PAUSE_SECONDS_MAX = 1.0, 30.0

_STORED = (HTTPStatus.OK, HTTPStatus.MULTI_STATUS)
_NOTHING_STORED = (HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT)

Sleep = Callable[[float], None]


class Destination(Protocol):
    """Takes loads and answers each with a receipt, later. Sending a load again is harmless."""

    # The most of a load: rows, and bytes.
    rows_max: int
    bytes_max: int
    # How many loads may be under way before the next one is sent.
    in_flight: int

    def send(self, load: Load) -> Future[Receipt]:
        """Send a load; its receipt tells faults by their place in the load, from 0."""
        ...


@contextmanager
def destination(target: Target, clock: Callable[[], float] = time.time) -> Iterator[Destination]:
    """The destination that a target is, for the block; loads under way are ended with it."""
    if isinstance(target, FolderTarget):
        with target.open() as ledger, _workers(1) as writer:
            yield LedgerDestination(ledger, writer, clock)
    else:
        with target.connect() as client, _workers(SERVER_IN_FLIGHT) as senders:
            yield ServerDestination(target, client, senders)


@contextmanager
def _workers(count: int) -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(count, "tallybook-import")
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


class LedgerDestination:
    """A ledger in this process: one load is decoded while the one before it is stored."""

    rows_max, bytes_max, in_flight = LEDGER_ROWS, LEDGER_BYTES, 1

    def __init__(
        self, ledger: Ledger, writer: ThreadPoolExecutor, clock: Callable[[], float]
    ) -> None:
        """Store with ``writer``, which must be a single thread: in the order of the file."""
        self._ledger = ledger
        self._writer = writer
        self._clock = clock

    def send(self, load: Load) -> Future[Receipt]:
        """Decode a load here, store it on the writer's thread."""
        batch = read_events(
            load.body, Format.NDJSON, latest_us(self._clock()), events_max=len(load.numbers)
        )
        return self._writer.submit(self._store, batch)

    def _store(self, batch: Batch) -> Receipt:
        if not batch.sheet.count:
            return Receipt(rejected=tuple(batch.rejected))
        (answer,) = self._ledger.append([Lot(batch.sheet, batch.positions)])
        return receipt_of(answer, batch.rejected)


class ServerDestination:
    """A running server, sent a few loads at a time.

    They may arrive in another order: of two rows that share an identity and
    differ, far apart in a file, either may be the one that is stored.
    """

    rows_max, bytes_max, in_flight = SERVER_ROWS, SERVER_BYTES, SERVER_IN_FLIGHT

    def __init__(
        self,
        target: ServerTarget,
        client: httpx2.Client,
        senders: ThreadPoolExecutor,
        sleep: Sleep = time.sleep,
    ) -> None:
        """Post with ``client`` on the threads of ``senders``."""
        self._url = target.url
        self._client = client
        self._senders = senders
        self._sleep = sleep

    def send(self, load: Load) -> Future[Receipt]:
        """Post a load on one of the senders' threads."""
        return self._senders.submit(self._post, load.body)

    def _post(self, body: bytes) -> Receipt:
        """Post a body until the server takes or refuses it. Raises Refused."""
        for attempt in range(ATTEMPTS_MAX):
            try:
                answer = self._client.post(
                    "/v1/events", content=body, headers={"Content-Type": Format.NDJSON}
                )
            except httpx2.TransportError as fault:
                # It may have been stored or not: sending it again finds out.
                problem, pause = f"{self._url} does not answer: {fault}", PAUSE_SECONDS
            else:
                if answer.status_code not in AGAIN:
                    return self._receipt(answer, body)
                problem, pause = message_of(answer), _pause(answer)
            if attempt < ATTEMPTS_MAX - 1:
                self._sleep(pause)
        raise Refused(f"Gave up after {ATTEMPTS_MAX} attempts. {problem}")

    def _receipt(self, answer: httpx2.Response, body: bytes) -> Receipt:
        if answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and b"\n" in body:
            return self._post_halves(body)
        told = answer.status_code in _NOTHING_STORED and b'"rejected"' in answer.content
        if answer.status_code in _STORED or told:
            return msgspec.json.decode(answer.content, type=Receipt)
        raise Refused(message_of(answer))

    def _post_halves(self, body: bytes) -> Receipt:
        """The receipt of a body that this server takes only in parts."""
        lines = body.split(b"\n")
        middle = len(lines) // 2
        first, second = (self._post(b"\n".join(part)) for part in (lines[:middle], lines[middle:]))
        return Receipt(
            accepted=first.accepted + second.accepted,
            duplicates=first.duplicates + second.duplicates,
            conflicts=(*first.conflicts, *_moved(second.conflicts, middle)),
            rejected=(*first.rejected, *_moved(second.rejected, middle)),
        )


def _moved(faults: tuple[Fault, ...], by: int) -> Iterator[Fault]:
    return (msgspec.structs.replace(fault, index=fault.index + by) for fault in faults)


def _pause(answer: httpx2.Response) -> float:
    """Seconds until the next attempt, as the server says."""
    told = answer.headers.get("Retry-After", "")
    return min(float(told), PAUSE_SECONDS_MAX) if told.isdecimal() else PAUSE_SECONDS
