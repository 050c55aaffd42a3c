"""One stored event, and events that are voided, over HTTP."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import jsonschema
import pytest

from support.events import DAY, event
from support.inprocess import NOW, serving
from support.keys import Kept, keep
from support.ledgers import opened, store
from support.server import INGEST_KEY
from support.told_events import told
from support.wire import fault, refusal
from tallybook.domain.errors import Overloaded, StorageFull
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.organization.organization import open_organization
from tallybook.organization.records import Actor, Means
from tallybook.organization.scopes import Scope
from tallybook.web.openapi import openapi_document
from tallybook.web.routes import DOORS

DOCUMENT = openapi_document(DOORS)
USAGE = f"/v1/organization/usage/completions?start_time={DAY}&end_time={DAY + 86_400}"
MARK = {"at": NOW, "by": "key_admin_setting", "reason": "counted twice"}
BOUND = Kept("bound", frozenset({Scope.USAGE_READ, Scope.USAGE_WRITE}), ("proj_own",))

ONE = event(id="one", time=DAY + 1, project_id="proj_own", input_tokens=10, output_tokens=0)
TWO = ONE | {"id": "two", "project_id": "proj_foreign", "input_tokens": 100}
TWINS = [ONE | {"id": "twin", "time": DAY + n + 0.5, "input_tokens": 1_000} for n in range(2)]
ODD = [
    ONE | {"id": name, "input_tokens": 0}
    for name in (
        "a/b/../c",
        "void",
        " spaces ",
        "per%20cent + & = # ?",
        "naïve 日本",
        "a//",
        "n" * 200,
    )
]
EVENTS = [ONE, TWO, *TWINS, *ODD]


class House:
    """A ledger, and a server over it."""

    def __init__(self, ledger: DuckDBLedger, http: httpx2.Client, folder: Path) -> None:
        self.ledger = ledger
        self.http = http
        self.folder = folder

    def void(self, body: Any, key: str | None = None) -> httpx2.Response:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return self.http.post("/v1/events/void", json=body, headers=headers)

    def voided(self, **wish: Any) -> list[dict[str, Any]]:
        """The events of a good answer, which is as described."""
        answer = self.void({"reason": "counted twice"} | wish)
        assert answer.status_code == 200, answer.text
        described(answer.json(), "VoidedEvents")
        data: list[dict[str, Any]] = answer.json()["data"]
        return data

    def tokens(self) -> int:
        (bucket,) = self.http.get(USAGE).json()["data"]
        return sum(row["input_tokens"] for row in bucket["results"])

    def listed(self, voids: str) -> list[str]:
        data = self.http.get("/v1/events", params={"voided": voids}).json()["data"]
        return [each["id"] for each in data]

    def log(self) -> list[dict[str, Any]]:
        parameters: dict[str, Any] = {
            "event_types[]": "event.voided",
            "include[]": "changes",
            "limit": 100,
        }
        answer = self.http.get("/v1/organization/audit_logs", params=parameters)
        data: list[dict[str, Any]] = answer.json()["data"]
        return data


def described(value: Any, name: str) -> None:
    reference = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    jsonschema.validate(value, reference)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    keep(tmp_path, BOUND)
    with opened(tmp_path) as ledger:
        store(ledger, *EVENTS)
        with serving(ledger, tmp_path) as http:
            yield House(ledger, http, tmp_path)


def test_a_voided_event_is_answered_marked_and_in_no_sum(house: House) -> None:
    assert house.tokens() == 2_110
    assert house.voided(id="one") == [told(ONE) | {"voided": MARK}]
    assert house.tokens() == 2_100
    assert "one" not in house.listed("exclude")
    assert house.listed("only") == ["one"]
    assert sorted(house.listed("include")) == sorted(each["id"] for each in EVENTS)
    found = house.http.get("/v1/events/one").json()
    described(found, "StoredEvent")
    assert found == told(ONE) | {"voided": MARK}


def test_voiding_again_answers_the_same_and_changes_nothing(house: House) -> None:
    first = house.voided(id="one", reason=" counted twice ")
    assert house.voided(id="one", reason="another reason") == first
    assert house.voided(id="one", time=DAY + 1) == first
    assert len(house.log()) == 1


def test_who_why_and_what_is_in_the_audit_log(house: House) -> None:
    house.voided(events=[{"id": "two"}, {"id": "twin", "time": DAY + 1.5}])
    log = {each["changes"]["subject_id"]: each for each in house.log()}
    assert {name: each["changes"]["after"] for name, each in log.items()} == {
        "two": {"time": str(DAY + 1), "reason": "counted twice"},
        "twin": {"time": f"{DAY + 1}.5", "reason": "counted twice"},
    }
    assert log["two"]["project"]["id"] == "proj_foreign"
    assert log["two"]["actor"]["api_key"]["id"] == "key_admin_setting"
    assert log["two"]["event.voided"] == {"id": "two"}


def test_several_are_voided_together_or_none_is(house: House) -> None:
    answer = house.void({"events": [{"id": "one"}, {"id": "none"}], "reason": "x"})
    assert fault(answer) == refusal("id", "unknown_event", 404)
    answer = house.void({"events": [{"id": "one"}, {"id": "twin"}], "reason": "x"})
    assert fault(answer) == refusal("time", "ambiguous_event")
    assert (house.tokens(), house.listed("only"), house.log()) == (2_110, [], [])
    data = house.voided(events=[{"id": "two"}, {"id": "one"}, {"id": "two", "time": DAY + 1}])
    assert [each["id"] for each in data] == ["two", "one"]
    assert house.tokens() == 2_000


def test_of_events_with_one_id_the_time_says_which_and_an_error_lists_the_times(
    house: House,
) -> None:
    for answer in (house.void({"id": "twin", "reason": "x"}), house.http.get("/v1/events/twin")):
        assert fault(answer) == refusal("time", "ambiguous_event")
        said = answer.json()["error"]["message"]
        assert (
            f"2 events have the id 'twin': say which by its time, one of {DAY}.5, {DAY + 1}.5."
            in said
        )
    for time in (
        f"{DAY}.5",
        f"{DAY}.500000",
        "2026-10-01T00:00:00.5Z",
        "2026-10-01T02:00:00.5+02:00",
    ):
        answer = house.http.get("/v1/events/twin", params={"time": time})
        assert answer.json() == told(TWINS[0])
    (gone,) = house.voided(id="twin", time="2026-10-01T00:00:00.5Z")
    assert gone == told(TWINS[0]) | {"voided": MARK}
    assert house.tokens() == 1_110
    # Both still have the id.
    assert house.http.get("/v1/events/twin").status_code == 400


@pytest.mark.parametrize("name", [each["id"] for each in ODD])
def test_an_event_is_found_by_whatever_its_id_is(house: House, name: str) -> None:
    path = httpx2.URL(f"/v1/events/{quoted(name)}")
    assert house.http.get(path).json()["id"] == name
    assert house.voided(id=name)[0]["id"] == name
    assert house.http.get(path).json()["voided"] == MARK


def quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def test_what_is_not_stored_is_an_unknown_event(house: House) -> None:
    for path in ("none", f"one?time={DAY}", "ONE", "one/"):
        assert fault(house.http.get(f"/v1/events/{path}")) == refusal("id", "unknown_event", 404)
    answer = house.void({"id": "one", "time": DAY, "reason": "x"})
    assert fault(answer) == refusal("id", "unknown_event", 404)
    assert house.http.get("/v1/events/").json()["error"]["code"] is None


def test_a_bound_key_voids_and_sees_events_of_its_projects_alone(house: House) -> None:
    header = {"Authorization": f"Bearer {BOUND.secret}"}
    foreign = house.void({"id": "two", "reason": "x"}, BOUND.secret)
    nobody = house.void({"id": "xxx", "reason": "x"}, BOUND.secret)
    assert fault(foreign) == refusal("id", "unknown_event", 404)
    assert foreign.text.replace("two", "xxx") == nobody.text
    assert house.http.get("/v1/events/two", headers=header).status_code == 404
    assert house.http.get("/v1/events/one", headers=header).json() == told(ONE)
    both = {"events": [{"id": "one"}, {"id": "two"}], "reason": "x"}
    assert house.void(both, BOUND.secret).status_code == 404
    assert house.tokens() == 2_110
    assert house.void({"id": "one", "reason": "x"}, BOUND.secret).status_code == 200
    house.voided(id="two")
    seen = house.http.get("/v1/events", params={"voided": "only"}, headers=header).json()["data"]
    assert [each["id"] for each in seen] == ["one"]


def test_an_ingest_key_may_void_what_it_may_post(house: House) -> None:
    assert house.void({"id": "one", "reason": "x"}, INGEST_KEY).status_code == 200


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({"id": "one"}, "reason", "missing_required_parameter"),
        ({"id": "one", "reason": " \n"}, "reason", "missing_required_parameter"),
        ({"id": "one", "reason": "x" * 501}, "reason", "invalid_value"),
        ({"id": "one", "reason": 5}, "reason", "invalid_type"),
        ({"id": "one", "reason": "a\0b"}, "reason", "invalid_value"),
        ({"reason": "x"}, "id", "missing_required_parameter"),
        ({"id": "", "reason": "x"}, "id", "invalid_type"),
        ({"id": "n" * 201, "reason": "x"}, "id", "invalid_type"),
        ({"id": "one", "time": "soon", "reason": "x"}, "time", "invalid_type"),
        ({"id": "one", "time": "2026-10-01T00:00:01", "reason": "x"}, "time", "invalid_type"),
        ({"id": "one", "why": "x", "reason": "x"}, "why", "unknown_parameter"),
        ({"events": [], "reason": "x"}, "events", "invalid_value"),
        ({"events": [{"id": "x"}] * 1_001, "reason": "x"}, "events", "invalid_value"),
        ({"events": [{"id": "one"}], "id": "one", "reason": "x"}, "events", "invalid_value"),
        ({"events": [{"idd": "one"}], "reason": "x"}, "events", "invalid_type"),
        ({"events": [{"id": "a\0b"}], "reason": "x"}, "id", "invalid_value"),
        ([{"id": "one", "reason": "x"}], None, "malformed_body"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_field(
    house: House, body: Any, param: str | None, code: str
) -> None:
    assert fault(house.void(body)) == refusal(param, code)
    assert (house.tokens(), house.log()) == (2_110, [])


@pytest.mark.parametrize(
    ("query", "param", "code"),
    [
        ("voided=none", "voided", "invalid_value"),
        ("voided[]=only", "voided", "invalid_type"),
        ("voided=only&voided=include", "voided", "invalid_type"),
    ],
)
def test_a_list_is_asked_for_voided_events_in_one_way(
    house: House, query: str, param: str, code: str
) -> None:
    assert fault(house.http.get(f"/v1/events?{query}")) == refusal(param, code)


@pytest.mark.parametrize(
    ("query", "param", "code"),
    [
        ("time=soon", "time", "invalid_type"),
        ("time=2026-10-01T00:00:01", "time", "invalid_type"),
        ("time=1&time=2", "time", "invalid_type"),
        ("time[]=1", "time", "invalid_type"),
        ("tim=1", "tim", "unknown_parameter"),
    ],
)
def test_an_event_is_asked_for_by_its_time_in_one_way(
    house: House, query: str, param: str, code: str
) -> None:
    assert fault(house.http.get(f"/v1/events/one?{query}")) == refusal(param, code)


def test_pages_of_voided_events_follow_each_other_and_belong_to_their_list(house: House) -> None:
    house.voided(events=[{"id": each["id"]} for each in ODD])
    for voids, wanted in (("include", len(EVENTS)), ("only", len(ODD))):
        found: list[str] = []
        token = None
        while True:
            asked: dict[str, Any] = {"voided": voids, "limit": 3} | (
                {"page": token} if token else {}
            )
            body = house.http.get("/v1/events", params=asked).json()
            described(body, "EventList")
            found += [each["id"] for each in body["data"]]
            token = body["next_page"] or token
            if not body["has_more"]:
                break
        assert (len(found), found) == (wanted, house.listed(voids))
        assert token is not None
        for other in {"include", "only", "exclude"} - {voids}:
            answer = house.http.get("/v1/events", params={"voided": other, "page": token})
            assert fault(answer) == refusal("page", "invalid_value")


def test_a_voided_event_is_not_posted_again_by_its_line(house: House) -> None:
    house.voided(id="one")
    headers = {"Accept": "application/x-ndjson"}
    line = house.http.get("/v1/events?voided=only", headers=headers).content
    answer = house.http.post(
        "/v1/events", content=line, headers={"Content-Type": "application/x-ndjson"}
    )
    assert (answer.status_code, answer.json()["rejected"][0]["field"]) == (400, "voided")
    assert house.http.post("/v1/events", json=ONE).json()["duplicates"] == 1
    assert house.http.post("/v1/events", json=ONE | {"model": "m"}).status_code == 409


def test_an_explanation_says_that_it_is_void(house: House) -> None:
    house.voided(id="one")
    asked = "/v1/prices/explanation?event_id="
    (gone,), (there,) = (house.http.get(asked + name).json()["data"] for name in ("one", "two"))
    assert gone["voided"] == MARK | {"at": "2026-10-03T00:00:00Z"}
    assert (gone["charged"], there["charged"], "voided" in there) == (False, True, False)


def test_a_full_disk_and_a_repricing_under_way_void_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for raised, status in ((StorageFull("full"), 507), (Overloaded("priced again"), 503)):

        def refuse(*_: object, refusing: Exception = raised) -> int:
            raise refusing

        with monkeypatch.context() as patch:
            patch.setattr(house.ledger, "void", refuse)
            answer = house.void({"id": "one", "reason": "x"})
        assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (status, True)
        assert (house.tokens(), house.listed("only")) == (2_110, [])
    assert house.voided(id="one")[0]["voided"] == MARK


def test_without_its_entry_in_the_log_nothing_is_voided(house: House) -> None:
    with closing(open_organization(house.folder, "")) as organization:
        actor = Actor(means=Means.SERVER)
        # Whoever changes it has to wait for this one, and gives up.
        with organization.changing(actor, NOW):
            answer = house.http.post(
                "/v1/events/void", json={"id": "one", "reason": "x"}, timeout=120
            )
    assert fault(answer) == refusal(None, "organization_unavailable", 503) | {
        "type": "server_error"
    }
    assert (house.tokens(), house.listed("only")) == (2_110, [])


def test_of_two_requests_at_once_the_first_one_counts(house: House) -> None:
    answers: list[list[dict[str, Any]]] = []

    def void(reason: str) -> None:
        answers.append(house.voided(id="one", reason=reason))

    threads = [threading.Thread(target=void, args=(f"reason {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len({str(each) for each in answers}) == 1
    assert house.tokens() == 2_100
