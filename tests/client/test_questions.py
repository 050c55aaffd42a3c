"""What is asked goes out in the words of the wire; what cannot be asked goes nowhere."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.contract import NAMES, parameters
from support import streams
from support.events import DAY
from tallybook.client.questions import COSTS, USAGE, Endpoint, Question, endpoint_of, question
from tallybook.domain.kinds import KINDS
from tallybook.domain.moments import Moment
from tallybook.web.parameters import read_costs_query, read_usage_query

# 2026-10-01T14:25:07Z.
NOW = DAY + 14 * 3600 + 25 * 60 + 7


def asked(
    endpoint: Endpoint = USAGE["completions"],
    start: Moment = DAY,
    end: Moment | None = None,
    width: str = "1d",
    **options: Any,
) -> Question:
    return question(endpoint, start, end, width, options=options, now=NOW)


def test_the_least_is_of_the_contract_alone() -> None:
    assert asked().parameters == (
        ("start_time", str(DAY)),
        ("bucket_width", "1d"),
        ("limit", "31"),
    )
    assert asked().path == "/organization/usage/completions"
    assert asked(COSTS).parameters[-1] == ("limit", "180")
    assert asked(COSTS).path == "/organization/costs"


@pytest.mark.parametrize("name", [*NAMES, "costs"])
def test_nothing_beyond_the_contract_goes_out_unasked(name: str) -> None:
    endpoint = COSTS if name == "costs" else USAGE[name]
    known = parameters(name)
    own = {filter_.name: filter_ for filter_ in endpoint.filters if filter_.name in known}
    options: dict[str, Any] = {
        filter_name: True if filter_.boolean else list(filter_.values or ("a", "b"))
        for filter_name, filter_ in own.items()
    }
    keys = known["group_by"]["enum"]
    found = asked(endpoint, end=DAY + 1, group_by=keys, timezone="UTC", **options)
    assert {field.removesuffix("[]") for field, _ in found.parameters} <= known.keys()
    for field, _ in found.parameters:
        assert field.endswith("[]") == (known[field.removesuffix("[]")]["type"] == "array")


def test_everything_else_goes_out_when_it_is_asked_for() -> None:
    found = asked(
        COSTS,
        "2026-10-01",
        "2026-10-03T12:00",
        "1h",
        group_by=["tag:team", "project_id"],
        project_ids="proj_atlas",
        line_items=["a, b", "c"],
        batch=False,
        providers=("openai", "acme"),
        tags={"team": "a, b", "env": ["prod", "dev"]},
        timezone="Europe/Paris",
        order_by="amount",
        top=3,
        limit=5,
    )
    assert found.parameters == (
        ("start_time", str(DAY - 2 * 3600)),
        ("end_time", str(DAY + 2 * 86_400 + 10 * 3600)),
        ("bucket_width", "1h"),
        ("limit", "5"),
        ("group_by[]", "tag:team"),
        ("group_by[]", "project_id"),
        ("project_ids[]", "proj_atlas"),
        ("batch", "false"),
        ("providers[]", "openai"),
        ("providers[]", "acme"),
        ("line_items[]", "a, b"),
        ("line_items[]", "c"),
        ("tags[team][]", "a, b"),
        ("tags[env][]", "prod"),
        ("tags[env][]", "dev"),
        ("timezone", "Europe/Paris"),
        ("order_by", "amount"),
        ("top", "3"),
    )
    assert found.keys == ("project_id", "tag:team", "other")
    assert found.page("page_x") == (*found.parameters, ("page", "page_x"))


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        (DAY, DAY),
        (DAY + 0.9, DAY),
        (str(DAY), DAY),
        ("2026-10-01", DAY),
        ("-1d", DAY - 86_400),
        (date(2026, 10, 1), DAY),
        (datetime(2026, 10, 1), DAY),  # noqa: DTZ001 - what it is about
        (datetime(2026, 10, 1, tzinfo=UTC), DAY),
        (datetime(2026, 10, 1, 2, tzinfo=timezone(timedelta(hours=2))), DAY),
    ],
)
def test_a_moment_has_every_form(moment: Moment, seconds: int) -> None:
    assert asked(start=moment).parameters[0] == ("start_time", str(seconds))
    end = asked(start=0, end=moment).parameters[1]
    assert end == ("end_time", str(seconds))


def test_what_has_no_zone_is_by_the_clocks_of_the_answer() -> None:
    for moment in ("2026-10-01", date(2026, 10, 1), datetime(2026, 10, 1)):  # noqa: DTZ001
        found = asked(start=moment, timezone="Europe/Paris")
        assert found.parameters[0] == ("start_time", str(DAY - 2 * 3600))


def test_an_end_that_is_now_is_the_servers() -> None:
    assert asked(end="now") == asked()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"width": "2d"}, r"width is '2d'.*1m, 5m, 15m, 1h, 1d, 1w, 1mo"),
        ({"timezone": "Mars/Base"}, "timezone is 'Mars/Base'"),
        ({"group_by": "colour"}, "group_by is 'colour'.*project_id.*tag:NAME"),
        ({"group_by": ["model", "line_item"]}, "group_by is 'line_item'"),
        ({"group_by": "tag:"}, "group_by is 'tag:'"),
        ({"group_by": "tag:a,b"}, "group_by is 'tag:a,b'"),
        ({"group_by": "tag:" + "x" * 65}, "group_by is"),
        ({"limit": 32}, "limit is 32, but at most 31"),
        ({"limit": 0}, "limit is 0, but it must be at least 1"),
        ({"top": 5}, "no groups to rank"),
        ({"top": 0, "group_by": "model"}, "top is 0"),
        ({"top": 1001, "group_by": "model"}, "top is 1001"),
        ({"order_by": "amount"}, "order_by is 'amount'.*num_model_requests"),
        ({"models": []}, "models is .*without a value"),
        ({"models": ""}, "models is .*without a value"),
        ({"models": ["a", ""]}, "models is .*without a value"),
        ({"models": "a,b"}, "models has 'a,b': a comma"),
        ({"models": " a"}, "models has ' a'.*blanks"),
        ({"tags": {"": "x"}}, "tags has the name ''"),
        ({"tags": {"team": []}}, r"tags\[team\] is"),
        ({"start": "yesterday"}, "is not a moment"),
        ({"start": -1}, "not between 1970"),
        ({"start": DAY * 1000}, "not between 1970"),
        ({"start": float("nan")}, "not between 1970"),
        ({"start": DAY, "end": DAY}, "start is 1790812800, but it must be before end"),
        ({"start": DAY, "end": "2026-09-30"}, "must be before end, which is '2026-09-30'"),
    ],
)
def test_a_value_that_is_known_to_be_wrong_goes_nowhere(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        asked(**options)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"model": "gpt"}, "completions has no option 'model'; it has group_by, .*models"),
        ({"line_items": "x"}, "has no option 'line_items'"),
        ({"batch": "true"}, "batch is 'true', but it must be True or False"),
        ({"batch": 1}, "batch is 1"),
        ({"models": [1]}, "models has 1, but it takes text"),
        ({"limit": "5"}, "limit is '5', but it must be a whole number"),
        ({"top": True, "group_by": "model"}, "top is True"),
        ({"start": True}, "True is not a moment"),
        ({"start": [DAY]}, "is not a moment"),
    ],
)
def test_what_is_of_another_sort_goes_nowhere(options: dict[str, Any], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        asked(**options)


def test_a_value_outside_a_filters_own_goes_nowhere() -> None:
    with pytest.raises(ValueError, match=r"sources has 'image\.magic'.*image\.generation"):
        asked(USAGE["images"], sources=["image.edit", "image.magic"])
    with pytest.raises(ValueError, match="kind is 'completion', but it must be one of completions"):
        endpoint_of("completion")


@given(data=st.data(), name=st.sampled_from(tuple(KINDS)))
def test_the_server_reads_what_was_meant(data: st.DataObject, name: str) -> None:
    query = data.draw(streams.queries(KINDS[name]))
    start, end = DAY - streams.WINDOW_SECONDS + query["start"], DAY
    filters = {
        key: values[0] if key == "batch" else values for key, values in query["filters"].items()
    }
    tags = data.draw(st.dictionaries(streams.names.map(lambda each: each[:64]), streams.names))
    keys = {*query["group_by"], *(f"tag:{tag}" for tag in tags if "," not in tag)}
    found = asked(
        USAGE[name], start, end, query["width"], group_by=sorted(keys), tags=tags, **filters
    )
    read = read_usage_query(urlencode(found.parameters).encode(), KINDS[name], NOW, None)
    assert (read.start, read.end, read.width) == (start - start % 60, end, query["width"])
    assert read.group_by == found.keys
    conditions = {condition.dimension: set(condition.values) for condition in read.conditions}
    names = {filter_.name: filter_.dimension for filter_ in KINDS[name].filters}
    expected = {
        names[key]: {values} if key == "batch" else set(values) for key, values in filters.items()
    }
    assert conditions == expected | {f"tag:{tag}": {value} for tag, value in tags.items()}


@given(items=st.lists(st.text(min_size=1), min_size=1, unique=True))
def test_line_items_are_read_whole(items: list[str]) -> None:
    query = urlencode(asked(COSTS, line_items=items).parameters).encode()
    (condition,) = read_costs_query(query, NOW, None).conditions
    assert condition.values == tuple(items)
