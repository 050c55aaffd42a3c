"""A query of costs becomes a page: products become amounts, and amounts numbers of the wire."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

import msgspec

from tallybook.domain.costs import CONTRACT_KEYS, OBJECT
from tallybook.domain.dimensions import LINE_ITEM
from tallybook.domain.errors import InvalidValue
from tallybook.domain.kinds import CHARGES
from tallybook.domain.money import DEFAULT_CURRENCY, EXACT, ZERO, divided, wire_number
from tallybook.domain.queries import CostsQuery
from tallybook.ledger.ledger import CostRow, Ledger
from tallybook.ledger.sql.row_text import (
    Amount,
    Currency,
    Key,
    Other,
    Quantity,
    QuantityUnit,
    RowText,
    Slot,
)
from tallybook.ledger.stopping import NEVER, Stop
from tallybook.usage.dialects import Dialect
from tallybook.usage.pages import page_text
from tallybook.usage.results import json_text, ranked_keys, row_text


class Bill(msgspec.Struct, frozen=True):
    """An exact amount of one currency, in its major units."""

    value: Decimal
    currency: str


def costs_page(query: CostsQuery, dialect: Dialect, ledger: Ledger, stop: Stop = NEVER) -> bytes:
    """One page of a query, as JSON.

    Raises InvalidValue, ``param`` ``group_by``, when amounts in two currencies would be added.
    """
    spans = query.page_spans
    rows = ledger.costs(query, spans, costs_row(query), stop=stop)
    if rows is None:
        rows = _rows_by_value(query, ledger.cost_rows(query, spans, stop=stop))
    return page_text(query, spans, rows, dialect)


def unpriced_events(query: CostsQuery, ledger: Ledger, stop: Stop = NEVER) -> int:
    """How many events of a page have a charge that nobody prices."""
    return ledger.unpriced(query, query.page_spans, stop=stop)


def costs_row(query: CostsQuery) -> RowText:
    """A row of costs: every field of the contract, always.

    What the query groups by beyond the contract is a field of its own name.
    """
    by_line = LINE_ITEM in query.group_by
    return row_text(
        {
            "object": OBJECT,
            "amount": {"value": Amount(), "currency": Currency()},
            **dict.fromkeys(CONTRACT_KEYS),
            "quantity": Quantity() if by_line else None,
            "quantity_unit": QuantityUnit() if by_line else None,
            **ranked_keys(query),
        }
    )


def _rows_by_value(query: CostsQuery, rows: Iterable[CostRow]) -> dict[int, str]:
    """Rows of costs as ``Ledger.costs`` gives them, made one by one."""
    row = costs_row(query)
    found: defaultdict[int, list[tuple[bool, Decimal, str]]] = defaultdict(list)
    for (bucket, _, other), group in groupby(rows, key=attrgetter("bucket", "keys", "other")):
        parts = list(group)
        bill = amount_of(parts)
        slots = _slots(query, parts, bill)
        text = "".join(piece if isinstance(piece, str) else slots[piece] for piece in row)
        found[bucket].append((other, bill.value, text))
    if query.order_by is not None:
        for results in found.values():
            results.sort(key=lambda each: (each[0], -each[1]))
    return {bucket: ",".join(text for _, _, text in results) for bucket, results in found.items()}


def _slots(query: CostsQuery, rows: Sequence[CostRow], bill: Bill) -> dict[Slot, str]:
    """What fills the slots of a row: its parts, all of one bucket and group, and their sum."""
    first = rows[0]
    slots: dict[Slot, str] = {
        Amount(): wire_number(bill.value),
        Currency(): json_text(bill.currency),
        Quantity(): json_text(None),
        QuantityUnit(): json_text(None),
        Other(): json_text(first.other),
    }
    slots |= {
        Key(name): json_text(key) for name, key in zip(query.group_by, first.keys, strict=True)
    }
    # What the rest has is counted in different units.
    if LINE_ITEM in query.group_by and first.charge is not None and not first.other:
        unit = CHARGES[first.charge].unit
        stored = sum(row.quantity for row in rows)
        slots[Quantity()] = wire_number(divided(Decimal(stored * unit.shown), unit.stored))
        slots[QuantityUnit()] = json_text(unit.wire_name)
    return slots


def amount_of(rows: Iterable[CostRow]) -> Bill:
    """The sum of some rows; what nobody prices adds nothing.

    Raises InvalidValue, ``param`` ``group_by``, for rows of two currencies.
    """
    total = ZERO
    currencies: set[str] = set()
    for row in rows:
        if row.currency is not None and row.product is not None:
            currencies.add(row.currency)
            total = EXACT.add(total, divided(row.product, row.stored))
    if len(currencies) > 1:
        first, *others = sorted(currencies)
        raise InvalidValue(
            f"A bucket has costs in {first} and {', '.join(others)}, which are never added up."
            f" Group by currency (group_by=currency) or by what tells them apart, or ask for one of"
            f" them (currencies={first}).",
            param="group_by",
        )
    return Bill(total, next(iter(currencies), DEFAULT_CURRENCY))
