"""``GET /v1/events``: what it may be asked, and what it answers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import jsonschema
import pytest

from support.events import DAY, event
from support.inprocess import NOW, serving
from support.ledgers import opened, store
from support.told_events import told
from support.wire import fault, refusal
from tallybook.domain.errors import AboveMaximum, InvalidValue, UnknownParameter
from tallybook.domain.listings import LIMIT_DEFAULT, LIMIT_MAX, Listing
from tallybook.domain.moments import SECONDS_MAX
from tallybook.domain.queries import Condition
from tallybook.web.event_parameters import FILTERS, read_listing
from tallybook.web.openapi import openapi_document
from tallybook.web.routes import DOORS

NDJSON = {"Accept": "application/x-ndjson"}
EVENTS = [
    event(id=f"req_{n}", time=DAY + n // 3, model="a,b" if n % 2 else "m", tags={"team": f"t{n}"})
    for n in range(10)
]


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    folder: Path = tmp_path_factory.mktemp("events")
    with opened(folder) as ledger:
        store(ledger, *EVENTS)
        with serving(ledger, folder) as client:
            yield client


def test_all_events_are_a_list_in_order_of_time_and_id(http: httpx2.Client) -> None:
    assert http.get("/v1/events").json() == {
        "object": "list",
        "data": [told(each) for each in EVENTS],
        "has_more": False,
        "next_page": None,
    }


def test_lines_are_for_whoever_accepts_them(http: httpx2.Client) -> None:
    answer = http.get("/v1/events", params={"limit": 3}, headers=NDJSON)
    assert answer.content.count(b"\n") == 3
    token = answer.headers["tallybook-next-page"]
    rest = http.get("/v1/events", params={"page": token}, headers=NDJSON)
    assert rest.content.count(b"\n") == 7
    assert "tallybook-next-page" not in rest.headers


def test_no_events_are_an_empty_list_and_no_line(http: httpx2.Client) -> None:
    asked = {"start_time": DAY + 500, "end_time": DAY + 501}
    assert http.get("/v1/events", params=asked).json()["data"] == []
    assert http.get("/v1/events", params=asked, headers=NDJSON).content == b""


def test_what_is_listed_can_be_posted_again_and_is_known(http: httpx2.Client) -> None:
    lines = http.get("/v1/events", headers=NDJSON).content
    headers = {"Content-Type": "application/x-ndjson"}
    receipt = http.post("/v1/events", content=lines, headers=headers).json()
    assert receipt == {"accepted": 0, "duplicates": 10, "conflicts": [], "rejected": []}


def test_events_that_are_stored_meanwhile_do_not_disturb_a_walk(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger, serving(ledger, tmp_path) as client:
        store(ledger, *(event(id=f"e{n}", time=DAY + 100 + n) for n in range(4)))
        first = client.get("/v1/events", params={"limit": 2}).json()
        store(ledger, event(id="late", time=DAY), event(id="ahead", time=DAY + 200))
        second = client.get("/v1/events", params={"page": first["next_page"]}).json()
    ids = [each["id"] for each in (*first["data"], *second["data"])]
    assert ids == ["e0", "e1", "e2", "e3", "ahead"]


@pytest.mark.parametrize(
    ("query", "param", "code"),
    [
        ("kind=images", "kind", "unknown_parameter"),
        ("bucket_width=1d", "bucket_width", "unknown_parameter"),
        ("line_items=x", "line_items", "unknown_parameter"),
        ("group_by=model", "group_by", "unknown_parameter"),
        ("kinds=image", "kinds", "invalid_value"),
        ("batch=perhaps", "batch", "invalid_value"),
        ("limit=0", "limit", "integer_below_min_value"),
        (f"limit={LIMIT_MAX + 1}", "limit", "integer_above_max_value"),
        ("limit=x", "limit", "invalid_type"),
        ("start_time=2026-10-01", "start_time", "invalid_type"),
        ("start_time=-1", "start_time", "invalid_value"),
        ("start_time=9&end_time=9", "start_time", "invalid_value"),
        (f"end_time={SECONDS_MAX + 1}", "end_time", "invalid_value"),
        ("page=page_x", "page", "invalid_value"),
        ("tags=x", "tags", "invalid_type"),
    ],
)
def test_what_it_does_not_have_is_refused_by_name(
    http: httpx2.Client, query: str, param: str, code: str
) -> None:
    assert fault(http.get(f"/v1/events?{query}")) == refusal(param, code)


def read(query: str) -> Listing:
    return read_listing(query.encode(), NOW, None)


def test_without_parameters_it_is_all_events_that_there_can_be() -> None:
    assert read("") == Listing(start=0, end=NOW + 86_401, limit=LIMIT_DEFAULT)


def test_filters_are_those_of_events_in_every_form() -> None:
    asked = read("kinds[]=images,completions&models[0]=m&batch=TRUE&tags[a]=x,y&tags[a][]=z")
    assert asked.conditions == (
        Condition("kind", ("images", "completions")),
        Condition("model", ("m",)),
        Condition("batch", (True,)),
        Condition("tag:a", ("x,y", "z")),
    )


@pytest.mark.parametrize(
    ("query", "raised"),
    [
        ("currencies=usd", UnknownParameter),
        ("limit=99999999999", AboveMaximum),
        ("end_time=99999999999999", InvalidValue),
    ],
)
def test_no_number_is_too_large_to_be_refused(query: str, raised: type[Exception]) -> None:
    with pytest.raises(raised):
        read(query)


def test_the_description_has_every_parameter_and_fits_the_answers(http: httpx2.Client) -> None:
    document: dict[str, Any] = openapi_document(DOORS)
    described = document["paths"]["/v1/events"]["get"]["parameters"]
    assert {each["name"] for each in described} == {
        *("start_time", "end_time", "limit", "page", "voided", "tags[NAME]"),
        *(each.name for each in FILTERS),
    }
    schema = {"$ref": "#/components/schemas/EventList", "components": document["components"]}
    jsonschema.validate(http.get("/v1/events", params={"limit": 3}).json(), schema)
