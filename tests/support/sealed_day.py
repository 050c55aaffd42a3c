"""A day of a few events, and what every answer about it is, whatever is sealed."""

from pathlib import Path
from typing import Any

from support.events import DAY, event
from support.prices import source
from support.sealing import opened, posted, wrong
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.kinds import KINDS
from tallybook.domain.queries import CostsQuery, UsageQuery
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.ledger.seals.seals import hours_of_day
from tallybook.ledger.sql.row_text import Amount, Sum

H, D = 3_600, 86_400
HOURS = tuple(hours_of_day(DAY))
AFTER = DAY + D

PRICES = """
[[price]]
model = "m"
input = "1 / token"
output = "1 / token"
[[price]]
storage = "1 / GiB day"
"""
DEARER = PRICES.replace('input = "1 ', 'input = "3 ')


def tokens(count: int, hour: int, **more: Any) -> dict[str, Any]:
    """An event of so many input tokens, in an hour of the day."""
    named: dict[str, Any] = {
        "id": f"{hour}-{count}",
        "time": DAY + hour * H + 17,
        "project_id": "p",
        "model": "m",
    }
    return event("completions", **named | {"input_tokens": count, "output_tokens": 0} | more)


def stored(size: int, hour: int, **more: Any) -> dict[str, Any]:
    """A sample of a store of so many GiB."""
    named = {"id": f"{hour}-{size}-GiB", "time": DAY + hour * H + 17, "vector_store_id": "v"}
    return event("vector_stores", **named | {"usage_bytes": size << 30} | more)


def day_query(width: BucketWidth) -> dict[str, Any]:
    """What a query of the day is made of."""
    return {"start": DAY, "end": DAY + D, "width": width, "limit": 24, "resume": DAY}


def used(ledger: DuckDBLedger, width: BucketWidth = BucketWidth.DAY) -> dict[int, str]:
    """The tokens of the day by hour of the day."""
    query = UsageQuery(kind=KINDS["completions"], **day_query(width))
    found = ledger.usage(query, query.page_spans, (Sum(("input_text_tokens",)),))
    return {(start - DAY) // H: text for start, text in found.items()}


def kept(ledger: DuckDBLedger) -> dict[int, str]:
    """The stored GiB by hour of the day."""
    query = UsageQuery(kind=KINDS["vector_stores"], **day_query(BucketWidth.HOUR))
    found = ledger.usage(query, query.page_spans, (Sum(("usage_bytes",), 1 << 30),))
    return {(start - DAY) // H: text for start, text in found.items()}


def cost(ledger: DuckDBLedger, width: BucketWidth = BucketWidth.DAY) -> dict[int, str] | None:
    """The costs by hour of the day."""
    query = CostsQuery(**day_query(width))
    found = ledger.costs(query, query.page_spans, (Amount(),))
    return None if found is None else {(start - DAY) // H: text for start, text in found.items()}


def answers(ledger: DuckDBLedger) -> tuple[Any, ...]:
    """All of these, by hours and by the day."""
    hour = BucketWidth.HOUR
    return used(ledger), used(ledger, hour), kept(ledger), cost(ledger), cost(ledger, hour)


def sealed(ledger: DuckDBLedger) -> dict[int, tuple[int, bool]]:
    """By day, counted from the first one: how many hours are sealed, and if the day is."""
    found = {(each.day - DAY) // D: (each.hours, each.whole) for each in ledger.verify()}
    assert wrong(ledger) == []
    return found


EVENTS = [
    tokens(10, 3),
    tokens(5, 3, id="b", time=DAY + 4 * H - 1),
    tokens(7, 22),
    stored(4, 3),
    stored(2, 3, id="smaller"),
    stored(3, 9),
]
ANSWERS: tuple[dict[int, str], ...] = (
    {0: "22"},
    {3: "15", 22: "7"},
    {3: "4", 9: "3"},
    {0: "26"},
    {3: "19", 22: "7"},
)


def filled(folder: Path) -> Path:
    """A folder, with the day's events stored and not sealed."""
    with opened(folder, source(folder, PRICES)) as ledger:
        posted(ledger, EVENTS)
        assert answers(ledger) == ANSWERS
        assert sealed(ledger) == {}
    return folder
