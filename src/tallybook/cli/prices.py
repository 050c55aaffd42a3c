"""``tallybook prices``: what things cost, who says so, and why an event cost what it did."""

import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.markup import escape

from tallybook.cli import completing
from tallybook.cli.as_json import print_as_json
from tallybook.cli.asking import Parameters, fetched, kind_of, moment_of
from tallybook.cli.price_tables import print_cards, print_explanation, print_price_list
from tallybook.cli.repricing_tables import print_history
from tallybook.cli.serving import Config, Data
from tallybook.cli.target import FolderTarget, Key, Profile, Url, target_of
from tallybook.domain.buckets import BucketWidth, Grid
from tallybook.domain.events import DEFAULT_PROVIDER
from tallybook.domain.instants import MICROSECONDS, exclusive_now, from_seconds
from tallybook.ledger.opening import open_prices
from tallybook.pricing.cards import Standing
from tallybook.pricing.review import gaps
from tallybook.pricing.selectors import pattern_fits
from tallybook.pricing.source import load_prices
from tallybook.usage.card_answers import Cards, cards_in_use, price_list
from tallybook.usage.explaining import Explanation, explain
from tallybook.usage.repricing_answers import Repricings, repricings

app = typer.Typer(
    name="prices",
    help="What things cost, who says so, and why an event cost what it did.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

AsJson = Annotated[bool, typer.Option("--json", help="Print the API's answer.")]


@app.command("list")
def list_cards(
    *,
    model: Annotated[
        str | None, typer.Option(metavar="MODEL", help="Only this model, or those of a pattern.")
    ] = None,
    unpriced: Annotated[
        bool, typer.Option("--unpriced", help="Only what has no price, and how much of it.")
    ] = False,
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List the rate cards that events have: what is paid, and who says so.

    Example: tallybook prices list --unpriced
    """
    target = target_of(url=url, key=key, data=data, profile=profile, config=config)
    path = "/prices/cards"
    cards = fetched(target, path, [], Cards, lambda ledger: Cards(cards_in_use(ledger)))
    wanted = [
        card
        for card in cards.data
        if (model is None or pattern_fits(model, card.model))
        and (not unpriced or card.standing is Standing.UNPRICED)
    ]
    console = Console(highlight=False)
    if as_json:
        print_as_json(msgspec.structs.replace(cards, data=wanted), console)
    else:
        print_cards(wanted, console)
    _warn(cards.fault)


@app.command()
def show(
    *,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="The model, as events name it.")],
    provider: Annotated[str, typer.Option(help="Whose model it is.")] = DEFAULT_PROVIDER,
    kind: Annotated[
        str | None,
        typer.Option(
            help="One kind; without it, those that somebody prices.",
            autocompletion=completing.kind_names,
        ),
    ] = None,
    at: Annotated[
        str, typer.Option(metavar="TIME", help="The moment: a date or time, Unix seconds, -7d.")
    ] = "now",
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show what requests to a model cost at a moment: plain, in batches, and by tier.

    It reads the price file and the catalogue, and needs no ledger.

    Example: tallybook prices show gpt-5.5 --at 2026-10-01
    """
    if kind is not None:
        kind_of(kind, "--kind")
    minutes = Grid(BucketWidth.MINUTE)
    at_seconds = moment_of(at, exclusive_now(time.time()), minutes, "--at")
    target = target_of(url=url, key=key, data=data, profile=profile, config=config)
    if isinstance(target, FolderTarget):
        book = open_prices(target.settings).book()
        at_us = at_seconds * MICROSECONDS
        cards = Cards(price_list(book, provider, model, at_us, kind))
    else:
        parameters: Parameters = [("model", model), ("provider", provider), ("at", str(at_seconds))]
        if kind:
            parameters.append(("kind", kind))
        cards = fetched(target, "/prices/list", parameters, Cards, _no_ledger)
    console = Console(highlight=False)
    if as_json:
        print_as_json(cards, console)
    else:
        print_price_list(cards.data, model, provider, at_seconds, console)
    _warn(cards.fault)
    if not cards.data:
        raise typer.Exit(1)


@app.command()
def check(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The price file.")],
) -> None:
    """Check a price file before it is used: faults end with status 1, gaps are told.

    Example: tallybook prices check tallybook-data/prices.toml
    """
    own = load_prices(file, from_seconds(time.time()))
    console = Console(highlight=False, soft_wrap=True)
    for sentence in gaps(own):
        console.print(f"[yellow]gap:[/] {escape(sentence)}")
    counted = [_counted(len(own.prices), "price"), _counted(len(own.discounts), "discount")]
    console.print(f"{escape(str(file))} is good: {' and '.join(counted)}.")


@app.command("explain")
def explain_event(
    *,
    event_id: Annotated[str, typer.Argument(metavar="EVENT_ID", help="The event's id.")],
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Explain what an event cost, line by line, with its rate card, its source and its dates.

    Example: tallybook prices explain req_8f2c
    """
    explanation = fetched(
        target_of(url=url, key=key, data=data, profile=profile, config=config),
        "/prices/explanation",
        [("event_id", event_id)],
        Explanation,
        lambda ledger: explain(ledger, event_id, None),
    )
    console = Console(highlight=False)
    if as_json:
        print_as_json(explanation, console)
    else:
        print_explanation(explanation, console)


@app.command()
def history(
    *,
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List every repricing that was applied: when, by whom, why, and what it changed.

    Example: tallybook prices history
    """
    target = target_of(url=url, key=key, data=data, profile=profile, config=config)
    found = fetched(target, "/prices/repricings", [], Repricings, repricings)
    console = Console(highlight=False)
    if as_json:
        print_as_json(found, console)
    else:
        print_history(found.data, console)


def _counted(count: int, name: str) -> str:
    return f"{count} {name}" if count == 1 else f"{count} {name}s"


def _no_ledger(_ledger: object) -> Cards:
    raise AssertionError("price lists of a folder are read without its ledger")


def _warn(fault: str | None) -> None:
    """Say that the server's price file has a fault."""
    if fault:
        Console(stderr=True, soft_wrap=True).print(f"[yellow]{escape(fault)}[/]")
