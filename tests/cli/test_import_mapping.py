"""What a person says about columns becomes a plan, or a fault that lists what there is."""

import pytest

from tallybook.domain.kinds import KINDS
from tallybook.intake.mapping import InvalidMapping, Plan, Wishes, plan_mapping, read_wishes

TRACE = ("TIMESTAMP", "ContextTokens", "GeneratedTokens")
NATIVE = ("id", "time", "kind", "input_tokens", "output_tokens")
MAPPED = ("time=TIMESTAMP", "input_tokens=ContextTokens", "output_tokens=GeneratedTokens")


def wishes(
    *mapped: str,
    fixed: tuple[str, ...] = (),
    ignored: tuple[str, ...] = (),
    only_mapped: bool = False,
) -> Wishes:
    return read_wishes(mapped, fixed, ignored, only_mapped=only_mapped)


def plan(found: Wishes, columns: tuple[str, ...]) -> Plan:
    return plan_mapping(found, columns, "trace.csv")


def test_columns_that_are_fields_need_no_mapping() -> None:
    found = plan(wishes(), NATIVE)
    assert found.columns == {name: name for name in NATIVE}
    assert found.is_verbatim


def test_mapped_columns_and_constants_fill_an_event() -> None:
    found = plan(wishes(*MAPPED, fixed=("kind=completions", "tag:env=prod")), TRACE)
    assert found.columns == {
        "time": "TIMESTAMP",
        "input_tokens": "ContextTokens",
        "output_tokens": "GeneratedTokens",
    }
    assert found.constants == {"kind": "completions", "tag:env": "prod"}
    assert found.derives_id
    assert not found.is_verbatim


def test_a_column_may_fill_more_than_one_field() -> None:
    found = plan(
        wishes("user_id=who", "tag:who=who", fixed=("kind=completions",)),
        (*NATIVE, "who")[:2] + NATIVE[3:] + ("who",),
    )
    assert found.columns["user_id"] == found.columns["tag:who"] == "who"


def test_a_value_may_hold_the_equals_sign() -> None:
    assert wishes(fixed=("tag:query=a=b",)).constants == {"tag:query": "a=b"}


def test_only_mapped_leaves_the_other_columns_out_even_those_with_names_of_fields() -> None:
    found = plan(
        wishes(*MAPPED, fixed=("kind=completions",), only_mapped=True), (*TRACE, "model", "x")
    )
    assert found.ignored == {"model", "x"}
    assert "model" not in found.columns


def test_a_row_that_brings_its_id_keeps_it() -> None:
    assert not plan(
        wishes("id=Key", fixed=("kind=completions",)), ("Key", *NATIVE[1:2], *NATIVE[3:])
    ).derives_id


@pytest.mark.parametrize(
    ("found", "columns", "parts"),
    [
        # A column that nothing says what to do with.
        (
            wishes(fixed=("kind=completions",)),
            TRACE,
            [
                '"TIMESTAMP", "ContextTokens"',
                "--map FIELD=TIMESTAMP",
                "--ignore TIMESTAMP",
                "--only-mapped",
            ],
        ),
        # Columns that the file does not have.
        (
            wishes("time=Time"),
            TRACE,
            ['no column "Time"', '"TIMESTAMP", "ContextTokens", "GeneratedTokens"'],
        ),
        (wishes(ignored=("Nope",)), NATIVE, ['no column "Nope"', '"id", "time"']),
        # A column of another kind's field.
        (
            wishes(fixed=("kind=completions",), ignored=("kind",)),
            (*NATIVE, "images"),
            ["not fields of completions events", '"images"'],
        ),
        # What every event needs.
        (
            wishes(),
            ("id", "kind", "input_tokens"),
            ["Nothing fills time", "--map time=COLUMN", '"id", "kind"'],
        ),
        (
            wishes(),
            ("id", "time", "input_tokens"),
            ["Nothing fills kind", "completions, embeddings"],
        ),
        (
            wishes(fixed=("kind=completions",)),
            ("id", "time", "input_tokens"),
            ["Nothing fills output_tokens"],
        ),
        # Two values for one field.
        (
            wishes("input_tokens=Other"),
            (*NATIVE, "Other"),
            ["input_tokens of its own", "--ignore input_tokens"],
        ),
        (wishes(fixed=("kind=completions",)), NATIVE, ["kind of its own", "--ignore kind"]),
        (
            wishes("tag:team=Team"),
            (*NATIVE, "tags", "Team"),
            ["tags is given whole and as tag:team"],
        ),
        # Names that are there twice.
        (wishes(), (*NATIVE, "id"), ['more than one column "id"']),
    ],
)
def test_a_file_that_does_not_fit_is_told_what_it_has(
    found: Wishes, columns: tuple[str, ...], parts: list[str]
) -> None:
    with pytest.raises(InvalidMapping) as fault:
        plan(found, columns)
    for part in ("trace.csv", *parts) if "tags is" not in parts[0] else parts:
        assert part in str(fault.value)


@pytest.mark.parametrize(
    ("mapped", "fixed", "parts"),
    [
        (("tokens=A",), (), ['"tokens" is not a field of any event', "input_tokens", "tag:NAME"]),
        (("images=A",), ("kind=completions",), ["not a field of completions events"]),
        (("input_token=A",), (), ["did you mean input_tokens?"]),
        (("time",), (), ['--map is "time"', "FIELD=COLUMN"]),
        (("=A",), (), ["FIELD=COLUMN"]),
        ((), ("model=",), ['--set is "model="', "FIELD=VALUE"]),
        (("time=A", "time=B"), (), ["--map names time twice"]),
        (("model=A",), ("model=gpt",), ["model is given by --map and by --set"]),
        ((), ("kind=chat",), ['kind is "chat"', *KINDS]),
        (("tag:=A",), (), ['"tag:" is not a field']),
        (("reported_cost.value=Cost",), (), ["belong together"]),
        (
            ("reported_cost=A", "reported_cost.value=B", "reported_cost.currency=C"),
            (),
            ["given whole"],
        ),
    ],
)
def test_wishes_that_no_file_can_fulfil_are_refused(
    mapped: tuple[str, ...], fixed: tuple[str, ...], parts: list[str]
) -> None:
    with pytest.raises(InvalidMapping) as fault:
        wishes(*mapped, fixed=fixed)
    for part in parts:
        assert part in str(fault.value)
