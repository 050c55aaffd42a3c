"""A key bound to one project tries to reach others by filters, groups, ranks and exports."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import streams
from support.attacked import (
    BOUND,
    CANARY,
    FOREIGN,
    OTHERS_EVENTS,
    OWN,
    OWN_EVENTS,
    Attacked,
    tells_of_others,
)
from support.command import run
from support.events import DAY
from support.told_events import told
from support.wire import fault, refusal
from tallybook.domain.kinds import KINDS

END = DAY + 2 * 86_400
COSTS = "/v1/organization/costs"
USAGE = tuple(f"/v1/organization/usage/{kind}" for kind in KINDS)
PAGES = (*USAGE, COSTS)
LEGACY = tuple(f"/compat/2.3.0{path}" for path in PAGES)
every_page = pytest.mark.parametrize("path", [*PAGES, *LEGACY])


def rows(answer: httpx2.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return [row for bucket in answer.json()["data"] for row in bucket["results"]]


def asked(**more: Any) -> dict[str, Any]:
    return {"start_time": DAY, "end_time": END, "bucket_width": "1d", **more}


def test_the_search_finds_what_is_told_of_others(target: Attacked) -> None:
    # Whoever may see everything does: or the tests below would pass by seeing nothing.
    for path in PAGES:
        assert tells_of_others(target.admin.get(path, params=asked())) is not None
        assert tells_of_others(target.elsewhere.get(path, params=asked())) is not None
    assert tells_of_others(target.admin.get("/v1/events")) is not None


@every_page
def test_its_sums_are_those_of_its_own_events(target: Attacked, path: str) -> None:
    answer = target.bound.get(path, params=asked())
    assert tells_of_others(answer) is None
    (row,) = rows(answer)
    filtered = target.admin.get(path, params=asked(project_ids=OWN))
    assert rows(filtered) == [row]
    # For nobody else's events is anything said to be unpriced.
    name = "tallybook-unpriced-events"
    assert answer.headers.get(name) == filtered.headers.get(name)


@every_page
@pytest.mark.parametrize(
    "filters",
    [
        {"project_ids": FOREIGN},
        {"project_ids[]": FOREIGN},
        {"project_ids[0]": FOREIGN},
        {"project_ids": "null"},
        {"project_ids": [FOREIGN, f"{FOREIGN}2"]},
    ],
)
def test_a_filter_on_another_project_matches_nothing(
    target: Attacked, path: str, filters: dict[str, Any]
) -> None:
    answer = target.bound.get(path, params=asked(**filters))
    assert rows(answer) == []
    # The buckets are there, as for an id that nobody has.
    nobody = target.bound.get(path, params=asked(project_ids="proj_nobody"))
    assert answer.json()["data"] == nobody.json()["data"] != []


@every_page
def test_a_filter_on_its_own_and_another_gives_its_own(target: Attacked, path: str) -> None:
    both = asked(project_ids=f"{OWN},{FOREIGN}", group_by="project_id")
    (row,) = rows(target.bound.get(path, params=both))
    assert row["project_id"] == OWN


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("more", [{}, {"top": 1}, {"top": 1000}])
@pytest.mark.parametrize("width", ["1d", "1h"])
def test_groups_and_ranks_are_of_its_own(
    target: Attacked, path: str, width: str, more: dict[str, Any]
) -> None:
    kind = KINDS.get(path.rpartition("/")[2])
    keys = ("project_id", "model", "tag:team") if kind is None else kind.query_dimensions
    for key in keys:
        answer = target.bound.get(path, params=asked(bucket_width=width, group_by=key) | more)
        assert tells_of_others(answer) is None
        if key == "project_id":
            # With a rank there is a last row for the rest: of others there is no rest.
            assert {row["project_id"] for row in rows(answer)} == {OWN}


@every_page
@pytest.mark.parametrize(
    "headers",
    [
        {"OpenAI-Project": FOREIGN},
        {"OpenAI-Organization": "org-any"},
        {"X-Forwarded-For": "127.0.0.1", "X-Original-URL": COSTS, "X-Rewrite-URL": COSTS},
        {"X-HTTP-Method-Override": "POST"},
        {"Authorization": f"Bearer {BOUND.secret}", "X-Project-Id": FOREIGN},
        {"Range": "bytes=0-"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_no_header_widens_what_it_is_shown(
    target: Attacked, path: str, headers: dict[str, str]
) -> None:
    plain = target.bound.get(path, params=asked())
    answer = target.bound.get(path, params=asked(), headers=headers)
    assert tells_of_others(answer) is None
    assert rows(answer) == rows(plain)


@pytest.mark.parametrize("path", PAGES)
def test_the_old_dialect_by_its_user_agent_tells_no_more(target: Attacked, path: str) -> None:
    headers = {"User-Agent": "OpenAPI-Generator/1.1.1-pre.0/python"}
    answer = target.bound.get(path, params=asked(group_by="project_id"), headers=headers)
    assert tells_of_others(answer) is None
    assert all("result" in bucket for bucket in answer.json()["data"])


@every_page
def test_a_validator_vouches_for_its_own_key_alone(target: Attacked, path: str) -> None:
    sealed = asked(end_time=DAY + 86_400)
    answers = [
        client.get(path, params=sealed)
        for client in (target.admin, target.bound, target.two, target.elsewhere)
    ]
    tags = [answer.headers["etag"] for answer in answers]
    assert len({*tags}) == len(tags)
    for tag in tags:
        again = target.bound.get(path, params=sealed, headers={"If-None-Match": tag})
        assert again.status_code == (304 if tag == tags[1] else 200)
        assert tells_of_others(again) is None
    anything = target.bound.get(path, params=sealed, headers={"If-None-Match": "*"})
    assert (anything.status_code, anything.headers["etag"]) == (304, tags[1])
    # Who tries the filter of its own validator gets nothing by it.
    other = target.bound.get(
        path, params=sealed | {"project_ids": FOREIGN}, headers={"If-None-Match": tags[3]}
    )
    assert rows(other) == []


@pytest.mark.parametrize("accept", ["application/json", "application/x-ndjson"])
@pytest.mark.parametrize(
    "more", [{}, {"project_ids": FOREIGN}, {"tags[team]": CANARY}, {"models": f"m-{CANARY}"}]
)
def test_a_list_of_events_has_its_own(target: Attacked, accept: str, more: dict[str, Any]) -> None:
    answer = target.bound.get("/v1/events", params=more, headers={"Accept": accept})
    assert tells_of_others(answer) is None
    if accept == "application/json":
        wanted = [] if more else sorted(OWN_EVENTS, key=lambda each: (each["time"], each["id"]))
        assert answer.json()["data"] == [told(each) for each in wanted]


def test_what_others_events_cost_is_explained_like_events_that_nobody_has(
    target: Attacked,
) -> None:
    for each in OTHERS_EVENTS[:40]:
        answer = target.bound.get("/v1/prices/explanation", params={"event_id": each["id"]})
        assert fault(answer) == refusal("event_id", "unknown_event", 404)
    for each in OWN_EVENTS[:4]:
        answer = target.bound.get("/v1/prices/explanation", params={"event_id": each["id"]})
        assert answer.status_code == 200
        assert tells_of_others(answer) is None


def test_cards_and_repricings_of_all_are_closed_to_it(target: Attacked) -> None:
    for method, path in (
        ("GET", "/v1/prices/cards"),
        ("GET", "/v1/prices/repricings"),
        ("HEAD", "/v1/prices/cards"),
    ):
        answer = target.bound.request(method, path)
        assert answer.status_code == 401
        if method == "GET":
            assert fault(answer) == refusal(None, "project_bound_key", 401)
    # It has no scope for that, which is asked first.
    answer = target.bound.post("/v1/prices/repricings", json={"since": DAY, "apply": True})
    assert fault(answer) == refusal(None, None, 401)


def test_the_official_client_gets_its_own(target: Attacked) -> None:
    with openai.OpenAI(
        base_url=f"{target.bound.base_url}/v1",
        admin_api_key=BOUND.secret,
        project=FOREIGN,
        max_retries=0,
    ) as client:
        usage = client.admin.organization.usage
        page = usage.completions(
            start_time=DAY, end_time=END, group_by=["project_id"], project_ids=[OWN, FOREIGN]
        )
        found = [row for bucket in page.data for row in bucket.results]
        assert {row.project_id for row in found} == {OWN}
        costs = usage.costs(start_time=DAY, end_time=END, group_by=["project_id", "line_item"])
        lines = [row for bucket in costs.data for row in bucket.results]
        assert {row.project_id for row in lines} == {OWN}
        assert CANARY not in page.to_json() + costs.to_json()


@pytest.mark.parametrize("form", [[], ["--project", FOREIGN]])
def test_an_export_by_the_command_line_has_its_own(
    target: Attacked, tmp_path: Path, form: list[str]
) -> None:
    result = run(
        "export", "--url", target.bound.base_url, *form,
        variables={"TALLYBOOK_ADMIN_KEY": BOUND.secret}, folder=tmp_path,
    )  # fmt: skip
    assert CANARY not in result.stdout + result.stderr
    assert FOREIGN not in result.stdout
    if not form:
        assert result.stdout.count("\n") == len(OWN_EVENTS)


_VALUES = (OWN, FOREIGN, "proj_third", "m-shared", f"m-{CANARY}", "user-shared", CANARY, "shared")
_TEXTS = st.one_of(st.sampled_from((*_VALUES, *streams.AWKWARD)), st.text(max_size=20))
_NAMES = st.sampled_from(
    (
        "project_ids", "project_ids[]", "user_ids", "api_key_ids", "models", "batch", "sources",
        "sizes", "vector_store_ids", "context_levels", "line_items", "providers", "currencies",
        "tags[team]", f"tags[{CANARY}]", "tags[project_id]", "kinds", "page", "timezone",
    )
)  # fmt: skip
_KEYS = (
    "project_id", "user_id", "api_key_id", "model", "provider", "line_item", "currency",
    "service_tier", "tag:team", "tag:project_id",
)  # fmt: skip
_PLAIN = st.fixed_dictionaries(
    {"start_time": st.integers(DAY, DAY + 86_400)},
    optional={
        "group_by": st.lists(st.sampled_from(_KEYS), max_size=3),
        "bucket_width": st.sampled_from(("1m", "5m", "1h", "1d", "1w", "1mo")),
        "limit": st.integers(-1, 200),
        "top": st.integers(0, 4),
        "order_by": st.sampled_from(("amount", "input_tokens", "num_model_requests", "x")),
        "timezone": st.sampled_from(("UTC", "Asia/Kathmandu", "Europe/Paris", "../../etc/passwd")),
        "end_time": st.integers(DAY, END + 9),
    },
)


@settings(streams.UNHURRIED, max_examples=250)
@given(
    path=st.sampled_from((*PAGES, *LEGACY, "/v1/events", "/v1/prices/explanation")),
    plain=_PLAIN,
    filters=st.lists(st.tuples(_NAMES, _TEXTS), max_size=3),
)
def test_nothing_that_can_be_asked_tells_of_others(
    target: Attacked,
    path: str,
    plain: dict[str, Any],
    filters: list[tuple[str, str]],
) -> None:
    query = urlencode([*plain.items()], doseq=True)
    query += "&" + urlencode([*filters, ("event_id", filters[0][1] if filters else FOREIGN)])
    if path == "/v1/events":
        # It refuses what it does not know.
        query = urlencode([("start_time", plain["start_time"]), *filters])
    for accept in ("*/*", "application/x-ndjson"):
        answer = target.bound.get(f"{path}?{query}", headers={"Accept": accept})
        assert answer.status_code in (200, 400, 404), answer.text
        if answer.status_code == 200:
            assert tells_of_others(answer) is None
