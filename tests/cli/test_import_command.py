"""``tallybook import`` into a data folder: every format, every fault, exactly once."""

import gzip
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from support.command import counts, receipt, run, stored, told, write_csv
from support.events import DAY
from tallybook.domain.kinds import KINDS

HEADER = ("id", "time", "kind", "model", "input_tokens", "output_tokens")


def row(number: int, **changed: object) -> list[object]:
    fields: dict[str, object] = {
        "id": f"r{number:04}",
        "time": DAY + number,
        "kind": "completions",
        "model": "gpt-5.5",
        "input_tokens": 10 * number,
        "output_tokens": number,
    }
    return list((fields | changed).values())


def test_a_file_with_the_fields_of_events_needs_no_mapping(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", [HEADER, *(row(n) for n in range(1, 4))])
    result = run("import", file, "--data", tmp_path / "data", "--json")
    assert result.returncode == 0, result.stderr
    assert receipt(result) == {
        "rows": 3,
        "accepted": 3,
        "duplicates": 0,
        "conflicts": 0,
        "rejected": 0,
        "faults": [],
    }
    assert stored(tmp_path / "data", "id", "time_us", "input_text_tokens") == [
        (f"r{n:04}", (DAY + n) * 1_000_000, 10 * n) for n in range(1, 4)
    ]


def test_the_receipt_for_people_is_a_table(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", [HEADER, *(row(n) for n in range(1_200))])
    result = run("import", file, "--data", tmp_path / "data")
    lines = [line.split() for line in result.stdout.splitlines() if line.strip()]
    assert lines[:5] == [
        ["rows", "read", "1,200"],
        ["accepted", "1,200"],
        ["duplicates", "0"],
        ["conflicts", "0"],
        ["rejected", "0"],
    ]
    assert [line[0] for line in lines[5:-1]] == ["seconds", "rows"]
    assert lines[-1][-2:] == ["tallybook", "seal"]
    # Progress is for terminals.
    assert result.stderr == ""


# The same three requests in every format, under the names of some other system.
TIMES = ("2026-10-01 00:00:00.1234567", "2026-10-01T02:00:01+02:00", "2026-10-01 00:00:02")
FOREIGN = ("When", "Model, name", 'Say "in"', "Out", "Team", "Cost", "batch")
FOREIGN_ROWS: list[list[Any]] = [
    [TIMES[0], "gpt-5.5", 100, 10, "search", "0.000000000000001", True],
    [TIMES[1], 'o"1', 200, 20, None, None, False],
    [TIMES[2], "naïve-\u2028", 300, 30, "a,b", "1234567890123.5", None],
]
FOREIGN_MAP = (
    *("--map", "time=When", "--map", "model=Model, name", "--map", 'input_tokens=Say "in"'),
    *("--map", "output_tokens=Out", "--map", "tag:team=Team", "--set", "tag:env=prod"),
    *("--map", "reported_cost.value=Cost", "--set", "reported_cost.currency=usd"),
    *("--set", "kind=completions", "--set", "provider=azure"),
)
FOREIGN_COLUMNS = (
    *("time_us", "provider", "model", "batch", "tags", "reported_cost"),
    *("reported_currency", "input_text_tokens", "output_text_tokens", "num_model_requests"),
)
FOREIGN_STORED = {
    (DAY * 1_000_000 + 123_456, "azure", "gpt-5.5", True, '{"env":"prod","team":"search"}',
     Decimal("0.000000000000001"), "usd", 100, 10, 1),
    (DAY * 1_000_000 + 1_000_000, "azure", 'o"1', False, '{"env":"prod"}',
     None, None, 200, 20, 1),
    (DAY * 1_000_000 + 2_000_000, "azure", "naïve-\u2028", False, '{"env":"prod","team":"a,b"}',
     Decimal("1234567890123.5"), "usd", 300, 30, 1),
}  # fmt: skip


def as_csv(folder: Path, delimiter: str = ",", name: str = "f.csv") -> Path:
    return write_csv(folder / name, [FOREIGN, *FOREIGN_ROWS], delimiter)


def as_ndjson(folder: Path) -> Path:
    lines = [json.dumps(dict(zip(FOREIGN, cells, strict=True))) for cells in FOREIGN_ROWS]
    file = folder / "f.ndjson"
    file.write_text("\n\n".join(lines))
    return file


def as_parquet(folder: Path) -> Path:
    file = folder / "f.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            'CREATE TABLE t ("When" VARCHAR, "Model, name" VARCHAR, "Say ""in""" DOUBLE,'
            ' "Out" UTINYINT, "Team" VARCHAR, "Cost" DECIMAL(38, 15), batch BOOLEAN)'
        )
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?)", FOREIGN_ROWS)
        connection.table("t").write_parquet(str(file))
    return file


def zipped(make: Callable[[Path], Path]) -> Callable[[Path], Path]:
    def pack(folder: Path) -> Path:
        plain = make(folder)
        packed = plain.with_name(f"{plain.name}.gz")
        packed.write_bytes(gzip.compress(plain.read_bytes()))
        return packed

    return pack


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(as_csv, id="csv"),
        pytest.param(zipped(as_csv), id="csv.gz"),
        pytest.param(lambda folder: as_csv(folder, ";"), id="semicolons"),
        pytest.param(lambda folder: as_csv(folder, "\t", "f.tsv"), id="tabs"),
        pytest.param(lambda folder: as_csv(folder, name="we[i]rd *.csv"), id="odd file name"),
        pytest.param(as_ndjson, id="ndjson"),
        pytest.param(zipped(as_ndjson), id="ndjson.gz"),
        pytest.param(as_parquet, id="parquet"),
    ],
)
def test_one_mapping_gives_the_same_events_from_every_format(
    make: Callable[[Path], Path], tmp_path: Path
) -> None:
    file, data = make(tmp_path), tmp_path / "data"
    result = run("import", file, *FOREIGN_MAP, "--data", data, "--json")
    assert counts(result) == (3, 0, 0, 0), result.stdout
    assert set(stored(data, *FOREIGN_COLUMNS)) == FOREIGN_STORED
    again = run("import", file, *FOREIGN_MAP, "--data", data, "--json")
    assert counts(again) == (0, 3, 0, 0)


def test_a_format_can_be_named_where_the_suffix_does_not_say(tmp_path: Path) -> None:
    file = as_ndjson(tmp_path).rename(tmp_path / "export.2026-10-01")
    refused = run("import", file, *FOREIGN_MAP, "--data", tmp_path / "data")
    assert refused.returncode == 2
    assert "--format ndjson" in told(refused)
    options = ("--format", "ndjson", "--data", tmp_path / "data", "--json")
    assert counts(run("import", file, *FOREIGN_MAP, *options)) == (3, 0, 0, 0)


@pytest.mark.parametrize(
    ("type_", "value", "microsecond"),
    [
        ("TIMESTAMP", "2026-10-01 00:00:00.123456", 123_456),
        ("TIMESTAMP_NS", "2026-10-01 00:00:00.123456999", 123_456),
        ("TIMESTAMP_MS", "2026-10-01 00:00:00.123", 123_000),
        ("TIMESTAMP_S", "2026-10-01 00:00:00", 0),
        ("TIMESTAMPTZ", "2026-10-01 05:30:00.5+05:30", 500_000),
        ("DATE", "2026-10-01", 0),
        ("BIGINT", str(DAY), 0),
        ("DOUBLE", f"{DAY}.25", 250_000),
        ("DECIMAL(20, 6)", f"{DAY}.123456", 123_456),
    ],
)
def test_a_parquet_column_of_times_keeps_its_type(
    type_: str, value: str, microsecond: int, tmp_path: Path
) -> None:
    file, data = tmp_path / "f.parquet", tmp_path / "data"
    with duckdb.connect() as connection:
        time = connection.sql("SELECT ?", params=[value]).project(f"CAST(#1 AS {type_}) AS time")
        time.project("time, CAST(7 AS HUGEINT) AS images").write_parquet(str(file))
    mapping = ("--set", "kind=images")
    result = run("import", file, *mapping, "--data", data, "--json", variables={"TZ": "Asia/Tokyo"})
    assert counts(result) == (1, 0, 0, 0), result.stdout
    assert stored(data, "time_us", "images") == [(DAY * 1_000_000 + microsecond, 7)]


def test_parquet_structures_are_tags_less_those_without_a_value(tmp_path: Path) -> None:
    file, data = tmp_path / "f.parquet", tmp_path / "data"
    with duckdb.connect() as connection:
        connection.execute(
            f"CREATE TABLE t AS SELECT {DAY} AS time, 1 AS images,"
            " {'team': 'search', 'env': CAST(NULL AS VARCHAR)} AS tags"
        )
        connection.table("t").write_parquet(str(file))
    result = run("import", file, "--set", "kind=images", "--data", data, "--json")
    assert counts(result) == (1, 0, 0, 0), result.stdout
    assert stored(data, "tags") == [('{"team":"search"}',)]


@pytest.mark.parametrize(
    ("unit", "time", "microsecond"),
    [("s", f"{DAY}.5", 500_000), ("ms", f"{DAY}123", 123_000), ("us", f"{DAY}123456", 123_456)],
)
def test_numeric_times_come_in_three_units(
    unit: str, time: str, microsecond: int, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    file = write_csv(tmp_path / "a.csv", [HEADER, row(1, time=time)])
    lines = tmp_path / "a.ndjson"
    fields = dict(zip(HEADER, row(2), strict=True)) | {"time": None}
    lines.write_text(json.dumps(fields).replace("null", time))
    result = run("import", file, lines, "--time-unit", unit, "--data", data, "--json")
    assert counts(result) == (2, 0, 0, 0), result.stdout
    assert stored(data, "time_us") == [(DAY * 1_000_000 + microsecond,)] * 2


def test_every_kind_can_be_imported(tmp_path: Path) -> None:
    needed = {
        name: [quantity.name for quantity in kind.quantities if quantity.required]
        for name, kind in KINDS.items()
    }
    quantities = list(dict.fromkeys(name for names in needed.values() for name in names))
    rows = [
        (kind, DAY, *(3 if name in names else "" for name in quantities))
        for kind, names in needed.items()
    ]
    file = write_csv(tmp_path / "a.csv", [("kind", "time", *quantities), *rows])
    result = run("import", file, "--data", tmp_path / "data", "--json")
    assert counts(result) == (len(KINDS), 0, 0, 0), result.stdout


def test_bad_rows_are_told_by_row_and_field_and_cost_their_neighbours_nothing(
    tmp_path: Path,
) -> None:
    rows = [
        row(1),
        row(2, time="yesterday"),
        row(3, input_tokens="many"),
        row(4, output_tokens=1.5),
        row(5, kind="chat"),
        row(6, model="x" * 201),
        row(7, time=1),
        row(8, id=""),
        row(9),
    ]
    file, data = write_csv(tmp_path / "a.csv", [HEADER, *rows]), tmp_path / "data"
    result = run("import", file, "--data", data, "--json")
    assert result.returncode == 1
    found = receipt(result)
    assert (found["rows"], found["accepted"], found["rejected"]) == (9, 2, 7)
    assert [(f["file"], f["row"], f["id"], f["field"]) for f in found["faults"]] == [
        (str(file), 2, "r0002", "time"),
        (str(file), 3, "r0003", "input_tokens"),
        (str(file), 4, "r0004", "output_tokens"),
        (str(file), 5, "r0005", "kind"),
        (str(file), 6, "r0006", "model"),
        (str(file), 7, "r0007", "time"),
        (str(file), 8, None, "id"),
    ]
    reasons = " ".join(fault["reason"] for fault in found["faults"])
    for part in ('"yesterday"', '"many"', "1.5", '"chat"', "2015-01-01", "id is required"):
        assert part in reasons
    assert stored(data, "id") == [("r0001",), ("r0009",)]
    for_people = run("import", file, "--data", data)
    assert for_people.returncode == 1
    assert f'{file} row 3: input_tokens is "many"' in for_people.stdout


def test_of_many_bad_rows_all_are_counted_and_the_first_are_told(tmp_path: Path) -> None:
    rows = [row(n, input_tokens=-1 if n % 2 else 1) for n in range(200)]
    file = write_csv(tmp_path / "a.csv", [HEADER, *rows])
    result = run("import", file, "--data", tmp_path / "data")
    told_rows = [line for line in result.stdout.splitlines() if " row " in line]
    assert len(told_rows) == 20
    assert "… and 80 more" in result.stdout
    assert ["accepted", "100"] in [line.split() for line in result.stdout.splitlines()]


def test_an_empty_cell_is_an_absent_field(tmp_path: Path) -> None:
    header = (*HEADER, "batch", "provider", "num_model_requests", "tags")
    rows = [[*row(1), "", "", "", ""], [*row(2), "true", "azure", "3", '{"a":\n"b"}']]
    file, data = write_csv(tmp_path / "a.csv", [header, *rows]), tmp_path / "data"
    assert counts(run("import", file, "--data", data, "--json")) == (2, 0, 0, 0)
    assert stored(data, "batch", "provider", "num_model_requests", "tags") == [
        (False, "openai", 1, None),
        (True, "azure", 3, '{"a":"b"}'),
    ]


def test_rows_of_the_wrong_length_are_told_where_ids_do_not_depend_on_them(tmp_path: Path) -> None:
    file, data = write_csv(tmp_path / "a.csv", [HEADER, row(1), row(2), row(3)]), tmp_path / "data"
    lines = file.read_bytes().splitlines()
    lines[2:2] = [b"short,1", b"long" + b",1" * 9, b'r9,1,"\xff",m,1,1']
    file.write_bytes(b"\n".join(lines))
    result = run("import", file, "--data", data, "--json")
    assert result.returncode == 1
    found = receipt(result)
    assert (found["rows"], found["accepted"], found["rejected"]) == (6, 3, 3)
    assert [fault["row"] for fault in found["faults"]] == [2, 3, 4]
    assert all(fault["reason"].startswith("not a row: ") for fault in found["faults"])
    # The rows after them have the numbers that an editor shows.
    lines[-1] = lines[-1].replace(b"30,3", b"30,x")
    file.write_bytes(b"\n".join(lines))
    assert 6 in [
        fault["row"] for fault in receipt(run("import", file, "--data", data, "--json"))["faults"]
    ]


def test_rows_of_the_wrong_length_stop_an_import_whose_ids_come_from_places(
    tmp_path: Path,
) -> None:
    file = write_csv(tmp_path / "a.csv", [HEADER[1:], row(1)[1:], ["short"], row(2)[1:]])
    result = run("import", file, "--data", tmp_path / "data")
    assert result.returncode == 2
    assert "1 rows of" in told(result)
    assert "row 2 (not a row: Expected Number of Columns: 5 Found: 1)" in told(result)
    assert not (tmp_path / "data").exists()


def test_the_same_rows_at_other_places_are_other_requests(tmp_path: Path) -> None:
    file, data = write_csv(tmp_path / "a.csv", [HEADER[1:], *[row(1)[1:]] * 3]), tmp_path / "data"
    assert counts(run("import", file, "--data", data, "--json")) == (3, 0, 0, 0)
    assert counts(run("import", file, "--data", data, "--json")) == (0, 3, 0, 0)
    # A file that grew brings only what is new; under another name it is the same.
    grown = write_csv(tmp_path / "b.csv", [HEADER[1:], *[row(1)[1:]] * 5])
    assert counts(run("import", grown, "--data", data, "--json")) == (2, 3, 0, 0)


def test_the_same_rows_with_another_constant_are_conflicts_and_not_counted_twice(
    tmp_path: Path,
) -> None:
    rows = [(DAY + number, "images", 1) for number in range(3)]
    file = write_csv(tmp_path / "a.csv", [("time", "kind", "images"), *rows])
    data = tmp_path / "data"
    assert counts(run("import", file, "--set", "model=a", "--data", data, "--json")) == (3, 0, 0, 0)
    other = run("import", file, "--set", "model=b", "--data", data, "--json")
    assert other.returncode == 1
    assert counts(other) == (0, 0, 3, 0)
    (fault, *_) = receipt(other)["faults"]
    assert (fault["row"], fault["field"]) == (1, "model")
    assert "a stored event never changes" in fault["reason"]


def test_several_files_are_one_import_and_rows_are_told_by_file(tmp_path: Path) -> None:
    good = write_csv(tmp_path / "good.csv", [HEADER, row(1), row(2)])
    bad = write_csv(tmp_path / "bad.csv", [HEADER, row(3), row(4, input_tokens=-1)])
    result = run("import", good, bad, "--data", tmp_path / "data", "--json")
    assert counts(result) == (3, 0, 0, 1)
    assert [(f["file"], f["row"]) for f in receipt(result)["faults"]] == [(str(bad), 2)]


def test_a_mapping_that_fits_one_file_of_two_stores_nothing(tmp_path: Path) -> None:
    good = write_csv(tmp_path / "good.csv", [HEADER, row(1)])
    bad = write_csv(tmp_path / "bad.csv", [(*HEADER, "latency"), [*row(2), 7]])
    result = run("import", good, bad, "--data", tmp_path / "data")
    assert result.returncode == 2
    assert f'{bad} has columns that are not fields of any event: "latency"' in told(result)
    assert not (tmp_path / "data").exists()
    both = run("import", bad, "--ignore", "latency", "--data", tmp_path / "data", "--json")
    assert counts(both) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (("--map", "tokens=in"), ['"tokens" is not a field', "input_tokens"]),
        (("--map", "user_id=Who"), ['has no column "Who"', '"input_tokens"']),
        (("--ignore", "Who"), ['has no column "Who"']),
        (("--set", "kind=chat"), ["completions, embeddings"]),
        (("--url", "http://127.0.0.1:1", "--data", "d"), ["exclude each other"]),
        (("--url", "http://127.0.0.1:1"), ["needs a key", "TALLYBOOK_INGEST_KEY"]),
        (("--format", "xml"), ["'csv', 'ndjson', 'parquet'"]),
        (("missing.csv",), ["missing.csv is not a file"]),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error_and_stores_nothing(
    options: tuple[str, ...], parts: list[str], tmp_path: Path
) -> None:
    file = write_csv(tmp_path / "a.csv", [HEADER, row(1)])
    result = run("import", file, *options, folder=tmp_path)
    assert result.returncode == 2, result.stdout
    for part in parts:
        assert part in told(result)
    assert not (tmp_path / "tallybook-data").exists()


def damage(packed: bytes) -> bytes:
    return packed[:-8] + bytes(8)


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("cut.csv.gz", gzip.compress(b"id,time\n" * 999, mtime=0)[:-9], "damaged or cut off"),
        ("bad.ndjson.gz", damage(gzip.compress(b"{}\n" * 999, mtime=0)), "damaged or cut off"),
        ("bad.parquet", b"PAR1 but not really PAR1", "cannot be read"),
        ("empty.csv", b"", "is empty"),
        ("returns.csv", b"id,time\rnow,1\n", "is not the names of its columns"),
        ("utf16.csv", "id,time".encode("utf-16"), "is not UTF-8"),
    ],
)
def test_a_damaged_file_is_refused_before_anything_is_stored(
    name: str, content: bytes, part: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    result = run("import", file, "--set", "kind=completions", "--data", tmp_path / "data")
    assert result.returncode == 2
    assert part in told(result)
    assert not (tmp_path / "data").exists()


def test_a_header_alone_is_no_rows(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", [HEADER])
    result = run("import", file, "--data", tmp_path / "data", "--json")
    assert result.returncode == 0
    assert receipt(result)["rows"] == 0


def test_a_field_that_appears_late_in_ndjson_is_refused_by_name(tmp_path: Path) -> None:
    fields = dict(zip(HEADER, row(1), strict=True))
    lines = [json.dumps(fields | {"id": f"r{n}"}) for n in range(10_001)]
    lines.append(json.dumps(fields | {"id": "late", "input_tokns": 5}))
    lines.append("{broken")
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join(lines))
    result = run("import", file, "--set", "tag:env=prod", "--data", tmp_path / "data", "--json")
    assert counts(result) == (10_001, 0, 0, 2)
    late, broken = receipt(result)["faults"]
    assert (late["row"], late["field"]) == (10_002, "input_tokns")
    assert (broken["row"], broken["reason"][:14]) == (10_003, "not valid JSON")


@pytest.mark.parametrize("column", ["select", 'a"b', "c1", "n", "Ünïcode; DROP TABLE x", "'", "?"])
def test_no_name_of_a_column_is_ever_a_part_of_a_statement(column: str, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", [("time", column, "x"), (DAY, 5, "y")])
    mapping = ("--map", f"images={column}", "--map", "tag:it's \"?=x", "--set", "kind=images")
    result = run("import", file, *mapping, "--data", tmp_path / "data", "--json")
    assert counts(result) == (1, 0, 0, 0), result.stdout + result.stderr
    assert stored(tmp_path / "data", "images", "tags") == [(5, '{"it\'s \\"?":"y"}')]


@pytest.mark.parametrize("command", ["import", "usage"])
def test_the_help_ends_with_an_example(command: str) -> None:
    text = run(command, "--help", variables={"COLUMNS": "80"}).stdout
    before_the_options = [line.strip() for line in text.split("╭")[0].splitlines()]
    *_, example = "\n".join(before_the_options).strip().split("\n\n")
    assert example.startswith(f"Example: tallybook {command}")
