"""Months to look at, made once."""

from functools import cache
from typing import Any

from tallybook.demo.month import month

SEED = 8321
# 2026-11-23T00:00:00Z, a Monday.
END = 1_795_392_000
EVENTS = 30_000

Fields = dict[str, Any]


@cache
def small_month() -> tuple[Fields, ...]:
    """The month of the tests. The events are shared: read them only."""
    return tuple(month(seed=SEED, end_seconds=END, events=EVENTS))


def of_kind(kind: str) -> list[Fields]:
    """The events of one kind."""
    return [event for event in small_month() if event["kind"] == kind]
