"""Repricings for people: old and new amounts by day and model, and the history."""

from collections.abc import Sequence
from decimal import Decimal

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tallybook.cli.money import amount_text
from tallybook.cli.tables import key_text, print_whole
from tallybook.usage.repricing_answers import DifferenceAnswer, RepricingAnswer, TotalAnswer


def print_repricing(answer: RepricingAnswer, console: Console) -> None:
    """What changes, or changed: a row per day and model, and what to do next."""
    if not answer.events:
        console.print("Nothing changes: every event has the rate card that is in force for it.")
        return
    table = Table(box=SIMPLE, show_footer=True)
    table.add_column("day\n[dim]UTC[/]", "total", no_wrap=True)
    table.add_column("model", no_wrap=True)
    table.add_column("events", f"{answer.events:,}", justify="right", no_wrap=True)
    olds, news, changes = (
        zip(*map(_told, answer.totals), strict=True) if answer.totals else ((),) * 3
    )
    for name, totals in (("old", olds), ("new", news), ("change", changes)):
        table.add_column(name, "\n".join(totals), justify="right", no_wrap=True)
    for each in answer.differences:
        table.add_row(each.day, key_text(each.model), f"{each.events:,}", *_told(each))
    print_whole(table, console)
    if answer.applied:
        console.print("Applied, and recorded in the history: tallybook prices history")
    else:
        console.print("Nothing was changed. To change it, run this again with --apply.")


def print_history(repricings: Sequence[RepricingAnswer], console: Console) -> None:
    """A row per repricing that was applied."""
    if not repricings:
        console.print("Nothing was ever priced again.")
        return
    table = Table(box=SIMPLE)
    for name in ("at", "by", "why", "events since", "until", "model"):
        table.add_column(name, no_wrap=True)
    for name in ("events", "old", "new", "change"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in repricings:
        table.add_row(
            each.at,
            escape(each.who or ""),
            escape(each.why or ""),
            each.since,
            each.until,
            key_text(each.model),
            f"{each.events:,}",
            *_totals(each),
        )
    print_whole(table, console)


def _totals(answer: RepricingAnswer) -> list[str]:
    """The old and new amounts and the changes in all, a line for each currency."""
    told = [_told(total) for total in answer.totals]
    return ["\n".join(each[place] for each in told) for place in range(3)]


def _told(each: DifferenceAnswer | TotalAnswer) -> tuple[str, str, str]:
    """The old and the new amount, and the change with its sign."""
    old, new = (None if text is None else Decimal(text) for text in (each.old, each.new))
    change = (new or 0) - (old or 0)
    told = amount_text(Decimal(change), each.currency)
    return (
        _amount(old, each.currency),
        _amount(new, each.currency),
        f"+{told}" if change > 0 else told,
    )


def _amount(amount: Decimal | None, currency: str) -> str:
    return "[yellow]unpriced[/]" if amount is None else amount_text(amount, currency)
