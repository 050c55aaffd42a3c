"""Bodies under way: how much of them is held in memory, all together.

A body is held from its first bytes until it is decoded. When there is no room
for more of one, and another key holds more than this one does, the largest
body of the key that holds most is given up in its place; otherwise this one is.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from tallybook.domain.errors import Overloaded
from tallybook.intake.body import receive


class _Held(msgspec.Struct, eq=False):
    """A body under way: whose it is, its bytes so far, and what ends the waiting for more."""

    owner: str
    patience: asyncio.Timeout
    size: int = 0
    # It is to go, or it came whole.
    settled: bool = False


class Receiving:
    """The bodies under way. For one event loop."""

    def __init__(self, bytes_max: int) -> None:
        """Hold at most ``bytes_max`` (inclusive); of a single body, whatever it has."""
        self._bytes_max = bytes_max
        self._held: set[_Held] = set()
        self.bytes = 0

    @asynccontextmanager
    async def body(
        self, owner: str, stream: AsyncIterator[bytes], declared: str | None, bytes_max: int
    ) -> AsyncIterator[bytes]:
        """A body of at most ``bytes_max`` bytes (inclusive), held for the block.

        ``declared`` is the ``Content-Length`` header. Raises BodyTooLarge, and
        Overloaded when there is no room.
        """
        held = _Held(owner, asyncio.timeout(None))
        self._held.add(held)
        try:
            async with held.patience:
                whole = await receive(self._counted(held, stream), declared, bytes_max)
            held.settled = True
            yield whole
        except TimeoutError:
            if held.patience.expired():
                raise self._overloaded() from None
            raise
        finally:
            self._held.discard(held)
            self.bytes -= held.size

    async def _counted(self, held: _Held, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The parts of a body, each of which there is room for. Raises Overloaded."""
        async for part in stream:
            if self.bytes + len(part) > self._bytes_max:
                self._make_room(held, len(part))
            held.size += len(part)
            self.bytes += len(part)
            yield part

    def _make_room(self, held: _Held, size: int) -> None:
        """Give up another body for a part of one, or this one: then raises Overloaded."""
        of_owners: dict[str, int] = {}
        for each in self._held:
            of_owners[each.owner] = of_owners.get(each.owner, 0) + each.size
        if of_owners[held.owner] == self.bytes == held.size:
            return
        heaviest = max(of_owners, key=lambda owner: of_owners[owner])
        if of_owners[heaviest] <= of_owners[held.owner] + size:
            raise self._overloaded()
        unsettled = [each for each in self._held if each.owner == heaviest and not each.settled]
        if not unsettled:
            raise self._overloaded()
        victim = max(unsettled, key=lambda each: each.size)
        victim.settled = True
        # Ends it as soon as the loop comes to it.
        victim.patience.reschedule(asyncio.get_running_loop().time())

    def _overloaded(self) -> Overloaded:
        return Overloaded(
            f"{self.bytes} bytes of requests are under way, of at most {self._bytes_max} (setting"
            " receiving_bytes_max); nothing of this one was stored. Send it again after"
            " Retry-After, in smaller parts if it is large."
        )
