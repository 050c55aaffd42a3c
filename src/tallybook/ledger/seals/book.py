"""Who may seal what, while events keep arriving: the one place where seals change.

Nothing here waits for the engine. The rule that it keeps: a span is sealed only
if no change of its events was begun since its folding looked at them. Changes
are announced before they are made and gone when they are over; foldings are
announced before they look. So of a change and a folding that overlap, one
knows of the other, and the folding gives way.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager

import msgspec

from tallybook.domain.errors import BeforeHorizon
from tallybook.ledger.seals.horizon import NOTHING_LET_GO, Horizon
from tallybook.ledger.seals.rollups import DAY, HOUR
from tallybook.ledger.seals.seals import Seals, hours_of_day

HOURS_OF_DAY = DAY.seconds // HOUR.seconds


class Due(msgspec.Struct, frozen=True):
    """Hours of a day that are to be sealed, and after them the day if all of its hours are."""

    day: int
    hours: tuple[int, ...]


class SealBook:
    """The seals in force, for any thread."""

    def __init__(
        self, seals: Seals, hours: Iterable[int], horizon: Horizon = NOTHING_LET_GO
    ) -> None:
        """Start with what the file says: its seals, and the first and last of its events' hours.

        Nothing before the first, or after the day of the last, is due: of an
        old import there is nothing to seal until today. Hours and days are
        named by their starts, in Unix seconds.
        """
        self._lock = threading.Lock()
        self._seals = seals
        self._horizon = horizon
        # Hours whose seals may be on disk: those in force, and those of writes that failed, which
        # may have been durable all the same.
        self._on_disk: set[int] = set(seals.hours)
        # The first and the last that have events; empty as long as none has.
        self._ends = sorted(hours)
        # Hours whose events are being changed, by how many changes.
        self._changing: Counter[int] = Counter()
        # Hours that were changed since somebody looked for what is due.
        self._changed: set[int] = set()
        self._folding: set[int] = set()
        self._spoiled: set[int] = set()
        self._number = max((*seals.hours.values(), *seals.days.values()), default=0)

    @property
    def seals(self) -> Seals:
        """The seals in force: a value, which stays as it is."""
        return self._seals

    @property
    def horizon(self) -> Horizon:
        """The days whose events were let go, or are about to be: a value, which stays as it is."""
        return self._horizon

    @contextmanager
    def letting_go(self, day: int, number: int) -> Iterator[bool]:
        """Let the events of a day go in the block, which is given whether it may.

        It may when the day is sealed by that ``number`` and nobody changes its events: they are
        what they were when that number was read. From here on nobody may, whatever
        becomes of the block: where it raises, the file says where the horizon is (``set_horizon``).
        """
        with self._lock:
            hours = hours_of_day(day)
            sealed = self._seals.days.get(day) == number
            free = sealed and not any(self._changing[hour] for hour in hours)
            if free:
                self._horizon = self._horizon.moved_to(day, DAY.next(day))
        yield free

    def set_horizon(self, horizon: Horizon) -> None:
        """Take what the file says for the horizon, while no day is being let go."""
        with self._lock:
            self._horizon = horizon

    @property
    def oldest_day(self) -> int | None:
        """The start of the first day that may have events; None when there never were any."""
        with self._lock:
            if self._horizon.end:
                return self._horizon.end
            return DAY.floor(self._ends[0]) if self._ends else None

    @contextmanager
    def changing(self, hours: Collection[int]) -> Iterator[set[int]]:
        """Change the events of some hours in the block, which is given those with seals on disk.

        The block takes their seals away in the transaction that makes the
        change. However it ends, they are in force no more; when it raises,
        they may be on disk still, and the next change is given them again.
        Raises BeforeHorizon, with nothing begun, when some of them have no events any more.
        """
        with self._lock:
            if hours and min(hours) < self._horizon.end:
                raise BeforeHorizon(f"{self._horizon.told()}.", param="time")
            self._changing.update(hours)
            self._changed.update(hours)
            self._spoiled |= self._folding.intersection(hours)
            if hours:
                known = (*self._ends, *hours)
                self._ends = [min(known), max(known)]
            sealed = self._on_disk.intersection(hours)
        try:
            yield sealed
            with self._lock:
                self._on_disk -= sealed
        finally:
            with self._lock:
                self._changing.subtract(hours)
                self._changing += Counter()
                if sealed:
                    self._seals = self._seals.without(sealed)

    def due(self, before: int) -> list[Due]:
        """What is to be sealed of the time before a moment, in Unix seconds, newest first.

        An hour that was changed since the last time somebody asked is left
        for the next: more may come, and it would be folded for nothing.
        """
        with self._lock:
            restless, self._changed = self._changed, set()
            seals, ends, horizon = self._seals, self._ends, self._horizon
        if not ends:
            return []
        # Each day after the horizon is to be sealed, that it may be let go in turn.
        first, before = horizon.end or ends[0], min(before, DAY.next(ends[-1]))
        found = []
        for day in range(DAY.floor(before), DAY.floor(first) - 1, -DAY.seconds):
            if day not in seals.days:
                over = [hour for hour in hours_of_day(day) if hour + HOUR.seconds <= before]
                missing = [hour for hour in over if hour not in seals.hours]
                hours = tuple(hour for hour in missing if hour not in restless)
                if hours or (not missing and len(over) == HOURS_OF_DAY):
                    found.append(Due(day, hours))
        return found

    def oldest_due(self, before: int) -> int | None:
        """The start of the oldest hour before a moment that is not sealed; None when all are.

        No hour before the first with events counts. Unlike ``due`` it changes nothing, and
        counts hours that were changed just now.
        """
        with self._lock:
            seals, ends, horizon = self._seals, self._ends, self._horizon
        if not ends:
            return None
        first, before = horizon.end or ends[0], min(before, DAY.next(ends[-1]))
        for day in range(DAY.floor(first), before, DAY.seconds):
            if day not in seals.days:
                for hour in range(max(day, first), day + DAY.seconds, HOUR.seconds):
                    if hour + HOUR.seconds <= before and hour not in seals.hours:
                        return hour
        return None

    @property
    def newest_hour(self) -> int | None:
        """The start of the newest hour that has events; None when there are no events."""
        with self._lock:
            return self._ends[-1] if self._ends else None

    @contextmanager
    def folding(self, hours: Iterable[int]) -> Iterator[set[int]]:
        """Fold the events of some hours in the block, one folding at a time.

        The block is given those of them that nobody is changing.
        """
        with self._lock:
            self._folding = {hour for hour in hours if not self._changing[hour]}
            self._spoiled = set()
        try:
            yield set(self._folding)
        finally:
            with self._lock:
                self._folding = set()

    def seal_hours(self, hours: Iterable[int], write: Callable[[set[int], int], None]) -> set[int]:
        """Seal those hours of the folding that were not changed since it began.

        ``write`` keeps them on disk, with the number of this sealing, while no
        change can begin. Returns them.
        """
        with self._lock:
            sound = self._folding.intersection(hours) - self._spoiled
            if sound:
                number = self._next_number()
                self._on_disk |= sound
                write(sound, number)
                self._seals = self._seals.with_sealed(sound, (), number)
            return sound

    def seal_day(self, day: int, write: Callable[[set[int], int], None]) -> bool:
        """Seal a day whose hours are sealed, and were not changed since its folding began."""
        with self._lock:
            hours = set(hours_of_day(day))
            sound = hours <= self._folding and not hours & self._spoiled
            if not sound or not self._seals.hours.keys() >= hours:
                return False
            number = self._next_number()
            write({day}, number)
            self._seals = self._seals.with_sealed((), (day,), number)
            return True

    def unseal_all(self, write: Callable[[], None]) -> None:
        """Take the seals away of all that has its events; ``write`` does it on disk."""
        with self._lock:
            write()
            self._spoiled |= self._folding
            self._seals = self._seals.before(self._horizon.end)
            self._on_disk = set(self._seals.hours)

    def _next_number(self) -> int:
        """Larger than any before: by the clock, so that it stays so when all seals are gone."""
        self._number = max(self._number + 1, time.time_ns() // 1_000)
        return self._number
