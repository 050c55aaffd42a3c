"""What a server must say, by the oracles, of the events that it has."""

import json
import random
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

import httpx2
import msgspec

from faults.callers import Fate, Record
from faults.workload import DAYS, PRICE_LISTS, PROJECTS, SPAN_SECONDS, EventData
from support import cost_oracle, oracle
from support.cost_prices import Price
from support.events import DAY
from support.told_events import told
from tallybook.domain.kinds import KINDS

Identity = tuple[str, float]

_LISTED_AT_ONCE = 2_000
_DAY_SECONDS = 86_400
# Widths, and how long a range is asked for at each.
_RANGES = {
    "1m": (5_400, _DAY_SECONDS // 6),
    "1h": (_DAY_SECONDS, SPAN_SECONDS),
    "1d": (SPAN_SECONDS, SPAN_SECONDS),
    "5m": (7_200, _DAY_SECONDS // 4),
    "1w": (SPAN_SECONDS, SPAN_SECONDS),
}
_GROUPS: tuple[tuple[str, ...], ...] = (
    (),
    ("project_id",),
    ("model",),
    ("user_id", "api_key_id"),
    ("tag:team",),
    ("provider", "batch"),
)
_COST_GROUPS: tuple[tuple[str, ...], ...] = (
    ("line_item", "currency"),
    ("model", "currency"),
    ("project_id", "currency"),
    ("currency", "line_item", "user_id"),
)


class Model:
    """The events that are stored, each once, and the price list that all of them are priced by."""

    def __init__(self) -> None:
        self.events: dict[Identity, EventData] = {}
        self.projects: set[str] = set()
        self.prices = 0

    @property
    def stored(self) -> list[EventData]:
        return list(self.events.values())

    def take_in(self, client: httpx2.Client, record: Record, *, may_keep_refused: bool) -> int:
        """Learn what is stored of what was tried; how many requests are that had no answer.

        Each is stored whole if it was acknowledged, not if it was refused, else
        whole or not; nothing is stored twice, and nothing that nobody sent.
        ``may_keep_refused``: a disk that fails after the commit was written
        leaves a request that was refused like one that had no answer.
        """
        assert not record.faults, record.faults
        listed = settled(client)
        found = {(event["id"], event["time"]): event for event in listed}
        assert len(found) == len(listed), "an event is listed twice"
        survived = 0
        known = dict(self.events)
        for attempt in record.attempts:
            there = [(event["id"], event["time"]) in found for event in attempt.fresh]
            where = f"{attempt.way} {attempt.fate}: {sum(there)} of {len(there)} are stored"
            if attempt.fate is Fate.STORED:
                assert all(there), where
            elif attempt.fate is Fate.REFUSED and not may_keep_refused:
                assert not any(there), where
            else:
                assert all(there) or not any(there), where
                survived += all(there)
            if all(there):
                known |= {(event["id"], event["time"]): event for event in attempt.fresh}
        wrong = {each: found.get(each) for each in known if found.get(each) != told(known[each])}
        assert not wrong, f"{len(wrong)} events are lost or others: {next(iter(wrong.items()))}"
        assert len(found) == len(known), "there are events that nobody sent"
        self.events = known
        self.projects |= set(record.projects)
        return survived

    def ask(self, client: httpx2.Client, random_: random.Random) -> None:
        """Ask for usage and costs, at random; every answer is the oracle's."""
        for _ in range(3):
            self._ask_usage(client, random_)
        self._ask_costs(client, random_)

    def assert_priced(self, client: httpx2.Client, random_: random.Random, *lists: int) -> int:
        """All events are priced by one of these lists, and by the same; which it is."""
        question = _costs_question(random_, "1w")
        answered = _costs(client, question)
        for number in lists:
            if answered == self._costs(question, PRICE_LISTS[number]):
                return number
        raise AssertionError(f"costs are neither of {lists}: {question}")

    def assert_projects(self, client: httpx2.Client) -> None:
        """Every project that was made is there."""
        after: str | None = None
        found: set[str] = set()
        while True:
            more: dict[str, str | int] = {"after": after} if after else {}
            answer = client.get("/v1/organization/projects", params={**more, "limit": 100})
            assert answer.status_code == 200, answer.text
            page = answer.json()
            found |= {project["id"] for project in page["data"]}
            if not page["has_more"]:
                break
            after = page["last_id"]
        assert found >= self.projects, f"lost projects: {self.projects - found}"

    def _ask_usage(self, client: httpx2.Client, random_: random.Random) -> None:
        kind = KINDS[random_.choice(("completions", *KINDS))]
        width = random_.choice(tuple(_RANGES))
        start, end = _range(random_, width)
        names = {"tag:team", "provider", *kind.dimensions}
        group_by = set(random_.choice(_GROUPS)) & names
        projects = random_.sample(PROJECTS, 2) if random_.random() < 0.5 else []
        filters = {"project_id": projects} if projects else {}
        parameters = [("start_time", start), ("end_time", end), ("bucket_width", width)]
        parameters += [("group_by", name) for name in sorted(group_by)]
        parameters += [("project_ids", name) for name in projects]
        found = _buckets(client, f"/v1/organization/usage/{kind.name}", parameters)
        wanted = oracle.answer(
            self.stored,
            kind=kind.name,
            dimensions=kind.dimensions,
            start=start,
            end=end,
            width=width,
            group_by=group_by,
            filters=filters,
        )
        assert found == wanted, (kind.name, parameters)

    def _ask_costs(self, client: httpx2.Client, random_: random.Random) -> None:
        question = _costs_question(random_, random_.choice(("1h", "1d", "1w")))
        assert _costs(client, question) == self._costs(question, PRICE_LISTS[self.prices]), question

    def _costs(self, question: dict[str, Any], prices: tuple[Price, ...]) -> list[Any]:
        # The list is looked up only of events that pass the filter.
        events = [event | {"price_list": prices} for event in self.stored]
        filters = {"project_ids": [question["project"]]}
        del question["project"]
        answer = cost_oracle.answer(events, **question, filters=filters)
        question["project"] = filters["project_ids"][0]
        return [bucket.on_the_wire for bucket in answer]


def settled(client: httpx2.Client) -> list[EventData]:
    """All events, once two walks in a row found the same.

    Where the server lived on, what somebody sent who did not wait may be stored during a walk,
    which then finds the part of it that it had still before it.
    """
    before = everything(client)
    while (found := everything(client)) != before:
        before = found
    return found


def everything(client: httpx2.Client, **asked: str) -> list[EventData]:
    """All events that a server lists, those that count unless something else is asked for."""
    found: list[EventData] = []
    parameters = {"start_time": DAY, "end_time": DAY + SPAN_SECONDS, "limit": _LISTED_AT_ONCE}
    token: str | None = None
    while True:
        more = {"page": token} if token else {}
        answer = client.get("/v1/events", params={**parameters, **asked, **more})
        assert answer.status_code == 200, answer.text
        body = msgspec.json.decode(answer.content)
        found += body["data"]
        token = body["next_page"]
        if token is None:
            return found


def _range(random_: random.Random, width: str) -> tuple[int, int]:
    """A range that has something in it, off any boundary but that of a minute."""
    shortest, longest = _RANGES[width]
    length = random_.randint(shortest // 60, longest // 60) * 60
    start = DAY + random_.randrange(0, SPAN_SECONDS - length + 60, 60)
    if width in ("1d", "1w", "1h"):
        start -= start % 60
    return start, start + length


def _costs_question(random_: random.Random, width: str) -> dict[str, Any]:
    start, end = (DAY, DAY + DAYS * _DAY_SECONDS) if width == "1w" else _range(random_, width)
    return {
        "start": start,
        "end": end,
        "width": width,
        "group_by": set(random_.choice(_COST_GROUPS)),
        "project": random_.choice(PROJECTS),
    }


def _costs(client: httpx2.Client, question: dict[str, Any]) -> list[Any]:
    parameters = [
        ("start_time", question["start"]),
        ("end_time", question["end"]),
        ("bucket_width", question["width"]),
        ("project_ids", question["project"]),
        *(("group_by", name) for name in sorted(question["group_by"])),
    ]
    return _buckets(client, "/v1/organization/costs", parameters)


def _buckets(client: httpx2.Client, path: str, parameters: list[tuple[str, Any]]) -> list[Any]:
    """The buckets of all pages, numbers exact."""
    found: list[Any] = []
    token: str | None = None
    while True:
        more = [("page", token)] if token else []
        answer = client.get(f"{path}?{urlencode([*parameters, *more])}")
        assert answer.status_code == 200, (answer.text, parameters)
        page = json.loads(answer.content, parse_float=Fraction)
        found += page["data"]
        token = page["next_page"]
        if token is None:
            return found
