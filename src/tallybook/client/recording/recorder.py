"""The recorder: how events leave an application."""

import atexit
import logging
import multiprocessing.util
import os
import time
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx2

from tallybook.client.addresses import INGEST_KEY_VARIABLE, KEY_VARIABLE, address_of
from tallybook.client.closing import Closing
from tallybook.client.connection import Connection
from tallybook.client.exchanges import Answer, base_of
from tallybook.client.recording.attribution import Fields
from tallybook.client.recording.counters import Counters
from tallybook.client.recording.limits import Limits
from tallybook.client.recording.pipeline import Pipeline
from tallybook.client.recording.places import default_spool, spool_of
from tallybook.client.recording.stamping import Stamp, copied, fresh_names
from tallybook.client.retrying import RetryPolicy
from tallybook.client.transports.transport import AsyncRecordingTransport, RecordingTransport

FLUSH_SECONDS = 30.0
# The spool of the user's own state folder.
USER_SPOOL = "~"

# The connection sends once: when again is the sender's own decision.
_ONCE = RetryPolicy(retries_max=0)
_PATIENT = RetryPolicy(pause_seconds_max=30.0)

# Before the queues and pools of multiprocessing itself.
_EXIT_PRIORITY = 100

_log = logging.getLogger("tallybook.recorder")


class Recorder(Closing):
    """Takes events from an application and brings each to a Tallybook exactly once.

    ``url`` and ``key`` say which, else ``TALLYBOOK_URL`` and
    ``TALLYBOOK_INGEST_KEY`` or ``TALLYBOOK_ADMIN_KEY``. ``defaults`` are fields
    that every event gets which has none of its own. ``spool`` is the folder
    where events wait while the server is away: by default the user's own, None
    for memory alone. ``transport`` and ``proxy`` are those of httpx2; a
    transport is shared with forks, so one that keeps connections is not for
    them.

    May be used by all threads of a process, and goes on in its forks. ``with``
    closes it; so does the end of the process. docs/recorder.md has what
    becomes of events when something breaks.

    Raises ValueError for an address or a key that cannot be one, and for
    defaults that are not JSON.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        defaults: Fields | None = None,
        spool: str | Path | None = USER_SPOOL,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        retry: RetryPolicy = _PATIENT,
        transport: httpx2.BaseTransport | None = None,
        proxy: str | httpx2.Proxy | None = None,
        clock: Callable[[], float] = time.time,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        address, self._key = address_of(url, key, environment, (INGEST_KEY_VARIABLE, KEY_VARIABLE))
        self._base = base_of(address)
        self._spool = None if spool is None else _spool(spool, self._base, environment)
        self._defaults = copied(defaults or {})
        self._limits = limits
        self._retry = retry
        self._transport = transport
        self._proxy = proxy
        self._clock = clock
        # Made here, so that what cannot be an address or a key is told at once.
        self._connection: Connection | None = self._connect()
        # Of the processes that this one is a fork of: in use there, and so not closed here.
        self._inherited: list[Connection | None] = []
        self._begin()
        # What ended processes left behind is sent even if nothing is recorded.
        self._pipeline.start()
        _recorders.add(self)
        atexit.register(self.close)
        # Workers of multiprocessing end without what atexit has: whether this is one now, or the
        # recorder comes into one by a fork, which forgets what there is to finish.
        self._finish_with_a_worker()
        multiprocessing.util.register_after_fork(self, Recorder._finish_with_a_worker)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._base!r}, {self.counters})"

    def record(self, event: Mapping[str, object]) -> None:
        """Take an event: a mapping with the fields of ``docs/events.md``.

        Never waits and never raises. ``id`` is made, and ``time`` is now, when
        they are missing. The event is taken as it is at this moment. What is no
        event is counted, and logged.
        """
        try:
            self._pipeline.put(self._stamp.line(event))
        except Exception as fault:
            # Whatever was given, the application's own work goes on.
            self._pipeline.refuse(fault)

    def transport(
        self,
        transport: httpx2.BaseTransport | None = None,
        *,
        provider: str | None = None,
        attributes: Fields | None = None,
        ask_for_usage: bool = True,
    ) -> RecordingTransport:
        """A transport for the http client of a provider's SDK: it records each model request.

        ``transport`` does the sending. The rest is in docs/transports.md.
        Raises ValueError for an attribute that no event has, or too many tags.
        """
        return RecordingTransport(
            self.record,
            transport,
            provider=provider,
            attributes=attributes,
            ask_for_usage=ask_for_usage,
            clock=self._clock,
        )

    def async_transport(
        self,
        transport: httpx2.AsyncBaseTransport | None = None,
        *,
        provider: str | None = None,
        attributes: Fields | None = None,
        ask_for_usage: bool = True,
    ) -> AsyncRecordingTransport:
        """The same for the http client of an asynchronous SDK."""
        return AsyncRecordingTransport(
            self.record,
            transport,
            provider=provider,
            attributes=attributes,
            ask_for_usage=ask_for_usage,
            clock=self._clock,
        )

    @property
    def counters(self) -> Counters:
        """What has become of the events of this process so far."""
        return self._pipeline.counters()

    @property
    def spool(self) -> Path | None:
        """The folder where events for this server wait, or None."""
        return self._spool

    def flush(self, timeout_seconds: float = FLUSH_SECONDS) -> bool:
        """Wait until the server has answered for all that was recorded before.

        False when that is not so in time; the events go on waiting.
        """
        return self._pipeline.flush(timeout_seconds)

    def close(self, timeout_seconds: float | None = None) -> bool:
        """Flush for at most ``timeout_seconds`` (``limits.exit_seconds``), and end.

        What could not be sent stays in the spool for the next process that
        records to this server; without a spool it is dropped. False then. What
        is recorded afterwards is dropped. Closing again does nothing.
        """
        atexit.unregister(self.close)
        self._finish.cancel()
        _recorders.discard(self)
        wait = self._limits.exit_seconds if timeout_seconds is None else timeout_seconds
        sent = self._pipeline.close(wait)
        if self._connection is not None:
            self._connection.close()
        return sent

    def _connect(self) -> Connection:
        return Connection(
            self._base,
            self._key,
            timeout_seconds=self._limits.timeout_seconds,
            retry=_ONCE,
            transport=self._transport,
            proxy=self._proxy,
        )

    def _begin(self) -> None:
        """Make all that belongs to one process."""
        self._stamp = Stamp(
            self._defaults, self._limits.event_bytes_max, self._clock, fresh_names()
        )
        self._pipeline = Pipeline(
            post=self._post,
            spool=self._spool,
            limits=self._limits,
            retry=self._retry,
            log=_log,
        )

    def _post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection.post(path, body, headers)

    def _finish_with_a_worker(self) -> None:
        self._finish = multiprocessing.util.Finalize(None, self.close, exitpriority=_EXIT_PRIORITY)

    def _begin_in_child(self) -> None:
        """Begin anew after a fork: what was queued is the parent's, and so are its connections.

        One of the child's own is made when it sends: most children record nothing.
        """
        self._pipeline.abandon()
        self._inherited.append(self._connection)
        self._connection = None
        self._begin()


def _spool(folder: str | Path, base: str, environment: Mapping[str, str]) -> Path:
    chosen = default_spool(environment) if folder == USER_SPOOL else Path(folder)
    return spool_of(chosen, base)


# The recorders of this process, for its forks.
_recorders: "weakref.WeakSet[Recorder]" = weakref.WeakSet()


def _begin_in_child() -> None:
    for recorder in list(_recorders):
        recorder._begin_in_child()  # noqa: SLF001 - the same module


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_in_child)
