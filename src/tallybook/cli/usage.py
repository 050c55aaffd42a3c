"""``tallybook usage``: ask a ledger, print the answer."""

import time
from typing import Annotated

import typer
from rich.console import Console

from tallybook.cli import completing
from tallybook.cli.asking import (
    End,
    Filters,
    Here,
    OrderBy,
    Start,
    Timezone,
    Top,
    Width,
    asking,
    conditions,
    dimensions,
    grid_of,
    kind_of,
    ranking_parameters,
    time_parameters,
    walk,
)
from tallybook.cli.names import NONE, values_in
from tallybook.cli.naming import names_at
from tallybook.cli.serving import Config, Data
from tallybook.cli.tables import Answer, print_csv, print_json, print_table
from tallybook.cli.target import Key, Profile, Url, target_of
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.definitions import Kind
from tallybook.domain.dimensions import PROVIDER, TAG_PREFIX, in_row_order
from tallybook.domain.instants import exclusive_now
from tallybook.domain.kinds import KINDS, USAGE_LIMITS
from tallybook.domain.zones import UTC
from tallybook.ledger.ledger import Ledger
from tallybook.usage.dialects import Dialect
from tallybook.usage.pages import usage_page
from tallybook.web.parameters import read_usage_query

DEFAULT_START = "-7d"

KindName = Annotated[
    str,
    typer.Argument(
        metavar="KIND", help=f"One of {', '.join(KINDS)}.", autocompletion=completing.kind_names
    ),
]
GroupBy = Annotated[
    list[str],
    typer.Option(
        metavar="DIMENSION[,…]",
        help=f"Sums for each value of a dimension, of {PROVIDER}, or of {TAG_PREFIX}NAME.",
        autocompletion=completing.dimensions,
    ),
]


def usage(
    *,
    kind: KindName,
    start: Start = DEFAULT_START,
    end: End = "now",
    width: Width = BucketWidth.DAY,
    timezone: Timezone = UTC,
    group_by: GroupBy = [],  # noqa: B006 - typer reads the default and copies it
    order_by: OrderBy = None,
    top: Top = None,
    filters: Filters = [],  # noqa: B006
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
    with_parts: Annotated[
        bool, typer.Option("--parts", help="Show what totals are made of: text, audio, image, …")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print all buckets as one page of the API.")
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, with every quantity.")] = False,
) -> None:
    """Print what was used, in buckets of time.

    Example: tallybook usage completions --start -24h --width 1h --group-by model
    """
    if as_json and as_csv:
        raise typer.BadParameter("--json and --csv exclude each other.")
    found = kind_of(kind, "KIND")
    groups = dimensions(group_by)
    now = exclusive_now(time.time())
    grid = grid_of(width, timezone)
    parameters = [
        *time_parameters(start, end, grid, now),
        ("limit", str(USAGE_LIMITS[width].maximum)),
        *(("group_by", name) for name in groups),
        *conditions(found.name, found.query_filters, filters),
        *ranking_parameters(order_by, top),
    ]
    target = target_of(url=url, key=key, data=data, profile=profile, config=config)
    with asking(target, found.path, here(found, now)) as ask:
        buckets, _ = walk(ask, parameters)
    keys = in_row_order(groups)
    # Programs get ids and nothing else.
    named = NONE if as_json or as_csv else names_at(target, values_in(buckets, keys))
    answer = Answer(found, grid, keys, buckets, with_parts, with_other=top is not None, names=named)
    write = print_json if as_json else print_csv if as_csv else print_table
    write(answer, Console(highlight=False))


def here(kind: Kind, now: int) -> Here:
    """Answers a query string by the rules of the server."""

    def answer(query_string: bytes, ledger: Ledger) -> tuple[bytes, int]:
        query = read_usage_query(query_string, kind, now, None)
        return usage_page(query, Dialect.CURRENT, ledger), 0

    return answer
