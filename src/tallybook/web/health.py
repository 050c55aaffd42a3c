"""``/healthz`` and ``/readyz``: for whoever restarts or routes to the server."""

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from tallybook.version import __version__
from tallybook.web.envelope import JSONResponse
from tallybook.web.services import services_of


async def healthz(_request: Request) -> Response:
    """The process lives and answers."""
    return JSONResponse({"status": "ok", "version": __version__})


async def readyz(request: Request) -> Response:
    """The ledger answers too; 503 with the error envelope when it does not."""
    await anyio.to_thread.run_sync(services_of(request).ledger.check)
    return JSONResponse({"status": "ready"})
