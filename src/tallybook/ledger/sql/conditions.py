"""Dimensions, tags and conditions as expressions of SQL, their values bound."""

from collections.abc import Iterable, Sequence
from typing import Any

from tallybook.domain.dimensions import TAG_PREFIX
from tallybook.domain.queries import Condition
from tallybook.ledger.sql.statement import Statement


def aliases(group_by: Sequence[str]) -> list[str]:
    """The names of keys among a statement's columns: a tag's may be any text, so it has none."""
    return [f"key_{place}" for place in range(len(group_by))]


def row_order(aliases: Iterable[str]) -> list[str]:
    """What rows are ordered by, so that they are in the wire's order."""
    return [f"{alias} NULLS LAST" for alias in aliases]


def expression_of(dimension: str) -> Statement:
    """A dimension of events, or a tag, as an expression."""
    if not dimension.startswith(TAG_PREFIX):
        return Statement(dimension, ())
    pointer = pointer_of(dimension.removeprefix(TAG_PREFIX))
    return Statement("json_extract_string(tags, ?)", (pointer,))


def pointer_of(tag: str) -> str:
    """Where a tag stands in the object of all: no character of its name means anything else."""
    # RFC 6901.
    escaped = tag.replace("~", "~0").replace("/", "~1")
    return f"/{escaped}"


def conditions_of(conditions: Iterable[Condition]) -> Statement:
    """The conditions, each after an AND; nothing meets one without values."""
    text = ""
    values: list[Any] = []
    for condition in conditions:
        expression = expression_of(condition.dimension)
        places = ", ".join("?" for _ in condition.values) or "NULL"
        text += f" AND {expression.sql} IN ({places})"
        values += [*expression.values, *condition.values]
    return Statement(text, tuple(values))
