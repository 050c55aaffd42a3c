"""Letting days go: in order, when they are old, whole or not at all; and what is refused after."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import pytest

from faults.book import seeded
from support.events import DAY, event
from support.ledgers import costs_query
from support.prices import source
from support.sealing import opened, posted, seal_all, wrong
from support.voiding import voided
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.errors import BeforeHorizon, LedgerUnavailable, UnknownEvent
from tallybook.domain.kinds import KINDS
from tallybook.domain.listings import Listing
from tallybook.domain.queries import UsageQuery
from tallybook.domain.sheets import Sheet
from tallybook.domain.voids import EventName
from tallybook.ledger.duckdb.loading import digest_of_file
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.ledger.ledger import RepriceWish
from tallybook.ledger.receipts import receipt_of
from tallybook.ledger.sealable import LetGo
from tallybook.ledger.sql.row_text import Sum
from tallybook.ledger.stopping import NEVER, Stop
from tallybook.usage.explaining import explain
from tallybook.usage.voiding import meant

DAY_SECONDS = 86_400
DAYS = 8
FIRST = DAY - DAYS * DAY_SECONDS
NOW = DAY + 3_600
TOKENS = 1830


def at(day: int, hour: int = 3, **fields: Any) -> dict[str, Any]:
    """An event of a day."""
    time = FIRST + day * DAY_SECONDS + hour * 3_600
    return event(id=f"{day}-{hour}", time=time, model="m", user_id="u") | fields


EVENTS = [at(day, hour) for day in range(DAYS) for hour in (3, 9)]


def filled(ledger: DuckDBLedger, events: list[dict[str, Any]] = EVENTS) -> None:
    """Store events and seal all that is over."""
    posted(ledger, events)
    seal_all(ledger, NOW)


def let_go(ledger: DuckDBLedger, days: int) -> None:
    for _ in range(days):
        assert ledger.let_go(NOW)


def tokens(
    ledger: DuckDBLedger,
    start: int = FIRST,
    kind: str = "completions",
    column: str = "input_text_tokens",
    stop: Stop = NEVER,
) -> int:
    """How many tokens there are from a time on, or how much there is of something else."""
    query = UsageQuery(
        kind=KINDS[kind],
        start=start,
        end=FIRST + DAYS * DAY_SECONDS,
        width=BucketWidth.MONTH,
        limit=5,
        resume=start,
    )
    found = ledger.usage(query, query.page_spans, (Sum((column,)),), stop=stop)
    return sum(int(text) for text in found.values())


def listing(start: int, after: tuple[str, int] | None = None) -> Listing:
    return Listing(start=start, end=NOW, limit=100, conditions=(), after=after)


def told(folder: Path, sql: str) -> list[Any]:
    """What a statement finds in a folder that nobody has open, in its first column."""
    with duckdb.connect(str(folder / "ledger.duckdb")) as connection:
        return [row[0] for row in connection.execute(sql).fetchall()]


def archived_ids(folder: Path) -> list[Any]:
    """The ids of the events of the days that were let go, in the files of the archive."""
    days = told(folder, "SELECT make_timestamp(day * 1000000)::DATE FROM let_go")
    paths = [str(folder / "archive" / f"{day}.parquet") for day in days]
    if not paths:
        return []
    rows = duckdb.execute("SELECT id FROM read_parquet(?)", [paths]).fetchall()
    return [id_ for (id_,) in rows]


def test_days_go_in_order_when_they_are_old_and_sealed(tmp_path: Path) -> None:
    with opened(tmp_path, source(tmp_path), days=3) as ledger:
        posted(ledger, EVENTS)
        assert ledger.let_go(NOW) is None
        seal_all(ledger, NOW)
        gone = []
        while found := ledger.let_go(NOW):
            gone.append((found.day, found.events))
        # The newest event is of nine o'clock on the last day, so four whole days are older.
        assert gone == [(FIRST + day * DAY_SECONDS, 2) for day in range(4)]
        assert ledger.horizon.first == FIRST
        assert ledger.horizon.end == FIRST + 4 * DAY_SECONDS
        assert tokens(ledger) == len(EVENTS) * TOKENS
    with opened(tmp_path, source(tmp_path), days=3) as ledger:
        assert ledger.horizon.end == FIRST + 4 * DAY_SECONDS
        assert tokens(ledger) == len(EVENTS) * TOKENS


def test_a_clock_that_jumps_ahead_lets_nothing_go(tmp_path: Path) -> None:
    with opened(tmp_path, source(tmp_path), days=DAYS) as ledger:
        filled(ledger)
        assert ledger.let_go(NOW + 1_000 * DAY_SECONDS) is None


def test_without_the_setting_everything_is_kept(tmp_path: Path) -> None:
    with opened(tmp_path, source(tmp_path)) as ledger:
        filled(ledger)
        assert ledger.let_go(NOW + 1_000 * DAY_SECONDS) is None


def test_a_gap_in_the_events_does_not_stop_the_horizon(tmp_path: Path) -> None:
    early, late = [at(0)], [at(6)]
    with opened(tmp_path, source(tmp_path), days=1) as ledger:
        filled(ledger, early)
        posted(ledger, late)
        # The days between are not sealed when the first one goes.
        let_go(ledger, 1)
        assert ledger.let_go(NOW) is None
    with opened(tmp_path, source(tmp_path), days=1) as ledger:
        seal_all(ledger, NOW)
        let_go(ledger, 4)
        assert ledger.horizon.end == FIRST + 5 * DAY_SECONDS
        assert tokens(ledger) == 2 * TOKENS


def test_a_day_whose_events_were_all_voided_goes_too(tmp_path: Path) -> None:
    with opened(tmp_path, source(tmp_path), days=1) as ledger:
        posted(ledger, EVENTS)
        voided(ledger, [each for each in EVENTS if each["id"].startswith("0-")])
    with opened(tmp_path, source(tmp_path), days=1) as ledger:
        seal_all(ledger, NOW)
        let_go(ledger, 2)
        assert ledger.horizon.first == FIRST
    assert told(tmp_path, "SELECT count(*) FROM voided_events") == [0]


def test_the_archive_has_what_the_ledger_had(tmp_path: Path) -> None:
    with opened(tmp_path, source(tmp_path), days=1) as ledger:
        filled(ledger)
        found = ledger.let_go(NOW)
        assert found is not None
        (path,) = (tmp_path / "archive").iterdir()
        assert path.name == "2026-09-23.parquet"
        assert digest_of_file(path) == (found.events, found.digest)
        assert wrong(ledger) == []
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 255
        path.write_bytes(content)
        (damaged,) = wrong(ledger)
        assert damaged.let_go
        assert [each.table for each in damaged.discrepancies] == [f"archive/{path.name}"]
        # It may be kept elsewhere.
        path.unlink()
        assert wrong(ledger) == []


def test_without_an_archive_nothing_is_left(tmp_path: Path) -> None:
    with opened(tmp_path, source(tmp_path), days=1, archive=False) as ledger:
        filled(ledger)
        let_go(ledger, 1)
        assert tokens(ledger) == len(EVENTS) * TOKENS
        assert wrong(ledger) == []
    assert not (tmp_path / "archive").exists()


def test_sums_that_differ_from_finer_ones_are_found_without_events(tmp_path: Path) -> None:
    with opened(tmp_path, source(tmp_path), days=1) as ledger:
        filled(ledger)
        let_go(ledger, 1)
    told(tmp_path, "UPDATE rollup_days_by_model SET events = 9 WHERE time_us < 1790208000000000")
    with opened(tmp_path, source(tmp_path), days=1) as ledger:
        (found,) = wrong(ledger)
        assert found.let_go
        assert {each.table for each in found.discrepancies} == {"rollup_days_by_model"}


def test_a_late_event_is_refused_by_its_time_and_a_younger_one_is_known(tmp_path: Path) -> None:
    with opened(tmp_path, source(tmp_path), days=1) as ledger:
        filled(ledger)
        let_go(ledger, 3)
        receipt = receipt_of(posted(ledger, [at(3), at(0), at(2, id="new"), at(3, 5)]), [])
        assert (receipt.accepted, receipt.duplicates) == (1, 1)
        assert [(each.index, each.id, each.field) for each in receipt.rejected] == [
            (1, "0-3", "time"),
            (2, "new", "time"),
        ]
        assert "2026-09-26T00:00:00Z" in receipt.rejected[0].reason
        assert tokens(ledger) == (len(EVENTS) + 1) * TOKENS
    with opened(tmp_path, source(tmp_path), days=1) as ledger:
        assert len(posted(ledger, EVENTS).expired) == 6


def test_what_needs_events_that_are_gone_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path, source(tmp_path), days=1) as ledger:
        filled(ledger)
        first = ledger.seal_of(costs_query())
        let_go(ledger, 3)
        assert ledger.seal_of(costs_query()) == first
        horizon = ledger.horizon.end
        for ask in (
            lambda: tokens(ledger, FIRST + 60),
            lambda: ledger.events(listing(FIRST)),
            lambda: ledger.events(listing(0, ("0-3", (FIRST + 3) * 1_000_000))),
            lambda: ledger.reprice(RepriceWish(since=0, until=NOW)),
        ):
            with pytest.raises(BeforeHorizon, match=str(horizon)):
                ask()
        # Before the first event there never were any.
        assert tokens(ledger, FIRST - DAY_SECONDS + 60) == len(EVENTS) * TOKENS
        # Without a start a list is of what there is.
        assert len(ledger.events(listing(0))) == len(ledger.events(listing(horizon))) == 10
        assert ledger.reprice(RepriceWish(since=horizon, until=NOW)).events == 0
        for look in (
            lambda: meant(ledger, [EventName("0-3")], None),
            lambda: explain(ledger, "0-3", None),
        ):
            with pytest.raises(UnknownEvent, match="2026-09-26"):
                look()
        assert voided(ledger, [at(0)]) == 0


def test_cards_are_told_of_all_events_that_there_were(tmp_path: Path) -> None:
    with opened(tmp_path, source(tmp_path), days=1) as ledger:
        filled(ledger)
        before = ledger.cards()
        let_go(ledger, 3)
        assert ledger.cards() == before
        assert before[0].events == len(EVENTS)


def test_sums_that_cannot_be_made_again_are_never_thrown_away(tmp_path: Path) -> None:
    with opened(tmp_path, source(tmp_path), ("team",), days=1) as ledger:
        # What only an event had that is gone.
        images = event("images", id="i", time=FIRST, images=7)
        filled(ledger, [*EVENTS, images])
        let_go(ledger, 3)
        ledger.unseal()
        assert ledger.let_go(NOW) is None
        assert tokens(ledger) == len(EVENTS) * TOKENS
        assert tokens(ledger, kind="images", column="images") == 7
    with (
        pytest.raises(LedgerUnavailable, match=r"Set kept_tags to what it was: team\."),
        opened(tmp_path, source(tmp_path), ("other",)),
    ):
        pass
    with opened(tmp_path, source(tmp_path), ("team",)) as ledger:
        assert tokens(ledger) == len(EVENTS) * TOKENS
        assert tokens(ledger, kind="images", column="images") == 7
        seal_all(ledger, NOW)
        assert wrong(ledger) == []


class Meanwhile(Stop):
    """Lets a day go when a question was made up, and before it is asked."""

    def __init__(self, ledger: DuckDBLedger) -> None:
        super().__init__()
        self._ledger = ledger

    @contextmanager
    def on(self, callback: Callable[[], object]) -> Iterator[None]:
        let_go(self._ledger, 1)
        with super().on(callback):
            yield


def test_a_question_whose_events_go_before_it_is_asked_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path, source(tmp_path), days=1) as ledger:
        filled(ledger)
        with pytest.raises(BeforeHorizon):
            tokens(ledger, FIRST + 60, stop=Meanwhile(ledger))
        assert tokens(ledger, stop=Meanwhile(ledger)) == len(EVENTS) * TOKENS


def test_an_event_whose_day_goes_before_it_is_stored_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, source(tmp_path), days=1) as ledger:
        filled(ledger)
        judged = ledger._used.first_used

        def meanwhile(sheet: Sheet) -> list[str]:
            if ledger.horizon.end == 0:
                let_go(ledger, 1)
            return judged(sheet)

        monkeypatch.setattr(ledger._used, "first_used", meanwhile)
        answer = posted(ledger, [at(0, 5), at(1, 5)])
        assert (answer.accepted, len(answer.expired)) == (1, 1)
        assert tokens(ledger) == (len(EVENTS) + 1) * TOKENS


def test_a_day_whose_events_change_while_it_is_archived_does_not_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, source(tmp_path), days=1) as ledger:
        filled(ledger)
        kept = ledger._retainer._kept

        def meanwhile(day: int) -> LetGo:
            found = kept(day)
            posted(ledger, [at(0, 5)])
            seal_all(ledger, NOW)
            return found

        monkeypatch.setattr(ledger._retainer, "_kept", meanwhile)
        assert ledger.let_go(NOW) is None
        monkeypatch.undo()
        found = ledger.let_go(NOW)
        assert found is not None
        assert found.events == 3
        assert tokens(ledger) == (len(EVENTS) + 1) * TOKENS


def test_who_stores_and_who_asks_while_days_go_finds_all_or_is_refused(tmp_path: Path) -> None:
    accepted: list[str] = []
    seen: list[int] = []
    over = threading.Event()

    def post(ledger: DuckDBLedger) -> None:
        chance = seeded("late")
        for number in range(600):
            late = at(chance.randrange(DAYS), 5, id=f"late {number}")
            answer = posted(ledger, [late])
            assert answer.accepted + len(answer.expired) == 1
            accepted.extend([late["id"]] * answer.accepted)
        over.set()

    def ask(ledger: DuckDBLedger) -> None:
        while not over.is_set():
            with suppress(BeforeHorizon):
                # Off the hour: it needs the events.
                seen.append(tokens(ledger, FIRST + 60))
            assert seen == sorted(seen)

    with opened(tmp_path, source(tmp_path), days=1) as ledger, ThreadPoolExecutor(2) as threads:
        filled(ledger)
        work = [threads.submit(each, ledger) for each in (post, ask)]
        while not over.is_set():
            seal_all(ledger, NOW)
            ledger.let_go(NOW)
        for each in work:
            each.result()
        seal_all(ledger, NOW)
        while ledger.let_go(NOW):
            pass
        assert ledger.horizon.end == FIRST + (DAYS - 2) * DAY_SECONDS
        assert tokens(ledger) == (len(EVENTS) + len(accepted)) * TOKENS
        assert wrong(ledger) == []
    found = [*archived_ids(tmp_path), *told(tmp_path, "SELECT id FROM events")]
    assert sorted(found) == sorted([*accepted, *(each["id"] for each in EVENTS)])


def test_a_process_that_dies_while_it_lets_go_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with opened(tmp_path, source(tmp_path), days=1) as ledger:
        filled(ledger)
    wanted = sorted(each["id"] for each in EVENTS)
    # About as many lines as one day takes.
    for line in range(2, 62, 5):
        child = subprocess.run(
            [sys.executable, "-m", "support.letting_go_child", str(tmp_path), str(NOW), str(line)],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            check=False,
        )
        assert child.returncode in (0, -signal.SIGKILL)
        with opened(tmp_path, source(tmp_path), days=1) as ledger:
            assert tokens(ledger) == len(EVENTS) * TOKENS
            assert wrong(ledger) == []
            posted(ledger, [each for each in EVENTS if each["time"] >= ledger.horizon.end])
        archived = archived_ids(tmp_path)
        assert sorted([*archived, *told(tmp_path, "SELECT id FROM events")]) == wanted
    with opened(tmp_path, source(tmp_path), days=1) as ledger:
        while ledger.let_go(NOW):
            pass
        assert tokens(ledger) == len(EVENTS) * TOKENS
    assert not [path for path in (tmp_path / "archive").iterdir() if path.suffix != ".parquet"]
