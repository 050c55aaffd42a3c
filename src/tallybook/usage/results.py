"""Sums as the result objects of the wire: what the engine fills in for each row."""

from collections.abc import Mapping
from typing import Union

import msgspec

from tallybook.domain.definitions import Quantity
from tallybook.domain.dimensions import OTHER
from tallybook.domain.queries import Query, UsageQuery
from tallybook.ledger.sql.row_text import Key, Other, RowText, Slot, Sum
from tallybook.usage.dialects import LEGACY_NAMES, Dialect

# What a field of a row is: a slot that is filled in, a value that all rows have, or an object.
Field = Union[Slot, str, None, Mapping[str, "Field"]]  # noqa: UP007 - it names itself


def usage_row(query: UsageQuery, dialect: Dialect) -> RowText:
    """A row of usage: every field of the kind, always.

    Dimensions that the query does not group by are null (contract, section 6).
    """
    kind = query.kind
    fields: dict[str, Field] = {"object": kind.object}
    fields |= {each.name: _sum_of(each) for each in kind.wire_quantities}
    fields |= dict.fromkeys(kind.dimensions)
    fields |= ranked_keys(query)
    if dialect is Dialect.LEGACY:
        fields |= {old: fields[new] for new, old in LEGACY_NAMES.items() if new in fields}
    return row_text(fields)


def ranked_keys(query: Query) -> dict[str, Field]:
    """The fields of what a query groups by, and whether a row is the folded rest if it ranks."""
    keys: dict[str, Field] = {name: Key(name) for name in query.group_by}
    return keys | ({OTHER: Other()} if query.top is not None else {})


def row_text(fields: Mapping[str, Field]) -> RowText:
    """Fields as a JSON object with slots in it."""
    pieces: list[str | Slot] = []
    text = ""
    for place, (name, field) in enumerate(fields.items()):
        text += ("," if place else "{") + f"{json_text(name)}:"
        if field is None or isinstance(field, str):
            text += json_text(field)
        else:
            inner = row_text(field) if isinstance(field, Mapping) else (field,)
            pieces += [text, *inner]
            text = ""
    return (*pieces, text + "}")


def json_text(value: str | bool | None) -> str:  # noqa: FBT001 - a value like any other
    """A value as JSON."""
    return msgspec.json.encode(value).decode()


def _sum_of(quantity: Quantity) -> Sum:
    return Sum(quantity.columns, quantity.scale)
