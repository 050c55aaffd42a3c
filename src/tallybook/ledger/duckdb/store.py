"""The ledger on DuckDB."""

import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import duckdb

from tallybook.domain.buckets import Span
from tallybook.domain.entries import COLUMN_NAMES, ID, TIME_US, Entry
from tallybook.domain.errors import BeforeHorizon, Overloaded, PricesRefused
from tallybook.domain.instants import MICROSECONDS
from tallybook.domain.listings import Listing
from tallybook.domain.queries import CostsQuery, Query, UsageQuery
from tallybook.domain.sheets import Identity, joined
from tallybook.domain.voids import EventName, StoredEvent
from tallybook.ledger.condition import Condition
from tallybook.ledger.duckdb.answers import Answers, read_for
from tallybook.ledger.duckdb.arrow import identities_table
from tallybook.ledger.duckdb.engine import Engine, EngineSettings
from tallybook.ledger.duckdb.rate_cards import RateCards
from tallybook.ledger.duckdb.repricing import Repricer
from tallybook.ledger.duckdb.retaining import Retainer
from tallybook.ledger.duckdb.sealer import Sealer, open_book
from tallybook.ledger.duckdb.snapshot import snapshot
from tallybook.ledger.duckdb.stored_events import StoredEvents
from tallybook.ledger.duckdb.used_columns import UsedColumns
from tallybook.ledger.duckdb.verifying import verify
from tallybook.ledger.duckdb.voiding import Voider, time_ranges
from tallybook.ledger.duckdb.writer import Writer
from tallybook.ledger.judge import judge, suspects_of
from tallybook.ledger.late import timely, with_expired
from tallybook.ledger.ledger import (
    Appended,
    CardUse,
    CostRow,
    Expired,
    Lot,
    PricedEvent,
    RepriceWish,
    Repricing,
    RepricingRecord,
    Snapshot,
    Void,
)
from tallybook.ledger.recent import IDENTITIES_KEPT, RecentIdentities
from tallybook.ledger.sealable import LetGo, Verified
from tallybook.ledger.seals.book import Due
from tallybook.ledger.seals.horizon import Horizon, check_events
from tallybook.ledger.seals.rollups import EVENTS, VOIDED_EVENTS
from tallybook.ledger.seals.seals import hours_of
from tallybook.ledger.sql.listing import (
    STORED,
)
from tallybook.ledger.sql.row_text import RowText
from tallybook.ledger.stopping import NEVER, Stop
from tallybook.pricing.pricer import Pricer
from tallybook.pricing.source import PriceSource

# Column names are constants of the table of kinds; nothing else is put into SQL.
_COLUMN_LIST = ", ".join(COLUMN_NAMES)

# The stretches of time let the engine skip the rest of the table. Two columns are quick to plan
# and to read; the whole entries are fetched only of those that are there. An identity that was
# voided stays taken.
_IDENTITIES = f"""(
    SELECT id, time_us FROM {EVENTS} UNION ALL SELECT id, time_us FROM {VOIDED_EVENTS}
)"""  # noqa: S608
_KNOWN = f"""\
SELECT id, time_us FROM {_IDENTITIES} SEMI JOIN suspects USING (id, time_us)
WHERE {{ranges}}"""  # noqa: S608
_FIND = f"""\
SELECT {_COLUMN_LIST}
FROM {STORED} SEMI JOIN suspects USING (id, time_us)
WHERE {{ranges}}"""  # noqa: S608

_CARDS_IN_USE = f"""\
SELECT rate_card, sum(events)::BIGINT, min(first_us), max(last_us) FROM (
    SELECT rate_card, count(*) AS events, min(time_us) AS first_us, max(time_us) AS last_us
    FROM {EVENTS} GROUP BY rate_card
    UNION ALL
    SELECT rate_card, events, first_us, last_us FROM let_go_cards
)
GROUP BY rate_card"""  # noqa: S608

_NEWEST = f"SELECT id, time_us FROM {_IDENTITIES} ORDER BY time_us DESC LIMIT ?"  # noqa: S608
_CONDITION = """\
SELECT
    (SELECT coalesce(sum(memory_usage_bytes), 0)::BIGINT FROM duckdb_memory()),
    (SELECT max(version) FROM migrations)"""


class DuckDBLedger:
    """Events in one DuckDB file. See ``ledger/ledger.py`` for what it promises."""

    def __init__(self, folder: Path, settings: EngineSettings, prices: PriceSource) -> None:
        """Open or make the ledger in ``folder``, which must exist, to be priced by ``prices``.

        Raises LedgerInUse, LedgerTooNew or LedgerUnavailable.
        """
        self._engine = Engine(folder, settings)
        self._writer = Writer(self._engine)
        self._recent: RecentIdentities | None = self._newest()
        self._prices = prices
        self._cards = RateCards(self._engine)
        self._pricer = Pricer(prices, self._cards.numbers_of)
        self._used = UsedColumns(self._engine)
        self._book = open_book(self._engine)
        self._sealer = Sealer(self._engine, self._cards, self._book)
        self._retainer = Retainer(
            self._engine,
            self._book,
            settings.retention_days,
            archived=settings.retention_archive,
        )
        self._grace_seconds = settings.seal_grace_seconds
        self._stored = StoredEvents(self._engine, self._cards, self._book)
        self._voider = Voider(self._engine, self._book)
        self._memory_max_bytes = settings.memory_max_bytes
        # Held by whoever must find the events of the table where they were.
        self._repricing = threading.Lock()
        self._backing_up = threading.Lock()
        self._price_what_came_before_prices()

    def append(self, lots: Sequence[Lot]) -> list[Appended]:
        """Store what is new in one transaction, but nothing before the horizon: see ``_append``."""
        while True:
            horizon_us = self._book.horizon.end_us
            expired: list[tuple[Expired, ...]] = []
            kept = lots
            if horizon_us:
                kept, expired = timely(lots, horizon_us)
            try:
                answers = self._append(kept)
            except BeforeHorizon:
                # It moved while they were looked at.
                continue
            return with_expired(answers, expired) if expired else answers

    def _append(self, lots: Sequence[Lot]) -> list[Appended]:
        """Store what is new in one transaction.

        1. Find the stored events that share an identity with one of the lots.
        2. Judge every entry: new, repeat, or conflict.
        3. Find the rate card of each new one. A card that is needed for the
           first time is on disk before an event names it; a crash between the
           two leaves a card without events, which costs nothing.
        4. Insert the new ones, unseal their hours, and commit. When this returns, they are on disk.
           When it raises, they may be all the same: a fault can come after the
           log was written. What is recent is then read from the file again.
        5. Remember them as recent. A crash before this loses only memory.

        Raises BeforeHorizon, with nothing stored, when days of theirs are let go meanwhile.
        """
        if not any(lot.sheet.count for lot in lots):
            return [Appended(0, 0) for _ in lots]
        if self._recent is None:
            self._recent = self._newest()
        suspects = suspects_of(lots, self._recent)
        stored = self._find(suspects.late) if suspects.late else {}
        fresh, answers = judge(lots, suspects, stored)
        if fresh:
            sheet = joined(fresh)
            rate_cards = self._pricer.numbers(sheet)
            recent, self._recent = self._recent, None
            first_used = self._used.first_used(sheet)
            with self._book.changing(hours_of(sheet.columns[TIME_US] or ())) as sealed:
                self._writer.insert(sheet, rate_cards, sealed, first_used)
            self._used.kept(first_used)
            recent.add(suspects.distinct, suspects.latest_us)
            self._recent = recent
        return answers

    def usage(
        self, query: UsageQuery, buckets: Sequence[Span], row: RowText, *, stop: Stop = NEVER
    ) -> dict[int, str]:
        """The rows of some buckets of a query by the bucket's start: JSON, joined by commas."""
        return self._answering().usage(query, buckets, row, stop)

    def costs(
        self, query: CostsQuery, buckets: Sequence[Span], row: RowText, *, stop: Stop = NEVER
    ) -> dict[int, str] | None:
        """The costs of some buckets, like ``usage``; None when a row has to be made of values."""
        return self._answering().costs(query, buckets, row, stop)

    def cost_rows(
        self, query: CostsQuery, buckets: Sequence[Span], *, stop: Stop = NEVER
    ) -> list[CostRow]:
        """The costs of some buckets, exactly, by bucket and group, in the order of keys."""
        return self._answering().cost_rows(query, buckets, stop)

    def unpriced(self, query: CostsQuery, buckets: Sequence[Span], *, stop: Stop = NEVER) -> int:
        """How many events of some buckets have a charge that nobody prices."""
        return self._answering().unpriced(query, buckets, stop)

    @property
    def kept_tags(self) -> tuple[str, ...]:
        """The names of the tags that rollups keep."""
        return self._engine.kept_tags

    @property
    def horizon(self) -> Horizon:
        """The days whose events were let go."""
        return self._book.horizon

    def due(self, now: float) -> list[Due]:
        """What is to be sealed at a moment, in Unix seconds, the newest first."""
        return self._book.due(int(now) - self._grace_seconds)

    def seal(self, due: Due) -> int:
        """Seal hours of a day, and the day when they are its last; how many hours were sealed."""
        return self._sealer.seal(due)

    def let_go(self, now: float) -> LetGo | None:
        """Let the oldest day go; see ``Sealable``. None while events are being priced again."""
        # Rows have to stay in their places for that.
        if not self._repricing.acquire(blocking=False):
            return None
        try:
            return self._retainer.let_go(now)
        finally:
            self._repricing.release()

    def unseal(self) -> None:
        """Take the seals away, and find anew which quantities events have."""
        self._sealer.forget()
        self._used.count_again()

    def verify(self) -> Iterator[Verified]:
        """Hold what is sealed against the fold of its events, a day at a time, the newest first."""
        return verify(self._engine, self._cards, self._engine.kept_tags)

    def seal_of(self, query: Query) -> str | None:
        """A short text that stands for all that a page can answer; None when not all is sealed."""
        number = self._book.seals.whole(*read_for(query))
        return None if number is None else str(number)

    def cards(self, *, stop: Stop = NEVER) -> list[CardUse]:
        """The rate cards that events have, by kind, provider and model."""
        with self._engine.guard("answer a query", stop) as cursor:
            rows = cursor.execute(_CARDS_IN_USE).fetchall()
        uses = [CardUse(self._cards.kept(number), *counts) for number, *counts in rows]
        return sorted(uses, key=_by_traits)

    def find(self, event_id: str, *, stop: Stop = NEVER) -> list[PricedEvent]:
        """The stored events with an id, voided or not, by time; one id may have several."""
        return self._stored.find(event_id, stop)

    def named(self, names: Sequence[EventName], *, stop: Stop = NEVER) -> list[StoredEvent]:
        """The stored events that some names fit, voided or not, by time and id."""
        return self._voider.named(names, stop)

    def void(self, void: Void) -> int:
        """Mark events, which count no more from then on, and say how many were: all or none.

        Pricing again goes by the places of events in the table, so nothing is
        taken out of it meanwhile; and that may take long, while whoever stores
        events must not be held up.
        """
        if not self._repricing.acquire(blocking=False):
            raise Overloaded(
                "Events are being priced again, or let go, and until that is over none can be"
                " voided; nothing was changed. Send it again after Retry-After."
            )
        try:
            return self._voider.void(void)
        finally:
            self._repricing.release()

    def events(self, listing: Listing, *, stop: Stop = NEVER) -> list[StoredEvent]:
        """The events of a listing, at most as many as it says, by time and id."""
        return self._stored.listed(listing, stop)

    def reprice(self, wish: RepriceWish) -> Repricing:
        """Give events the rate cards that the book in force has for them, or say which would.

        Raises PricesRefused when the price file cannot be used.
        """
        self._prices.book()
        if self._prices.fault:
            raise PricesRefused(f"Nothing was priced again: {self._prices.fault}")
        with self._repricing:
            check_events(self._book.horizon, Span(wish.since, wish.until), "since")
            return self._repricer().reprice(wish)

    def repricings(self) -> list[RepricingRecord]:
        """Every repricing that was applied, in order of time."""
        return self._repricer().history()

    def snapshot(self, *, stop: Stop = NEVER) -> AbstractContextManager[Snapshot]:
        """The ledger as it is now, for the block; one at a time."""
        return snapshot(self._engine, self._backing_up, stop)

    def check(self) -> None:
        """Return when the engine answers."""
        with self._engine.guard("answer a check") as cursor:
            cursor.execute("SELECT 1").fetchone()

    def condition(self, now: float) -> Condition:
        """What the engine says of itself at a moment, in Unix seconds."""
        with self._engine.guard("tell its condition") as cursor:
            memory_bytes, version = cursor.execute(_CONDITION).fetchone() or (0, 0)
        seals = self._book.seals
        return Condition(
            version=version,
            engine=f"DuckDB {duckdb.__version__}",
            memory_bytes=memory_bytes,
            memory_max_bytes=self._memory_max_bytes,
            newest_hour=self._book.newest_hour,
            oldest_due=self._book.oldest_due(int(now) - self._grace_seconds),
            newest_seal_us=max((*seals.hours.values(), *seals.days.values()), default=None),
            hours_sealed=len(seals.hours),
            days_sealed=len(seals.days),
            horizon=self._book.horizon.end or None,
        )

    def close(self) -> None:
        """Work everything into the main file and let go of it."""
        self._writer.close()
        self._engine.close()

    def _answering(self) -> Answers:
        """What answers one question."""
        return Answers(self._engine, self._cards, self._book, self._used)

    def _repricer(self) -> Repricer:
        """One with a pricer of its own: that of ``append`` is its thread's alone."""
        pricer = Pricer(self._prices, self._cards.numbers_of)
        return Repricer(self._engine, self._cards, pricer, self._book)

    def _price_what_came_before_prices(self) -> None:
        """Give a card to each event that an older version stored without one."""
        with self._engine.guard("look for events without a rate card") as cursor:
            found = cursor.execute(
                "SELECT min(time_us), max(time_us) FROM events WHERE rate_card IS NULL"
            ).fetchone()
        if found is None or found[0] is None:
            return
        first, last = (each // MICROSECONDS for each in found)
        wish = RepriceWish(
            since=first,
            until=last + 1,
            apply=True,
            who="tallybook",
            why="stored by a version that knew no prices",
        )
        self._repricer().reprice(wish, only_without_card=True)

    def _newest(self) -> RecentIdentities:
        """What is known of the newest events when the file is opened."""
        with self._engine.guard("read its newest events") as cursor:
            newest: list[Identity] = cursor.execute(_NEWEST, [IDENTITIES_KEPT]).fetchall()
        # Events as old as the last of them may have been cut off.
        floor_us = newest[-1][1] + 1 if len(newest) == IDENTITIES_KEPT else 0
        recent = RecentIdentities(floor_us)
        if newest:
            recent.add(set(newest), newest[0][1])
        return recent

    def _find(self, suspects: Collection[Identity]) -> dict[Identity, Entry]:
        """The stored entries that have one of these identities, at least one of them given."""
        with self._engine.guard("look for repeats") as cursor:
            known = _matching(cursor, _KNOWN, suspects)
            rows = _matching(cursor, _FIND, known) if known else []
        return {(row[ID], row[TIME_US]): row for row in rows}


def _matching(
    cursor: duckdb.DuckDBPyConnection, sql: str, suspects: Collection[Identity]
) -> list[Any]:
    """The rows of a statement over the stretches of time that some identities lie in."""
    ranges, bounds = time_ranges([time_us for _, time_us in suspects])
    cursor.register("suspects", identities_table(suspects))
    return cursor.execute(sql.format(ranges=ranges), bounds).fetchall()


def _by_traits(use: CardUse) -> tuple[object, ...]:
    traits = use.kept.card.traits
    named = (traits.kind, traits.provider, traits.model or "", traits.batch)
    return (*named, traits.service_tier or "", use.kept.card.above, use.first_us)
