"""Costs as rows that the engine writes: amounts by whole numbers, halves to the even digit.

Parts of a row that are divided by different numbers (a token's price by one,
an hour's by its microseconds) are brought to one denominator first, so that
the row's amount is rounded once. A row that is too large for that, or that has
two currencies, has no text: then the page is made of ``CostRow`` values.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from math import lcm
from typing import Any

from tallybook.domain.buckets import Span
from tallybook.domain.charges import UNIT_PRICE_DECIMALS, Charge
from tallybook.domain.dimensions import CURRENCY, OTHER
from tallybook.domain.money import DEFAULT_CURRENCY, EXACT, WIRE_DECIMALS
from tallybook.domain.queries import CostsQuery
from tallybook.ledger.ledger import CostRow
from tallybook.ledger.seals.rollups import PRODUCT
from tallybook.ledger.sql.conditions import aliases, row_order
from tallybook.ledger.sql.ranking import Ranking, ranked
from tallybook.ledger.sql.row_text import (
    Amount,
    Currency,
    Key,
    Other,
    Quantity,
    QuantityUnit,
    RowText,
    Slot,
    joined_rows,
    json_value,
    number_text,
    rounded_quotient,
    text_of,
)
from tallybook.ledger.sql.statement import Statement

# What the engine's whole numbers hold (below 2^127), for the sum of a row's three parts.
_WHOLE_MAX = 10**38 // 2
_WIRE_SCALE = 10**WIRE_DECIMALS

# A row's parts are added in one unit: 10^-15 over the common denominator.
_ROWS = """\
SELECT bucket, {names}{other}, min(charge) AS charge, sum(quantity) AS quantity,
        min(currency) AS currency, min(currency) IS DISTINCT FROM max(currency) AS is_mixed,
        bool_and(stored = 1) AS is_plain, coalesce(sum(product), 0) AS plain,
        bool_and(coalesce(product, 0) <= {product_max}) AS is_small,
        coalesce(sum(CASE WHEN product <= {product_max} THEN product * {factor} END), 0) AS amount
    FROM {parts}
    GROUP BY ALL"""

# Step by step, since the engine would otherwise divide anew wherever a quotient is named; and in
# the shorter whole numbers where they do, since it divides the longer ones bit by bit.
_WRITTEN = """\
SELECT *, amount_12 // {scale} AS amount_whole, quantity_12 // {scale} AS quantity_whole
    FROM (
        SELECT *,
            TRY_CAST(CASE WHEN is_short THEN {short} ELSE {long} END AS BIGINT) AS amount_12,
            {quantity} AS quantity_12
        FROM (
            SELECT *, CASE WHEN is_short THEN short // {plain_divisor} END AS short_quotient,
                CASE WHEN NOT is_short THEN amount // {divisor} END AS quotient
            FROM (
                SELECT *, is_plain AND short IS NOT NULL AS is_short
                FROM (SELECT *, TRY_CAST(plain AS BIGINT) AS short FROM rows)
            )
        )
    )"""


def costs_text_statement(
    query: CostsQuery,
    parts: Statement,
    charges: Sequence[Charge],
    row: RowText,
    ranking: Ranking | None,
) -> Statement:
    """The statement for the rows of ``parts`` (``parts_statement``), written as ``row`` says.

    Its columns are the bucket's place, its rows' texts in the wire's order or
    by rank, joined by commas, and whether each row has one.
    """
    names = aliases(query.group_by)
    named, source = _source(parts, names, ranking)
    common = lcm(*(each.unit.stored for each in charges))
    rows = _ROWS.format(
        names="".join(f"{name}, " for name in names),
        other=OTHER if ranking else f"false AS {OTHER}",
        product_max=_by_stored(charges, lambda stored: _WHOLE_MAX // (common // stored)),
        factor=_by_stored(charges, lambda stored: common // stored),
        parts=source,
    )
    order = row_order(names)
    if ranking:
        order = [OTHER, *(["coalesce(amount, 0) DESC"] if ranking.ordered else ()), *order]
    slots = _slots(names, query.group_by, charges)
    last = joined_rows(text_of(row, slots, _writable(row, charges)), order, "written")
    return Statement(
        f"{named.sql}, rows AS (\n    {rows}\n), written AS (\n    {_written(charges, common)}\n)\n"
        f"{last.sql}",
        (*named.values, *last.values),
    )


def costs_ranking(
    query: CostsQuery, charges: Iterable[Charge], totals: Statement | None
) -> Ranking:
    """How the groups of a query are ranked, exactly; ``totals`` as ``Ranking`` has them.

    By whole units of 10^-15 first, then by what is left of them: the sum of
    everything over one denominator may be more than a whole number holds.
    """
    stored = sorted({each.unit.stored for each in charges})
    common = lcm(*stored)
    products = {
        each: f"coalesce(sum({PRODUCT}) FILTER (WHERE stored = {each}), 0)" for each in stored
    }
    whole = " + ".join(
        product if each == 1 else f"{product} // {each}" for each, product in products.items()
    )
    if common == 1:
        return Ranking((f"({whole})",), query.top, query.order_by is not None, totals)
    rest = " + ".join(
        f"{product} % {each} * {common // each}" for each, product in products.items() if each > 1
    )
    by = (f"({whole} + ({rest}) // {common})", f"(({rest}) % {common})")
    return Ranking(by, query.top, query.order_by is not None, totals)


def cost_rows_statement(query: CostsQuery, parts: Statement, ranking: Ranking | None) -> Statement:
    """The same rows as values, for ``cost_rows``; those that are ranked in the order of keys."""
    names = aliases(query.group_by)
    named, source = _source(parts, names, ranking)
    order = ", ".join(("bucket", OTHER, *row_order(names)))
    columns = ", ".join(("bucket", *names, CURRENCY, "stored", "charge", "quantity", PRODUCT))
    other = OTHER if ranking else f"false AS {OTHER}"
    return Statement(
        f"{named.sql}\nSELECT {columns}, {other} FROM {source}\nORDER BY {order}",
        named.values,
    )


def cost_rows(
    buckets: Sequence[Span], group_by: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> list[CostRow]:
    """What ``cost_rows_statement`` answered, as values."""
    keys_end = 1 + len(group_by)
    found = []
    for row in rows:
        currency, stored, charge, quantity, product, other = row[keys_end:]
        amount = None if product is None else Decimal(product).scaleb(-UNIT_PRICE_DECIMALS, EXACT)
        keys = row[1:keys_end]
        found.append(
            CostRow(buckets[row[0]].start, keys, currency, stored, charge, quantity, amount, other)
        )
    return found


def _source(
    parts: Statement, names: Sequence[str], ranking: Ranking | None
) -> tuple[Statement, str]:
    """The named parts of a statement, and which of them is to be read."""
    if ranking is None:
        return Statement(f"WITH parts AS (\n    {parts.sql}\n)", parts.values), "parts"
    folds = {
        CURRENCY: CURRENCY,
        "stored": "stored",
        "charge": "min(charge)",
        "quantity": "sum(quantity)",
        PRODUCT: f"sum({PRODUCT})",
    }
    return ranked(ranking, parts, names, folds), "folded"


def _written(charges: Sequence[Charge], common: int) -> str:
    """Rows with amounts and quantities as whole numbers of 10^-12, and their whole parts."""
    plain_divisor = 10 ** (UNIT_PRICE_DECIMALS - WIRE_DECIMALS)
    divisor = common * plain_divisor
    # Most charges are by the token or call, and their quantities whole numbers as they are.
    quantities = "".join(
        f" WHEN charge = '{each.name}' THEN {_in_shown_units(each)}"
        for each in charges
        if each.unit.stored != each.unit.shown
    )
    return _WRITTEN.format(
        scale=_WIRE_SCALE,
        short=rounded_quotient(
            "short_quotient", f"(short - short_quotient * {plain_divisor})", plain_divisor
        ),
        long=rounded_quotient("quotient", f"(amount - quotient * {divisor})", divisor),
        quantity=f"CASE{quantities} END" if quantities else "NULL::BIGINT",
        plain_divisor=plain_divisor,
        divisor=divisor,
    )


def _by_stored(charges: Sequence[Charge], number: Callable[[int], int]) -> str:
    """An expression that has another number for each that units are divided by."""
    units = sorted({each.unit.stored for each in charges})
    whens = "".join(f" WHEN {stored} THEN {number(stored)}" for stored in units)
    return f"(CASE stored{whens} END)"


def _in_shown_units(charge: Charge) -> str:
    """A quantity in units of the wire, times 10^12; null when it is too large for that."""
    unit = charge.unit
    scaled = f"(quantity * {unit.shown * _WIRE_SCALE})"
    whole, rest = f"({scaled} // {unit.stored})", f"({scaled} % {unit.stored})"
    most = _WHOLE_MAX // _WIRE_SCALE // unit.shown
    return f"CASE WHEN quantity <= {most} THEN {rounded_quotient(whole, rest, unit.stored)} END"


def _slots(
    names: Sequence[str], group_by: Sequence[str], charges: Sequence[Charge]
) -> dict[Slot, str]:
    """What fills each slot, as expressions over the columns of a row."""
    amount = number_text("amount_whole", f"amount_12 - amount_whole * {_WIRE_SCALE}")
    quantity = number_text("quantity_whole", f"quantity_12 - quantity_whole * {_WIRE_SCALE}")
    scaled = _scaled(charges)
    quantity = f"CASE WHEN {scaled} THEN {quantity} ELSE quantity::VARCHAR END"
    units = {each.name: _unit_text(each) for each in charges}
    return {
        Amount(): amount,
        Currency(): json_value(f"coalesce({CURRENCY}, '{DEFAULT_CURRENCY}')"),
        # What the rest has is counted in different units.
        Quantity(): f"CASE WHEN {OTHER} THEN 'null' ELSE {quantity} END",
        QuantityUnit(): f"CASE WHEN {OTHER} THEN 'null' ELSE {_by_charge(units)} END",
        Other(): f"{OTHER}::VARCHAR",
        **{Key(key): json_value(name) for key, name in zip(group_by, names, strict=True)},
    }


def _writable(row: RowText, charges: Sequence[Charge]) -> str:
    """The condition that every slot of a row can be filled."""
    amount = "is_small AND NOT is_mixed AND amount_12 IS NOT NULL"
    if Quantity() not in row:
        return amount
    return f"{amount} AND ({OTHER} OR NOT {_scaled(charges)} OR quantity_12 IS NOT NULL)"


def _scaled(charges: Sequence[Charge]) -> str:
    """The condition that a row's quantity is shown in other units than it is stored in."""
    names = [f"'{each.name}'" for each in charges if each.unit.stored != each.unit.shown]
    return f"coalesce(charge IN ({', '.join(names)}), false)" if names else "false"


def _unit_text(charge: Charge) -> str:
    return f"""'"{charge.unit.wire_name}"'""" if charge.unit.wire_name else "'null'"


def _by_charge(texts: Mapping[str, str]) -> str:
    """An expression that has another value for each charge; the commonest is the rule."""
    rule = Counter(texts.values()).most_common(1)[0][0]
    whens = "".join(f" WHEN '{name}' THEN {text}" for name, text in texts.items() if text != rule)
    return f"(CASE charge{whens} ELSE {rule} END)" if whens else rule
