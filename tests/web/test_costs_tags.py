"""Costs by tags: any name a tag can have is a group key and a filter, and bad ones are refused."""

from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from support.events import DAY, event
from support.server import Server
from support.wire import fault, refusal

_MODEL = "gpt-5.5-2026-04-23"
# What a token of its output costs.
_PRICE = 0.00003

# Names with whatever means something to a path, a pattern, a query string, SQL or JSON.
_NAMES = [
    "team", "Team", "a/b", "a~b", "~1", "~0", "/", "//", "~", 'say "hi"', "it's", "$", "$.team",
    "$.*", "*", "?", "#", "#-1", "-", "0", "a.b", "a[0]", "a]b", "[", "]", "[]", "a&b=c", "a%2Cb",
    "a+b", "a b", "\\", "\\u0041", "\n", "\x00", "\x1f", "ключ", "🙂", "é", "e\u0301", "x" * 64,
    "'); DROP TABLE events; --", "tag:team", "project_id", "line_item", "{}", "null",
]  # fmt: skip
# A list is split on commas and trimmed, so these are filters only.
_FILTERED_ONLY = ["a,b", ",", " ", " team "]
_VALUES = ("search", "Search", "a,b", " ", '"', "🙂", "v" * 256, "null")


@pytest.fixture(scope="module", autouse=True)
def _stored(server: Server) -> None:
    events = [
        event(id=f"{place}-{number}", time=DAY + 60 * place, model=_MODEL, input_tokens=0)
        | {"output_tokens": 1 << number, "tags": {name: value, "other": "x"}}
        for place, name in enumerate([*_NAMES, *_FILTERED_ONLY])
        for number, value in enumerate(_VALUES)
    ]
    # Without the tag, without any, and with an empty value.
    events += [
        event(id="none", time=DAY, model=_MODEL, input_tokens=0, output_tokens=1 << 10),
        event(id="empty", time=DAY, model=_MODEL, input_tokens=0, output_tokens=1 << 11)
        | {"tags": {"team": ""}},
    ]
    assert server.post(events).json()["accepted"] == len(events)


def _ask(server: Server, query: str) -> httpx2.Response:
    return server.http.get(f"/v1/organization/costs?{query}")


def _found(server: Server, place: int, query: str, *keys: str) -> list[Any]:
    """The rows of the minute that belongs to a name: the keys, and the output tokens."""
    start = DAY + 60 * place
    answer = _ask(
        server, f"start_time={start}&end_time={start + 60}&bucket_width=1m&limit=1&{query}"
    )
    assert answer.status_code == 200, answer.text
    (bucket,) = answer.json()["data"]
    return [
        (*(row[key] for key in keys), round(row["amount"]["value"] / _PRICE))
        for row in bucket["results"]
    ]


@pytest.mark.parametrize("place", range(1, len(_NAMES)), ids=[ascii(name) for name in _NAMES[1:]])
def test_rows_are_grouped_by_a_tag_of_any_name(server: Server, place: int) -> None:
    key = f"tag:{_NAMES[place]}"
    by_value = sorted((value, 1 << number) for number, value in enumerate(_VALUES))
    assert _found(server, place, f"group_by[]={quote(key, safe='')}", key) == by_value
    # Another name is another tag.
    other = quote(f"tag:{_NAMES[place - 1]}", safe="")
    assert _found(server, place, f"group_by[]={other}") == [(255,)]


@pytest.mark.parametrize(
    "place",
    range(1, len(_NAMES) + len(_FILTERED_ONLY)),
    ids=[ascii(name) for name in [*_NAMES[1:], *_FILTERED_ONLY]],
)
def test_a_tag_of_any_name_is_a_filter_whose_values_are_whole(server: Server, place: int) -> None:
    name = quote([*_NAMES, *_FILTERED_ONLY][place], safe="")
    for number, value in enumerate(_VALUES):
        asked = f"tags[{name}]={quote(value, safe='')}"
        assert _found(server, place, asked) == [(1 << number,)]
    some = f"tags%5B{name}%5D=Search&tags[{name}][]=a%2Cb&tags[{name}][1]=search&tags[{name}]="
    assert _found(server, place, some) == [(1 + 2 + 4,)]
    assert _found(server, place, f"tags[{name}]=nothing") == []
    assert _found(server, place, f"tags[{name}]=search&tags[other]=y") == []
    assert _found(server, place, f"tags[{name}]=search&tags[other]=x") == [(1,)]


def test_what_has_no_such_tag_stands_last_and_an_empty_value_first(server: Server) -> None:
    rows = _found(server, 0, "group_by=tag:team", "tag:team")
    assert rows == [
        ("", 1 << 11),
        *sorted((value, 1 << number) for number, value in enumerate(_VALUES)),
        (None, 1 << 10),
    ]
    # Where nothing has it, all is one group of null; and that cannot be filtered for.
    assert _found(server, 0, "group_by=tag:nobody", "tag:nobody") == [(None, 255 + (3 << 10))]
    assert _found(server, 0, "tags[nobody]=") == [(255 + (3 << 10),)]


def test_several_tags_are_sorted_by_name_after_every_other_key(server: Server) -> None:
    asked = "group_by=tag:team,model,tag:other&tags[team]=search&tags[team]=Search"
    answer = _ask(server, f"start_time={DAY}&end_time={DAY + 60}&bucket_width=1m&{asked}")
    rows = answer.json()["data"][0]["results"]
    assert [[*row][-3:] for row in rows] == [["model", "tag:other", "tag:team"]] * 2
    assert [(row["tag:other"], row["tag:team"]) for row in rows] == [
        ("x", "Search"),
        ("x", "search"),
    ]


def test_many_tags_and_values_can_be_asked_for_at_once(server: Server) -> None:
    groups = "&".join(f"group_by=tag:t{number}" for number in range(100))
    values = "&".join(f"tags[team]=v{number}" for number in range(1_000))
    assert _found(server, 0, f"{groups}&{values}&tags[team]=search") == [(1,)]
    assert _found(server, 0, f"tags[team]={'v' * 20_000}") == []


@pytest.mark.parametrize("text", ["tags=x", "tags=team:x", "tags[]=x", "tags=", "tags%5B%5D=x"])
def test_a_tag_without_a_name_is_refused(server: Server, text: str) -> None:
    answer = _ask(server, f"start_time={DAY}&{text}")
    assert fault(answer) == refusal("tags", "invalid_type")
    assert "tags[team]=search" in answer.json()["error"]["message"]


@pytest.mark.parametrize("key", ["tag:", "tag", "tags", "Tag:team", f"tag:{'x' * 65}", "tag: "])
def test_a_group_key_that_is_no_tag_is_refused_by_what_is_possible(
    server: Server, key: str
) -> None:
    answer = _ask(server, f"start_time={DAY}&group_by[]={quote(key)}")
    assert fault(answer) == refusal("group_by", "invalid_value")
    assert answer.json()["error"]["message"] == (
        f"group_by is {key.strip()[:60]!r}, but costs can be grouped by project_id, user_id,"
        " api_key_id, model, batch, service_tier, size, source, vector_store_id, context_level,"
        " line_item, api_source, quality, provider, currency and tag:NAME."
    )


def test_a_tag_that_is_too_long_to_be_one_is_no_error_of_a_filter(server: Server) -> None:
    assert _found(server, 0, f"tags[{'x' * 65}]=search") == []


def test_after_all_of_this_no_defect_is_in_the_servers_log(server: Server) -> None:
    assert server.http.get("/readyz").status_code == 200
    assert "Traceback" not in "".join(server.output)


@pytest.mark.parametrize("name", ["tags[team", "tags[", "tags[team][x"])
def test_half_a_tag_is_refused_and_filters_nothing_in_silence(server: Server, name: str) -> None:
    answer = server.http.get(
        "/v1/organization/costs", params={"start_time": str(DAY), name: "search"}
    )
    error = answer.json()["error"]
    assert (answer.status_code, error["param"], error["code"]) == (400, "tags", "invalid_type")


def test_a_filter_that_only_costs_have_is_refused_by_usage(server: Server) -> None:
    answer = server.usage("completions", start_time=DAY, currencies="x")
    assert fault(answer) == refusal("currencies", "unknown_parameter")
    assert " models, batch, providers and tags[NAME]." in answer.json()["error"]["message"]
