"""The meters of one server: what is counted while it works, in a registry of its own.

Whatever stands in a label is bounded: the routes and their methods, classes of
status, codes of errors, fields of the table of kinds. Nothing that a client
sends becomes a label.
"""

import re
from collections import Counter as Tally
from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from tallybook.domain.errors import TallybookError
from tallybook.domain.events import Event
from tallybook.domain.kinds import KINDS
from tallybook.domain.receipts import Receipt

# The route and the method of a request that no route takes.
NO_ROUTE = "none"
# Rejected events by field: where no single one is at fault, and where it is one that no kind has.
NO_FIELD, UNKNOWN_FIELD = "none", "unknown"
FIELDS = frozenset(Event.__struct_fields__).union(
    *(
        {*kind.event_dimensions, *(quantity.name for quantity in kind.quantities)}
        for kind in KINDS.values()
    ),
    {"kind"},
)
STATUS_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")

# Upper bounds, in seconds: what a person does not notice, up to where a query is stopped.
_REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_COMMIT_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_COMMIT_ENTRIES = (1, 10, 100, 1_000, 5_000, 10_000, 20_000, 50_000, 100_000)

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


class Meters:
    """Counters and histograms, each counted in one place. Safe to use from any thread."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._make_ingest()
        self._make_requests()

    def _make_ingest(self) -> None:
        registry = self.registry
        self._accepted = Counter(
            "tallybook_events_accepted", "Events that were stored.", registry=registry
        )
        self._duplicates = Counter(
            "tallybook_events_duplicate",
            "Events that were stored before, and sent again.",
            registry=registry,
        )
        self._conflicts = Counter(
            "tallybook_events_conflicting",
            "Events whose identity is stored with another content.",
            registry=registry,
        )
        self._rejected = Counter(
            "tallybook_events_rejected",
            "Events that could not be read or are impossible, by the field at fault.",
            ["field"],
            registry=registry,
        )
        self._body_bytes = Counter(
            "tallybook_ingest_body_bytes", "Bodies of events, as they were sent.", registry=registry
        )
        self._commit_seconds = Histogram(
            "tallybook_commit_seconds",
            "How long the commits took that stored events.",
            buckets=_COMMIT_SECONDS,
            registry=registry,
        )
        self._commit_entries = Histogram(
            "tallybook_commit_entries",
            "How many events the commits held.",
            buckets=_COMMIT_ENTRIES,
            registry=registry,
        )
        self._commits_failed = Counter(
            "tallybook_commits_failed", "Commits that stored nothing.", registry=registry
        )
        self._hours_sealed = Counter(
            "tallybook_hours_sealed",
            "Hours that were sealed, those sealed again included.",
            registry=registry,
        )

    def _make_requests(self) -> None:
        registry = self.registry
        self._request_seconds = Histogram(
            "tallybook_request_seconds",
            "How long requests took, by route, method and class of status.",
            ["route", "method", "status"],
            buckets=_REQUEST_SECONDS,
            registry=registry,
        )
        self._refused = Counter(
            "tallybook_requests_refused",
            "Requests that were answered with an error, by status and code.",
            ["status", "code"],
            registry=registry,
        )
        self._connections = Gauge(
            "tallybook_connections", "Connections that are open.", registry=registry
        )
        # Looking a child up by its labels takes longer than counting.
        self._timers: dict[tuple[str, str, int], Histogram] = {}

    def count_connections(self, count: Callable[[], int]) -> None:
        """Tell as open connections what ``count`` gives when it is asked."""
        self._connections.set_function(count)

    def received(self, body_bytes: int) -> None:
        """Count a body of events, in bytes as it was sent."""
        self._body_bytes.inc(body_bytes)

    def told(self, receipt: Receipt) -> None:
        """Count what became of a request's events."""
        self._accepted.inc(receipt.accepted)
        # Most requests have none of these, and counting nothing takes as long as counting.
        if receipt.duplicates:
            self._duplicates.inc(receipt.duplicates)
        if receipt.conflicts:
            self._conflicts.inc(len(receipt.conflicts))
        if receipt.rejected:
            for field, count in _by_field(fault.field for fault in receipt.rejected).items():
                self._rejected.labels(field).inc(count)

    def committed(self, entries: int, seconds: float) -> None:
        """Count a commit."""
        self._commit_seconds.observe(seconds)
        self._commit_entries.observe(entries)

    def commit_failed(self) -> None:
        """Count a commit that stored nothing."""
        self._commits_failed.inc()

    def sealed(self, hours: int) -> None:
        """Count hours that were sealed."""
        self._hours_sealed.inc(hours)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request of a route, as the routes have it, or ``NO_ROUTE``; and its time."""
        named = route, method, status // 100
        timer = self._timers.get(named)
        if timer is None:
            labels = (route, method, STATUS_CLASSES[status // 100 - 1])
            timer = self._timers[named] = self._request_seconds.labels(*labels)
        timer.observe(seconds)

    def refused(self, fault: TallybookError) -> None:
        """Count a request that was answered with an error."""
        self._refused.labels(str(int(fault.status)), code_of(type(fault))).inc()


def code_of(error: type[TallybookError]) -> str:
    """What an error is counted under: its code, and where it has none its name."""
    return error.code or _CAPITAL.sub("_", error.__name__).lower()


def _by_field(fields: Iterable[str | None]) -> Tally[str]:
    """How often each field is at fault; a part of one counts as the whole."""
    found: Tally[str] = Tally()
    for field in fields:
        name = (field or NO_FIELD).partition(".")[0]
        found[name if name in FIELDS or field is None else UNKNOWN_FIELD] += 1
    return found
