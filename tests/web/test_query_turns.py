"""Whose query is next: bounds that hold, threads that are never idle in vain, nobody starved."""

from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from tallybook.web.query_turns import QueryTurns

AT_ONCE = 5
OF_A_KEY = 4
WAITING = 6
# A key whose query comes, or a number: that one of what runs ends.
STEPS = st.lists(st.sampled_from("abc") | st.integers(0, 20), max_size=150)


@given(STEPS)
def test_bounds_hold_and_no_thread_is_idle_while_somebody_may_have_it(  # noqa: C901 - a model
    steps: list[str | int],
) -> None:
    turns: QueryTurns[int] = QueryTurns(AT_ONCE, OF_A_KEY, WAITING)
    waiting: defaultdict[str, list[int]] = defaultdict(list)
    running: list[str] = []
    for number, step in enumerate(steps):
        if isinstance(step, int):
            if running:
                turns.end(running.pop(step % len(running)))
        else:
            longest = max(map(len, waiting.values()), default=0)
            dropped = turns.join(step, number)
            if dropped is None:
                assert sum(map(len, waiting.values())) >= WAITING
                assert len(waiting[step]) + 1 >= longest
            else:
                for gone in dropped:
                    (loser,) = (key for key, line in waiting.items() if gone in line)
                    # The newest of who had most.
                    assert len(waiting[loser]) == longest > len(waiting[step]) + 1
                    assert waiting[loser].pop() == gone
                waiting[step].append(number)
        while started := turns.start():
            key, thing = started
            counts = Counter(running)
            # The oldest of a key with the fewest running of those that may.
            assert waiting[key].pop(0) == thing
            others = [counts[each] for each, line in waiting.items() if line]
            assert counts[key] <= min(others, default=OF_A_KEY)
            running.append(key)
        counts = Counter(running)
        assert turns.running == len(running) <= AT_ONCE
        assert max(counts.values(), default=0) <= OF_A_KEY
        assert turns.waiting == sum(map(len, waiting.values())) <= WAITING
        free = len(running) < AT_ONCE
        assert not (free and any(line and counts[key] < OF_A_KEY for key, line in waiting.items()))
    # Nobody starves: all that waits has its turn when what runs ends.
    while running:
        turns.end(running.pop())
        while started := turns.start():
            waiting[started[0]].remove(started[1])
            running.append(started[0])
    assert not any(waiting.values())
    assert not turns._lines


def test_a_pile_of_one_key_leaves_a_thread_to_another() -> None:
    turns: QueryTurns[str] = QueryTurns(AT_ONCE, OF_A_KEY, 100)
    for number in range(50):
        turns.join("pile", f"pile {number}")
    while turns.start():
        pass
    assert turns.running == OF_A_KEY
    assert turns.join("other", "one") == []
    assert turns.start() == ("other", "one")


def test_keys_with_as_many_running_take_turns() -> None:
    turns: QueryTurns[str] = QueryTurns(1, 1, 100)
    for number in range(20):
        turns.join("pile", f"pile {number}")
    turns.join("other", "first")
    turns.join("other", "second")
    order = []
    for _ in range(4):
        started = turns.start()
        assert started
        order.append(started[0])
        turns.end(started[0])
    assert order in (["pile", "other"] * 2, ["other", "pile"] * 2)


def test_what_left_has_no_turn() -> None:
    turns: QueryTurns[str] = QueryTurns(1, 1, 100)
    for name in ("one", "two", "three"):
        turns.join("key", name)
    turns.leave("key", "two")
    turns.leave("key", "never there")
    assert turns.start() == ("key", "one")
    turns.end("key")
    assert turns.start() == ("key", "three")
