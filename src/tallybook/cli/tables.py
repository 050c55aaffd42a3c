"""Usage for people, for spreadsheets and for programs: a table, CSV, JSON."""

import csv
import io
from collections.abc import Sequence

import msgspec
from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from tallybook.cli.as_json import print_as_json
from tallybook.cli.names import NONE, Names
from tallybook.domain import zones
from tallybook.domain.buckets import BucketWidth, Grid
from tallybook.domain.definitions import Fold, Kind, Quantity
from tallybook.domain.dimensions import OTHER
from tallybook.domain.instants import MICROSECONDS, iso
from tallybook.usage.pages import Bucket, Page, Result

# Columns of text: wider than any table.
WIDTH_MAX = 10_000


class Answer(msgspec.Struct, frozen=True):
    """All buckets of a query, and what was asked."""

    kind: Kind
    grid: Grid
    group_by: tuple[str, ...]
    buckets: list[Bucket]
    # Whether a table also shows the parts that totals are made of.
    with_parts: bool
    # Whether results say if they are what is left beside the largest groups.
    with_other: bool = False
    names: Names = NONE

    @property
    def rows(self) -> list[tuple[Bucket, Result]]:
        """Every result with its bucket, in order."""
        return [(bucket, result) for bucket in self.buckets for result in bucket.results]


def print_json(answer: Answer, console: Console) -> None:
    """All buckets as one page of the API, the last one."""
    print_as_json(Page(answer.buckets, has_more=False, next_page=None), console)


def print_csv(answer: Answer, console: Console) -> None:
    """One line per result; times in RFC 3339, an empty cell where a value is null."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    quantities = [quantity.name for quantity in answer.kind.wire_quantities]
    names = (*answer.group_by, *((OTHER,) if answer.with_other else ()), *quantities)
    lines.writerow(("start_time", "end_time", *names))
    for bucket, result in answer.rows:
        lines.writerow((*ends_of(bucket, answer.grid), *(result[name] for name in names)))
    console.out(text.getvalue(), end="", highlight=False)


def print_table(answer: Answer, console: Console) -> None:
    """A row per result, the quantities that say something as columns, and their totals."""
    rows = answer.rows
    if not rows:
        ends = range_text(answer.buckets, answer.grid)
        console.print(f"No usage of kind {answer.kind.name} {ends}.")
        return
    quantities = _telling(answer, [result for _, result in rows])
    flow = answer.kind.fold is Fold.SUM
    table = Table(box=SIMPLE, show_footer=flow)
    table.add_column(f"start\n[dim]{answer.grid.zone}[/]", "total", no_wrap=True)
    for name in answer.group_by:
        table.add_column(name.replace("_", "\n"), no_wrap=True)
    for quantity in quantities:
        total = sum(result[quantity.name] or 0 for _, result in rows)
        table.add_column(_heading(quantity), f"{total:,}", justify="right", no_wrap=True)
    for bucket, result in rows:
        table.add_row(
            bucket_start(bucket.start_time, answer.grid),
            *key_texts(result, answer.group_by, answer.names),
            *(f"{result[quantity.name] or 0:,}" for quantity in quantities),
        )
    print_whole(table, console)
    if not flow:
        console.print("These are samples of a level, not a flow: they have no total.")


def print_whole(table: Table, console: Console) -> None:
    """Print a table at its full width: a number that is cut off is a wrong one."""
    needed = Measurement.get(console, console.options.update(width=WIDTH_MAX), table).maximum
    console.width = max(console.width, needed)
    console.print(table)


def _telling(answer: Answer, results: Sequence[Result]) -> list[Quantity]:
    """The quantities that every event has, and of the totals those that say more.

    Left out is what is nothing in every row, or the same as another quantity
    in every row; and the parts of totals, unless they are asked for.
    """
    kind = answer.kind
    names: set[str] = set()
    seen: set[tuple[int, ...]] = set()
    for quantity in sorted(kind.wire_quantities, key=lambda each: not each.required):
        values = tuple(result[quantity.name] or 0 for result in results)
        shown = answer.with_parts or not quantity.is_stored
        if quantity.required or (shown and any(values) and values not in seen):
            names.add(quantity.name)
            seen.add(values)
    return [quantity for quantity in kind.wire_quantities if quantity.name in names]


def _heading(quantity: Quantity) -> str:
    """The quantity's name, a word a line, with its unit where the name does not end in it."""
    name = quantity.name.replace("_", "\n")
    return name if name.endswith(quantity.unit) else f"{name}\n[dim]{quantity.unit}[/]"


def bucket_start(seconds: int, grid: Grid) -> str:
    """A bucket's start by the clocks of the zone, as short as it can be told."""
    shown = zones.shown_at(grid.zone, seconds)
    day, _, clock = iso(shown * MICROSECONDS).rstrip("Z").partition("T")
    if grid.width.by_calendar and grid.is_boundary(seconds):
        return day.rpartition("-")[0] if grid.width is BucketWidth.MONTH else day
    time = f"{day} {clock.removesuffix(':00')}"
    # A time that clocks show twice is told with its offset the second time.
    again = zones.first_showing(grid.zone, shown) != seconds
    offset = zones.local_iso(grid.zone, seconds).removeprefix(f"{day}T{clock}")
    return f"{time} {offset}" if again else time


def ends_of(bucket: Bucket, grid: Grid) -> tuple[str, str]:
    """A bucket's ends in RFC 3339, by the clocks of the zone."""
    start, end = (zones.local_iso(grid.zone, at) for at in (bucket.start_time, bucket.end_time))
    return start, end


def range_text(buckets: Sequence[Bucket], grid: Grid) -> str:
    """The range of some buckets, at least one, in words."""
    start, _ = ends_of(buckets[0], grid)
    _, end = ends_of(buckets[-1], grid)
    return f"from {start} to {end}"


def key_texts(result: Result, group_by: Sequence[str], names: Names) -> tuple[str, ...]:
    """A result's keys, with names; of what is left beside the largest groups there are none."""
    if result.get(OTHER):
        return (f"[italic]({OTHER})[/]", *("" for _ in group_by[1:]))
    return tuple(key_text(result[each], names.of(each, result[each])) for each in group_by)


def key_text(value: object, name: str | None = None) -> str:
    """A dimension's value, behind its name where it has one; a dash where events had none."""
    if value is None:
        return "[dim]-[/]"
    if name is not None:
        return f"{escape(name)} [dim]({escape(str(value))})[/]"
    return str(value).lower() if isinstance(value, bool) else escape(str(value))
