"""Every query parameter: what it accepts, what it refuses, and with which code."""

from typing import Any

import httpx2
import pytest

from contract.contract import (
    NAMES,
    SCALARS,
    USAGE,
    WIDTHS,
    dimension_of,
    error,
    filters,
    foreign_parameters,
    group_by,
    limits,
)
from support.events import DAY, event
from support.server import Server
from support.wire import fault, refusal

_INTEGERS = ("start_time", "end_time", "limit")
_NOT_INTEGERS = (
    "2026-10-01",
    "abc",
    "1.0",
    "1e9",
    "1_000",
    "0x10",
    "true",
    "null",
    "१२",
    "--1",
    "-",
)


def _ask(server: Server, name: str, **parameters: Any) -> httpx2.Response:
    return server.http.get(USAGE[name]["path"], params={"start_time": DAY, **parameters})


def _row(case: str) -> dict[str, Any]:
    return {key: error(case)[key] for key in ("status", "type", "param", "code")}


_NAME_AND_WIDTH = [(name, width) for name in NAMES for width in WIDTHS]


@pytest.mark.parametrize(("name", "width"), _NAME_AND_WIDTH)
def test_without_a_limit_a_page_has_the_default_number_of_buckets(
    server: Server, name: str, width: str
) -> None:
    page = _ask(server, name, bucket_width=width).json()
    assert len(page["data"]) == limits(name)[width]["default"]
    assert page["has_more"] is True


@pytest.mark.parametrize(("name", "width"), _NAME_AND_WIDTH)
def test_the_largest_limit_is_accepted_and_one_more_is_refused(
    server: Server, name: str, width: str
) -> None:
    most = limits(name)[width]["max"]
    page = _ask(server, name, bucket_width=width, limit=most).json()
    assert len(page["data"]) == most
    over = _ask(server, name, bucket_width=width, limit=most + 1)
    assert fault(over) == _row("limit_above_max")
    message = over.json()["error"]["message"]
    assert str(most) in message
    assert str(most + 1) in message


@pytest.mark.parametrize("limit", [0, -1, -(10**9)])
@pytest.mark.parametrize(("name", "width"), _NAME_AND_WIDTH)
def test_a_limit_below_one_is_refused(server: Server, name: str, width: str, limit: int) -> None:
    found = fault(_ask(server, name, bucket_width=width, limit=limit))
    assert found == _row("limit_below_min")


@pytest.mark.parametrize("name", NAMES)
def test_a_limit_of_one_is_one_bucket(server: Server, name: str) -> None:
    assert len(_ask(server, name, limit=1).json()["data"]) == 1


@pytest.mark.parametrize("limit", [2**63, 10**20, 10**40])
def test_a_limit_beyond_any_machine_word_is_above_the_maximum_like_any_other(
    server: Server, limit: int
) -> None:
    assert fault(_ask(server, "completions", limit=limit)) == _row("limit_above_max")


@pytest.mark.parametrize("name", NAMES)
def test_the_default_width_is_a_day(server: Server, name: str) -> None:
    (bucket,) = _ask(server, name, limit=1).json()["data"]
    assert (bucket["start_time"], bucket["end_time"]) == (DAY, DAY + 86_400)


@pytest.mark.parametrize("width", ["2d", "1D", "day", "60", "1w ", "m", "1m,1h"])
def test_a_width_that_the_endpoint_does_not_have_is_refused(server: Server, width: str) -> None:
    assert fault(_ask(server, "completions", bucket_width=width)) == _row("bucket_width_invalid")


@pytest.mark.parametrize("text", _NOT_INTEGERS)
@pytest.mark.parametrize("name", _INTEGERS)
def test_what_is_not_an_integer_is_refused_by_name(server: Server, name: str, text: str) -> None:
    found = fault(_ask(server, "completions", **{name: text}))
    assert found == _row(f"{name}_not_integer")


@pytest.mark.parametrize("name", NAMES)
def test_start_time_is_required(server: Server, name: str) -> None:
    wanted = _row("start_time_missing")
    assert fault(server.http.get(USAGE[name]["path"])) == wanted
    assert fault(server.http.get(USAGE[name]["path"] + "?start_time=&end_time=5")) == wanted


@pytest.mark.parametrize("name", SCALARS[1:])
def test_an_empty_scalar_means_an_absent_one(server: Server, name: str) -> None:
    asked = {"start_time": DAY, "end_time": DAY + 20 * 86_400}
    if name == "end_time":
        del asked["end_time"]
    path = USAGE["completions"]["path"]
    plain = server.http.get(path, params=asked)
    empty = server.http.get(path, params={**asked, name: ""})
    assert empty.status_code == 200
    assert empty.json()["data"] == plain.json()["data"]


def test_an_empty_batch_means_both_sorts(server: Server) -> None:
    _post_batches(server)
    assert _batch_tokens(server, "") == _batch_tokens(server, None) == 300


@pytest.mark.parametrize("text", ["true", "True", "TRUE", "tRuE"])
def test_batch_is_true_in_any_letter_case(server: Server, text: str) -> None:
    _post_batches(server)
    assert _batch_tokens(server, text) == 200


@pytest.mark.parametrize("text", ["false", "False", "FALSE"])
def test_batch_is_false_in_any_letter_case(server: Server, text: str) -> None:
    _post_batches(server)
    assert _batch_tokens(server, text) == 100


def _post_batches(server: Server) -> None:
    """Two events, stored once however often they are sent."""
    counts: dict[str, Any] = {"input_tokens": 0, "time": DAY - 60}
    sent = [
        event(id="single", batch=False, **counts | {"output_tokens": 100}),
        event(id="batched", batch=True, **counts | {"output_tokens": 200}),
    ]
    assert server.post(sent).status_code == 200


def _batch_tokens(server: Server, batch: str | None) -> int:
    asked = {"start_time": DAY - 60, "end_time": DAY} | ({} if batch is None else {"batch": batch})
    page = server.http.get(USAGE["completions"]["path"], params=asked).json()
    return sum(row["output_tokens"] for bucket in page["data"] for row in bucket["results"])


@pytest.mark.parametrize("name", ["completions", "decisions"])
@pytest.mark.parametrize("text", ["1", "yes", "truefalse", "null", "true,false"])
def test_a_batch_that_is_neither_true_nor_false_is_refused(
    server: Server, name: str, text: str
) -> None:
    assert fault(_ask(server, name, batch=text)) == refusal("batch", "invalid_value")


@pytest.mark.parametrize("name", NAMES)
def test_a_dimension_that_an_endpoint_cannot_be_grouped_by_is_refused(
    server: Server, name: str
) -> None:
    everywhere = {dimension for other in NAMES for dimension in group_by(other)} | {"line_item"}
    for dimension in [*sorted(everywhere - {*group_by(name)}), "nonsense", "PROJECT_ID"]:
        for form in ("group_by", "group_by[]", "group_by[0]"):
            assert fault(_ask(server, name, **{form: dimension})) == _row("group_by_invalid")
        mixed = _ask(server, name, group_by=f"project_id,{dimension}")
        assert fault(mixed) == _row("group_by_invalid")


@pytest.mark.parametrize(
    ("name", "filter_"),
    [(name, key) for name in NAMES for key, row in filters(name).items() if "enum" in row],
)
def test_an_enum_filter_takes_its_values_and_refuses_any_other_without_brackets_in_its_name(
    server: Server, name: str, filter_: str
) -> None:
    values = filters(name)[filter_]["enum"]
    assert _ask(server, name, **{filter_: ",".join(values)}).status_code == 200
    for wrong in ("nonsense", values[0].upper() + "X", f"{values[0]},nonsense"):
        for form in (filter_, f"{filter_}[]", f"{filter_}[0]"):
            refused = fault(_ask(server, name, **{form: wrong}))
            assert refused == refusal(filter_, "invalid_value")


@pytest.mark.parametrize(
    ("name", "foreign"), [(name, other) for name in NAMES for other in foreign_parameters(name)]
)
def test_a_filter_of_another_endpoint_is_refused_in_every_form(
    server: Server, name: str, foreign: str
) -> None:
    wanted = _row("foreign_filter") | {"param": foreign}
    for form in (foreign, f"{foreign}[]", f"{foreign}[0]"):
        assert fault(_ask(server, name, **{form: "low"})) == wanted


def test_a_parameter_that_no_endpoint_has_is_passed_over(server: Server) -> None:
    plain = _ask(server, "completions", limit=2).json()["data"]
    odd = {"colour": "red", "x[]": "1", "y[0]": "2", "api_version": "", "модель": "x", "[]": "1"}
    assert _ask(server, "completions", limit=2, **odd).json()["data"] == plain


@pytest.mark.parametrize("name", [*SCALARS, "batch"])
@pytest.mark.parametrize("brackets", ["[]", "[0]", "[7]", "[a]", "[][]"])
def test_brackets_on_a_scalar_are_refused(server: Server, name: str, brackets: str) -> None:
    value = {"bucket_width": "1d", "batch": "true", "page": "page_x"}.get(name, "5")
    answer = _ask(server, "completions", **{name + brackets: value})
    found = fault(answer)
    assert (found["status"], found["param"]) == (400, name)


@pytest.mark.parametrize("query", ["start_time=%FF", "start_time=5&models=%C3%28"])
def test_a_query_string_that_is_not_utf_8_is_refused(server: Server, query: str) -> None:
    answer = server.http.get(f"{USAGE['completions']['path']}?{query}")
    assert fault(answer)["status"] == 400


@pytest.mark.parametrize("value", ["a'b", 'a"b', "a;b", "a%b", "\x00", "a\\b", "日本", "x" * 5_000])
def test_any_text_is_a_value_of_a_filter_and_nothing_more(server: Server, value: str) -> None:
    for filter_ in ("project_ids", "user_ids", "api_key_ids", "models"):
        page = _ask(server, "completions", **{filter_: value}, limit=1).json()
        assert page["data"][0]["results"] == []


def test_values_of_a_filter_are_compared_exactly(server: Server) -> None:
    named = event(id="named", time=DAY + 5, kind="embeddings", project_id="Proj_A")
    assert server.post(named).is_success
    assert dimension_of("project_ids") == "project_id"
    for asked, rows in (("Proj_A", 1), ("proj_a", 0), ("Proj_", 0), ("Proj_%", 0), (" Proj_A ", 1)):
        page = _ask(server, "embeddings", project_ids=asked, limit=1).json()
        assert len(page["data"][0]["results"]) == rows
