"""The client against a running server: events in, usage and costs out, waiting and awaiting."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from client.reading import Read, awaiting, waiting
from client.rows import bucket_on_the_wire
from support.events import DAY, event
from support.server import ADMIN_KEY, INGEST_KEY, Server
from tallybook.client import errors
from tallybook.client.async_client import AsyncClient
from tallybook.client.client import Client
from tallybook.client.results import CompletionsResult, UnknownResult
from tallybook.domain.receipts import Fault, Receipt

HOUR = 3_600
DAYS = 40

Reading = Callable[..., Read]


@pytest.fixture(params=[waiting, awaiting])
def reading(request: pytest.FixtureRequest) -> Reading:
    made: Reading = request.param
    return made


@pytest.fixture(scope="module")
def filled(server: Server) -> Server:
    """The server with a request an hour, of two projects, for forty days."""
    events = [
        event(
            id=f"req_{n}",
            time=DAY - DAYS * 86_400 + n * HOUR,
            model="gpt-5.5-2026-04-23",
            project_id=f"proj_{n % 2}",
            input_tokens=n,
            tags={"team": f"team_{n % 3}"},
        )
        for n in range(DAYS * 24)
    ]
    with Client(server.address, ADMIN_KEY) as client:
        assert client.post_events(events) == Receipt(accepted=len(events))
    return server


FIRST = DAY - DAYS * 86_400


def test_pages_walk_to_the_same_buckets_as_one_question(filled: Server, reading: Reading) -> None:
    read = reading(filled.address, ADMIN_KEY)
    raw = filled.usage(
        "completions",
        start_time=FIRST,
        end_time=DAY,
        bucket_width="1h",
        limit=168,
        group_by="project_id",
    )
    whole = raw.json()["data"]
    while token := raw.json()["next_page"]:
        raw = filled.usage(
            "completions",
            start_time=FIRST,
            end_time=DAY,
            bucket_width="1h",
            limit=168,
            group_by="project_id",
            page=token,
        )
        whole += raw.json()["data"]
    asked = ("completions", FIRST, DAY, "1h")
    for limit in (None, 168, 100, 7):
        more = {"group_by": "project_id", "limit": limit}
        buckets = read("usage", "buckets", *asked, **more)
        assert [bucket_on_the_wire(bucket) for bucket in buckets] == whole
    pages = read("usage", "pages", *asked, limit=100)
    assert [len(page.data) for page in pages] == [100] * 9 + [60]
    assert [page.has_more for page in pages] == [True] * 9 + [False]


def test_rows_are_flat_and_totals_are_their_sums(filled: Server, reading: Reading) -> None:
    read = reading(filled.address, ADMIN_KEY)
    asked = ("completions", FIRST, DAY, "1d")
    rows = read("usage", "rows", *asked, group_by=["project_id"])
    assert len(rows) == DAYS * 2
    assert {bucket.start for bucket, _ in rows} == {
        datetime.fromtimestamp(FIRST + day * 86_400, UTC) for day in range(DAYS)
    }
    total = read("usage", "total", *asked, group_by=["project_id"])
    assert type(total) is CompletionsResult
    assert total.input_tokens == sum(range(DAYS * 24)) == sum(row.input_tokens for _, row in rows)
    assert total.num_model_requests == DAYS * 24
    assert total.project_id is None
    one = read("usage", "total", *asked, project_ids="proj_1")
    assert one.input_tokens == sum(range(1, DAYS * 24, 2))


def test_costs_add_up_exactly(filled: Server, reading: Reading) -> None:
    read = reading(filled.address, ADMIN_KEY)
    total = read("costs", "total", FIRST, DAY, group_by=["line_item", "project_id"])
    tokens = sum(range(DAYS * 24))
    # $5 and $30 a million tokens: by hand, and to the last digit.
    expected = Decimal(tokens) * Decimal("0.000005") + Decimal(212 * DAYS * 24) * Decimal("0.00003")
    assert total == {"usd": expected}
    assert read("costs", "total", FIRST, DAY) == total
    pages = read("costs", "pages", FIRST, DAY)
    assert [(len(page.data), page.unpriced_events) for page in pages] == [(DAYS, 0)]


def test_what_is_beyond_the_contract_comes_as_extra(filled: Server, reading: Reading) -> None:
    read = reading(filled.address, ADMIN_KEY)
    more: dict[str, Any] = {"group_by": ["tag:team", "provider"], "top": 2}
    (bucket,) = read("usage", "buckets", "completions", FIRST, FIRST + 86_400, **more)
    # Eight requests each: of those with the same sum the first in the order of rows.
    assert [row.extra for row in bucket.results] == [
        {"provider": "openai", "tag:team": "team_0", "other": False},
        {"provider": "openai", "tag:team": "team_1", "other": False},
        {"provider": None, "tag:team": None, "other": True},
    ]
    table = read("usage", "to_polars", "completions", FIRST, FIRST + 86_400, **more)
    assert table["tag:team"].to_list() == [row.extra["tag:team"] for row in bucket.results]
    assert table["other"].to_list() == [False, False, True]
    tagged = read(
        "usage", "total", "completions", FIRST, DAY, tags={"team": "team_1"}, providers="openai"
    )
    assert tagged.input_tokens == sum(range(1, DAYS * 24, 3))


def test_tables_have_the_rows_of_the_answer(filled: Server, reading: Reading) -> None:
    read = reading(filled.address, ADMIN_KEY)
    asked = ("completions", FIRST, DAY, "1d")
    rows = read("usage", "rows", *asked, group_by="project_id")
    frame = read("usage", "to_pandas", *asked, group_by="project_id")
    table = read("usage", "to_polars", *asked, group_by="project_id")
    assert len(read("usage", "to_arrow", *asked, group_by="project_id")) == len(rows)
    assert frame["input_tokens"].tolist() == [row.input_tokens for _, row in rows]
    assert table["project_id"].to_list() == [row.project_id for _, row in rows]
    money = read("costs", "to_polars", FIRST, DAY, group_by="line_item")
    (total,) = read("costs", "total", FIRST, DAY).values()
    assert money["amount"].sum() == total


def test_every_walk_asks_anew(server: Server) -> None:
    with Client(server.address, ADMIN_KEY) as client:
        answer = client.usage("embeddings", "2026-10-01", "2026-10-02")
        assert answer.total().input_tokens == 0
        client.post_events(event("embeddings", id="new", input_tokens=5))
        assert answer.total().input_tokens == 5
        assert [len(bucket.results) for bucket in answer] == [1]


def test_a_range_without_an_end_reaches_to_the_present(server: Server) -> None:
    with Client(server.address, ADMIN_KEY) as client:
        now = datetime.now(UTC)
        client.post_events(event("moderations", id="now", time=now.isoformat()))
        *_, last = client.usage("moderations", "-1d", width="1h")
        assert last.end > now
        assert client.usage("moderations", "-1d").total().num_model_requests == 1


def test_events_are_posted_once_and_each_has_its_word(server: Server, reading: Reading) -> None:
    good = event(id=f"good-{reading.__name__}")
    bad = event(id="bad", input_cached_tokens=5_000)
    other = good | {"input_tokens": 1}

    def post(*events: Any) -> Receipt:
        if reading is waiting:
            with Client(server.address, INGEST_KEY) as client:
                return client.post_events(*events)

        async def posted() -> Receipt:
            async with AsyncClient(server.address, INGEST_KEY) as client:
                return await client.post_events(*events)

        return asyncio.run(posted())

    assert post(good) == Receipt(accepted=1)
    # 207, 400, 409 and 200.
    receipt = post([good, bad, other])
    assert (receipt.duplicates, receipt.failed) == (1, 2)
    assert (receipt.rejected[0].field, receipt.rejected[0].index) == ("input_cached_tokens", 1)
    assert post(bad).rejected == (
        Fault(0, "bad", "input_cached_tokens", receipt.rejected[0].reason),
    )
    (conflict,) = post(other).conflicts
    assert (conflict.index, conflict.id) == (0, good["id"])
    assert post(iter([good])) == Receipt(duplicates=1)
    assert post([]) == Receipt()


def test_what_is_wrong_with_the_request_raises(server: Server, reading: Reading) -> None:
    ask = ("usage", "buckets", "completions", DAY, DAY + 1)
    with pytest.raises(errors.Unauthorized) as unknown:
        reading(server.address, "sk-admin-unknown")(*ask)
    assert unknown.value.code == "invalid_api_key"
    assert "sk-admin-unknown" not in str(unknown.value)
    with pytest.raises(errors.Unauthorized, match=r"Missing scopes: api\.usage\.read"):
        reading(server.address, INGEST_KEY)(*ask)
    read = reading(server.address, ADMIN_KEY)
    with pytest.raises(errors.BadRequest) as refused:
        read("usage", "buckets", "completions", "2199-01-01")
    assert (refused.value.status, refused.value.param) == (400, "start_time")
    assert refused.value.code == "invalid_value"
    assert refused.value.request_id
    with pytest.raises(errors.NotFound) as missing:
        read("ask", "pages", "/organization/usage/holograms", [("start_time", str(DAY))])
    assert missing.value.status == 404
    with pytest.raises(errors.UnreadableAnswer, match="not a page"):
        read("ask", "pages", "/prices/cards", [])
    with (
        Client(server.address, ADMIN_KEY) as client,
        pytest.raises(errors.TooLarge, match="Send them in several requests"),
    ):
        client.post_events({"id": "x"} for _ in range(100_001))


def test_a_400_that_is_not_about_events_raises() -> None:
    body = {"error": {"message": "No.", "type": "invalid_request_error", "param": "atomic"}}
    transport = httpx2.MockTransport(lambda _: httpx2.Response(400, json=body))
    with Client("http://127.0.0.1", "sk-admin-x", transport=transport) as client:
        with pytest.raises(errors.BadRequest, match=r"No\.") as raised:
            client.post_events([])
        assert raised.value.param == "atomic"
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, text="<html>"))
    with (
        Client("http://127.0.0.1", "sk-admin-x", transport=transport) as client,
        pytest.raises(errors.UnreadableAnswer, match="no receipt of events"),
    ):
        client.post_events([])


def test_an_endpoint_that_is_not_known_can_be_asked(filled: Server, reading: Reading) -> None:
    read = reading(filled.address, ADMIN_KEY)
    pages = read(
        "ask",
        "pages",
        "/organization/usage/completions",
        [("start_time", str(FIRST)), ("end_time", str(DAY)), ("limit", "31")],
    )
    assert [len(page.data) for page in pages] == [31, 9]


def test_an_answer_of_an_unknown_kind_is_read(reading: Reading) -> None:
    row = '{"object":"organization.usage.holograms.result","holograms":3}'
    bucket = f'{{"object":"bucket","start_time":0,"end_time":1,"results":[{row}]}}'
    body = f'{{"object":"page","data":[{bucket}],"has_more":false,"next_page":null}}'
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, text=body))
    read = reading("http://127.0.0.1", "sk-admin-x", transport=transport)
    (row_read,) = read("ask", "rows", "/organization/usage/holograms", [])
    assert row_read[1] == UnknownResult(
        object="organization.usage.holograms.result", extra={"holograms": 3}
    )
    with pytest.raises(TypeError, match="cannot be added"):
        read("usage", "total", "completions", 0)


def test_the_environment_says_what_is_not_given(server: Server) -> None:
    environment = {"TALLYBOOK_URL": server.address, "TALLYBOOK_ADMIN_KEY": ADMIN_KEY}
    with Client(environment=environment) as client:
        assert client.usage("images", DAY, DAY + 1).total().images == 0
        assert repr(client) == f"Client('{server.address}/v1')"
    given = Client("http://other:1/v1", environment=environment)
    assert repr(given) == "Client('http://other:1/v1')"
    with pytest.raises(ValueError, match="set TALLYBOOK_URL"):
        Client(environment={})
    with pytest.raises(ValueError, match="needs a key: give it, or set TALLYBOOK_ADMIN_KEY"):
        AsyncClient(server.address, environment={"TALLYBOOK_URL": "http://other"})


def test_nothing_is_sent_before_it_is_walked() -> None:
    def refuse(request: httpx2.Request) -> httpx2.Response:
        raise AssertionError(request.url)

    client = Client("http://127.0.0.1", "sk-admin-x", transport=httpx2.MockTransport(refuse))
    answer = client.usage("completions", "-7d")
    assert "UsageBuckets(Question(path='/organization/usage/completions'" in repr(answer)
    assert "sk-admin-x" not in repr(answer)
    with pytest.raises(ValueError, match="kind is 'chat'"):
        client.usage("chat", "-7d")  # type: ignore[call-overload]
    with pytest.raises(AssertionError, match="start_time"):
        answer.total()
