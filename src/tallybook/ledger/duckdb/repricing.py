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
from tallybook.domain.instants import MICROSECONDS
from tallybook.domain.money import DEFAULT_CURRENCY, EXACT, ZERO, divided
from tallybook.domain.queries import Condition, CostsQuery
from tallybook.domain.sheets import Sheet, Values
from tallybook.ledger.costs_sql import costs_statement
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
            conditions, values = self._scope(reader, wish)
            if only_without_card:
                conditions += " AND rate_card IS NULL"
            events = 0
            for changes in self._changes(reader, conditions, values):
                writer.from_arrow(changes_table(changes)).insert_into("changes")
                events += len(changes)
            if not events:
                return Repricing(events=0, differences=())
            repricing = Repricing(events=events, differences=self._differences(writer, wish))
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

    def _scope(self, cursor: duckdb.DuckDBPyConnection, wish: RepriceWish) -> tuple[str, list[Any]]:
        """The condition for the events in question, and the values of its placeholders."""
        text = "time_us >= ? AND time_us < ?"
        values: list[Any] = [wish.since * MICROSECONDS, wish.until * MICROSECONDS]
        for condition in self._conditions(cursor, wish):
            text += f" AND {condition.dimension} IN ({', '.join('?' for _ in condition.values)})"
            values.extend(condition.values)
        return text, values

    def _conditions(
        self, cursor: duckdb.DuckDBPyConnection, wish: RepriceWish
    ) -> tuple[Condition, ...]:
        """The models that are meant; no condition when all are."""
        if wish.model is None:
            return ()
        models = cursor.execute("SELECT DISTINCT model FROM events WHERE model IS NOT NULL")
        named = tuple(model for (model,) in models.fetchall() if pattern_fits(wish.model, model))
        # No model of the ledger fits: a name that no event has, so that none is meant.
        return (Condition("model", named or (wish.model,)),)

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
        self, cursor: duckdb.DuckDBPyConnection, wish: RepriceWish
    ) -> tuple[Difference, ...]:
        """Old and new amounts of the days and models in which events change."""
        day_us = BucketWidth.DAY.seconds * MICROSECONDS
        counts = {
            (at_us // MICROSECONDS, model): count
            for at_us, model, count in cursor.execute(_COUNTS, [day_us]).fetchall()
        }
        old, new = (self._amounts(cursor, wish, events) for events in ("events", _REPRICED))
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
        self, cursor: duckdb.DuckDBPyConnection, wish: RepriceWish, events: str
    ) -> dict[_Key, Decimal]:
        """The costs of the events in question by day, model and currency."""
        query = CostsQuery(
            start=wish.since,
            end=wish.until,
            width=BucketWidth.DAY,
            limit=1,
            resume=wish.since,
            group_by=("model", CURRENCY),
            conditions=self._conditions(cursor, wish),
        )
        statement = costs_statement(query, wish.since, wish.until, self._cards.charges, events)
        amounts: dict[_Key, Decimal] = {}
        for row in cursor.execute(statement.sql, statement.values).fetchall():
            at_us, model, currency, stored, _, _, product = row
            if currency is not None:
                key = (at_us // MICROSECONDS, model, currency)
                amount = divided(product, stored)
                amounts[key] = EXACT.add(amounts.get(key, ZERO), amount)
        return amounts


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _by_day(key: _Key) -> tuple[Any, ...]:
    day, model, currency = key
    return day, model is None, model or "", currency
