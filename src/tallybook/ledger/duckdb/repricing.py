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

from tallybook.domain.buckets import BucketWidth
from tallybook.domain.dimensions import CURRENCY
from tallybook.domain.entries import COLUMN_NAMES
from tallybook.domain.instants import DAY_US, MICROSECONDS
from tallybook.domain.money import DEFAULT_CURRENCY, EXACT, ZERO, divided
from tallybook.domain.queries import Condition, CostsQuery
from tallybook.domain.sheets import Sheet, Values
from tallybook.ledger.costs_sql import conditions_of, costs_statement
from tallybook.ledger.duckdb.arrow import changes_table
from tallybook.ledger.duckdb.engine import Engine
from tallybook.ledger.duckdb.rate_cards import RateCards
from tallybook.ledger.ledger import Difference, RepriceWish, Repricing, RepricingRecord
from tallybook.pricing.pricer import PRICED_BY, Pricer
from tallybook.pricing.selectors import pattern_fits

# Events that are looked at together.
_CHUNK = 50_000

_PLACES = [COLUMN_NAMES.index(name) for name in PRICED_BY]

# The events as they would be. Rows keep their place in the table, since none is ever deleted.
_REPRICED = """(
    SELECT events.* REPLACE (coalesce(changes.rate_card, events.rate_card) AS rate_card)
    FROM events LEFT JOIN changes ON changes.place = events.rowid
)"""
_COUNTS = """\
SELECT time_us - time_us % ? AS day_us, model, count(*)
FROM events JOIN changes ON changes.place = events.rowid
GROUP BY ALL"""
_APPLY = """\
UPDATE events SET rate_card = changes.rate_card FROM changes WHERE changes.place = events.rowid"""
_RECORD = "INSERT INTO repricings VALUES (epoch_us(now()), ?, ?)"
_HISTORY = "SELECT at_us, wish, repricing FROM repricings ORDER BY at_us"

# A day, a model and a currency.
_Key = tuple[int, str | None, str]


class Repricer:
    """Prices stored events again. One at a time."""

    def __init__(self, engine: Engine, cards: RateCards, pricer: Pricer) -> None:
        self._engine = engine
        self._cards = cards
        self._pricer = pricer

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
                writer.begin()
                writer.execute(_APPLY)
                writer.execute(_RECORD, [_text(wish), _text(repricing)])
                writer.commit()
            return repricing

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
        old, new = (self._amounts(cursor, query, events) for events in ("events", _REPRICED))
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
        self, cursor: duckdb.DuckDBPyConnection, query: CostsQuery, events: str
    ) -> dict[_Key, Decimal]:
        """The amounts of a query over a relation of events, by its keys."""
        statement = costs_statement(query, query.start, query.end, self._cards.charges, events)
        amounts: dict[_Key, Decimal] = {}
        for row in cursor.execute(statement.sql, statement.values).fetchall():
            at_us, model, currency, stored, _, _, product = row
            if currency is not None:
                key = (at_us // MICROSECONDS, model, currency)
                amount = divided(product, stored)
                amounts[key] = EXACT.add(amounts.get(key, ZERO), amount)
        return amounts


def _scope(query: CostsQuery) -> tuple[str, list[Any]]:
    """The condition for the events of a query, and the values of its placeholders."""
    text, values = conditions_of(query.conditions)
    span = [query.start * MICROSECONDS, query.end * MICROSECONDS]
    return f"time_us >= ? AND time_us < ?{text}", [*span, *values]


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _by_day(key: _Key) -> tuple[Any, ...]:
    day, model, currency = key
    return day, model is None, model or "", currency
