"""Costs for people, for spreadsheets and for programs: a table, CSV, JSON."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from tallybook.cli.as_json import print_as_json
from tallybook.cli.money import amount_text, sparkline
from tallybook.cli.names import NONE, Names
from tallybook.cli.tables import bucket_start, ends_of, key_texts, print_whole, range_text
from tallybook.domain.buckets import Grid
from tallybook.domain.dimensions import CURRENCY, LINE_ITEM, OTHER
from tallybook.domain.money import plain
from tallybook.pricing.cards import Standing
from tallybook.usage.pages import Bucket, Page, Result

# Columns of a course over time, and of the largest bar.
SPARKLINE_COLUMNS, BAR_COLUMNS = 30, 30


class CostsAnswer(msgspec.Struct, frozen=True):
    """All buckets of a query, what was asked, and how many events nobody prices in full."""

    grid: Grid
    group_by: tuple[str, ...]
    buckets: list[Bucket]
    unpriced: int
    # Whether results say if they are what is left beside the largest groups.
    with_other: bool = False
    names: Names = NONE

    @property
    def rows(self) -> list[tuple[Bucket, Result]]:
        """Every result with its bucket, in order."""
        return [(bucket, result) for bucket in self.buckets for result in bucket.results]


class _Group(msgspec.Struct):
    """What one row of the table adds up: amounts by bucket, and the quantity."""

    keys: tuple[Any, ...]
    texts: tuple[str, ...]
    is_other: bool
    currency: str
    by_bucket: defaultdict[int, Decimal]
    quantity: Decimal = Decimal(0)
    unit: str | None = None

    @property
    def amount(self) -> Decimal:
        return sum(self.by_bucket.values(), Decimal(0))


def print_json(answer: CostsAnswer, console: Console) -> None:
    """All buckets as one page of the API, the last one."""
    page = Page([_plain(bucket) for bucket in answer.buckets], has_more=False, next_page=None)
    print_as_json(page, console)


def _plain(bucket: Bucket) -> Bucket:
    """The bucket with its decimals as plain JSON numbers."""
    return msgspec.structs.replace(bucket, results=[_plain_result(row) for row in bucket.results])


def _plain_result(result: Result) -> Result:
    amount = result["amount"] | {"value": _number(result["amount"]["value"])}
    return result | {"amount": amount, "quantity": _number(result["quantity"])}


def _number(value: Any) -> msgspec.Raw | None:
    return None if value is None else msgspec.Raw(plain(Decimal(value)).encode())


def print_csv(answer: CostsAnswer, console: Console) -> None:
    """One line per result; times in RFC 3339, an empty cell where a value is null."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    told = ("quantity", "quantity_unit") if LINE_ITEM in answer.group_by else ()
    currency = () if CURRENCY in answer.group_by else (CURRENCY,)
    keys = (*answer.group_by, *((OTHER,) if answer.with_other else ()))
    lines.writerow(("start_time", "end_time", *keys, "amount", *currency, *told))
    for bucket, result in answer.rows:
        amount = result["amount"]
        lines.writerow(
            (
                *ends_of(bucket, answer.grid),
                *(result[name] for name in keys),
                plain(Decimal(amount["value"])),
                *(amount[name] for name in currency),
                *(_cell(result[name]) for name in told),
            )
        )
    console.out(text.getvalue(), end="", highlight=False)


def _cell(value: Any) -> Any:
    return plain(value) if isinstance(value, Decimal) else value


def print_table(answer: CostsAnswer, console: Console) -> None:
    """A row per group, the dearest first, with its share and course; without groups per bucket."""
    if not answer.rows:
        console.print(f"No costs {range_text(answer.buckets, answer.grid)}.")
    elif answer.group_by:
        _print_groups(answer, console)
    else:
        _print_buckets(answer, console)
    warn_of_unpriced(answer.unpriced, console)


def warn_of_unpriced(count: int, console: Console) -> None:
    """Say that some events add nothing to a sum, if there are any."""
    if count:
        console.print(unpriced_text(count), soft_wrap=True)


def unpriced_text(count: int) -> str:
    """That some events, at least one, add nothing to a sum, and where to look; with markup."""
    events = "1 event has" if count == 1 else f"{count:,} events have"
    return (
        f"[yellow]{events} no price for all they used, which adds nothing here:[/]"
        " tallybook prices list --unpriced"
    )


def _print_groups(answer: CostsAnswer, console: Console) -> None:
    groups = sorted(
        _grouped(answer), key=lambda group: (group.currency, group.is_other, -group.amount)
    )
    totals = _totals((group.amount, group.currency) for group in groups)
    with_quantity = LINE_ITEM in answer.group_by
    table = Table(box=SIMPLE, show_footer=True)
    for place, name in enumerate(answer.group_by):
        table.add_column(name, "" if place else "total", no_wrap=True)
    if with_quantity:
        table.add_column("quantity", justify="right", no_wrap=True)
        table.add_column("unit", no_wrap=True)
    table.add_column("amount", _total_text(totals), justify="right", no_wrap=True)
    table.add_column("share", justify="right", no_wrap=True)
    table.add_column("over time", no_wrap=True)
    for group in groups:
        quantity = (f"{_whole(group.quantity)}", group.unit or "") if with_quantity else ()
        amounts = [group.by_bucket[bucket.start_time] for bucket in answer.buckets]
        table.add_row(
            *group.texts,
            *quantity,
            _amount(group),
            _share(group.amount, totals[group.currency]),
            sparkline(amounts, SPARKLINE_COLUMNS),
        )
    print_whole(table, console)


def _grouped(answer: CostsAnswer) -> Iterable[_Group]:
    """The results of all buckets by their keys and currency."""
    groups: dict[tuple[Any, ...], _Group] = {}
    for bucket, result in answer.rows:
        keys = tuple(result[name] for name in answer.group_by)
        texts = key_texts(result, answer.group_by, answer.names)
        is_other = bool(result.get(OTHER))
        currency = result["amount"]["currency"]
        group = groups.setdefault(
            (*keys, is_other, currency),
            _Group(keys, texts, is_other, currency, defaultdict(Decimal)),
        )
        group.by_bucket[bucket.start_time] += Decimal(result["amount"]["value"])
        if result["quantity"] is not None:
            group.quantity += Decimal(result["quantity"])
            group.unit = result["quantity_unit"]
    return groups.values()


def _print_buckets(answer: CostsAnswer, console: Console) -> None:
    amounts = [
        (bucket, Decimal(result["amount"]["value"]), result["amount"]["currency"])
        for bucket, result in answer.rows
    ]
    totals = _totals((amount, currency) for _, amount, currency in amounts)
    # Bars of one currency say nothing about another.
    most = {
        currency: max(amount for _, amount, each in amounts if each == currency)
        for currency in totals
    }
    table = Table(box=SIMPLE, show_footer=True)
    table.add_column(f"start\n[dim]{answer.grid.zone}[/]", "total", no_wrap=True)
    table.add_column("amount", _total_text(totals), justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for bucket, amount, currency in amounts:
        bar = "█" * round(amount * BAR_COLUMNS / (most[currency] or 1))
        table.add_row(
            bucket_start(bucket.start_time, answer.grid), amount_text(amount, currency), bar
        )
    print_whole(table, console)


def _totals(amounts: Iterable[tuple[Decimal, str]]) -> dict[str, Decimal]:
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    for amount, currency in amounts:
        totals[currency] += amount
    return totals


def _total_text(totals: dict[str, Decimal]) -> str:
    """The total of each currency: they are never added up."""
    return "\n".join(amount_text(total, currency) for currency, total in totals.items())


def _amount(group: _Group) -> str:
    """The group's amount; a line that nobody prices has none, and is not free."""
    if any(str(key).endswith(f", {Standing.UNPRICED}") for key in group.keys):
        return "[yellow]unpriced[/]"
    return amount_text(group.amount, group.currency)


def _share(amount: Decimal, total: Decimal) -> str:
    return f"{amount * 100 / total:.1f}%" if total else ""


def _whole(quantity: Decimal) -> str:
    """A quantity with thousands; a fraction of it to a tenth."""
    return f"{quantity:,.0f}" if quantity == quantity.to_integral_value() else f"{quantity:,.1f}"
