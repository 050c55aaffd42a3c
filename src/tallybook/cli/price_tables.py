"""Prices for people: rate cards, price lists, and one event's bill."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tallybook.cli.money import per_text, price_text, with_currency
from tallybook.cli.tables import key_text, print_whole
from tallybook.domain.instants import MICROSECONDS, iso
from tallybook.pricing.cards import STANDARD_TIERS, Standing
from tallybook.usage.card_answers import CardAnswer, RateAnswer
from tallybook.usage.explaining import ExplainedEvent, Explanation

_COLORS = {Standing.UNPRICED: "yellow", Standing.ESTIMATED: "cyan", Standing.FREE: "green"}


def print_cards(cards: Sequence[CardAnswer], console: Console) -> None:
    """A row per rate card, with its main prices."""
    if not cards:
        console.print("There is no such rate card.")
        return
    table = Table(box=SIMPLE)
    for name in ("kind", "model", "for", "prices"):
        table.add_column(name, no_wrap=True)
    table.add_column("events", justify="right", no_wrap=True)
    table.add_column("source", no_wrap=True)
    for card in cards:
        table.add_row(
            card.kind,
            f"{key_text(card.model)} [dim]{escape(card.provider)}[/]",
            escape(_sort(card)),
            _main_prices(card.rates),
            f"{card.events or 0:,}",
            escape(_sources(card.rates)),
        )
    print_whole(table, console)
    if any(card.standing is Standing.UNPRICED for card in cards):
        console.print(
            "Unpriced: write a price into the price file (tallybook prices check FILE), then"
            " tallybook reprice --since DATE.",
            soft_wrap=True,
        )


def print_price_list(
    cards: Sequence[CardAnswer], model: str, provider: str, at_seconds: int, console: Console
) -> None:
    """A table per kind: a row per charge, a column per sort of request."""
    at = iso(at_seconds * MICROSECONDS)
    if not cards:
        console.print(
            f"Nobody states a price for {escape(model)} of provider {escape(provider)} at {at}."
            " Write one into the price file, or name its --provider.",
            soft_wrap=True,
        )
        return
    by_kind: defaultdict[str, list[CardAnswer]] = defaultdict(list)
    for card in cards:
        by_kind[card.kind].append(card)
    console.print(f"[bold]{escape(model)}[/] of {escape(provider)} at {at}")
    for kind, of_kind in by_kind.items():
        _print_kind(kind, of_kind, console)
    for source in dict.fromkeys(rate.source for card in cards for rate in card.rates):
        if source:
            console.print(f"source: {escape(source)}", soft_wrap=True)
    for note in dict.fromkeys(rate.note for card in cards for rate in card.rates if rate.note):
        console.print(f"note: {escape(note)}", soft_wrap=True)


def _print_kind(kind: str, cards: Sequence[CardAnswer], console: Console) -> None:
    """Charges whose prices are the same everywhere share a row."""
    rows: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    labels = {rate.label: per_text(rate.unit) for card in cards for rate in card.rates}
    for label, per in labels.items():
        prices = (next((r for r in card.rates if r.label == label), None) for card in cards)
        rows[(*map(_number, prices), per)].append(label)
    table = Table(box=SIMPLE)
    table.add_column(kind, no_wrap=True)
    for card in cards:
        table.add_column(escape(_sort(card) or "standard"), justify="right", no_wrap=True)
    table.add_column("per", no_wrap=True)
    for told, charges in rows.items():
        table.add_row("\n".join(charges), *told)
    print_whole(table, console)


def print_explanation(explanation: Explanation, console: Console) -> None:
    """The bill of each event."""
    for event in explanation.data:
        _print_event(event, console)


def _print_event(event: ExplainedEvent, console: Console) -> None:
    card = event.card
    console.print(
        f"[bold]{escape(event.id)}[/] at {event.time}: {event.kind},"
        f" {escape(card.model or 'no model')} of {escape(card.provider)}",
        soft_wrap=True,
    )
    table = Table(box=SIMPLE, show_footer=True)
    totals = "\n".join(_exact(each.amount, each.currency) for each in event.totals)
    table.add_column("line item", "total", no_wrap=True)
    table.add_column("quantity", justify="right", no_wrap=True)
    table.add_column("unit price", justify="right", no_wrap=True)
    table.add_column("amount", totals, justify="right", no_wrap=True)
    table.add_column("source", no_wrap=True)
    for line in event.lines:
        table.add_row(
            escape(line.rate.line_item),
            f"{Decimal(line.quantity):,f}",
            _price(line.rate),
            _exact(line.amount, line.rate.currency),
            escape(line.rate.source),
        )
    print_whole(table, console)
    if event.voided is not None:
        mark = event.voided
        console.print(
            f"Not charged: void since {mark.at} by {escape(mark.by)}: {escape(mark.reason)}",
            soft_wrap=True,
        )
    elif not event.charged:
        console.print("Not charged: the day's largest sample of this store is another one.")
    console.print(
        f"rate card {card.rate_card} for {escape(_sort(card) or 'standard')} requests,"
        f" {_validity(card)}, known since {card.known_since}",
        soft_wrap=True,
    )
    for note in dict.fromkeys(line.rate.note for line in event.lines if line.rate.note):
        console.print(f"note: {escape(note)}", soft_wrap=True)


def _validity(card: CardAnswer) -> str:
    """When a card holds, in words."""
    start, end = card.valid_from, card.valid_until
    if start is None and end is None:
        return "valid always"
    ends = (f"from {start}" if start else "", f"until {end}" if end else "")
    return f"valid {' '.join(filter(None, ends))}"


def _exact(amount: str, currency: str | None) -> str:
    """The amount with all its decimals, for whoever wants to calculate it again."""
    if currency is None:
        return _standing(Standing.UNPRICED)
    whole, _, decimals = amount.partition(".")
    return with_currency(f"{whole}.{decimals:0<2}", currency)


def _price(rate: RateAnswer) -> str:
    """A rate's price with its unit."""
    number = _number(rate)
    return number if _says_no_number(rate) else f"{number} / {per_text(rate.unit)}"


def _number(rate: RateAnswer | None) -> str:
    """A rate's price without its unit; what it is where it is not a number."""
    if rate is None:
        return ""
    if rate.unit_price is None or rate.currency is None or rate.standing is Standing.FREE:
        return _standing(rate.standing)
    price = price_text(Decimal(rate.unit_price), rate.unit, rate.currency)
    return f"[cyan]about {price}[/]" if rate.standing is Standing.ESTIMATED else price


def _says_no_number(rate: RateAnswer) -> bool:
    return rate.unit_price is None or rate.standing is Standing.FREE


# Of a card with many prices those that people ask for first.
_MAIN = ("input", "cached input", "output")


def _main_prices(rates: Sequence[RateAnswer]) -> str:
    """A card's main prices on one line, the unit once."""
    main = [rate for rate in rates if rate.label in _MAIN] or rates
    told = ", ".join(f"{rate.label} {_number(rate)}" for rate in main)
    counted = [rate for rate in main if not _says_no_number(rate)]
    return f"{told} / {per_text(counted[0].unit)}" if counted else told


def _sort(card: CardAnswer) -> str:
    """What a card is for, beside its model: batch, a tier, a size, long requests."""
    parts = [
        "batch" if card.batch else "",
        card.service_tier if card.service_tier not in STANDARD_TIERS else "",
        card.size or "",
        card.quality or "",
        card.context_level or "",
        f"over {card.above_input_tokens:,} tokens" if card.above_input_tokens else "",
    ]
    return ", ".join(filter(None, parts))


def _sources(rates: Iterable[RateAnswer]) -> str:
    return "; ".join(dict.fromkeys(rate.source for rate in rates if rate.source))


def _standing(standing: Standing) -> str:
    color = _COLORS.get(standing)
    return f"[{color}]{standing}[/]" if color else str(standing)
