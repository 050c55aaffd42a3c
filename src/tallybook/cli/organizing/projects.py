"""``tallybook projects``: names for the projects that events have, and the end of them."""

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from tallybook.cli.organizing.desk import desk_at
from tallybook.cli.organizing.options import AsJson, print_list, said
from tallybook.cli.organizing.tables import print_projects
from tallybook.cli.serving import Config, Data
from tallybook.cli.target import ONCE, Key, Profile, Url, target_of

app = typer.Typer(
    name="projects",
    help="Projects: what usage, keys and people belong to.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

ProjectId = Annotated[
    str, typer.Argument(metavar="PROJECT_ID", help="The project's id, as projects list has it.")
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="What people call it.")]


@app.command("list")
def list_projects(
    *,
    include_archived: Annotated[
        bool, typer.Option("--all", help="Those that were archived, too.")
    ] = False,
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List projects.

    Example: tallybook projects list
    """
    with desk_at(target_of(url=url, key=key, data=data, profile=profile, config=config)) as desk:
        found = desk.list_projects(include_archived=include_archived)
    if as_json:
        print_list(found)
    else:
        print_projects(found, Console(highlight=False))


@app.command("create")
def create_project(
    *,
    name: Name,
    chosen_id: Annotated[
        str | None,
        typer.Option(
            "--id",
            metavar="PROJECT_ID",
            help="The id that events have as their project_id; one is made without it.",
            show_default=False,
        ),
    ] = None,
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
) -> None:
    """Make a project, and print its id. Usage of that id has this name from then on.

    Example: tallybook projects create Borealis --id proj_borealis
    """
    target = target_of(url=url, key=key, data=data, profile=profile, config=config)
    with desk_at(target, ONCE) as desk:
        made = desk.create_project(name, chosen_id)
    typer.echo(made.id)


@app.command("rename")
def rename_project(
    *,
    project_id: ProjectId,
    name: Name,
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
) -> None:
    """Give a project another name.

    Example: tallybook projects rename proj_atlas "Atlas Search"
    """
    target = target_of(url=url, key=key, data=data, profile=profile, config=config)
    with desk_at(target, ONCE) as desk:
        renamed = desk.rename_project(project_id, name)
    said(f"Project {escape(project_id)} is {escape(renamed.name)}.")


@app.command("archive")
def archive_project(
    *,
    project_id: ProjectId,
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
) -> None:
    """Archive a project, for good: its keys are revoked, its usage and its name stay.

    Example: tallybook projects archive proj_legacy
    """
    target = target_of(url=url, key=key, data=data, profile=profile, config=config)
    with desk_at(target, ONCE) as desk:
        archived = desk.archive_project(project_id)
    said(f"Project {escape(project_id)} ({escape(archived.name)}) is archived.")
