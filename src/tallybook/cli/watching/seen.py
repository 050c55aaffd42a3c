"""What one look at a ledger saw: the last minutes of a kind by group, and the costs of today."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from tallybook.cli.names import NONE, Names
from tallybook.domain.definitions import Kind
from tallybook.domain.dimensions import CURRENCY, OTHER
from tallybook.usage.pages import Bucket, Result

# Amounts by currency: they are never added up.
Money = Mapping[str, Decimal]


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A group's sums over the last minutes, its course minute by minute, and its costs of today.

    ``keys`` are its values of the dimensions, none of what is left beside the
    largest groups. ``costs`` is None where they were not told apart.
    """

    keys: tuple[Any, ...] | None
    sums: Mapping[str, int]
    course: tuple[int, ...]
    costs: Money | None


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A look at ``at``, in Unix seconds: the largest groups, the sum of all, the costs of today."""

    at: int
    groups: Sequence[Group]
    total: Group
    # Events of today with a charge that nobody prices.
    unpriced: int
    names: Names = NONE


class _Tally(msgspec.Struct):
    """What a group adds up to so far."""

    sums: defaultdict[str, int]
    course: list[int]


def shown_quantities(kind: Kind) -> tuple[str, ...]:
    """What is shown of a kind: requests, if it has any, and what each event of it must have."""
    required = {quantity.name for quantity in kind.wire_quantities if quantity.required}
    return tuple(name for name in kind.rankings if name in required)


def seen(
    at: int,
    kind: Kind,
    group_by: Sequence[str],
    minutes: Sequence[Bucket],
    *,
    today: Sequence[Bucket],
    unpriced: int,
) -> Seen:
    """What the pages of a kind's last minutes and of the costs of today say together."""
    names = shown_quantities(kind)
    tallies: dict[tuple[Any, ...] | None, _Tally] = {}
    whole = _Tally(defaultdict(int), [0] * len(minutes))
    for place, bucket in enumerate(minutes):
        for result in bucket.results:
            tally = tallies.setdefault(
                _keys(result, group_by), _Tally(defaultdict(int), [0] * len(minutes))
            )
            for each in (tally, whole):
                each.course[place] += result[names[0]] or 0
                for name in names:
                    each.sums[name] += result[name] or 0
    costs, total = _costs(today, group_by)
    # Of a group beyond the dearest that were told apart nothing is known.
    unknown: Money | None = None if None in costs else {}
    groups = [
        Group(
            keys=keys,
            sums=dict(tally.sums),
            course=tuple(tally.course),
            costs=None if keys is None else costs.get(keys, unknown),
        )
        for keys, tally in sorted(
            tallies.items(), key=lambda each: _rank(each[0], each[1].sums[names[0]])
        )
    ]
    everything = Group(keys=None, sums=dict(whole.sums), course=tuple(whole.course), costs=total)
    return Seen(at=at, groups=groups, total=everything, unpriced=unpriced)


def _keys(result: Result, group_by: Sequence[str]) -> tuple[Any, ...] | None:
    return None if result.get(OTHER) else tuple(result[name] for name in group_by)


def _costs(
    today: Sequence[Bucket], group_by: Sequence[str]
) -> tuple[dict[tuple[Any, ...] | None, dict[str, Decimal]], dict[str, Decimal]]:
    """Costs by group, and of all of them; under None those that were not told apart."""
    costs: dict[tuple[Any, ...] | None, dict[str, Decimal]] = {}
    total: defaultdict[str, Decimal] = defaultdict(Decimal)
    for bucket in today:
        for result in bucket.results:
            amount, currency = Decimal(result["amount"]["value"]), result["amount"][CURRENCY]
            group = costs.setdefault(_keys(result, group_by), defaultdict(Decimal))
            group[currency] += amount
            total[currency] += amount
    return costs, dict(total)


def _rank(keys: tuple[Any, ...] | None, sum_: int) -> tuple[bool, int, str]:
    """The largest first, and what is left last."""
    return keys is None, -sum_, str(keys)
