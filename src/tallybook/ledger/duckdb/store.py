"""The ledger on DuckDB."""

import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from tallybook.domain.definitions import Fold
from tallybook.domain.dimensions import STOCK_IDENTITY
from tallybook.domain.entries import COLUMN_NAMES, ID, KIND, TIME_US, Entry
from tallybook.domain.errors import PricesRefused
from tallybook.domain.instants import DAY_US, MICROSECONDS
from tallybook.domain.kinds import KINDS
from tallybook.domain.queries import CostsQuery, UsageQuery
from tallybook.domain.sheets import Identity, joined
from tallybook.ledger.clusters import clusters
from tallybook.ledger.costs_sql import cost_rows, costs_statement, unpriced_statement
from tallybook.ledger.duckdb.arrow import identities_table
from tallybook.ledger.duckdb.engine import Engine, EngineSettings
from tallybook.ledger.duckdb.rate_cards import RateCards
from tallybook.ledger.duckdb.repricing import Repricer
from tallybook.ledger.duckdb.writer import Writer
from tallybook.ledger.judge import judge, suspects_of
from tallybook.ledger.ledger import (
    Appended,
    CardUse,
    CostRow,
    Lot,
    PricedEvent,
    RepriceWish,
    Repricing,
    RepricingRecord,
    UsageRow,
)
from tallybook.ledger.recent import IDENTITIES_KEPT, RecentIdentities
from tallybook.ledger.stopping import NEVER, Stop
from tallybook.ledger.usage_sql import usage_statement
from tallybook.pricing.pricer import Pricer
from tallybook.pricing.source import PriceSource

# Column names are constants of the table of kinds; nothing else is put into SQL.
_COLUMN_LIST = ", ".join(COLUMN_NAMES)

# One branch for each stretch of time: the bounds let the engine skip the rest of the table.
_FIND = f"""\
SELECT {_COLUMN_LIST}
FROM events SEMI JOIN suspects USING (id, time_us)
WHERE time_us BETWEEN ? AND ?"""  # noqa: S608

_WITH_ID = f"""\
SELECT {_COLUMN_LIST}, rate_card FROM events WHERE id = ? ORDER BY time_us"""  # noqa: S608

_CARDS_IN_USE = """\
SELECT rate_card, count(*), min(time_us), max(time_us) FROM events GROUP BY rate_card"""

# The sample of a thing that its day is charged for: see ``ledger/costs_sql.py``.
_LARGEST = f"""\
SELECT time_us, id FROM events
WHERE kind = ? AND time_us >= ? AND time_us < ?
    AND {" AND ".join(f"{name} IS NOT DISTINCT FROM ?" for name in STOCK_IDENTITY)}
ORDER BY usage_bytes DESC, time_us, id
LIMIT 1"""  # noqa: S608

_NEWEST = "SELECT id, time_us FROM events ORDER BY time_us DESC LIMIT ?"


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
        self._repricing = threading.Lock()
        self._price_what_came_before_prices()

    def append(self, lots: Sequence[Lot]) -> list[Appended]:
        """Store what is new in one transaction.

        1. Find the stored events that share an identity with one of the lots.
        2. Judge every entry: new, repeat, or conflict.
        3. Find the rate card of each new one. A card that is needed for the
           first time is on disk before an event names it; a crash between the
           two leaves a card without events, which costs nothing.
        4. Insert the new ones and commit. When this returns, they are on disk.
           When it raises, they may be all the same: a fault can come after the
           log was written. What is recent is then read from the file again.
        5. Remember them as recent. A crash before this loses only memory.
        """
        if self._recent is None:
            self._recent = self._newest()
        suspects = suspects_of(lots, self._recent)
        stored = self._find(suspects.late) if suspects.late else {}
        fresh, answers = judge(lots, suspects, stored)
        if fresh:
            sheet = joined(fresh)
            rate_cards = self._pricer.numbers(sheet)
            recent, self._recent = self._recent, None
            self._writer.insert(sheet, rate_cards)
            recent.add(suspects.distinct, suspects.latest_us)
            self._recent = recent
        return answers

    def usage(
        self, query: UsageQuery, start: int, end: int, *, stop: Stop = NEVER
    ) -> list[UsageRow]:
        """The sums of ``[start, end)`` by bucket and group, in the wire's order of rows."""
        statement = usage_statement(query, start, end)
        with self._engine.guard("answer a query", stop) as cursor:
            rows = cursor.execute(statement.sql, statement.values).fetchall()
        keys_end = 1 + len(query.group_by)
        return [UsageRow(row[0] // MICROSECONDS, row[1:keys_end], row[keys_end:]) for row in rows]

    def costs(
        self, query: CostsQuery, start: int, end: int, *, stop: Stop = NEVER
    ) -> list[CostRow]:
        """The costs of ``[start, end)`` by bucket and group, in the wire's order of rows."""
        charges = self._cards.charges
        if not charges:
            return []
        statement = costs_statement(query, start, end, charges)
        with self._engine.guard("answer a query", stop) as cursor:
            rows = cursor.execute(statement.sql, statement.values).fetchall()
        return cost_rows(query, rows)

    def unpriced(self, query: CostsQuery, start: int, end: int, *, stop: Stop = NEVER) -> int:
        """How many events of ``[start, end)`` have a charge that nobody prices."""
        statement = unpriced_statement(query, start, end, self._cards.unpriced)
        if statement is None:
            return 0
        with self._engine.guard("answer a query", stop) as cursor:
            row = cursor.execute(statement.sql, statement.values).fetchone()
        return row[0] if row else 0

    def seal_of(self, start: int, end: int) -> str | None:  # noqa: ARG002 - the protocol's
        """Nothing is sealed yet, so any range may be answered differently the next time."""
        return None

    def cards(self, *, stop: Stop = NEVER) -> list[CardUse]:
        """The rate cards that events have, by kind, provider and model."""
        with self._engine.guard("answer a query", stop) as cursor:
            rows = cursor.execute(_CARDS_IN_USE).fetchall()
        uses = [CardUse(self._cards.kept(number), *counts) for number, *counts in rows]
        return sorted(uses, key=_by_traits)

    def find(self, event_id: str, *, stop: Stop = NEVER) -> list[PricedEvent]:
        """The stored events with an id, by time; one id may have several."""
        with self._engine.guard("look for an event", stop) as cursor:
            rows = cursor.execute(_WITH_ID, [event_id]).fetchall()
            return [
                PricedEvent(row[:-1], self._cards.kept(row[-1]), self._is_charged(cursor, row))
                for row in rows
            ]

    def reprice(self, wish: RepriceWish) -> Repricing:
        """Give events the rate cards that the book in force has for them, or say which would.

        Raises PricesRefused when the price file cannot be used.
        """
        self._prices.book()
        if self._prices.fault:
            raise PricesRefused(f"Nothing was priced again: {self._prices.fault}")
        with self._repricing:
            return self._repricer().reprice(wish)

    def repricings(self) -> list[RepricingRecord]:
        """Every repricing that was applied, in order of time."""
        return self._repricer().history()

    def check(self) -> None:
        """Return when the engine answers."""
        with self._engine.guard("answer a check") as cursor:
            cursor.execute("SELECT 1").fetchone()

    def close(self) -> None:
        """Work everything into the main file and let go of it."""
        self._writer.close()
        self._engine.close()

    def _repricer(self) -> Repricer:
        """One with a pricer of its own: that of ``append`` is its thread's alone."""
        return Repricer(self._engine, self._cards, Pricer(self._prices, self._cards.numbers_of))

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

    def _is_charged(self, cursor: duckdb.DuckDBPyConnection, row: Entry) -> bool:
        """Whether an event is charged: a sample of a stock only if its day has no larger one."""
        if KINDS[row[KIND]].fold is not Fold.STOCK:
            return True
        named = dict(zip(COLUMN_NAMES, row, strict=False))
        midnight = named["time_us"] - named["time_us"] % DAY_US
        thing = [named[name] for name in STOCK_IDENTITY]
        values = [named["kind"], midnight, midnight + DAY_US, *thing]
        largest = cursor.execute(_LARGEST, values).fetchone()
        return largest == (named["time_us"], named["id"])

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

    def _find(self, suspects: Iterable[Identity]) -> dict[Identity, Entry]:
        """The stored entries that have one of these identities, at least one of them given."""
        spans = clusters(time_us for _, time_us in suspects)
        sql = "\nUNION ALL\n".join([_FIND] * len(spans))
        with self._engine.guard("look for repeats") as cursor:
            cursor.register("suspects", identities_table(suspects))
            rows: list[Entry] = cursor.execute(
                sql, [bound for span in spans for bound in span]
            ).fetchall()
        return {(row[ID], row[TIME_US]): row for row in rows}


def _by_traits(use: CardUse) -> tuple[object, ...]:
    traits = use.kept.card.traits
    named = (traits.kind, traits.provider, traits.model or "", traits.batch)
    return (*named, traits.service_tier or "", use.kept.card.above, use.first_us)
