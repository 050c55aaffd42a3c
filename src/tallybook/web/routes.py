"""The routes, and the authorization table: every route has a row, with its scope."""

from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from tallybook.domain import costs
from tallybook.domain.kinds import KINDS
from tallybook.organization.scopes import Scope
from tallybook.usage.dialects import LEGACY_PREFIX
from tallybook.web.access import Reach
from tallybook.web.costs import get_costs
from tallybook.web.events import get_events
from tallybook.web.health import healthz, readyz
from tallybook.web.ingest import post_events
from tallybook.web.login import SESSION_SCOPE, delete_session, get_session, post_session
from tallybook.web.prices import (
    get_cards,
    get_explanation,
    get_price_list,
    get_repricings,
    post_repricing,
)
from tallybook.web.reference import get_docs, get_openapi
from tallybook.web.usage import get_usage

BASE_PATH = "/v1"

Handler = Callable[[Request], Awaitable[Response]]


class Door(msgspec.Struct, frozen=True):
    """One route: its path and method, the scope that opens it (None: anyone), its handler.

    ``reach`` says whether a key that is bound to projects may come in.
    """

    path: str
    method: str
    scope: Scope | None
    handler: Handler
    reach: Reach = Reach.ORGANIZATION


DOORS: tuple[Door, ...] = (
    Door("/healthz", "GET", None, healthz),
    Door("/readyz", "GET", None, readyz),
    Door("/openapi.json", "GET", None, get_openapi),
    Door("/docs", "GET", None, get_docs),
    Door("/session", "POST", None, post_session),
    Door("/session", "GET", SESSION_SCOPE, get_session, Reach.PROJECTS),
    Door("/session", "DELETE", SESSION_SCOPE, delete_session, Reach.PROJECTS),
    Door(f"{BASE_PATH}/events", "POST", Scope.USAGE_WRITE, post_events, Reach.PROJECTS),
    Door(f"{BASE_PATH}/events", "GET", Scope.USAGE_READ, get_events, Reach.PROJECTS),
    *(
        Door(f"{prefix}{kind.path}", "GET", Scope.USAGE_READ, get_usage(kind), Reach.PROJECTS)
        for prefix in (BASE_PATH, LEGACY_PREFIX)
        for kind in KINDS.values()
    ),
    Door(f"{BASE_PATH}/prices/cards", "GET", Scope.USAGE_READ, get_cards),
    # Of the price book, and of no usage.
    Door(f"{BASE_PATH}/prices/list", "GET", Scope.USAGE_READ, get_price_list, Reach.PROJECTS),
    Door(
        f"{BASE_PATH}/prices/explanation",
        "GET",
        Scope.USAGE_READ,
        get_explanation,
        Reach.PROJECTS,
    ),
    Door(f"{BASE_PATH}/prices/repricings", "GET", Scope.USAGE_READ, get_repricings),
    Door(f"{BASE_PATH}/prices/repricings", "POST", Scope.PRICES_WRITE, post_repricing),
    *(
        Door(f"{prefix}{costs.PATH}", "GET", Scope.USAGE_READ, get_costs, Reach.PROJECTS)
        for prefix in (BASE_PATH, LEGACY_PREFIX)
    ),
)
