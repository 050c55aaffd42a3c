"""``tallybook demo``."""

import shlex
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tallybook.cli import serving
from tallybook.cli.seal import seal_due
from tallybook.demo.month import EVENTS_MIN, MONTH_SECONDS, month
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.definitions import Fold, Kind
from tallybook.domain.entries import latest_us
from tallybook.domain.kinds import KINDS
from tallybook.intake.native import Format, read_events
from tallybook.ledger.ledger import Ledger, Lot
from tallybook.ledger.opening import make_folder, open_ledger, open_prices, prices_path
from tallybook.settings import Settings, load_settings

# Events of one transaction: large, because each ends with a wait for the disk.
LOT_EVENTS = 20_000
SEED_MAX = 2**63 - 1

# Remembers the month that a folder was filled with.
PLAN_FILE = "demo.json"

Fields = dict[str, Any]


def _amounts_of(kind: Kind) -> list[str]:
    """The quantities worth showing: what an event must bring, unless it is a stock."""
    if kind.fold is Fold.STOCK:
        return []
    return [
        quantity.name for quantity in kind.quantities if quantity.required and not quantity.default
    ]


_AMOUNTS = {name: _amounts_of(kind) for name, kind in KINDS.items()}
# The amounts that have a column of their own.
_TOKENS = ("input_tokens", "output_tokens")


class Filled(msgspec.Struct, kw_only=True):
    """What a run has put into the ledger so far, over ``[start, end)`` in Unix seconds.

    ``events`` by kind and ``amounts`` by kind and quantity are the sums of all
    events of the run, whether they were stored by it or before.
    """

    start: int
    end: int
    accepted: int = 0
    duplicates: int = 0
    # Not stored. None, unless another version filled the folder earlier.
    refused: int = 0
    events: Counter[str] = msgspec.field(default_factory=Counter)
    amounts: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)

    def count(self, lot: Sequence[Fields]) -> None:
        """Add what these events hold."""
        for event in lot:
            kind = event["kind"]
            self.events[kind] += 1
            for name in _AMOUNTS[kind]:
                self.amounts[kind, name] += event[name]


class _Plan(msgspec.Struct, frozen=True):
    """The month of a folder; ``end`` is exclusive, in Unix seconds."""

    seed: int
    events: int
    end: int


def demo(
    data: Annotated[Path, typer.Option(help="The folder to fill.")] = Path("./tallybook-demo"),
    events: Annotated[int, typer.Option(help="How many events to make.", min=EVENTS_MIN)] = 200_000,
    seed: Annotated[
        int, typer.Option(help="Another seed makes another organization.", min=0, max=SEED_MAX)
    ] = 8321,
    serve: Annotated[bool, typer.Option("--serve", help="Start the server on it.")] = False,
    port: Annotated[int | None, typer.Option(help="The port to listen on with --serve.")] = None,
) -> None:
    """Fill a folder with a made-up organization's month of usage, to look at.

    12 projects, 150 users, 300 keys, 14 models and all kinds of usage, over the
    30 days up to the last midnight (UTC). A folder remembers its month, so a
    second run adds nothing, on the same day or later.

    Example: tallybook demo --serve
    """
    settings = load_settings({"data": str(data), "port": port})
    aside = Console(stderr=True)
    with Progress(console=aside, transient=True, disable=not aside.is_terminal) as progress:
        filled = fill(settings, seed=seed, events=events, now_seconds=time.time(), show=progress)
    console = Console(highlight=False, soft_wrap=True)
    _print_summary(console, filled, data)
    _print_next_steps(console, settings, filled.start, serve=serve)
    if serve:
        serving.serve(data=str(data), port=port)


def fill(
    settings: Settings, *, seed: int, events: int, now_seconds: float, show: Progress
) -> Filled:
    """Store and seal the month that ends at the last midnight (UTC) before a moment.

    A folder that was filled before with the same seed and number of events
    gets the same month again, and so nothing new. The events go through the
    same gate as those of the API. Raises LedgerUnavailable or a child of it.
    """
    midnight = BucketWidth.DAY.floor(int(now_seconds))
    end = _remembered_end(settings.data, _Plan(seed, events, midnight))
    made = month(seed=seed, end_seconds=end, events=events)
    filled = Filled(start=end - MONTH_SECONDS, end=end)
    task = show.add_task("Making a month of events", total=events)
    _write_prices(settings)
    ledger = open_ledger(settings, open_prices(settings), settings.kept_tags)
    try:
        while lot := list(islice(made, LOT_EVENTS)):
            _store(ledger, lot, latest_us(now_seconds), filled)
            show.advance(task, len(lot))
        # It is looked at right away.
        seal_due(ledger, now_seconds, show)
    finally:
        ledger.close()
    return filled


def _remembered_end(folder: Path, plan: _Plan) -> int:
    """When the folder's month ends: as it did at the first run of the same plan."""
    file = folder / PLAN_FILE
    if file.exists():
        before = msgspec.json.decode(file.read_bytes(), type=_Plan)
        if (before.seed, before.events) == (plan.seed, plan.events):
            return before.end
    make_folder(folder)
    file.write_bytes(msgspec.json.encode(plan))
    return plan.end


def _write_prices(settings: Settings) -> None:
    """Give the folder the organization's prices, unless it has some."""
    path = prices_path(settings)
    if not path.exists():
        path.write_bytes(files("tallybook.demo").joinpath("prices.toml").read_bytes())


def _store(ledger: Ledger, lot: Sequence[Fields], latest: int, filled: Filled) -> None:
    """Store some events in one transaction and count what became of them."""
    batch = read_events(msgspec.json.encode(lot), Format.JSON, latest, len(lot))
    (answer,) = ledger.append([Lot(batch.sheet, batch.positions)])
    filled.count(lot)
    filled.accepted += answer.accepted
    filled.duplicates += answer.duplicates
    filled.refused += len(answer.conflicts) + len(batch.rejected)


def _print_summary(console: Console, filled: Filled, data: Path) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("kind", no_wrap=True)
    for header in ("events", *_TOKENS, "others"):
        table.add_column(header.replace("_", " "), justify="right")
    for kind, count in filled.events.most_common():
        amounts = {name: f"{filled.amounts[kind, name]:,.0f}" for name in _AMOUNTS[kind]}
        tokens = [amounts.pop(name, "") for name in _TOKENS]
        others = [f"{amount} {name.removeprefix('num_')}" for name, amount in amounts.items()]
        table.add_row(kind, f"{count:,}", *tokens, ", ".join(others))
    table.add_row("all", f"{filled.events.total():,}", style="bold")
    console.print(table)
    first, last = _day(filled.start), _day(filled.end - 1)
    console.print(f"\nThe 30 days from {first} to {last} (UTC) are in {data}.", markup=False)
    known = f", {filled.duplicates:,} were there already" if filled.duplicates else ""
    console.print(f"{filled.accepted:,} events were added{known}.")
    if filled.refused:
        console.print(
            f"{filled.refused:,} were refused: another version of Tallybook stored them otherwise."
            " Use a new folder."
        )
    console.print(
        "Run it again and nothing is added: an event is stored once. Another seed or number of"
        " events\nmakes other events, which would be added: give them another folder."
    )


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _print_next_steps(console: Console, settings: Settings, start: int, *, serve: bool) -> None:
    folder = shlex.quote(str(settings.data))
    address = f"http://{settings.host}:{settings.port}/v1/organization/usage/completions"
    query = f"start_time={start}&bucket_width=1d&limit=31&group_by=model"
    console.print("\n[bold]Next[/]  (the first start of a server shows its admin key, once)\n")
    # A server owns its folder, and the command line would be turned away.
    if not serve:
        console.print(
            f"  tallybook usage completions --data {folder} --group-by model", markup=False
        )
        console.print(f"  tallybook costs --data {folder} --group-by line_item", markup=False)
        console.print(f"  tallybook serve --data {folder}", markup=False)
    console.print('  curl -H "Authorization: Bearer $TALLYBOOK_ADMIN_KEY" \\', markup=False)
    console.print(f'    "{address}?{query}"\n', markup=False)
