"""What a query string can ask beyond the contract: zones, widths, rankings, providers, tags."""

from typing import Any
from urllib.parse import urlencode

import pytest

from support.events import DAY
from support.zone_oracle import ODD_ZONES
from tallybook.domain.buckets import BucketWidth, Grid
from tallybook.domain.errors import (
    AboveMaximum,
    BelowMinimum,
    InvalidType,
    InvalidValue,
    RequestError,
    UnknownParameter,
)
from tallybook.domain.kinds import COSTS_LIMITS, KINDS, USAGE_LIMITS
from tallybook.domain.queries import Condition, CostsQuery, Query, UsageQuery
from tallybook.usage.cursor import Cursor, fingerprint
from tallybook.web.parameters import read_costs_query, read_usage_query

NOW = DAY + 40 * 86_400


def usage(kind: str = "completions", **asked: Any) -> UsageQuery:
    return read_usage_query(_written(asked), KINDS[kind], NOW, None)


def costs(**asked: Any) -> CostsQuery:
    return read_costs_query(_written(asked), NOW, None)


def _written(asked: dict[str, Any]) -> bytes:
    return urlencode({"start_time": DAY, **asked}, doseq=True).encode()


BOTH = pytest.mark.parametrize("read", [usage, costs])


@BOTH
@pytest.mark.parametrize("zone", ODD_ZONES)
def test_a_zone_is_named_as_in_the_iana_database(read: Any, zone: str) -> None:
    query: Query = read(timezone=zone)
    assert query.grid == Grid(BucketWidth.DAY, zone)


@BOTH
def test_without_a_zone_it_is_utc_and_nothing_is_ranked(read: Any) -> None:
    for asked in ({}, {"timezone": "", "order_by": "", "top": ""}):
        query: Query = read(**asked)
        assert (query.zone, query.order_by, query.top) == ("UTC", None, None)


@BOTH
@pytest.mark.parametrize(
    "zone",
    [
        "Europe/Pariss", "europe/paris", "CET ", "+02:00", "UTC+2", "localtime", "/etc/localtime",
        "../Europe/Paris", "Europe/../Europe/Paris", "Europe/Paris\x00", "Europe", "Europe/", ".",
        "/usr/share/zoneinfo/Europe/Paris", "posixrules", "tzdata.zi", "1", "x" * 5_000, "日本",
    ],
)  # fmt: skip
def test_any_other_zone_is_refused_by_its_name(read: Any, zone: str) -> None:
    with pytest.raises(InvalidValue, match="like Europe/Paris or UTC") as raised:
        read(timezone=zone)
    assert raised.value.param == "timezone"
    assert repr(zone[:60]) in str(raised.value)


@BOTH
@pytest.mark.parametrize("name", ["timezone", "order_by", "top"])
def test_brackets_and_second_values_are_refused(read: Any, name: str) -> None:
    for asked in ({f"{name}[]": "x"}, {name: ["1", "2"]}):
        with pytest.raises(InvalidType) as raised:
            read(**asked)
        assert raised.value.param == name


@pytest.mark.parametrize("width", BucketWidth)
def test_every_width_is_asked_for_by_its_name_and_has_its_limits(width: BucketWidth) -> None:
    for read, limits in ((usage, USAGE_LIMITS), (costs, COSTS_LIMITS)):
        query: Query = read(bucket_width=width.value)
        assert (query.width, query.limit) == (width, limits[width].default)
        assert read(bucket_width=width.value, limit=limits[width].maximum)
        with pytest.raises(AboveMaximum):
            read(bucket_width=width.value, limit=limits[width].maximum + 1)


def test_a_width_that_there_is_not_is_refused_by_all_there_are() -> None:
    with pytest.raises(InvalidValue, match="one of 1m, 5m, 15m, 1h, 1d, 1w, 1mo"):
        usage(bucket_width="2w")


def test_usage_begins_where_it_is_asked_to_and_costs_with_the_zones_bucket() -> None:
    asked: dict[str, Any] = {"timezone": "Europe/Paris", "bucket_width": "1mo"} | {
        "end_time": DAY + 5
    }
    assert (usage(**asked).start, usage(**asked).end) == (DAY, DAY + 5)
    # October in Paris: it ends on winter time.
    assert (costs(**asked).start, costs(**asked).end) == (
        DAY - 2 * 3_600,
        DAY + 31 * 86_400 - 3_600,
    )


@pytest.mark.parametrize(
    ("zone", "width", "hours"), [("Europe/Paris", "1d", 25), ("UTC", "1d", 24), ("UTC", "1w", 168)]
)
def test_a_page_goes_on_where_a_bucket_of_the_zone_begins(
    zone: str, width: str, hours: int
) -> None:
    # In Paris, the day on which clocks go back.
    start = Grid(BucketWidth(width), zone).floor(DAY + 24 * 86_400)
    asked: dict[str, Any] = {"start_time": start, "timezone": zone, "bucket_width": width}
    for read in (usage, costs):
        first: Query = read(**asked)
        resume = start + hours * 3_600
        token = Cursor(first.end, fingerprint(first), resume).encode()
        assert read(**asked, page=token).resume == resume
        with pytest.raises(InvalidValue, match="another query"):
            read(**(asked | {"timezone": "Asia/Tokyo"}), page=token)
        with pytest.raises(InvalidValue, match="another query"):
            read(**asked, page=token, group_by="project_id", top=3)


@pytest.mark.parametrize("kind", KINDS)
def test_usage_is_ordered_by_every_quantity_of_its_kind_and_by_nothing_else(kind: str) -> None:
    for quantity in KINDS[kind].wire_quantities:
        assert usage(kind, order_by=quantity.name).order_by == quantity.name
    for wrong in ("amount", "project_id", "output_reasoning_tokens", "sessions", "-images", "x"):
        with pytest.raises(InvalidValue) as raised:
            usage(kind, order_by=wrong)
        assert raised.value.param == "order_by"
        assert ", ".join(KINDS[kind].rankings) in str(raised.value)


def test_costs_are_ordered_by_their_amount_and_by_nothing_else() -> None:
    assert costs(order_by="amount").order_by == "amount"
    with pytest.raises(InvalidValue, match="costs can be ordered by amount"):
        costs(order_by="quantity")


@BOTH
@pytest.mark.parametrize("top", [1, 10, 1_000])
def test_the_largest_groups_are_asked_for_by_their_number(read: Any, top: int) -> None:
    query: Query = read(top=top, group_by="project_id")
    assert (query.top, query.order_by) == (top, None)
    assert query.ranking == ("num_model_requests" if read is usage else "amount")


@BOTH
@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"top": 0, "group_by": "project_id"}, BelowMinimum),
        ({"top": 1_001, "group_by": "project_id"}, AboveMaximum),
        ({"top": 10**40, "group_by": "project_id"}, AboveMaximum),
        ({"top": "ten", "group_by": "project_id"}, InvalidType),
        ({"top": "1.0", "group_by": "project_id"}, InvalidType),
        ({"top": 3}, InvalidValue),
        ({"top": 3, "group_by": ""}, InvalidValue),
    ],
    ids=str,
)
def test_a_top_that_cannot_be_is_refused(
    read: Any, asked: dict[str, Any], error: type[RequestError]
) -> None:
    with pytest.raises(error) as raised:
        read(**asked)
    assert (type(raised.value), raised.value.param) == (error, "top")


@pytest.mark.parametrize("kind", KINDS)
def test_usage_of_every_kind_is_told_apart_by_provider_and_tags(kind: str) -> None:
    query = usage(
        kind,
        group_by=["tag:team", "provider", "project_id", "tag:a, "],
        providers="acme,openai,acme",
        project_ids="p",
        **{"tags[team]": ["a,b", "c", "a,b"], "tags[env][]": "prod"},
    )
    assert query.group_by == ("project_id", "provider", "tag:a", "tag:team")
    assert set(query.conditions) == {
        Condition("project_id", ("p",)),
        Condition("provider", ("acme", "openai")),
        Condition("tag:team", ("a,b", "c")),
        Condition("tag:env", ("prod",)),
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["currency", "line_item", "quality", "tag:", "tag", "Provider"])
def test_usage_has_no_other_group_key_beyond_the_contract(kind: str, name: str) -> None:
    with pytest.raises(InvalidValue, match="provider and tag:NAME") as raised:
        usage(kind, group_by=name)
    assert raised.value.param == "group_by"


@pytest.mark.parametrize("text", ["tags", "tags[]", "tags[team", "tags["])
def test_half_a_tag_is_refused_and_filters_nothing_in_silence(text: str) -> None:
    for read in (usage, costs):
        with pytest.raises(InvalidType, match=r"tags\[team\]=search") as raised:
            read(**{text: "x"})
        assert raised.value.param == "tags"


def test_usage_has_no_filter_of_money() -> None:
    with pytest.raises(UnknownParameter, match="providers and tags"):
        usage(currencies="usd")
