"""``tallybook usage``: ask a ledger, print the answer."""

import time
from collections.abc import Iterable
from typing import Annotated

import typer
from rich.console import Console

from tallybook.cli.asking import (
    End,
    Filters,
    Here,
    Parameters,
    Start,
    Width,
    asking,
    condition,
    dimensions,
    time_range,
    walk,
)
from tallybook.cli.serving import Config, Data
from tallybook.cli.tables import Answer, print_csv, print_json, print_table
from tallybook.cli.target import Key, Url, target_of
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.definitions import Kind
from tallybook.domain.dimensions import in_row_order
from tallybook.domain.instants import exclusive_now
from tallybook.domain.kinds import KINDS, USAGE_LIMITS
from tallybook.ledger.ledger import Ledger
from tallybook.usage.dialects import Dialect, encode_page
from tallybook.usage.pages import usage_page
from tallybook.web.parameters import read_usage_query
from tallybook.web.routes import BASE_PATH

DEFAULT_START = "-7d"


def usage(
    *,
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of {', '.join(KINDS)}.")],
    start: Start = DEFAULT_START,
    end: End = "now",
    width: Width = BucketWidth.DAY,
    group_by: Annotated[
        list[str],
        typer.Option(metavar="DIMENSION[,…]", help="Sums for each value of a dimension."),
    ] = [],  # noqa: B006 - typer reads the default and copies it
    filters: Filters = [],  # noqa: B006
    data: Data = None,
    url: Url = None,
    key: Key = None,
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
    found = _kind(kind)
    groups = dimensions(group_by)
    now = exclusive_now(time.time())
    parameters = [
        *time_range(start, end, width, now),
        ("bucket_width", width.value),
        ("limit", str(USAGE_LIMITS[width].maximum)),
        *(("group_by", name) for name in groups),
        *_filters(found, filters),
    ]
    target = target_of(url, key, data, config)
    with asking(target, f"{BASE_PATH}{found.path}", _here(found, now)) as ask:
        buckets, _ = walk(ask, parameters)
    answer = Answer(found, width, in_row_order(set(groups)), buckets, with_parts)
    write = print_json if as_json else print_csv if as_csv else print_table
    write(answer, Console(highlight=False))


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise typer.BadParameter(f'KIND is "{name}"; it must be one of {", ".join(KINDS)}.')
    return KINDS[name]


def _filters(kind: Kind, texts: Iterable[str]) -> Parameters:
    """Filters by dimension as the parameters of the kind's endpoint."""
    names = {filter_.dimension: filter_.name for filter_ in kind.filters}
    parameters = []
    for text in texts:
        dimension, value = condition(text)
        if dimension not in names:
            raise typer.BadParameter(
                f'{kind.name} cannot be filtered by "{dimension}", but by {", ".join(names)}.'
            )
        parameters.append((names[dimension], value))
    return parameters


def _here(kind: Kind, now: int) -> Here:
    """Answers a query string by the rules of the server."""

    def answer(query_string: bytes, ledger: Ledger) -> tuple[bytes, int]:
        page = usage_page(read_usage_query(query_string, kind, now), ledger)
        return encode_page(page, Dialect.CURRENT), 0

    return answer
