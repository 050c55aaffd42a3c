"""Rankings for people, for spreadsheets and for programs: a table, CSV, JSON."""

import csv
import io
from decimal import Decimal
from typing import Any

import msgspec
from rich.box import SIMPLE
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from tallybook.cli.as_json import print_as_json
from tallybook.cli.cost_tables import warn_of_unpriced
from tallybook.cli.money import amount_text
from tallybook.cli.ranking import Ranking, Row
from tallybook.cli.tables import WIDTH_MAX, bucket_start, key_text, print_whole
from tallybook.domain.buckets import Grid
from tallybook.domain.dimensions import OTHER
from tallybook.domain.money import plain

# Columns of the largest bar, where there is room; a shorter one than that says nothing.
_BAR_COLUMNS_MAX, _BAR_COLUMNS_MIN = 24, 4
# Between a column and the next.
_PADDING = 3
_EIGHTHS = " ▏▎▍▌▋▊▉"
# Decimals of shares and changes for programs: a hundredth of a per cent.
_PART = Decimal("0.0001")
# A growth beyond this is told in multiples.
_PERCENT_MAX = 1_000


def print_json(ranking: Ranking, console: Console) -> None:
    """The ranking as one object."""
    found: dict[str, Any] = {
        "object": "ranking",
        "dimension": ranking.dimension,
        "by": ranking.by,
        "start_time": ranking.ends.span.start,
        "end_time": ranking.ends.span.end,
        "unpriced_events": ranking.unpriced,
        "data": [
            {
                "value": row.value,
                OTHER: row.other,
                "amount": _number(row.amount),
                "currency": row.currency or None,
                "share": _number(row.share.quantize(_PART)),
                "before": None if row.before is None else _number(row.before),
                "change": None if row.change is None else _number(row.change.quantize(_PART)),
            }
            for row in ranking.rows
        ],
    }
    print_as_json(found, console)


def _number(value: Decimal) -> msgspec.Raw:
    return msgspec.Raw(plain(value).encode())


def print_csv(ranking: Ranking, console: Console) -> None:
    """One line per group; an empty cell where a value is null or not known."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow((ranking.dimension, OTHER, ranking.by, "currency", "share", "before", "change"))
    for row in ranking.rows:
        before, change = row.before, row.change
        lines.writerow(
            (
                row.value,
                row.other,
                plain(row.amount),
                row.currency,
                plain(row.share.quantize(_PART)),
                "" if before is None else plain(before),
                "" if change is None else plain(change.quantize(_PART)),
            )
        )
    console.out(text.getvalue(), end="", highlight=False)


def print_table(ranking: Ranking, console: Console) -> None:
    """A row per group with its share, a bar and its change; the rest and the total at the end."""
    if ranking.rows:
        bare = _table(ranking, 0)
        needed = Measurement.get(console, console.options.update(width=WIDTH_MAX), bare).maximum
        room = min(console.width - needed - _PADDING, _BAR_COLUMNS_MAX)
        print_whole(_table(ranking, room) if room >= _BAR_COLUMNS_MIN else bare, console)
        said = "the change is against" if ranking.is_compared else "there was nothing in"
        console.print(f"{_range(ranking)}; {said} the same span before.", soft_wrap=True)
    else:
        console.print(f"Nothing {_range(ranking)}.")
    warn_of_unpriced(ranking.unpriced, console)


def _table(ranking: Ranking, bar_columns: int) -> Table:
    totals = ranking.totals
    table = Table(box=SIMPLE, show_footer=True)
    table.add_column("", justify="right", no_wrap=True, style="dim")
    table.add_column(ranking.dimension, "total", no_wrap=True)
    amounts = "\n".join(_amount(each.amount, each.currency) for each in totals)
    table.add_column(ranking.by.replace("_", " "), amounts, justify="right", no_wrap=True)
    table.add_column("share", justify="right", no_wrap=True)
    if bar_columns:
        table.add_column("", no_wrap=True)
    if ranking.is_compared:
        changes = "\n".join(_change(each.change, each.before) for each in totals)
        table.add_column("change", changes, justify="right", no_wrap=True)
    for place, row in enumerate(ranking.rows, start=1):
        bars = (_bar(row, ranking, bar_columns),) if bar_columns else ()
        changed = (_change(row.change, row.before),) if ranking.is_compared else ()
        table.add_row(
            "" if row.other else str(place),
            f"[italic]({OTHER})[/]" if row.other else _named(row, ranking),
            _amount(row.amount, row.currency),
            f"{row.share * 100:.1f}%",
            *bars,
            *changed,
        )
    return table


def _named(row: Row, ranking: Ranking) -> str:
    return key_text(row.value, ranking.names.of(ranking.dimension, row.value))


def _range(ranking: Ranking) -> str:
    """The span in words, by the clocks of its zone."""
    grid, span = Grid(ranking.ends.width, ranking.ends.zone), ranking.ends.span
    end = "now" if ranking.ends.open else bucket_start(span.end, grid)
    return f"from {bucket_start(span.start, grid)} to {end} ({grid.zone})"


def _amount(amount: Decimal, currency: str) -> str:
    return amount_text(amount, currency) if currency else f"{amount:,f}"


def _bar(row: Row, ranking: Ranking, columns: int) -> str:
    """A bar in eighths of a column: the largest group of its currency fills them."""
    if row.other:
        # It may be more than all of them.
        return ""
    rivals = (each for each in ranking.rows if each.currency == row.currency)
    most = max(each.amount for each in rivals if not each.other)
    eighths = int(row.amount * columns * 8 / most + Decimal("0.5")) if most > 0 else 0
    whole, rest = divmod(max(eighths, 0), 8)
    return ("█" * whole + _EIGHTHS[rest]).rstrip()


def _change(change: Decimal | None, before: Decimal | None) -> str:
    """A change in per cent, or in multiples where it is huge; ``new`` where there was nothing."""
    if change is None:
        return "" if before is None else "new"
    percent = change * 100
    if percent > _PERCENT_MAX:
        return f"{change + 1:,.0f}x"
    return "0.0%" if round(percent, 1) == 0 else f"{percent:+,.1f}%"
