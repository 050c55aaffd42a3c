"""How amounts and quantities are written, and when what is stored is charged: to the byte."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from support.events import DAY, event
from support.server import Server, running

_PRICES = """\
[[price]]
model = "tiny"
input = "0.000000000000001 / token"

[[price]]
model = "one"
input = "1 / token"

[[price]]
model = "tenth"
input = "0.1 / token"

[[price]]
model = "huge"
input = "999.999999999999999 / token"

[[price]]
model = "gratis"
input = "free"
output = "free"

[[price]]
model = "voice"
transcription = "0.007 / hour"
speech = "15 / 1M characters"

[[price]]
model = "painter"
images = "0.04 / image"
requests = "0.5 / 1k requests"

[[price]]
provider = "openai"
storage = "0.10 / GiB day"
code_interpreter = "0.03 / session"
file_search = "2.50 / 1k calls"
"""
_VALUE = re.compile(rb'"value":([^,}]+)[,}]')
_GIB = 1 << 30
_MOST = (1 << 53) - 1


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with prices from the smallest to the largest that can be kept."""
    folder = tmp_path_factory.mktemp("priced")
    (folder / "prices.toml").write_text(_PRICES, encoding="utf-8")
    with running(folder) as server:
        yield server


def _ask(server: Server, start: int, end: int, **asked: Any) -> httpx2.Response:
    answer = server.http.get(
        "/v1/organization/costs", params={"start_time": start, "end_time": end, **asked}
    )
    assert answer.status_code == 200, answer.text
    return answer


def _lines(server: Server, start: int, end: int, **asked: Any) -> list[Any]:
    """The lines of a bill: name, amount and quantity as they are written, and the unit."""
    answer = _ask(server, start, end, **{"group_by": "line_item"} | asked)
    page = json.loads(answer.content, parse_float=str, parse_int=str)
    return [
        (row["line_item"], row["amount"]["value"], row["quantity"], row["quantity_unit"])
        for bucket in page["data"]
        for row in bucket["results"]
    ]


# Model, tokens, how often, and the amount as it is written.
_AMOUNTS: list[tuple[str, int, int, bytes]] = [
    ("gratis", 5, 1, b"0"),
    ("nobody-knows", 5, 1, b"0"),
    ("tiny", 1, 1, b"0"),
    ("tiny", 499, 1, b"0"),
    # Halves go to the even digit.
    ("tiny", 500, 1, b"0"),
    ("tiny", 501, 1, b"0.000000000001"),
    ("tiny", 1_500, 1, b"0.000000000002"),
    ("tiny", 2_500, 1, b"0.000000000002"),
    # Rounded once, at the end: each of these alone is nothing.
    ("tiny", 400, 5, b"0.000000000002"),
    ("tiny", 1_000_000, 1, b"0.000000001"),
    ("tiny", 10**15, 1, b"1"),
    ("tiny", _MOST, 1, b"9.007199254741"),
    ("one", 1, 1, b"1"),
    ("one", 100, 1, b"100"),
    ("one", 10**15, 1, b"1000000000000000"),
    ("one", _MOST, 3, b"27021597764222973"),
    ("tenth", 1, 1, b"0.1"),
    ("tenth", 3, 1, b"0.3"),
    ("tenth", 1, 3, b"0.3"),
    ("tenth", 10, 1, b"1"),
    ("tenth", _MOST, 1, b"900719925474099.1"),
    ("huge", 1, 1, b"1000"),
    ("huge", 1_000, 1, b"999999.999999999999"),
    ("huge", _MOST, 1, b"9007199254740990990.992800745259"),
    ("huge", _MOST, 20, b"180143985094819819819.85601490518"),
]


def test_an_amount_is_a_plain_number_of_at_most_twelve_decimals(server: Server) -> None:
    events = [
        event("embeddings", id=f"amount-{minute}-{number}", time=DAY + 60 * minute + number)
        | {"model": model, "input_tokens": tokens}
        for minute, (model, tokens, count, _) in enumerate(_AMOUNTS)
        for number in range(count)
    ]
    assert server.post(events).json()["accepted"] == len(events)
    answer = _ask(server, DAY, DAY + 60 * len(_AMOUNTS), bucket_width="1m")
    assert _VALUE.findall(answer.content) == [written for *_, written in _AMOUNTS]


def test_a_bill_has_every_sort_of_line_with_its_unit(server: Server) -> None:
    start = DAY + 86_400
    sent: list[dict[str, Any]] = [
        event(model="gratis", input_tokens=10, input_cached_tokens=4, output_tokens=0),
        event("embeddings", model="one", input_tokens=7),
        event("moderations", model="one", input_tokens=8),
        event("images", model="painter", images=3, num_model_requests=2),
        event("audio_speeches", model="voice", characters=1_000),
        event("audio_transcriptions", model="voice", seconds=90.25),
        event("audio_transcriptions", seconds=0.000001),
        event("vector_stores", vector_store_id="a", usage_bytes=_GIB // 2),
        event("vector_stores", vector_store_id="b", usage_bytes=1),
        event("code_interpreter_sessions", num_sessions=12),
        event("file_search_calls", num_requests=88),
        event("web_search_calls", num_requests=9),
        # Nothing was used of these.
        event("embeddings", model="zero", input_tokens=0),
        event("images", model="zero", images=0),
        event("web_search_calls", model="zero", provider="zero", num_requests=0),
    ]
    for number, each in enumerate(sent):
        each |= {"id": f"sort-{number}", "time": start + number}
    assert server.post(sent).json()["accepted"] == len(sent)
    assert _lines(server, start, start + 86_400) == [
        ("code interpreter sessions", "0.36", "12", None),
        ("file search tool calls", "0.22", "88", None),
        ("gratis, cached input", "0", "4", "tokens"),
        ("gratis, input", "0", "6", "tokens"),
        ("no model, transcription, unpriced", "0", "0.000001", "duration_seconds"),
        ("one, input", "15", "15", "tokens"),
        ("painter, images", "0.12", "3", "images"),
        ("painter, requests", "0.001", "2", None),
        # A byte is 0.1 / 2^30 dollars, and 24 / 2^30 GiB hours.
        ("vector store storage", "0.050000000093", "12.000000022352", "gibibyte_hours"),
        ("voice, speech", "0.015", "1000", "characters"),
        ("voice, transcription", "0.000175486111", "90.25", "duration_seconds"),
        ("web search tool calls, unpriced", "0", "9", None),
    ]


def test_an_event_of_which_nothing_was_used_makes_no_group(server: Server) -> None:
    start = DAY + 2 * 86_400
    sent = [
        event(id="nothing", time=start, model="gratis", input_tokens=0, output_tokens=0),
        event("vector_stores", id="empty", time=start, usage_bytes=0, project_id="p"),
    ]
    assert server.post(sent).json()["accepted"] == 2
    for keys in ("", "project_id", "line_item", "model"):
        page = _ask(server, start, start + 86_400, group_by=keys).json()
        assert page["data"][0]["results"] == []


_STORAGE = "vector store storage"


def _stock(server: Server, day: int, samples: list[tuple[float, str, str | None, int]]) -> None:
    """Post samples: hours after the midnight of a day, the id, the store, and how many GiB."""
    events = [
        event("vector_stores", id=f"{day}-{name}", time=day + hour * 3_600, usage_bytes=size * _GIB)
        | {"vector_store_id": store, "user_id": name}
        for hour, name, store, size in samples
    ]
    assert server.post(events).json()["accepted"] == len(events)


def _stocked(server: Server, day: int, first: float, last: float, **asked: Any) -> list[Any]:
    """When storage was charged, as hours of the day, and the amounts."""
    answer = _ask(server, day + int(first * 3_600), day + int(last * 3_600), limit=168, **asked)
    page = json.loads(answer.content, parse_float=str)
    return [
        ((bucket["start_time"] - day) // 3_600, row["amount"]["value"])
        for bucket in page["data"]
        for row in bucket["results"]
    ]


def test_a_store_is_charged_once_a_day_for_its_largest_sample_at_its_moment(
    server: Server,
) -> None:
    day = DAY + 3 * 86_400
    _stock(
        server,
        day,
        [
            (0, "a0", "a", 2),
            (9, "a9", "a", 7),
            (23.9999, "a24", "a", 3),
            (5, "b5", "b", 1),
            (24, "a24", "a", 4),
            (-0.0001, "a-1", "a", 9),
            (12, "n12", None, 6),
        ],
    )
    assert _stocked(server, day, 0, 24) == [(0, "1.4")]
    assert _stocked(server, day, -24, 48) == [(-24, "0.9"), (0, "1.4"), (24, "0.4")]
    hours = [(5, "0.1"), (9, "0.7"), (12, "0.6"), (24, "0.4")]
    assert _stocked(server, day, 0, 48, bucket_width="1h") == hours
    # A range that leaves the largest sample out has nothing of the others, whatever it starts with.
    assert _stocked(server, day, 0, 5, bucket_width="1h") == []
    assert _stocked(server, day, 10, 24, bucket_width="1h") == [(12, "0.6")]
    assert _stocked(server, day, 9, 9.02, bucket_width="1m") == [(9, "0.7")]
    assert _stocked(server, day, 9.02, 10, bucket_width="1m") == []


def test_of_samples_of_one_size_the_first_is_charged_and_then_the_least_id(
    server: Server,
) -> None:
    day = DAY + 6 * 86_400
    _stock(
        server,
        day,
        [(8, "é", "a", 5), (8, "b", "a", 5), (8, "B", "a", 5), (20, "A", "a", 5), (7, "0", "a", 4)],
    )
    rows = _ask(server, day, day + 86_400, group_by="user_id").json()["data"][0]["results"]
    assert [(row["user_id"], row["amount"]["value"]) for row in rows] == [("B", 0.5)]


def test_a_sample_that_is_not_the_largest_is_never_charged_whoever_is_asked_for(
    server: Server,
) -> None:
    day = DAY + 8 * 86_400
    _stock(server, day, [(1, "small", "a", 2), (2, "large", "a", 3), (3, "other", "b", 1)])
    for users, amounts in (("small", []), ("large", [(0, "0.3")]), ("small,other", [(0, "0.1")])):
        assert _stocked(server, day, 0, 24, user_ids=users) == amounts
    for stores, amounts in (("a", [(0, "0.3")]), ("b", [(0, "0.1")]), ("a,b", [(0, "0.4")])):
        assert _stocked(server, day, 0, 24, vector_store_ids=stores) == amounts


def test_a_late_sample_that_is_larger_takes_the_place_of_the_one_before(server: Server) -> None:
    day = DAY + 10 * 86_400
    _stock(server, day, [(10, "first", "a", 2)])
    assert _stocked(server, day, 0, 24, bucket_width="1h") == [(10, "0.2")]
    _stock(server, day, [(4, "late", "a", 3)])
    assert _stocked(server, day, 0, 24, bucket_width="1h") == [(4, "0.3")]


def test_the_same_store_of_another_provider_or_project_is_another_store(server: Server) -> None:
    day = DAY + 12 * 86_400
    same = event("vector_stores", time=day, vector_store_id="a", usage_bytes=_GIB)
    sent = [
        same | {"id": "s1", "project_id": "p"},
        same | {"id": "s2", "project_id": "q"},
        same | {"id": "s3"},
        same | {"id": "s4", "provider": "acme"},
    ]
    assert server.post(sent).json()["accepted"] == 4
    assert _lines(server, day, day + 86_400) == [
        (_STORAGE, "0.3", "72", "gibibyte_hours"),
        (f"{_STORAGE}, unpriced", "0", "24", "gibibyte_hours"),
    ]


def test_a_sample_that_is_never_charged_is_not_an_event_without_a_price(server: Server) -> None:
    day = DAY + 14 * 86_400
    sample = event("vector_stores", provider="acme", vector_store_id="a")
    sent = [
        sample | {"id": f"unpriced-{hour}", "time": day + hour * 3_600, "usage_bytes": hour}
        for hour in range(1, 25)
    ]
    assert server.post(sent).json()["accepted"] == 24
    answer = _ask(server, day, day + 86_400, group_by="line_item")
    (row,) = answer.json()["data"][0]["results"]
    assert row["line_item"] == f"{_STORAGE}, unpriced"
    # One charge a day is made of 23 samples, and that is what has no price.
    assert answer.headers["tallybook-unpriced-events"] == "1"
