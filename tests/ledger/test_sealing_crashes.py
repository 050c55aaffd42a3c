"""A crash at any step of sealing: no answer is another, before or after it is opened again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.ledgers import SETTINGS
from support.prices import source
from support.sealed_day import AFTER, ANSWERS, answers, filled, sealed, tokens, used
from support.sealing import opened, posted, seal_all, wrong
from tallybook.ledger.duckdb import sealer, writer
from tallybook.ledger.duckdb.store import DuckDBLedger


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose events are stored and not sealed."""
    return filled(tmp_path)


class Crash(BaseException):
    """The process ends here."""


def _crashing(
    monkeypatch: pytest.MonkeyPatch, place: Any, name: str, *, after: bool, nth: int = 1
) -> None:
    """Make a function raise before it does its work, or after, when it is called the nth time."""
    real: Callable[..., Any] = getattr(place, name)
    calls = iter(range(1, 1_000))

    def crashing(*values: Any, **named: Any) -> Any:
        number = next(calls)
        if number != nth:
            return real(*values, **named)
        if after:
            real(*values, **named)
        raise Crash

    monkeypatch.setattr(place, name, crashing)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("name", "nth"),
    [
        # In the transaction of the rows, of the hours and of the day.
        ("_replace", 1),
        ("_replace", 3),
        ("_replace", 5),
        ("_replace", 6),
        ("_replace", 12),
    ],
)
def test_a_crash_in_a_folding_changes_no_answer(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, nth: int, after: bool
) -> None:
    ledger = DuckDBLedger(folder, SETTINGS, source(folder))
    with monkeypatch.context() as patch:
        _crashing(patch, sealer, name, after=after, nth=nth)
        with pytest.raises(Crash):
            seal_all(ledger, AFTER + 600)
    _reopened(folder, ledger)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("name", ["seal_hours", "seal_day"])
def test_a_crash_between_the_rows_and_the_seal_changes_no_answer(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, after: bool
) -> None:
    ledger = DuckDBLedger(folder, SETTINGS, source(folder))
    _crashing(monkeypatch, ledger._book, name, after=after)
    with pytest.raises(Crash):
        seal_all(ledger, AFTER + 600)
    _reopened(folder, ledger)


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_while_a_late_event_unseals_stores_and_unseals_or_neither(
    folder: Path, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    ledger = DuckDBLedger(folder, SETTINGS, source(folder))
    seal_all(ledger, AFTER + 600)
    with monkeypatch.context() as patch:
        _crashing(patch, writer, "unseal", after=after)
        with pytest.raises(Crash):
            posted(ledger, [tokens(100, 9, id="late")])
    # Nothing of it is stored, in this process nor in the next.
    assert answers(ledger) == ANSWERS
    # The event is sent again, and the process ends before anything is sealed.
    posted(ledger, [tokens(100, 22, id="late")])
    posted(ledger, [tokens(100, 9, id="late")])
    assert used(ledger) == {0: "222"}
    ledger.close()
    with opened(folder, source(folder)) as again:
        assert used(again) == {0: "222"}
        assert sealed(again) == {0: (22, False)}
        assert seal_all(again, AFTER) == 2
        assert used(again) == {0: "222"}
        assert sealed(again) == {0: (24, True)}


def _reopened(folder: Path, ledger: DuckDBLedger) -> None:
    """After a crash: no answer is another, before and after it is opened again and sealed."""
    assert answers(ledger) == ANSWERS
    assert wrong(ledger) == []
    ledger.close()
    with opened(folder, source(folder)) as again:
        assert answers(again) == ANSWERS
        assert wrong(again) == []
        seal_all(again, AFTER)
        assert sealed(again) == {0: (24, True)}
        assert answers(again) == ANSWERS
