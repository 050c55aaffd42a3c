"""Lists: which part is asked for, and the envelope that it comes in (``docs/wire.md``, 12)."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from starlette.responses import Response

from tallybook.domain.errors import AboveMaximum, BelowMinimum
from tallybook.organization.windows import LIMIT_DEFAULT, LIMIT_MAX, Page, Window
from tallybook.web.envelope import JSONResponse
from tallybook.web.organization.parameters import choice
from tallybook.web.query_strings import Parameters

# The parameters of every list.
PAGING = ("limit", "after")
ORDERS = ("asc", "desc")


class Listed(Protocol):
    """What a list holds: something that is found again by its id."""

    @property
    def id(self) -> str:
        """The id, which is a cursor of the list."""


Record = TypeVar("Record")


def window_of(parameters: Parameters, *, newest_first: bool = False) -> Window:
    """The part of a list that is asked for; by ``order``, where the route has that.

    Raises InvalidType, BelowMinimum, AboveMaximum and InvalidValue.
    """
    default = "desc" if newest_first else "asc"
    return Window(
        limit=_limit(parameters),
        after=parameters.scalars.get("after") or None,
        before=parameters.scalars.get("before") or None,
        newest_first=choice(parameters, "order", ORDERS, default) == "desc",
    )


def list_answer(page: Page[Record], told: Callable[[Record], Listed]) -> Response:
    """A page in the envelope of lists, each record as ``told`` tells it."""
    data = [told(record) for record in page.records]
    ids = [each.id for each in data]
    return JSONResponse(envelope_of(data, ids, has_more=page.has_more))


def envelope_of(data: Sequence[Any], ids: Sequence[str], *, has_more: bool) -> dict[str, Any]:
    """The envelope of lists around what has these ids."""
    return {
        "object": "list",
        "data": data,
        "first_id": ids[0] if ids else None,
        "last_id": ids[-1] if ids else None,
        "has_more": has_more,
    }


def _limit(parameters: Parameters) -> int:
    limit = parameters.integer("limit")
    if limit is None:
        return LIMIT_DEFAULT
    if limit < 1:
        raise BelowMinimum(f"limit is {limit}, but it must be at least 1.", param="limit")
    if limit > LIMIT_MAX:
        raise AboveMaximum(
            f"limit is {limit}, but a page has at most {LIMIT_MAX} records.", param="limit"
        )
    return limit
