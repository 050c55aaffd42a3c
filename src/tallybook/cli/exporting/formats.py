"""Events as NDJSON, CSV or Parquet. All of them are what ``tallybook import`` reads."""

import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

import duckdb
import msgspec

from tallybook.domain.dimensions import DIMENSIONS
from tallybook.domain.instants import MICROSECONDS, iso
from tallybook.domain.kinds import KINDS

# Pages of NDJSON, and where a file's bytes go.
Write = Callable[[Iterable[bytes], BinaryIO], None]


class ExportFormat(StrEnum):
    """The formats of exported events."""

    NDJSON = "ndjson"
    CSV = "csv"
    PARQUET = "parquet"


def writer_of(form: ExportFormat, fields: Sequence[str]) -> Write:
    """What writes pages in a format; tables have these fields as columns."""
    if form is ExportFormat.CSV:
        return lambda pages, out: _write_csv(pages, out, fields)
    if form is ExportFormat.PARQUET:
        return lambda pages, out: _write_parquet(pages, out, fields)
    return _write_ndjson


def _write_ndjson(pages: Iterable[bytes], out: BinaryIO) -> None:
    for page in pages:
        out.write(page)


_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_text = msgspec.json.Decoder(str)
_SPECIAL = re.compile(r'[",\r\n]')


def _write_csv(pages: Iterable[bytes], out: BinaryIO, fields: Sequence[str]) -> None:
    """A line for each event, an empty cell where it has nothing; objects as JSON."""
    out.write(_line(fields))
    for page in pages:
        for event in page.split(b"\n")[:-1]:
            cells = {name: _cell(bytes(raw)) for name, raw in _fields.decode(event).items()}
            cells["time"] = iso(int(Decimal(cells["time"]) * MICROSECONDS))
            out.write(_line(cells.get(name, "") for name in fields))


def _cell(value: bytes) -> str:
    """A JSON value as the text of a cell."""
    return _text.decode(value) if value.startswith(b'"') else value.decode()


def _line(cells: Iterable[str]) -> bytes:
    return (",".join(map(_quoted, cells)) + "\n").encode()


def _quoted(cell: str) -> str:
    """A cell in quotes where it needs them; csv.writer has none around a carriage return."""
    return '"' + cell.replace('"', '""') + '"' if _SPECIAL.search(cell) else cell


# Of what is neither a text nor a count.
_TYPES = {
    "time": "DECIMAL(24, 6)",
    **{name: "BOOLEAN" for name, dimension in DIMENSIONS.items() if dimension.boolean},
    "tags": "JSON",
    "reported_cost": "JSON",
}
_QUANTITIES = {quantity.name: quantity for kind in KINDS.values() for quantity in kind.quantities}
_COPY = """\
COPY (
    SELECT {columns}
    FROM read_json(?, format = 'newline_delimited', records = true, columns = {{{types}}})
) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"""


def _write_parquet(pages: Iterable[bytes], out: BinaryIO, fields: Sequence[str]) -> None:
    """A table with a column for each field: times as timestamps, objects as JSON.

    Its rows pass through a temporary file, of which an engine of the command's own makes the
    table, whatever its size. Raises OSError.
    """
    with tempfile.TemporaryDirectory(prefix="tallybook-export-") as folder:
        lines, table = Path(folder) / "lines.ndjson", Path(folder) / "table.parquet"
        with lines.open("wb") as file:
            _write_ndjson(pages, file)
        _copy(lines, table, fields)
        with table.open("rb") as file:
            while part := file.read(1 << 20):
                out.write(part)


def _copy(lines: Path, table: Path, fields: Sequence[str]) -> None:
    """Make a table of lines. Raises OSError."""
    # Names are those of the table of kinds.
    columns = ", ".join(map(_column, fields))
    types = ", ".join(f"{name}: '{_type(name)}'" for name in fields)
    try:
        with duckdb.connect(config={"autoinstall_known_extensions": False}) as engine:
            engine.execute("SET TimeZone = 'UTC'")
            engine.execute("SET enable_progress_bar = false")
            sql = _COPY.format(columns=columns, types=types, path=table)
            engine.execute(sql, [str(lines)])
    except duckdb.Error as fault:
        said = str(fault).splitlines()[0]
        raise OSError(f"The Parquet file could not be made: {said}") from fault


def _column(name: str) -> str:
    if name == "time":
        return f"make_timestamptz(({name} * {MICROSECONDS})::BIGINT) AS {name}"
    return f"{name}::VARCHAR AS {name}" if _type(name) == "JSON" else name


def _type(name: str) -> str:
    if name in _TYPES:
        return _TYPES[name]
    quantity = _QUANTITIES.get(name)
    if quantity is None:
        return "VARCHAR"
    return "BIGINT" if quantity.scale == 1 else "DECIMAL(18, 6)"
