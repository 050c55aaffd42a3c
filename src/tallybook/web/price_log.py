"""A look from time to time at which price file is in force, for the audit log."""

import logging
import threading
from collections.abc import Callable
from typing import Self

from tallybook.domain.errors import OrganizationUnavailable
from tallybook.organization.organization import Organization
from tallybook.organization.prices_log import note_price_file
from tallybook.organization.records import Actor
from tallybook.pricing.source import PriceSource

LOOK_SECONDS = 2.0

_log = logging.getLogger("tallybook.web")


class PriceLog:
    """Records each price file that comes into force. A context manager, as is its thread."""

    def __init__(
        self,
        organization: Organization,
        prices: PriceSource,
        actor: Actor,
        clock: Callable[[], float],
    ) -> None:
        """Record as ``actor``, the server; ``clock`` gives Unix seconds."""
        self._organization = organization
        self._prices = prices
        self._actor = actor
        self._clock = clock
        self._noted: str | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tallybook-prices", daemon=True)

    def __enter__(self) -> Self:
        """Record what came into force since the last start. Raises OrganizationUnavailable."""
        self._note(self._prices.digest())
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def look(self) -> None:
        """Record what came into force since the last look. Raises OrganizationUnavailable."""
        digest = self._prices.digest()
        if digest != self._noted:
            self._note(digest)

    def _note(self, digest: str | None) -> None:
        note_price_file(self._organization, self._actor, digest, self._clock())
        self._noted = digest

    def _run(self) -> None:
        while not self._stopped.wait(LOOK_SECONDS):
            try:
                self.look()
            except OrganizationUnavailable as fault:
                _log.warning("%s That prices changed is recorded as soon as it does.", fault)
