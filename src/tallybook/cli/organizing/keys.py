"""``tallybook keys``: who may come in, and how far."""

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from tallybook.cli import completing
from tallybook.cli.organizing.desk import MadeKey, desk_at
from tallybook.cli.organizing.options import AsJson, at_text, print_json, print_list, said
from tallybook.cli.organizing.tables import may_text, print_keys, projects_text
from tallybook.cli.organizing.wishes import (
    NONE,
    KeyRole,
    NewKey,
    rate_wanted,
    scopes_wanted,
    seconds_wanted,
    short,
)
from tallybook.cli.serving import Config, Data
from tallybook.cli.target import ONCE, Key, Profile, Url, target_of
from tallybook.organization.scopes import Scope

app = typer.Typer(
    name="keys",
    help="Keys: who may come in, and how far.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

KeyId = Annotated[str, typer.Argument(metavar="KEY_ID", help="The key's id, as keys list has it.")]

Scopes = Annotated[
    list[str],
    typer.Option(
        "--scope",
        metavar="SCOPE[,…]",
        help=f"What it may do: {', '.join(map(short, Scope))}.",
        autocompletion=completing.scopes,
    ),
]
Role = Annotated[
    KeyRole | None,
    typer.Option(
        help="Or, in a word: admin everything, ingest only post events, reader only read usage and"
        " costs. A reader without either.",
        show_default=False,
    ),
]
Projects = Annotated[
    list[str],
    typer.Option(
        "--project",
        metavar="PROJECT_ID",
        help="Bind it to this project: it sees and posts nothing beyond; may be given several"
        " times.",
    ),
]
Expires = Annotated[
    str,
    typer.Option(
        metavar="LIFETIME", help="How long it is good: 90d, 12h, 30m, 8w, at most a year."
    ),
]


@app.command("list")
def list_keys(
    *,
    include_revoked: Annotated[
        bool, typer.Option("--all", help="Those that were revoked, too.")
    ] = False,
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List keys: what each may do, for which projects, when it was used last and until when.

    Keys that a server's settings give (admin_key, ingest_key) are that server's
    alone, and not among them.

    Example: tallybook keys list
    """
    with desk_at(target_of(url=url, key=key, data=data, profile=profile, config=config)) as desk:
        found = desk.list_keys(include_revoked=include_revoked)
    if as_json:
        print_list(found)
    else:
        print_keys(found, Console(highlight=False))


@app.command("create")
def create_key(
    *,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people are to call it.")],
    scopes: Scopes = [],  # noqa: B006 - typer reads the default and copies it
    role: Role = None,
    projects: Projects = [],  # noqa: B006
    expires: Expires = NONE,
    requests_per_minute: Annotated[
        int | None,
        typer.Option(metavar="N", help="How often it may ask; as the server says without it."),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print the key and nothing else.")
    ] = False,
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Make a key, and print it, this once: only its digest is kept.

    The key goes to standard output and what is said about it to standard
    error, so that KEY=$(tallybook keys create ci) has the key and no more.

    Example: tallybook keys create nightly-report --scope usage.read --expires 90d
    """
    wish = NewKey(
        name=name,
        scopes=scopes_wanted(scopes, role),
        project_ids=tuple(projects) or None,
        expires_in_seconds=seconds_wanted(expires),
        requests_per_minute_max=requests_per_minute,
    )
    target = target_of(url=url, key=key, data=data, profile=profile, config=config)
    with desk_at(target, ONCE) as desk:
        made = desk.create_key(wish)
    if as_json:
        print_json(made)
        return
    if not quiet:
        said(_told(made))
    typer.echo(made.secret)


@app.command("revoke")
def revoke_key(
    *,
    key_id: KeyId,
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
) -> None:
    """Revoke a key, for good. Every server refuses it within a second.

    Example: tallybook keys revoke key_nightly
    """
    target = target_of(url=url, key=key, data=data, profile=profile, config=config)
    with desk_at(target, ONCE) as desk:
        desk.revoke_key(key_id)
    said(f"Key {escape(key_id)} is revoked.")


@app.command("limit")
def limit_key(
    *,
    key_id: KeyId,
    per_minute: Annotated[
        str,
        typer.Argument(
            metavar="N", help=f"Requests per minute; {NONE} for the limit of the server."
        ),
    ],
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
) -> None:
    """Set how many requests a minute a key may make.

    Example: tallybook keys limit key_nightly 600
    """
    wanted = rate_wanted(per_minute)
    target = target_of(url=url, key=key, data=data, profile=profile, config=config)
    with desk_at(target, ONCE) as desk:
        desk.limit_key(key_id, wanted)
    limit = "the limit of the server" if wanted is None else f"{wanted:,} requests a minute"
    said(f"Key {escape(key_id)} has {limit}.")


def _told(made: MadeKey) -> str:
    key = made.key
    until = "until it is revoked" if key.expires_at is None else f"until {at_text(key.expires_at)}"
    return (
        f"Key {escape(key.name)}, {key.id}: {may_text(key.scopes, ', ')}, for"
        f" {projects_text(key.projects, ', ')}, {until}. It is shown this once:"
    )
