"""What processes left behind that have ended: taken over by the first that looks."""

import logging
import threading
from pathlib import Path

from tallybook.client.recording.announcing import Announcer
from tallybook.client.recording.backlog import Backlog
from tallybook.client.recording.counters import Tally
from tallybook.client.recording.homes import Home, left_behind
from tallybook.client.recording.segments import Segment, left_in

_UNREADABLE, _TORN = "adopting", "torn"


class Adopter:
    """Looks through a spool. ``changed`` guards the backlog and the tally."""

    def __init__(
        self,
        *,
        spool: Path,
        backlog: Backlog,
        tally: Tally,
        changed: threading.Condition,
        announcer: Announcer,
    ) -> None:
        self._spool = spool
        self._backlog = backlog
        self._tally = tally
        self._changed = changed
        self._announcer = announcer

    def look(self, now: float) -> None:
        """Take over the segments of every process that has ended."""
        try:
            for home in left_behind(self._spool):
                self._adopt(home, now)
        except OSError as fault:
            with self._changed:
                self._backlog.give_up_unadopted()
            self._announcer.say(_UNREADABLE, f"The spool cannot be looked through: {fault}")

    def _adopt(self, home: Home, now: float) -> None:
        with self._changed:
            self._backlog.hold(home)
        # Without the lock: it may be much to read.
        segments = left_in(home, now)
        for segment in segments:
            self._say_when_torn(segment)
            if segment.file is not None and not segment.count:
                segment.file.delete()
        with self._changed:
            self._tally.adopted += self._backlog.adopt([each for each in segments if each.count])

    def _say_when_torn(self, segment: Segment) -> None:
        if segment.file is not None and segment.file.is_torn:
            self._announcer.say(
                _TORN,
                f"The last line of {segment.file.path} was cut off when its process ended, and is"
                " left out. It had not been counted as spooled.",
                logging.WARNING,
            )
