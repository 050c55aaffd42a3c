"""Arrays in query strings: every way to write one means the same."""

from typing import Any
from urllib.parse import parse_qsl

import pytest

from contract.contract import CONTRACT, USAGE
from support.events import DAY, event
from support.server import Server

_PATH = f"{USAGE['completions']['path']}?start_time={DAY}&end_time={DAY + 86_400}"
_FORMS = {form["name"]: form["example"] for form in CONTRACT["array_serialisations"]}

# Group keys as clients write them; each asks for project_id and model.
_MIXTURES = [
    "group_by[]=project_id&group_by=model",
    "group_by%5B%5D=project_id&group_by[0]=model",
    "group_by[1]=project_id&group_by[0]=model",
    "group_by[41]=project_id,model",
    "group_by%5b0%5d=model&group_by=project_id",
    "group_by=model,project_id",
    "group_by[]=project_id,model&group_by[]=model",
    "group_by=project_id&group_by=project_id&group_by=model&group_by[]=project_id",
    "group_by=project_id,%20model",
    "group_by=project_id,+model",
    "group_by=+project_id+%2C+model+",
    "group_by=%20project_id&group_by=model%20",
    "group_by=,project_id,,model,",
    "group_by=project_id&group_by=&group_by[]=&group_by[]=model",
    "group_by=project_id&group_by=,&group_by=+&group_by=model",
    "gr%6Fup_by=project_id&group_by=m%6Fdel",
]
# None of these asks for anything.
_EMPTY = ["group_by=", "group_by[]=", "group_by[0]=&group_by=", "group_by=,", "group_by=%20,+", ""]


@pytest.fixture(scope="module", autouse=True)
def _stored(server: Server) -> None:
    events = [
        event(
            id=f"{project}-{model}-{user}",
            project_id=project,
            model=model,
            user_id=user,
            input_tokens=number,
        )
        for number, (project, model, user) in enumerate(
            (project, model, user)
            for project in ("proj_a", "proj_b")
            for model in ("model-a", "model-b", "model-c")
            for user in ("user-a", "user b")
        )
    ]
    assert server.post(events).json()["accepted"] == len(events)


def _page(server: Server, query: str) -> dict[str, Any]:
    answer = server.http.get(f"{_PATH}&{query}")
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def _inputs(server: Server, query: str) -> int:
    """The sum that a query finds."""
    return sum(
        row["input_tokens"] for bucket in _page(server, query)["data"] for row in bucket["results"]
    )


@pytest.fixture(scope="module")
def grouped(server: Server) -> dict[str, Any]:
    """The page by project and model, asked for as the official clients do."""
    page = _page(server, _FORMS["brackets_encoded"])
    assert [
        (row["project_id"], row["model"], row["input_tokens"]) for row in page["data"][0]["results"]
    ] == [
        ("proj_a", "model-a", 1),
        ("proj_a", "model-b", 5),
        ("proj_a", "model-c", 9),
        ("proj_b", "model-a", 13),
        ("proj_b", "model-b", 17),
        ("proj_b", "model-c", 21),
    ]
    return page


@pytest.mark.parametrize("form", _FORMS)
def test_every_published_form_of_an_array_means_the_same(
    server: Server, grouped: dict[str, Any], form: str
) -> None:
    assert _page(server, _FORMS[form]) == grouped


@pytest.mark.parametrize("query", _MIXTURES)
def test_forms_mix_and_spaces_empty_items_and_repeats_do_not_count(
    server: Server, grouped: dict[str, Any], query: str
) -> None:
    assert _page(server, query) == grouped


@pytest.mark.parametrize("query", _EMPTY)
def test_an_empty_array_is_an_absent_one(server: Server, query: str) -> None:
    assert _page(server, query) == _page(server, "")
    filtered = query.replace("group_by", "models")
    assert _page(server, filtered) == _page(server, "")


@pytest.mark.parametrize(
    "query",
    [
        "models[]=model-a&models[]=model-b",
        "models%5B%5D=model-a&models%5B%5D=model-b",
        "models=model-a&models=model-b",
        "models=model-a,model-b",
        "models=model-a%2Cmodel-b",
        "models=model-a,%20model-b",
        "models[0]=model-a&models[1]=model-b",
        "models[1]=model-a&models[0]=model-b",
        "models=model-a&models[]=model-b",
        "models[]=model-a,model-b&models=model-a&models[3]=,model-b,",
    ],
)
def test_a_filters_values_are_written_in_the_same_forms(server: Server, query: str) -> None:
    assert _inputs(server, query) == 1 + 5 + 13 + 17


def test_arrays_of_several_parameters_are_told_apart(server: Server) -> None:
    query = "project_ids=proj_b&models[]=model-a,model-c&user_ids[0]=user-a&group_by[]=user_id"
    (bucket,) = _page(server, query)["data"]
    assert [(row["user_id"], row["input_tokens"]) for row in bucket["results"]] == [
        ("user-a", 6 + 10)
    ]


@pytest.mark.parametrize("query", ["user_ids=user%20b", "user_ids=user+b", "user_ids[]=+user+b+"])
def test_a_space_inside_a_value_stays_and_is_sent_in_either_way(server: Server, query: str) -> None:
    assert _inputs(server, query) == 1 + 3 + 5 + 7 + 9 + 11


def test_the_published_examples_ask_for_what_their_names_say() -> None:
    encoded = parse_qsl(_FORMS["brackets_encoded"])
    assert encoded == parse_qsl(_FORMS["brackets"])
    assert parse_qsl(_FORMS["comma"]) == parse_qsl(_FORMS["comma_encoded"])
