"""The sender: posts the backlog in order, until each event has been answered for."""

import logging
import random
import threading
from collections.abc import Callable

from tallybook.client.delivery import Post, deliver, lines_of
from tallybook.client.errors import AnswerError, ClientError
from tallybook.client.recording.adopting import Adopter
from tallybook.client.recording.announcing import Announcer
from tallybook.client.recording.backlog import Backlog
from tallybook.client.recording.bell import Bell
from tallybook.client.recording.counters import Tally
from tallybook.client.recording.refusals import Refusals
from tallybook.client.recording.segments import Segment
from tallybook.client.retrying import RetryPolicy, may_try_again
from tallybook.domain.receipts import Fault, Receipt

# How often the spool is looked through for what ended processes left behind.
ADOPT_EVERY_SECONDS = 30.0
# The longest that a server can ask us to wait: by then it may have forgotten that it did.
WAIT_SECONDS_MAX = 300.0
# The longest pause of our own while someone waits for everything to be sent.
HURRIED_PAUSE_SECONDS_MAX = 1.0
# Refused events that one message of the log tells of.
_FAULTS_SAID_MAX = 5

_AWAY, _REFUSED, _DISK, _DEFECT = "away", "refused", "reading", "defect"


class Sender:
    """Runs on a thread of its own. ``changed`` guards the backlog and the tally, and tells of both.

    Without a spool there are no ``refusals`` to keep and nothing to adopt.
    ``clock`` gives seconds that only grow, ``chance`` a number in ``[0, 1)``
    for the jitter of pauses.
    """

    def __init__(
        self,
        *,
        post: Post,
        refusals: Refusals | None,
        adopter: Adopter | None,
        backlog: Backlog,
        tally: Tally,
        changed: threading.Condition,
        retry: RetryPolicy,
        announcer: Announcer,
        clock: Callable[[], float],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._post = post
        self._backlog = backlog
        self._tally = tally
        self._changed = changed
        self._retry = retry
        self._announcer = announcer
        self._clock = clock
        self._chance = chance
        self._refusals = refusals
        self._adopter = adopter
        # How many wait for everything to be sent, and what wakes us from a pause.
        self._hurried = 0
        self._bell = Bell()
        self._failures = 0
        # Before then the server does not want to be asked, whoever is in a hurry.
        self._asked_until = clock()
        self._adopt_at = clock()
        self._stopping = threading.Event()

    def run(self) -> None:
        """Send until stopped."""
        while not self._stopping.is_set():
            try:
                self._wait_until_ripe()
                pause = self.turn()
            except Exception as fault:
                if self._stopping.is_set():
                    # The connection was closed under a request that was under way.
                    return
                # A defect must not end the thread, nor make it spin.
                self._announcer.say(_DEFECT, "The sender failed, and goes on.", defect=fault)
                pause = self._retry.pause_seconds_max
            self._rest(pause)

    def turn(self) -> float:
        """Adopt when it is time, and post the oldest segment when it is ripe, once.

        How long to pause before the next turn; 0 when all went well.
        """
        if self._adopter is not None and self._clock() >= self._adopt_at:
            self._adopt_at = self._clock() + ADOPT_EVERY_SECONDS
            self._adopter.look(self._clock())
        segment = self._next()
        if segment is None:
            return 0.0
        try:
            text = segment.text()
        except FileNotFoundError as fault:
            self._lose(segment, fault)
            return 0.0
        except OSError as fault:
            self._announcer.say(_DISK, f"The spool cannot be read, it is tried again: {fault}")
            return self._own_pause()
        try:
            receipt = deliver(self._post, text)
        except ClientError as fault:
            return self._pause_after(fault)
        self._failures = 0
        self._announcer.over(_AWAY, "The server takes events again.")
        self._settle(segment, receipt, text)
        return 0.0

    def hurry(self, by: int) -> None:
        """Begin (1) or end (-1) not to wait for batches to fill, and to pause but shortly."""
        with self._changed:
            self._hurried += by
            self._failures = 0
            self._changed.notify_all()
        self._bell.ring()

    def stop(self) -> None:
        """End as soon as the request that is under way has ended."""
        with self._changed:
            self._stopping.set()
            self._changed.notify_all()
        self._bell.ring()

    def _rest(self, pause_seconds: float) -> None:
        """Pause; a ringing cuts that short, but not what the server asked for."""
        if pause_seconds:
            self._bell.wait(pause_seconds)
        while not self._stopping.is_set() and (left := self._asked_until - self._clock()) > 0:
            self._bell.wait(left)

    def _wait_until_ripe(self) -> None:
        """Wait until there may be something to do; as long as there is nothing to adopt."""
        with self._changed:
            waits = self._ripe_in_seconds()
            if self._adopter is not None:
                adopts = max(self._adopt_at - self._clock(), 0.0)
                waits = adopts if waits is None else min(waits, adopts)
            if waits != 0.0 and not self._stopping.is_set():
                self._changed.wait(waits)

    def _next(self) -> Segment | None:
        """What is to be sent next; None when it is not ripe yet, or there is nothing."""
        with self._changed:
            is_ripe = self._ripe_in_seconds() == 0.0
            return self._backlog.take() if is_ripe and not self._stopping.is_set() else None

    def _ripe_in_seconds(self) -> float | None:
        """How long until something is to be sent; None when there is nothing."""
        ripe = self._backlog.ripe_in_seconds(self._clock())
        return 0.0 if ripe is not None and self._hurried else ripe

    def _pause_after(self, fault: ClientError) -> float:
        """How long to wait, as the server or the policy says."""
        self._announcer.say(
            _AWAY,
            f"The server does not take events, they are kept and sent again: {fault}",
            logging.WARNING,
        )
        if not isinstance(fault, AnswerError):
            return self._own_pause()
        if fault.retry_after_seconds is not None:
            wait = min(fault.retry_after_seconds, WAIT_SECONDS_MAX)
            self._asked_until = self._clock() + wait
            return wait
        if may_try_again(fault.status, fault.headers):
            return self._own_pause()
        # An address or a key that someone has to mend.
        return self._in_a_hurry_or_not(self._retry.pause_seconds_max)

    def _own_pause(self) -> float:
        pause = self._retry.jittered(self._failures, self._chance())
        self._failures += 1
        return self._in_a_hurry_or_not(pause)

    def _in_a_hurry_or_not(self, pause_seconds: float) -> float:
        return min(pause_seconds, HURRIED_PAUSE_SECONDS_MAX) if self._hurried else pause_seconds

    def _settle(self, segment: Segment, receipt: Receipt, text: bytes) -> None:
        refused = [*receipt.conflicts, *receipt.rejected]
        if refused:
            # First, since nothing else has these events once the segment is gone.
            self._keep_refused(refused, text)
        answered = receipt.accepted + receipt.duplicates + len(refused)
        with self._changed:
            if self._backlog.is_left:
                # The recorder was closed meanwhile: what is on disk is the next one's, which finds
                # out that it was stored, and what was in memory is counted already.
                return
            tally = self._tally
            tally.sent += receipt.accepted
            tally.duplicates += receipt.duplicates
            tally.rejected += len(refused)
            # Lines that something else took out of the file.
            tally.lost += segment.count - answered
            fault = self._forget(segment)
        self._say_of_the_file(fault)

    def _keep_refused(self, refused: list[Fault], text: bytes) -> None:
        where = ""
        if self._refusals is not None:
            where = f" They are kept in {self._refusals.path}."
            lines = lines_of(text)
            try:
                self._refusals.keep([(fault, lines[fault.index]) for fault in refused])
            except OSError as fault:
                where = f" They could not be kept: {fault}."
        said = "; ".join(
            f"{fault.id}: {fault.field}: {fault.reason}" for fault in refused[:_FAULTS_SAID_MAX]
        )
        more = "; …" if len(refused) > _FAULTS_SAID_MAX else ""
        self._announcer.say(
            _REFUSED, f"The server refused {len(refused)} events. {said}{more}.{where}"
        )

    def _lose(self, segment: Segment, fault: OSError) -> None:
        """Count events as dropped whose file someone has removed."""
        self._announcer.say(
            _DISK, f"{segment.count} events of the spool are lost, their file is gone: {fault}"
        )
        with self._changed:
            self._tally.lost += segment.count
            gone = self._forget(segment)
        self._say_of_the_file(gone)

    def _forget(self, segment: Segment) -> OSError | None:
        if not segment.is_adopted:
            self._tally.done += segment.count
        fault = self._backlog.settle()
        self._changed.notify_all()
        return fault

    def _say_of_the_file(self, fault: OSError | None) -> None:
        if fault is not None:
            self._announcer.say(
                _DISK, f"What was sent stays in the spool, and is sent again some day: {fault}"
            )
