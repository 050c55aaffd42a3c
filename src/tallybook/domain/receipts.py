"""Receipts: what became of the events that were sent, one by one."""

import msgspec


class Fault(msgspec.Struct, frozen=True):
    """One event that was not stored, and why.

    ``index`` is its place among the events of the request, from 0. ``id`` is
    null where none could be read; ``field`` where no single one is at fault.
    """

    index: int
    id: str | None
    field: str | None
    reason: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one request's events. Every event is in exactly one of the four.

    ``accepted`` are on disk and in every answer from now on. ``duplicates``
    were so before. ``conflicts`` share the identity ``(id, time)`` of a stored
    event and differ from it. ``rejected`` could not be read or are impossible.
    """

    accepted: int = 0
    duplicates: int = 0
    conflicts: tuple[Fault, ...] = ()
    rejected: tuple[Fault, ...] = ()

    @property
    def failed(self) -> int:
        """How many events were not stored and are not known."""
        return len(self.conflicts) + len(self.rejected)
