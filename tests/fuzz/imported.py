"""Files that are imported: lines of JSON with other names, tables in CSV, and their cells."""

import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from fuzz.mutating import after_a_choice, bytes_mutated, json_of, lines_of
from fuzz.posted import EVENT_WORDS, LATEST_US, good_events
from fuzz.target import Check, Target, pure
from tallybook.cli.importing.ndjson import NdjsonFile
from tallybook.cli.importing.rows import RowFile, UnreadableFile
from tallybook.cli.importing.tables import Delimiter, open_csv
from tallybook.domain.errors import BodyTooLarge, MalformedBody
from tallybook.domain.instants import from_datetime
from tallybook.intake.cells import Sort, TimeUnit, cell_json
from tallybook.intake.lines import field_names, relabel
from tallybook.intake.mapping import VERBATIM, InvalidMapping, Wishes, plan_mapping, read_wishes
from tallybook.intake.native import Format, read_events

_UNITS = tuple(TimeUnit)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SORTS = tuple(Sort)
_ROWS_MAX = 1_000


def _plans() -> list[Wishes]:
    wished = [
        ((), ("kind=completions",), (), True),
        (
            ("time=when", "model=m", "tag:team=who"),
            ("kind=completions", "output_tokens=1"),
            (),
            True,
        ),
        (("input_tokens=n", "reported_cost.value=cost"), ("reported_cost.currency=usd",), (), True),
        (("id=time", "time=id"), ("kind=moderations",), ("tags",), False),
    ]
    return [
        read_wishes(mapped, fixed, ignored, only_mapped=only)
        for mapped, fixed, ignored, only in wished
    ]


_WISHES = _plans()


def _line(data: bytes) -> None:
    """A line becomes one event, stored or refused, and never two."""
    if not data:
        return
    way, line = data[0], data[1:].replace(b"\n", b" ")
    if not line.strip():
        return
    unit = _UNITS[way % len(_UNITS)]
    plan = VERBATIM
    if wishes := (None, *_WISHES)[way // len(_UNITS) % (1 + len(_WISHES))]:
        names = dict.fromkeys((*field_names(line), *wishes.columns.values(), *wishes.ignored))
        plan = plan_mapping(wishes, tuple(names), "the file")
    event = relabel(plan, unit)(line, 1)
    assert b"\n" not in event
    if event.strip(b" \t\r\n"):
        batch = read_events(event, Format.NDJSON, LATEST_US, 1)
        assert batch.sheet.count + len(batch.rejected) == 1


def _cell(data: bytes) -> None:
    if not data:
        return
    way, text = data[0], data[1:].decode("utf-8", "replace")
    sort, unit = _SORTS[way % len(_SORTS)], _UNITS[way // len(_SORTS) % len(_UNITS)]
    made = cell_json(sort, text, unit)
    assert "\n" not in made
    assert "\r" not in made
    json.loads(made, parse_float=str, parse_int=str)
    if sort is Sort.TIME and made.endswith("e-6") and _DATE.match(text.strip(" ")):
        # A plain parser finds the same moment, where it finds one.
        with suppress(ValueError):
            plain = datetime.fromisoformat(text.strip(" ").replace(" UTC", "Z"))
            aware = plain if plain.tzinfo else plain.replace(tzinfo=UTC)
            assert Decimal(made) == Decimal(from_datetime(aware)).scaleb(-6)


def _cell_seeds() -> list[bytes]:
    texts = (
        b"12.0", b"TRUE", b"2026-10-01", b"2026-10-01 12:30:00.123456789 UTC", b"1790812800.25",
        b"2026-10-01T12:30+0530", b'{"team": "a"}', b"+007.", b"-1e5",
    )  # fmt: skip
    return [bytes([way]) + text for text in texts for way in range(0, 15, 3)]


def _line_seeds() -> list[bytes]:
    events = [json.dumps(each).encode() for each in good_events()[:4]]
    other = b'{"when":"2026-10-01T00:00:00Z","m":"gpt-5.5","who":"a","n":5,"cost":0.5}'
    return [bytes([way]) + line for way in range(0, 15, 2) for line in (*events, other)]


@contextmanager
def _files(folder: Path) -> Iterator[Check]:
    """Whole files, through the readers of the command."""
    path = folder / "rows"

    def check(data: bytes) -> None:
        if not data:
            return
        path.write_bytes(data[1:])
        way = data[0]
        delimiter = (None, *Delimiter)[way // 2 % 5]
        file: RowFile = NdjsonFile(path) if way % 2 else open_csv(path, delimiter)
        with closing(file):
            _read(file)

    yield check


def _read(file: RowFile) -> None:
    """Hold a file to give each row once, as an event that is stored or refused."""
    fixed = [f"{name}=5" for name in ("time", "input_tokens", "output_tokens")]
    fixed = [each for each in fixed if each.split("=")[0] not in file.columns]
    fixed += [] if "kind" in file.columns else ["kind=completions"]
    strange = [name for name in file.columns if name.encode() not in EVENT_WORDS]
    wishes = read_wishes((), fixed, strange, only_mapped=False)
    plan = plan_mapping(wishes, file.columns, "the file")
    file.survey(plan)
    numbers: list[int] = []
    for part in file.rows(plan, TimeUnit.SECONDS):
        numbers += part.numbers
        assert not any(b"\n" in line for line in part.lines)
        lines = [line for line in part.lines if line.strip(b" \t\r\n")]
        if lines:
            batch = read_events(b"\n".join(lines), Format.NDJSON, LATEST_US, _ROWS_MAX)
            assert batch.sheet.count + len(batch.rejected) == len(lines)
    assert numbers == sorted(set(numbers))
    if file.row_count is not None:
        assert len(numbers) == file.row_count
        assert not {each.index for each in file.unreadable} & set(numbers)


_HEADER = b"id,time,kind,model,input_tokens,output_tokens,batch,tags"


def _file_seeds() -> list[bytes]:
    row = b'r1,2026-10-01,completions,"gpt-5.5, mini",5,7,true,"{""team"": ""a""}"'
    table = b"\n".join((_HEADER, row, row.replace(b"r1", b"r2"), b"r3,,,", row + b",more", b""))
    lines = b"\n".join(json.dumps(each).encode() for each in good_events()[:3])
    return [
        b"\0" + table,
        b"\0" + table.replace(b"\n", b"\r\n"),
        b"\0\xef\xbb\xbf" + table,
        b"\x04" + table.replace(b",", b";"),
        b"\0" + _HEADER,
        b"\1" + lines,
        b"\1\n\n" + lines,
    ]


_NAMES = (*EVENT_WORDS, b"when", b"who", b"cost", b"n", b"m")
_TABLE_WORDS = (
    _HEADER,
    b'"',
    b'""',
    b",,",
    b";",
    b"\t",
    b"|",
    b"r9,2026-10-01,completions,m,1,1,,",
)

TARGETS = (
    Target(
        "import-lines",
        "lines of JSON with names that are mapped",
        pure(_line),
        _line_seeds,
        after_a_choice(15, json_of(*_NAMES)),
        _NAMES,
        (InvalidMapping, MalformedBody, BodyTooLarge),
    ),
    Target(
        "import-cells",
        "cells of tables: counts, flags, times, objects",
        pure(_cell),
        _cell_seeds,
        after_a_choice(15, bytes_mutated),
        (b" UTC", b"Z", b"+05:30", b"T", b"e-3", b"{}", b'"'),
        bytes_max=200,
    ),
    Target(
        "import-files",
        "whole files in CSV and NDJSON, plain and gzip",
        _files,
        _file_seeds,
        after_a_choice(10, lines_of(*_TABLE_WORDS, sign=b",")),
        _TABLE_WORDS,
        (UnreadableFile, InvalidMapping, MalformedBody, BodyTooLarge),
        bytes_max=2_048,
    ),
)
