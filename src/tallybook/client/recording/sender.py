"""The sender: posts the backlog in order, until each event has been answered for."""

import logging
import random
import threading
from collections.abc import Callable
from pathlib import Path

from tallybook.client.delivery import Post, deliver
from tallybook.client.errors import AnswerError, ClientError
from tallybook.client.recording.announcing import Announcer
from tallybook.client.recording.backlog import Backlog, Segment
from tallybook.client.recording.counters import Tally
from tallybook.client.recording.homes import left_behind
from tallybook.client.recording.refusals import Refusals
from tallybook.client.retrying import RetryPolicy, may_try_again
from tallybook.domain.receipts import Fault, Receipt

# How often the spool is looked through for what ended processes left behind.
ADOPT_EVERY_SECONDS = 30.0
# The longest that a server can ask us to wait: by then it may have forgotten that it did.
WAIT_SECONDS_MAX = 300.0

_AWAY, _REFUSED, _SPOOL = "away", "refused", "spool"


class Sender:
    """Runs on a thread of its own. ``changed`` guards the backlog and the tally, and tells of both.

    ``clock`` gives seconds that only grow.
    """

    def __init__(
        self,
        *,
        post: Post,
        spool: Path | None,
        backlog: Backlog,
        tally: Tally,
        changed: threading.Condition,
        retry: RetryPolicy,
        announcer: Announcer,
        clock: Callable[[], float],
    ) -> None:
        self._post = post
        self._spool = spool
        self._backlog = backlog
        self._tally = tally
        self._changed = changed
        self._retry = retry
        self._announcer = announcer
        self._clock = clock
        self._refusals = Refusals(spool) if spool else None
        # Who waits for everything to be sent, and what wakes us from a pause.
        self._hurried = 0
        self._nudged = threading.Event()
        self._stopping = False

    def run(self) -> None:
        """Send until stopped."""
        self._adopt()
        looked_at = self._clock()
        while not self._stopping:
            segment = self._next()
            if segment is not None:
                self._send(segment)
            if self._clock() - looked_at >= ADOPT_EVERY_SECONDS:
                self._adopt()
                looked_at = self._clock()

    def hurry(self, by: int) -> None:
        """Begin (1) or end (-1) not to wait for batches to fill; a pause is cut short once."""
        with self._changed:
            self._hurried += by
            self._changed.notify_all()
        self._nudged.set()

    def stop(self) -> None:
        """End as soon as the request that is under way has ended."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._nudged.set()

    def _next(self) -> Segment | None:
        """What is to be sent next; None when it is not ripe yet, or there is nothing."""
        with self._changed:
            ripe = self._ripe_in_seconds()
            if ripe:
                self._changed.wait(ripe)
                ripe = self._ripe_in_seconds()
            return None if ripe or self._stopping else self._backlog.take()

    def _ripe_in_seconds(self) -> float:
        """How long until something is to be sent; a while when there is nothing."""
        ripe = self._backlog.ripe_in_seconds(self._clock())
        if ripe is None:
            return ADOPT_EVERY_SECONDS
        return 0.0 if self._hurried else ripe

    def _send(self, segment: Segment) -> None:
        attempt = 0
        while not self._stopping:
            try:
                text = segment.text()
            except OSError as fault:
                self._lose(segment, fault)
                return
            try:
                receipt = deliver(self._post, text)
            except ClientError as fault:
                self._wait(attempt, fault)
                attempt += 1
            else:
                self._announcer.over(_AWAY, "The server takes events again.")
                self._settle(segment, receipt, text)
                return

    def _wait(self, attempt: int, fault: ClientError) -> None:
        """Pause before the next attempt, as long as the server or the policy says."""
        asked = None
        if isinstance(fault, AnswerError):
            asked = fault.retry_after_seconds
            if not may_try_again(fault.status, fault.headers):
                # An address or a key that someone has to mend.
                asked = self._retry.pause_seconds_max
        self._announcer.say(
            _AWAY,
            f"The server does not take events, they are kept and sent again: {fault}",
            logging.WARNING,
        )
        pause = self._retry.jittered(attempt, random.random())  # noqa: S311 - not a secret
        self._nudged.wait(pause if asked is None else min(asked, WAIT_SECONDS_MAX))
        self._nudged.clear()

    def _settle(self, segment: Segment, receipt: Receipt, text: bytes) -> None:
        refused = [*receipt.conflicts, *receipt.rejected]
        if refused:
            self._keep_refused(refused, text)
        with self._changed:
            if self._stopping and segment.file is None:
                # It was counted as dropped when the recorder was closed.
                return
            tally = self._tally
            tally.sent += receipt.accepted
            tally.duplicates += receipt.duplicates
            tally.rejected += len(refused)
            self._forget(segment)

    def _keep_refused(self, refused: list[Fault], text: bytes) -> None:
        first = refused[0]
        where = ""
        if self._refusals is not None:
            where = f" They are kept in {self._refusals.path}."
            lines = text.splitlines()
            try:
                self._refusals.keep([(fault, lines[fault.index]) for fault in refused])
            except OSError as fault:
                where = f" They could not be kept: {fault}."
        self._announcer.say(
            _REFUSED,
            f"The server refused {len(refused)} events. The first, {first.id}: {first.field}:"
            f" {first.reason}.{where}",
        )

    def _lose(self, segment: Segment, fault: OSError) -> None:
        """Count events as dropped whose file cannot be read."""
        self._announcer.say(
            _SPOOL, f"{segment.count} events of the spool are lost, their file is: {fault}"
        )
        with self._changed:
            self._tally.dropped += segment.count
            self._forget(segment)

    def _forget(self, segment: Segment) -> None:
        if not segment.adopted:
            self._tally.done += segment.count
        fault = self._backlog.settle()
        self._changed.notify_all()
        if fault is not None:
            self._announcer.say(
                _SPOOL, f"What was sent stays in the spool, and is sent again some day: {fault}"
            )

    def _adopt(self) -> None:
        """Take over what ended processes left behind."""
        if self._spool is None:
            return
        try:
            for home in left_behind(self._spool):
                with self._changed:
                    self._tally.adopted += self._backlog.adopt(home, self._clock())
        except OSError as fault:
            self._announcer.say(_SPOOL, f"The spool cannot be looked through: {fault}")
