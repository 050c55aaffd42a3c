"""``tallybook top``: who or what used most, and how that changed."""

import time
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from tallybook.cli import completing, costs, usage
from tallybook.cli.asking import (
    Filters,
    Here,
    Parameters,
    Timezone,
    asking,
    conditions,
    grid_of,
    kind_of,
    moment_of,
    walk,
)
from tallybook.cli.names import NONE, Value
from tallybook.cli.naming import names_at
from tallybook.cli.ranking import Ends, Piece, Ranking, Row, Sums, ranked, sums_of, together
from tallybook.cli.ranking_tables import print_csv, print_json, print_table
from tallybook.cli.serving import Config, Data
from tallybook.cli.target import Key, Profile, Url, target_of
from tallybook.domain import costs as table
from tallybook.domain.buckets import BucketWidth, Span
from tallybook.domain.definitions import Filter, Fold
from tallybook.domain.instants import exclusive_now
from tallybook.domain.kinds import COSTS_LIMITS, USAGE_LIMITS
from tallybook.domain.queries import TOP_MAX
from tallybook.domain.zones import UTC
from tallybook.usage.pages import Result
from tallybook.web.parameters import COSTS_FORM, Form, usage_form

DEFAULT_START = "-30d"
COST = "cost"
# Relative starts are rounded down to these; others are what they say, to the minute.
_GRAINS = {"d": BucketWidth.DAY, "w": BucketWidth.DAY, "h": BucketWidth.HOUR}

DimensionName = Annotated[
    str,
    typer.Argument(
        metavar="DIMENSION",
        help="What is ranked: model, user_id, line_item, tag:NAME, and whatever else costs or the"
        " kind can be grouped by.",
        autocompletion=completing.dimensions,
    ),
]

Start = Annotated[
    str,
    typer.Option(
        help="The start, inclusive: a date or time (by the clocks of --timezone without an offset),"
        " Unix seconds, or how long ago, like -30d, -24h or -90m."
    ),
]
By = Annotated[
    str,
    typer.Option(
        metavar="NUMBER",
        help=f"{COST}, or a quantity of --kind, like input_tokens.",
        autocompletion=completing.rankings,
    ),
]
KindName = Annotated[
    str | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="Whose quantity it is; needed unless it is by cost.",
        autocompletion=completing.kind_names,
    ),
]
Count = Annotated[
    int, typer.Option("--top", metavar="N", help="How many groups.", min=1, max=TOP_MAX)
]


class _Subject(msgspec.Struct, frozen=True):
    """What is ranked by: the endpoint that knows it, and how a result says it."""

    path: str
    form: Form
    filters: tuple[Filter, ...]
    order_by: str
    limits: dict[BucketWidth, int]
    here: Here
    measured: Callable[[Result], tuple[Decimal, str]]


def top(
    *,
    dimension: DimensionName,
    start: Start = DEFAULT_START,
    end: Annotated[str, typer.Option(help="The end, exclusive, in the same forms.")] = "now",
    by: By = COST,
    kind: KindName = None,
    count: Count = 10,
    timezone: Timezone = UTC,
    filters: Filters = [],  # noqa: B006 - typer reads the default and copies it
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print CSV, a line for each group.")
    ] = False,
) -> None:
    """Rank groups by what they cost or used, with share and change.

    The change is against the same span before: as many days, and of today as
    much as has passed, to the hour.

    Example: tallybook top user_id --start -30d
    """
    if as_json and as_csv:
        raise typer.BadParameter("--json and --csv exclude each other.")
    now = exclusive_now(time.time())
    subject = _subject(by, kind, now)
    _check_dimension(dimension, subject.form)
    ends = ends_of(start, end, timezone, now)
    narrowed = conditions(subject.form.name, subject.filters, filters)
    target = target_of(url=url, key=key, data=data, profile=profile, config=config)
    with asking(target, subject.path, subject.here) as ask:

        def sums(piece: Piece, groups: int) -> tuple[Sums, int]:
            asked = _question(subject, dimension, piece, groups)
            buckets, unpriced = walk(ask, [*asked, *narrowed])
            return sums_of(buckets, dimension, subject.measured), unpriced

        current, unpriced = sums(Piece(ends.span, ends.width), count)
        before = [sums(piece, TOP_MAX)[0] for piece in ends.before]
    rows, totals = ranked(current, together(before))
    # Programs get ids and nothing else.
    named = NONE if as_json or as_csv else names_at(target, _values(dimension, rows))
    ranking = Ranking(
        dimension=dimension,
        by=by,
        ends=ends,
        rows=rows,
        totals=totals,
        unpriced=unpriced,
        names=named,
    )
    write = print_json if as_json else print_csv if as_csv else print_table
    write(ranking, Console(highlight=False))


def _check_dimension(dimension: str, form: Form) -> None:
    """Return when groups can be told apart by a dimension. Raises BadParameter."""
    if not form.can_group_by(dimension):
        raise typer.BadParameter(
            f'DIMENSION is "{dimension}"; {form.name} can be ranked by'
            f" {', '.join(form.group_by)} and tag:NAME."
        )


def _values(dimension: str, rows: Iterable[Row]) -> list[Value]:
    return [(dimension, str(row.value)) for row in rows if row.value is not None]


def _subject(by: str, kind: str | None, now: int) -> _Subject:
    if by == COST:
        if kind is not None:
            raise typer.BadParameter(
                "--kind is for quantities: costs are those of all kinds. Rank by one of the kind's"
                " (--by), or narrow costs by --filter."
            )
        limits = {width: limit.maximum for width, limit in COSTS_LIMITS.items()}
        return _Subject(
            table.PATH, COSTS_FORM, table.FILTERS, table.AMOUNT, limits, costs.here(now), _cost
        )
    if kind is None:
        raise typer.BadParameter(
            f'--by is "{by}"; it must be {COST}, or a quantity of a kind that --kind names.'
        )
    found = kind_of(kind, "--kind")
    if by not in found.rankings:
        raise typer.BadParameter(
            f'--by is "{by}"; {kind} can be ranked by {", ".join(found.rankings)}, or by {COST}'
            " without --kind."
        )
    if found.fold is Fold.STOCK:
        raise typer.BadParameter(
            f"{kind} are samples of a level, which have no sum over time: tallybook usage {kind}"
            " --group-by DIMENSION --top N ranks them."
        )
    limits = {width: limit.maximum for width, limit in USAGE_LIMITS.items()}
    return _Subject(
        found.path,
        usage_form(found),
        found.query_filters,
        by,
        limits,
        usage.here(found, now),
        lambda result: (Decimal(result[by] or 0), ""),
    )


def _cost(result: Result) -> tuple[Decimal, str]:
    return Decimal(result["amount"]["value"]), result["amount"]["currency"]


def ends_of(start: str, end: str, timezone: str, now: int) -> Ends:
    """The span that is meant at the moment ``now``, to the minute. Raises BadParameter."""
    grain = _GRAINS.get(start[-1:], BucketWidth.MINUTE) if start[:1] == "-" else BucketWidth.MINUTE
    minute = BucketWidth.MINUTE
    first = minute.floor(moment_of(start, now, grid_of(grain, timezone)))
    last = moment_of(end, now, grid_of(minute, timezone))
    if last >= now:
        return Ends(Span(first, max(now, first + 1)), timezone, open=True)
    last = minute.floor(last)
    if first >= last:
        raise typer.BadParameter(f'--start is "{start}"; it must be before --end, "{end}".')
    return Ends(Span(first, last), timezone, open=False)


def _question(subject: _Subject, dimension: str, piece: Piece, count: int) -> Parameters:
    """What asks for a piece by group, the largest told apart."""
    return [
        ("start_time", str(piece.span.start)),
        ("end_time", str(piece.span.end)),
        ("bucket_width", piece.width.value),
        ("limit", str(subject.limits[piece.width])),
        ("group_by", dimension),
        ("order_by", subject.order_by),
        ("top", str(count)),
    ]
