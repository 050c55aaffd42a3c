"""``tallybook serve``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from tallybook.organization.roles import ADMIN, INGEST, Role
from tallybook.organization.secret import KEY_LENGTH_ADVISED, is_weak
from tallybook.settings import BY_NAME, load_settings

if TYPE_CHECKING:
    from tallybook.web.server import Opened


def _help(name: str) -> str:
    setting = BY_NAME[name]
    return f"{setting.help} [dim]\\[default: {setting.default or 'none'}][/dim]"


Config = Annotated[
    Path | None, typer.Option(help="The settings file; ./tallybook.toml when it is there.")
]
Data = Annotated[str | None, typer.Option(help=_help("data"), show_default=False)]


def serve(
    *,
    data: Data = None,
    host: Annotated[str | None, typer.Option(help=_help("host"), show_default=False)] = None,
    port: Annotated[int | None, typer.Option(help=_help("port"), show_default=False)] = None,
    tls_certificate: Annotated[
        str | None, typer.Option(help=_help("tls_certificate"), show_default=False)
    ] = None,
    tls_key: Annotated[str | None, typer.Option(help=_help("tls_key"), show_default=False)] = None,
    forwarded_allow_ips: Annotated[
        str | None, typer.Option(help=_help("forwarded_allow_ips"), show_default=False)
    ] = None,
    config: Config = None,
) -> None:
    """Serve the API until SIGTERM or Ctrl-C.

    Every setting can also be given in tallybook.toml or as TALLYBOOK_NAME in the
    environment; see docs/settings.md.

    Example: tallybook serve --data ./tallybook-data --port 8321
    """
    flags = {
        "data": data,
        "host": host,
        "port": port,
        "tls_certificate": tls_certificate,
        "tls_key": tls_key,
        "forwarded_allow_ips": forwarded_allow_ips,
    }
    settings = load_settings(flags, config=config)
    _warn_of_weak_keys({ADMIN: settings.admin_key, INGEST: settings.ingest_key})
    # The server's libraries take half a second to import, for which no other command has a use.
    from tallybook.web.server import serve as run_server  # noqa: PLC0415

    run_server(settings, _greet)


def _warn_of_weak_keys(chosen: dict[Role, str]) -> None:
    """Tell of keys that were chosen and are short; they are used all the same."""
    for role, secret in chosen.items():
        if secret and is_weak(secret):
            Console(stderr=True, soft_wrap=True).print(
                f"[yellow]The {role.name} key is shorter than {KEY_LENGTH_ADVISED} characters:"
                " fine to try things out, too easy to guess on a network.[/]"
            )


def _greet(opened: "Opened") -> None:
    """Say where the server is, and show the keys that were made just now, once."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"Tallybook is ready at [bold]{opened.address}[/]")
    console.print(f"  API reference   {opened.address}/docs")
    for role, secret in opened.made_keys.items():
        console.print(f"  {role.name} key".ljust(18) + f"[bold]{escape(secret)}[/]")
    if opened.made_keys:
        console.print("The keys are shown this once; only their digests are kept. Keep them safe.")
