"""The view: what was seen, as text of a width. Pure: the time is passed in."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

import msgspec
from rich.box import SIMPLE
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from tallybook.cli.cost_tables import unpriced_text
from tallybook.cli.money import amount_text, sparkline
from tallybook.cli.tables import WIDTH_MAX, key_text
from tallybook.cli.watching.seen import Group as SeenGroup
from tallybook.cli.watching.seen import Money, Seen, shown_quantities
from tallybook.domain import zones
from tallybook.domain.definitions import Kind
from tallybook.domain.dimensions import OTHER
from tallybook.domain.money import DEFAULT_CURRENCY

# Columns of a course over the last minutes, where there is room, and of a name, where there is not.
_COURSE_COLUMNS, _NAME_COLUMNS_MIN = 30, 8

_COSTS, _COURSE = "cost\ntoday", "per minute"
_PREFIX = "num_model_"


class Screen(msgspec.Struct, frozen=True, kw_only=True):
    """What is watched, what was seen last, and what went wrong since, if anything did.

    ``fault_at`` is the moment of the first fault, in Unix seconds.
    """

    where: str
    kind: Kind
    group_by: tuple[str, ...]
    zone: str
    seen: Seen
    fault: str | None = None
    fault_at: int = 0


def render(screen: Screen, width: int) -> RenderableType:
    """The view for a terminal of so many columns: what does not fit is left out, never cut off."""
    parts: list[RenderableType] = [_title(screen)]
    if screen.seen.groups:
        parts.append(_fitting(screen, width))
    else:
        parts.append(f"\n  Nothing of kind {screen.kind.name} in {_minutes(screen)}.\n")
    parts.append(Text.from_markup(_costs_line(screen)))
    if screen.seen.unpriced:
        parts.append(Text.from_markup(unpriced_text(screen.seen.unpriced)))
    if screen.fault is not None:
        parts.append(Text.from_markup(_fault_text(screen)))
    return Group(*parts)


def _title(screen: Screen) -> Text:
    said = f"{screen.kind.name} by {', '.join(screen.group_by)}, {_minutes(screen)}"
    at = _clock(screen.seen.at, screen.zone)
    return Text.from_markup(
        f"[bold]{escape(said)}[/]  {at} [dim]{escape(screen.zone)}, {escape(screen.where)}[/]"
    )


def _minutes(screen: Screen) -> str:
    count = len(screen.seen.total.course)
    return "the last minute" if count == 1 else f"the last {count} minutes"


class _Columns(msgspec.Struct, frozen=True):
    """What a table shows: quantities, and how wide names and courses may be; 0 is none at all."""

    quantities: Sequence[str]
    course: int
    name: int = _NAME_COLUMNS_MIN


def _fitting(screen: Screen, width: int) -> Table:
    """The table with as much as there is room for: names are shortened before columns go."""
    *_, least = choices = list(_choices(screen))
    chosen = next((each for each in choices if _needed(screen, each) <= width), least)
    room = max(width - _needed(screen, chosen), 0) // len(screen.group_by)
    return _table(screen, msgspec.structs.replace(chosen, name=_NAME_COLUMNS_MIN + room))


def _choices(screen: Screen) -> Iterator[_Columns]:
    """All columns, and then fewer and fewer."""
    quantities = shown_quantities(screen.kind)
    for course in (_COURSE_COLUMNS, _COURSE_COLUMNS // 2, 0):
        yield _Columns(quantities, course)
    for count in range(len(quantities) - 1, 0, -1):
        yield _Columns(quantities[:count], 0)


def _needed(screen: Screen, columns: _Columns) -> int:
    """The width of a table with these columns, in columns of text."""
    plain = Console(width=WIDTH_MAX)
    return Measurement.get(plain, plain.options, _table(screen, columns)).maximum


def _table(screen: Screen, columns: _Columns) -> Table:
    table = Table(box=SIMPLE, show_footer=True)
    for place, name in enumerate(screen.group_by):
        shown = _shortened(escape(name), columns.name)
        table.add_column(shown, "" if place else "total", no_wrap=True)
    total = screen.seen.total
    for name in columns.quantities:
        heading = name.removeprefix(_PREFIX).replace("_", "\n")
        table.add_column(heading, f"{total.sums.get(name, 0):,}", justify="right", no_wrap=True)
    table.add_column(_COSTS, _money(total.costs), justify="right", no_wrap=True)
    if columns.course:
        table.add_column(_COURSE, _course(total, columns.course), no_wrap=True)
    for group in screen.seen.groups:
        table.add_row(
            *_names(group, screen, columns.name),
            *(f"{group.sums.get(name, 0):,}" for name in columns.quantities),
            _money(group.costs),
            *((_course(group, columns.course),) if columns.course else ()),
        )
    return table


def _names(group: SeenGroup, screen: Screen, width: int) -> list[Text]:
    if group.keys is None:
        texts = [f"[italic]({OTHER})[/]", *("" for _ in screen.group_by[1:])]
    else:
        known = screen.seen.names
        pairs = zip(screen.group_by, group.keys, strict=True)
        texts = [key_text(key, known.of(dimension, key)) for dimension, key in pairs]
    return [_shortened(text, width) for text in texts]


def _shortened(markup: str, width: int) -> Text:
    text = Text.from_markup(markup)
    text.truncate(width, overflow="ellipsis")
    return text


def _money(costs: Money | None) -> str:
    """Amounts, one currency to a line; nothing where they are not known."""
    if costs is None:
        return ""
    amounts = sorted(costs.items()) or [(DEFAULT_CURRENCY, Decimal(0))]
    return "\n".join(amount_text(amount, currency) for currency, amount in amounts)


def _course(group: SeenGroup, columns: int) -> str:
    return sparkline([Decimal(count) for count in group.course], columns)


def _costs_line(screen: Screen) -> str:
    rate = sum(screen.seen.total.course) / len(screen.seen.total.course)
    amounts = _money(screen.seen.total.costs).replace("\n", ", ")
    name = screen.kind.rankings[0].removeprefix(_PREFIX).replace("_", " ")
    return f"{rate:,.1f} {name} a minute. Cost so far today, of all kinds: [bold]{amounts}[/]"


def _fault_text(screen: Screen) -> str:
    since, last = (_clock(each, screen.zone) for each in (screen.fault_at, screen.seen.at))
    return (
        f"[bold red]Since {since}:[/] {escape(screen.fault or '')} Trying again; what is shown is"
        f" of {last}."
    )


def _clock(seconds: int, zone: str) -> str:
    """The time of day that clocks of a zone show."""
    return zones.local_iso(zone, seconds).partition("T")[2][:8]
