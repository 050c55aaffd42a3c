"""Asking a ledger, here or through a server: the same query strings, the same answers."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Annotated, TypeVar
from urllib.parse import urlencode

import msgspec
import typer

from tallybook.cli import completing
from tallybook.cli.target import FolderTarget, Manner, Target
from tallybook.client.connection import Connection
from tallybook.client.errors import UnreadableAnswer
from tallybook.client.pages import UNPRICED_HEADER
from tallybook.domain.buckets import BucketWidth, Grid
from tallybook.domain.definitions import Filter, Kind
from tallybook.domain.dimensions import TAG_PREFIX
from tallybook.domain.kinds import KINDS
from tallybook.domain.moments import InvalidMoment, moment
from tallybook.domain.zones import zone_names
from tallybook.ledger.ledger import Ledger
from tallybook.usage.pages import Bucket, Page

# The options of every command that asks for buckets.
Start = Annotated[
    str,
    typer.Option(
        help="The start, inclusive: Unix seconds, a date or time (by the clocks of --timezone"
        " without an offset), or how long ago, like -7d, -24h or -90m, rounded down to a whole"
        " bucket."
    ),
]
End = Annotated[str, typer.Option(help="The end, exclusive, in the same forms.")]
Width = Annotated[BucketWidth, typer.Option(help="The size of a bucket.")]
Timezone = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Whose days, weeks and months: a zone by its name, like Europe/Paris.",
        autocompletion=completing.zones,
    ),
]
OrderBy = Annotated[
    str | None,
    typer.Option(
        metavar="NUMBER",
        help="The largest of each bucket first, by this.",
        autocompletion=completing.rankings,
    ),
]
Top = Annotated[
    int | None,
    typer.Option(
        metavar="N", help="Only so many groups, the largest of the range; the rest is one: other."
    ),
]
Filters = Annotated[
    list[str],
    typer.Option(
        "--filter",
        metavar="DIMENSION=VALUE",
        help="Only what has this value.",
        autocompletion=completing.conditions,
    ),
]

# The names and values of a query string.
Parameters = list[tuple[str, str]]

T = TypeVar("T")

_page = msgspec.json.Decoder(Page, float_hook=Decimal)


class Asked(msgspec.Struct, frozen=True):
    """A page, and how many of its events have a charge that nobody prices."""

    page: Page
    unpriced: int = 0


Ask = Callable[[Parameters], Asked]
# Answers a query string from a ledger that is open here: the page's bytes, and the unpriced events.
Here = Callable[[bytes, Ledger], tuple[bytes, int]]
# The ``Ask`` of an endpoint, by its path and by how it is answered here.
Endpoint = Callable[[str, Here], Ask]


@contextmanager
def asking(target: Target, path: str, here: Here) -> Iterator[Ask]:
    """A function that answers one page of an endpoint, by its path below the API's base.

    It raises ClientError, TallybookError and NoLedger.
    """
    with reached(target) as endpoint:
        yield endpoint(path, here)


@contextmanager
def reached(target: Target, manner: Manner = Manner()) -> Iterator[Endpoint]:
    """A function that gives what ``asking`` does, for several endpoints of one ledger."""
    if isinstance(target, FolderTarget):
        with target.read() as ledger:
            yield lambda _path, here: partial(_answered, here, ledger)
    else:
        with target.connect(manner) as connection:
            yield lambda path, _here: partial(fetched_page, connection, path)


def _answered(here: Here, ledger: Ledger, parameters: Parameters) -> Asked:
    page, unpriced = here(urlencode(parameters).encode(), ledger)
    return Asked(_page.decode(page), unpriced)


def fetched_page(connection: Connection, path: str, parameters: Parameters) -> Asked:
    """One page of an endpoint of a server. Raises ClientError."""
    answer = connection.get(path, parameters)
    unpriced = answer.headers.get(UNPRICED_HEADER, "0")
    page: Page = understood(connection, _page.decode, answer.body)
    return Asked(page, int(unpriced))


def walk(ask: Ask, parameters: Parameters) -> tuple[list[Bucket], int]:
    """The buckets of all pages, and their unpriced events."""
    asked = ask(parameters)
    buckets, unpriced = list(asked.page.data), asked.unpriced
    while asked.page.next_page:
        asked = ask([*parameters, ("page", asked.page.next_page)])
        buckets += asked.page.data
        unpriced += asked.unpriced
    return buckets, unpriced


def understood(connection: Connection, decode: Callable[[bytes], T], body: bytes) -> T:
    """A body as it is meant. Raises UnreadableAnswer when something else answers there."""
    try:
        return decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise UnreadableAnswer(
            f"{connection.base} answered what no Tallybook does ({fault}). Is the address right?"
        ) from fault


def fetched(
    target: Target, path: str, parameters: Parameters, answer: type[T], here: Callable[[Ledger], T]
) -> T:
    """A server's answer of a type, or what ``here`` answers from the ledger of a folder."""
    if isinstance(target, FolderTarget):
        with target.read() as ledger:
            return here(ledger)
    with target.connect() as connection:
        body = connection.get(path, parameters).body
        return understood(connection, msgspec.json.Decoder(answer).decode, body)


def grid_of(width: BucketWidth, timezone: str) -> Grid:
    """The buckets that are asked for. Raises BadParameter for a zone that there is not."""
    if timezone not in zone_names():
        raise typer.BadParameter(
            f'--timezone is "{timezone}"; it must be a name of the IANA time zone database, like'
            " Europe/Paris or UTC."
        )
    return Grid(width, timezone)


def moment_of(text: str, now: int, grid: Grid, option: str | None = None) -> int:
    """The Unix seconds that an option means at ``now``, which is named where it is not clear.

    Raises BadParameter.
    """
    try:
        return moment(text, now, grid)
    except InvalidMoment as fault:
        raise typer.BadParameter(f"{option}: {fault}" if option else str(fault)) from fault


def kind_of(name: str, option: str) -> Kind:
    """The kind that an option or argument names. Raises BadParameter."""
    if name not in KINDS:
        raise typer.BadParameter(f'{option} is "{name}"; it must be one of {", ".join(KINDS)}.')
    return KINDS[name]


def time_parameters(start: str, end: str, grid: Grid, now: int) -> Parameters:
    """The range and its buckets; an end that is now is left to the ledger's own clock."""
    ends = [("start_time", str(moment_of(start, now, grid)))]
    if end != "now":
        ends.append(("end_time", str(moment_of(end, now, grid))))
    return [*ends, ("bucket_width", grid.width.value), ("timezone", grid.zone)]


def ranking_parameters(order_by: str | None, top: int | None) -> Parameters:
    """What orders and ranks, where it is asked for."""
    asked = (("order_by", order_by), ("top", top))
    return [(name, str(value)) for name, value in asked if value is not None]


def dimensions(texts: list[str]) -> list[str]:
    """The dimensions of ``--group-by``: given several times, or with commas."""
    return [name for text in texts for part in text.split(",") if (name := part.strip())]


def conditions(subject: str, among: Iterable[Filter], texts: Iterable[str]) -> Parameters:
    """Filters by dimension, or tag, as the parameters of an endpoint. Raises BadParameter."""
    names = {filter_.dimension: filter_.name for filter_ in among}
    parameters = []
    for text in texts:
        dimension, separator, value = text.partition("=")
        if not separator or not value:
            raise typer.BadParameter(f'--filter is "{text}"; it must be DIMENSION=VALUE.')
        tag = dimension.removeprefix(TAG_PREFIX)
        if tag == dimension and dimension not in names:
            raise typer.BadParameter(
                f'{subject} cannot be filtered by "{dimension}", but by {", ".join(names)} and'
                f" {TAG_PREFIX}NAME."
            )
        parameters.append((names[dimension] if tag == dimension else f"tags[{tag}]", value))
    return parameters
