"""What the API answers, and what a page shows of it, both with every digit."""

import re
from decimal import Decimal
from typing import Any

import msgspec
from playwright.sync_api import Locator

from support.server import Server

_exact = msgspec.json.Decoder(float_hook=Decimal)

Groups = dict[tuple[Any, ...], Decimal]


def answered(server: Server, path: str, **parameters: Any) -> Any:
    """The API's answer, its numbers as they stand on the wire."""
    answer = server.http.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    return _exact.decode(answer.content)


def groups_of(server: Server, path: str, number: str, by: tuple[str, ...], **asked: Any) -> Groups:
    """A number by group over all buckets; ``amount`` is that of costs."""
    page = answered(server, path, **({"group_by": by} if by else {}), **asked)
    assert page["next_page"] is None
    groups: Groups = {}
    for bucket in page["data"]:
        for row in bucket["results"]:
            value = Decimal(row["amount"]["value"] if number == "amount" else row[number])
            keys = tuple(row[name] for name in by)
            groups[keys] = groups.get(keys, Decimal(0)) + value
    return groups


def exact(locator: Locator) -> Decimal:
    """The number that a part of the page shows, with all of its digits."""
    told = locator.get_attribute("data-exact")
    assert told is not None
    return Decimal(re.sub(r"[^0-9.]", "", told))
