"""Zones: the changes that are found are those of the zones' files; clocks are read both ways."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.zone_oracle import ODD_ZONES, ZONES, changes, offset
from tallybook.domain import zones

_1900 = -2_208_988_800
_1970, _2015, _2031 = 0, 1_420_070_400, 1_924_992_000

zone_names = st.sampled_from(ZONES)
times = st.integers(_2015, _2031)


def _found(zone: str, start: int, end: int) -> list[tuple[int, int]]:
    """The changes of the offset, from the periods: the moment, the offset after it."""
    among = list(zones.periods(zone, start, end))
    assert [period.end for period in among[:-1]] == [period.start for period in among[1:]]
    assert (among[0].start, among[-1].end) == (start, end)
    return [
        (after.start, after.offset)
        for before, after in pairwise(among)
        if after.offset != before.offset
    ]


@pytest.mark.parametrize("zone", ODD_ZONES)
def test_every_change_since_1970_is_found_to_the_second(zone: str) -> None:
    wanted = [each for each in changes(zone) if _1970 < each[0] < _2031]
    # A file may leave the last years to a rule: what it lists must all be there, in order.
    found = _found(zone, _1970, _2031)
    assert found[: len(wanted)] == wanted


def test_every_change_of_every_zone_in_2015_to_2030_is_found() -> None:
    for zone in ZONES:
        wanted = [each for each in changes(zone) if _2015 < each[0] < _2031]
        assert _found(zone, _2015, _2031)[: len(wanted)] == wanted, zone


def test_no_two_changes_of_a_zone_since_1900_are_so_close_that_a_look_a_day_misses_them() -> None:
    for zone in ZONES:
        moments = [moment for moment, _ in changes(zone) if moment > _1900]
        for before, after in pairwise(moments):
            assert after - before > 2 * 86_400, (zone, before)


@given(zone_names, times)
def test_a_clock_shows_the_moment_and_its_offset(zone: str, time: int) -> None:
    assert zones.shown_at(zone, time) == time + offset(zone, time)


@given(zone_names, times)
def test_the_first_moment_that_shows_a_time_is_the_moment_or_an_earlier_one(
    zone: str, time: int
) -> None:
    shown = zones.shown_at(zone, time)
    first = zones.first_showing(zone, shown)
    assert first <= time
    assert zones.shown_at(zone, first) >= shown
    assert zones.shown_at(zone, first - 1) < shown


@pytest.mark.parametrize(
    ("zone", "shown", "first"),
    [
        ("UTC", "2026-10-25T02:30", "2026-10-25T02:30Z"),
        ("Europe/Paris", "2026-10-25T02:30", "2026-10-25T02:30+02:00"),
        ("Europe/Paris", "2026-03-29T02:30", "2026-03-29T03:00+02:00"),
        ("America/Sao_Paulo", "2017-10-15T00:00", "2017-10-15T01:00-02:00"),
        ("America/Havana", "2026-11-01T00:00", "2026-11-01T00:00-04:00"),
        ("Pacific/Apia", "2011-12-30T15:00", "2011-12-31T00:00+14:00"),
        ("Asia/Kathmandu", "2026-01-01T00:00", "2026-01-01T00:00+05:45"),
    ],
)
def test_a_time_that_is_skipped_is_the_jump_and_one_that_is_repeated_the_first(
    zone: str, shown: str, first: str
) -> None:
    seconds = int(datetime.fromisoformat(shown).replace(tzinfo=UTC).timestamp())
    assert zones.first_showing(zone, seconds) == datetime.fromisoformat(first).timestamp()


def test_the_zone_that_means_this_machines_is_none() -> None:
    assert {"UTC", "Europe/Paris", "Asia/Kathmandu"} <= zones.zone_names()
    assert "localtime" not in zones.zone_names()
    assert not any("/../" in name or name.startswith(("/", ".")) for name in zones.zone_names())


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("UTC", "2026-10-25T01:00:00Z"),
        ("Europe/Paris", "2026-10-25T02:00:00+01:00"),
        ("America/Havana", "2026-10-24T21:00:00-04:00"),
    ],
)
def test_a_moment_is_told_by_the_zones_clocks(zone: str, text: str) -> None:
    assert zones.local_iso(zone, 1_792_890_000) == text
