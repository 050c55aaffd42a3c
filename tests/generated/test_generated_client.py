"""The real generated client is the judge: both do the same with the same, but for what is listed.

``openapiopenai`` 1.3.0 of the package registry, installed aside by ``make test``.
Each of the two runs in a process of its own. What we do differently on purpose:

- an error names the class, the field, the value and the rule, in one sentence;
  it is an ApiValueError, as it is a ValueError of pydantic's there;
- fields that the 2.3.0 generation does not know are kept and written back;
- pages, buckets and rows of the current dialect are read, where the generated
  client loses the whole page;
- an object is no list: ``"data": {}`` is read there as an empty page;
- amounts keep every digit; NaN and infinity, which are no JSON, are refused;
- ``from_json("null")`` and ``from_dict(None)`` are errors, where there a class
  gives None and a row an error;
- a row has the properties of its result;
- JSON is written in UTF-8, not in escapes;
- a missing or unknown argument of an operation is an ApiTypeError;
- arguments that would be passed over are refused (``_content_type``).
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.contract import sample
from generated.asking import JSON, OPERATIONS, PAGE, PATHS, arguments
from generated.rows import (
    CLASSES,
    NAMES,
    any_rows,
    legacy,
    old_row,
    only_old,
    rows,
    sample_rows,
)
from openapiopenai import models
from openapiopenai.documents.notation import encoded
from support.events import DAY, event
from support.needs import require
from support.scripted import Reply, Scripted, scripted
from support.server import ADMIN_KEY, INGEST_KEY, Server

ROOT = Path(__file__).parents[2]
EITHER = Path(__file__).with_name("either.py")
GENERATED = [Path(sys.prefix) / "generated", ROOT / ".venv" / "generated"]

SETTINGS = {"access_token": ADMIN_KEY, "proxy": "", "no_proxy": "*"}
FORMS = ("", "_with_http_info", "_without_preload_content")

pytestmark = pytest.mark.needs("openapiopenai 1.3.0")


class Client:
    """One of the two, in its process."""

    def __init__(self, path: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(EITHER)],
            env=os.environ | {"PYTHONPATH": str(path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *task: Any) -> dict[str, Any]:
        """What comes of a task: what it ``gave``, or what was ``raised``."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        gave = told.get("gave")
        if isinstance(gave, dict) and "json" in gave:
            # Read, since the order of keys means nothing: there nulls come last.
            gave["text"] = gave["json"]
            gave["json"] = json.loads(gave["text"])
        return told

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def plain(told: dict[str, Any]) -> Any:
    """What was told, without JSON's text: what it holds is there too."""
    gave = told.get("gave")
    if isinstance(gave, dict):
        return {key: value for key, value in gave.items() if key != "text"}
    return gave


class Pair:
    """The generated client and ours."""

    def __init__(self, generated: Client, ours: Client) -> None:
        self.generated = generated
        self.ours = ours

    def both(self, *task: Any) -> tuple[Any, Any]:
        """What comes of a task in each."""
        return self.generated(*task), self.ours(*task)

    def same(self, *task: Any) -> Any:
        """What both give for a task, which has to be the same."""
        theirs, own = self.both(*task)
        assert "gave" in theirs, theirs
        assert plain(own) == plain(theirs)
        return own["gave"]

    def refuse(self, *task: Any) -> str:
        """Our words for what both refuse, by a ValueError."""
        theirs, own = self.both(*task)
        for told in (theirs, own):
            assert "ValueError" in told.get("raised", []), told
        text: str = own["text"]
        return text


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    found = [path for path in GENERATED if (path / "openapiopenai").is_dir()]
    require("openapiopenai 1.3.0", present=bool(found))
    pair = Pair(Client(found[0]), Client(ROOT / "src"))
    yield pair
    pair.generated.close()
    pair.ours.close()


@pytest.fixture(scope="module")
def recorder() -> Iterator[Scripted]:
    with scripted() as recorder:
        yield recorder


def text_of(value: Any) -> str:
    """A value as JSON, with all digits of its decimals."""
    return encoded(value)


# Models


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_read_held_and_written_the_same(pair: Pair, name: str) -> None:
    for row in map(only_old, sample_rows(name)):
        told = pair.same("chosen", json.dumps(row))
        assert told["class"] == CLASSES[name]
        assert told["dict"] == row
        assert told["equal"] == [True, True, True]
        pair.same("read", CLASSES[name], json.dumps(row))
        pair.same("read_dict", CLASSES[name], json.dumps(row))
        pair.same("made", CLASSES[name], json.dumps(row))


@pytest.mark.parametrize("name", NAMES)
def test_a_page_of_samples_is_written_the_same_but_for_what_we_keep(pair: Pair, name: str) -> None:
    page = legacy(sample(name)[1])
    theirs, own = pair.both("read", "UsageResponse", json.dumps(page))
    assert own["gave"]["dict"] == page
    stripped = page | {
        "data": [
            {key: value for key, value in bucket.items() if key != "results"}
            | {"result": [only_old(row) for row in bucket["result"]]}
            for bucket in page["data"]
        ]
    }
    assert theirs["gave"]["dict"] == stripped
    assert pair.same("read", "UsageResponse", json.dumps(stripped))["dict"] == stripped


_DOUBLES = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=200)
@given(any_rows(_DOUBLES))
def test_a_row_with_anything_in_it_is_read_the_same(pair: Pair, row: dict[str, Any]) -> None:
    theirs, own = map(plain, pair.both("chosen", text_of(row)))
    kept = {key: value for key, value in row.items() if key not in theirs["properties"]}
    # What a constructor has, nulls included, is as there; the rest is what we keep.
    assert own["dict"] == theirs["dict"] | kept
    assert own["json"] == theirs["json"] | kept
    for told in (theirs, own):
        del told["dict"], told["json"], told["to_str"]
    assert own == theirs


@settings(max_examples=100)
@given(st.data())
def test_a_made_object_writes_the_same_nulls(pair: Pair, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(NAMES))
    row = {
        key: value
        for key, value in data.draw(rows(name, _DOUBLES)).items()
        if key in models.__dict__[CLASSES[name]].from_dict(sample_rows(name)[0]).to_dict()
        and key in only_old(sample_rows(name)[0])
    }
    theirs, own = map(plain, pair.both("made", CLASSES[name], text_of(row)))
    assert own == theirs


_WRONG: list[Any] = [None, True, False, 0, 1, 1.0, 1.5, "", "1", "true", [], {}, [1], {"value": 1}]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_values_are_accepted_for_every_field(pair: Pair, name: str) -> None:
    row = only_old(sample_rows(name)[0])
    for field in row:
        for value in _WRONG:
            text = json.dumps(row | {field: value})
            theirs, own = pair.both("chosen", text)
            assert ("gave" in own) == ("gave" in theirs), (field, value, own, theirs)
            if "raised" in own:
                assert "ValueError" in theirs["raised"]
                assert "ApiValueError" in own["raised"]
                assert field in own["text"]
            if field != "object":
                theirs, own = pair.both(
                    "changed", CLASSES[name], json.dumps(row), field, json.dumps(value)
                )
                assert ("gave" in own) == ("gave" in theirs), (field, value, own, theirs)
                assert plain(own) == plain(theirs)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_fields_have_to_be_there(pair: Pair, name: str) -> None:
    row = only_old(sample_rows(name)[0])
    for field in row:
        text = json.dumps({key: value for key, value in row.items() if key != field})
        for task in (("chosen", text), ("made", CLASSES[name], text)):
            theirs, own = pair.both(*task)
            assert ("gave" in own) == ("gave" in theirs), (field, own, theirs)
            assert plain(own) == plain(theirs)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "",
        "{",
        "null",
        "[]",
        "7",
        '"text"',
        '{"object": null}',
        '{"object": 5}',
        '{"object": ["organization.costs.result"]}',
        '{"object": "organization.usage.other.result"}',
        '{"object": "organization.usage.decisions.result", "input_tokens": 1}',
    ],
)
def test_what_is_no_row_is_refused_by_both_and_by_us_in_one_sentence(pair: Pair, text: str) -> None:
    said = pair.refuse("chosen", text)
    assert said.startswith("UsageTimeBucketResultInner: ")
    assert len(said) < 400


@pytest.mark.parametrize(
    "changes",
    [
        {"object": "list"},
        {"has_more": 1},
        {"has_more": None},
        {"data": None},
        {"data": [{}]},
        {"data": [{"object": "bucket", "start_time": 1, "end_time": 2.0, "result": []}]},
        {"data": [{"object": "bucket", "start_time": 1, "end_time": 2, "result": [{}]}]},
        {"data": [{"object": "bucket", "start_time": 1, "end_time": 2, "result": None}]},
        {"next_page": 5},
    ],
)
def test_what_is_no_page_is_refused_by_both(pair: Pair, changes: dict[str, Any]) -> None:
    page = {"object": "page", "data": [], "has_more": False, "next_page": ""}
    pair.same("read", "UsageResponse", json.dumps(page))
    pair.refuse("read", "UsageResponse", json.dumps(page | changes))


# What is different on purpose: what each of the two does.


def test_the_current_dialect_is_read_here_and_lost_there(pair: Pair) -> None:
    for name in NAMES:
        theirs, own = pair.both("read", "UsageResponse", json.dumps(sample(name)[1]))
        assert "raised" in theirs
        assert own["gave"]["dict"]["data"]
    row = sample_rows("code_interpreter_sessions")[0]
    theirs, own = pair.both("chosen", json.dumps(row))
    assert "raised" in theirs
    assert own["gave"]["dict"] == old_row(row)


def test_digits_are_kept_here_and_rounded_there(pair: Pair) -> None:
    text = '{"object": "organization.costs.result", "amount": {"value": 123456789.123456789012}}'
    theirs, own = (
        json.loads(told["gave"]["text"], parse_float=Decimal)["amount"]["value"]
        for told in pair.both("chosen", text)
    )
    assert (theirs, own) == (Decimal("123456789.12345679"), Decimal("123456789.123456789012"))


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_what_is_no_finite_number_passes_there_and_not_here(pair: Pair, value: str) -> None:
    text = f'{{"object": "organization.costs.result", "amount": {{"value": {value}}}}}'
    theirs, own = pair.both("chosen", text)
    assert "gave" in theirs
    assert "ApiValueError" in own["raised"]


def test_nothing_is_none_there_and_an_error_here(pair: Pair) -> None:
    for task in (("read", "CostsResult", "null"), ("read_dict", "CostsResult", "null")):
        theirs, own = pair.both(*task)
        assert theirs["text"] == "'NoneType' object has no attribute 'to_dict'"
        assert "ApiValueError" in own["raised"]


def test_an_object_passes_for_a_list_there_and_not_here(pair: Pair) -> None:
    page = {"object": "page", "data": {}, "has_more": False, "next_page": ""}
    theirs, own = pair.both("read", "UsageResponse", json.dumps(page))
    assert theirs["gave"]["dict"]["data"] == []
    assert own["text"] == (
        "UsageResponse: data is {}, but must be a list, each of it an object (UsageTimeBucket)"
    )


def test_text_is_escaped_there_and_written_as_it_is_here(pair: Pair) -> None:
    row = {"object": "organization.usage.vector_stores.result", "usage_bytes": 1, "project_id": "ü"}
    theirs, own = (told["gave"]["text"] for told in pair.both("chosen", json.dumps(row)))
    assert ("\\u00fc" in theirs, "ü" in own) == (True, True)
    assert json.loads(theirs) == json.loads(own)


# Names and signatures


@pytest.mark.parametrize(
    "class_", [*CLASSES.values(), "CostsResultAmount", "UsageTimeBucket", "UsageResponse"]
)
def test_a_constructor_takes_the_same_keywords_with_the_same_defaults(
    pair: Pair, class_: str
) -> None:
    pair.same("constructor", class_)


@pytest.mark.parametrize("class_", ["Configuration", "ApiClient", "UsageApi", "ApiException"])
def test_the_clients_classes_take_the_same_parameters_in_the_same_order(
    pair: Pair, class_: str
) -> None:
    theirs, own = (told["gave"] for told in pair.both("constructor", class_))
    assert [*own] == [*theirs]
    assert own == theirs


@pytest.mark.parametrize("name", NAMES)
def test_each_operation_has_the_same_parameters_in_the_same_order(pair: Pair, name: str) -> None:
    for form in FORMS:
        found = pair.same("method", "UsageApi", f"{OPERATIONS[name]}{form}")
        assert {parameter for parameter, *_ in found} >= {*arguments(name)}


_MODULES = {
    "openapiopenai.models.usage_time_bucket_result_inner": [
        "UsageTimeBucketResultInner",
        "USAGETIMEBUCKETRESULTINNER_ONE_OF_SCHEMAS",
    ],
    "openapiopenai.models.usage_time_bucket": ["UsageTimeBucket"],
    "openapiopenai.models.usage_response": ["UsageResponse"],
    "openapiopenai.models.costs_result": ["CostsResult"],
    "openapiopenai.models.costs_result_amount": ["CostsResultAmount"],
    "openapiopenai.api.usage_api": ["UsageApi"],
    "openapiopenai.api": ["UsageApi"],
    "openapiopenai.api_client": ["ApiClient"],
    "openapiopenai.api_response": ["ApiResponse"],
    "openapiopenai.configuration": ["Configuration"],
    "openapiopenai.rest": ["RESTResponse"],
    "openapiopenai": [*sorted(models.__all__), "UsageApi", "ApiClient", "ApiResponse"],
    "openapiopenai.models": sorted(models.__all__),
} | {
    f"openapiopenai.models.usage_{name}_result": [CLASSES[name]]
    for name in NAMES
    if name != "costs"
}
_PATHS = [(module, name) for module, names in _MODULES.items() for name in names]


@pytest.mark.parametrize(("module", "name"), [*_PATHS, ("openapiopenai", "__version__")])
def test_a_name_is_found_at_the_same_path(pair: Pair, module: str, name: str) -> None:
    if name.isupper():
        theirs, own = (told["gave"] for told in pair.both("path", module, name))
        assert sorted(own) == sorted(theirs)
    else:
        pair.same("path", module, name)


@pytest.mark.parametrize(
    "name",
    [
        "OpenApiException",
        "ApiTypeError",
        "ApiValueError",
        "ApiAttributeError",
        "ApiKeyError",
        "ApiException",
        "BadRequestException",
        "UnauthorizedException",
        "ForbiddenException",
        "NotFoundException",
        "ConflictException",
        "UnprocessableEntityException",
        "ServiceException",
    ],
)
def test_an_exception_has_the_same_parents(pair: Pair, name: str) -> None:
    pair.same("parents", name)


# Requests and answers


@pytest.mark.parametrize("name", NAMES)
def test_a_request_is_the_same(pair: Pair, recorder: Scripted, name: str) -> None:
    given = arguments(name) | {"_headers": {"X-Call": "yes"}, "_request_timeout": 5.0}
    for form in FORMS:
        recorder.will(*[Reply(body=PAGE, headers=JSON)] * 2)
        task = ("asked", f"{recorder.address}/v1", SETTINGS, f"{OPERATIONS[name]}{form}", given)
        pair.same(*task)
        theirs, own = recorder.seen
        assert own.method == theirs.method == "GET"
        assert urlsplit(own.target).path == urlsplit(theirs.target).path == PATHS[name]
        assert _query(own.target) == _query(theirs.target)
        assert _headers(own.headers) == _headers(theirs.headers)
        # Ours can have the answer compressed, and says that it keeps the connection.
        assert {*own.headers} - {*theirs.headers} == {"connection"}
        assert theirs.headers["accept-encoding"] == "identity"


def _query(target: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(target).query, keep_blank_values=True, strict_parsing=True)


def _headers(headers: dict[str, str]) -> dict[str, str]:
    of_the_library = ("connection", "accept-encoding")
    return {name: value for name, value in headers.items() if name not in of_the_library}


@pytest.mark.parametrize(
    ("settings_", "options"),
    [
        ({"access_token": "a"}, {}),
        (
            {"access_token": "a"},
            {
                "_request_auth": {
                    "type": "bearer",
                    "in": "header",
                    "key": "Authorization",
                    "value": "Bearer other",
                }
            },
        ),
        ({"access_token": "a"}, {"_headers": {"Accept": "application/json; x=1"}}),
        ({"access_token": "a"}, {"_headers": {"X-Default": "no", "Authorization": "Bearer b"}}),
        ({"access_token": "a"}, {"_request_timeout": [5.0, 7.0]}),
    ],
)
def test_options_of_a_call_do_the_same(
    pair: Pair, recorder: Scripted, settings_: dict[str, str], options: dict[str, Any]
) -> None:
    recorder.will(*[Reply(body=PAGE, headers=JSON)] * 2)
    quiet = {"proxy": "", "no_proxy": "*"}
    pair.same(
        "asked",
        f"{recorder.address}/v1",
        settings_ | quiet,
        "usage_costs",
        {"start_time": 5} | options,
    )
    theirs, own = recorder.seen
    assert _headers(own.headers) == _headers(theirs.headers)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429, 500, 503])
def test_an_error_is_the_same_exception(pair: Pair, recorder: Scripted, status: int) -> None:
    recorder.will(*[Reply(status, b'{"error": {"message": "no"}}', JSON)] * 2)
    host = f"{recorder.address}/v1"
    found = pair.same("refused", host, SETTINGS, "usage_costs", {"start_time": 5})
    assert found[1] == status


@pytest.mark.parametrize(
    "given",
    [
        {"start_time": "5"},
        {"start_time": 5.0},
        {"start_time": True},
        {"start_time": 5, "models": "gpt"},
        {"start_time": 5, "models": [5]},
        {"start_time": 5, "batch": "true"},
        {"start_time": 5, "limit": "7"},
        {"start_time": 5, "_request_timeout": 0},
        {"start_time": 5, "_request_timeout": "5"},
        {"start_time": 5, "_host_index": 1},
    ],
)
def test_arguments_that_are_wrong_are_refused_by_both(
    pair: Pair, recorder: Scripted, given: dict[str, Any]
) -> None:
    recorder.will()
    pair.refuse("asked", f"{recorder.address}/v1", SETTINGS, "usage_completions", given)
    assert recorder.seen == []


# The real server


@pytest.fixture(scope="module")
def stored(server: Server) -> Server:
    events = [
        event(name, id=f"{name}-{project}", time=DAY + 60, project_id=project)
        for name in NAMES
        if name != "costs"
        for project in ("proj_atlas", "proj_borealis")
    ]
    assert server.post(events).json()["accepted"] == len(events)
    return server


@pytest.mark.parametrize("name", NAMES)
def test_the_servers_answer_is_the_same_but_for_what_we_keep(
    pair: Pair, stored: Server, name: str
) -> None:
    given = {"start_time": DAY, "end_time": DAY + 2 * 86_400, "group_by": ["project_id"]}
    task = ("asked", f"{stored.address}/v1", SETTINGS, OPERATIONS[name], given)
    theirs, own = (told["gave"] for told in pair.both(*task))
    assert [len(bucket["result"]) for bucket in theirs["data"]] == [2, 0]
    assert own["next_page"] == theirs["next_page"] == ""
    for old, kept in zip(theirs["data"], own["data"], strict=True):
        assert kept["results"] == kept["result"]
        assert old == {key: kept[key] for key in old} | {
            "result": [only_old(r) for r in kept["result"]]
        }
    for form in FORMS[1:]:
        both = pair.both(*task[:3], f"{OPERATIONS[name]}{form}", given)
        if form == "_without_preload_content":
            assert both[0] == both[1]


@pytest.mark.parametrize(
    ("key", "given"),
    [
        (ADMIN_KEY, {"start_time": DAY, "limit": 1_000}),
        (ADMIN_KEY, {"start_time": DAY, "page": "page_nonsense"}),
        (INGEST_KEY, {"start_time": DAY}),
        ("sk-admin-nobody-knows-this-key-0123456789", {"start_time": DAY}),
    ],
)
def test_the_servers_refusal_is_the_same_exception(
    pair: Pair, stored: Server, key: str, given: dict[str, Any]
) -> None:
    settings_ = SETTINGS | {"access_token": key}
    found = pair.same("refused", f"{stored.address}/v1", settings_, "usage_completions", given)
    assert found[1] in (400, 401)
