"""The six questions of a dashboard, as requests and as SQL, and what their answers have in common.

Each round asks about a range that is moved a little (a day, an hour, a minute,
or a month), so that no answer that was remembered would do.

The SQL is written once. Where the engines differ a ``Dialect`` has the word:
how a moment is written, and how a time is cut to the start of its bucket.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import urlencode

DAY, HOUR, MINUTE = 86_400, 3_600, 60
WIRE_DECIMALS = Decimal("1e-12")

# The bucket's start and keys, then numbers; ordered as the answer is.
Row = tuple[Any, ...]


class Dialect(NamedTuple):
    """How an engine writes what SQL leaves open."""

    # A moment in Unix seconds, as a literal.
    moment: Callable[[int], str]
    # The start of the minute, hour or day that an event's time lies in.
    bucket: Callable[[str], str]
    # A table of the four parts of an event's cost.
    parts: str


class Asked(NamedTuple):
    """A question about one range: the request, the SQL, and how its page is read as rows."""

    path: str
    sql: Callable[[Dialect], str]
    keys: tuple[str, ...]
    numbers: tuple[str, ...]
    # Whether rows of a bucket descend by amount; else they are compared in any order.
    ranked: bool = False

    def rows_of_page(self, body: bytes) -> list[Row]:
        """The rows of a page, which must be the only one."""
        page = json.loads(body, parse_float=Decimal)
        assert not page["has_more"], "the page is not the whole answer"
        return [
            (
                bucket["start_time"],
                *(result[key] for key in self.keys),
                *(_number(result[name]) for name in self.numbers),
            )
            for bucket in page["data"]
            for result in bucket["results"]
        ]

    def rows_of_table(self, table: Iterable[Sequence[Any]]) -> list[Row]:
        """The rows of an answer to the SQL."""
        keys_end = 1 + len(self.keys)
        return [
            (_seconds(row[0]), *row[1:keys_end], *(_number(value) for value in row[keys_end:]))
            for row in table
        ]

    def same(self, one: list[Row], other: list[Row]) -> bool:
        """Whether two answers are equal: to the last unit, and to 12 decimals of an amount."""
        if self.ranked:
            return one == other
        return len(one) == len(other) and set(one) == set(other)


class Question(NamedTuple):
    """A question: its name, and what is asked in a round about the time up to ``end``."""

    name: str
    asked: Callable[[int, int], Asked]


def _seconds(start: int | datetime) -> int:
    """A bucket's start in Unix seconds; where no zone is told it is UTC."""
    if isinstance(start, datetime):
        return int((start if start.tzinfo else start.replace(tzinfo=UTC)).timestamp())
    return start


def _number(value: Any) -> Decimal:
    """A number of either side, comparable: what no wire shows is rounded off."""
    if isinstance(value, dict):
        value = value["value"]
    return Decimal(value).quantize(WIRE_DECIMALS)


_UNITS = {"1m": "minute", "1h": "hour", "1d": "day"}
_TOKENS = ("input_tokens", "input_cached_tokens", "output_tokens", "num_model_requests")


def _usage(width: str, start: int, end: int, limit: int, key: str | None) -> Asked:
    """Tokens and requests of completions, perhaps by something."""
    query: dict[str, Any] = {
        "start_time": start, "end_time": end, "bucket_width": width, "limit": limit,
    }  # fmt: skip
    if key:
        query["group_by"] = key
    grouped = f"bucket, {key}" if key else "bucket"

    def sql(dialect: Dialect) -> str:
        return f"""\
SELECT {dialect.bucket(_UNITS[width])} AS {grouped},
    sum(input_tokens), sum(input_cached_tokens), sum(output_tokens), sum(num_model_requests)
FROM events
WHERE kind = 'completions' AND time >= {dialect.moment(start)} AND time < {dialect.moment(end)}
GROUP BY {grouped}
ORDER BY {grouped}"""

    path = "/v1/organization/usage/completions?" + urlencode(query)
    return Asked(path, sql, (key,) if key else (), _TOKENS)


# Lines of a bill from wide rows: sums first, then each into its parts. What is zero is no line.
_LINES = """\
WITH sums AS (
    SELECT {bucket} AS bucket, kind, model,
        sum(input_cost) AS input_cost, sum(cached_cost) AS cached_cost,
        sum(output_cost) AS output_cost, sum(other_cost) AS other_cost,
        sum(input_tokens) AS input_tokens, sum(input_cached_tokens) AS input_cached_tokens,
        sum(output_tokens) AS output_tokens, sum(images) AS images, sum(seconds) AS seconds,
        sum(calls) AS calls
    FROM events
    WHERE time >= {start} AND time < {end}
    GROUP BY bucket, kind, model
), lines AS (
    SELECT bucket,
        CASE
            WHEN kind = 'images' THEN model || ', images'
            WHEN kind = 'audio_transcriptions' THEN model || ', transcription'
            WHEN kind = 'web_search_calls' THEN 'web search tool calls'
            ELSE model || ', ' || part
        END AS line_item,
        CASE part WHEN 'input' THEN input_cost WHEN 'cached input' THEN cached_cost
            WHEN 'output' THEN output_cost ELSE other_cost END AS amount,
        CASE part
            WHEN 'input' THEN input_tokens - coalesce(input_cached_tokens, 0)
            WHEN 'cached input' THEN input_cached_tokens
            WHEN 'output' THEN output_tokens
            ELSE coalesce(images, 0) + coalesce(seconds, 0) + coalesce(calls, 0)
        END AS quantity
    FROM sums CROSS JOIN ({parts}) AS parts
)
SELECT bucket, line_item, sum(amount), sum(quantity)
FROM lines
WHERE quantity > 0
GROUP BY bucket, line_item
ORDER BY bucket, line_item"""


def _lines(start: int, end: int) -> Asked:
    """Costs by day and line item."""
    query = {
        "start_time": start, "end_time": end, "bucket_width": "1d", "limit": 180,
        "group_by": "line_item",
    }  # fmt: skip

    def sql(dialect: Dialect) -> str:
        return _LINES.format(
            bucket=dialect.bucket("day"),
            start=dialect.moment(start),
            end=dialect.moment(end),
            parts=dialect.parts,
        )

    path = "/v1/organization/costs?" + urlencode(query)
    return Asked(path, sql, ("line_item",), ("amount", "quantity"))


_RANKED = """\
WITH sums AS (
    SELECT user_id, sum(cost) AS amount
    FROM events
    WHERE time >= {start} AND time < {end}
    GROUP BY user_id
), ranked AS (
    SELECT user_id, amount, row_number() OVER (ORDER BY amount DESC, user_id) AS place FROM sums
)
SELECT {month} AS bucket, CASE WHEN place <= {top} THEN user_id END AS shown, sum(amount)
FROM ranked
GROUP BY shown
ORDER BY min(place)"""


def _top_users(start: int, end: int, top: int) -> Asked:
    """The users with the largest costs of a month, and the rest in one row."""
    query = {
        "start_time": start, "end_time": end, "bucket_width": "1mo", "limit": 1,
        "group_by": "user_id", "order_by": "amount", "top": top,
    }  # fmt: skip

    def sql(dialect: Dialect) -> str:
        return _RANKED.format(
            start=dialect.moment(start), end=dialect.moment(end), month=start, top=top
        )

    path = "/v1/organization/costs?" + urlencode(query)
    return Asked(path, sql, ("user_id",), ("amount",), ranked=True)


def _month(back: int, end: int) -> tuple[int, int]:
    """The month that many months before the one that ``end`` ends, or lies in."""
    last = datetime.fromtimestamp(end - 1, UTC)
    months = last.year * 12 + last.month - 1 - back
    start, after = (
        datetime(each // 12, each % 12 + 1, 1, tzinfo=UTC) for each in (months, months + 1)
    )
    return int(start.timestamp()), int(after.timestamp())


# Whole months that 180 days have.
_MONTHS = 5


def _of_month(round_: int, end: int) -> Asked:
    """Another month each time, and when they have all been asked for, one user more."""
    start, after = _month(round_ % _MONTHS, end)
    return _top_users(start, after, 20 + round_ // _MONTHS)


def _up(time: int, width: int) -> int:
    """The first boundary that is not before a time: dashboards begin on one and end now."""
    return time + -time % width


def _of_days(key: str) -> Callable[[int, int], Asked]:
    def asked(round_: int, end: int) -> Asked:
        end -= round_ * DAY
        return _usage("1d", _up(end - 30 * DAY, DAY), end, 30, key)

    return asked


def _of_half_a_year(round_: int, end: int) -> Asked:
    end = _up(end, DAY)
    return _lines(end - (180 - round_) * DAY, end)


def _of_hours(round_: int, end: int) -> Asked:
    end -= round_ * HOUR
    return _usage("1h", _up(end - 7 * DAY, HOUR), end, 168, "model")


def _of_minutes(round_: int, end: int) -> Asked:
    end -= round_ * MINUTE
    return _usage("1m", _up(end - HOUR, MINUTE), end, 60, None)


QUESTIONS = (
    Question("30 days by model", _of_days("model")),
    Question("30 days by project", _of_days("project_id")),
    Question("180 days of costs by line item", _of_half_a_year),
    Question("7 days, hourly, by model", _of_hours),
    Question("top 20 users of a month by cost", _of_month),
    Question("last hour by minute", _of_minutes),
)
