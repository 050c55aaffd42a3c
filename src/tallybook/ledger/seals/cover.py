"""The cover: any range as the fewest sealed spans, and what is left to be read from the events.

Pure. A level is a width of spans that divide time since the epoch, in UTC, and
those of them that are sealed. A sealed span may stand for its events only in a
bucket that it lies in whole, so buckets of any length, in any time zone and
off any boundary, are covered by the same few lines.
"""

from collections.abc import Container, Sequence

import msgspec

from tallybook.domain.buckets import Span


class Level(msgspec.Struct, frozen=True):
    """Spans of so many seconds, and the starts, in Unix seconds, of those that are sealed."""

    seconds: int
    sealed: Container[int]


def cover(buckets: Sequence[Span], levels: Sequence[Level]) -> list[list[Span]]:
    """Buckets, in order and disjoint, as spans of each level, and of the events last.

    ``levels`` come longest first, each a multiple of the next. The spans of
    all levels are disjoint, and their union is that of the buckets; those of
    one level are in order, and adjacent ones are one.
    """
    parts: list[list[Span]] = [[] for _ in range(len(levels) + 1)]
    for bucket in buckets:
        _add(bucket.start, bucket.end, levels, 0, parts)
    return parts


def _add(
    start: int, end: int, levels: Sequence[Level], depth: int, parts: list[list[Span]]
) -> None:
    """Add ``[start, end)`` to the parts, of this level and of shorter ones."""
    if start >= end:
        return
    if depth == len(levels):
        append_span(parts[depth], start, end)
        return
    seconds, sealed = levels[depth].seconds, levels[depth].sealed
    first, last = start + -start % seconds, end - end % seconds
    if first >= last:
        _add(start, end, levels, depth + 1, parts)
        return
    _add(start, first, levels, depth + 1, parts)
    for at in range(first, last, seconds):
        if at in sealed:
            append_span(parts[depth], at, at + seconds)
        else:
            _add(at, at + seconds, levels, depth + 1, parts)
    _add(last, end, levels, depth + 1, parts)


def append_span(spans: list[Span], start: int, end: int) -> None:
    """Add a span that comes after all others; one that it touches grows instead."""
    if spans and spans[-1].end == start:
        start = spans.pop().start
    spans.append(Span(start, end))
