"""What became of the rows of an import: counted, told, printed."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tallybook.cli.as_json import print_as_json
from tallybook.domain.receipts import Fault, Receipt

# Faults that are told one by one; all are counted.
FAULTS_SHOWN = 20


class RowFault(msgspec.Struct, frozen=True):
    """A row that was refused: where it is, and why. Rows are counted from 1."""

    file: str
    row: int
    id: str | None
    field: str | None
    reason: str


class Report(msgspec.Struct, kw_only=True):
    """The sums of an import so far. Every row is in exactly one of the four."""

    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    conflicts: int = 0
    rejected: int = 0
    seconds: float = 0.0
    faults: list[RowFault] = []

    @property
    def refused(self) -> int:
        """How many rows were not stored and are not known."""
        return self.conflicts + self.rejected

    @property
    def rows_per_second(self) -> int:
        """Rows a second, of all kinds."""
        return round(self.rows / self.seconds) if self.seconds else 0

    def add(self, path: Path, numbers: Sequence[int], receipt: Receipt) -> None:
        """Count a load whose rows have these numbers in their file."""
        self.rows += len(numbers)
        self.accepted += receipt.accepted
        self.duplicates += receipt.duplicates
        self.conflicts += len(receipt.conflicts)
        self.rejected += len(receipt.rejected)
        faults = sorted((*receipt.conflicts, *receipt.rejected), key=lambda fault: fault.index)
        self._tell(path, ((numbers[fault.index], fault) for fault in faults))

    def add_unreadable(self, path: Path, faults: Sequence[Fault]) -> None:
        """Count rows that could not be taken apart; their index is their number."""
        self.rows += len(faults)
        self.rejected += len(faults)
        self._tell(path, ((fault.index, fault) for fault in faults))

    def _tell(self, path: Path, faults: Iterable[tuple[int, Fault]]) -> None:
        for number, fault in faults:
            if len(self.faults) >= FAULTS_SHOWN:
                return
            self.faults.append(RowFault(str(path), number, fault.id, fault.field, fault.reason))


def print_json(report: Report, console: Console) -> None:
    """The report as one JSON object."""
    fields = msgspec.to_builtins(report) | {"rows_per_second": report.rows_per_second}
    print_as_json(fields, console)


def print_table(report: Report, console: Console) -> None:
    """The report as a table, after the rows that were refused."""
    for fault in report.faults:
        console.print(
            f"{escape(fault.file)} row {fault.row}: {escape(fault.reason)}", soft_wrap=True
        )
    if (more := report.refused - len(report.faults)) > 0:
        console.print(f"… and {more:,} more")
    table = Table(box=SIMPLE, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, value in (
        ("rows read", f"{report.rows:,}"),
        ("accepted", f"{report.accepted:,}"),
        ("duplicates", f"{report.duplicates:,}"),
        ("conflicts", f"{report.conflicts:,}"),
        ("rejected", f"{report.rejected:,}"),
        ("seconds", f"{report.seconds:,.1f}"),
        ("rows a second", f"{report.rows_per_second:,}"),
    ):
        table.add_row(name, value)
    console.print(table)
