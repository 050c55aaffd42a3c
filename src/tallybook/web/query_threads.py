"""The threads that queries run in, and the queue before them: both bounded, and shared by keys."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import Any, NamedTuple, TypeVar

from tallybook.domain.errors import Overloaded
from tallybook.ledger.stopping import Stop
from tallybook.web.query_turns import QueryTurns

T = TypeVar("T")

# Queries of one key that run at once; more wait for their turn. The engine shares its threads and
# its memory between them, so that more would end later, all of them.
QUERIES_MAX = 8
# Threads that are left for other keys when one has as many running as it may.
SPARE_THREADS = 2
# How much the newest query counts in how long one takes.
_NEWEST_PART = 0.1


class _Query(NamedTuple):
    """What is to be run, how it is stopped, and where its answer goes."""

    work: Callable[[Stop], Any]
    stop: Stop
    answer: "Future[Any]"


class QueryThreads:
    """Queries, each in a thread of its own. Safe to use from any thread."""

    def __init__(self, waiting_max: int) -> None:
        """Run some queries at once, and let ``waiting_max`` (inclusive) wait for a thread."""
        threads = QUERIES_MAX + SPARE_THREADS
        self._waiting_max = waiting_max
        self._turns: QueryTurns[_Query] = QueryTurns(threads, QUERIES_MAX, waiting_max)
        self._threads = ThreadPoolExecutor(threads, "query")
        self._lock = Lock()
        # Seconds that a query takes, about.
        self._seconds = 0.0

    @property
    def waiting(self) -> int:
        """How many queries wait for a thread."""
        return self._turns.waiting

    @property
    def running(self) -> int:
        """How many queries have one."""
        return self._turns.running

    def submit(self, key: str, work: Callable[[Stop], T], stop: Stop) -> "Future[T]":
        """Have a query of a key run, or wait for its turn; cancelling it ends the waiting.

        Raises Overloaded when too many wait. The answer is an Overloaded when
        room had to be made for a key with fewer that wait.
        """
        query = _Query(work, stop, Future())
        with self._lock:
            dropped = self._turns.join(key, query)
            if dropped is None:
                raise self._overloaded()
            fault = self._overloaded()
        for each in dropped:
            if each.answer.set_running_or_notify_cancel():
                each.answer.set_exception(fault)
        query.answer.add_done_callback(partial(self._forget, key, query))
        self._start()
        return query.answer

    def _start(self) -> None:
        """Give threads to those whose turn it is."""
        while True:
            with self._lock:
                started = self._turns.start()
            if started is None:
                return
            # After the interpreter has begun to end, there are no threads any more.
            with suppress(RuntimeError):
                self._threads.submit(self._run, *started)

    def _run(self, key: str, query: _Query) -> None:
        """Run a query in this thread, and let the next one begin."""
        began = time.monotonic()
        try:
            if query.answer.set_running_or_notify_cancel():
                self._answer(query)
        finally:
            seconds = time.monotonic() - began
            with self._lock:
                self._seconds += (seconds - self._seconds) * _NEWEST_PART
                self._turns.end(key)
            self._start()

    def _answer(self, query: _Query) -> None:
        try:
            found = query.work(query.stop)
        except BaseException as fault:
            query.answer.set_exception(fault)
        else:
            query.answer.set_result(found)

    def _forget(self, key: str, query: _Query, answer: "Future[Any]") -> None:
        """Take out of the queue what nobody waits for any more."""
        if answer.cancelled():
            with self._lock:
                self._turns.leave(key, query)

    def _overloaded(self) -> Overloaded:
        seconds = self._turns.waiting * self._seconds / QUERIES_MAX
        return Overloaded(
            f"{self._turns.waiting} queries wait for their turn, of at most {self._waiting_max}"
            " (setting queries_waiting_max). Send it again after Retry-After.",
            retry_after_seconds=max(1, round(seconds)),
        )
