"""Whose query is next: the key's that has the fewest running, then the key's that waited longest.

A key may have so many running at once and no more, which is fewer than run in
all: whoever comes beside a pile of slow queries finds a thread. What waits is
bounded, and when it is full, room is made at the cost of the key that has
most waiting.
"""

from collections import deque
from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")


class _Line(msgspec.Struct):
    """What one key has waiting, oldest first, how many run, and when it had its last turn."""

    last_turn: int
    running: int = 0
    waiting: deque[Any] = msgspec.field(default_factory=deque)


class QueryTurns(Generic[T]):
    """What waits and how much runs, by key. For one thread at a time."""

    def __init__(self, at_once: int, of_a_key_max: int, waiting_max: int) -> None:
        """At most ``at_once`` run, ``of_a_key_max`` of each key; ``waiting_max`` wait (inclusive).

        Of what waits, that does not count which could run at once.
        """
        self._at_once = at_once
        self._of_a_key_max = of_a_key_max
        self._waiting_max = waiting_max
        self._lines: dict[str, _Line] = {}
        self._turn = 0
        self.waiting = 0
        self.running = 0

    def join(self, key: str, thing: T) -> list[T] | None:
        """Let a thing wait: what was taken out to make room for it; None when it cannot wait."""
        line = self._lines.get(key)
        dropped: list[T] = []
        if self.waiting >= self._waiting_max and not self._runs_at_once(line):
            own = len(line.waiting) if line else 0
            heaviest = max(self._lines.values(), key=lambda each: len(each.waiting))
            if len(heaviest.waiting) <= own + 1:
                return None
            dropped.append(heaviest.waiting.pop())
            self.waiting -= 1
        if line is None:
            line = self._lines[key] = _Line(self._turn)
        line.waiting.append(thing)
        self.waiting += 1
        return dropped

    def start(self) -> tuple[str, T] | None:
        """Whose turn it is, and the thing that runs from now on; None when nothing may begin."""
        if self.running >= self._at_once:
            return None
        ready = [key for key, line in self._lines.items() if self._may_start(line)]
        if not ready:
            return None
        key = min(ready, key=lambda name: self._precedence(self._lines[name]))
        line = self._lines[key]
        self._turn += 1
        line.last_turn = self._turn
        line.running += 1
        self.running += 1
        self.waiting -= 1
        return key, line.waiting.popleft()

    def end(self, key: str) -> None:
        """One of a key's runs no longer."""
        self._lines[key].running -= 1
        self.running -= 1
        self._forget_when_idle(key)

    def leave(self, key: str, thing: T) -> None:
        """A thing of a key waits no longer, if it still did."""
        line = self._lines.get(key)
        if line is not None and thing in line.waiting:
            line.waiting.remove(thing)
            self.waiting -= 1
            self._forget_when_idle(key)

    def _may_start(self, line: _Line) -> bool:
        return bool(line.waiting) and line.running < self._of_a_key_max

    def _runs_at_once(self, line: _Line | None) -> bool:
        """Whether what comes for a line now would have its turn without waiting."""
        running = line.running if line else 0
        alone = not line or not line.waiting
        return alone and self.running < self._at_once and running < self._of_a_key_max

    def _precedence(self, line: _Line) -> tuple[int, int]:
        return line.running, line.last_turn

    def _forget_when_idle(self, key: str) -> None:
        line = self._lines[key]
        if not line.running and not line.waiting:
            del self._lines[key]
