"""The horizon: the days whose events were let go, and of which only sums are kept.

A value, like the seals. It moves forward alone, a day at a time and without
gaps; and it has moved before the first event of a day is gone. So whoever
looks at it after reading events knows whether they were all there.
"""

from collections.abc import Collection, Iterable

import msgspec

from tallybook.domain.buckets import Span
from tallybook.domain.errors import BeforeHorizon
from tallybook.domain.instants import MICROSECONDS, iso


class Horizon(msgspec.Struct, frozen=True):
    """The days ``[first, end)`` have no events any more; both are starts of UTC days.

    In Unix seconds. Before ``first`` there never was an event, and from
    ``end`` on there are all.
    """

    first: int
    end: int

    @property
    def end_us(self) -> int:
        """Its end in microseconds: no event that is stored is before it."""
        return self.end * MICROSECONDS

    def hides(self, spans: Iterable[Span]) -> bool:
        """Whether some spans need events that were let go."""
        return any(span.start < self.end and span.end > self.first for span in spans)

    def moved_to(self, day: int, end: int) -> "Horizon":
        """The same after a day that ends at ``end`` was let go too."""
        return Horizon(self.first if self.end else day, end)

    def told(self) -> str:
        """The sentence that says where it is, for people."""
        return (
            f"The events before {iso(self.end_us)} were let go (setting retention_days), and only"
            " their sums are kept"
        )

    def added_to(self, message: str) -> str:
        """What is said of an event that is not there, which may have been once."""
        return f"{message} {self.told()}." if self.end else message


# Where every event that was ever stored is there.
NOTHING_LET_GO = Horizon(0, 0)


def check_sums(horizon: Horizon, events: Iterable[Span], kept_tags: Collection[str]) -> None:
    """Return when a question that reads the ``events`` of some spans finds them all.

    Raises BeforeHorizon, which says what can be asked.
    """
    if horizon.hides(events):
        tags = f", and by the tags {', '.join(kept_tags)}" if kept_tags else ", and by no tags"
        raise BeforeHorizon(
            f"{horizon.told()}, which cannot answer this. Let start_time be {horizon.end} or later;"
            " or ask for whole hours (UTC) without user_id and api_key_id, or for whole days with"
            f" them{tags}.",
            param="start_time",
        )


def check_events(horizon: Horizon, span: Span, param: str) -> None:
    """Return when every event of a span that was ever stored is there. Raises BeforeHorizon."""
    if horizon.hides((span,)):
        raise BeforeHorizon(
            f"{horizon.told()}: let {param} be {horizon.end} or later.", param=param
        )
