"""``tallybook costs``: what was spent, on what and by whom."""

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
    ranking_parameters,
    time_parameters,
    walk,
)
from tallybook.cli.cost_tables import CostsAnswer, print_csv, print_json, print_table
from tallybook.cli.names import NONE, values_in
from tallybook.cli.naming import names_at
from tallybook.cli.serving import Config, Data
from tallybook.cli.target import Key, Profile, Url, target_of
from tallybook.domain import costs as table
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.dimensions import TAG_PREFIX, in_row_order
from tallybook.domain.instants import exclusive_now
from tallybook.domain.kinds import COSTS_LIMITS
from tallybook.domain.zones import UTC
from tallybook.ledger.ledger import Ledger
from tallybook.usage.costs import costs_page, unpriced_events
from tallybook.usage.dialects import Dialect
from tallybook.web.parameters import read_costs_query

DEFAULT_START = "-30d"


def costs(
    *,
    start: Start = DEFAULT_START,
    end: End = "now",
    width: Width = BucketWidth.DAY,
    timezone: Timezone = UTC,
    group_by: Annotated[
        list[str],
        typer.Option(
            metavar="DIMENSION[,…]",
            help=f"A row for each value: {', '.join(table.GROUP_BY)}, or {TAG_PREFIX}NAME.",
            autocompletion=completing.dimensions,
        ),
    ] = [],  # noqa: B006 - typer reads the default and copies it
    order_by: OrderBy = None,
    top: Top = None,
    filters: Filters = [],  # noqa: B006
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print all buckets as one page of the API.")
    ] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print CSV, a line for each bucket and group.")
    ] = False,
) -> None:
    """Print what was spent: the dearest first, each with its course over time.

    Without --group-by, a row for each bucket.

    Example: tallybook costs --start -30d --group-by project_id,line_item
    """
    if as_json and as_csv:
        raise typer.BadParameter("--json and --csv exclude each other.")
    now = exclusive_now(time.time())
    groups = dimensions(group_by)
    grid = grid_of(width, timezone)
    parameters = [
        *time_parameters(start, end, grid, now),
        ("limit", str(COSTS_LIMITS[width].maximum)),
        *(("group_by", name) for name in groups),
        *conditions(table.NAME, table.FILTERS, filters),
        *ranking_parameters(order_by, top),
    ]
    target = target_of(url=url, key=key, data=data, profile=profile, config=config)
    with asking(target, table.PATH, here(now)) as ask:
        buckets, unpriced = walk(ask, parameters)
    keys = in_row_order(groups)
    # Programs get ids and nothing else.
    named = NONE if as_json or as_csv else names_at(target, values_in(buckets, keys))
    answer = CostsAnswer(grid, keys, buckets, unpriced, with_other=top is not None, names=named)
    write = print_json if as_json else print_csv if as_csv else print_table
    write(answer, Console(highlight=False))


def here(now: int) -> Here:
    """Answers a query string by the rules of the server."""

    def answer(query_string: bytes, ledger: Ledger) -> tuple[bytes, int]:
        query = read_costs_query(query_string, now, None)
        page = costs_page(query, Dialect.CURRENT, ledger)
        return page, unpriced_events(query, ledger)

    return answer
