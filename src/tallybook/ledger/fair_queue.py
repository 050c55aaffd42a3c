"""A queue that is shared by owners: none of them can fill it, or hold it up, for the others.

Who is alone has all of it. Of several, each gets turns by what it had
before: the next thing is that of the owner who has had least since it
came (start-time fair queueing), so that a flood waits behind itself. When the
queue is full, room is made at the cost of the owner who holds most (longest
queue drop): who holds less than others is never refused for their sake.
"""

import heapq
from collections import deque
from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")

# Owners without anything that waits, beyond as many as have, before those without debts are
# forgotten.
_IDLE_OWNERS_MAX = 64


class _Line(msgspec.Struct):
    """What one owner has waiting with its sizes, oldest first, and when its oldest is due."""

    turn: int
    size: int = 0
    waiting: deque[Any] = msgspec.field(default_factory=deque)


class FairQueue(Generic[T]):
    """Things with owners and sizes. For one thread."""

    def __init__(self) -> None:
        # Those without anything that waits are kept for their turn: who had much just now and
        # comes again is not served before others as if it were new.
        self._lines: dict[str, _Line] = {}
        # The turn of each line with something that waits, once; and of some that have nothing.
        self._turns: list[tuple[int, str]] = []
        # The turn of what was taken last. Who comes first now begins there, and is owed nothing.
        self._turn = 0
        # Of all that waits: how many things, and what their sizes add up to.
        self.count = 0
        self.size = 0

    def put(self, owner: str, thing: T, size: int) -> None:
        """Let a thing of an owner wait, behind its others."""
        line = self._lines.setdefault(owner, _Line(self._turn))
        if not line.waiting:
            line.turn = max(line.turn, self._turn)
            heapq.heappush(self._turns, (line.turn, owner))
        line.waiting.append((thing, size))
        line.size += size
        self.size += size
        self.count += 1

    def take(self) -> T:
        """The next thing, which waits no longer. Raises IndexError when none does."""
        while True:
            turn, owner = heapq.heappop(self._turns)
            line = self._lines.get(owner)
            # All of a line may have been dropped since, and others have come.
            if line is not None and line.waiting and line.turn == turn:
                break
        thing: T
        thing, size = line.waiting.popleft()
        self._left(line, size)
        self._turn = turn
        line.turn += max(size, 1)
        if line.waiting:
            heapq.heappush(self._turns, (line.turn, owner))
        elif not self.count:
            # Nobody waited for anybody, so nobody owes anything.
            self._lines.clear()
            self._turns.clear()
        elif len(self._lines) > 2 * len(self._turns) + _IDLE_OWNERS_MAX:
            self._forget_idle()
        return thing

    def fits(self, owner: str, size: int, size_max: int) -> bool:
        """Whether a thing of an owner may wait, when all that waits is at most ``size_max``.

        It may when nothing else waits, when there is room (inclusive), or when
        enough is held by owners who hold more than this one would.
        """
        excess = self.size + size - size_max
        if not self.count or excess <= 0:
            return True
        own = self._own(owner) + size
        spare = sum(each.size - own for each in self._lines.values() if each.size > own)
        return excess <= spare

    def make_room(self, owner: str, size: int, size_max: int) -> list[T]:
        """Take out the newest of whoever holds most, until a thing that ``fits`` has room."""
        dropped: list[T] = []
        own = self._own(owner) + size
        while self.count and self.size + size > size_max:
            heaviest = max(self._lines.values(), key=lambda each: each.size)
            if heaviest.size <= own:
                break
            thing, weight = heaviest.waiting.pop()
            self._left(heaviest, weight)
            dropped.append(thing)
        return dropped

    def _own(self, owner: str) -> int:
        """What an owner holds."""
        line = self._lines.get(owner)
        return line.size if line else 0

    def _left(self, line: _Line, size: int) -> None:
        """Account for a thing that waits no longer."""
        line.size -= size
        self.size -= size
        self.count -= 1

    def _forget_idle(self) -> None:
        self._lines = {
            owner: line
            for owner, line in self._lines.items()
            if line.waiting or line.turn > self._turn
        }
