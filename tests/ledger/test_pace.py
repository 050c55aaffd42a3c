"""How much may wait: what is stored in a moment, by what was measured."""

from tallybook.ledger.pace import WAIT_SECONDS_MAX, Pace

MIB = 1 << 20
MOST = 64 * MIB


def test_as_long_as_nothing_was_measured_the_queue_has_its_own_bound_alone() -> None:
    pace = Pace()
    pace.note(1_000, 10.0)
    assert pace.bytes_max(MOST) == MOST
    assert pace.seconds_of(MOST) == 0


def test_no_more_waits_than_is_stored_in_a_moment() -> None:
    pace = Pace()
    for _ in range(10):
        pace.note(10 * MIB, 1.0)
    assert abs(pace.bytes_max(MOST) - WAIT_SECONDS_MAX * 10 * MIB) < 1_000
    assert abs(pace.seconds_of(20 * MIB) - 2) < 0.001
    assert pace.bytes_max(1_000) == 1_000


def test_a_slow_disk_leaves_room_for_a_few_requests() -> None:
    pace = Pace()
    pace.note(MIB, 60.0)
    assert pace.bytes_max(MOST) == 2 * MIB


def test_what_was_long_ago_counts_no_longer() -> None:
    pace = Pace()
    for _ in range(50):
        pace.note(MIB, 10.0)
    for _ in range(100):
        pace.note(20 * MIB, 1.0)
    assert abs(pace.seconds_of(20 * MIB) - 1) < 0.01
