"""What type checkers see of the client: right uses, and in ``WRONG`` lines that they refuse."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, assert_type

from tallybook import AsyncClient, Client
from tallybook.client.buckets import CostsBuckets, UsageBuckets
from tallybook.client.options import UsageKind
from tallybook.client.pages import Bucket, Page
from tallybook.client.results import (
    Amount,
    CompletionsResult,
    CostsResult,
    EmbeddingsResult,
    Result,
)
from tallybook.domain.receipts import Receipt


def reading(client: Client, kind: UsageKind) -> None:
    """Each kind has results of its own."""
    answer = client.usage("completions", "-30d", group_by=["model"], models="gpt-5.5", batch=True)
    assert_type(answer, UsageBuckets[CompletionsResult])
    for bucket in answer:
        assert_type(bucket, Bucket[CompletionsResult])
        assert_type(bucket.start, datetime)
        for result in bucket.results:
            assert_type(result.input_tokens, int)
            assert_type(result.input_cache_write_30m_tokens, int | None)
            assert_type(result.model, str | None)
            assert_type(result.batch, bool | None)
            assert_type(result.extra, dict[str, Any])
    for page in answer.pages():
        assert_type(page, Page[CompletionsResult])
    for bucket, result in answer.rows():
        assert_type(bucket, Bucket[CompletionsResult])
        assert_type(result, CompletionsResult)
    assert_type(answer.total(), CompletionsResult)
    assert_type(client.usage("embeddings", 0, date(2026, 10, 1)).total(), EmbeddingsResult)
    assert_type(client.usage("vector_stores", 0.5).total().usage_bytes, int)
    # Any kind has what all of them have; and its results are results.
    every: Iterator[Bucket[Result]] = iter(client.usage(kind, datetime(2026, 10, 1), top=3))  # noqa: DTZ001
    assert_type(next(every).results[0].get("project_id"), Any)


def paying(client: Client) -> None:
    """Amounts are decimals."""
    answer = client.costs("2026-10-01", width="1h", tags={"team": ["search"]}, top=3)
    assert_type(answer, CostsBuckets)
    for _, result in answer.rows():
        assert_type(result, CostsResult)
        assert_type(result.amount, Amount)
        assert_type(result.amount.value, Decimal)
        assert_type(result.quantity, Decimal | None)
    assert_type(answer.total(), dict[str, Decimal])
    assert_type(client.post_events({"id": "req_1", "kind": "completions"}), Receipt)
    assert_type(client.event("req_1", time=1790845261.25), dict[str, Any])
    assert_type(client.void("req_1", "counted twice")["voided"], Any)


async def awaiting(client: AsyncClient) -> None:
    """The same for ``await``."""
    answer = client.usage("completions", "-30d")
    async for bucket in answer:
        assert_type(bucket, Bucket[CompletionsResult])
    async for _, result in answer.rows():
        assert_type(result, CompletionsResult)
    assert_type(await answer.total(), CompletionsResult)
    assert_type(await client.costs(0).total(), dict[str, Decimal])
    assert_type(await client.post_events([]), Receipt)
    assert_type(await client.event("req_1"), dict[str, Any])
    assert_type(await client.void("req_1", "twice", time=datetime.now(UTC)), dict[str, Any])


def wrong(client: Client) -> None:
    """Each of these lines is refused."""
    client.usage("completion", "-30d")  # WRONG
    client.usage("completions")  # WRONG
    client.usage("completions", None)  # WRONG
    client.usage("completions", "-30d", width="2d")  # WRONG
    client.usage("embeddings", "-30d", batch=True)  # WRONG
    client.usage("completions", "-30d", batch="true")  # WRONG
    client.usage("vector_stores", "-30d", models="gpt-5.5")  # WRONG
    client.usage("completions", "-30d", model="gpt-5.5")  # WRONG
    client.costs("-30d", top="3")  # WRONG
    assert client.costs("-30d").total().value  # WRONG
    assert client.usage("embeddings", "-30d").total().output_tokens  # WRONG
    next(iter(client.usage("images", 0))).results[0].images = 5  # WRONG
    client.post_events("req_1")  # WRONG
    client.void("req_1")  # WRONG
    client.event("req_1", 1790845261.25)  # WRONG
