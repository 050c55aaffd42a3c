"""A process that is killed while it seals: what it acknowledged is there, and every seal holds."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from support.events import DAY
from support.prices import source
from support.sealing import opened, seal_all, wrong
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.kinds import KINDS
from tallybook.domain.queries import UsageQuery
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.ledger.sql.row_text import Sum

AFTER = DAY + 2 * 86_400
# How many events are acknowledged before each kill: at different places of its work.
ROUNDS = (1, 2, 5, 9, 12)


def tokens(ledger: DuckDBLedger) -> int:
    """How many tokens the day has: one for each event."""
    query = UsageQuery(
        kind=KINDS["completions"],
        start=DAY,
        end=AFTER,
        width=BucketWidth.MONTH,
        limit=1,
        resume=DAY,
    )
    found = ledger.usage(query, query.page_spans, (Sum(("input_text_tokens",)),))
    return int(found[DAY])


def killed(folder: Path, first: int, wanted: int) -> int:
    """Let a process store and seal, kill it after some events; how many it acknowledged."""
    child = subprocess.Popen(
        [sys.executable, "-m", "support.sealing_child", str(folder), str(first)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert child.stdout is not None
    with child.stdout as lines:
        for number in range(first, first + wanted):
            assert next(lines) == f"{number}\n"
        child.send_signal(signal.SIGKILL)
        rest = len([line for line in lines if line.endswith("\n")])
    assert child.wait(30) == -signal.SIGKILL
    return wanted + rest


def test_nothing_that_was_acknowledged_is_lost_and_every_seal_holds(tmp_path: Path) -> None:
    stored = 0
    for wanted in ROUNDS:
        acknowledged = stored + killed(tmp_path, stored, wanted)
        with opened(tmp_path, source(tmp_path)) as ledger:
            found = tokens(ledger)
            # The last one may be on disk without having been told.
            assert acknowledged <= found <= acknowledged + 1
            assert wrong(ledger) == []
            stored = found
            if wanted % 2:
                # Every other time the process goes on from what the killed one left.
                assert seal_all(ledger, AFTER) > 0
                assert wrong(ledger) == []
                assert tokens(ledger) == found
