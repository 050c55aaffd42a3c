"""A query of costs as one SQL statement: quantities summed per rate card, joined with its rates.

Every value is bound; every identifier comes from the tables of kinds and
charges. The statement keeps to what both engines speak, but for how a tag is
read.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import msgspec

from tallybook.domain.charges import Charge
from tallybook.domain.definitions import Fold
from tallybook.domain.dimensions import CURRENCY, LINE_ITEM, STOCK_IDENTITY, TAG_PREFIX
from tallybook.domain.instants import DAY_US, MICROSECONDS
from tallybook.domain.kinds import KINDS
from tallybook.domain.queries import Condition, CostsQuery
from tallybook.ledger.ledger import CostRow
from tallybook.ledger.statement import Statement

_STOCKS = tuple(kind.name for kind in KINDS.values() if kind.fold is Fold.STOCK)
_OF_STOCKS = frozenset(charge.name for name in _STOCKS for charge in KINDS[name].charges)
_PLACES = ", ".join("?" for _ in _STOCKS)

# What belongs to a line of a card, and not to the event.
_OF_LINES = (LINE_ITEM, CURRENCY)

# Buckets by their number: grouping by a small one takes the engine a tenth less of the time.
_BUCKET = "((time_us - ?) // {width})::INTEGER"

# A flow is charged by the event; a stock by the day, for the largest sample of each thing, at
# the moment of that sample. So a cost is a sum of charges however it is cut into buckets.
_STATEMENT = """\
WITH charged AS (
    SELECT {bucket} AS bucket{keys}, rate_card, {flow_sums}
    FROM {events}
    WHERE kind NOT IN ({stocks}) AND time_us >= ? AND time_us < ?{conditions}
    GROUP BY ALL
    UNION ALL
    SELECT {bucket} AS bucket{keys}, rate_card, {stock_sums}
    FROM {samples}
    WHERE place = 1 AND time_us >= ? AND time_us < ?{conditions}
    GROUP BY ALL
), lines AS (
    SELECT charged.*, charge, line_item, currency, stored, unit_price,
        CASE charge {quantities} END AS quantity
    FROM charged JOIN rates USING (rate_card)
)
SELECT bucket::BIGINT * {width} + ? AS bucket_us, {selected}stored, min(charge) AS charge,
    sum(quantity) AS quantity, sum(quantity * unit_price) AS amount
FROM lines
WHERE quantity > 0{line_conditions}
GROUP BY {group_by}
ORDER BY {order}"""

# The samples of stocks with their places among those of their thing and day, the charged first.
_SAMPLES = """(
        SELECT *, row_number() OVER (
            PARTITION BY {thing}, time_us - time_us % {day}
            ORDER BY usage_bytes DESC, time_us, id
        ) AS place
        FROM {events}
        WHERE kind IN ({stocks}) AND time_us >= ? AND time_us < ?
    )"""

# How many events have a charge that nobody prices: by the cards that have such charges.
_UNPRICED_FLOWS = """\
SELECT count(*) AS events
FROM events
WHERE time_us >= ? AND time_us < ?{conditions} AND ({unpriced})"""
_UNPRICED_STOCKS = """\
SELECT count(*) AS events
FROM {samples}
WHERE place = 1 AND time_us >= ? AND time_us < ?{conditions} AND ({unpriced})"""


def costs_statement(
    query: CostsQuery, start: int, end: int, charges: Sequence[Charge], events: str = "events"
) -> Statement:
    """The statement for the costs of ``[start, end)``, in Unix seconds.

    ``charges`` are those, at least one, that any rate card has; ``events`` is
    the relation to read. Its columns are the bucket's start in microseconds,
    the keys, the currency (unless it is one of them), how many stored units
    make the priced one, the name of a charge, the quantity in stored units,
    and the product of quantity and unit price; ``cost_rows`` reads them. Rows
    are in the wire's order. Where nobody prices a line, its currency and its
    product are null.
    """
    keys, key_values = _keys(query.group_by)
    conditions, condition_values = conditions_of(
        each for each in query.conditions if each.dimension not in _OF_LINES
    )
    line_conditions, line_values = conditions_of(
        each for each in query.conditions if each.dimension in _OF_LINES
    )
    width_us = query.width.seconds * MICROSECONDS
    names = [_alias(place, name) for place, name in enumerate(query.group_by)]
    sql = _STATEMENT.format(
        bucket=_BUCKET.format(width=width_us),
        width=width_us,
        keys=keys,
        events=events,
        flow_sums=_sums(charges, of_stocks=False),
        stock_sums=_sums(charges, of_stocks=True),
        stocks=_PLACES,
        samples=_samples(events),
        conditions=conditions,
        quantities=" ".join(f"WHEN '{each.name}' THEN {_sum(each)}" for each in charges),
        line_conditions=line_conditions,
        selected="".join(f"{name}, " for name in dict.fromkeys((*names, CURRENCY))),
        group_by=", ".join(dict.fromkeys(("bucket", *names, CURRENCY, "stored"))),
        order=", ".join(("bucket", *(f"{name} NULLS LAST" for name in names))),
    )
    origin = query.width.floor(start) * MICROSECONDS
    span = (start * MICROSECONDS, end * MICROSECONDS)
    values = (
        *(origin, *key_values, *_STOCKS, *span, *condition_values),
        *(origin, *key_values, *_sample_values(span), *span, *condition_values),
        *(origin, *line_values),
    )
    return Statement(sql, values)


class UnpricedLine(msgspec.Struct, frozen=True):
    """A line of a rate card for which nobody states a price."""

    charge: Charge
    rate_card: int
    line_item: str


def unpriced_statement(
    query: CostsQuery, start: int, end: int, unpriced: Iterable[UnpricedLine]
) -> Statement | None:
    """The statement for the number of events of ``[start, end)`` that are not priced in full.

    ``unpriced`` are the lines of all cards that have no price. None when the
    query asks for none of them.
    """
    conditions, values = conditions_of(
        each for each in query.conditions if each.dimension not in _OF_LINES
    )
    of_lines = [each for each in query.conditions if each.dimension in _OF_LINES]
    missing: defaultdict[int, list[Charge]] = defaultdict(list)
    for line in unpriced:
        # It has no currency that could be asked for.
        own = {LINE_ITEM: line.line_item}
        if all(own.get(each.dimension) in each.values for each in of_lines):
            missing[line.rate_card].append(line.charge)
    # Cards that lack the same prices, together: those of unknown models are many, and all alike.
    alike: defaultdict[tuple[Charge, ...], list[int]] = defaultdict(list)
    for card, charges in missing.items():
        alike[tuple(charges)].append(card)
    span = (start * MICROSECONDS, end * MICROSECONDS)
    parts, bound = [], []
    for template, of_stocks in ((_UNPRICED_FLOWS, False), (_UNPRICED_STOCKS, True)):
        among = {
            charges: cards
            for charges, cards in alike.items()
            if (charges[0].name in _OF_STOCKS) is of_stocks
        }
        if among:
            either = " OR ".join(map(_lacks, among.keys(), among.values()))
            parts.append(
                template.format(samples=_samples("events"), conditions=conditions, unpriced=either)
            )
            bound += [*(_sample_values(span) if of_stocks else ()), *span, *values]
            bound += chain.from_iterable(among.values())
    if not parts:
        return None
    union = "\nUNION ALL\n".join(parts)
    return Statement(f"SELECT sum(events)::BIGINT FROM (\n{union}\n)", tuple(bound))  # noqa: S608


def _lacks(charges: Iterable[Charge], cards: Sequence[int]) -> str:
    """The condition of events that owe for one of the charges, by one of so many cards."""
    owes = " OR ".join(f"{_quantity(charge)} > 0" for charge in charges)
    return f"(rate_card IN ({', '.join('?' for _ in cards)}) AND ({owes}))"


def cost_rows(query: CostsQuery, rows: Iterable[tuple[Any, ...]]) -> list[CostRow]:
    """What the statement answered, as values: currency stands with the keys when it is one."""
    keys_end = 1 + len(query.group_by)
    if CURRENCY not in query.group_by:
        return [CostRow(row[0] // MICROSECONDS, row[1:keys_end], *row[keys_end:]) for row in rows]
    place = 1 + query.group_by.index(CURRENCY)
    return [
        CostRow(row[0] // MICROSECONDS, row[1:keys_end], row[place], *row[keys_end:])
        for row in rows
    ]


def _samples(events: str) -> str:
    """The samples of stocks as a relation."""
    return _SAMPLES.format(
        events=events, thing=", ".join(STOCK_IDENTITY), day=DAY_US, stocks=_PLACES
    )


def _sample_values(span: tuple[int, int]) -> tuple[Any, ...]:
    """The values of its placeholders: which sample is the largest is decided by whole days."""
    return (*_STOCKS, span[0] - span[0] % DAY_US, span[1] + -span[1] % DAY_US)


def _quantity(charge: Charge) -> str:
    """What an event owes for, in stored units."""
    if charge.less is None:
        return charge.column
    return f"greatest({charge.column} - {charge.less}, 0)"


def _sums(charges: Iterable[Charge], *, of_stocks: bool) -> str:
    """The sums of one branch: a kind of the other one has nothing to add, so it is not read."""
    return ", ".join(
        f"sum({_quantity(each)}) AS {_sum(each)}"
        if (each.name in _OF_STOCKS) is of_stocks
        else f"NULL AS {_sum(each)}"
        for each in charges
    )


def _sum(charge: Charge) -> str:
    """The name of a charge's sum among the statement's columns."""
    return f"{charge.name}_sum"


def _alias(place: int, name: str) -> str:
    """The name of a key among the statement's columns; a tag's may be any text, so it has none."""
    return name if name in _OF_LINES else f"key_{place}"


def _keys(group_by: Sequence[str]) -> tuple[str, list[str]]:
    """The keys that events have, each after a comma, and the values of their placeholders."""
    keys = ""
    values: list[str] = []
    for place, name in enumerate(group_by):
        if name not in _OF_LINES:
            expression, bound = _dimension(name)
            keys += f", {expression} AS {_alias(place, name)}"
            values.extend(bound)
    return keys, values


def _dimension(name: str) -> tuple[str, list[str]]:
    """A dimension as an expression over events, and the values of its placeholders."""
    if not name.startswith(TAG_PREFIX):
        return name, []
    # A pointer (RFC 6901), in which no character of a tag's name means anything else.
    pointer = name.removeprefix(TAG_PREFIX).replace("~", "~0").replace("/", "~1")
    return "json_extract_string(tags, ?)", [f"/{pointer}"]


def conditions_of(conditions: Iterable[Condition]) -> tuple[str, list[Any]]:
    """The conditions, each after an AND, and the values of their placeholders."""
    text = ""
    values: list[Any] = []
    for condition in conditions:
        expression, bound = _dimension(condition.dimension)
        places = ", ".join("?" for _ in condition.values)
        text += f" AND {expression} IN ({places})"
        values.extend((*bound, *condition.values))
    return text, values
