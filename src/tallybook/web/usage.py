"""``GET /v1/organization/usage/…``: one route per kind, all by the table of kinds."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from tallybook.domain.definitions import Kind
from tallybook.domain.instants import exclusive_now
from tallybook.ledger.stopping import Stop
from tallybook.usage.dialects import dialect_of
from tallybook.usage.pages import usage_page
from tallybook.web.access import caller_of
from tallybook.web.conditional import revalidated
from tallybook.web.envelope import JSONResponse
from tallybook.web.parameters import read_usage_query
from tallybook.web.querying import answered
from tallybook.web.services import services_of


def get_usage(kind: Kind) -> Callable[[Request], Awaitable[Response]]:
    """The handler of a kind's usage endpoint."""

    async def handle(request: Request) -> Response:
        services = services_of(request)
        now = exclusive_now(services.clock())
        projects = caller_of(request).projects
        query = read_usage_query(request.scope["query_string"], kind, now, projects)
        dialect = dialect_of(request.url.path, request.headers.get("user-agent", ""))

        def whole(stop: Stop) -> Response:
            return JSONResponse(usage_page(query, dialect, services.ledger, stop))

        def answer(stop: Stop) -> Response:
            return revalidated(request, query, dialect, services.ledger, lambda: whole(stop))

        return await answered(request, services, answer)

    return handle
