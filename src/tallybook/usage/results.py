"""Rows of sums as the result objects of the wire."""

from collections.abc import Callable
from typing import Any

from tallybook.domain.definitions import Kind, Quantity
from tallybook.domain.queries import UsageQuery
from tallybook.ledger.ledger import UsageRow

Result = dict[str, Any]


def rounded(stored: int, scale: int) -> int:
    """Stored units as whole units of the wire, half a unit up."""
    return stored if scale == 1 else (stored + scale // 2) // scale


def result_of(query: UsageQuery) -> Callable[[UsageRow], Result]:
    """A function that writes a row as a result: every field of the kind, always.

    Dimensions that the query does not group by are null (contract, section 6).
    """
    kind = query.kind
    sums = [_sum_of(kind, quantity) for quantity in kind.wire_quantities]
    blank: Result = dict.fromkeys(kind.dimensions)

    def write(row: UsageRow) -> Result:
        result: Result = {"object": kind.object}
        for name, places, scale in sums:
            result[name] = rounded(sum(row.counts[place] for place in places), scale)
        result.update(blank)
        result.update(zip(query.group_by, row.keys, strict=True))
        return result

    return write


def _sum_of(kind: Kind, quantity: Quantity) -> tuple[str, tuple[int, ...], int]:
    """A quantity's name, the places of its parts among the kind's columns, and its scale."""
    return (
        quantity.name,
        tuple(kind.columns.index(column) for column in quantity.columns),
        quantity.scale,
    )
