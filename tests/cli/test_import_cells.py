"""The rule for cells: the same in Python and in the engine, and what it promises."""

import json
from typing import Any

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tallybook.cli.importing.sql import Column, lines_statement
from tallybook.intake.cells import Sort, TimeUnit, cell_json
from tallybook.intake.mapping import Plan, sort_of

FIELDS = {
    Sort.TEXT: "model",
    Sort.COUNT: "input_tokens",
    Sort.FLAG: "batch",
    Sort.TIME: "time",
    Sort.OBJECT: "tags",
}


def decoded(line: str) -> Any:
    """JSON with its numbers as they are written."""
    return json.loads(line, parse_float=str, parse_int=str)


def by_engine(field: str, texts: list[str], unit: TimeUnit) -> list[Any]:
    plan = Plan(
        columns={field: "cell"},
        constants={},
        ignored=frozenset(),
        only_mapped=False,
        derives_id=False,
    )
    statement = lines_statement(
        plan, [Column("cell", "VARCHAR")], unit, "(SELECT unnest(CAST(? AS VARCHAR[])) AS c0)"
    )
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        rows = engine.execute(statement.sql, [*statement.values, texts]).fetchall()
    return [decoded(line.decode())[field] for (line,) in rows]


text = st.text(st.characters(codec="utf-8"), max_size=12)
number = st.one_of(
    st.integers().map(str),
    st.floats(allow_nan=True).map(str),
    st.decimals(places=3, allow_nan=False, allow_infinity=False).map(str),
    st.from_regex(
        r"[ ]?[+-]?0{0,3}[0-9]{0,20}[.]?[0-9]{0,3}([eE][+-]?[0-9]{1,3})?", fullmatch=True
    ),
)
moment = st.builds(
    lambda at, separator, fraction, offset: (
        at.strftime(f"%Y-%m-%d{separator}%H:%M:%S") + fraction + offset
    ),
    st.datetimes().filter(lambda at: 1000 <= at.year < 3000),
    st.sampled_from(["T", " "]),
    st.from_regex(r"([.][0-9]{1,9})?", fullmatch=True),
    st.sampled_from(["", "Z", " UTC", "+02:00", "-0330", "+14", "-23:59"]),
)
broken_moment = st.from_regex(
    r"[12][0-9]{3}-[0-3][0-9]-[0-3][0-9][ T]?[0-2][0-9]:[0-6][0-9](:[0-6][0-9])?[+Z ]?",
    fullmatch=True,
)
labels = st.dictionaries(text, text, max_size=3)
CELLS = {
    Sort.TEXT: text,
    Sort.COUNT: st.one_of(number, text),
    Sort.FLAG: st.one_of(st.sampled_from(["true", "False", " T", "f ", "1", "0", "yes"]), text),
    Sort.TIME: st.one_of(moment, broken_moment, number, text),
    Sort.OBJECT: st.one_of(
        labels.map(json.dumps), labels.map(lambda found: json.dumps(found, indent=2)), text
    ),
}


@pytest.mark.parametrize("sort", list(Sort))
def test_the_engine_and_the_rule_agree(sort: Sort) -> None:
    field = FIELDS[sort]
    assert sort_of(field) is sort

    @settings(max_examples=100, deadline=None)
    @given(st.lists(CELLS[sort], min_size=1, max_size=20), st.sampled_from(list(TimeUnit)))
    @example(["1", "", " ", "-0", "00", "1.", ".5", "1e5", "NaN"], TimeUnit.MILLISECONDS)
    @example(["2023-02-30", "2023-11-16 24:00:00", "2023-11-16 18:15:60"], TimeUnit.SECONDS)
    def agree(texts: list[str], unit: TimeUnit) -> None:
        expected = [decoded(cell_json(sort, cell, unit)) for cell in texts]
        assert by_engine(field, texts, unit) == expected

    agree()


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("2023-11-16 18:15:46.6805900", 1_700_158_546_680_590),
        ("2023-11-16T18:15:46.680590999Z", 1_700_158_546_680_590),
        ("2023-11-16 18:15:46.1", 1_700_158_546_100_000),
        ("2023-11-16 18:15:46 UTC", 1_700_158_546_000_000),
        ("2023-11-16T20:15:46+02:00", 1_700_158_546_000_000),
        ("2023-11-16 14:45:46.5-0330", 1_700_158_546_500_000),
        ("2023-11-16 18:15", 1_700_158_500_000_000),
        ("2023-11-16", 1_700_092_800_000_000),
        (" 2023-11-16 ", 1_700_092_800_000_000),
    ],
)
def test_a_written_time_is_exact_and_utc_unless_it_says_otherwise(
    text: str, microseconds: int
) -> None:
    assert cell_json(Sort.TIME, text) == f"{microseconds}e-6"


@pytest.mark.parametrize(
    "text",
    [
        "16/11/2023",
        "2023-11-16 18:15:46 Europe/Paris",
        "2023-02-30",
        "yesterday",
        "0170",
        "1e9",
        "",
    ],
)
def test_a_time_that_is_not_understood_stays_text_for_the_gate_to_refuse(text: str) -> None:
    assert json.loads(cell_json(Sort.TIME, text)) == text


@pytest.mark.parametrize(
    ("unit", "text", "json_number"),
    [
        (TimeUnit.SECONDS, "1700158546.68059", "1700158546.68059"),
        (TimeUnit.MILLISECONDS, "1700158546680", "1700158546680e-3"),
        (TimeUnit.MICROSECONDS, "1700158546680590", "1700158546680590e-6"),
    ],
)
def test_a_numeric_time_keeps_every_digit_in_any_unit(
    unit: TimeUnit, text: str, json_number: str
) -> None:
    assert cell_json(Sort.TIME, text, unit) == json_number


@pytest.mark.parametrize(
    ("text", "json_value"),
    [
        ("12", "12"), ("12.0", "12"), ("12.", "12"), ("+12", "12"), ("0012", "12"), (" 12 ", "12"),
        ("12.5", "12.5"), ("-1", "-1"), ("1e5", "1e5"),
        ("1,234", '"1,234"'), ("12 tokens", '"12 tokens"'), (".5", '".5"'), ("nan", '"nan"'),
    ],
)  # fmt: skip
def test_a_count_is_a_number_only_when_nothing_of_it_is_lost(text: str, json_value: str) -> None:
    assert cell_json(Sort.COUNT, text) == json_value


def test_an_object_comes_out_on_one_line_and_otherwise_untouched() -> None:
    assert cell_json(Sort.OBJECT, '{\n "a": "b\\nc"\r\n}') == '{  "a": "b\\nc"  }'
    assert cell_json(Sort.OBJECT, "[1]") == '"[1]"'
    assert cell_json(Sort.OBJECT, "{") == '"{"'
