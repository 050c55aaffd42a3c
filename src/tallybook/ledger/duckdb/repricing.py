"""Repricing: events get the rate cards that the book in force has for them.

The same pricer that prices an event when it is stored prices it again, so
there is one truth of what it costs. What changes is gathered beside the
table; only then, and only when it is wished, is it changed, together with its
record in the history, in one transaction.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import duckdb
import msgspec

from tallybook.domain.buckets import BucketWidth, Span, spans
from tallybook.domain.dimensions import CURRENCY
from tallybook.domain.entries import COLUMN_NAMES
from tallybook.domain.instants import DAY_US, MICROSECONDS
from tallybook.domain.money import DEFAULT_CURRENCY, EXACT, ZERO, divided
from tallybook.domain.queries import Condition, CostsQuery
from tallybook.domain.sheets import Sheet, Values
from tallybook.ledger.duckdb.arrow import changes_table
from tallybook.ledger.duckdb.engine import Engine
from tallybook.ledger.duckdb.rate_cards import RateCards
from tallybook.ledger.duckdb.sealer import unseal
from tallybook.ledger.ledger import Difference, RepriceWish, Repricing, RepricingRecord
from tallybook.ledger.seals.book import SealBook
from tallybook.ledger.seals.rollups import DAY, EVENTS, HOUR
from tallybook.ledger.sql.conditions import conditions_of
from tallybook.ledger.sql.costs import CostSources, parts_statement
from tallybook.ledger.sql.costs_text import cost_rows, cost_rows_statement
from tallybook.ledger.sql.sources import Source, ranges_of, whole_days
from tallybook.pricing.pricer import PRICED_BY, Pricer
from tallybook.pricing.selectors import pattern_fits

# Events that are looked at together.
_CHUNK = 50_000

_PLACES = [COLUMN_NAMES.index(name) for name in PRICED_BY]

# The events as they would be. Rows keep their place in the table: none is voided meanwhile.
_REPRICED = """(
    SELECT events.* REPLACE (coalesce(changes.rate_card, events.rate_card) AS rate_card)
    FROM events LEFT JOIN changes ON changes.place = events.rowid
)"""
_COUNTS = """\
SELECT time_us - time_us % ? AS day_us, model, count(*)
FROM events JOIN changes ON changes.place = events.rowid
GROUP BY ALL"""
_HOURS = """\
SELECT DISTINCT time_us // ? FROM events JOIN changes ON changes.place = events.rowid"""
_APPLY = """\
UPDATE events SET rate_card = changes.rate_card FROM changes WHERE changes.place = events.rowid"""
_RECORD = "INSERT INTO repricings VALUES (epoch_us(now()), ?, ?)"
_HISTORY = "SELECT at_us, wish, repricing FROM repricings ORDER BY at_us"

# A day, a model and a currency.
_Key = tuple[int, str | None, str]


class Repricer:
    """Prices stored events again. One at a time."""

    def __init__(self, engine: Engine, cards: RateCards, pricer: Pricer, book: SealBook) -> None:
        self._engine = engine
        self._cards = cards
        self._pricer = pricer
        self._book = book

    def reprice(self, wish: RepriceWish, *, only_without_card: bool = False) -> Repricing:
        """Do what is wished; with ``only_without_card`` to events that have none."""
        with (
            self._engine.guard("price events again") as reader,
            self._engine.guard("price events again") as writer,
        ):
            writer.execute("CREATE TEMP TABLE changes (place BIGINT, rate_card INTEGER)")
            query = self._query(reader, wish)
            conditions, values = _scope(query)
            if only_without_card:
                conditions += " AND rate_card IS NULL"
            events = 0
            for changes in self._changes(reader, conditions, values):
                writer.from_arrow(changes_table(changes)).insert_into("changes")
                events += len(changes)
            if not events:
                return Repricing(events=0, differences=())
            repricing = Repricing(events=events, differences=self._differences(writer, query))
            if wish.apply:
                self._apply(writer, wish, repricing)
            return repricing

    def _apply(
        self, writer: duckdb.DuckDBPyConnection, wish: RepriceWish, repricing: Repricing
    ) -> None:
        """Give the events their new cards, and unseal what was folded with the old ones."""
        hours = {
            number * HOUR.seconds
            for (number,) in writer.execute(_HOURS, [HOUR.seconds * MICROSECONDS]).fetchall()
        }
        with self._book.changing(hours) as sealed:
            # Before, and by itself: an event that comes meanwhile to one of these hours takes the
            # same seals away, and of two transactions that do, the engine refuses one.
            writer.begin()
            unseal(writer, sealed)
            writer.commit()
            writer.begin()
            writer.execute(_APPLY)
            writer.execute(_RECORD, [_text(wish), _text(repricing)])
            writer.commit()

    def history(self) -> list[RepricingRecord]:
        """What was applied, in order of time."""
        with self._engine.guard("read its history") as cursor:
            rows = cursor.execute(_HISTORY).fetchall()
        return [
            RepricingRecord(
                at_us=at_us,
                wish=msgspec.json.decode(wish, type=RepriceWish),
                repricing=msgspec.json.decode(repricing, type=Repricing),
            )
            for at_us, wish, repricing in rows
        ]

    def _query(self, cursor: duckdb.DuckDBPyConnection, wish: RepriceWish) -> CostsQuery:
        """What the events in question cost, by day, model and currency."""
        conditions: tuple[Condition, ...] = ()
        if wish.model is not None:
            models = cursor.execute("SELECT DISTINCT model FROM events WHERE model IS NOT NULL")
            named = tuple(name for (name,) in models.fetchall() if pattern_fits(wish.model, name))
            # No model of the ledger fits: a name that no event has, so that none is meant.
            conditions = (Condition("model", named or (wish.model,)),)
        return CostsQuery(
            start=wish.since,
            end=wish.until,
            width=BucketWidth.DAY,
            limit=1,
            resume=wish.since,
            group_by=("model", CURRENCY),
            conditions=conditions,
        )

    def _changes(
        self, cursor: duckdb.DuckDBPyConnection, conditions: str, values: Sequence[Any]
    ) -> Iterator[list[tuple[int, int]]]:
        """The places and new cards of the events that get another one, some at a time."""
        columns = ", ".join(PRICED_BY)
        sql = f"SELECT rowid, rate_card, {columns} FROM events WHERE {conditions}"  # noqa: S608
        cursor.execute(sql, values)
        while rows := cursor.fetchmany(_CHUNK):
            places, before, *priced_by = zip(*rows, strict=True)
            sheet: list[Values] = [None] * len(COLUMN_NAMES)
            for place, column in zip(_PLACES, priced_by, strict=True):
                sheet[place] = column
            now = self._pricer.numbers(Sheet(len(rows), tuple(sheet)))
            changes = [
                (place, new)
                for place, old, new in zip(places, before, now, strict=True)
                if old != new
            ]
            if changes:
                yield changes

    def _differences(
        self, cursor: duckdb.DuckDBPyConnection, query: CostsQuery
    ) -> tuple[Difference, ...]:
        """Old and new amounts of the days and models in which events change."""
        counts = {
            (at_us // MICROSECONDS, model): count
            for at_us, model, count in cursor.execute(_COUNTS, [DAY_US]).fetchall()
        }
        old, new = (self._amounts(cursor, query, instead) for instead in (None, _REPRICED))
        keys = old.keys() | new.keys()
        # Where nobody states a price, before or after, there is no currency to tell.
        told = {key[:2] for key in keys}
        keys |= {(*of_day, DEFAULT_CURRENCY) for of_day in counts if of_day not in told}
        return tuple(
            Difference(
                day=key[0],
                model=key[1],
                currency=key[2],
                events=counts[key[:2]],
                old=old.get(key),
                new=new.get(key),
            )
            for key in sorted(keys, key=_by_day)
            if key[:2] in counts
        )

    def _amounts(
        self, cursor: duckdb.DuckDBPyConnection, query: CostsQuery, instead: str | None
    ) -> dict[_Key, Decimal]:
        """The amounts of a query over the events, or what is read instead of them, by its keys."""
        buckets = list(spans(query.start, query.end, query.grid))
        flows = Source(EVENTS, (Span(query.start, query.end),), instead)
        stocks = Source(EVENTS, tuple(whole_days(buckets)), instead)
        sources = CostSources([flows], [], [stocks])
        parts = parts_statement(query, buckets, sources, self._cards.charges)
        statement = cost_rows_statement(query, parts, None)
        found = cursor.execute(statement.sql, statement.values).fetchall()
        amounts: dict[_Key, Decimal] = {}
        for row in cost_rows(buckets, query.group_by, found):
            if row.currency is not None and row.product is not None:
                # A day of the query may be cut short: what changes is told by whole days.
                key = (DAY.floor(row.bucket), row.keys[0], row.currency)
                amount = divided(row.product, row.stored)
                amounts[key] = EXACT.add(amounts.get(key, ZERO), amount)
        return amounts


def _scope(query: CostsQuery) -> tuple[str, list[Any]]:
    """The condition for the events of a query, and the values of its placeholders."""
    conditions = conditions_of(query.conditions)
    ranges = ranges_of((Span(query.start, query.end),))
    return ranges.sql + conditions.sql, [*ranges.values, *conditions.values]


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _by_day(key: _Key) -> tuple[Any, ...]:
    day, model, currency = key
    return day, model is None, model or "", currency
