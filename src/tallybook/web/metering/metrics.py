"""``GET /metrics``: meters and readings, as OpenMetrics or as Prometheus' text format 0.0.4."""

from collections.abc import Iterator

import anyio.to_thread
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from tallybook.web.metering.readings import Readings
from tallybook.web.services import services_of

_MADE_AT = "_created"

OPENMETRICS = "application/openmetrics-text"


async def get_metrics(request: Request) -> Response:
    """All that this server tells of itself."""
    services = services_of(request)
    told = CollectorRegistry()
    told.register(_Meters(services.meters.registry))
    told.register(Readings(services))
    if OPENMETRICS in request.headers.get("accept", ""):
        body = await anyio.to_thread.run_sync(openmetrics.generate_latest, told)
        media_type = openmetrics.CONTENT_TYPE_LATEST
    else:
        body = await anyio.to_thread.run_sync(generate_latest, told)
        media_type = CONTENT_TYPE_PLAIN_0_0_4
    return Response(body, headers={"Content-Type": media_type})


class _Meters(Collector):
    """Meters without the times at which they were made, which would double their number."""

    def __init__(self, meters: Collector) -> None:
        self._meters = meters

    def collect(self) -> Iterator[Metric]:
        for metric in self._meters.collect():
            metric.samples = [each for each in metric.samples if not each.name.endswith(_MADE_AT)]
            yield metric
