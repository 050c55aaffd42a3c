"""Memory: it does not grow with what is stored."""

import http.client
import os
import random
import threading
import time
from pathlib import Path

import pytest

from faults.book import seeded
from support.events import DAY
from support.server import INGEST_KEY, Server, running

RSS_MAX_BYTES = 1 << 30
CONNECTIONS = 4
BATCH = 1_000
SPAN_SECONDS = 30 * 86_400
# So little that the rows of one question do not fit, and what is stored does.
MEMORY_MAX_BYTES = 48 << 20
QUESTION_EVENTS = 40_000
MODELS = [f"gpt-5.{version}-2026-0{version + 1}-11" for version in range(7)]
MODELS += [f"claude-opus-4-{version}-20260{version + 1}01" for version in range(7)]
TEAMS = [f"team-{number:02}" for number in range(40)]

_EVENT = (
    '{"id":"chatcmpl-%016x%08x","time":%d.%06d,"kind":"completions","provider":"%s","model":"%s",'
    '"project_id":"proj_%03d","user_id":"user-%04d","api_key_id":"key_%05d","service_tier":'
    '"default","input_tokens":%d,"input_cached_tokens":%d,"output_tokens":%d,'
    '"tags":{"team":"%s","env":"%s"}}'
)


def event_text(random_: random.Random, number: int, second: int) -> str:
    """An event as a gateway would send it, about 330 bytes."""
    model = random_.choice(MODELS)
    cached = random_.randrange(2_000)
    key = random_.randrange(10_000)
    return _EVENT % (
        random_.getrandbits(64),
        number,
        second,
        random_.randrange(1_000_000),
        "openai" if model.startswith("gpt") else "anthropic",
        model,
        key % 200,
        random_.randrange(5_000),
        key,
        cached + random_.randrange(6_000),
        cached,
        random_.randrange(1_500),
        TEAMS[key % 40],
        ("prod", "staging")[key % 2],
    )


def post_events(server: Server, first: int, count: int, all_count: int) -> None:
    """Post ``count`` events in batches over one connection; time goes on with their number."""
    random_ = seeded(f"memory {first}")
    connection = http.client.HTTPConnection(server.address.removeprefix("http://"), timeout=120)
    headers = {"Authorization": f"Bearer {INGEST_KEY}", "Content-Type": "application/json"}
    for start in range(0, count, BATCH):
        second = DAY + (CONNECTIONS * start * SPAN_SECONDS) // all_count
        lines = [event_text(random_, first + start + row, second) for row in range(BATCH)]
        connection.request("POST", "/v1/events", f"[{','.join(lines)}]".encode(), headers)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 200, text
    connection.close()


def memory_bytes(server: Server, name: str) -> int:
    """``VmRSS`` or ``VmHWM`` of the server's process."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith(name))


def ask_much(server: Server, count: int) -> None:
    """Some large queries; the first of them counts the events."""
    page = server.usage(
        "completions", start_time=DAY, end_time=DAY + SPAN_SECONDS, limit=31, bucket_width="1d"
    ).json()
    found = (result for bucket in page["data"] for result in bucket["results"])
    assert sum(result["num_model_requests"] for result in found) == count
    for group_by in ("user_id", "api_key_id", "project_id,user_id,model"):
        answer = server.usage(
            "completions",
            start_time=DAY,
            end_time=DAY + SPAN_SECONDS,
            limit=2,
            group_by=group_by,
        )
        assert answer.status_code == 200


def measure(server: Server, count: int) -> None:
    """Post many events and ask about them; the server's memory must stay in bounds."""
    each = count // CONNECTIONS
    faults: list[BaseException] = []

    def post_part(part: int) -> None:
        try:
            post_events(server, part * each, each, count)
        except BaseException as fault:
            faults.append(fault)
            raise

    began = time.monotonic()
    posters = [
        threading.Thread(target=post_part, args=(part,), daemon=True) for part in range(CONNECTIONS)
    ]
    for poster in posters:
        poster.start()
    reports = 0
    while any(poster.is_alive() for poster in posters):
        seconds, rss = time.monotonic() - began, memory_bytes(server, "VmRSS")
        assert rss < RSS_MAX_BYTES
        if seconds >= reports * 10:
            print(f"{seconds:6.0f} s  {rss >> 20:5} MiB")
            reports += 1
        posters[0].join(0.2)
        posters[-1].join(0.2)
    seconds = time.monotonic() - began
    assert not faults
    posted, posting_peak = (memory_bytes(server, name) for name in ("VmRSS", "VmHWM"))
    ask_much(server, count)
    rss, peak = (memory_bytes(server, name) for name in ("VmRSS", "VmHWM"))
    print(
        f"{count} events in {seconds:.0f} s, {count / seconds:.0f} a second:"
        f" {posted >> 20} MiB resident, at most {posting_peak >> 20} MiB;"
        f" {rss >> 20} MiB after large queries, at most {peak >> 20} MiB"
    )
    assert posting_peak < RSS_MAX_BYTES
    assert rss < RSS_MAX_BYTES


def test_events_are_as_long_as_real_ones() -> None:
    lines = [event_text(seeded("length"), number, DAY) for number in range(100)]
    assert 300 < sum(map(len, lines)) / len(lines) < 360


def test_300_000_events_stay_under_one_gibibyte(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        measure(server, 300_000)


@pytest.mark.skipif(os.environ.get("TALLYBOOK_LONG") != "1", reason="takes minutes")
def test_5_000_000_events_stay_under_one_gibibyte(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        measure(server, 5_000_000)


def test_a_question_over_the_memory_limit_is_refused_and_costs_nobody_else(tmp_path: Path) -> None:
    environment = {"TALLYBOOK_MEMORY_MAX_BYTES": str(MEMORY_MAX_BYTES)}
    with running(tmp_path, environment) as server:
        post_events(server, 0, QUESTION_EVENTS, CONNECTIONS * QUESTION_EVENTS)
        asked = {
            "start_time": DAY,
            "end_time": DAY + SPAN_SECONDS,
            "bucket_width": "1h",
            "limit": 168,
            "group_by": "project_id,user_id,api_key_id,model",
        }
        answer = server.usage("completions", **asked)
        assert answer.status_code == 503, answer.status_code
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.json()["error"]["code"] == "overloaded"
        assert "memory_max_bytes" in answer.json()["error"]["message"]
        # The server lives: it stores, and answers what fits.
        post_events(server, QUESTION_EVENTS, BATCH, CONNECTIONS * BATCH)
        page = server.usage(
            "completions", start_time=DAY, end_time=DAY + SPAN_SECONDS, limit=31, bucket_width="1d"
        )
        assert page.status_code == 200
        found = (result for bucket in page.json()["data"] for result in bucket["results"])
        assert sum(row["num_model_requests"] for row in found) == QUESTION_EVENTS + BATCH
