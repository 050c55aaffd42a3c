"""The official Python client reads every answer, strictly, and finds nothing missing or strange."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, cast
from urllib.parse import parse_qsl

import openai
import pytest
from openai import AsyncOpenAI, DefaultAsyncHttpxClient, DefaultHttpxClient, OpenAI
from openai._models import BaseModel

from contract.contract import NAMES, USAGE, counts, filters, group_by, limits
from support.events import DAY, event
from support.server import ADMIN_KEY, INGEST_KEY, Server

RANGE: dict[str, Any] = {"start_time": DAY, "end_time": DAY + 3 * 86_400}

_VALUES: dict[str, Any] = {
    "batch": True,
    "size": "1024x1024",
    "source": "image.edit",
    "context_level": "medium",
    "api_source": "agents_api",
}


@pytest.fixture(scope="module", autouse=True)
def _stored(server: Server) -> None:
    events = []
    for name in NAMES:
        named = {key: _VALUES.get(key, f"{key}_1") for key in group_by(name)}
        events += [event(name, id=f"{name}-named", time=DAY + 5, **named)]
        events += [event(name, id=f"{name}-plain", time=DAY + 86_400)]
    assert server.post(events).json()["accepted"] == len(events)


def _client(server: Server, key: str = ADMIN_KEY, **more: Any) -> OpenAI:
    return OpenAI(
        base_url=f"{server.address}/v1",
        admin_api_key=key,
        http_client=DefaultHttpxClient(trust_env=False),
        **more,
    )


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[OpenAI]:
    with _client(server) as client:
        yield client


def _endpoint(client: OpenAI, name: str) -> Callable[..., Any]:
    return cast(Callable[..., Any], getattr(client.admin.organization.usage, name))


def _raw_endpoint(client: OpenAI, name: str) -> Callable[..., Any]:
    raw = client.admin.organization.usage.with_raw_response
    return cast(Callable[..., Any], getattr(raw, name))


def _gaps(found: BaseModel) -> dict[str, set[str]]:
    """The fields that the client's class declares and the answer lacks, and the other way round."""
    missing = {*type(found).model_fields} - found.model_fields_set
    extra = {*(found.model_extra or {})}
    return {"missing": missing, "extra": extra}


_NO_GAPS: dict[str, set[str]] = {"missing": set(), "extra": set()}


@pytest.mark.parametrize("name", NAMES)
def test_the_client_finds_every_field_it_declares_and_no_other(client: OpenAI, name: str) -> None:
    for grouping in ([], [*group_by(name)]):
        page = _endpoint(client, name)(**RANGE, group_by=grouping)
        assert _gaps(page) == _NO_GAPS
        assert [_gaps(bucket) for bucket in page.data] == [_NO_GAPS] * 3
        rows = [row for bucket in page.data for row in bucket.results]
        assert [_gaps(row) for row in rows] == [_NO_GAPS] * 2
        assert {row.object for row in rows} == {USAGE[name]["object"]}


@pytest.mark.parametrize("name", NAMES)
def test_the_clients_classes_accept_the_body_strictly(client: OpenAI, name: str) -> None:
    answer = _raw_endpoint(client, name)(**RANGE, group_by=[*group_by(name)])
    page = answer.parse()
    # Parsing is lenient and would take a 1.0 for a 1; strict validation takes nothing.
    assert type(page).model_validate_json(answer.content, strict=True) == page
    assert answer.headers["x-request-id"]
    wanted = {type(row) for bucket in page.data for row in bucket.results}
    assert len(wanted) == 1


@pytest.mark.parametrize("name", NAMES)
def test_the_client_reads_the_numbers_and_groups_that_were_stored(
    client: OpenAI, name: str
) -> None:
    page = _endpoint(client, name)(**RANGE, group_by=[*group_by(name)])
    first, second, third = (bucket.results for bucket in page.data)
    stored = event(name)
    main = counts(name)[0]
    wanted = {key: _VALUES.get(key, f"{key}_1") for key in group_by(name)}
    assert {key: getattr(first[0], key) for key in wanted} == wanted
    assert getattr(first[0], main) == stored.get(main, 1)
    unknown = {key: False if key == "batch" else None for key in wanted}
    assert {key: getattr(second[0], key) for key in wanted} == unknown
    assert third == []


@pytest.mark.parametrize("name", NAMES)
def test_the_client_may_send_every_parameter_it_has(client: OpenAI, name: str) -> None:
    asked: dict[str, Any] = {}
    for filter_, row in filters(name).items():
        key = filter_.removesuffix("s")
        value = _VALUES.get(key, f"{key}_1")
        asked[filter_] = value if row["type"] == "boolean" else [value, value]
    page = _endpoint(client, name)(
        **RANGE,
        **asked,
        bucket_width="1d",
        limit=limits(name)["1d"]["max"],
        group_by=["project_id"],
    )
    assert [len(bucket.results) for bucket in page.data] == [1, 0, 0]
    assert page.data[0].results[0].project_id == "project_id_1"


def test_the_client_sends_arrays_with_encoded_brackets_and_booleans_in_small_letters(
    client: OpenAI,
) -> None:
    answer = _raw_endpoint(client, "completions")(
        **RANGE, group_by=["project_id", "model"], models=["a b", "c,d"], batch=False, user_ids=[]
    )
    query = answer.http_request.url.query.decode()
    assert "group_by%5B%5D=project_id&group_by%5B%5D=model" in query
    assert parse_qsl(query) == [
        ("start_time", str(DAY)),
        ("batch", "false"),
        ("end_time", str(DAY + 3 * 86_400)),
        ("group_by[]", "project_id"),
        ("group_by[]", "model"),
        ("models[]", "a b"),
        ("models[]", "c,d"),
    ]


def test_parameters_that_are_none_are_left_out(client: OpenAI) -> None:
    decisions = client.admin.organization.usage.decisions
    plain = decisions(**RANGE)
    nothing: dict[str, Any] = dict.fromkeys(("models", "batch", "group_by", "limit", "page"))
    assert decisions(**RANGE, **nothing) == plain


@pytest.mark.parametrize("name", NAMES)
def test_the_client_walks_the_pages(client: OpenAI, name: str) -> None:
    whole = _endpoint(client, name)(**RANGE)
    page = _endpoint(client, name)(**RANGE, limit=1)
    buckets = [*page.data]
    while page.next_page:
        assert page.has_more is True
        page = _endpoint(client, name)(**RANGE, limit=1, page=page.next_page)
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
            return await asynchronous.admin.organization.usage.completions(**RANGE)

    assert asyncio.run(ask()) == client.admin.organization.usage.completions(**RANGE)


@pytest.mark.parametrize(
    ("asked", "param", "code"),
    [
        ({"limit": 32}, "limit", "integer_above_max_value"),
        ({"limit": 0}, "limit", "integer_below_min_value"),
        ({"bucket_width": "2d"}, "bucket_width", "invalid_value"),
        ({"group_by": ["line_item"]}, "group_by", "invalid_value"),
        ({"page": "page_nonsense"}, "page", "invalid_value"),
        ({"end_time": DAY}, "start_time", "invalid_value"),
        ({"extra_query": {"line_items": ["x"]}}, "line_items", "unknown_parameter"),
    ],
)
def test_a_refusal_arrives_as_the_clients_exception_with_code_and_param(
    client: OpenAI, asked: dict[str, Any], param: str, code: str
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        _endpoint(client, "completions")(**(RANGE | asked))
    found = caught.value
    assert (found.param, found.code, found.type) == (param, code, "invalid_request_error")
    assert found.request_id
    assert isinstance(found.body, dict)
    assert sorted(found.body) == ["code", "message", "param", "type"]


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
        client.admin.organization.usage.completions(**RANGE)
    assert (caught.value.code, caught.value.param) == (code, None)
    assert words in str(caught.value)


def test_an_unknown_path_arrives_as_the_clients_exception(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.models.list(extra_headers={"Authorization": f"Bearer {ADMIN_KEY}"})
    assert (caught.value.code, caught.value.type) == (None, "invalid_request_error")


def test_the_organization_and_project_of_the_client_change_nothing_here(
    server: Server, client: OpenAI
) -> None:
    plain = client.admin.organization.usage.completions(**RANGE)
    with _client(server, organization="org-any", project="proj_other") as configured:
        assert configured.admin.organization.usage.completions(**RANGE) == plain
