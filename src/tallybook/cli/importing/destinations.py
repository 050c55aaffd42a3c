"""Where loads go: into a data folder, or through a running server. One gate for both."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Protocol

from tallybook.cli.importing.rows import Load
from tallybook.cli.target import FolderTarget, Manner, Target
from tallybook.client.connection import Connection
from tallybook.client.delivery import deliver
from tallybook.client.retrying import RetryPolicy
from tallybook.domain.entries import latest_us
from tallybook.domain.receipts import Receipt
from tallybook.intake.native import Batch, Format, read_events
from tallybook.ledger.ledger import Ledger, Lot
from tallybook.ledger.receipts import receipt_of

# A commit and a look for repeats cost nearly the same for a hundred thousand as for a thousand.
LEDGER_ROWS, LEDGER_BYTES = 100_000, 64 << 20
SERVER_ROWS, SERVER_BYTES = 10_000, 4 << 20
SERVER_IN_FLIGHT = 4
# A server that is stopped for a while is waited for, several minutes.
PATIENT = RetryPolicy(retries_max=60, first_pause_seconds=1.0)

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
def destination(
    target: Target,
    clock: Callable[[], float] = time.time,
    *,
    retry: RetryPolicy = PATIENT,
    sleep: Sleep = time.sleep,
) -> Iterator[Destination]:
    """The destination that a target is, for the block; loads under way are ended with it.

    A server that cannot be reached at first, or does not take the key, is told
    at once; later it is waited for as ``retry`` says, by ``sleep``. Raises
    ClientError.
    """
    if isinstance(target, FolderTarget):
        with target.open() as ledger, _workers(1) as writer:
            yield LedgerDestination(ledger, writer, clock)
    else:
        with (
            target.connect() as at_first,
            target.connect(Manner(retry=retry, sleep=sleep)) as connection,
            _workers(SERVER_IN_FLIGHT) as senders,
        ):
            ServerDestination(at_first, senders).check()
            yield ServerDestination(connection, senders)


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

    def __init__(self, connection: Connection, senders: ThreadPoolExecutor) -> None:
        """Post through ``connection`` on the threads of ``senders``."""
        self._connection = connection
        self._senders = senders

    def check(self) -> None:
        """Return when the server takes events with this key. Raises ClientError."""
        self._connection.post("/events", b"[]", {"Content-Type": Format.JSON})

    def send(self, load: Load) -> Future[Receipt]:
        """Post a load on one of the senders' threads."""
        return self._senders.submit(deliver, self._connection.post, load.body)
