"""The seam between Tallybook and the engines that keep its events.

Both engines pass one conformance suite (``tests/ledger``). What an engine
promises:

1. ``append`` has either stored every event that it reports as accepted, on
   disk and visible to the next query, or raised and stored none.
2. An identity ``(id, time)`` is stored at most once. Events may be let go after
   their time; none before the horizon is stored any more.
3. ``usage`` equals the fold of the stored events and of those that were let go,
   exactly, whatever is sealed; or it is refused.
4. Every stored event has a rate card, which is never changed; ``costs`` is the
   sum over the events of quantities times the rates of their cards, exactly.
   An event gets another card by ``reprice`` alone, and that is recorded.
5. An event that was voided is kept with its mark, for as long as the others,
   and its identity stays taken; no sum, cost or count has it any more.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import msgspec

from tallybook.domain.buckets import Span
from tallybook.domain.entries import Entry
from tallybook.domain.listings import Listing
from tallybook.domain.queries import CostsQuery, Query, UsageQuery
from tallybook.domain.sheets import Identity, Sheet
from tallybook.domain.voids import EventName, StoredEvent, Voided
from tallybook.ledger.condition import Condition
from tallybook.ledger.seals.horizon import Horizon
from tallybook.ledger.sql.row_text import RowText
from tallybook.ledger.stopping import NEVER, Stop
from tallybook.pricing.cards import RateCard


class Lot(msgspec.Struct, frozen=True):
    """Entries that came together. A ``whole`` lot is stored completely or not at all.

    ``positions`` are the places that the sheet's entries had where they came
    from; of entries with one identity, the one that stood first counts.
    """

    sheet: Sheet
    positions: Sequence[int]
    whole: bool = False


class Conflict(msgspec.Struct, frozen=True):
    """An entry whose identity is stored with another content.

    ``position`` is its place where it came from; ``columns`` are those that differ.
    """

    position: int
    id: str
    kind: str
    columns: tuple[str, ...]


class Expired(msgspec.Struct, frozen=True):
    """An entry before the horizon, which is at ``horizon_us``; ``position`` is its place."""

    position: int
    id: str
    horizon_us: int


class Appended(msgspec.Struct, frozen=True):
    """What became of one lot. Entries that are not counted here were not stored."""

    accepted: int
    duplicates: int
    conflicts: tuple[Conflict, ...] = ()
    expired: tuple[Expired, ...] = ()


class CostRow(msgspec.Struct, frozen=True):
    """A part of the costs of one bucket and group.

    ``bucket`` is the bucket's start in Unix seconds, ``keys`` are the values
    of the query's ``group_by``, in its order. ``quantity`` is in stored units,
    of which ``stored`` make one that is priced, and ``product`` is quantity
    times unit price: the amount is ``product / stored``. Both the currency and
    the product are null where nobody states a price. ``charge`` names one of
    the charges in it, all of which have the same line item when the query
    groups by that; otherwise it may be null, and then the quantity is 0.
    ``other`` marks what all but the top groups were folded into.
    """

    bucket: int
    keys: tuple[Any, ...]
    currency: str | None
    stored: int
    charge: str | None
    quantity: int
    product: Decimal | None
    other: bool = False


class KeptCard(msgspec.Struct, frozen=True):
    """A rate card of the ledger, its number, and when it was first needed, in microseconds."""

    number: int
    card: RateCard
    known_us: int


class CardUse(msgspec.Struct, frozen=True):
    """How many events have a rate card, and the times of the first and last, in microseconds."""

    kept: KeptCard
    events: int
    first_us: int
    last_us: int


class PricedEvent(msgspec.Struct, frozen=True):
    """A stored event with its rate card.

    A sample of a stock is ``charged`` when it is the largest of its thing and
    day; every other event is, unless it was ``voided``.
    """

    entry: Entry
    kept: KeptCard
    charged: bool
    voided: Voided | None = None


class Void(msgspec.Struct, frozen=True):
    """Events that are to count no more, at least one, and the mark that they get."""

    identities: tuple[Identity, ...]
    mark: Voided


class RepriceWish(msgspec.Struct, frozen=True, kw_only=True):
    """Which events to price again by the book in force: ``[since, until)``, in Unix seconds.

    ``model`` is a name or a pattern, null for all. With ``apply`` they get
    their new cards, and ``who`` and ``why`` are recorded; without, nothing is
    changed.
    """

    since: int
    until: int
    model: str | None = None
    apply: bool = False
    who: str = ""
    why: str = ""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What repricing changes of one day (its start, in Unix seconds) and model.

    ``events`` have another card. The amounts are those of all events of the
    day and model; null where nobody states a price.
    """

    day: int
    model: str | None
    currency: str
    events: int
    old: Decimal | None
    new: Decimal | None


class Repricing(msgspec.Struct, frozen=True, kw_only=True):
    """What a repricing changes, or changed: events with another card, and the amounts by day."""

    events: int
    differences: tuple[Difference, ...]


class RepricingRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the ledger's history: a repricing that was applied, at a time in microseconds."""

    at_us: int
    wish: RepriceWish
    repricing: Repricing


class DayMark(msgspec.Struct, frozen=True):
    """A UTC day that has events, by its number since 1970, how many, and what tells a change.

    Two marks of a day are equal when its events are; they may differ as well
    when only the engine does.
    """

    day: int
    events: int
    mark: str


class Snapshot(Protocol):
    """A ledger at one moment, whatever is stored meanwhile; used by one thread at a time.

    Its files are Parquet, with the ledger's own columns, and are there for a
    block. Raises StorageFull, LedgerUnavailable or a child of it, and
    QueryStopped.
    """

    version: int
    # Where files may be made that are gone before the snapshot is.
    folder: Path

    def days(self) -> list[DayMark]:
        """The days that have events, in order."""
        ...

    def digest(self, day: int) -> str:
        """What the events of a day are, in 32 characters, whatever file or order they are in."""
        ...

    def day_file(self, day: int) -> AbstractContextManager[Path]:
        """The events of a day."""
        ...

    def tables(self) -> list[str]:
        """The tables beside the events that hold what cannot be made of these."""
        ...

    def table_file(self, name: str) -> AbstractContextManager[tuple[Path, int]]:
        """One of ``tables``, and how many rows it has."""
        ...


class Appender(Protocol):
    """Where events are stored: all that the committer needs of a ledger."""

    def append(self, lots: Sequence[Lot]) -> list[Appended]:
        """Store what is new, in one transaction; answer for each lot in turn.

        Called by one thread at a time. Raises StorageFull or LedgerUnavailable,
        and then nothing of any lot is stored.
        """
        ...


class Ledger(Appender, Protocol):
    """Events, durable and exactly once, and the sums over them.

    What takes a ``stop`` raises QueryStopped, or the child of it that ``stop``
    was given, soon after it was pressed.
    """

    def usage(
        self, query: UsageQuery, buckets: Sequence[Span], row: RowText, *, stop: Stop = NEVER
    ) -> dict[int, str]:
        """The rows of some buckets of a query by the bucket's start: JSON, joined by commas.

        ``buckets`` follow each other without gaps; those without rows are left
        out. Rows are in the wire's order, or by rank. Safe to call from any
        thread. Raises LedgerUnavailable.
        """
        ...

    def costs(
        self, query: CostsQuery, buckets: Sequence[Span], row: RowText, *, stop: Stop = NEVER
    ) -> dict[int, str] | None:
        """The costs of some buckets, like ``usage``.

        None when a row cannot be written by whole numbers of the engine, or
        has two currencies: then there is ``cost_rows``.
        """
        ...

    def cost_rows(
        self, query: CostsQuery, buckets: Sequence[Span], *, stop: Stop = NEVER
    ) -> list[CostRow]:
        """The costs of some buckets, exactly, by bucket and group, in the order of keys.

        Rows of one bucket and the same keys follow each other; what was
        folded into one comes last. Safe to call from any thread. Raises
        LedgerUnavailable.
        """
        ...

    def unpriced(self, query: CostsQuery, buckets: Sequence[Span], *, stop: Stop = NEVER) -> int:
        """How many events of some buckets have a charge that nobody prices."""
        ...

    @property
    def kept_tags(self) -> tuple[str, ...]:
        """The names of the tags that rollups keep; questions about others read every event."""
        ...

    @property
    def horizon(self) -> Horizon:
        """The days whose events were let go. Questions that need them raise BeforeHorizon."""
        ...

    def seal_of(self, query: Query) -> str | None:
        """A short text that stands for all that a query's page can answer.

        It changes whenever the page could be another. None when not all that
        the page depends on is sealed. Safe to call from any thread.
        """
        ...

    def cards(self, *, stop: Stop = NEVER) -> list[CardUse]:
        """The rate cards that events have, by kind, provider and model."""
        ...

    def find(self, event_id: str, *, stop: Stop = NEVER) -> list[PricedEvent]:
        """The stored events with an id, voided or not, by time; one id may have several."""
        ...

    def named(self, names: Sequence[EventName], *, stop: Stop = NEVER) -> list[StoredEvent]:
        """The stored events that some names fit, voided or not, by time and id.

        It is quick when every name has its time. Safe to call from any thread.
        """
        ...

    def void(self, void: Void) -> int:
        """Mark events, which count no more from then on, and say how many were: all or none.

        Those that are not stored, or were voided before, are passed over: their
        first mark stays. Called by the thread that appends, never beside an
        ``append``. Raises StorageFull or LedgerUnavailable; Overloaded, with
        nothing done, while events are being priced again or let go; and
        BeforeHorizon, when they were let go just now.
        """
        ...

    def events(self, listing: Listing, *, stop: Stop = NEVER) -> list[StoredEvent]:
        """The events of a listing, at most as many as it says, by time and id.

        Ids are ordered by code point. Takes no longer for what lies before or
        after the wanted ones. Safe to call from any thread. A listing from the
        time 0 on begins at the horizon. Raises LedgerUnavailable, and
        BeforeHorizon for one that begins, or goes on, before it.
        """
        ...

    def reprice(self, wish: RepriceWish) -> Repricing:
        """Give events the rate cards that the book in force has for them, or say which would.

        Raises PricesRefused when the price file cannot be used, and
        BeforeHorizon for a range that has days whose events were let go.
        """
        ...

    def repricings(self) -> list[RepricingRecord]:
        """Every repricing that was applied, in order of time."""
        ...

    def snapshot(self, *, stop: Stop = NEVER) -> AbstractContextManager[Snapshot]:
        """The ledger as it is at the beginning of a block, for its length; one at a time.

        It holds whatever was acknowledged before. Raises StorageFull and
        LedgerUnavailable.
        """
        ...

    def check(self) -> None:
        """Return when the ledger answers; raise LedgerUnavailable when it does not."""
        ...

    def condition(self, now: float) -> Condition:
        """What the engine says of itself at a moment, in Unix seconds.

        Safe to call from any thread. Raises LedgerUnavailable.
        """
        ...

    def close(self) -> None:
        """Put everything into the main file and let go of it."""
        ...
