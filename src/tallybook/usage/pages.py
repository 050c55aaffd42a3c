"""A query becomes a page: buckets without gaps, each with its rows, in a dialect of the wire.

Rows come from the ledger as text, and a page is put together around them: no
object is made per row. ``Page`` is for those who read one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tallybook.domain.buckets import Span
from tallybook.domain.queries import Query, UsageQuery
from tallybook.ledger.ledger import Ledger
from tallybook.ledger.stopping import NEVER, Stop
from tallybook.usage.cursor import Cursor, fingerprint
from tallybook.usage.dialects import Dialect
from tallybook.usage.results import json_text, usage_row

# A row as a reader of pages sees it.
Result = dict[str, Any]


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


def usage_page(query: UsageQuery, dialect: Dialect, ledger: Ledger, stop: Stop = NEVER) -> bytes:
    """One page of a query, as JSON."""
    spans = query.page_spans
    rows = ledger.usage(query, spans, usage_row(query, dialect), stop=stop)
    return page_text(query, spans, rows, dialect)


def page_text(
    query: Query, spans: Sequence[Span], rows: Mapping[int, str], dialect: Dialect
) -> bytes:
    """The page of some buckets, with the rows of each, joined by commas, by its start."""
    end = spans[-1].end
    more = end < query.end
    token = Cursor(query.end, fingerprint(query), end).encode() if more else None
    if token is None and dialect is Dialect.LEGACY:
        token = ""
    buckets = ",".join(_bucket_text(span, rows.get(span.start, ""), dialect) for span in spans)
    return (
        f'{{"object":"page","data":[{buckets}],"has_more":{json_text(more)},"next_page":{json_text(token)}}}'
    ).encode()


def _bucket_text(span: Span, rows: str, dialect: Dialect) -> str:
    legacy = f',"result":[{rows}]' if dialect is Dialect.LEGACY else ""
    return (
        f'{{"object":"bucket","start_time":{span.start},"end_time":{span.end},'
        f'"results":[{rows}]{legacy}}}'
    )
