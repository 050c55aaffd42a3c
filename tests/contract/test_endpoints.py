"""Every usage endpoint: its fields, its sums, its groups, its filters, against plain loops."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest

from contract.contract import (
    CONTRACT,
    NAMES,
    USAGE,
    counts,
    dimension_of,
    fields,
    filters,
    group_by,
)
from support.events import DAY, event
from support.server import Server

# More than the values of any dimension, so that every pair of values meets.
EVENTS = 20

_VALUES: dict[str, list[Any]] = {
    "batch": [False, True],
    "size": ["1024x1024", "256x256", None],
    "source": ["image.edit", "image.generation", None],
    "context_level": ["low", "high", None],
    "api_source": ["agents_api", "unlabeled", None],
}
_JSON_TYPES: dict[str, type] = {"string": str, "integer": int, "boolean": bool}

Event = dict[str, Any]


def _values(dimension: str) -> list[Any]:
    # Capitals sort before small letters, and a letter beyond ASCII after both: by code point.
    return _VALUES.get(dimension, [f"{dimension}_é", f"{dimension}_b", f"{dimension}_B", None])


def _event(name: str, number: int) -> Event:
    """One of a kind's events; its main count is a power of two, so that a sum tells its parts."""
    carried = {
        dimension: _values(dimension)[(number + number // (place + 2)) % len(_values(dimension))]
        for place, dimension in enumerate(group_by(name))
    }
    if name == "vector_stores":
        carried["vector_store_id"] = f"vs_{number}"
    return event(
        name, id=f"{name}-{number}", time=DAY + number, **{counts(name)[0]: 1 << number}, **carried
    )


def _events(name: str) -> list[Event]:
    return [_event(name, number) for number in range(EVENTS)]


def _groups(name: str, keys: list[str], match: Callable[[Event], bool]) -> list[Any]:
    """What a loop over the events finds: the keys of each group and its main count, in order."""
    main = counts(name)[0]
    sums: dict[tuple[Any, ...], int] = {}
    for sent in filter(match, _events(name)):
        group = tuple(sent.get(key) for key in keys)
        sums[group] = sums.get(group, 0) + sent[main]
    ordered = sorted(sums, key=lambda group: [(key is None, str(key)) for key in group])
    return [(*group, sums[group]) for group in ordered]


def _in_row_order(dimensions: list[str]) -> list[str]:
    return sorted(dimensions, key=CONTRACT["row_order"].index)


def _rows(server: Server, name: str, **parameters: Any) -> list[Any]:
    answer = server.http.get(
        USAGE[name]["path"], params={"start_time": DAY, "end_time": DAY + 86_400, **parameters}
    )
    assert answer.status_code == 200, answer.text
    (bucket,) = answer.json()["data"]
    rows: list[Any] = bucket["results"]
    return rows


@pytest.fixture(scope="module", autouse=True)
def _stored(server: Server) -> None:
    events = [sent for name in NAMES for sent in _events(name)]
    assert server.post(events).json()["accepted"] == len(events)


def _everything(_sent: Event) -> bool:
    return True


@pytest.mark.parametrize("name", NAMES)
def test_an_ungrouped_bucket_has_one_row_with_every_field_of_its_type(
    server: Server, name: str
) -> None:
    (row,) = _rows(server, name)
    wanted = fields(name)
    assert {*row} == {*wanted}
    assert row["object"] == wanted["object"]["const"] == USAGE[name]["object"]
    assert {field: type(row[field]) for field in counts(name)} == dict.fromkeys(counts(name), int)
    assert {key: row[key] for key in group_by(name)} == dict.fromkeys(group_by(name))
    assert row[counts(name)[0]] == (1 << EVENTS) - 1


@pytest.mark.parametrize("name", NAMES)
def test_a_page_and_a_bucket_have_the_contracts_keys_and_no_other(
    server: Server, name: str
) -> None:
    page = server.http.get(
        USAGE[name]["path"], params={"start_time": DAY, "end_time": DAY + 2 * 86_400}
    ).json()
    shape = CONTRACT["envelope"]
    assert sorted(page) == sorted(shape["page"]["required"])
    assert (page["object"], page["has_more"], page["next_page"]) == ("page", False, None)
    assert [sorted(bucket) for bucket in page["data"]] == [sorted(shape["bucket"]["required"])] * 2
    assert [bucket["object"] for bucket in page["data"]] == ["bucket", "bucket"]
    assert page["data"][1]["results"] == []


@pytest.mark.parametrize(("name", "key"), [(name, key) for name in NAMES for key in group_by(name)])
def test_rows_grouped_by_a_dimension_hold_its_sums_in_order_null_last(
    server: Server, name: str, key: str
) -> None:
    rows = _rows(server, name, group_by=key)
    found = [(row[key], row[counts(name)[0]]) for row in rows]
    assert found == _groups(name, [key], _everything)
    others = [other for other in group_by(name) if other != key]
    assert all(row[other] is None for row in rows for other in others)
    wanted = {_JSON_TYPES[fields(name)[key]["type"]], type(None)}
    assert {type(row[key]) for row in rows} <= wanted


@pytest.mark.parametrize("name", NAMES)
def test_rows_grouped_by_all_dimensions_are_sorted_in_the_contracts_order_of_keys(
    server: Server, name: str
) -> None:
    keys = _in_row_order([*group_by(name)])
    # Asked for the other way round: the order of group_by does not matter.
    rows = _rows(server, name, group_by=keys[::-1])
    found = [(*(row[key] for key in keys), row[counts(name)[0]]) for row in rows]
    assert found == _groups(name, keys, _everything)


@pytest.mark.parametrize(
    ("name", "pair"),
    [(name, pair) for name in NAMES for pair in combinations(_in_row_order([*group_by(name)]), 2)],
)
def test_any_two_dimensions_can_be_grouped_together(
    server: Server, name: str, pair: tuple[str, str]
) -> None:
    rows = _rows(server, name, group_by=list(pair))
    found = [(row[pair[0]], row[pair[1]], row[counts(name)[0]]) for row in rows]
    assert found == _groups(name, [*pair], _everything)


def _parameter(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else value


@pytest.mark.parametrize(
    ("name", "filter_"), [(name, filter_) for name in NAMES for filter_ in filters(name)]
)
def test_a_filter_lets_through_the_events_with_its_value(
    server: Server, name: str, filter_: str
) -> None:
    dimension = dimension_of(filter_)
    for value in [value for value in _values(dimension) if value is not None]:
        rows = _rows(server, name, **{filter_: _parameter(value)})
        wanted = _groups(name, [], lambda sent, value=value: sent[dimension] == value)  # type: ignore[misc]
        assert [(row[counts(name)[0]],) for row in rows] == wanted


@pytest.mark.parametrize(
    ("name", "filter_"),
    [
        (name, filter_)
        for name in NAMES
        for filter_, row in filters(name).items()
        if row["type"] == "array"
    ],
)
def test_the_values_of_one_filter_are_alternatives(server: Server, name: str, filter_: str) -> None:
    dimension = dimension_of(filter_)
    two = _values(dimension)[:2]
    rows = _rows(server, name, **{f"{filter_}[]": two})
    wanted = _groups(name, [], lambda sent: sent[dimension] in two)
    assert [(row[counts(name)[0]],) for row in rows] == wanted


@pytest.mark.parametrize(
    ("name", "pair"), [(name, pair) for name in NAMES for pair in combinations(filters(name), 2)]
)
def test_different_filters_must_all_be_met(
    server: Server, name: str, pair: tuple[str, str]
) -> None:
    one, two = (dimension_of(filter_) for filter_ in pair)
    sample = _event(name, 1)
    asked = {filter_: sample[dimension_of(filter_)] for filter_ in pair}
    rows = _rows(server, name, **{key: _parameter(value) for key, value in asked.items()})
    wanted = _groups(name, [], lambda sent: sent[one] == sample[one] and sent[two] == sample[two])
    assert [(row[counts(name)[0]],) for row in rows] == wanted != []


@pytest.mark.parametrize(
    ("name", "filter_"),
    [
        (name, filter_)
        for name in NAMES
        for filter_, row in filters(name).items()
        if row["type"] == "array" and "enum" not in row
    ],
)
def test_an_id_that_nothing_has_gives_an_empty_bucket(
    server: Server, name: str, filter_: str
) -> None:
    assert _rows(server, name, **{filter_: "never-seen"}) == []


@pytest.mark.parametrize("name", ["completions", "decisions"])
def test_token_counts_add_up_in_every_row(server: Server, name: str) -> None:
    sums = [*CONTRACT["invariants"]["completions"]]
    sums.append(
        [
            "input_cache_write_tokens",
            ["input_cache_write_30m_tokens", "input_cache_write_12h_tokens"],
        ]
    )
    parts = {
        "input_tokens": 1_000, "input_cached_tokens": 300, "input_cached_audio_tokens": 40,
        "input_cached_image_tokens": 50, "input_cache_write_tokens": 200,
        "input_cache_write_12h_tokens": 60, "input_audio_tokens": 70, "input_image_tokens": 80,
        "output_tokens": 90, "output_audio_tokens": 10, "output_image_tokens": 20,
    }  # fmt: skip
    assert server.post(event(name, id=f"{name}-parts", time=DAY - 60, **parts)).is_success
    bucket = server.usage(name, start_time=DAY - 60, end_time=DAY).json()["data"][0]
    (row,) = bucket["results"]
    assert {total: row[total] for total, _ in sums} == {
        total: sum(row[part] for part in of) for total, of in sums
    }
    assert {field: row[field] for field in parts} == parts
    # The inclusive names include; these two are what is left of their sums.
    assert (row["input_text_tokens"], row["output_text_tokens"]) == (350, 60)


@pytest.mark.parametrize("name", NAMES)
def test_a_group_of_nothing_but_zeros_is_still_a_row(server: Server, name: str) -> None:
    sent = event(name, id=f"{name}-zero", time=DAY - 7_200)
    zeros = {field: 0 for field in counts(name) if field in sent}
    assert server.post(sent | zeros).is_success
    answer = server.usage(name, start_time=DAY - 7_200, end_time=DAY - 7_140)
    (bucket,) = answer.json()["data"]
    assert [{field: row[field] for field in zeros} for row in bucket["results"]] == [zeros]
