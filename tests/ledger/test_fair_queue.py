"""A queue shared by owners: nothing is lost, nobody starves, and who holds most gives way."""

from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from tallybook.ledger.fair_queue import FairQueue

SIZE_MAX = 1_000
# An owner and the size of a thing that comes; None is a turn at which one is taken.
STEPS = st.lists(st.none() | st.tuples(st.sampled_from("abcd"), st.integers(1, 400)), max_size=120)


@given(STEPS)
def test_what_is_let_in_comes_out_once_or_is_told_that_it_was_dropped(
    steps: list[tuple[str, int] | None],
) -> None:
    queue: FairQueue[tuple[str, int, int]] = FairQueue()
    inside: Counter[tuple[str, int, int]] = Counter()
    for number, step in enumerate(steps):
        if step is None:
            if queue.count:
                inside.subtract([queue.take()])
            continue
        owner, size = step
        if queue.fits(owner, size, SIZE_MAX):
            inside.subtract(queue.make_room(owner, size, SIZE_MAX))
            queue.put(owner, (owner, number, size), size)
            inside[(owner, number, size)] += 1
        assert set(inside.values()) <= {0, 1}
        held = +inside
        assert queue.count == len(held)
        assert queue.size == sum(size for _, _, size in held)
        assert queue.size <= SIZE_MAX or queue.count == 1
    # Work-conserving: as long as something waits, it can be taken.
    while queue.count:
        inside.subtract([queue.take()])
    assert not +inside


@given(STEPS)
def test_an_owners_things_come_out_in_their_order(steps: list[tuple[str, int] | None]) -> None:
    queue: FairQueue[tuple[str, int]] = FairQueue()
    last: defaultdict[str, int] = defaultdict(lambda: -1)
    for number, step in enumerate([*steps, *[None] * len(steps)]):
        if step is not None:
            queue.put(step[0], (step[0], number), step[1])
        elif queue.count:
            owner, came = queue.take()
            assert came > last[owner]
            last[owner] = came


@given(STEPS)
def test_room_is_only_made_at_the_cost_of_who_holds_more(
    steps: list[tuple[str, int] | None],
) -> None:
    queue: FairQueue[tuple[str, int]] = FairQueue()
    held: Counter[str] = Counter()
    for step in steps:
        if step is None:
            if queue.count:
                owner, size = queue.take()
                held[owner] -= size
            continue
        owner, size = step
        own = held[owner] + size
        if not queue.fits(owner, size, SIZE_MAX):
            # Refused: nobody's excess over what this owner would hold is enough.
            excess = sum(held.values()) + size - SIZE_MAX
            assert sum(max(0, each - own) for each in held.values()) < excess
            continue
        for victim, lost in queue.make_room(owner, size, SIZE_MAX):
            assert victim != owner
            assert held[victim] > own
            held[victim] -= lost
        queue.put(owner, (owner, size), size)
        held[owner] += size


@given(
    st.lists(st.integers(1, 50), min_size=2, max_size=6),
    st.integers(1, 50),
)
def test_while_all_have_things_waiting_they_get_the_same(sizes: list[int], rounds: int) -> None:
    """Whatever the sizes of their things, and however many one has sent before the others."""
    queue: FairQueue[int] = FairQueue()
    for number in range(200):
        queue.put("0", 0, sizes[0])
        if number < 20:
            continue
        for owner, size in enumerate(sizes[1:], 1):
            queue.put(str(owner), owner, size)
    served: Counter[int] = Counter()
    for _ in range(min(rounds * len(sizes), 180)):
        owner = queue.take()
        served[owner] += sizes[owner]
    if min(sizes) * 180 > max(sizes) * len(sizes):
        most, least = max(served.values()), min(served[owner] for owner in range(len(sizes)))
        assert most - least <= 2 * max(sizes)


def test_who_sends_one_large_thing_after_another_does_not_starve_the_small() -> None:
    queue: FairQueue[str] = FairQueue()
    for _ in range(100):
        queue.put("small", "small", 1)
    queue.put("large", "large", 50)
    served: Counter[str] = Counter()
    while queue.count and served["small"] < 100:
        thing = queue.take()
        served[thing] += 1
        if thing == "large":
            # A caller that waits for each answer: its line was empty for a moment.
            queue.put("large", "large", 50)
    assert served["large"] in (2, 3)


def test_a_newcomer_is_let_in_although_another_fills_the_queue() -> None:
    queue: FairQueue[str] = FairQueue()
    for number in range(10):
        queue.put("flood", f"flood {number}", 100)
    assert not queue.fits("flood", 1, SIZE_MAX)
    assert queue.fits("other", 100, SIZE_MAX)
    assert queue.make_room("other", 100, SIZE_MAX) == ["flood 9"]
    queue.put("other", "other", 100)
    assert [queue.take() for _ in range(2)] == ["flood 0", "other"]


def test_owners_who_are_gone_are_forgotten() -> None:
    queue: FairQueue[int] = FairQueue()
    for number in range(10_000):
        queue.put(str(number), number, 10)
        assert queue.take() == number
    assert len(queue._lines) < 200
