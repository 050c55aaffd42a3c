"""Buckets in time: where they start and end, and what is counted in which."""

import math
import time
from typing import Any

import pytest

from contract.contract import NAMES, USAGE, WIDTHS, counts, error
from support.events import DAY, event
from support.server import Server
from support.wire import fault, refusal

# 17:31:03 on a day of October 2026.
START = DAY + 17 * 3_600 + 31 * 60 + 3
MINUTE = START - 3


def _spans(page: dict[str, Any]) -> list[tuple[int, int]]:
    return [(bucket["start_time"], bucket["end_time"]) for bucket in page["data"]]


def _ask(server: Server, name: str = "completions", **parameters: Any) -> dict[str, Any]:
    answer = server.http.get(USAGE[name]["path"], params=parameters)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def _row(case: str) -> dict[str, Any]:
    return {key: error(case)[key] for key in ("status", "type", "param", "code")}


@pytest.mark.parametrize("name", NAMES)
def test_the_first_bucket_starts_at_the_minute_of_start_time_and_ends_at_the_boundary(
    server: Server, name: str
) -> None:
    page = _ask(server, name, start_time=START, end_time=DAY + 3 * 86_400)
    assert _spans(page) == [
        (MINUTE, DAY + 86_400),
        (DAY + 86_400, DAY + 2 * 86_400),
        (DAY + 2 * 86_400, DAY + 3 * 86_400),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_the_last_bucket_ends_at_end_time_even_off_a_boundary(server: Server, name: str) -> None:
    page = _ask(server, name, start_time=DAY, end_time=START, bucket_width="1h", limit=168)
    assert _spans(page)[-1] == (DAY + 17 * 3_600, START)
    assert len(page["data"]) == 18
    assert (page["has_more"], page["next_page"]) == (False, None)


@pytest.mark.parametrize(("width", "seconds"), WIDTHS.items())
def test_boundaries_are_multiples_of_the_width_since_the_epoch(
    server: Server, width: str, seconds: int
) -> None:
    end = START + 3 * seconds + 1
    spans = _spans(_ask(server, start_time=START, end_time=end, bucket_width=width))
    assert spans[0][0] == MINUTE
    assert spans[-1][1] == end
    inner = [start for start, _ in spans[1:]]
    assert [start % seconds for start in inner] == [0] * len(inner)
    assert [stop for _, stop in spans[:-1]] == inner


@pytest.mark.parametrize("width", WIDTHS)
def test_a_range_within_one_bucket_is_one_short_bucket(server: Server, width: str) -> None:
    page = _ask(server, start_time=MINUTE + 7, end_time=MINUTE + 8, bucket_width=width)
    assert _spans(page) == [(MINUTE, MINUTE + 8)]


def test_without_an_end_the_last_bucket_ends_at_the_servers_second(server: Server) -> None:
    before = time.time()
    page = _ask(server, start_time=math.floor(before) - 3 * 86_400, limit=31)
    end = _spans(page)[-1][1]
    # The end is exclusive: it lets in all of the second that is under way.
    assert math.floor(before) <= end <= math.floor(time.time()) + 1
    assert (page["has_more"], page["next_page"]) == (False, None)


@pytest.mark.parametrize("ahead", [60, 86_400, 365 * 86_400, 50 * 365 * 86_400])
def test_an_end_in_the_future_means_now(server: Server, ahead: int) -> None:
    before = time.time()
    page = _ask(server, start_time=math.floor(before) - 86_400, end_time=math.floor(before) + ahead)
    assert math.floor(before) <= _spans(page)[-1][1] <= math.floor(time.time()) + 1
    assert page["has_more"] is False


def test_start_and_end_in_the_same_second_as_now_are_the_edge_of_the_future(
    server: Server,
) -> None:
    now = math.floor(time.time())
    assert len(_ask(server, start_time=now)["data"]) == 1
    future = server.usage("completions", start_time=now + 3_600)
    assert fault(future) == _row("start_in_future")


@pytest.mark.parametrize("name", NAMES)
def test_a_start_in_the_future_is_refused(server: Server, name: str) -> None:
    tomorrow = math.floor(time.time()) + 86_400
    for asked in ({}, {"end_time": tomorrow + 86_400}):
        answer = server.http.get(USAGE[name]["path"], params={"start_time": tomorrow, **asked})
        assert fault(answer) == _row("start_in_future")


@pytest.mark.parametrize("start", [1_790_812_800_000, 10**18, 2**63, 10**30])
def test_a_start_in_milliseconds_or_beyond_any_calendar_is_in_the_future(
    server: Server, start: int
) -> None:
    assert fault(server.usage("completions", start_time=start)) == _row("start_in_future")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("end", [START, START - 1, DAY, 0])
def test_a_start_that_is_not_before_the_end_is_refused(server: Server, name: str, end: int) -> None:
    asked = {"start_time": START, "end_time": end}
    answer = server.http.get(USAGE[name]["path"], params=asked)
    assert fault(answer) == _row("start_not_before_end")


def test_a_start_before_the_epoch_is_refused_and_the_epoch_itself_is_not(server: Server) -> None:
    assert fault(server.usage("completions", start_time=-1)) == refusal(
        "start_time", "invalid_value"
    )
    assert _spans(_ask(server, start_time=0, limit=2)) == [(0, 86_400), (86_400, 172_800)]


@pytest.mark.parametrize("name", NAMES)
def test_a_bucket_without_usage_is_there_and_empty(server: Server, name: str) -> None:
    begin = DAY - 10 * 86_400
    stored = event(name, id=f"lonely-{name}", time=begin + 5 * 3_600)
    assert server.post(stored).is_success
    page = _ask(server, name, start_time=begin, end_time=begin + 86_400, bucket_width="1h")
    assert _spans(page) == [(begin + 3_600 * n, begin + 3_600 * (n + 1)) for n in range(24)]
    assert [len(bucket["results"]) for bucket in page["data"]] == [0] * 5 + [1] + [0] * 18


@pytest.mark.parametrize("name", NAMES)
def test_a_short_bucket_counts_only_what_lies_inside_it(server: Server, name: str) -> None:
    begin = DAY - 20 * 86_400
    first, last = begin + 3_603, begin + 90_000
    main = counts(name)[0]
    # On either side of the rounded start, of the midnight between, and of the end.
    moments = [3_599.999999, 3_600, 86_399.999999, 86_400, 89_999.999999, 90_000]
    events = [
        event(name, id=f"edge-{name}-{number}", time=begin + moment, **{main: 1 << number})
        | ({"vector_store_id": f"vs_{number}"} if name == "vector_stores" else {})
        for number, moment in enumerate(moments)
    ]
    assert server.post(events).json()["accepted"] == len(events)
    page = _ask(server, name, start_time=first, end_time=last)
    assert [
        (bucket["start_time"], bucket["end_time"], [row[main] for row in bucket["results"]])
        for bucket in page["data"]
    ] == [
        (begin + 3_600, begin + 86_400, [0b110]),
        (begin + 86_400, begin + 90_000, [0b11000]),
    ]


def test_usage_is_counted_in_the_same_sums_at_every_width(server: Server) -> None:
    begin = DAY - 40 * 86_400
    events = [
        event(id=f"spread-{number}", time=begin + number * 1_277.25, input_tokens=number)
        for number in range(60)
    ]
    assert server.post(events).json()["accepted"] == len(events)
    for width, limit in (("1m", 1440), ("1h", 24), ("1d", 1)):
        page = _ask(
            server, start_time=begin, end_time=begin + 86_400, bucket_width=width, limit=limit
        )
        rows = [row for bucket in page["data"] for row in bucket["results"]]
        assert sum(row["input_tokens"] for row in rows) == sum(range(60))


def test_storage_is_the_largest_sample_of_each_store_in_each_bucket(server: Server) -> None:
    begin = DAY - 60 * 86_400
    samples = [("vs_a", 0, 100), ("vs_a", 1_800, 700), ("vs_a", 3_599, 300), ("vs_b", 60, 40),
               ("vs_b", 3_600, 5), ("vs_a", 7_199, 1)]  # fmt: skip
    events = [
        event("vector_stores", id=f"stock-{number}", time=begin + at, usage_bytes=size)
        | {"vector_store_id": store, "project_id": "proj_a"}
        for number, (store, at, size) in enumerate(samples)
    ]
    assert server.post(events).json()["accepted"] == len(events)
    asked = {"start_time": begin, "end_time": begin + 10_800, "bucket_width": "1h"}
    page = _ask(server, "vector_stores", **asked)
    sizes = [[row["usage_bytes"] for row in bucket["results"]] for bucket in page["data"]]
    assert sizes == [[740], [6], []]
