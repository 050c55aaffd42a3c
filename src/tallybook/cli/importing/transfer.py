"""An import from beginning to end: files in, one report out."""

import gc
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager

from tallybook.cli.importing.destinations import Destination, destination
from tallybook.cli.importing.report import Report
from tallybook.cli.importing.rows import Load, RowFile, loads
from tallybook.cli.target import Target
from tallybook.domain.receipts import Receipt
from tallybook.intake.cells import TimeUnit
from tallybook.intake.mapping import Plan

# Called with the rows that have been answered for since the last time.
OnProgress = Callable[[int], None]


def transfer(
    files: Sequence[tuple[RowFile, Plan]], target: Target, unit: TimeUnit, on_progress: OnProgress
) -> Report:
    """Send every row of the files to the target; say what became of them.

    Run again after a failure, it stores what is missing and no row twice.
    Raises UnreadableFile, ClientError, and what the ledger raises.
    """
    report = Report()
    began = time.perf_counter()
    with destination(target) as receiver, _few_collections():
        for load, receipt in _answered(_loads(files, unit, receiver), receiver):
            report.add(load.path, load.numbers, receipt)
            on_progress(len(load.numbers))
        for file, _ in files:
            report.add_unreadable(file.path, file.unreadable)
    report.seconds = time.perf_counter() - began
    return report


def _loads(
    files: Iterable[tuple[RowFile, Plan]], unit: TimeUnit, receiver: Destination
) -> Iterator[Load]:
    for file, plan in files:
        yield from loads(file.path, file.rows(plan, unit), receiver.rows_max, receiver.bytes_max)


def _answered(waiting: Iterable[Load], receiver: Destination) -> Iterator[tuple[Load, Receipt]]:
    """Send loads, a few ahead of the answers; yield each with its receipt, in order."""
    sent: deque[tuple[Load, Future[Receipt]]] = deque()
    for load in waiting:
        sent.append((load, receiver.send(load)))
        while len(sent) > receiver.in_flight:
            first, answer = sent.popleft()
            yield first, answer.result()
    for load, answer in sent:
        yield load, answer.result()


@contextmanager
def _few_collections() -> Iterator[None]:
    """Collect garbage rarely: events make no cycles, and a quarter of the time goes in looking."""
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(thresholds[0] * 1_000, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
