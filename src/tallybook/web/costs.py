"""``GET /v1/organization/costs``: the contract's costs, and beyond them any width and dimension."""

from starlette.requests import Request
from starlette.responses import Response

from tallybook.domain.instants import exclusive_now
from tallybook.ledger.stopping import Stop
from tallybook.usage.costs import costs_page, unpriced_events
from tallybook.usage.dialects import dialect_of
from tallybook.web.access import caller_of
from tallybook.web.conditional import revalidated
from tallybook.web.envelope import JSONResponse
from tallybook.web.parameters import read_costs_query
from tallybook.web.querying import answered
from tallybook.web.services import services_of

# How many events of the page's range have a charge that nobody prices: what is unknown is never
# free in silence, and the body is the contract's.
UNPRICED_HEADER = "tallybook-unpriced-events"


async def get_costs(request: Request) -> Response:
    """One page of costs."""
    services = services_of(request)
    now = exclusive_now(services.clock())
    query = read_costs_query(request.scope["query_string"], now, caller_of(request).projects)
    dialect = dialect_of(request.url.path, request.headers.get("user-agent", ""))

    def whole(stop: Stop) -> Response:
        page = costs_page(query, dialect, services.ledger, stop)
        unpriced = unpriced_events(query, services.ledger, stop)
        return JSONResponse(page, headers={UNPRICED_HEADER: str(unpriced)})

    def answer(stop: Stop) -> Response:
        return revalidated(request, query, dialect, services.ledger, lambda: whole(stop))

    return await answered(request, services, answer)
