"""Pages as values: the envelope of every answer, in both dialects of the wire."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

import msgspec

from tallybook.client.errors import UnreadableAnswer
from tallybook.client.exchanges import Answer
from tallybook.client.results import Result, result_of

R_co = TypeVar("R_co", bound=Result, covariant=True)

# How many events have a charge that nobody prices; on costs, of Tallybook alone.
UNPRICED_HEADER = "tallybook-unpriced-events"


class Bucket(msgspec.Struct, Generic[R_co], frozen=True, kw_only=True):
    """What was used in ``[start_time, end_time)``, in Unix seconds; empty when nothing was."""

    start_time: int
    end_time: int
    results: tuple[R_co, ...]

    @property
    def start(self) -> datetime:
        """The start, inclusive, in UTC."""
        return datetime.fromtimestamp(self.start_time, UTC)

    @property
    def end(self) -> datetime:
        """The end, exclusive, in UTC."""
        return datetime.fromtimestamp(self.end_time, UTC)


class Page(msgspec.Struct, Generic[R_co], frozen=True, kw_only=True):
    """Buckets in order, without gaps. ``next_page`` is the token of the next one, None at the end.

    ``unpriced_events`` is how many events of the page have a charge that
    nobody prices; None where the server does not say.
    """

    data: tuple[Bucket[R_co], ...]
    has_more: bool
    next_page: str | None = None
    unpriced_events: int | None = None


class _Bucket(msgspec.Struct, tag_field="object", tag="bucket"):
    """A bucket as it comes: ``result`` is the word of the 2.3.0 generation, which has both now."""

    start_time: int
    end_time: int
    results: list[dict[str, Any]] | None = None
    result: list[dict[str, Any]] | None = None


class _Page(msgspec.Struct, tag_field="object", tag="page"):
    data: list[_Bucket]
    has_more: bool
    next_page: str | None = None


# Through ``float`` an amount would no longer be the one that was sent.
_decode = msgspec.json.Decoder(_Page, float_hook=Decimal).decode


def read_page(answer: Answer, asked: str | None = None) -> Page[Any]:
    """The page of an answer to a request for the page ``asked``.

    Raises UnreadableAnswer, with the place and the rule, for what is no page,
    and for one that does not say how to go on.
    """
    try:
        page = _decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise UnreadableAnswer(
            f"the answer is not a page of usage or costs: {fault}. Is the url that of the API?"
        ) from fault
    token = page.next_page or None
    if page.has_more and (token is None or token == asked):
        raise UnreadableAnswer(
            f"the page has has_more true and next_page {page.next_page!r}, which leads no further:"
            " the rest of the answer cannot be read."
        )
    unpriced = answer.headers.get(UNPRICED_HEADER, "")
    return Page(
        data=tuple(_bucket(place, bucket) for place, bucket in enumerate(page.data)),
        has_more=page.has_more,
        next_page=token if page.has_more else None,
        unpriced_events=int(unpriced) if unpriced.isdecimal() else None,
    )


def _bucket(place: int, bucket: _Bucket) -> Bucket[Any]:
    rows = bucket.result if bucket.results is None else bucket.results
    if rows is None:
        raise UnreadableAnswer(f"data[{place}] has no results: it is no bucket.")
    results: list[Result] = []
    for row in rows:
        try:
            results.append(result_of(row))
        except msgspec.ValidationError as fault:
            raise UnreadableAnswer(
                f"data[{place}].results[{len(results)}] is not a result of its object"
                f" {row.get('object')!r}: {fault}."
            ) from fault
    return Bucket(start_time=bucket.start_time, end_time=bucket.end_time, results=tuple(results))
