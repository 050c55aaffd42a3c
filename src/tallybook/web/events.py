"""``GET /v1/events``: stored events, page by page, as they can be posted again."""

from starlette.requests import Request
from starlette.responses import Response

from tallybook.domain.instants import exclusive_now
from tallybook.intake.native import Format
from tallybook.ledger.stopping import Stop
from tallybook.usage.event_pages import NEXT_PAGE_HEADER, event_list, ndjson
from tallybook.web.access import caller_of
from tallybook.web.envelope import JSONResponse
from tallybook.web.event_parameters import read_listing
from tallybook.web.querying import answered
from tallybook.web.services import services_of


async def get_events(request: Request) -> Response:
    """A page of events: a list, or lines for whoever accepts those."""
    services = services_of(request)
    now = exclusive_now(services.clock())
    listing = read_listing(request.scope["query_string"], now, caller_of(request).projects)
    by_lines = Format.NDJSON in request.headers.get("accept", "")

    def answer(stop: Stop) -> Response:
        page = event_list(listing, services.ledger, stop)
        if not by_lines:
            return JSONResponse(page)
        headers = {} if page.next_page is None else {NEXT_PAGE_HEADER: page.next_page}
        return Response(ndjson(page), headers=headers, media_type=Format.NDJSON)

    return await answered(request, services, answer)
