"""The same for ``await``: buckets that are asked for when they are walked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import TYPE_CHECKING, Generic, TypeVar

from tallybook.client.connection import AsyncConnection
from tallybook.client.pages import Bucket, Page, read_page
from tallybook.client.questions import Question
from tallybook.client.results import CostsResult, Result
from tallybook.client.tables import (
    Column,
    arrow_table,
    costs_columns,
    pandas_frame,
    polars_frame,
    usage_columns,
)
from tallybook.client.totals import costs_total, usage_total

if TYPE_CHECKING:
    import arro3.core
    import pandas
    import polars

R = TypeVar("R", bound=Result)


class AsyncBuckets(Generic[R]):
    """The buckets of a range, in order and without gaps.

    Nothing is sent before they are walked, and every walk asks anew: what is
    remembered is the question. A range without an end goes to the moment of
    the walk. Each walk raises ClientError.
    """

    def __init__(self, connection: AsyncConnection, question: Question) -> None:
        self._connection = connection
        self.question = question

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.question!r})"

    async def __aiter__(self) -> AsyncIterator[Bucket[R]]:
        async for page in self.pages():
            for bucket in page.data:
                yield bucket

    async def pages(self) -> AsyncIterator[Page[R]]:
        """Yield the pages, each when it is asked for."""
        token: str | None = None
        while True:
            answer = await self._connection.get(self.question.path, self.question.page(token))
            page = read_page(answer, token)
            yield page
            token = page.next_page
            if token is None:
                return

    async def rows(self) -> AsyncIterator[tuple[Bucket[R], R]]:
        """Yield every result with its bucket, in order; buckets without results have none."""
        async for bucket in self:
            for result in bucket.results:
                yield bucket, result

    async def _all(self) -> list[Bucket[R]]:
        return [bucket async for bucket in self]


class _Tables(AsyncBuckets[R]):
    """Buckets whose results have columns that are known."""

    @property
    def _columns(self) -> tuple[Column, ...]:
        raise NotImplementedError

    async def to_arrow(self) -> arro3.core.Table:
        """All results as a table, a row each: for whatever reads Arrow.

        Columns are ``bucket_start`` and ``bucket_end`` (UTC), the keys that
        were asked for, and the numbers: int64, and decimals for money.
        """
        return arrow_table(self._columns, await self._all())

    async def to_polars(self) -> polars.DataFrame:
        """The same as a frame of Polars. Raises ImportError without the extra ``polars``."""
        return polars_frame(await self.to_arrow())

    async def to_pandas(self) -> pandas.DataFrame:
        """The same as a frame of pandas. Raises ImportError without the extra ``pandas``."""
        return pandas_frame(await self.to_arrow())


class AsyncUsageBuckets(_Tables[R]):
    """Usage of one kind."""

    def __init__(self, connection: AsyncConnection, question: Question, kind: str) -> None:
        super().__init__(connection, question)
        self.kind = kind

    @property
    def _columns(self) -> tuple[Column, ...]:
        return usage_columns(self.kind, self.question.keys)

    async def total(self) -> R:
        """All quantities of the range, as one result without keys.

        They are the exact sums of the results. What is stored does not add up
        over time: for ``vector_stores`` it is the bucket that has the most.
        """
        return usage_total(self.kind, await self._all())


class AsyncCostsBuckets(_Tables[CostsResult]):
    """Costs."""

    @property
    def _columns(self) -> tuple[Column, ...]:
        return costs_columns(self.question.keys)

    async def total(self) -> dict[str, Decimal]:
        """The exact sum of all amounts of the range, by currency; empty when there are none."""
        return costs_total(await self._all())
