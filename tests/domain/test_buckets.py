"""Grids own their arithmetic; spans cover a range without gaps, in every zone."""

import time as clock
from bisect import bisect_right
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from support.zone_oracle import FIXED, ODD_ZONES, ZONES, boundaries, changes
from tallybook.domain.buckets import BucketWidth, Grid, Span, first_spans, spans

_2015, _2031 = 1_420_070_400, 1_924_992_000
HOUR, DAY = 3_600, 86_400
# The most seconds that a bucket has: a day of 25 hours, or of two dates' clocks gone back.
LONGEST = {"1d": 2 * DAY, "1w": 8 * DAY, "1mo": 32 * DAY}

plain_widths = st.sampled_from([width for width in BucketWidth if width not in ("1w", "1mo")])
times = st.integers(0, 253_402_300_799)
grids = st.builds(Grid, st.sampled_from(BucketWidth), st.sampled_from(ZONES))
moments = st.integers(_2015, _2031)


def at(text: str) -> int:
    """The Unix seconds of a moment in RFC 3339."""
    return int(datetime.fromisoformat(text).timestamp())


@given(plain_widths, times)
def test_in_utc_widths_up_to_a_day_are_multiples_since_the_epoch(
    width: BucketWidth, time: int
) -> None:
    grid = Grid(width)
    assert grid.floor(time) == width.floor(time) == time // width.seconds * width.seconds
    assert grid.next(time) == width.next(time) == grid.floor(time) + width.seconds
    assert grid.is_boundary(time) == (time % width.seconds == 0)


@given(st.integers(0, 250_000_000_000))
def test_in_utc_weeks_begin_on_mondays_and_months_on_their_first(time: int) -> None:
    day = date(1970, 1, 1).toordinal() + time // DAY
    monday = Grid(BucketWidth.WEEK).floor(time)
    assert (monday % DAY, date.fromordinal(day).weekday()) == (0, (time - monday) // DAY)
    first = Grid(BucketWidth.MONTH).floor(time)
    assert (first % DAY, date.fromordinal(day).day) == (0, (time - first) // DAY + 1)
    assert Grid(BucketWidth.WEEK).next(time) == monday + 7 * DAY
    assert 28 * DAY <= Grid(BucketWidth.MONTH).next(time) - first <= 31 * DAY


@pytest.mark.parametrize("width", [BucketWidth.WEEK, BucketWidth.MONTH])
def test_what_the_calendar_cuts_has_no_seconds(width: BucketWidth) -> None:
    for ask in (width.floor, width.next):
        with pytest.raises(ValueError, match="use a Grid"):
            ask(0)


@given(grids, moments)
@example(Grid(BucketWidth.DAY, "Pacific/Apia"), at("2011-12-29T23:59:59-10:00"))
@example(Grid(BucketWidth.DAY, "America/St_Johns"), at("2010-11-06T23:30:00-03:30"))
@example(Grid(BucketWidth.HOUR, "Africa/Monrovia"), at("1972-01-07T00:44:29+00:00"))
@example(Grid(BucketWidth.MONTH, "America/New_York"), 0)
def test_floor_and_next_agree(grid: Grid, time: int) -> None:
    start, end = grid.floor(time), grid.next(time)
    assert start <= time < end
    assert grid.is_boundary(start)
    assert grid.is_boundary(end)
    assert grid.next(start) == grid.next(end - 1) == end
    assert grid.floor(end - 1) == start
    longest = FIXED.get(grid.width) or LONGEST[grid.width]
    assert 0 < end - start <= longest


@given(grids, moments, st.integers(0, 400))
def test_spans_are_the_range_cut_at_the_boundaries(grid: Grid, start: int, count: int) -> None:
    longest = FIXED.get(grid.width) or LONGEST[grid.width]
    end = start + count * longest // 7
    found = list(spans(start, end, grid))
    assert sum(span.end - span.start for span in found) == end - start
    assert [span.start for span in found][1:] == [span.end for span in found][:-1]
    assert all(span.start < span.end <= grid.next(span.start) for span in found)
    assert all(grid.is_boundary(span.start) for span in found[1:])
    assert first_spans(start, end, grid, 5) == found[:5]
    if found:
        assert (found[0].start, found[-1].end) == (start, end)


@given(grids, moments)
def test_a_range_without_length_has_no_buckets(grid: Grid, time: int) -> None:
    assert list(spans(time, time, grid)) == []
    assert list(spans(time, time - 1, grid)) == []


def _agrees(zone: str, width: str, start: int, end: int, step: int) -> None:
    """The grid has the boundaries that a walk through the range meets, and no other."""
    grid = Grid(BucketWidth(width), zone)
    met = boundaries(zone, width, start, end, step)
    assert list(grid.between(start - 1, end)) == met, (zone, width)
    for place in range(12):
        time = start + (end - start) * place // 12 + place
        last, following = bisect_right(met, time) - 1, bisect_right(met, time)
        if last >= 0:
            assert grid.floor(time) == met[last], (zone, width, time)
        if following < len(met):
            assert grid.next(time) == met[following], (zone, width, time)


# Both changes of a year and a quiet day; where the clocks of a year did something of their own.
_MOMENTS = {
    "Europe/Paris": ("2026-03-29T01:00Z", "2026-10-25T01:00Z", "2026-07-01T00:00Z"),
    "America/New_York": ("2026-03-08T07:00Z", "2026-11-01T06:00Z", "2026-07-01T00:00Z"),
    "Australia/Lord_Howe": ("2026-04-04T15:00Z", "2026-10-03T15:30Z", "2026-07-01T00:00Z"),
    "Africa/Casablanca": ("2026-02-15T02:00Z", "2026-03-22T02:00Z", "2026-07-01T00:00Z"),
    "Asia/Kathmandu": ("2026-03-29T01:00Z", "2026-07-01T00:00Z"),
    "America/Havana": ("2026-03-08T05:00Z", "2026-11-01T05:00Z"),
    "Asia/Beirut": ("2026-03-28T22:00Z", "2026-10-24T21:00Z"),
    "Pacific/Apia": ("2011-12-30T10:00Z", "2011-04-02T14:00Z", "2011-09-24T14:00Z"),
    "America/Sao_Paulo": ("2017-10-15T03:00Z", "2018-02-18T02:00Z"),
    "Atlantic/Azores": ("2026-03-29T01:00Z", "2026-10-25T01:00Z"),
    "America/St_Johns": ("2010-03-14T03:31Z", "2010-11-07T02:31Z"),
    "Pacific/Kiritimati": ("1994-12-31T10:40Z",),
    "America/Caracas": ("2007-12-09T07:00Z", "2016-05-01T07:00Z"),
    "Antarctica/Troll": ("2026-03-29T01:00Z", "2026-10-25T01:00Z"),
}
_AROUND = [(zone, text) for zone, texts in _MOMENTS.items() for text in texts]


@pytest.mark.parametrize(("zone", "text"), _AROUND)
def test_around_a_change_boundaries_are_those_that_a_walk_by_the_minute_meets(
    zone: str, text: str
) -> None:
    moment = at(text)
    for width in FIXED:
        _agrees(zone, width, moment - 5 * HOUR, moment + 5 * HOUR, 60)
    _agrees(zone, "1d", moment - 3 * DAY, moment + 3 * DAY, 60)
    for width in ("1w", "1mo"):
        _agrees(zone, width, moment - 34 * DAY, moment + 34 * DAY, 900 if moment % 900 == 0 else 60)


def test_in_every_zone_boundaries_are_those_that_a_walk_meets() -> None:
    # In these years nearly every clock changes at a whole quarter of an hour.
    for place, zone in enumerate(ZONES):
        start = _2015 + (place * 7_919_003 * 900) % (_2031 - _2015) // 900 * 900
        for width in ("15m", "1h", "1d"):
            _agrees(zone, width, start, start + 4 * DAY, 900)
        recent = [moment for moment, _ in changes(zone) if _2015 < moment < _2031]
        for moment in recent[place % 7 : place % 7 + 1]:
            step = 300 if moment % 300 == 0 else 60
            for width in ("5m", "1h", "1d", "1w"):
                _agrees(zone, width, moment - 300 * step, moment + 300 * step, step)


@pytest.mark.parametrize("zone", ODD_ZONES)
def test_the_months_of_years_are_those_that_a_walk_meets(zone: str) -> None:
    for width in ("1w", "1mo"):
        _agrees(zone, width, at("2022-12-20T00:00Z"), at("2024-03-05T00:00Z"), 900)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("UTC", "2026-10-25", 24),
        ("Europe/Paris", "2026-03-29", 23),
        ("Europe/Paris", "2026-10-25", 25),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("America/Havana", "2026-11-01", 25),
        ("America/Sao_Paulo", "2017-10-15", 23),
        ("America/Sao_Paulo", "2018-02-17", 25),
        ("Asia/Beirut", "2026-03-29", 23),
        # The clock went back over midnight at 00:01: what it showed before, it had shown already.
        ("America/St_Johns", "2010-11-06", 24),
        ("America/St_Johns", "2010-11-07", 25),
        ("Pacific/Apia", "2011-12-29", 24),
        ("Pacific/Apia", "2011-12-31", 24),
    ],
)
def test_a_day_is_as_long_as_its_clocks_make_it(zone: str, day: str, hours: float) -> None:
    grid = Grid(BucketWidth.DAY, zone)
    noon = at(f"{day}T12:00Z") - 6 * HOUR
    whole = list(spans(noon - 2 * DAY, noon + 3 * DAY, grid))[1:-1]
    (length,) = [
        span.end - span.start for span in whole if _date(zone, (span.start + span.end) // 2) == day
    ]
    assert length == hours * HOUR


def _date(zone: str, time: int) -> str:
    return datetime.fromtimestamp(time, ZoneInfo(zone)).date().isoformat()


def test_a_date_that_a_zone_left_out_has_no_bucket() -> None:
    begin, end = at("2011-12-29T00:00-10:00"), at("2012-01-01T00:00+14:00")
    found = first_spans(begin, end, Grid(BucketWidth.DAY, "Pacific/Apia"), 9)
    assert [_date("Pacific/Apia", span.start) for span in found] == ["2011-12-29", "2011-12-31"]


def test_an_hour_that_clocks_show_twice_is_two_buckets() -> None:
    start = at("2026-10-25T02:00+02:00")
    assert first_spans(start, start + DAY, Grid(BucketWidth.HOUR, "Europe/Paris"), 2) == [
        Span(start, start + HOUR),
        Span(start + HOUR, start + 2 * HOUR),
    ]


def test_a_change_of_half_an_hour_cuts_an_hour_short() -> None:
    change = at("2026-04-05T01:30+10:30")
    found = first_spans(
        change - HOUR, change + 2 * HOUR, Grid(BucketWidth.HOUR, "Australia/Lord_Howe"), 9
    )
    assert [span.start - change for span in found] == [-HOUR, 0, HOUR // 2, 3 * HOUR // 2]


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Havana", "Asia/Tokyo", "Africa/Lagos"])
@pytest.mark.parametrize("width", FIXED)
def test_where_offsets_are_whole_hours_boundaries_are_those_of_utc(zone: str, width: str) -> None:
    start, end = at("2026-10-23T00:00Z"), at("2026-11-03T00:00Z")
    named = BucketWidth(width)
    assert list(spans(start, end, Grid(named, zone))) == list(spans(start, end, Grid(named)))


def test_a_range_off_its_boundaries_has_short_buckets_at_both_ends() -> None:
    # The live service's own example: a range from 17:31, by day.
    assert first_spans(1_736_616_660, 1_736_800_000, Grid(BucketWidth.DAY), 7) == [
        Span(1_736_616_660, 1_736_640_000),
        Span(1_736_640_000, 1_736_726_400),
        Span(1_736_726_400, 1_736_800_000),
    ]


@pytest.mark.parametrize("width", BucketWidth)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "Australia/Lord_Howe"])
def test_a_page_of_buckets_takes_a_few_milliseconds(zone: str, width: BucketWidth) -> None:
    grid = Grid(width, zone)
    taken = []
    for _ in range(5):
        begun = clock.perf_counter()
        first_spans(_2015, _2031, grid, 1_440)
        taken.append(clock.perf_counter() - begun)
    # 0.3 ms where it was measured, 6 ms for 192 months and 830 weeks at their first asking.
    assert min(taken) < 0.05
