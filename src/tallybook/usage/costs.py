"""A query of costs becomes a page: products become amounts, and amounts numbers of the wire."""

from collections import defaultdict
from collections.abc import Iterable
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
from tallybook.ledger.stopping import NEVER, Stop
from tallybook.usage.pages import Page, page_of
from tallybook.usage.results import Result


class Amount(msgspec.Struct, frozen=True):
    """An exact amount of one currency, in its major units."""

    value: Decimal
    currency: str


def costs_page(query: CostsQuery, ledger: Ledger, stop: Stop = NEVER) -> Page:
    """Answer one page of a query.

    Raises InvalidValue, ``param`` ``group_by``, when amounts in two currencies would be added.
    """
    spans = query.page_spans
    results: defaultdict[int, list[Result]] = defaultdict(list)
    rows = ledger.costs(query, spans[0].start, spans[-1].end, stop=stop)
    for (bucket, _), group in groupby(rows, key=attrgetter("bucket", "keys")):
        results[bucket].append(result_of(query, list(group)))
    return page_of(query, spans, results)


def unpriced_events(query: CostsQuery, ledger: Ledger, stop: Stop = NEVER) -> int:
    """How many events of a page have a charge that nobody prices."""
    spans = query.page_spans
    return ledger.unpriced(query, spans[0].start, spans[-1].end, stop=stop)


def result_of(query: CostsQuery, rows: list[CostRow]) -> Result:
    """The rows of one bucket and group as a result: every field of the contract, always.

    What the query groups by beyond the contract is a field of its own name.
    """
    amount = amount_of(rows)
    result: Result = {
        "object": OBJECT,
        "amount": {"value": _number(amount.value), "currency": amount.currency},
        **dict.fromkeys(CONTRACT_KEYS),
        "quantity": None,
        "quantity_unit": None,
    }
    result.update(zip(query.group_by, rows[0].keys, strict=True))
    if LINE_ITEM in query.group_by:
        unit = CHARGES[rows[0].charge].unit
        stored = sum(row.quantity for row in rows)
        result["quantity"] = _number(divided(Decimal(stored * unit.shown), unit.stored))
        result["quantity_unit"] = unit.wire_name
    return result


def amount_of(rows: Iterable[CostRow]) -> Amount:
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
    return Amount(total, next(iter(currencies), DEFAULT_CURRENCY))


def _number(value: Decimal) -> msgspec.Raw:
    """A number of the wire, written from the decimal: no float is ever made of it."""
    return msgspec.Raw(wire_number(value).encode())
