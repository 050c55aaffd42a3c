"""Stopping a query that is under way in another thread.

Whoever starts a query keeps its ``Stop`` and passes it along; whoever runs a
statement for it says, for as long as it runs, how it is stopped.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from tallybook.domain.errors import QueryStopped


class Stop:
    """The stop button of one query. Safe to use from any thread."""

    def __init__(self) -> None:
        # Held while callbacks run: once ``on`` is left, its callback is not running any more.
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], object]] = []
        self._fault: QueryStopped | None = None

    @property
    def fault(self) -> QueryStopped | None:
        """Why the query is to end; None as long as it is not."""
        return self._fault

    def now(self, fault: QueryStopped) -> None:
        """End the query because of ``fault``; of several faults the first counts.

        May be called again and again, and each time calls what is registered
        then: see ``on``.
        """
        with self._lock:
            self._fault = self._fault or fault
            for callback in self._callbacks:
                callback()

    def check(self) -> None:
        """Return when the query may go on. Raises QueryStopped or a child of it."""
        if self._fault is not None:
            raise self._fault

    @contextmanager
    def on(self, callback: Callable[[], object]) -> Iterator[None]:
        """Have ``callback`` called by ``now`` while the block runs, and never after it.

        It is called with a lock held, so it must neither wait nor use this
        object, and it must not raise. Raises QueryStopped or a child of it
        when the query is to end already; the block is then not entered.
        """
        with self._lock:
            self.check()
            self._callbacks.append(callback)
        try:
            yield
        finally:
            with self._lock:
                self._callbacks.remove(callback)


# For a query that nobody stops: it is everybody's, so it is never pressed.
NEVER: Final = Stop()
