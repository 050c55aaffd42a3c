"""Bad events over HTTP: each is refused by index and field, and never costs its neighbours."""

import json
import time
from typing import Any

import httpx2
import pytest

from support.bad_events import BadEvent, bad_events
from support.events import DAY, event
from support.server import Server
from support.wire import fault, refusal

_BAD = bad_events(time.time())
NDJSON = {"Content-Type": "application/x-ndjson"}


def _name(number: int, bad: BadEvent) -> str:
    return f"{bad.kind}-{bad.field}-{number}"


def _requests(server: Server, start: int, end: int, kind: str = "embeddings") -> int:
    """How many events of a kind, sent with one request each, are stored in a span."""
    page = server.usage(kind, start_time=start, end_time=end, bucket_width="1m").json()
    rows = [row for bucket in page["data"] for row in bucket["results"]]
    return sum(row.get("num_model_requests", 1) for row in rows)


def _post(server: Server, lines: list[Any]) -> httpx2.Response:
    """Post events as NDJSON; what is bytes already is sent as it is."""
    packed = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    return server.http.post("/v1/events", content=b"\n".join(packed), headers=NDJSON)


def _lone(answer: httpx2.Response) -> dict[str, Any]:
    """The only refused event of a receipt."""
    (found,) = answer.json()["rejected"]
    assert sorted(found) == ["field", "id", "index", "reason"]
    line: dict[str, Any] = found
    return line


@pytest.mark.parametrize("number", range(len(_BAD)), ids=[_name(*bad) for bad in enumerate(_BAD)])
def test_a_bad_event_is_refused_by_its_field_and_its_neighbours_are_stored(
    server: Server, number: int
) -> None:
    bad = _BAD[number]
    minute = DAY + number * 60
    wrong = event(bad.kind, id=f"bad-{number}", time=minute + 30) | bad.changes
    before = event("embeddings", id=f"before-{number}", time=minute + 1)
    after = event("embeddings", id=f"after-{number}", time=minute + 59)

    alone = server.post(wrong)
    assert fault(alone) == refusal(bad.field, "events_rejected")
    found = _lone(alone)
    assert (found["index"], found["field"]) == (0, bad.field)
    assert bad.field.rpartition(".")[2] in found["reason"]
    wanted = wrong["id"] if isinstance(wrong["id"], str) else None
    assert found["id"] == wanted
    assert alone.json()["accepted"] == alone.json()["duplicates"] == 0

    among = server.post([before, wrong, after])
    assert among.status_code == 207
    assert {**among.json(), "rejected": []} == {
        "accepted": 2, "duplicates": 0, "conflicts": [], "rejected": []
    }  # fmt: skip
    assert _lone(among) == found | {"index": 1}

    again = _post(server, [before, after, wrong])
    assert again.status_code == 207
    assert again.json()["duplicates"] == 2
    assert _lone(again) == found | {"index": 2}

    assert _requests(server, minute, minute + 60) == 2
    if bad.kind != "embeddings":
        assert _requests(server, minute, minute + 60, bad.kind) == 0


@pytest.mark.parametrize("field", ["id", "time", "kind", "input_tokens", "output_tokens"])
def test_a_required_field_that_is_missing_is_named(server: Server, field: str) -> None:
    sent = event(id="incomplete")
    del sent[field]
    answer = server.post(sent)
    assert fault(answer) == refusal(field, "events_rejected")
    assert _lone(answer)["field"] == field


@pytest.mark.parametrize("thing", [None, 5, "event", [], [{"id": "x"}], True, 1.5])
def test_what_is_not_an_object_is_not_an_event(server: Server, thing: Any) -> None:
    minute = DAY - 7_200
    answer = server.post([thing, event("embeddings", id=f"beside-{thing}", time=minute)])
    assert answer.status_code == 207
    found = _lone(answer)
    assert (found["index"], found["id"], found["field"]) == (0, None, None)
    assert "object" in found["reason"]


# Lines that JSON does not have, beside numbers that it has and nothing can hold.
_BAD_LINES: dict[str, bytes] = {
    "cut off": b'{"id": "x", "time": 179081',
    "no JSON": b"good morning",
    "single quotes": b"{'id': 'x'}",
    "trailing comma": b'{"id": "x",}',
    "two objects": b'{"id": "x"} {"id": "y"}',
    "NaN": b'{"id":"x","time":1790812800,"kind":"embeddings","input_tokens":NaN}',
    "Infinity": b'{"id":"x","time":1790812800,"kind":"audio_transcriptions","seconds":Infinity}',
    "beyond a double": b'{"id":"x","time":1e999,"kind":"embeddings","input_tokens":5}',
    "leading zero": b'{"id":"x","time":01,"kind":"embeddings","input_tokens":5}',
    "invalid UTF-8 in an id": b'{"id":"\xff\xfe","time":1790812800,"kind":"embeddings"}',
    "invalid UTF-8 in a name": b'{"\xc3\x28":1}',
    "lone surrogate": b'{"id":"\\ud800","time":1790812800,"kind":"embeddings","input_tokens":5}',
    "raw control character": b'{"id":"a\x01b","time":1790812800,"kind":"embeddings"}',
    "byte order mark": b'\xef\xbb\xbf{"id":"x","time":1790812800,"kind":"embeddings"}',
    "deep lists": b"[" * 100_000,
    "deep tags": b'{"id":"x","tags":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
    "a million digits": b'{"id":"x","time":' + b"9" * 1_000_000 + b"}",
    "NUL": b"\x00",
}


@pytest.mark.parametrize("number", range(len(_BAD_LINES)), ids=[*_BAD_LINES])
def test_a_bad_line_among_good_ones_costs_only_itself(server: Server, number: int) -> None:
    line = [*_BAD_LINES.values()][number]
    start = DAY - 86_400 + number * 60
    good = [event("embeddings", id=f"line-{number}-{n}", time=start + n) for n in range(3)]
    answer = _post(server, [good[0], b"", good[1], line, b"  ", good[2], b""])
    assert answer.status_code == 207
    assert answer.json()["accepted"] == 3
    found = _lone(answer)
    # Its place among the events; empty lines are none.
    assert found["index"] == 2
    assert found["reason"]
    assert _requests(server, start, start + 60) == 3
    assert fault(_post(server, [line]))["code"] == "events_rejected"


def test_lines_may_end_as_on_windows_and_the_last_may_have_no_end(server: Server) -> None:
    start = DAY - 2 * 86_400
    lines = [json.dumps(event("embeddings", id=f"crlf-{n}", time=start)) for n in range(3)]
    body = "\r\n".join(lines).encode()
    answer = server.http.post("/v1/events", content=body, headers=NDJSON)
    assert (answer.status_code, answer.json()["accepted"]) == (200, 3)


def test_every_fault_of_a_request_is_told_in_the_order_of_its_events(server: Server) -> None:
    start = DAY - 3 * 86_400
    sent = [
        event("embeddings", id="first", time=start),
        event(id="second", time=start, input_cached_tokens=9_999),
        event("embeddings", id="third", time=start, modell="x"),
        {"id": "fourth"},
        event("embeddings", id="fifth", time=start),
        event("embeddings", id="sixth", time=5),
    ]
    answer = server.post(sent)
    assert answer.status_code == 207
    receipt = answer.json()
    assert receipt["accepted"] == 2
    assert [(line["index"], line["id"], line["field"]) for line in receipt["rejected"]] == [
        (1, "second", "input_cached_tokens"),
        (2, "third", "modell"),
        (3, "fourth", "kind"),
        (5, "sixth", "time"),
    ]


@pytest.mark.parametrize("text", ["true", "TRUE", "True"])
def test_atomic_stores_nothing_when_one_event_is_bad(server: Server, text: str) -> None:
    start = DAY - 4 * 86_400
    good = event("embeddings", id=f"atomic-{text}", time=start)
    bad = event("embeddings", id="atomic-bad", time=start, input_tokens=-1)
    answer = server.post([good, bad], atomic=text)
    assert fault(answer) == refusal("input_tokens", "events_rejected")
    assert (answer.json()["accepted"], _lone(answer)["index"]) == (0, 1)
    assert _requests(server, start, start + 60) == 0


def test_atomic_stores_nothing_when_one_event_conflicts_and_all_when_none_does(
    server: Server,
) -> None:
    start = DAY - 5 * 86_400
    stored = event("embeddings", id="kept", time=start, model="a")
    fresh = [event("embeddings", id=f"fresh-{n}", time=start) for n in range(3)]
    assert server.post(stored).is_success
    refused = server.post([*fresh, stored | {"model": "b"}], atomic="true")
    assert fault(refused) == refusal("model", "events_conflict", 409)
    assert refused.json()["accepted"] == 0
    assert _requests(server, start, start + 60) == 1
    taken = server.post([*fresh, stored], atomic="true")
    assert taken.status_code == 200
    assert (taken.json()["accepted"], taken.json()["duplicates"]) == (3, 1)
    assert _requests(server, start, start + 60) == 4


@pytest.mark.parametrize("text", ["maybe", "1", "yes", "truefalse"])
def test_an_atomic_that_is_neither_true_nor_false_is_refused(server: Server, text: str) -> None:
    start = DAY - 6 * 86_400
    answer = server.post(event("embeddings", id="never", time=start), atomic=text)
    assert fault(answer) == refusal("atomic", "invalid_value")
    assert _requests(server, start, start + 60) == 0


# What becomes of a request, by what it holds: new, known, conflicting and bad events.
_STATUSES: dict[str, tuple[int, str | None]] = {
    "new": (200, None),
    "known": (200, None),
    "new known": (200, None),
    "new new": (200, None),
    "new bad": (207, None),
    "known bad": (207, None),
    "new conflicting": (207, None),
    "known conflicting": (207, None),
    "new known conflicting bad": (207, None),
    "bad": (400, "events_rejected"),
    "bad bad": (400, "events_rejected"),
    "bad conflicting": (400, "events_rejected"),
    "conflicting": (409, "events_conflict"),
    "conflicting conflicting": (409, "events_conflict"),
}


@pytest.mark.parametrize("number", range(len(_STATUSES)), ids=[*_STATUSES])
def test_the_status_says_what_became_of_the_events(server: Server, number: int) -> None:
    words, (status, code) = [*_STATUSES][number].split(), [*_STATUSES.values()][number]
    start = DAY - 7 * 86_400 + number * 60
    stored = [event("embeddings", id=f"s-{number}-{n}", time=start, model="a") for n in range(4)]
    assert server.post(stored).json()["accepted"] == 4
    changes: dict[str, dict[str, Any]] = {
        "new": {"time": start + 1},
        "known": {},
        "conflicting": {"model": "b"},
        "bad": {"input_tokens": "many"},
    }
    answer = server.post([stored[n] | changes[word] for n, word in enumerate(words)])
    assert answer.status_code == status
    receipt = answer.json()
    assert (receipt["accepted"], receipt["duplicates"]) == (
        words.count("new"),
        words.count("known"),
    )
    for word, field, lines in (
        ("conflicting", "model", receipt["conflicts"]),
        ("bad", "input_tokens", receipt["rejected"]),
    ):
        assert [(line["index"], line["id"], line["field"]) for line in lines] == [
            (n, f"s-{number}-{n}", field) for n, found in enumerate(words) if found == word
        ]
    if code:
        assert fault(answer)["code"] == code
    else:
        assert sorted(receipt) == ["accepted", "conflicts", "duplicates", "rejected"]
    assert _requests(server, start, start + 60) == 4 + words.count("new")


def test_within_one_request_a_repeat_is_a_duplicate_and_a_contradiction_a_conflict(
    server: Server,
) -> None:
    start = DAY - 8 * 86_400
    sent = event("embeddings", id="twice", time=start, model="a")
    answer = server.post([sent, sent, sent | {"model": "b"}, sent])
    assert answer.status_code == 207
    receipt = answer.json()
    assert (receipt["accepted"], receipt["duplicates"]) == (1, 2)
    assert [(line["index"], line["field"]) for line in receipt["conflicts"]] == [(2, "model")]
    assert _requests(server, start, start + 60) == 1


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("kind", "embeddings", "moderations"),
        ("model", "a", None),
        ("batch", False, True),
        ("provider", "openai", "azure"),
        ("input_tokens", 5, 6),
        ("num_model_requests", 1, 2),
        ("tags", {"team": "a"}, {"team": "b"}),
        ("reported_cost", {"value": "1", "currency": "usd"}, {"value": "2", "currency": "usd"}),
        ("reported_cost", {"value": "1", "currency": "usd"}, {"value": "1", "currency": "eur"}),
    ],
)
def test_a_conflict_names_the_field_that_differs(
    server: Server, field: str, one: Any, other: Any
) -> None:
    sent = event("embeddings", id=f"{field} {one} {other}", time=DAY - 10 * 86_400)
    assert server.post(sent | {field: one}).json()["accepted"] == 1
    answer = server.post(sent | {field: other})
    assert fault(answer) == refusal(field, "events_conflict", 409)
    (line,) = answer.json()["conflicts"]
    assert (line["index"], line["id"], line["field"]) == (0, sent["id"], field)


def test_the_largest_and_the_earliest_that_is_allowed_is_taken_and_known_again(
    server: Server,
) -> None:
    longest: dict[str, Any] = {
        "id": "i" * 200,
        "time": 1_420_070_400,
        "model": "日" * 200,
        "tags": {f"{number:064}": "v" * 256 for number in range(16)},
        "input_tokens": 2**53 - 1,
        "num_model_requests": 2**53 - 1,
        "reported_cost": {"value": "9999999999999.999999999999999", "currency": "usd"},
    }
    events = [
        event("embeddings") | longest,
        event("audio_transcriptions", id="long", seconds=1_000_000_000),
        event("audio_transcriptions", id="soon", time=time.time() + 86_000, seconds=0.000001),
    ]
    assert server.post(events).json()["accepted"] == 3
    assert server.post(events).json()["duplicates"] == 3
    late = events[2] | {"id": "late", "time": time.time() + 86_800}
    assert fault(server.post(late)) == refusal("time", "events_rejected")


def test_after_all_of_this_the_server_answers_and_no_defect_is_in_its_log(server: Server) -> None:
    assert server.http.get("/readyz").status_code == 200
    sent = event("embeddings", id="last", time=DAY - 9 * 86_400)
    assert server.post(sent).json()["accepted"] == 1
    assert "Traceback" not in "".join(server.output)
