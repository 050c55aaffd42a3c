"""``tallybook users``: names for the people that events have, and how they are forgotten."""

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from tallybook.cli.organizing.desk import desk_at
from tallybook.cli.organizing.options import AsJson, Yes, print_list, said
from tallybook.cli.organizing.tables import print_users
from tallybook.cli.organizing.wishes import NewUser
from tallybook.cli.serving import Config, Data
from tallybook.cli.target import ONCE, Key, Profile, Url, target_of
from tallybook.organization.records import User

app = typer.Typer(
    name="users",
    help="People: names for the user_id of events, and their end.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.command("list")
def list_users(
    *,
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List people. Those who were erased are not among them.

    Example: tallybook users list
    """
    with desk_at(target_of(url=url, key=key, data=data, profile=profile, config=config)) as desk:
        found = desk.list_users()
    if as_json:
        print_list(found)
    else:
        print_users(found, Console(highlight=False))


@app.command("add")
def add_user(
    *,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The person's name.")],
    email: Annotated[
        str | None, typer.Option(help="The person's email.", show_default=False)
    ] = None,
    role: Annotated[
        str | None,
        typer.Option(metavar="ROLE", help="owner or reader; a reader without it."),
    ] = None,
    chosen_id: Annotated[
        str | None,
        typer.Option(
            "--id",
            metavar="USER_ID",
            help="The id that events have as their user_id; one is made without it.",
            show_default=False,
        ),
    ] = None,
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
) -> None:
    """Add a person, and print the id. Usage of that id has this name from then on.

    Example: tallybook users add "Ada Lovelace" --email ada@example.org --id user-ada
    """
    target = target_of(url=url, key=key, data=data, profile=profile, config=config)
    with desk_at(target, ONCE) as desk:
        added = desk.add_user(NewUser(name=name, email=email, role=role, id=chosen_id))
    typer.echo(added.id)


@app.command("erase")
def erase_user(
    *,
    user_id: Annotated[
        str, typer.Argument(metavar="USER_ID", help="The person's id, as users list has it.")
    ],
    yes: Yes = False,
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
) -> None:
    """Forget who a person is: the name and email are gone, the id stays as a pseudonym.

    Example: tallybook users erase user-Lm4 --yes
    """
    target = target_of(url=url, key=key, data=data, profile=profile, config=config)
    with desk_at(target, ONCE) as desk:
        user = desk.get_user(user_id)
        if not yes:
            said(_warning(user))
            typer.confirm("Erase this person?", abort=True, err=True)
        desk.erase_user(user_id)
    said(f"The person behind {escape(user_id)} is erased.")


def _warning(user: User) -> str:
    """What is lost, and what stays."""
    known = ", ".join(each for each in (user.name, user.email) if each)
    return (
        f"{escape(user.id)} is {escape(known)}.\n"
        "  Lost, for good: name and email, the person's keys and places in projects.\n"
        "  Stays: all usage and costs, under the id, of which nobody here knows whose it is."
    )
