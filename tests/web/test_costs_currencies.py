"""Costs in more than one currency, and of what nobody states a price for."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from support.events import DAY, event
from support.server import Server, running
from support.wire import fault, refusal

_PRICES = """\
[[price]]
model = "large"
input = "2 / 1M tokens"

[[price]]
model = "large"
provider = "acme"
currency = "eur"
input = "1 / 1M tokens"

[[price]]
model = "painter"
images = "0.04 / image"
"""
_MILLION = 1_000_000
_DAYS = {"currencies": DAY, "calm": DAY + 86_400, "unpriced": DAY + 2 * 86_400}
_DAYS |= {"more unpriced": DAY + 3 * 86_400}


def _tokens(name: str, day: str, at: float = 0, **more: Any) -> dict[str, Any]:
    """An event that costs 2 dollars, or 1 euro with a provider who asks for euros."""
    counts = {"input_tokens": _MILLION, "output_tokens": 0}
    known = {"id": f"{day} {name}", "time": _DAYS[day] + at, "model": "large"}
    return event() | counts | known | more


_EVENTS = [
    _tokens("dollars", "currencies", 10, project_id="p"),
    _tokens("euros", "currencies", 11, project_id="p", provider="acme"),
    _tokens("more euros", "currencies", 7_200, project_id="q", provider="acme"),
    _tokens("nobody", "currencies", 7_201, project_id="q", model="nobody-knows"),
    _tokens("nobody alone", "currencies", 10_800, project_id="r", model="nobody-knows"),
    _tokens("euros", "calm", 0, provider="acme"),
    _tokens("whole", "unpriced", 0),
    _tokens("no prices", "unpriced", 1, model="nobody-knows", output_tokens=5, project_id="p"),
    _tokens("no price of one", "unpriced", 2, model="painter", input_tokens=0, output_tokens=0),
    _tokens("in part", "unpriced", 3_600, model="painter", input_tokens=1, tags={"team": "a"}),
    _tokens("tier", "unpriced", 3_601, service_tier="scale", user_id="u"),
    _tokens("later", "more unpriced", 0, model="nobody-knows"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with prices in dollars and in euros, and all events of this module."""
    folder = tmp_path_factory.mktemp("priced")
    (folder / "prices.toml").write_text(_PRICES, encoding="utf-8")
    with running(folder) as server:
        assert server.post(_EVENTS).json()["accepted"] == len(_EVENTS)
        yield server


def _ask(server: Server, day: str, days: int = 1, **asked: Any) -> httpx2.Response:
    start = _DAYS[day]
    times = {"start_time": start, "end_time": start + days * 86_400}
    return server.http.get("/v1/organization/costs", params={**times, **asked})


def _buckets(server: Server, day: str, days: int = 1, **asked: Any) -> list[Any]:
    answer = _ask(server, day, days, **asked)
    assert answer.status_code == 200, answer.text
    # As text, so that 0.218 is what was written and not what a double makes of it.
    page = json.loads(answer.content, parse_float=str, parse_int=str)
    return [bucket["results"] for bucket in page["data"]]


def _found(server: Server, day: str, *keys: str, **asked: Any) -> list[Any]:
    """The rows of a day: the keys, and the amount with its currency."""
    (rows,) = _buckets(server, day, **{"group_by[]": [*keys]} | asked)
    return [
        (*(row[key] for key in keys), f"{row['amount']['value']} {row['amount']['currency']}")
        for row in rows
    ]


def test_two_currencies_are_never_added_up(server: Server) -> None:
    answer = _ask(server, "currencies")
    assert fault(answer) == refusal("group_by", "invalid_value")
    assert answer.json()["error"]["message"] == (
        "A bucket has costs in eur and usd, which are never added up. Group by currency"
        " (group_by=currency) or by what tells them apart, or ask for one of them"
        " (currencies=eur)."
    )
    for keys in ("project_id", "model", "line_item,model", "tag:team", "user_id,batch"):
        refused = fault(_ask(server, "currencies", group_by=keys))
        assert refused == refusal("group_by", "invalid_value")


def test_what_tells_currencies_apart_resolves_them(server: Server) -> None:
    assert _found(server, "currencies", "currency") == [
        ("eur", "2 eur"),
        ("usd", "2 usd"),
        (None, "0 usd"),
    ]
    assert _found(server, "currencies", "provider") == [("acme", "2 eur"), ("openai", "2 usd")]
    assert _found(server, "currencies", currencies="eur") == [("2 eur",)]
    assert _found(server, "currencies", currencies="usd") == [("2 usd",)]
    assert _found(server, "currencies", currencies="gbp") == []
    assert _found(server, "currencies", providers="acme") == [("2 eur",)]
    assert _found(server, "currencies", project_ids="q") == [("1 eur",)]
    assert _found(server, "currencies", "project_id", "line_item", "provider") == [
        ("p", "large, input", "acme", "1 eur"),
        ("p", "large, input", "openai", "2 usd"),
        ("q", "large, input", "acme", "1 eur"),
        ("q", "nobody-knows, input, unpriced", "openai", "0 usd"),
        ("r", "nobody-knows, input, unpriced", "openai", "0 usd"),
    ]


def test_currencies_in_different_buckets_or_pages_do_not_meet(server: Server) -> None:
    hours = _buckets(server, "currencies", bucket_width="1h", providers="acme")
    assert [place for place, rows in enumerate(hours) if rows] == [0, 2]
    # The first hour has both, and what nobody prices is of no currency.
    assert fault(_ask(server, "currencies", bucket_width="1h"))["param"] == "group_by"
    start = _DAYS["currencies"] + 3_600
    found = _ask(server, "currencies", start_time=start, bucket_width="1h", limit=3).json()
    assert [[row["amount"] for row in bucket["results"]] for bucket in found["data"]] == [
        [],
        [{"value": 1, "currency": "eur"}],
        [{"value": 0, "currency": "usd"}],
    ]
    # A page is refused for what is on it alone.
    mixed, calm = _DAYS["currencies"], _DAYS["calm"]
    asked: dict[str, Any] = {"start_time": mixed - 86_400, "end_time": calm + 86_400, "limit": 1}
    first = _ask(server, "currencies", **asked)
    assert first.status_code == 200
    second = _ask(server, "currencies", **asked, page=first.json()["next_page"])
    assert fault(second) == refusal("group_by", "invalid_value")
    assert _found(server, "calm") == [("1 eur",)]


def _unpriced(server: Server, day: str = "unpriced", days: int = 1, **asked: Any) -> int:
    answer = _ask(server, day, days, **asked)
    assert answer.status_code == 200, answer.text
    return int(answer.headers["tallybook-unpriced-events"])


def test_every_answer_says_how_many_events_have_a_charge_that_nobody_prices(
    server: Server,
) -> None:
    # An event with two such charges counts once, one that is priced in part counts too, and one
    # of which nothing was used does not.
    assert _unpriced(server) == 3
    assert _unpriced(server, days=2) == 4
    assert _unpriced(server, days=2, limit=1) == 3
    page = _ask(server, "unpriced", 2, limit=1).json()["next_page"]
    assert _unpriced(server, days=2, limit=1, page=page) == 1
    assert _unpriced(server, "calm") == 0


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"group_by": "line_item"}, 3),
        ({"group_by": "project_id,model,tag:team"}, 3),
        ({"bucket_width": "1h", "limit": 1}, 1),
        ({"bucket_width": "1m"}, 1),
        ({"models": "nobody-knows"}, 1),
        ({"models": "large"}, 1),
        ({"models": "painter", "tags[team]": "a"}, 1),
        ({"tags[team]": "b"}, 0),
        ({"project_ids": "p"}, 1),
        ({"user_ids": "u"}, 1),
        ({"user_ids": "u", "project_ids": "p"}, 0),
        ({"providers": "acme"}, 0),
        ({"line_items": "nobody-knows, output, unpriced"}, 1),
        ({"line_items[]": ["nobody-knows, output, unpriced", "painter, input, unpriced"]}, 2),
        ({"line_items": "large, input"}, 0),
        ({"currencies": "usd"}, 0),
    ],
    ids=str,
)
def test_only_events_that_match_the_filters_are_counted_however_they_are_grouped(
    server: Server, asked: dict[str, Any], count: int
) -> None:
    assert _unpriced(server, **asked) == count


def test_what_nobody_prices_is_a_line_of_nothing_with_its_quantity(server: Server) -> None:
    (rows,) = _buckets(server, "unpriced", group_by="line_item")
    lines = [
        (row["line_item"], row["amount"]["value"], row["quantity"], row["quantity_unit"])
        for row in rows
    ]
    assert lines == [
        ("large, input", "2", "1000000", "tokens"),
        ("large, input, unpriced", "0", "1000000", "tokens"),
        ("nobody-knows, input, unpriced", "0", "1000000", "tokens"),
        ("nobody-knows, output, unpriced", "0", "5", "tokens"),
        ("painter, input, unpriced", "0", "1", "tokens"),
    ]
    assert _found(server, "unpriced", models="nobody-knows") == [("0 usd",)]
