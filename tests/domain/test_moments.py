"""Moments as people name them."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.events import DAY
from tallybook.domain.buckets import BucketWidth, Grid
from tallybook.domain.moments import InvalidMoment, moment

# 2026-10-01T14:25:07Z.
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
