"""The journal: takes what was recorded into the backlog, and so to disk."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from tallybook.client.recording.announcing import Announcer
from tallybook.client.recording.backlog import DISK_AGAIN_SECONDS, Backlog
from tallybook.client.recording.counters import Tally
from tallybook.client.recording.homes import new_home
from tallybook.client.recording.inbox import Inbox
from tallybook.client.recording.limits import Limits

# How long an event may be in the inbox before it is journaled: time for others to come along.
JOURNAL_SECONDS = 0.02
# Lines that are journaled under the lock at once.
_LINES_MAX = 10_000

_INVALID, _DROPPED, _DISK, _DEFECT = "invalid", "dropped", "disk", "defect"


class Journal:
    """Runs on a thread of its own. ``changed`` guards the backlog and the tally, and tells of both.

    ``spool`` is None where nothing is kept on disk. ``clock`` gives seconds
    that only grow.
    """

    def __init__(
        self,
        *,
        inbox: Inbox,
        spool: Path | None,
        backlog: Backlog,
        tally: Tally,
        changed: threading.Condition,
        limits: Limits,
        announcer: Announcer,
        clock: Callable[[], float],
    ) -> None:
        self._inbox = inbox
        self._spool = spool
        self._backlog = backlog
        self._tally = tally
        self._changed = changed
        self._limits = limits
        self._announcer = announcer
        self._clock = clock
        # When a folder on disk may be asked for again.
        self._home_at = clock()
        self._said_dropped = 0
        self._stopping = threading.Event()

    def run(self) -> None:
        """Journal until stopped. What is left then is for a last turn."""
        while not self._stopping.is_set():
            # What had to stay in memory goes to disk as soon as there is room.
            self._inbox.bell.wait(DISK_AGAIN_SECONDS if self._waits_for_disk() else None)
            self._stopping.wait(JOURNAL_SECONDS)
            try:
                self.turn()
            except Exception as fault:
                # A defect must not end the thread, nor make it spin.
                self._announcer.say(_DEFECT, "The journal failed, and goes on.", defect=fault)
                self._stopping.wait(DISK_AGAIN_SECONDS)

    def stop(self) -> None:
        """End after the turn that is under way."""
        self._stopping.set()
        self._inbox.bell.ring()

    def turn(self) -> None:
        """Take in what was recorded, put on disk what is in memory alone, say what failed."""
        while self._inbox.lines and not self._backlog.is_left:
            self._open_home()
            with self._changed:
                fault = self._take_in()
            self._say_of_disk(fault)
        with self._changed:
            fault = self._backlog.write_out(self._clock())
        self._say_of_disk(fault)
        self.say()

    def _take_in(self) -> OSError | None:
        lines = self._inbox.lines
        taken = [lines.popleft() for _ in range(min(len(lines), _LINES_MAX))]
        self._tally.journaled += len(taken)
        fault = self._backlog.put(taken, self._clock())
        self._changed.notify_all()
        return fault

    def _waits_for_disk(self) -> bool:
        return self._spool is not None and self._backlog.queued > 0

    def _open_home(self) -> None:
        """A folder for this process in the spool, if there is none yet."""
        if self._spool is None or self._backlog.has_home or self._clock() < self._home_at:
            return
        try:
            home = new_home(self._spool, time.time_ns())
        except OSError as fault:
            self._home_at = self._clock() + DISK_AGAIN_SECONDS
            self._announcer.say(
                _DISK,
                f"There can be no spool in {self._spool}, events stay in memory: {fault}. Give a"
                " folder that can be written to: Recorder(spool=…).",
            )
        else:
            with self._changed:
                self._backlog.move_in(home)

    # Nothing is said with the lock held: who listens may be waiting for it.

    def _say_of_disk(self, fault: OSError | None) -> None:
        if fault is not None:
            self._announcer.say(
                _DISK,
                f"Events cannot be kept in {self._spool}, they stay in memory: {fault}. Is the"
                " server away, the disk full, or the folder not ours?",
            )

    def say(self) -> None:
        """Tell of what became no line since the last time, and of a disk that is well again."""
        with self._changed:
            self._tally.read(self._inbox.notes)
            why, self._tally.why_invalid = self._tally.why_invalid, None
            dropped, queued = self._tally.dropped, self._backlog.queued
            spooling = self._backlog.has_home
        if spooling and not queued:
            self._announcer.over(_DISK, "The spool takes events again.")
        if why is not None:
            self._announcer.say(_INVALID, f"What was recorded is no event: {why}")
        if dropped > self._said_dropped:
            self._said_dropped = dropped
            self._announcer.say(
                _DROPPED,
                f"{dropped} events have been dropped: {self._why_dropped()}, and can be neither"
                " sent nor kept on disk. They are lost.",
            )

    def _why_dropped(self) -> str:
        if self._stopping.is_set():
            return "the recorder is closed"
        most = self._limits
        return (
            f"memory holds {most.queue_events_max} events or {most.queue_bytes_max} bytes"
            " (queue_events_max, queue_bytes_max)"
        )
