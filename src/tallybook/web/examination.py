"""``GET /v1/doctor``: the checks of ``tallybook doctor``, by the server of itself."""

from starlette.requests import Request
from starlette.responses import Response

from tallybook.doctor.checks import Examination, examine
from tallybook.doctor.visiting import visit, visit_server
from tallybook.ledger.stopping import Stop
from tallybook.web.envelope import JSONResponse
from tallybook.web.querying import answered
from tallybook.web.services import services_of


async def get_examination(request: Request) -> Response:
    """What is well with this server, and what is not."""
    services = services_of(request)

    def work(stop: Stop) -> Examination:
        now = services.clock()
        version = services.ledger.condition(now).version
        built = services.dashboard.page is not None
        around = visit(services.settings, now, version, dashboard_built=built)
        parts = (services.ledger, services.organization, services.prices)
        return examine(visit_server(around, *parts, stop))

    return JSONResponse(await answered(request, services, work))
