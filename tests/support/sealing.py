"""Ledgers in this process in every state of sealing, as chance has it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from support.extended_streams import DAY_SECONDS, Scenario
from support.ledgers import NOW
from tallybook.domain.entries import latest_us
from tallybook.intake.native import Format, read_events
from tallybook.ledger.duckdb.engine import EngineSettings
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.ledger.ledger import Appended, Ledger, Lot
from tallybook.ledger.sealable import Sealable, SealedLedger, Verified
from tallybook.ledger.seals.book import Due
from tallybook.pricing.source import PriceSource

Check = Callable[[dict[str, Any], list[dict[str, Any]]], None]


@contextmanager
def opened(
    folder: Path,
    prices: PriceSource,
    kept_tags: tuple[str, ...] | None = None,
    grace: int = 0,
    days: int = 0,
    *,
    archive: bool = True,
) -> Iterator[DuckDBLedger]:
    """The ledger of a folder, for the length of a block, that keeps events for so many days."""
    settings = EngineSettings(
        memory_max_bytes=1 << 30,
        threads=1,
        seal_grace_seconds=grace,
        kept_tags=kept_tags,
        retention_days=days,
        retention_archive=archive,
    )
    ledger = DuckDBLedger(folder, settings, prices)
    try:
        yield ledger
    finally:
        ledger.close()


def posted(ledger: Ledger, events: list[dict[str, Any]]) -> Appended:
    """What becomes of a body of events."""
    batch = read_events(msgspec.json.encode(events), Format.JSON, latest_us(NOW), len(events))
    assert batch.rejected == []
    (answer,) = ledger.append([Lot(batch.sheet, batch.positions)])
    return answer


def seal_all(ledger: Sealable, now: float) -> int:
    """Seal all that is over at a moment; how many hours."""
    # What has changed since the last look is left for the next.
    ledger.due(now)
    return sum(ledger.seal(due) for due in ledger.due(now))


def seal_some(ledger: Sealable, now: float, chance: Random) -> None:
    """Seal some of the hours and days that are over at a moment."""
    ledger.due(now)
    for due in ledger.due(now):
        match chance.randrange(4):
            case 0:
                continue
            case 1:
                hours = tuple(hour for hour in due.hours if chance.random() < 0.7)
                ledger.seal(Due(due.day, hours))
            case _:
                ledger.seal(due)


def hold_whatever_is_sealed(
    ledger: SealedLedger, scenario: Scenario, chance: Random, check: Check
) -> None:
    """Store a scenario's events some at a time, seal and unseal by the way, and check its queries.

    ``check`` is given a query and the events so far; it is called in every state.
    """
    base = scenario.window.base
    after = base + 4 * DAY_SECONDS
    stream = scenario.events
    chance.shuffle(stream)
    model: dict[tuple[str, float], dict[str, Any]] = {}
    while stream:
        size = chance.randint(len(stream) // 2 + 1, len(stream))
        batch, stream = stream[:size], stream[size:]
        before = len(model)
        for event in batch:
            model.setdefault((event["id"], event["time"]), event)
        assert posted(ledger, batch).accepted == len(model) - before
        # What was sealed before is not any more, where something came late.
        check(chance.choice(scenario.queries), list(model.values()))
        seal_some(ledger, chance.choice((base + DAY_SECONDS + 1_800, after)), chance)
        for query in scenario.queries:
            check(query, list(model.values()))
    seal_all(ledger, after)
    for query in scenario.queries:
        check(query, list(model.values()))
    assert wrong(ledger) == []


def wrong(ledger: Sealable) -> list[Verified]:
    """What is found wrong of what is sealed."""
    return [each for each in ledger.verify() if each.discrepancies]
