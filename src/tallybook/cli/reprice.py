"""``tallybook reprice``: what the prices in force would change, or change."""

import time
from contextlib import closing
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from tallybook.cli.accounts import account_name, actor_here
from tallybook.cli.as_json import print_as_json
from tallybook.cli.asking import moment_of, understood
from tallybook.cli.repricing_tables import print_repricing
from tallybook.cli.serving import Config, Data
from tallybook.cli.target import ONCE, FolderTarget, Key, Manner, Profile, Target, Url, target_of
from tallybook.domain.buckets import BucketWidth, Grid
from tallybook.domain.instants import exclusive_now
from tallybook.ledger.ledger import RepriceWish
from tallybook.settings import Settings
from tallybook.usage.repricing_answers import RepricingAnswer, Wish, checked_wish, repriced


def reprice(
    *,
    since: Annotated[
        str,
        typer.Option(
            help="The first events, inclusive: a date or time (UTC without an offset), Unix"
            " seconds, or how long ago, like -30d."
        ),
    ],
    until: Annotated[
        str | None,
        typer.Option(help="Up to these, exclusive; all without it.", show_default=False),
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="MODEL", help="Only this model, or those of a pattern.")
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Change it; without this nothing is changed.")
    ] = False,
    why: Annotated[str, typer.Option(help="The reason, for the history.")] = "",
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the API's answer.")] = False,
) -> None:
    """Price stored events again by the prices in force, and show the difference first.

    History keeps the price of its day: a new price, or one that was corrected,
    changes nothing that is stored until it is applied here.

    Example: tallybook reprice --since 2026-10-01 --model "gpt-5.5*"
    """
    now = exclusive_now(time.time())
    days = Grid(BucketWidth.DAY)
    start = moment_of(since, now, days, "--since")
    end = None if until is None else moment_of(until, now, days, "--until")
    if end is not None and start >= end:
        raise typer.BadParameter("--since must be before --until.")
    wish = Wish(since=start, until=end, model=model, apply=apply, why=why)
    target = target_of(url=url, key=key, data=data, profile=profile, config=config)
    answer = _ask(target, wish, now)
    console = Console(highlight=False)
    if as_json:
        print_as_json(answer, console)
    else:
        print_repricing(answer, console)


def _ask(target: Target, wish: Wish, now: int) -> RepricingAnswer:
    """What is changed, here or by a server."""
    if isinstance(target, FolderTarget):
        target.check_existing()
        asked = checked_wish(wish, account_name() if wish.apply else "", now)
        with target.open() as ledger:
            # The folder is ours from here on, so that there is no entry of what is refused.
            if asked.apply:
                _record(target.settings, asked, time.time())
            return repriced(ledger, asked)
    # Sent again after a break, it would say that nothing changes: the first one may have done it.
    with target.connect(Manner(retry=ONCE)) as connection:
        headers = {"Content-Type": "application/json"}
        answer = connection.post("/prices/repricings", msgspec.json.encode(wish), headers)
        return understood(connection, msgspec.json.Decoder(RepricingAnswer).decode, answer.body)


def _record(settings: Settings, wish: RepriceWish, now: float) -> None:
    """Have the audit log say what is about to be priced again. Raises OrganizationUnavailable."""
    # The database's library takes a tenth of a second to import.
    from tallybook.organization.organization import open_organization  # noqa: PLC0415
    from tallybook.organization.prices_log import record_repricing  # noqa: PLC0415

    with closing(open_organization(settings.data, settings.organization_url)) as organization:
        record_repricing(
            organization,
            actor_here(),
            now,
            since=wish.since,
            until=wish.until,
            model=wish.model,
            why=wish.why,
        )
