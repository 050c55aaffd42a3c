"""SQL wherever text goes: a value, found again as what it is, never part of a statement."""

from typing import Any

import httpx2
import pytest

from support.attacked import EVENTS, Attacked, tells_of_others
from support.events import DAY, event
from support.told_events import told
from tallybook.domain.kinds import KINDS
from tallybook.web.event_parameters import FILTERS as LIST_FILTERS
from tallybook.web.parameters import COSTS_FORM, OWN_SCALARS, SCALARS, usage_form

INJECTIONS = (
    "'",
    "''",
    '"',
    "\\",
    "';--",
    "' OR '1'='1",
    "' OR 1=1 --",
    "x') OR project_id LIKE ('proj_f%",
    "proj_own' UNION SELECT * FROM events --",
    "'); DROP TABLE events; --",
    "'; DELETE FROM events; --",
    "'; ATTACH 'x.db'; --",
    "'; COPY events TO '/tmp/stolen.csv'; --",
    "(SELECT project_id FROM events LIMIT 1)",
    "x'||(SELECT max(id) FROM events)||'",
    "1; PRAGMA database_list",
    "read_text('/etc/passwd')",
    "%' OR id LIKE '%",
    "/**/OR/**/1=1",
    "$1",
    "?",
    "? OR 1=1",
    "{}",
    "%s",
    "\u02bc OR 1=1 --",
    "\uff07 OR 1=1",
    "\x00' OR 1=1",
    "x\n; DROP TABLE events",
    "tag:'; DROP TABLE events; --",
    "$.team') OR true --",
    "/team') OR true --",
)
RANGE = {"start_time": DAY, "end_time": DAY + 86_400}
# Token counts, plain counts, a stock, and what has most filters: statements of every sort.
USAGE = {
    f"/v1/organization/usage/{name}": usage_form(KINDS[name])
    for name in ("completions", "images", "vector_stores")
}
FORMS = USAGE | {"/v1/organization/costs": COSTS_FORM}

every_injection = pytest.mark.parametrize("text", INJECTIONS, ids=ascii)


def harmless(answer: httpx2.Response) -> None:
    """Hold an answer to be a plain one, or a refusal, of one's own."""
    assert answer.status_code in (200, 400, 404), answer.text
    assert tells_of_others(answer) is None


@pytest.fixture(scope="module", autouse=True)
def everything_is_as_it_was(target: Attacked) -> Any:
    """What is stored is the same after all of it."""
    before = target.admin.get("/v1/events", params={"limit": 10_000}).json()["data"]
    assert len(before) == len(EVENTS)
    yield
    after = target.admin.get("/v1/events", params={"limit": 10_000}).json()["data"]
    posted = {each["id"] for each in after} - {each["id"] for each in before}
    assert [each for each in after if each["id"] not in posted] == before


@every_injection
def test_in_any_parameter_of_sums(target: Attacked, text: str) -> None:
    for path, form in FORMS.items():
        names = {*SCALARS, *OWN_SCALARS, "group_by", "group_by[]", "tags[team]", f"tags[{text}]"}
        names |= {each.name for each in form.filters} | {text}
        for name in names:
            harmless(target.bound.get(path, params=RANGE | {name: text}))
        keys: dict[str, Any] = {"group_by": [f"tag:{text[:60]}", "project_id"], "top": 1}
        harmless(target.bound.get(path, params=RANGE | keys))


@every_injection
def test_in_a_filter_it_matches_nothing(target: Attacked, text: str) -> None:
    for path, form in FORMS.items():
        free = [each for each in form.filters if not each.values and not each.boolean]
        for name in (*(each.name for each in free), "tags[team]", f"tags[{text}]"):
            answer = target.admin.get(path, params=RANGE | {name: text})
            assert answer.status_code == 200, answer.text
            found = [row for bucket in answer.json()["data"] for row in bucket["results"]]
            # An empty list is no filter.
            assert found == [] or not text.strip(" ,"), (path, name)


@every_injection
def test_in_any_parameter_of_lists_and_prices(target: Attacked, text: str) -> None:
    scalars = ("start_time", "end_time", "limit", "page")
    for name in (*scalars, *(each.name for each in LIST_FILTERS), "tags[team]", f"tags[{text}]"):
        for accept in ("application/json", "application/x-ndjson"):
            answer = target.bound.get("/v1/events", params={name: text}, headers={"Accept": accept})
            harmless(answer)
    for name in ("model", "provider", "kind", "at"):
        answer = target.bound.get("/v1/prices/list", params={"model": "m"} | {name: text})
        assert answer.status_code in (200, 400)
    answer = target.bound.get("/v1/prices/explanation", params={"event_id": text})
    assert answer.status_code == 404


@every_injection
def test_in_a_header_it_changes_nothing(target: Attacked, text: str) -> None:
    sent = text.encode("ascii", "ignore").replace(b"\0", b"").replace(b"\n", b"").strip() or b"x"
    path = "/v1/organization/costs"
    plain = target.bound.get(path, params=RANGE).json()
    for name in (b"OpenAI-Project", b"OpenAI-Organization", b"User-Agent", b"X-Request-Id"):
        answer = target.bound.get(path, params=RANGE, headers=[(name, sent)])
        assert answer.json() == plain


def test_in_every_field_of_an_event_it_is_kept_and_found_as_what_it_is(target: Attacked) -> None:
    fields = ("id", "model", "user_id", "api_key_id", "provider", "service_tier")
    sent = [
        event(
            id=f"{place}-{text}",
            time=DAY + 40_000 + place,
            project_id=text,
            **{name: text for name in fields if name != "id"},
            tags={text[:60]: text},
        )
        for place, text in enumerate(INJECTIONS)
    ]
    assert target.admin.post("/v1/events", json=sent).json()["accepted"] == len(sent)
    for place, (text, each) in enumerate(zip(INJECTIONS, sent, strict=True)):
        for name, value in (("user_ids[]", text), (f"tags[{text[:60]}]", text)):
            if "," in text and name == "user_ids[]":
                continue
            found = target.admin.get("/v1/events", params={name: value, "start_time": DAY + 40_000})
            assert told(each) in found.json()["data"], (place, name)
        explained = target.admin.get("/v1/prices/explanation", params={"event_id": each["id"]})
        assert [one["id"] for one in explained.json()["data"]] == [each["id"]]
    grouped = target.admin.get(
        "/v1/organization/usage/completions",
        params=RANGE | {"group_by": ["project_id", "user_id"], "bucket_width": "1d"},
    )
    (bucket,) = grouped.json()["data"]
    assert {(text, text) for text in INJECTIONS} <= {
        (row["project_id"], row["user_id"]) for row in bucket["results"]
    }


def test_in_the_events_of_a_bound_key_it_reaches_no_other_project(target: Attacked) -> None:
    before = target.admin.get("/v1/events", params={"limit": 10_000}).json()["data"]
    for text in INJECTIONS:
        answer = target.bound.post("/v1/events", json=event(id="req_new", project_id=text))
        assert answer.status_code == 400
        assert answer.json()["rejected"][0]["field"] == "project_id"
    assert target.admin.get("/v1/events", params={"limit": 10_000}).json()["data"] == before
