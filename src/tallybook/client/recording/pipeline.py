"""From ``record`` to the server: two threads, and what they share.

``put`` is all that the application ever waits for: it appends to the inbox,
under no lock. The journal takes from the inbox to the backlog, which is on disk
where there is a spool; the sender posts what is there, in order, and settles
it. So a server that is slow or away holds up neither the application nor the
journal.
"""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tallybook.client.delivery import Post
from tallybook.client.recording.adopting import Adopter
from tallybook.client.recording.announcing import Announcer
from tallybook.client.recording.backlog import Backlog
from tallybook.client.recording.counters import Counters, Tally
from tallybook.client.recording.inbox import Inbox
from tallybook.client.recording.journal import Journal
from tallybook.client.recording.limits import Limits
from tallybook.client.recording.refusals import Refusals
from tallybook.client.recording.sender import Sender
from tallybook.client.retrying import RetryPolicy

# How long the threads are waited for once they are told to end.
_JOIN_SECONDS = 1.0


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
        self._limits = limits
        self._clock = clock
        self._inbox = Inbox()
        self._backlog = Backlog(limits)
        self._tally = Tally()
        self._changed = threading.Condition()
        announcer = Announcer(log, clock)
        self.journal = Journal(
            inbox=self._inbox,
            spool=spool,
            backlog=self._backlog,
            tally=self._tally,
            changed=self._changed,
            limits=limits,
            announcer=announcer,
            clock=clock,
        )
        adopter = (
            Adopter(
                spool=spool,
                backlog=self._backlog,
                tally=self._tally,
                changed=self._changed,
                announcer=announcer,
            )
            if spool
            else None
        )
        self.sender = Sender(
            post=post,
            refusals=Refusals(spool) if spool else None,
            adopter=adopter,
            backlog=self._backlog,
            tally=self._tally,
            changed=self._changed,
            retry=retry,
            announcer=announcer,
            clock=clock,
        )
        self._threads: list[threading.Thread] = []
        self._starting = threading.Lock()
        self._is_running = False
        self._is_closing = False

    def put(self, line: bytes) -> None:
        """Leave a line for the journal; when there is no room for it, it is dropped and counted."""
        if self._is_closing or self._is_full():
            self._inbox.turn_away()
        else:
            self._inbox.put(line)
        self._go_on()

    def refuse(self, fault: Exception) -> None:
        """Count a call of ``record`` that gave no event."""
        self._inbox.refuse(fault)
        self._go_on()

    def start(self) -> None:
        """Start the threads, unless they run, or somebody is about to start them.

        A system that has no thread for us is asked again with the next event.
        """
        if self._is_closing or not self._starting.acquire(blocking=False):
            return
        try:
            for run in (self.journal.run, self.sender.run)[len(self._threads) :]:
                thread = threading.Thread(target=run, name="tallybook-recorder", daemon=True)
                thread.start()
                self._threads.append(thread)
            self._is_running = True
        except RuntimeError:
            return
        finally:
            self._starting.release()

    def counters(self) -> Counters:
        """The counters at this moment."""
        with self._changed:
            self._tally.read(self._inbox.notes)
            if self._backlog.is_left:
                self._turn_away_the_late()
            return self._tally.counters(
                waiting=len(self._inbox.lines),
                queued=self._backlog.queued,
                spooled=self._backlog.spooled,
            )

    def flush(self, timeout_seconds: float) -> bool:
        """Wait until all that was put before has been answered for; whether that is so in time."""
        deadline = self._clock() + timeout_seconds
        with self._changed:
            wanted = self._tally.journaled + len(self._inbox.lines)
        self._inbox.bell.ring()
        self.sender.hurry(1)
        try:
            with self._changed:
                while self._tally.done < wanted and not self._is_closing:
                    left = deadline - self._clock()
                    if left <= 0 or not self._changed.wait(left):
                        break
                return self._tally.done >= wanted
        finally:
            self.sender.hurry(-1)

    def close(self, timeout_seconds: float) -> bool:
        """Flush, then end. What is not sent stays in the spool, or is counted as dropped.

        Whether everything was sent.
        """
        flushed = self.flush(timeout_seconds)
        with self._changed:
            was_closing, self._is_closing = self._is_closing, True
        if was_closing:
            return flushed
        self.journal.stop()
        self.sender.stop()
        for thread in self._threads:
            thread.join(_JOIN_SECONDS)
        # What came since the journal's last turn, or all of it where there was no thread.
        self.journal.turn()
        with self._changed:
            self._tally.lost += self._backlog.leave()
            self._turn_away_the_late()
        self.journal.say()
        return flushed

    def abandon(self) -> None:
        """In the child of a fork: let go of what is the parent's, without touching it."""
        self._backlog.let_go()

    def _go_on(self) -> None:
        if not self._is_running:
            self.start()
        if self._backlog.is_left:
            # No thread of ours is left to say it.
            self.journal.say()

    def _is_full(self) -> bool:
        """Whether memory holds all that it may, of what is not on disk.

        Read without the lock: threads that ask at once may all find the last place.
        """
        backlog, limits = self._backlog, self._limits
        return (
            len(self._inbox.lines) + backlog.queued >= limits.queue_events_max
            or backlog.queued_bytes >= limits.queue_bytes_max
        )

    def _turn_away_the_late(self) -> None:
        """Count as dropped what was put while the recorder was being closed."""
        while self._inbox.lines:
            self._inbox.lines.popleft()
            self._tally.turned_away += 1
