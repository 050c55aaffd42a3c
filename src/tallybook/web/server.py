"""The server process: opens the data folder, serves, and stops in order."""

import asyncio
import gc
import logging
import logging.config
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import msgspec
import uvicorn

from tallybook.ledger.committer import Committer
from tallybook.ledger.opening import open_ledger, open_prices
from tallybook.ledger.seals.background import Sealing
from tallybook.organization.first_keys import first_keys
from tallybook.organization.in_force import server_actor
from tallybook.organization.live_keys import LiveKeys
from tallybook.organization.organization import open_organization
from tallybook.organization.roles import ADMIN, INGEST, Role
from tallybook.organization.settings_log import note_settings
from tallybook.settings import Settings
from tallybook.version import __version__
from tallybook.web.app import create_app
from tallybook.web.http_protocol import protocol_within
from tallybook.web.logs import JSON_LOG_CONFIG, LOG_CONFIG
from tallybook.web.metering.meters import Meters
from tallybook.web.metering.timed_appender import TimedAppender
from tallybook.web.open_files import allow_connections
from tallybook.web.origin import trusted_proxies
from tallybook.web.price_log import PriceLog
from tallybook.web.query_threads import QueryThreads
from tallybook.web.receiving import Receiving
from tallybook.web.services import Clock, Services
from tallybook.web.sessions import signer_with
from tallybook.web.stop_signals import StopSignals
from tallybook.web.tls import tls_context

# Allocations between two looks for reference cycles. Events come as hundreds of
# thousands of small objects and form none; at Python's default of 700 the
# collector takes a tenth of the time.
GC_THRESHOLD = 200_000

# Of the time in which a server is to stop, for closing what it has open; requests under way get the
# rest, and at least half.
CLOSING_SECONDS = 3

_log = logging.getLogger("tallybook")


class Opened(msgspec.Struct, frozen=True):
    """What someone who starts a server wants to know: where it is, and the keys just made."""

    address: str
    made_keys: dict[Role, str]


class Reception(msgspec.Struct, frozen=True):
    """How connections are met: with TLS or without it (None), and which proxies are believed."""

    tls: ssl.SSLContext | None
    proxies: list[str]

    @property
    def scheme(self) -> str:
        """That of the server's own address."""
        return "http" if self.tls is None else "https"


def serve(settings: Settings, on_open: Callable[[Opened], None], clock: Clock = time.time) -> None:
    """Serve until SIGTERM or SIGINT; ``on_open`` is called once requests are taken.

    Requests under way are finished and what waits is committed before it returns,
    which it does within ``shutdown_seconds`` of the signal, or the process ends.
    Raises LedgerUnavailable, OrganizationUnavailable or a child of one of them,
    InvalidPrices, InvalidKey, InvalidCertificate, InvalidSetting, and OSError for
    an address that is taken.
    """
    reception = Reception(tls_context(settings), trusted_proxies(settings.forwarded_allow_ips))
    sessions = signer_with(settings.session_secret)
    listener = _listen(settings.host, settings.port)
    logging.config.dictConfig(_log_config())
    gc.set_threshold(GC_THRESHOLD)
    meters = Meters()
    allow_connections(settings.connections_max)
    with ExitStack() as closing:
        signals = closing.enter_context(StopSignals(settings.shutdown_seconds))
        closing.callback(listener.close)
        prices = open_prices(settings, clock)
        ledger = open_ledger(settings, prices, settings.kept_tags)
        closing.callback(ledger.close)
        organization = open_organization(settings.data, settings.organization_url)
        closing.callback(organization.close)
        given = {ADMIN: settings.admin_key, INGEST: settings.ingest_key}
        chosen = {role: secret for role, secret in given.items() if secret}
        made = first_keys(organization, settings.data, chosen, clock())
        this_server = server_actor(settings.data)
        note_settings(organization, this_server, settings, clock())
        closing.enter_context(PriceLog(organization, prices, this_server, clock))
        keys = closing.enter_context(LiveKeys(organization, chosen))
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        opened = Opened(f"{reception.scheme}://{host}:{listener.getsockname()[1]}", made)

        async def run() -> None:
            timed = TimedAppender(ledger, meters)
            async with Committer(timed, settings.queue_bytes_max) as committer:
                services = Services(
                    ledger=ledger,
                    committer=committer,
                    prices=prices,
                    organization=organization,
                    keys=keys,
                    settings=settings,
                    clock=clock,
                    sessions=sessions,
                    meters=meters,
                    queries=QueryThreads(settings.queries_waiting_max),
                    receiving=Receiving(max(settings.receiving_bytes_max, settings.body_bytes_max)),
                )
                server = _Server(services, reception, lambda: _opened(opened, on_open))
                signals.when_stopping(server.stop)
                await server.serve(sockets=[listener])

        sealing = Sealing(ledger, clock, on_sealed=meters.sealed)
        with sealing, asyncio.Runner(loop_factory=_new_loop) as runner:
            runner.run(run())
    _log.info("Stopped", extra={"told": {"event": "stopped"}})


def _log_config() -> dict[str, Any]:
    """Lines for a person where one looks on, else for programs."""
    return LOG_CONFIG if sys.stderr.isatty() else JSON_LOG_CONFIG


def _opened(opened: Opened, on_open: Callable[[Opened], None]) -> None:
    """Say, also in the log, that requests are taken."""
    on_open(opened)
    told = {"event": "started", "version": __version__, "address": opened.address}
    _log.info("Started at %s", opened.address, extra={"told": told})


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket, bound before anything else so that a taken port costs nothing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as fault:
        listener.close()
        raise OSError(
            f"{host}:{port} cannot be listened on: {fault.strerror}. Stop what listens there, or"
            " choose another address with --host and --port."
        ) from fault
    return listener


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop  # noqa: PLC0415 - not there on every system
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


class _Server(uvicorn.Server):
    """Uvicorn, which says when it takes requests and leaves the loop to its caller."""

    def __init__(
        self, services: Services, reception: Reception, on_open: Callable[[], None]
    ) -> None:
        tls = reception.tls
        seconds = services.settings.shutdown_seconds
        super().__init__(
            uvicorn.Config(
                create_app(services),
                http=protocol_within(services.settings),
                ws="none",
                lifespan="off",
                server_header=False,
                access_log=False,
                # Configured before anything is opened: see ``serve``.
                log_config=None,
                log_level="warning",
                # None would mean what the environment says.
                proxy_headers=bool(reception.proxies),
                forwarded_allow_ips=reception.proxies,
                ssl_context_factory=None if tls is None else lambda _config, _default: tls,
                # A number of seconds, also a broken one.
                timeout_graceful_shutdown=max(seconds - CLOSING_SECONDS, seconds / 2),  # type: ignore[arg-type]
            )
        )
        self._on_open = on_open
        services.meters.count_connections(lambda: len(self.server_state.connections))

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to ``StopSignals``.

        Uvicorn would raise them again at its end, and so end the process
        before what waits is committed and the ledger is closed.
        """
        yield

    def stop(self) -> None:
        """Stop soon. Safe to call from a signal's handler."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets=sockets)
        if not self.should_exit:
            self._on_open()
