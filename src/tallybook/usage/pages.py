"""A query becomes a page: buckets without gaps, each with its results."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from tallybook.domain.buckets import Span
from tallybook.domain.queries import Query, UsageQuery
from tallybook.ledger.ledger import Ledger
from tallybook.ledger.stopping import NEVER, Stop
from tallybook.usage.cursor import Cursor, fingerprint
from tallybook.usage.results import Result, result_of


class Bucket(msgspec.Struct, frozen=True, tag_field="object", tag="bucket"):
    """What was used in ``[start_time, end_time)``, in Unix seconds; empty when nothing was."""

    start_time: int
    end_time: int
    results: list[Result]


class Page(msgspec.Struct, frozen=True, tag_field="object", tag="page"):
    """Buckets in order, and the cursor of the next page; null on the last one."""

    data: list[Bucket]
    has_more: bool
    next_page: str | None


def usage_page(query: UsageQuery, ledger: Ledger, stop: Stop = NEVER) -> Page:
    """Answer one page of a query."""
    spans = query.page_spans
    write = result_of(query)
    results: defaultdict[int, list[Result]] = defaultdict(list)
    for row in ledger.usage(query, spans[0].start, spans[-1].end, stop=stop):
        results[row.bucket].append(write(row))
    return page_of(query, spans, results)


def page_of(query: Query, spans: Sequence[Span], results: Mapping[int, list[Result]]) -> Page:
    """The page of some buckets, with the results of each by its start."""
    end = spans[-1].end
    more = end < query.end
    return Page(
        [Bucket(span.start, span.end, results.get(span.start, [])) for span in spans],
        more,
        Cursor(query.end, fingerprint(query), end).encode() if more else None,
    )
