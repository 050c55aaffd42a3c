"""``tallybook watch``: ask, show, wait."""

import signal
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.live import Live

from tallybook.cli import completing, costs, usage
from tallybook.cli.asking import Timezone, dimensions, grid_of, kind_of, reached, walk
from tallybook.cli.names import values_in
from tallybook.cli.naming import names_at
from tallybook.cli.serving import Config, Data
from tallybook.cli.target import (
    ONCE,
    FolderTarget,
    Key,
    Manner,
    Profile,
    Target,
    Url,
    target_of,
)
from tallybook.cli.watching.loop import watched
from tallybook.cli.watching.seen import Seen, seen
from tallybook.cli.watching.view import Screen, render
from tallybook.domain import costs as table
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.definitions import Fold, Kind
from tallybook.domain.dimensions import CURRENCY, in_row_order
from tallybook.domain.instants import exclusive_now
from tallybook.domain.kinds import USAGE_LIMITS
from tallybook.domain.queries import TOP_MAX
from tallybook.domain.zones import UTC
from tallybook.web.parameters import usage_form

DEFAULT_KIND = "completions"
# The next look is soon enough to try again.
AT_ONCE = Manner(retry=ONCE, timeout_seconds=10.0)
_MINUTE = BucketWidth.MINUTE


KindName = Annotated[
    str,
    typer.Argument(
        metavar="[KIND]",
        help="What is watched, as usage names it.",
        autocompletion=completing.kind_names,
    ),
]
GroupBy = Annotated[
    list[str],
    typer.Option(
        metavar="DIMENSION[,…]",
        help="A row for each value of a dimension, or of tag:NAME.",
        autocompletion=completing.dimensions,
    ),
]


def watch(
    *,
    kind: KindName = DEFAULT_KIND,
    group_by: GroupBy = ["model"],  # noqa: B006 - typer reads the default and copies it
    count: Annotated[
        int, typer.Option("--top", metavar="N", help="How many rows.", min=1, max=TOP_MAX)
    ] = 10,
    minutes: Annotated[
        int,
        typer.Option(help="How many minutes back.", min=1, max=USAGE_LIMITS[_MINUTE].maximum),
    ] = 30,
    every: Annotated[
        float, typer.Option(metavar="SECONDS", help="How often to look.", min=0.2)
    ] = 2.0,
    timezone: Timezone = UTC,
    once: Annotated[
        bool, typer.Option("--once", help="Print one view and end, as without a terminal.")
    ] = False,
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
) -> None:
    """Watch what is used right now: the last minutes by model, and the cost so far today.

    A server that goes away is waited for. Ctrl-C ends it.

    Example: tallybook watch --group-by user_id --every 5
    """
    question = _question(kind, group_by, minutes=minutes, count=count, zone=timezone)
    target = target_of(url=url, key=key, data=data, profile=profile, config=config)

    def look() -> Seen:
        return looked_at(target, question, exclusive_now(time.time()))

    screen = Screen(
        where=_where(target),
        kind=question.kind,
        group_by=question.group_by,
        zone=question.zone,
        seen=look(),
    )
    console = Console(highlight=False)
    if once or not console.is_terminal:
        console.print(render(screen, console.width))
    else:
        _show_on(console, screen, look, every)


def _show_on(
    console: Console,
    screen: Screen,
    look: Callable[[], Seen],
    every: float,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Fill a terminal with views until Ctrl-C or SIGTERM, and leave it as it was."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Live(console=console, screen=True, auto_refresh=False) as live:
            watched(
                screen,
                look=look,
                show=lambda each: live.update(render(each, console.width), refresh=True),
                clock=time.time,
                pause=partial(sleep, every),
            )
    except KeyboardInterrupt:
        # The way to end it.
        pass
    finally:
        signal.signal(signal.SIGTERM, before)


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked at: so many minutes of a kind, so many groups, and whose today it is."""

    kind: Kind
    group_by: tuple[str, ...]
    minutes: int
    count: int
    zone: str


def looked_at(target: Target, question: Question, now: int) -> Seen:
    """What there is to see at a moment; raises what asking raises."""
    kind, zone = question.kind, question.zone
    group_by = [("group_by", name) for name in question.group_by]
    first = _MINUTE.floor(now - 1) - (question.minutes - 1) * _MINUTE.seconds
    recent = [
        ("start_time", str(first)),
        ("end_time", str(now)),
        ("bucket_width", _MINUTE.value),
        ("limit", str(USAGE_LIMITS[_MINUTE].maximum)),
        *group_by,
        ("top", str(question.count)),
    ]
    midnight = grid_of(BucketWidth.DAY, zone).floor(now - 1)
    today = [
        ("start_time", str(midnight)),
        ("timezone", zone),
        *group_by,
        ("group_by", CURRENCY),
        ("top", str(TOP_MAX)),
    ]
    with reached(target, AT_ONCE) as endpoint:
        used, _ = walk(endpoint(kind.path, usage.here(kind, now)), recent)
        spent, unpriced = walk(endpoint(table.PATH, costs.here(now)), today)
    found = seen(now - 1, kind, question.group_by, used, today=spent, unpriced=unpriced)
    named = names_at(target, values_in(used, question.group_by))
    return msgspec.structs.replace(found, names=named)


def _question(
    name: str, group_by: Sequence[str], *, minutes: int, count: int, zone: str
) -> Question:
    """What the options ask for. Raises BadParameter."""
    kind = kind_of(name, "KIND")
    if kind.fold is Fold.STOCK:
        raise typer.BadParameter(
            f"{name} are samples of a level, not a flow that can be watched: tallybook usage {name}"
        )
    groups = in_row_order(dimensions(list(group_by)))
    for each in groups or ("",):
        if not usage_form(kind).can_group_by(each):
            raise typer.BadParameter(
                f'--group-by is "{each}"; {name} can be grouped by'
                f" {', '.join(kind.query_dimensions)} and tag:NAME."
            )
    grid_of(_MINUTE, zone)
    return Question(kind=kind, group_by=groups, minutes=minutes, count=count, zone=zone)


def _where(target: Target) -> str:
    return str(target.settings.data) if isinstance(target, FolderTarget) else target.url
