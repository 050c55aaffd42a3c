"""What is said once fills what lines lack, and changes nothing that they have."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given

from support import streams
from support.events import event
from tallybook.intake.filling import filling


def filled(line: bytes | dict[str, Any], **constants: str) -> Any:
    text = line if isinstance(line, bytes) else msgspec.json.encode(line)
    return json.loads(filling({name.replace("__", "."): v for name, v in constants.items()})(text))


def test_a_field_is_filled_where_it_is_absent_or_null_and_in_its_type() -> None:
    given = {"id": "a", "model": None, "provider": "acme"}
    constants = {"model": "m", "provider": "openai", "batch": "yes", "images": "3"}
    assert filled(given, **constants, time="2026-10-01") == {
        "id": "a",
        "model": "m",
        "provider": "acme",
        "batch": "yes",
        "images": 3,
        "time": 1_790_812_800,
    }
    assert filled({"id": "a"}, batch="TRUE") == {"id": "a", "batch": True}


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({}, {"team": "search", "env": "prod"}),
        ({"tags": None}, {"team": "search", "env": "prod"}),
        ({"tags": {"env": "dev", "x": "y"}}, {"team": "search", "env": "dev", "x": "y"}),
        ({"tags": {}}, {"team": "search", "env": "prod"}),
        # Not tags: the gate says so.
        ({"tags": "x"}, "x"),
    ],
)
def test_a_tag_is_filled_among_the_events_own(own: dict[str, Any], expected: Any) -> None:
    fill = filling({"tag:team": "search", "tag:env": "prod"})
    assert json.loads(fill(msgspec.json.encode(own)))["tags"] == expected


def test_a_reported_cost_is_filled_whole_or_not_at_all() -> None:
    constants = {"reported_cost__value": "0.5", "reported_cost__currency": "usd"}
    assert filled({}, **constants) == {"reported_cost": {"value": "0.5", "currency": "usd"}}
    own = {"reported_cost": {"value": "1", "currency": "eur"}}
    assert filled(own, **constants) == own


@pytest.mark.parametrize("line", [b"{", b"[1]", b'"x"', b"\xff", b"", b"nonsense"])
def test_what_cannot_be_read_is_passed_on_as_it_is(line: bytes) -> None:
    assert filling({"model": "m"})(line) == line


@given(streams.events("completions"))
def test_a_line_that_lacks_nothing_keeps_its_bytes(fields: dict[str, Any]) -> None:
    line = msgspec.json.encode(fields)
    assert filling({})(line) == line
    assert filling({"id": "other", "kind": "images"})(line) == line


def test_numbers_keep_every_digit() -> None:
    line = b'{"time": 1790812800.123456, "id":"\\u0041"}'
    assert filling({"kind": "images"})(line) == (
        b'{"kind":"images","time":1790812800.123456,"id":"\\u0041"}'
    )


def test_events_of_the_tests_pass_as_they_are() -> None:
    line = msgspec.json.encode(event())
    assert filling({"provider": "acme"})(line).count(b'"provider":"acme"') == 1
