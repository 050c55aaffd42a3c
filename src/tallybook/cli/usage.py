"""``tallybook usage``: ask a ledger, print the answer."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated
from urllib.parse import urlencode

import httpx2
import msgspec
import typer
from rich.console import Console

from tallybook.cli.moments import InvalidMoment, moment
from tallybook.cli.serving import Config, Data
from tallybook.cli.tables import Answer, print_csv, print_json, print_table
from tallybook.cli.target import FolderTarget, Key, Refused, Target, Url, message_of, target_of
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.definitions import Kind
from tallybook.domain.instants import exclusive_now
from tallybook.domain.kinds import KINDS, USAGE_LIMITS
from tallybook.domain.queries import in_row_order
from tallybook.usage.pages import Bucket, Page, usage_page
from tallybook.web.parameters import read_query
from tallybook.web.routes import BASE_PATH

DEFAULT_START = "-7d"

# The names and values of a query string.
Parameters = list[tuple[str, str]]
Ask = Callable[[Parameters], Page]


def usage(
    *,
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of {', '.join(KINDS)}.")],
    start: Annotated[
        str,
        typer.Option(
            help="The start, inclusive: Unix seconds, a date or time (UTC without an offset), or"
            " how long ago, like -7d, -24h or -90m, rounded down to a whole bucket."
        ),
    ] = DEFAULT_START,
    end: Annotated[str, typer.Option(help="The end, exclusive, in the same forms.")] = "now",
    width: Annotated[BucketWidth, typer.Option(help="The size of a bucket.")] = BucketWidth.DAY,
    group_by: Annotated[
        list[str],
        typer.Option(metavar="DIMENSION[,…]", help="Sums for each value of a dimension."),
    ] = [],  # noqa: B006 - typer reads the default and copies it
    filters: Annotated[
        list[str],
        typer.Option("--filter", metavar="DIMENSION=VALUE", help="Only what has this value."),
    ] = [],  # noqa: B006
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
    groups = [name for text in group_by for part in text.split(",") if (name := part.strip())]
    now = exclusive_now(time.time())
    parameters = [
        *_range(start, end, width, now),
        ("bucket_width", width.value),
        ("limit", str(USAGE_LIMITS[width].maximum)),
        *(("group_by", name) for name in groups),
        *_filters(found, filters),
    ]
    with _asking(target_of(url, key, data, config), found, now) as ask:
        buckets = list(_walk(ask, parameters))
    answer = Answer(found, width, in_row_order(set(groups)), buckets, with_parts)
    write = print_json if as_json else print_csv if as_csv else print_table
    write(answer, Console(highlight=False))


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise typer.BadParameter(f'KIND is "{name}"; it must be one of {", ".join(KINDS)}.')
    return KINDS[name]


def _range(start: str, end: str, width: BucketWidth, now: int) -> Parameters:
    """The two ends; an end that is now is left to the ledger's own clock."""
    try:
        ends = [("start_time", str(moment(start, now, width)))]
        if end != "now":
            ends.append(("end_time", str(moment(end, now, width))))
    except InvalidMoment as fault:
        raise typer.BadParameter(str(fault)) from fault
    return ends


def _filters(kind: Kind, texts: Iterable[str]) -> Parameters:
    """Filters by dimension as the parameters of the kind's endpoint."""
    names = {filter_.dimension: filter_.name for filter_ in kind.filters}
    parameters = []
    for text in texts:
        dimension, separator, value = text.partition("=")
        if not separator or not value:
            raise typer.BadParameter(f'--filter is "{text}"; it must be DIMENSION=VALUE.')
        if dimension not in names:
            raise typer.BadParameter(
                f'{kind.name} cannot be filtered by "{dimension}", but by {", ".join(names)}.'
            )
        parameters.append((names[dimension], value))
    return parameters


@contextmanager
def _asking(target: Target, kind: Kind, now: int) -> Iterator[Ask]:
    """A function that answers one page of the kind, here or by a server, by the same rules."""
    if isinstance(target, FolderTarget):
        with target.open(existing=True) as ledger:
            yield lambda parameters: usage_page(
                read_query(urlencode(parameters).encode(), kind, now), ledger
            )
    else:
        with target.connect() as client:
            yield lambda parameters: _get(client, kind, parameters)


def _get(client: httpx2.Client, kind: Kind, parameters: Parameters) -> Page:
    try:
        answer = client.get(f"{BASE_PATH}{kind.path}?{urlencode(parameters)}")
    except httpx2.HTTPError as fault:
        raise Refused(f"{client.base_url} does not answer: {fault}") from fault
    if answer.is_error:
        raise Refused(message_of(answer))
    return msgspec.json.decode(answer.content, type=Page)


def _walk(ask: Ask, parameters: Parameters) -> Iterator[Bucket]:
    """The buckets of all pages."""
    page = ask(parameters)
    yield from page.data
    while page.next_page:
        page = ask([*parameters, ("page", page.next_page)])
        yield from page.data
