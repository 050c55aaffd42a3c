"""Lines of JSON with other names become events, and nothing of them is lost in silence."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallybook.intake.cells import TimeUnit
from tallybook.intake.filling import filling
from tallybook.intake.lines import derived_id, field_names, relabel
from tallybook.intake.mapping import plan_mapping, read_wishes


def relabelled(
    line: dict[str, Any] | bytes,
    *mapped: str,
    fixed: tuple[str, ...] = ("kind=completions",),
    ignored: tuple[str, ...] = (),
    only_mapped: bool = False,
    columns: tuple[str, ...] = ("at", "in", "out", "who"),
    unit: TimeUnit = TimeUnit.SECONDS,
) -> Any:
    named = ("time=at", "input_tokens=in", "output_tokens=out", *mapped)
    plan = plan_mapping(
        read_wishes(named, fixed, ignored, only_mapped=only_mapped), columns, "x.ndjson"
    )
    found = relabel(plan, unit)(line if isinstance(line, bytes) else json.dumps(line).encode(), 7)
    return found if isinstance(line, bytes) else json.loads(found)


LINE = {"at": 1790812800, "in": 3, "out": 4, "who": "u"}


def test_fields_are_renamed_and_constants_added() -> None:
    found = relabelled(LINE, "user_id=who", "tag:who=who", fixed=("kind=completions", "tag:env=p"))
    assert found.pop("id").startswith("imp_")
    assert found == {
        "kind": "completions",
        "time": 1790812800,
        "input_tokens": 3,
        "output_tokens": 4,
        "user_id": "u",
        "tags": {"env": "p", "who": "u"},
    }


def test_a_null_is_the_same_as_nothing() -> None:
    assert "user_id" not in relabelled(LINE | {"who": None}, "user_id=who")


def test_a_cost_is_put_together_and_left_out_where_it_is_null() -> None:
    cost = ("reported_cost.value=who",)
    fixed = ("kind=completions", "reported_cost.currency=usd")
    found = relabelled(LINE | {"who": "0.0123"}, *cost, fixed=fixed)
    assert found["reported_cost"] == {"value": "0.0123", "currency": "usd"}
    assert "reported_cost" not in relabelled(LINE | {"who": None}, *cost, fixed=fixed)


def test_a_field_that_the_first_lines_did_not_have_keeps_its_name_for_the_gate() -> None:
    found = relabelled(LINE | {"surprise": 1, "tag:x": "y"}, "user_id=who")
    assert found["surprise"] == 1
    assert found["tag:x"] == "y"
    assert "tags" not in found


def test_a_late_field_never_replaces_a_mapped_one_in_silence() -> None:
    found = relabelled(LINE | {"input_tokens": 99}, "user_id=who")
    assert found["input_tokens"] == 3
    assert found["input_tokens (unmapped)"] == 99


def test_what_is_left_out_by_name_or_by_rule_is_left_out() -> None:
    assert "who" not in relabelled(LINE, ignored=("who",))
    assert "surprise" not in relabelled(LINE | {"surprise": 1}, "user_id=who", only_mapped=True)


def test_times_are_rewritten_where_the_gate_could_not_read_them() -> None:
    assert relabelled(LINE | {"at": "2026-10-01 00:00:00.5"}, "user_id=who")["time"] == 1790812800.5
    ms = relabelled(LINE | {"at": 1790812800500}, "user_id=who", unit=TimeUnit.MILLISECONDS)
    assert ms["time"] == 1790812800.5
    assert relabelled(LINE | {"at": "soon"}, "user_id=who")["time"] == "soon"


def test_a_line_that_cannot_be_read_is_passed_on_as_it_is() -> None:
    for line in (b"{", b"[1]", b'"x"', b"\xff", b'{"at": 1'):
        assert relabelled(line, "user_id=who") == line


def test_lines_that_are_events_already_pass_untouched() -> None:
    columns = ("id", "time", "kind", "input_tokens")
    plan = plan_mapping(read_wishes((), (), (), only_mapped=False), columns, "x.ndjson")
    line = b'{ "id" : "a",  "time": 1.50 }'
    assert relabel(plan, TimeUnit.SECONDS)(line, 1) is line


def test_field_names_are_those_of_an_object() -> None:
    assert field_names(b'{"b": {"c": 1}, "a": null}') == ("b", "a")
    assert field_names(b"[1]") == field_names(b"{") == field_names(b"") == ()


@given(st.binary(max_size=40), st.integers(min_value=1))
def test_a_derived_id_depends_on_the_line_and_its_place_alone(line: bytes, number: int) -> None:
    assert derived_id(line, number) == derived_id(line + b"\r\n", number)
    assert derived_id(line, number) != derived_id(line, number + 1)
    assert derived_id(line, number) != derived_id(line + b"x", number)


@pytest.mark.parametrize("depth", [1_500, 100_000])
def test_a_line_that_is_nested_too_deep_passes_as_it_is(depth: int) -> None:
    deep = b'{"at":' + b"[" * depth + b"]" * depth + b"}"
    assert field_names(deep) == ()
    assert relabelled(deep, columns=("at", "in", "out")) == deep
    assert filling({"model": "m"})(deep) == deep
