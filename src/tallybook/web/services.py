"""What the routes work with, made once at the edge and passed in."""

import time
from collections.abc import Callable

import msgspec
from anyio import CapacityLimiter
from starlette.requests import Request

from tallybook.ledger.committer import Committer
from tallybook.ledger.ledger import Ledger
from tallybook.organization.live_keys import LiveKeys
from tallybook.organization.organization import Organization
from tallybook.pricing.source import PriceSource
from tallybook.settings import BY_NAME, Settings
from tallybook.web.dashboard_files import FOLDER, Dashboard, read_dashboard
from tallybook.web.metering.meters import Meters
from tallybook.web.query_threads import QueryThreads
from tallybook.web.rate_limits import RateLimits
from tallybook.web.receiving import Receiving
from tallybook.web.sessions import SessionSigner, signer_with

# Looks at the organization and changes of it that are under way at once: fewer than its pool has
# connections, so that none waits for one.
ORGANIZING_MAX = 8

# Unix seconds, with a fraction.
Clock = Callable[[], float]


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """The ledger and its committer, the organization and its keys, prices, settings, the clock."""

    ledger: Ledger
    committer: Committer
    prices: PriceSource
    organization: Organization
    keys: LiveKeys
    settings: Settings
    clock: Clock
    meters: Meters = msgspec.field(default_factory=Meters)
    dashboard: Dashboard = msgspec.field(default_factory=lambda: read_dashboard(FOLDER))
    sessions: SessionSigner = msgspec.field(default_factory=lambda: signer_with(""))
    # By a clock that is never set.
    rate_limits: RateLimits = msgspec.field(default_factory=lambda: RateLimits(time.monotonic_ns))
    # Large bodies are decoded one at a time: see ``web/ingest.py``.
    decoding: CapacityLimiter = msgspec.field(default_factory=lambda: CapacityLimiter(1))
    # So that changes, which wait for one another, hold up none of the threads of others.
    organizing: CapacityLimiter = msgspec.field(
        default_factory=lambda: CapacityLimiter(ORGANIZING_MAX)
    )
    # Apart from all other threads, so that a pile of slow queries holds up nothing but queries.
    queries: QueryThreads = msgspec.field(
        default_factory=lambda: QueryThreads(BY_NAME["queries_waiting_max"].default)
    )
    # What comes in, and is not decoded yet.
    receiving: Receiving = msgspec.field(
        default_factory=lambda: Receiving(BY_NAME["receiving_bytes_max"].default)
    )


def services_of(request: Request) -> Services:
    """The services of the app that answers a request."""
    services: Services = request.app.state.services
    return services
