"""Many threads that post at once, and keep book of what became of each request."""

import threading
from dataclasses import dataclass, field

import httpx2

from faults.book import EventData, client_of, make_events, post, seeded, stored_by_key, total
from support.server import Server

# The smallest, the mixed, and both sides of where the ledger changes its way of storing.
BATCH_SIZES = (1, 1, 2, 10, 60, 199, 200, 201, 800, 1_500)


@dataclass
class Batch:
    """One request: its own new events under a key of their own, and what was answered."""

    key: str
    fresh: list[EventData]
    answer: httpx2.Response | None = None

    @property
    def stored(self) -> bool:
        """Whether the request was acknowledged."""
        return self.answer is not None and self.answer.status_code == 200

    @property
    def refused(self) -> bool:
        """Whether the request was answered, and not acknowledged."""
        return self.answer is not None and self.answer.status_code != 200


@dataclass
class Book:
    """What several posters tried, and what they were told."""

    batches: list[Batch] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def attempted(self) -> list[EventData]:
        return [event for batch in self.batches for event in batch.fresh]

    @property
    def acknowledged(self) -> list[EventData]:
        return [event for batch in self.batches if batch.stored for event in batch.fresh]

    @property
    def refused(self) -> list[Batch]:
        return [batch for batch in tuple(self.batches) if batch.refused]


class Poster(threading.Thread):
    """Posts batch after batch until told to stop, or until nobody answers.

    A batch has repeats of events that are known to be stored: those of
    ``stored`` and its own earlier ones, so each event is new in one batch only.
    """

    def __init__(
        self, server: Server, book: Book, seed: str, project_id: str, stored: list[EventData]
    ) -> None:
        super().__init__(daemon=True)
        self._client = client_of(server)
        self._book = book
        self._random = seeded(seed)
        self._name = seed
        self._project_id = project_id
        self._stored = stored
        self._own: list[EventData] = []
        self.stopped = threading.Event()

    def run(self) -> None:
        number = 0
        with self._client:
            while not self.stopped.is_set() and self._post(f"{self._name}.{number}"):
                number += 1

    def _post(self, key: str) -> bool:
        """Post one batch; whether there is any point in going on."""
        size = self._random.choice(BATCH_SIZES)
        fresh = make_events(
            self._random, key, size, project_id=self._project_id, api_key_id=f"key_{key}"
        )
        batch = Batch(f"key_{key}", fresh)
        known = self._random.choice([known for known in (self._stored, self._own) if known] or [[]])
        repeats = self._random.choices(known, k=size // 4) if known else []
        # The same event twice in one request is one event and a duplicate.
        events = fresh + repeats + fresh[: size // 10]
        self._random.shuffle(events)
        with self._book.lock:
            self._book.batches.append(batch)
        try:
            batch.answer = post(self._client, events, whole=self._random.random() < 0.3)
        except httpx2.TransportError:
            return False
        if batch.stored:
            self._own += fresh
            self._check(batch.answer.json(), accepted=size, duplicates=len(events) - size)
        return True

    def _check(self, receipt: dict[str, object], **expected: int) -> None:
        if receipt != {**expected, "conflicts": [], "rejected": []}:
            with self._book.lock:
                self._book.faults.append(f"{self._name}: {receipt}, but expected {expected}")


def assert_all_or_nothing(server: Server, seed: str, book: Book) -> int:
    """Every request is stored once if acknowledged, not if refused, else once or not.

    Returns how many of the last sort are stored.
    """
    survived = 0
    with client_of(server) as client:
        stored = stored_by_key(client, f"proj_{seed}")
    for batch in book.batches:
        found = stored.pop(batch.key, None)
        if batch.stored or (found is not None and not batch.refused):
            assert found == total(batch.fresh), batch
            survived += not batch.stored
        else:
            assert found is None, batch
    assert not stored
    assert not book.faults
    return survived


def start_posters(
    server: Server, book: Book, seed: str, count: int, stored: list[EventData] | None = None
) -> list[Poster]:
    """Start ``count`` posters, each with a seed of its own, for the project ``proj_SEED``."""
    posters = [
        Poster(server, book, f"{seed}.{number}", f"proj_{seed}", stored or [])
        for number in range(count)
    ]
    for poster in posters:
        poster.start()
    return posters


def join(posters: list[Poster], *, stop: bool = False) -> None:
    """Wait until all posters have ended; each ends once its server does, or when it is stopped."""
    for poster in posters:
        if stop:
            poster.stopped.set()
    for poster in posters:
        poster.join(60)
        assert not poster.is_alive()
