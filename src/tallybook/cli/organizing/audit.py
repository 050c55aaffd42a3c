"""``tallybook audit``: who changed what, when, and from where."""

import time
from typing import Annotated

import typer
from rich.console import Console

from tallybook.cli import completing
from tallybook.cli.asking import moment_of
from tallybook.cli.organizing.audit_tables import print_entries
from tallybook.cli.organizing.desk import EntriesWanted, desk_at
from tallybook.cli.organizing.options import AsJson, print_json
from tallybook.cli.serving import Config, Data
from tallybook.cli.target import Key, Profile, Url, target_of
from tallybook.domain.buckets import BucketWidth, Grid
from tallybook.domain.instants import exclusive_now

COUNT_MAX = 100_000

Since = Annotated[
    str | None,
    typer.Option(
        help="From this moment on: a date or time (UTC without an offset), Unix seconds, or how"
        " long ago, like -7d.",
        show_default=False,
    ),
]
Until = Annotated[
    str | None,
    typer.Option(help="Up to this moment, exclusive, in the same forms.", show_default=False),
]
Types = Annotated[
    list[str],
    typer.Option(
        "--type",
        metavar="TYPE",
        help="Only this type of change, like api_key.created; may be given several times.",
        autocompletion=completing.changes,
    ),
]
Actors = Annotated[
    list[str], typer.Option("--actor", metavar="ID", help="Only changes by this key, or account.")
]
Subjects = Annotated[
    list[str],
    typer.Option("--subject", metavar="ID", help="Only changes of this key, project, person, …."),
]


def audit(
    *,
    since: Since = None,
    until: Until = None,
    types: Types = [],  # noqa: B006 - typer reads the default and copies it
    actors: Actors = [],  # noqa: B006
    subjects: Subjects = [],  # noqa: B006
    count: Annotated[
        int, typer.Option("--top", metavar="N", help="How many entries.", min=1, max=COUNT_MAX)
    ] = 100,
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Print who changed what, when, and from where: keys, people, projects, prices, settings.

    The newest first. Nobody can change or delete an entry, and none has a
    secret, a name of a person or an email.

    Example: tallybook audit --since -30d --type api_key.created
    """
    now = exclusive_now(time.time())
    grid = Grid(BucketWidth.MINUTE)
    wanted = EntriesWanted(
        count=count,
        types=types,
        actor_ids=actors,
        subject_ids=subjects,
        since=None if since is None else moment_of(since, now, grid, "--since"),
        until=None if until is None else moment_of(until, now, grid, "--until") - 1,
    )
    with desk_at(target_of(url=url, key=key, data=data, profile=profile, config=config)) as desk:
        found = desk.list_entries(wanted)
    if as_json:
        print_json({"object": "list", "data": found.data, "has_more": found.has_more})
    else:
        print_entries(found, Console(highlight=False))
