"""Live keys: the ring in force, kept up to date beside the requests, and when keys were used.

A revoked key stops at once on the server that revoked it, and within a second
on every other: a thread looks four times a second whether anything has changed.
While the database does not answer, the last ring stays in force.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Self

from tallybook.domain.errors import OrganizationUnavailable
from tallybook.organization.keys import note_uses
from tallybook.organization.keys_in_force import ring_of
from tallybook.organization.organization import Organization
from tallybook.organization.ring import Caller
from tallybook.organization.roles import Role

# How often the thread looks for changes: a quarter of what is promised, since machines are busy.
LOOK_SECONDS = 0.25
# How often uses are written back, at most.
NOTE_SECONDS = 5.0

_log = logging.getLogger("tallybook.organization")


class LiveKeys:
    """The keys in force. A context manager, whose thread ends with the block."""

    def __init__(self, organization: Organization, chosen: Mapping[Role, str]) -> None:
        """Keep the ring of ``organization`` and of the keys that settings give, by role.

        Raises OrganizationUnavailable.
        """
        self._organization = organization
        self._chosen = dict(chosen)
        self._loading = threading.Lock()
        self._version = -1
        self._used_at: dict[str, int] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tallybook-keys", daemon=True)
        self.refresh()
        organization.after_change(self.refresh)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop looking, and write back what is noted."""
        self._stopped.set()
        self._thread.join()

    def caller_of(self, secret: str, now: float) -> Caller | None:
        """Whoever has this key at ``now``, in Unix seconds, which counts as a use of it."""
        return self._used(self.ring.caller_of(secret, now), now)

    def caller_by_id(self, key_id: str, now: float) -> Caller | None:
        """Whoever has the key with this id at ``now``, which counts as a use of it."""
        return self._used(self.ring.caller_by_id(key_id, now), now)

    def refresh(self) -> None:
        """Read the keys anew when there were changes. Raises OrganizationUnavailable."""
        with self._loading:
            # Before the keys: a change between the two is read twice, and none is missed.
            version = self._organization.version()
            if version != self._version:
                with self._organization.reading() as connection:
                    self.ring = ring_of(connection, self._chosen)
                self._version = version

    def write_back(self) -> None:
        """Keep when keys were used last. Raises OrganizationUnavailable."""
        used_at, self._used_at = self._used_at, {}
        try:
            if used_at:
                with self._organization.noting() as connection:
                    note_uses(connection, used_at)
        except OrganizationUnavailable:
            self._used_at = used_at | self._used_at
            raise

    def _used(self, caller: Caller | None, now: float) -> Caller | None:
        if caller is not None:
            self._used_at[caller.key_id] = int(now)
        return caller

    def _run(self) -> None:
        noted_at = time.monotonic()
        while not self._stopped.wait(LOOK_SECONDS):
            self._try(self.refresh)
            if time.monotonic() - noted_at >= NOTE_SECONDS:
                self._try(self.write_back)
                noted_at = time.monotonic()
        self._try(self.write_back)

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except OrganizationUnavailable as fault:
            _log.warning("%s The keys as they were last read stay in force.", fault)
