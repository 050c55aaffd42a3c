"""Moments as people name them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.events import DAY
from tallybook.cli.moments import InvalidMoment, moment
from tallybook.domain.buckets import BucketWidth, Grid

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
    assert moment(text, NOW, width) == seconds


@pytest.mark.parametrize("text", ["", "yesterday", "7d", "-7", "-7y", "2026-13-01", "1.5", "--7d"])
def test_other_text_is_refused_with_the_forms_there_are(text: str) -> None:
    with pytest.raises(InvalidMoment, match="Unix seconds, a date like 2026-10-01"):
        moment(text, NOW, BucketWidth.DAY)


@given(st.integers(0, 999_999), st.sampled_from("mhdw"), st.sampled_from(WIDTHS))
def test_a_relative_moment_starts_a_bucket_and_reaches_back_far_enough(
    count: int, unit: str, width: BucketWidth
) -> None:
    seconds = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}[unit]
    found = moment(f"-{count}{unit}", NOW, width)
    assert Grid(width).is_boundary(found)
    assert found == 0 or NOW - count * seconds - width.seconds < found <= NOW - count * seconds
