"""Many threads that post everything there is, and keep book of what became of each request."""

import socket
import threading
from dataclasses import dataclass, field
from enum import Enum

import httpx2

from faults.book import client_of, encode, post, seeded
from faults.workload import EventData, contradicted, impossible, make_events
from support.raw import AUTHORIZATION, connect, request
from support.server import Server

# Small, and both sides of where the ledger changes its way of storing.
SIZES = (1, 1, 2, 5, 10, 30, 60, 199, 201)
CALLERS = 4
JOIN_SECONDS_MAX = 60


class Fate(Enum):
    """What a request was told, and so what may be stored of it."""

    STORED = "stored"
    REFUSED = "refused"
    # Never answered, or a fault that may come after the commit: all of it, or nothing.
    UNKNOWN = "unknown"


class Way(Enum):
    """How a request is made."""

    PLAIN = "plain"
    ATOMIC = "atomic"
    # Twice, at the same moment.
    TWICE = "twice"
    # With what cannot be stored: the rest of it is, or nothing if it is atomic.
    WITH_BAD = "with bad ones"
    ATOMIC_WITH_BAD = "atomic, with bad ones"
    # The connection ends in the middle of the body, or before the answer.
    CUT = "cut"
    DEAF = "deaf"


WAYS = (Way.PLAIN,) * 5 + (Way.ATOMIC, Way.TWICE) + tuple(Way)[3:]
RUDE = (Way.CUT, Way.DEAF, Way.CUT, Way.TWICE, Way.PLAIN)


@dataclass
class Attempt:
    """One request: the events that are new in it, how it was sent, and what became of it."""

    fresh: list[EventData]
    way: Way
    fate: Fate = Fate.UNKNOWN


@dataclass
class Record:
    """What all callers tried and were told."""

    attempts: list[Attempt] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    projects: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def acknowledged(self) -> list[EventData]:
        return [
            event
            for attempt in self.attempts
            if attempt.fate is Fate.STORED
            for event in attempt.fresh
        ]


class Caller(threading.Thread):
    """Makes request after request until told to stop, or until nobody answers."""

    def __init__(
        self,
        server: Server,
        record: Record,
        name: str,
        stored: list[EventData],
        ways: tuple[Way, ...] = WAYS,
    ) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._client = client_of(server)
        self._record = record
        self._random = seeded(name)
        self._name = name
        self._stored = stored
        self._ways = ways
        self._own: list[EventData] = []
        self.stopped = threading.Event()

    def run(self) -> None:
        number = 0
        with self._client:
            while not self.stopped.is_set():
                try:
                    if number % 7 == 3:
                        self._make_project(f"{self._name}.{number}")
                    self._call(f"{self._name}.{number}")
                except (httpx2.TransportError, OSError):
                    return
                except Exception as fault:
                    self._complain(repr(fault))
                    return
                number += 1

    def _call(self, name: str) -> None:
        """Make one request."""
        fresh = make_events(self._random, name, self._random.choice(SIZES))
        attempt = Attempt(fresh, self._random.choice(self._ways))
        with self._record.lock:
            self._record.attempts.append(attempt)
        match attempt.way:
            case Way.CUT | Way.DEAF:
                self._break_off(attempt)
            case Way.WITH_BAD | Way.ATOMIC_WITH_BAD:
                self._post_bad(attempt, name)
            case Way.TWICE:
                self._post_twice(attempt)
            case _:
                self._post(attempt)

    def _known(self) -> list[EventData]:
        """Some events that are stored for certain, and by now of long ago."""
        known = self._random.choice([self._stored, self._own]) or self._own
        return self._random.choices(known, k=self._random.randrange(9)) if known else []

    def _post(self, attempt: Attempt) -> None:
        # The same event twice in one request is one event and a duplicate.
        again = self._known() + attempt.fresh[: len(attempt.fresh) // 10]
        events = attempt.fresh + again
        self._random.shuffle(events)
        answer = post(self._client, events, whole=attempt.way is Way.ATOMIC)
        self._settle(attempt, answer)
        if attempt.fate is Fate.STORED:
            self._expect(answer, len(attempt.fresh), len(again), conflicts=0, rejected=0)

    def _post_twice(self, attempt: Attempt) -> None:
        """The same request over two connections at once: one of them stores, or both a part."""
        answers: list[httpx2.Response] = []

        def send() -> None:
            try:
                with client_of(self._server) as client:
                    answers.append(post(client, attempt.fresh))
            except httpx2.TransportError:
                pass

        twin = threading.Thread(target=send, daemon=True)
        twin.start()
        try:
            mine = post(self._client, attempt.fresh)
        finally:
            twin.join(JOIN_SECONDS_MAX)
        self._settle(attempt, mine)
        if attempt.fate is Fate.STORED and answers and answers[0].status_code == 200:
            accepted = sum(answer.json()["accepted"] for answer in (mine, answers[0]))
            if accepted != len(attempt.fresh):
                self._complain(f"{accepted} accepted of {len(attempt.fresh)} sent twice")
        elif attempt.fate is Fate.REFUSED:
            # The twin may have been stored, whatever this one was told.
            attempt.fate = Fate.UNKNOWN

    def _post_bad(self, attempt: Attempt, name: str) -> None:
        """With an event that contradicts itself, and one that contradicts what is stored."""
        whole = attempt.way is Way.ATOMIC_WITH_BAD
        known = self._known()[:1]
        bad = [impossible(self._random, f"req_{name}_bad"), *map(contradicted, known)]
        events = attempt.fresh + bad
        self._random.shuffle(events)
        answer = post(self._client, events, whole=whole)
        self._settle(attempt, answer)
        if answer.status_code == (400 if whole else 207):
            receipt = answer.json()
            if whole:
                # What is refused by itself is told; whether the rest conflicts is not asked then.
                assert not receipt.get("accepted"), receipt
            else:
                self._expect(answer, len(attempt.fresh), 0, conflicts=len(known), rejected=1)
        elif answer.status_code < 500:
            self._complain(f"{answer.status_code} for a request with bad events: {answer.text}")

    def _break_off(self, attempt: Attempt) -> None:
        """End the connection in the middle of the body, or before the answer."""
        body = encode(attempt.fresh)
        length = b"Content-Length: %d" % len(body)
        head = request(
            b"/v1/events",
            AUTHORIZATION.strip(),
            b"Content-Type: application/json",
            length,
            method=b"POST",
        )
        sent = body
        if attempt.way is Way.CUT:
            sent = body[: self._random.randrange(len(body))]
            # A part of an array is none: nothing of it may ever be there.
            attempt.fate = Fate.REFUSED
        with connect(self._server.address) as line:
            line.sendall(head + sent)
            if self._random.random() < 0.5:
                # Abruptly: the other end gets a reset and not an end.
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    def _settle(self, attempt: Attempt, answer: httpx2.Response) -> None:
        """Note what a request was told."""
        with self._record.lock:
            self._record.statuses.append(answer.status_code)
        if answer.status_code in (200, 207):
            attempt.fate = Fate.STORED
            self._own += attempt.fresh
        else:
            attempt.fate = Fate.REFUSED

    def _make_project(self, name: str) -> None:
        answer = self._client.post("/v1/organization/projects", json={"name": name})
        if answer.status_code == 200:
            with self._record.lock:
                self._record.projects.append(answer.json()["id"])

    def _expect(
        self, answer: httpx2.Response, accepted: int, duplicates: int, conflicts: int, rejected: int
    ) -> None:
        receipt = answer.json()
        found = (
            receipt["accepted"],
            receipt["duplicates"],
            len(receipt["conflicts"]),
            len(receipt["rejected"]),
        )
        if found != (accepted, duplicates, conflicts, rejected):
            self._complain(f"{found}, but expected {(accepted, duplicates, conflicts, rejected)}")

    def _complain(self, fault: str) -> None:
        with self._record.lock:
            self._record.faults.append(f"{self._name}: {fault}")


def start_callers(
    server: Server, record: Record, seed: str, stored: list[EventData], ways: tuple[Way, ...] = WAYS
) -> list[Caller]:
    """Start some callers, each with a seed of its own."""
    callers = [
        Caller(server, record, f"{seed}.{number}", stored, ways) for number in range(CALLERS)
    ]
    for caller in callers:
        caller.start()
    return callers


def join(callers: list[Caller], *, stop: bool = False) -> None:
    """Wait until all callers have ended; each ends once its server does, or when it is stopped."""
    for caller in callers:
        if stop:
            caller.stopped.set()
    for caller in callers:
        caller.join(JOIN_SECONDS_MAX)
        assert not caller.is_alive()
