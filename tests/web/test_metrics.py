"""``/metrics``: what a server tells of itself, in both formats, to whom, and in how many series."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as read_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as read_text

from support.events import DAY, event
from support.inprocess import serving
from support.keys import Kept, keep
from support.ledgers import opened
from support.server import ADMIN_KEY, Server, running
from support.wire import fault
from tallybook.domain.errors import TallybookError
from tallybook.organization.scopes import Scope
from tallybook.web.metering.meters import FIELDS, Meters, code_of
from tallybook.web.routes import DOORS

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


def series(http: httpx2.Client) -> Series:
    """Every sample by its name and labels."""
    answer = http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in read_text(answer.text)
        for sample in family.samples
    }


def value(found: Series, name: str, **labels: str) -> float:
    return found.get((f"tallybook_{name}", frozenset(labels.items())), 0)


@pytest.fixture
def http(tmp_path: Path) -> Iterator[httpx2.Client]:
    """A server of its own, whose counts are of one test."""
    with opened(tmp_path) as ledger, serving(ledger, tmp_path) as client:
        yield client


def test_events_are_counted_by_what_became_of_them(http: httpx2.Client) -> None:
    first = event(id="a", model="nobodys")
    for sent in (
        [first, event(id="b")],
        [first, event(id="b", input_tokens=1)],
        [event(id="c", time=3), event(id="d", bogus=1), 7, event(id="e")],
    ):
        http.post("/v1/events", json=sent)
    found = series(http)
    assert value(found, "events_accepted_total") == 3
    assert value(found, "events_duplicate_total") == 1
    assert value(found, "events_conflicting_total") == 1
    rejected = {name: value(found, "events_rejected_total", field=name) for name in FIELDS}
    assert {name: count for name, count in rejected.items() if count} == {"time": 1}
    assert value(found, "events_rejected_total", field="unknown") == 1
    assert value(found, "events_rejected_total", field="none") == 1
    assert value(found, "ingest_body_bytes_total") > 300


def test_requests_are_counted_by_route_and_errors_by_code(http: httpx2.Client) -> None:
    http.get("/v1/organization/projects/proj_a", headers={"x": "1"})
    http.get("/v1/organization/projects/proj_b")
    http.get("/nowhere/at/all")
    http.get("/v1/organization/costs")
    route = "/v1/organization/projects/{project_id}"
    found = series(http)
    named = {"method": "GET", "status": "4xx"}
    assert value(found, "request_seconds_count", route=route, **named) == 2
    assert value(found, "request_seconds_count", route="none", method="none", status="4xx") == 1
    assert value(found, "requests_refused_total", status="404", code="not_found") == 2
    assert value(found, "requests_refused_total", status="404", code="unknown_path") == 1
    code = "missing_required_parameter"
    assert value(found, "requests_refused_total", status="400", code=code) == 1


def test_readings_are_those_of_now(http: httpx2.Client) -> None:
    http.post("/v1/events", json=event(id="a", time=DAY + 86_400, model="nobodys"))
    found = series(http)
    assert value(found, "unpriced_events") == 1
    assert value(found, "ledger_up") == 1
    # Two that settings give, and one more.
    assert value(found, "keys_in_force") == 3
    assert value(found, "queue_bytes") == 0
    assert value(found, "file_bytes", file="ledger") + value(found, "file_bytes", file="log") > 0
    # The hour after midnight of the second day was over 23 hours ago, and the grace after it.
    assert value(found, "seal_lag_seconds") == 86_400 - 3_600 - 600
    assert value(found, "engine_memory_max_bytes") > value(found, "engine_memory_bytes") > 0


def test_commits_are_counted_with_their_events(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        server.post([event(id=str(n)) for n in range(7)])
        found = series(server.http)
    assert value(found, "commit_seconds_count") == 1
    assert value(found, "commit_entries_sum") == 7
    assert value(found, "connections") >= 1


def test_hours_that_are_sealed_are_counted_and_told(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        server.post(event(time=DAY))
        found = series(server.http)
        # They are sealed before they are counted.
        while not (value(found, "sealed_days") and value(found, "hours_sealed_total")):
            assert server.process.poll() is None
            found = series(server.http)
    assert value(found, "hours_sealed_total") == value(found, "sealed_hours") == 24
    assert value(found, "seal_lag_seconds") == 0


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("", "text/plain; version=0.0.4"),
        ("text/plain;version=x;escaping=y", "text/plain; version=0.0.4"),
        ("application/openmetrics-text;version=1.0.0;q=0.5", "application/openmetrics-text"),
        ("application/openmetrics-text; version=nonsense", "application/openmetrics-text"),
    ],
)
def test_the_format_is_the_one_that_is_asked_for(server: Server, accept: str, media: str) -> None:
    answer = server.http.get("/metrics", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith(media)
    read = read_openmetrics if "openmetrics" in media else read_text
    assert "tallybook_events_accepted" in {family.name for family in read(answer.text)}


def test_a_bound_key_is_refused_and_a_key_that_reads_usage_is_not(tmp_path: Path) -> None:
    reads = frozenset({Scope.USAGE_READ})
    free, bound = Kept("free", reads), Kept("bound", reads, ("proj_a",))
    keep(tmp_path, free, bound)
    with running(tmp_path) as server:
        for key, status in ((free, 200), (bound, 401)):
            headers = {"Authorization": f"Bearer {key.secret}"}
            assert server.http.get("/metrics", headers=headers).status_code == status
        bare = httpx2.get(f"{server.address}/metrics", trust_env=False)
        assert fault(bare)["status"] == 401


def test_metrics_are_open_where_the_settings_say_so(tmp_path: Path) -> None:
    with running(tmp_path, {"TALLYBOOK_METRICS_OPEN": "1"}) as server:
        bare = httpx2.get(f"{server.address}/metrics", trust_env=False)
        assert bare.status_code == 200
        assert httpx2.get(f"{server.address}/v1/doctor", trust_env=False).status_code == 401
        assert ADMIN_KEY not in bare.text


def errors(root: type[TallybookError] = TallybookError) -> Iterator[type[TallybookError]]:
    yield root
    for child in root.__subclasses__():
        yield from errors(child)


def test_nothing_that_a_client_sends_becomes_a_label(http: httpx2.Client) -> None:
    for n in range(50):
        http.get(f"/path-{n}")
        http.request(f"METHOD{n}", f"/v1/organization/projects/proj_{n}")
        http.get(f"/v1/organization/projects/proj_{n}")
        http.post("/v1/events", json=event(id=f"e{n}", model=f"m{n}") | {f"field{n}": 1})
        http.post("/v1/events", json=event(id=f"e{n}", tags={f"t{n}": 5}))
    found = series(http)
    told = {
        (name, text) for _, labels in found for name, text in labels if name not in ("le", "file")
    }
    allowed = {
        "route": {door.path for door in DOORS} | {"none"},
        "method": {door.method for door in DOORS} | {"none"},
        "status": {"2xx", "3xx", "4xx", "5xx", *(str(int(each.status)) for each in errors())},
        "code": {code_of(each) for each in errors()},
        "field": {*FIELDS, "none", "unknown"},
    }
    for name, text in told:
        assert name in ("version", "python", "engine", "data") or text in allowed[name]
    assert len(found) < 250


def test_all_that_could_ever_be_counted_is_bounded() -> None:
    meters = Meters()
    for door in DOORS:
        for status in (200, 304, 404, 503):
            meters.answered(door.path, door.method, status, 0.1)
    for each in errors():
        meters.refused(each("no"))
    samples = [s for family in meters.registry.collect() for s in family.samples]
    # 16 of each histogram: its buckets, its sum, its count, and when it was made.
    assert len(samples) < len(DOORS) * 4 * 16 + 200


def test_every_metric_is_named_as_prometheus_wants_it(http: httpx2.Client) -> None:
    text = http.get("/metrics", headers={"Accept": "application/openmetrics-text"}).text
    for family in read_openmetrics(text):  # type: ignore[no-untyped-call]
        assert re.fullmatch(r"(tallybook|process)_[a-z0-9_]+", family.name)
        assert family.documentation.endswith(".")
        assert not [s for s in family.samples if s.name.endswith("_created")]
