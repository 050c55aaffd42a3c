"""Widths own their arithmetic; spans cover a range without gaps."""

from hypothesis import given
from hypothesis import strategies as st

from tallybook.domain.buckets import BucketWidth, Span, first_spans, spans

widths = st.sampled_from(tuple(BucketWidth))
times = st.integers(0, 253_402_300_799)


@given(widths, times)
def test_a_time_lies_between_its_floor_and_the_next_boundary(width: BucketWidth, time: int) -> None:
    assert width.floor(time) <= time < width.next(time)
    assert width.next(time) - width.floor(time) == width.seconds
    assert width.is_boundary(width.floor(time))


@given(widths, times, st.integers(0, 400_000))
def test_spans_are_the_range_cut_at_the_boundaries(
    width: BucketWidth, start: int, length: int
) -> None:
    end = start + min(length, width.seconds * 50)
    found = list(spans(start, end, width))
    assert [span.start for span in found][1:] == [span.end for span in found][:-1]
    assert all(span.start < span.end for span in found)
    assert all(width.is_boundary(span.start) for span in found[1:])
    if found:
        assert (found[0].start, found[-1].end) == (start, end)
    else:
        assert start == end


def test_a_range_off_its_boundaries_has_short_buckets_at_both_ends() -> None:
    # The live service's own example: a range from 17:31, by day.
    assert first_spans(1_736_616_660, 1_736_800_000, BucketWidth.DAY, 7) == [
        Span(1_736_616_660, 1_736_640_000),
        Span(1_736_640_000, 1_736_726_400),
        Span(1_736_726_400, 1_736_800_000),
    ]
