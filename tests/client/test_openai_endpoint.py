"""The client asks OpenAI's own endpoint in its own words, and reads both generations of it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from client.reading import Read, awaiting, waiting
from client.rows import bucket_on_the_wire
from contract.contract import CONTRACT, NAMES, parameters
from support.openai_endpoint import KEY, Endpoint, endpoint
from tallybook.client import errors
from tallybook.domain.kinds import KINDS

DAY = 86_400
START = 1_790_812_800
COUNT = 75


@pytest.fixture(params=[False, True], ids=["current", "legacy"])
def openai(request: pytest.FixtureRequest) -> Iterator[Endpoint]:
    """The endpoint, with 75 days of each kind, a sample's results in every other one."""
    with endpoint() as found:
        found.legacy = request.param
        for name, sample in CONTRACT["samples"].items():
            rows = [row for bucket in sample["response"]["data"] for row in bucket["results"]]
            found.buckets[name] = [
                {
                    "object": "bucket",
                    "start_time": START + day * DAY,
                    "end_time": START + (day + 1) * DAY,
                    "results": rows if day % 2 else [],
                }
                for day in range(COUNT)
            ]
        yield found


@pytest.fixture(params=[waiting, awaiting])
def read(request: pytest.FixtureRequest, openai: Endpoint) -> Read:
    made: Callable[..., Read] = request.param
    return made(openai.address, KEY)


def filters_of(name: str) -> dict[str, Any]:
    own = set(parameters(name)) - {"start_time", "end_time", "bucket_width", "limit", "page"}
    options: dict[str, Any] = {}
    for field in own - {"group_by"}:
        row = parameters(name)[field]
        options[field] = True if row["type"] == "boolean" else row.get("enum", ["a b", "ü"])
    return options


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_is_walked_to_its_end(openai: Endpoint, read: Read, name: str) -> None:
    keys = parameters(name)["group_by"]["enum"]
    ask = (name, START, START + COUNT * DAY)
    buckets = read("usage", "buckets", *ask, group_by=keys, **filters_of(name))
    assert len(buckets) == COUNT
    for found, wanted in zip(buckets, openai.buckets[name], strict=True):
        got = bucket_on_the_wire(found)
        for row, expected in zip(got["results"], wanted["results"], strict=True):
            assert {field: row[field] for field in expected} == expected
    pages = -(-COUNT // 31)
    assert len(openai.asked) == pages
    assert [asked.values.get("page") for asked in openai.asked] == [None, ["page_31"], ["page_62"]]
    assert openai.asked[0].values["group_by"] == keys
    assert len({len(asked.values.keys() - {"page"}) for asked in openai.asked}) == 1


def test_costs_are_walked_to_their_end(openai: Endpoint, read: Read) -> None:
    more: dict[str, Any] = {"group_by": ["line_item", "project_id"], "line_items": "a, b"}
    rows = read("costs", "rows", START, START + COUNT * DAY, limit=30, **more)
    assert len(openai.asked) == 3
    assert openai.asked[0].values["line_items"] == ["a, b"]
    assert len(rows) == sum(len(bucket["results"]) for bucket in openai.buckets["costs"])
    total = read("costs", "total", START, START + COUNT * DAY)
    assert total["usd"] == sum(row.amount.value for _, row in rows)
    table = read("costs", "to_arrow", START, START + COUNT * DAY, group_by="line_item")
    assert len(table) == len(rows)


@pytest.mark.parametrize("width", ["1m", "1h", "1d"])
def test_the_widths_of_the_contract_are_asked_for_within_its_limits(
    openai: Endpoint, read: Read, width: str
) -> None:
    for name in KINDS:
        assert read("usage", "buckets", name, START, None, width)
        assert openai.asked[-1].name == name


@pytest.mark.parametrize(
    ("options", "param"),
    [
        ({"timezone": "Europe/Paris"}, "timezone"),
        ({"order_by": "num_model_requests"}, "order_by"),
        ({"group_by": "model", "top": 3}, "top"),
        ({"providers": "openai"}, "providers[]"),
        ({"tags": {"team": "search"}}, "tags[team][]"),
        ({"group_by": "tag:team"}, "group_by"),
    ],
)
def test_what_is_beyond_the_contract_goes_out_when_asked_for_and_is_refused(
    read: Read, options: dict[str, Any], param: str
) -> None:
    with pytest.raises(errors.BadRequest) as raised:
        read("usage", "buckets", "completions", START, **options)
    assert raised.value.param == param


def test_errors_of_the_endpoint_have_their_classes(openai: Endpoint, read: Read) -> None:
    with pytest.raises(errors.NotFound):
        read("ask", "pages", "/organization/usage/holograms", [])
    with pytest.raises(errors.Unauthorized) as raised:
        waiting(openai.address, "sk-admin-wrong")("costs", "total", START)
    assert raised.value.code == "invalid_api_key"
    assert read("usage", "total", "embeddings", START).num_model_requests > 0
    assert bucket_on_the_wire(read("costs", "buckets", START)[0])["results"] == []
