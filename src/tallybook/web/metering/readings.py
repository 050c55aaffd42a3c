"""The readings of one server: what is looked up when somebody asks for the metrics.

What cannot be read is left out, and ``tallybook_ledger_up`` says so of the ledger.
"""

from collections.abc import Iterator
from platform import python_version

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from tallybook.doctor.checks import KEY_EXPIRY_SECONDS
from tallybook.doctor.looking import bytes_of, count_unpriced, look_at_disk, look_at_prices
from tallybook.domain.errors import TallybookError
from tallybook.ledger.condition import Condition
from tallybook.organization.database import FILE_NAME as ORGANIZATION_FILE
from tallybook.version import __version__
from tallybook.web.services import Services

UNPRICED_DAYS = 2


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"tallybook_{name}", help_text, value=value)


class Readings(Collector):
    """Gauges of a server's services, and the process as every Prometheus client tells it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._process = ProcessCollector(registry=CollectorRegistry())

    def collect(self) -> Iterator[Metric]:
        """Everything, read now."""
        yield from self._process.collect()
        yield from self._queue()
        yield from self._queries()
        yield from self._disk()
        yield from self._keys()
        yield from self._prices()
        yield from self._ledger()

    def _queue(self) -> Iterator[Metric]:
        committer = self._services.committer
        yield _gauge(
            "queue_bytes", "Bytes of events that wait to be stored.", committer.queued_bytes
        )
        yield _gauge(
            "queue_entries", "How many events wait to be stored.", committer.queued_entries
        )
        yield _gauge(
            "queue_bytes_max",
            "How many may wait now: the setting, or less where that takes too long to store.",
            committer.queued_bytes_max,
        )

    def _queries(self) -> Iterator[Metric]:
        queries = self._services.queries
        yield _gauge(
            "queries_under_way",
            "Queries that were asked and not answered, those that wait included.",
            queries.waiting + queries.running,
        )
        yield _gauge("queries_running", "Queries that have a thread.", queries.running)

    def _disk(self) -> Iterator[Metric]:
        settings = self._services.settings
        disk = look_at_disk(settings.data)
        if disk is None:
            return
        files = GaugeMetricFamily(
            "tallybook_file_bytes", "How large the files of the data folder are.", labels=["file"]
        )
        files.add_metric(["ledger"], disk.ledger_bytes)
        files.add_metric(["log"], disk.log_bytes)
        files.add_metric(["organization"], bytes_of(settings.data / ORGANIZATION_FILE))
        yield files
        yield _gauge("disk_free_bytes", "Room on the disk of the data folder.", disk.free_bytes)
        yield _gauge("disk_bytes", "The size of the disk of the data folder.", disk.total_bytes)
        yield _gauge(
            "disk_needed_bytes",
            "Below this nothing is sealed: twice the setting log_bytes_max.",
            2 * settings.log_bytes_max,
        )

    def _keys(self) -> Iterator[Metric]:
        now = self._services.clock()
        in_force = self._services.keys.ring.expiries(now)
        soon = sum(at is not None and at - now < KEY_EXPIRY_SECONDS for at in in_force)
        yield _gauge("keys_in_force", "Keys that open something.", len(in_force))
        yield _gauge("keys_expiring", "Those of them that expire within 14 days.", soon)

    def _prices(self) -> Iterator[Metric]:
        prices = look_at_prices(self._services.prices)
        if prices.installed_at is not None:
            yield _gauge(
                "prices_installed_at_seconds",
                "When the release of list prices was installed, in Unix seconds.",
                prices.installed_at,
            )
        if prices.file_changed_at is not None:
            yield _gauge(
                "prices_file_changed_at_seconds",
                "When the price file was changed last, in Unix seconds.",
                prices.file_changed_at,
            )
        yield _gauge(
            "prices_file_refused",
            "1 when the price file as it is now has a fault, and the one before stays in force.",
            prices.fault is not None,
        )

    def _ledger(self) -> Iterator[Metric]:
        services, now = self._services, self._services.clock()
        try:
            found = services.ledger.condition(now)
            unpriced = count_unpriced(services.ledger, now, UNPRICED_DAYS)
        except TallybookError:
            yield _gauge("ledger_up", "1 when the ledger answers.", 0)
            return
        yield _gauge("ledger_up", "1 when the ledger answers.", 1)
        yield from self._told(found, now)
        yield _gauge(
            "unpriced_events",
            "Events of today and yesterday (UTC) that have a charge which nobody prices.",
            unpriced,
        )

    def _told(self, found: Condition, now: float) -> Iterator[Metric]:
        lag = found.seal_lag_seconds(now, self._services.settings.seal_grace_seconds)
        yield _gauge("seal_lag_seconds", "How long the oldest hour that is due is due.", lag)
        yield _gauge("sealed_hours", "Hours that are sealed.", found.hours_sealed)
        yield _gauge("sealed_days", "Days that are sealed.", found.days_sealed)
        yield _gauge(
            "horizon_seconds",
            "Before it events were let go, in Unix seconds; 0: none were.",
            found.horizon or 0,
        )
        yield _gauge("engine_memory_bytes", "Memory that the engine has.", found.memory_bytes)
        yield _gauge(
            "engine_memory_max_bytes", "Memory that the engine may have.", found.memory_max_bytes
        )
        yield InfoMetricFamily(
            "tallybook_build",
            "What runs.",
            {
                "version": __version__,
                "python": python_version(),
                "engine": found.engine,
                "data": str(found.version),
            },
        )
