"""Events of a key that is bound to projects, over HTTP: theirs, refused, or somebody else's."""

import gzip
from itertools import count
from typing import Any

import httpx2
import msgspec
import pytest

from support.attacked import FOREIGN, OWN, THIRD, Attacked
from support.events import DAY, event
from support.wire import fault, refusal

_seconds = count()


@pytest.fixture(params=["array", "ndjson", "gzip", "large"])
def post(request: pytest.FixtureRequest) -> Any:
    """Posts events in one of the forms that a body may have."""
    form = request.param

    def send(client: httpx2.Client, events: list[dict[str, Any]], **query: str) -> httpx2.Response:
        body, headers = msgspec.json.encode(events), {"Content-Type": "application/json"}
        if form == "ndjson":
            body = b"".join(msgspec.json.encode(each) + b"\n" for each in events)
            headers = {"Content-Type": "application/x-ndjson"}
        elif form == "gzip":
            body, headers = gzip.compress(body), headers | {"Content-Encoding": "gzip"}
        elif form == "large":
            # Decoded in a thread of its own.
            body += b" " * (1 << 20)
        return client.post("/v1/events", content=body, headers=headers, params=query)

    return send


def new(**fields: Any) -> dict[str, Any]:
    """An event that nobody has sent, after all of the ledger's."""
    second = next(_seconds)
    return event(id=f"new-{second}", time=DAY + 86_400 + second) | fields


def stored(target: Attacked, *events: dict[str, Any]) -> list[str | None]:
    """The project of each event as it is stored; one that is not is an error."""
    answer = target.admin.get("/v1/events", params={"start_time": DAY + 86_400, "limit": 10_000})
    projects = {each["id"]: each.get("project_id") for each in answer.json()["data"]}
    return [projects[each["id"]] for each in events]


def test_an_event_without_a_project_is_of_the_one_of_the_key(target: Attacked, post: Any) -> None:
    bare, null, named = new(), new(project_id=None), new(project_id=OWN)
    receipt = post(target.bound, [bare, null, named]).json()
    assert receipt == {"accepted": 3, "duplicates": 0, "conflicts": [], "rejected": []}
    assert stored(target, bare, null, named) == [OWN, OWN, OWN]


def test_whoever_names_the_project_sends_the_same_event(target: Attacked, post: Any) -> None:
    first, second = new(), new()
    assert post(target.bound, [first]).json()["accepted"] == 1
    assert post(target.admin, [second | {"project_id": OWN}]).json()["accepted"] == 1
    for client, events in (
        (target.bound, [first, second]),
        (target.bound, [each | {"project_id": OWN} for each in (first, second)]),
        (target.two, [each | {"project_id": OWN} for each in (first, second)]),
        (target.admin, [each | {"project_id": OWN} for each in (first, second)]),
    ):
        assert post(client, events).json()["duplicates"] == 2
    # Without the project, from a key of the whole organization, it is another one.
    answer = post(target.admin, [first])
    assert answer.status_code == 409
    assert answer.json()["conflicts"][0]["field"] == "project_id"


def test_an_event_twice_in_a_body_named_and_not_is_one(target: Attacked, post: Any) -> None:
    once = new()
    receipt = post(target.bound, [once, once | {"project_id": OWN}]).json()
    assert (receipt["accepted"], receipt["duplicates"], receipt["conflicts"]) == (1, 1, [])


def test_others_are_refused_one_by_one_and_the_rest_is_stored(target: Attacked, post: Any) -> None:
    good, foreign, broken, more = (
        new(),
        new(project_id=FOREIGN),
        new(input_tokens=-1),
        new(kind="images", images=1, project_id=OWN),
    )
    for name in ("input_tokens", "output_tokens"):
        del more[name]
    answer = post(target.bound, [foreign, good, broken, more, foreign | {"id": "x"}])
    assert answer.status_code == 207
    receipt = answer.json()
    assert receipt["accepted"] == 2
    assert [(each["index"], each["field"]) for each in receipt["rejected"]] == [
        (0, "project_id"),
        (2, "input_tokens"),
        (4, "project_id"),
    ]
    assert receipt["rejected"][0]["reason"] == (
        f'project_id is "{FOREIGN}"; the key is bound to "{OWN}"; it may be left out'
    )
    assert stored(target, good, more) == [OWN, OWN]
    with pytest.raises(KeyError):
        stored(target, foreign)


def test_nothing_of_a_whole_body_is_stored_when_one_is_of_others(
    target: Attacked, post: Any
) -> None:
    good, foreign = new(), new(project_id=FOREIGN)
    answer = post(target.bound, [good, foreign], atomic="true")
    assert fault(answer) == refusal("project_id", "events_rejected")
    assert [each["index"] for each in answer.json()["rejected"]] == [1]
    with pytest.raises(KeyError):
        stored(target, good)
    assert post(target.bound, [good, new()], atomic="true").json()["accepted"] == 2


def test_a_key_of_two_projects_has_to_say_which(target: Attacked, post: Any) -> None:
    own, third, bare = new(project_id=OWN), new(project_id=THIRD), new()
    answer = post(target.two, [own, bare, third])
    assert answer.status_code == 207
    (rejected,) = answer.json()["rejected"]
    assert (rejected["index"], rejected["field"]) == (1, "project_id")
    assert f'name one of "{OWN}", "{THIRD}"' in rejected["reason"]
    assert stored(target, own, third) == [OWN, THIRD]
    assert fault(post(target.two, [bare])) == refusal("project_id", "events_rejected")


def test_of_somebody_elses_event_it_learns_that_it_is_there_and_no_more(
    target: Attacked, post: Any
) -> None:
    theirs = new(project_id=FOREIGN, model="m-1", user_id="user-1", tags={"team": "x"})
    assert post(target.elsewhere, [theirs]).json()["accepted"] == 1
    told = set()
    guesses: tuple[dict[str, Any], ...]
    # Right about all of it, about some, about nothing.
    guesses = (
        {},
        {"model": "m-2"},
        {"model": None, "user_id": None, "tags": {}, "input_tokens": 1, "output_tokens": 2},
    )
    for guess in guesses:
        answer = post(target.bound, [theirs | {"project_id": OWN} | guess])
        assert fault(answer) == refusal("project_id", "events_conflict", 409)
        (conflict,) = answer.json()["conflicts"]
        told.add((conflict["field"], conflict["reason"]))
    reason = "an event with this id and time is stored with another project_id;"
    assert told == {("project_id", f"{reason} a stored event never changes")}
    # Sent as theirs, it is refused before it is looked for.
    answer = post(target.bound, [theirs])
    assert fault(answer) == refusal("project_id", "events_rejected")
    nobody = post(target.bound, [new(project_id=FOREIGN)])
    assert answer.json()["rejected"][0]["reason"] == nobody.json()["rejected"][0]["reason"]
    # Of its own it is told what differs.
    mine = new(model="m-1")
    post(target.bound, [mine])
    (conflict,) = post(target.bound, [mine | {"model": "m-2"}]).json()["conflicts"]
    assert conflict["field"] == "model"


def test_the_header_of_a_project_binds_nobody(target: Attacked) -> None:
    sent = new()
    headers = {"OpenAI-Project": FOREIGN}
    answer = target.bound.post("/v1/events", json=sent, headers=headers)
    assert answer.json()["accepted"] == 1
    assert stored(target, sent) == [OWN]
