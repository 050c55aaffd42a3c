"""NDJSON files: one JSON object per line, plain or gzip."""

import gzip
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, cast

from tallybook.cli.importing.rows import ROWS_READ, Rows, check_gzip, is_gzip
from tallybook.domain.receipts import Fault
from tallybook.intake.cells import TimeUnit
from tallybook.intake.lines import field_names, relabel
from tallybook.intake.mapping import Plan

# The lines that are looked at for what fields there are. Later ones may have
# more: the gate knows them, or refuses the row.
LINES_SAMPLED = 10_000


class NdjsonFile:
    """An open NDJSON file: see ``RowFile``. Blank lines count as rows, and hold nothing."""

    def __init__(self, path: Path) -> None:
        """Look at the first lines. Raises UnreadableFile for a damaged gzip."""
        self.path = path
        self.row_count: int | None = None
        self.unreadable: tuple[Fault, ...] = ()
        self._compressed = is_gzip(path)
        if self._compressed:
            check_gzip(path)
        with self._open() as file:
            sampled = (name for line in islice(file, LINES_SAMPLED) for name in field_names(line))
            self.columns = tuple(dict.fromkeys(sampled))

    @property
    def is_empty(self) -> bool:
        """Whether it has no byte: an export of no events."""
        with self._open() as file:
            return not file.read(1)

    def survey(self, plan: Plan) -> None:
        """Nothing: a line that cannot be taken apart is refused by the gate, as a row."""

    def rows(self, plan: Plan, unit: TimeUnit) -> Iterator[Rows]:
        """Every line that is not blank as an event."""
        event = relabel(plan, unit)
        with self._open() as file:
            numbered = enumerate(file, start=1)
            while part := list(islice(numbered, ROWS_READ)):
                filled = [(number, line) for number, line in part if line.strip()]
                yield Rows(
                    [number for number, _ in filled],
                    [event(line.rstrip(b"\r\n"), number) for number, line in filled],
                )

    def close(self) -> None:
        """Nothing is held open between readings."""

    def _open(self) -> IO[bytes]:
        return cast(IO[bytes], gzip.open(self.path)) if self._compressed else self.path.open("rb")
