"""The official Python client reads costs, strictly, and finds nothing missing or strange."""

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import openai
import pytest
from openai import AsyncOpenAI, DefaultAsyncHttpxClient, DefaultHttpxClient, OpenAI
from openai._models import BaseModel

from contract.contract import COSTS, group_by, limits
from support.events import DAY, event
from support.server import ADMIN_KEY, INGEST_KEY, Server

RANGE: dict[str, Any] = {"start_time": DAY, "end_time": DAY + 3 * 86_400}
KEYS = [*group_by("costs")]

_MODEL = "gpt-5.5-2026-04-23"
_WHO = {
    "project_id": "project_id_1",
    "api_key_id": "api_key_id_1",
    "user_id": "user_id_1",
    "api_source": "agents_api",
}
_TOKENS: dict[str, Any] = {"input_tokens": 43_600, "output_tokens": 9_350}


@pytest.fixture(scope="module", autouse=True)
def _stored(server: Server) -> None:
    events = [
        event(id="named", time=DAY + 5, model=_MODEL, **_WHO, **_TOKENS),
        event("web_search_calls", id="search", time=DAY + 6, model=_MODEL, num_requests=45),
        event(id="plain", time=DAY + 86_400, model=_MODEL, **_TOKENS),
        event("images", id="unpriced", time=DAY + 86_401, model="nobody-knows", images=3),
    ]
    assert server.post(events).json()["accepted"] == len(events)


def _client(server: Server, key: str = ADMIN_KEY) -> OpenAI:
    return OpenAI(
        base_url=f"{server.address}/v1",
        admin_api_key=key,
        http_client=DefaultHttpxClient(trust_env=False),
    )


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[OpenAI]:
    with _client(server) as client:
        yield client


def _ask(client: OpenAI, **asked: Any) -> Any:
    return client.admin.organization.usage.costs(**(RANGE | asked))


def _gaps(found: BaseModel) -> tuple[set[str], set[str]]:
    """The fields that the client's class declares and the answer lacks, and the other way round."""
    missing = {*type(found).model_fields} - found.model_fields_set
    return missing, {*(found.model_extra or {})}


_NO_GAPS: tuple[set[str], set[str]] = (set(), set())


@pytest.mark.parametrize("keys", [[], KEYS, *([key] for key in KEYS)], ids=str)
def test_the_client_finds_every_field_it_declares_and_no_other(
    client: OpenAI, keys: list[str]
) -> None:
    page = _ask(client, group_by=keys)
    assert _gaps(page) == _NO_GAPS
    assert [_gaps(bucket) for bucket in page.data] == [_NO_GAPS] * 3
    rows = [row for bucket in page.data for row in bucket.results]
    assert len(rows) >= 2
    assert [_gaps(row) for row in rows] == [_NO_GAPS] * len(rows)
    assert [_gaps(row.amount) for row in rows] == [_NO_GAPS] * len(rows)
    assert {row.object for row in rows} == {COSTS["object"]}


@pytest.mark.parametrize("keys", [[], KEYS], ids=["whole", "by all keys"])
def test_the_clients_classes_accept_the_body_strictly(client: OpenAI, keys: list[str]) -> None:
    raw = client.admin.organization.usage.with_raw_response
    answer = raw.costs(**RANGE, group_by=keys)  # type: ignore[arg-type]
    page = answer.parse()
    # Parsing is lenient and would take "0.06" for 0.06; strict validation takes nothing.
    assert type(page).model_validate_json(answer.content, strict=True) == page
    assert answer.headers["x-request-id"]
    assert answer.headers["tallybook-unpriced-events"] == "1"
    (kind,) = {type(row).__name__ for bucket in page.data for row in bucket.results}
    assert kind == "DataResultOrganizationCostsResult"


def test_the_client_reads_the_amounts(client: OpenAI) -> None:
    page = _ask(client)
    assert [
        [(row.amount.value, row.amount.currency) for row in bucket.results] for bucket in page.data
    ] == [[(0.9485, "usd")], [(0.4985, "usd")], []]
    assert (page.has_more, page.next_page) == (False, None)


def test_the_client_reads_groups_lines_and_quantities(client: OpenAI) -> None:
    page = _ask(client, group_by=KEYS)
    found = [
        [
            (
                *(getattr(row, key) for key in ("project_id", "user_id", "api_key_id")),
                *(row.line_item, row.api_source, row.amount.value),
                *(row.quantity, row.quantity_unit),
            )
            for row in bucket.results
        ]
        for bucket in page.data
    ]
    named = ("project_id_1", "user_id_1", "api_key_id_1")
    nobody = (None, None, None)
    assert found == [
        [
            (*named, f"{_MODEL}, input", "agents_api", 0.218, 43_600, "tokens"),
            (*named, f"{_MODEL}, output", "agents_api", 0.2805, 9_350, "tokens"),
            (*nobody, "web search tool calls", None, 0.45, 45, None),
        ],
        [
            (*nobody, f"{_MODEL}, input", None, 0.218, 43_600, "tokens"),
            (*nobody, f"{_MODEL}, output", None, 0.2805, 9_350, "tokens"),
            (*nobody, "nobody-knows, images, unpriced", None, 0, 3, "images"),
        ],
        [],
    ]


@pytest.mark.parametrize("key", ["user_id", "api_source"])
def test_the_client_may_group_by_what_2026_11_added_with_projects_beside_it(
    client: OpenAI, key: str
) -> None:
    page = _ask(client, group_by=["project_id", key], project_ids=["project_id_1"])
    assert [
        [(row.project_id, getattr(row, key), row.amount.value) for row in bucket.results]
        for bucket in page.data
    ] == [[("project_id_1", _WHO[key], 0.4985)], [], []]


@pytest.mark.parametrize(
    ("asked", "amounts"),
    [
        ({"line_items": [f"{_MODEL}, output"]}, [0.2805, 0.2805]),
        ({"line_items": [f"{_MODEL}, output", "web search tool calls"]}, [0.7305, 0.2805]),
        ({"line_items": [_MODEL, "output"]}, []),
        ({"line_items": []}, [0.9485, 0.4985]),
        ({"project_ids": ["project_id_1", "x"]}, [0.4985]),
        ({"api_key_ids": ["api_key_id_1"], "line_items": [f"{_MODEL}, input"]}, [0.218]),
        ({"api_key_ids": ["api_key_id_1"], "project_ids": ["x"]}, []),
    ],
    ids=str,
)
def test_the_client_may_send_every_filter_it_has(
    client: OpenAI, asked: dict[str, Any], amounts: list[float]
) -> None:
    page = _ask(client, **asked, bucket_width="1d", limit=limits("costs")["1d"]["max"])
    rows = [row for bucket in page.data for row in bucket.results]
    assert [row.amount.value for row in rows] == amounts
    assert len(page.data) == 3


def test_the_client_sends_names_of_lines_whole(client: OpenAI) -> None:
    raw = client.admin.organization.usage.with_raw_response
    answer = raw.costs(**RANGE, group_by=["line_item"], line_items=[f"{_MODEL}, input", "b"])
    assert parse_qsl(answer.http_request.url.query.decode()) == [
        ("start_time", str(DAY)),
        ("end_time", str(DAY + 3 * 86_400)),
        ("group_by[]", "line_item"),
        ("line_items[]", f"{_MODEL}, input"),
        ("line_items[]", "b"),
    ]


def test_the_client_walks_the_pages(client: OpenAI) -> None:
    whole = _ask(client, group_by=["line_item"])
    page = _ask(client, group_by=["line_item"], limit=1)
    buckets = [*page.data]
    while page.next_page:
        assert page.has_more is True
        page = _ask(client, group_by=["line_item"], limit=1, page=page.next_page)
        buckets += page.data
    assert (page.has_more, page.next_page) == (False, None)
    assert buckets == whole.data
    assert len(buckets) == 3


def test_the_asynchronous_client_reads_the_same(server: Server, client: OpenAI) -> None:
    async def ask() -> Any:
        async with AsyncOpenAI(
            base_url=f"{server.address}/v1",
            admin_api_key=ADMIN_KEY,
            http_client=DefaultAsyncHttpxClient(trust_env=False),
        ) as asynchronous:
            return await asynchronous.admin.organization.usage.costs(
                **RANGE, group_by=["user_id", "line_item"]
            )

    assert asyncio.run(ask()) == _ask(client, group_by=["user_id", "line_item"])


@pytest.mark.parametrize(
    ("asked", "param", "code"),
    [
        ({"limit": 181}, "limit", "integer_above_max_value"),
        ({"limit": 0}, "limit", "integer_below_min_value"),
        ({"bucket_width": "2d"}, "bucket_width", "invalid_value"),
        ({"group_by": ["nonsense"]}, "group_by", "invalid_value"),
        ({"page": "page_nonsense"}, "page", "invalid_value"),
        ({"end_time": DAY}, "start_time", "invalid_value"),
        ({"extra_query": {"context_levels": ["x"]}}, "context_levels", "invalid_value"),
    ],
)
def test_a_refusal_arrives_as_the_clients_exception_with_code_and_param(
    client: OpenAI, asked: dict[str, Any], param: str, code: str
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        _ask(client, **asked)
    found = caught.value
    assert (found.param, found.code, found.type) == (param, code, "invalid_request_error")
    assert found.request_id


@pytest.mark.parametrize(
    ("key", "code", "words"),
    [
        ("sk-admin-nobody-knows-this-key-0123456789", "invalid_api_key", "Incorrect API key"),
        (INGEST_KEY, None, "Missing scopes: api.usage.read"),
    ],
)
def test_a_wrong_key_arrives_as_the_clients_exception(
    server: Server, key: str, code: str | None, words: str
) -> None:
    with _client(server, key) as client, pytest.raises(openai.AuthenticationError) as caught:
        _ask(client)
    assert (caught.value.code, caught.value.param) == (code, None)
    assert words in str(caught.value)
