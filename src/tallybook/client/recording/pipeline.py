"""From the queue to the server: two threads, and what they share.

``put`` is all that the application ever waits for: it appends to a queue, under
no lock. The journal takes from the queue to the backlog, which is on disk where
there is a spool; the sender posts what is there, in order, and settles it. So a
server that is slow or away holds up neither the application nor the journal.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from tallybook.client.delivery import Post
from tallybook.client.recording.announcing import Announcer
from tallybook.client.recording.backlog import Backlog
from tallybook.client.recording.counters import Counters, Tally
from tallybook.client.recording.homes import new_home
from tallybook.client.recording.limits import Limits
from tallybook.client.recording.sender import Sender
from tallybook.client.retrying import RetryPolicy

# How long an event may be in the queue before it is journaled: time for others to come along.
JOURNAL_SECONDS = 0.02
# Lines that are journaled under the lock at once.
_LINES_MAX = 10_000
# How long the threads are waited for once they are told to end.
_JOIN_SECONDS = 1.0

_INVALID, _DROPPED, _SPOOL = "invalid", "dropped", "disk"


class Pipeline:
    """The way of events in one process; a fork needs a new one. Threads start with the first event.

    ``spool`` is the folder for this server, None to keep nothing on disk.
    """

    def __init__(
        self,
        *,
        post: Post,
        spool: Path | None,
        limits: Limits,
        retry: RetryPolicy,
        log: logging.Logger,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._spool = spool
        self._limits = limits
        self._clock = clock
        self._announcer = Announcer(log, clock)
        self._queue: deque[bytes] = deque()
        self._awake = threading.Event()
        self._changed = threading.Condition()
        self._backlog = Backlog(limits)
        self._tally = Tally()
        self._sender = Sender(
            post=post,
            spool=spool,
            backlog=self._backlog,
            tally=self._tally,
            changed=self._changed,
            retry=retry,
            announcer=self._announcer,
            clock=clock,
        )
        self._threads: list[threading.Thread] = []
        self._closing = threading.Event()
        # What the application's threads could not hand on: said by the journal.
        self._rarely = threading.Lock()
        self._turned_away = 0
        self._last_invalid = ""
        self._said_dropped = 0

    def put(self, line: bytes) -> None:
        """Queue a line; when there is no room for it, count it as dropped."""
        if (
            self._closing.is_set()
            or len(self._queue) + self._backlog.queued >= self._limits.queue_events_max
        ):
            with self._rarely:
                self._turned_away += 1
        else:
            self._queue.append(line)
        self._wake()

    def refuse(self, fault: Exception) -> None:
        """Count a call of ``record`` that gave no event."""
        with self._rarely:
            self._tally.invalid += 1
            self._last_invalid = f"{type(fault).__name__}: {fault}"
        self._wake()

    def start(self) -> None:
        """Start the threads, unless they run."""
        with self._rarely:
            if not self._threads and not self._closing.is_set():
                runs = (self._journal, self._sender.run)
                self._threads = [
                    threading.Thread(target=run, name="tallybook-recorder", daemon=True)
                    for run in runs
                ]
                for thread in self._threads:
                    thread.start()

    def counters(self) -> Counters:
        """The counters at this moment."""
        with self._changed:
            return self._tally.counters(
                waiting=len(self._queue),
                queued=self._backlog.queued,
                spooled=self._backlog.spooled,
                refused=self._turned_away,
            )

    def flush(self, timeout_seconds: float) -> bool:
        """Wait until all that was put before has been answered for; whether that is so in time."""
        deadline = self._clock() + timeout_seconds
        with self._changed:
            wanted = self._tally.journaled + len(self._queue)
        self._awake.set()
        self._sender.hurry(1)
        try:
            with self._changed:
                while self._tally.done < wanted and not self._closing.is_set():
                    left = deadline - self._clock()
                    if left <= 0 or not self._changed.wait(left):
                        break
                return self._tally.done >= wanted
        finally:
            self._sender.hurry(-1)

    def close(self, timeout_seconds: float) -> bool:
        """Flush, then end. What is not sent stays in the spool, or is counted as dropped.

        Whether everything was sent.
        """
        flushed = self.flush(timeout_seconds)
        self._closing.set()
        self._sender.stop()
        self._awake.set()
        for thread in self._threads:
            thread.join(_JOIN_SECONDS)
        self._drain()
        with self._changed:
            lost = self._backlog.leave()
            self._tally.dropped += lost
        self._say()
        return flushed

    def abandon(self) -> None:
        """In the child of a fork: let go of what is the parent's, without touching it."""
        self._backlog.let_go()

    def _wake(self) -> None:
        if not self._threads:
            self.start()
        if not self._awake.is_set():
            self._awake.set()

    def _journal(self) -> None:
        """Move what is queued into the backlog, until closed and empty."""
        while True:
            self._awake.wait()
            self._closing.wait(JOURNAL_SECONDS)
            self._awake.clear()
            self._drain()
            self._say()
            if self._closing.is_set():
                return

    def _drain(self) -> None:
        while self._queue:
            self._open_home()
            with self._changed:
                count = min(len(self._queue), _LINES_MAX)
                lines = [self._queue.popleft() for _ in range(count)]
                self._tally.journaled += count
                fault = self._backlog.put(lines, self._clock())
                self._changed.notify_all()
            if fault is not None:
                self._announcer.say(
                    _SPOOL,
                    f"Events cannot be kept in {self._spool}, they stay in memory: {fault}. Is the"
                    " server away, the disk full, or the folder not ours?",
                )

    def _open_home(self) -> None:
        """A folder for this process in the spool, if there is none yet."""
        if self._spool is None or self._backlog.has_home:
            return
        try:
            home = new_home(self._spool, time.time_ns())
        except OSError as fault:
            self._announcer.say(
                _SPOOL,
                f"There can be no spool in {self._spool}, events stay in memory: {fault}. Give a"
                " folder that can be written to: Recorder(spool=…).",
            )
        else:
            with self._changed:
                self._backlog.move_in(home)

    def _say(self) -> None:
        """Tell of what was turned away since the last time."""
        with self._rarely:
            invalid, self._last_invalid = self._last_invalid, ""
        if invalid:
            self._announcer.say(_INVALID, f"What was recorded is no event: {invalid}")
        with self._changed:
            dropped = self._tally.dropped + self._turned_away
        if dropped > self._said_dropped:
            self._said_dropped = dropped
            why = (
                "the recorder is closed"
                if self._closing.is_set()
                else f"{self._limits.queue_events_max} are in memory (queue_events_max)"
            )
            self._announcer.say(
                _DROPPED,
                f"{dropped} events have been dropped: {why}, and can be neither sent nor kept on"
                " disk. They are lost.",
            )
