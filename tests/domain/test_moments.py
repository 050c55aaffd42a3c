"""Moments as people name them."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.events import DAY
from tallybook.domain.buckets import BucketWidth, Grid
from tallybook.domain.moments import InvalidMoment, Moment, moment, unix_seconds

# 2026-10-01T14:25:07Z.
PLACES = ("UTC", "Europe/Paris", "Pacific/Apia", "Australia/Lord_Howe")
WIDTHS = [width for width in BucketWidth if width not in ("1w", "1mo")]
NOW = DAY + 14 * 3600 + 25 * 60 + 7


@pytest.mark.parametrize(
    ("text", "width", "seconds"),
    [
        ("now", BucketWidth.DAY, NOW),
        ("-7d", BucketWidth.DAY, DAY - 7 * 86_400),
        ("-24h", BucketWidth.HOUR, DAY - 10 * 3600),
        ("-90m", BucketWidth.MINUTE, DAY + 12 * 3600 + 55 * 60),
        ("-1w", BucketWidth.HOUR, DAY - 7 * 86_400 + 14 * 3600),
        ("-0d", BucketWidth.DAY, DAY),
        ("-999999w", BucketWidth.DAY, 0),
        (str(DAY + 5), BucketWidth.DAY, DAY + 5),
        ("2026-10-01", BucketWidth.DAY, DAY),
        ("2026-10-01T14:30", BucketWidth.DAY, DAY + 14 * 3600 + 30 * 60),
        ("2026-10-01 14:30:15Z", BucketWidth.DAY, DAY + 14 * 3600 + 30 * 60 + 15),
        ("2026-10-01T02:00:00+02:00", BucketWidth.DAY, DAY),
    ],
)
def test_a_moment_has_many_forms(text: str, width: BucketWidth, seconds: int) -> None:
    assert moment(text, NOW, Grid(width)) == seconds


@pytest.mark.parametrize("zone", PLACES)
@pytest.mark.parametrize("text", ["0001-01-01", "1899-12-31T23:59", "9999-01-01", "9999-12-31"])
def test_a_date_that_no_clock_is_known_to_show_is_refused_by_name(zone: str, text: str) -> None:
    grid = Grid(BucketWidth.DAY, zone)
    if zone == "UTC":
        assert abs(moment(text, NOW, grid)) > NOW
        return
    with pytest.raises(InvalidMoment, match=rf"^{text}.* give a year from 1900 to 9998"):
        moment(text, NOW, grid)


@pytest.mark.parametrize("zone", PLACES)
@pytest.mark.parametrize("text", ["1900-01-01", "9998-12-31T23:59:59"])
def test_the_first_and_the_last_date_are_taken_in_every_zone(zone: str, text: str) -> None:
    plain = int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    assert abs(moment(text, NOW, Grid(BucketWidth.DAY, zone)) - plain) < 86_400


@pytest.mark.parametrize("zone", PLACES)
@pytest.mark.parametrize("width", tuple(BucketWidth))
def test_a_time_before_1970_is_1970_in_every_zone(zone: str, width: BucketWidth) -> None:
    assert moment("-999999w", NOW, Grid(width, zone)) == 0


@pytest.mark.parametrize("text", ["", "yesterday", "7d", "-7", "-7y", "2026-13-01", "1.5", "--7d"])
def test_other_text_is_refused_with_the_forms_there_are(text: str) -> None:
    with pytest.raises(InvalidMoment, match="Unix seconds, a date like 2026-10-01"):
        moment(text, NOW, Grid(BucketWidth.DAY))


@given(st.integers(0, 999_999), st.sampled_from("mhdw"), st.sampled_from(WIDTHS))
def test_a_relative_moment_starts_a_bucket_and_reaches_back_far_enough(
    count: int, unit: str, width: BucketWidth
) -> None:
    seconds = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}[unit]
    found = moment(f"-{count}{unit}", NOW, Grid(width))
    assert Grid(width).is_boundary(found)
    assert found == 0 or NOW - count * seconds - width.seconds < found <= NOW - count * seconds


@pytest.mark.parametrize(
    ("text", "zone", "width", "wanted"),
    [
        ("2026-11-01", "Europe/Paris", "1d", "2026-10-31T23:00Z"),
        ("2026-10-01", "Europe/Paris", "1d", "2026-09-30T22:00Z"),
        ("2026-10-01T00:00Z", "Europe/Paris", "1d", "2026-10-01T00:00Z"),
        ("2026-10-01 12:30", "Asia/Kathmandu", "1d", "2026-10-01T06:45Z"),
        # Shown twice, the first; skipped, the jump.
        ("2025-10-26T02:30", "Europe/Paris", "1h", "2025-10-26T00:30Z"),
        ("2026-03-29T02:30", "Europe/Paris", "1h", "2026-03-29T01:00Z"),
        ("2017-10-15", "America/Sao_Paulo", "1d", "2017-10-15T03:00Z"),
        ("2011-12-30", "Pacific/Apia", "1d", "2011-12-30T10:00Z"),
        # Now is 2026-10-01T16:25 in Paris and 07:25 in Los Angeles.
        ("-0d", "Europe/Paris", "1d", "2026-09-30T22:00Z"),
        ("-0d", "Europe/Paris", "1mo", "2026-09-30T22:00Z"),
        ("-0d", "America/Los_Angeles", "1w", "2026-09-28T07:00Z"),
        ("-1w", "America/Los_Angeles", "1mo", "2026-09-01T07:00Z"),
        ("-90m", "Asia/Kathmandu", "1h", "2026-10-01T12:15Z"),
        (str(DAY), "Europe/Paris", "1d", "2026-10-01T00:00Z"),
    ],
)
def test_a_moment_is_by_the_clocks_of_the_zone(
    text: str, zone: str, width: str, wanted: str
) -> None:
    found = moment(text, NOW, Grid(BucketWidth(width), zone))
    assert found == datetime.fromisoformat(wanted).timestamp()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (0, 0),
        (DAY, DAY),
        (DAY + 0.999999, DAY),
        (date(2026, 10, 1), DAY),
        (datetime(2026, 10, 1, 14, 30, 0, 900_000), DAY + 14 * 3600 + 30 * 60),  # noqa: DTZ001
        (datetime(2026, 10, 1, 2, tzinfo=timezone(timedelta(hours=2))), DAY),
        ("-0d", DAY),
    ],
)
def test_a_moment_may_be_a_number_or_a_date_of_python(value: Moment, seconds: int) -> None:
    assert unix_seconds(value, NOW, Grid(BucketWidth.DAY)) == seconds


@given(st.datetimes(datetime(1971, 1, 1), datetime(2099, 1, 1)), st.sampled_from(PLACES))  # noqa: DTZ001
def test_a_time_without_an_offset_is_read_as_its_text_is(shown: datetime, zone: str) -> None:
    grid = Grid(BucketWidth.DAY, zone)
    assert unix_seconds(shown, NOW, grid) == moment(shown.isoformat(), NOW, grid)
    assert unix_seconds(shown.date(), NOW, grid) == moment(shown.date().isoformat(), NOW, grid)


@pytest.mark.parametrize("value", [-1, DAY * 1_000, float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_no_moment_is_refused(value: float) -> None:
    with pytest.raises(InvalidMoment, match="not between 1970 and the year 9999"):
        unix_seconds(value, NOW, Grid(BucketWidth.DAY))


@pytest.mark.parametrize("value", [True, None, [], b"2026-10-01"])
def test_what_is_no_moment_at_all_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="is not a moment; give Unix seconds, a date, a datetime"):
        unix_seconds(value, NOW, Grid(BucketWidth.DAY))
