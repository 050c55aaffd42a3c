"""Ledgers in this process, with events that are written as they are posted."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from support.events import DAY
from support.prices import source
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.entries import latest_us
from tallybook.domain.queries import Condition, CostsQuery
from tallybook.intake.native import Format, read_events
from tallybook.ledger.duckdb.engine import EngineSettings
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.ledger.ledger import Ledger, Lot
from tallybook.usage.costs import amount_of

SETTINGS = EngineSettings(memory_max_bytes=1 << 30, threads=1)
NOW = DAY + 86_400


@contextmanager
def opened(folder: Path, prices: str | None = None) -> Iterator[DuckDBLedger]:
    """The ledger of a folder, after its price file was written, if it is to have one."""
    ledger = DuckDBLedger(folder, SETTINGS, source(folder, prices))
    try:
        yield ledger
    finally:
        ledger.close()


def store(ledger: Ledger, *events: dict[str, Any]) -> None:
    """Store events, all of which are new."""
    batch = read_events(msgspec.json.encode(events), Format.JSON, latest_us(NOW), len(events))
    assert batch.rejected == []
    (answer,) = ledger.append([Lot(batch.sheet, batch.positions)])
    assert answer.accepted == len(events)


def costs_query(
    *group_by: str,
    start: int = DAY,
    end: int = DAY + 86_400,
    conditions: tuple[Condition, ...] = (),
) -> CostsQuery:
    """A query of one page of days."""
    return CostsQuery(
        start=start,
        end=end,
        width=BucketWidth.DAY,
        limit=180,
        resume=start,
        group_by=group_by,
        conditions=conditions,
    )


def amounts(ledger: Ledger, *group_by: str, **more: Any) -> dict[tuple[Any, ...], Decimal]:
    """The exact amounts of a query of days, by the day's start and the keys."""
    query = costs_query(*group_by, **more)
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for row in ledger.cost_rows(query, query.page_spans):
        groups.setdefault((row.bucket, *row.keys), []).append(row)
    return {key: amount_of(rows).value for key, rows in groups.items()}
