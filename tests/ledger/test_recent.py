"""What is certainly new, against a set of all that is stored."""

from hypothesis import given
from hypothesis import strategies as st

from tallybook.domain.sheets import Identity
from tallybook.ledger.recent import RecentIdentities

Commit = set[Identity]

# Few ids and times, so that identities meet; times go on from commit to commit, as they do live.
keys = st.tuples(st.sampled_from("abcdef"), st.integers(0, 400))
late_commits = st.lists(st.sets(keys, min_size=1, max_size=12), max_size=40)
live_commits = late_commits.map(
    lambda commits: [
        {(id_, time + 20 * number) for id_, time in commit} for number, commit in enumerate(commits)
    ]
)
any_commits = late_commits | live_commits
kept = st.integers(1, 60)


def stored_in(recent: RecentIdentities, commits: list[Commit]) -> Commit:
    """Tell ``recent`` of all commits; the set of what they stored."""
    for commit in commits:
        recent.add(commit, max(time for _, time in commit))
    return {key for commit in commits for key in commit}


def uncertain(recent: RecentIdentities, asked: Commit) -> Commit:
    return recent.uncertain(asked, min((time for _, time in asked), default=0))


@given(any_commits, kept, st.sets(keys))
def test_what_is_stored_is_never_certainly_new(
    commits: list[Commit], kept: int, asked: Commit
) -> None:
    recent = RecentIdentities(0, kept)
    stored = stored_in(recent, commits)
    asked |= stored
    found = uncertain(recent, asked)
    assert stored <= found <= asked


@given(any_commits, kept, st.sets(keys))
def test_what_is_not_stored_and_not_old_is_certainly_new(
    commits: list[Commit], kept: int, asked: Commit
) -> None:
    recent = RecentIdentities(0, kept)
    stored = stored_in(recent, commits)
    live = {(id_, time) for id_, time in asked if time >= recent.floor_us}
    assert uncertain(recent, live) <= stored
    latest_us = max((time for _, time in stored), default=0)
    after = {(id_, time + latest_us + 1) for id_, time in asked}
    assert uncertain(recent, after) == set()


@given(any_commits, kept)
def test_memory_is_bounded_whatever_is_stored(commits: list[Commit], kept: int) -> None:
    recent = RecentIdentities(0, kept)
    largest = max(map(len, commits), default=0)
    for number in range(len(commits)):
        stored_in(recent, commits[number : number + 1])
        assert len(recent._known) <= max(kept, kept // 10 + largest)
        held = sum(len(generation) for _, generation in recent._generations)
        assert held == len(recent._known)


def test_repeats_that_come_with_news_are_held_once() -> None:
    recent = RecentIdentities(0, 100)
    for number in range(1_000):
        recent.add({("old", time) for time in range(50)} | {("new", number % 7)}, 1_000)
    assert sum(len(generation) for _, generation in recent._generations) == 57


@given(any_commits, kept, st.integers(0, 500), st.sets(keys, min_size=1))
def test_what_was_stored_before_the_floor_is_never_certainly_new(
    commits: list[Commit], kept: int, floor_us: int, asked: Commit
) -> None:
    """A ledger that is opened knows its newest events only."""
    recent = RecentIdentities(floor_us, kept)
    stored_in(recent, commits)
    old = {key for key in asked if key[1] < floor_us}
    assert old <= uncertain(recent, asked)
    assert recent.floor_us >= floor_us


def test_nothing_is_certain_of_no_events() -> None:
    assert uncertain(RecentIdentities(0), set()) == set()
