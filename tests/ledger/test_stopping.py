"""Stopping queries: at once, before they begin, and never another one."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from tallybook.domain.errors import LedgerUnavailable, QueryStopped, QueryTimedOut
from tallybook.ledger.duckdb.engine import Engine, EngineSettings
from tallybook.ledger.stopping import NEVER, Stop

# Minutes of work.
LONG = (
    "SELECT count(*) FROM range(100000000) a, range(10000) b WHERE a.range % 7 + b.range % 9 > 20"
)
# A second or less, and long enough to be hit by what is meant for another.
SHORT = "SELECT count(*) FROM range(300000000) a WHERE a.range % 7 = 3"
SHORT_COUNT = 42_857_143
SECONDS_MAX = 10
GONE = QueryStopped("gone")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine with an empty file."""
    engine = Engine(tmp_path, EngineSettings(memory_max_bytes=1 << 28, threads=2))
    yield engine
    engine.close()


class Query(threading.Thread):
    """A statement in a thread of its own; what came of it."""

    def __init__(self, engine: Engine, sql: str, stop: Stop) -> None:
        super().__init__()
        self._engine, self._sql, self._button = engine, sql, stop
        self.begun = threading.Event()
        self.fault: Exception | None = None
        self.count = -1
        self.start()

    def run(self) -> None:
        """Execute the statement and keep its one number."""
        try:
            with self._engine.guard("answer a query", self._button) as cursor:
                self.begun.set()
                ((self.count,),) = cursor.execute(self._sql).fetchall()
        except (QueryStopped, LedgerUnavailable, duckdb.Error) as fault:
            self.fault = fault

    def end(self) -> "Query":
        """Wait for the end."""
        self.join(SECONDS_MAX)
        assert not self.is_alive()
        return self


def press(stop: Stop, fault: QueryStopped, until: Callable[[], bool]) -> None:
    """Press the button until something is so."""
    deadline = time.monotonic() + SECONDS_MAX
    while not until():
        assert time.monotonic() < deadline
        stop.now(fault)
        threading.Event().wait(0.001)


def test_what_is_registered_is_called_while_its_block_runs_and_not_after_it() -> None:
    stop = Stop()
    calls: list[str] = []
    with stop.on(lambda: calls.append("outer")):
        with stop.on(lambda: calls.append("inner")):
            stop.check()
            stop.now(GONE)
        assert calls == ["outer", "inner"]
        stop.now(QueryTimedOut("late"))
        assert calls == ["outer", "inner", "outer"]
    stop.now(GONE)
    assert calls == ["outer", "inner", "outer"]
    # The first reason is the one that is told.
    assert stop.fault is GONE
    with pytest.raises(QueryStopped, match="gone"):
        stop.check()


def test_a_block_that_fails_takes_its_callback_along() -> None:
    stop = Stop()
    calls: list[str] = []
    with pytest.raises(ZeroDivisionError), stop.on(lambda: calls.append("called")):
        raise ZeroDivisionError
    stop.now(GONE)
    assert calls == []


def test_a_block_is_not_entered_after_the_stop() -> None:
    stop = Stop()
    stop.now(GONE)
    entered = []
    with pytest.raises(QueryStopped), stop.on(lambda: None):
        entered.append(True)
    assert not entered


def test_a_statement_is_stopped_with_the_fault_that_was_given(engine: Engine) -> None:
    stop = Stop()
    query = Query(engine, LONG, stop)
    assert query.begun.wait(SECONDS_MAX)
    threading.Event().wait(0.2)
    fault = QueryTimedOut("too long")
    began = time.monotonic()
    press(stop, fault, lambda: not query.is_alive())
    assert time.monotonic() - began < 1
    assert query.end().fault is fault
    # The engine is as good as before.
    assert Query(engine, SHORT, NEVER).end().count == SHORT_COUNT
    assert engine.openings == 1


@pytest.mark.parametrize("wait_seconds", [0, 0.0001, 0.001, 0.01])
def test_a_stop_at_any_moment_takes_effect(engine: Engine, wait_seconds: float) -> None:
    for _ in range(10):
        stop = Stop()
        query = Query(engine, LONG, stop)
        threading.Event().wait(wait_seconds)
        press(stop, GONE, lambda: not query.is_alive())  # noqa: B023 - ends within the round
        assert query.end().fault is GONE


def test_a_stop_before_the_statement_keeps_it_from_running(engine: Engine) -> None:
    stop = Stop()
    stop.now(GONE)
    query = Query(engine, LONG, stop).end()
    assert query.fault is GONE
    assert not query.begun.is_set()


def test_the_engine_forgets_an_interrupt_between_statements(engine: Engine) -> None:
    """Why a stop is pressed until the work has ended: if this fails, once would be enough."""
    with engine.guard("answer a query") as cursor:
        cursor.interrupt()
        assert cursor.execute("SELECT 1").fetchone() == (1,)


def test_a_stop_never_hits_the_statement_of_another(engine: Engine) -> None:
    stop = Stop()
    stopped = Query(engine, LONG, stop)
    assert stopped.begun.wait(SECONDS_MAX)
    other = Query(engine, SHORT, Stop())
    assert other.begun.wait(SECONDS_MAX)
    press(stop, GONE, lambda: not stopped.is_alive())
    # It goes on being pressed, while statements of others run and new ones begin.
    press(stop, GONE, lambda: not other.is_alive())
    later = Query(engine, SHORT, Stop())
    press(stop, GONE, lambda: not later.is_alive())
    assert stopped.end().fault is GONE
    for query in (other, later):
        assert query.end().fault is None
        assert query.count == SHORT_COUNT


def test_a_query_whose_file_is_closed_is_told_so(engine: Engine) -> None:
    query = Query(engine, LONG, Stop())
    assert query.begun.wait(SECONDS_MAX)
    engine.close()
    assert isinstance(query.end().fault, LedgerUnavailable)


def test_ctrl_c_is_no_fault_of_the_engine(engine: Engine) -> None:
    # What the engine makes of a signal whose handler raised, when it comes to look for one.
    with pytest.raises(KeyboardInterrupt), engine.guard("answer a query"):
        raise RuntimeError("Query interrupted")
    with engine.guard("answer a query") as cursor:
        assert cursor.execute("SELECT 1").fetchone() == (1,)


def test_another_fault_of_a_block_stays_what_it_is(engine: Engine) -> None:
    with pytest.raises(RuntimeError, match="ours"), engine.guard("answer a query"):
        raise RuntimeError("ours")
