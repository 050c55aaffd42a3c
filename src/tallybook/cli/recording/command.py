"""``tallybook record``: read, send, tell."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tallybook.cli.importing.destinations import Destination, destination
from tallybook.cli.importing.report import Report, print_json
from tallybook.cli.recording.lines import LineStream, live_loads
from tallybook.cli.recording.patience import Patience
from tallybook.cli.recording.session import Session
from tallybook.cli.serving import Config, Data
from tallybook.cli.target import Key, Profile, Url, target_of
from tallybook.client.retrying import RetryPolicy
from tallybook.intake.filling import filling
from tallybook.intake.mapping import InvalidMapping, read_wishes

# A line is sent within a second: this long it waits for others, the rest is the way.
AGE_SECONDS = 0.5
# As often as patience has it.
_ENDLESS = RetryPolicy(retries_max=sys.maxsize, first_pause_seconds=1.0)
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

_AT_A_KEYBOARD = "Type events, one to a line; Ctrl-D ends."


def record(
    *,
    fixed: Annotated[
        list[str],
        typer.Option(
            "--set", metavar="FIELD=VALUE", help="Give events that lack this field this value."
        ),
    ] = [],  # noqa: B006 - typer reads the default and copies it
    keep: Annotated[
        Path, typer.Option(metavar="FILE", help="Where lines are kept that could not be sent.")
    ] = Path("tallybook-unsent.ndjson"),
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the receipt as one JSON object.")
    ] = False,
) -> None:
    """Record events from standard input, a line of JSON each, as they come.

    A line is in the ledger within a second, and one that is refused is told
    at once, on standard error. Ctrl-C and SIGTERM end it in order: what has
    come is sent first. Ends with status 1 when lines were refused or kept.

    Example: tail -F usage.ndjson | tallybook record --set provider=openai
    """
    aside = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
    fill = _filling(fixed)
    target = target_of(url=url, key=key, data=data, profile=profile, config=config)
    patience = Patience(time.monotonic, aside.print)
    with (
        LineStream(sys.stdin.fileno()) as stream,
        # Before the ledger is opened: a signal that comes meanwhile loses no line either.
        _stopped_by_signals(stream.stop, patience.end),
        destination(target, retry=_ENDLESS, sleep=patience.sleep) as receiver,
    ):
        if sys.stdin.isatty():
            aside.print(_AT_A_KEYBOARD)
        session = Session(receiver, aside.print, stream.stop, keep)
        _run(session, stream, fill, receiver, patience)
    console = Console(highlight=False, soft_wrap=True)
    if as_json:
        print_json(session.report, console)
    else:
        console.print(_sums(session.report))
    if session.unsent:
        aside.print(
            f"{session.unsent:,} lines are kept, in no ledger yet. To record them:"
            f" tallybook record < {keep}, and then remove it."
        )
    if session.unsent or session.report.refused:
        raise typer.Exit(1)


def _run(
    session: Session,
    stream: LineStream,
    fill: Callable[[bytes], bytes],
    receiver: Destination,
    patience: Patience,
) -> None:
    """Send what comes, until nothing does."""

    def until_the_end() -> Iterator[None]:
        # After the last load, and before its answer is waited for.
        patience.end()
        yield None

    began = time.perf_counter()
    loads = live_loads(
        stream,
        fill,
        rows_max=receiver.rows_max,
        bytes_max=receiver.bytes_max,
        age_seconds=AGE_SECONDS,
        clock=time.monotonic,
    )
    session.run(each for part in (loads, until_the_end()) for each in part)
    session.report.seconds = time.perf_counter() - began


def _filling(fixed: list[str]) -> Callable[[bytes], bytes]:
    try:
        return filling(read_wishes([], fixed, [], only_mapped=False).constants)
    except InvalidMapping as fault:
        raise typer.BadParameter(str(fault)) from fault


@contextmanager
def _stopped_by_signals(*calls: Callable[[], None]) -> Iterator[None]:
    """Have the first signal end the block in order; a second Ctrl-C ends it by force."""

    def stop(number: int, _frame: object) -> None:
        signal.signal(number, before[signal.Signals(number)])
        for call in calls:
            call()

    before = {number: signal.signal(number, stop) for number in _STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _sums(report: Report) -> str:
    lines = "1 line" if report.rows == 1 else f"{report.rows:,} lines"
    return (
        f"{lines}: {report.accepted:,} accepted, {report.duplicates:,} duplicates,"
        f" {report.conflicts:,} conflicts, {report.rejected:,} rejected."
    )
