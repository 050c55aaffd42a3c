"""Streams of events around changes of clocks, and queries that ask for all there is.

A scenario has a zone and a window of three days; on the second of them, in the
zones that have such days, clocks change.
"""

from typing import Any, NamedTuple

from hypothesis import strategies as st

from support import streams, zone_oracle
from tallybook.domain.kinds import KINDS

DAY_SECONDS = 86_400
# 2016-02-28, where nothing happens but a leap day.
_QUIET = 1_456_617_600
_SINCE, _UNTIL = 1_420_156_800, 1_700_000_000

# Tags of the events of both sorts of streams, some of which are kept.
TAGS = ("alpha", "beta", "team", "a/b~c", *(name[:64] for name in streams.AWKWARD))
KEPT_TAGS = ((), ("team", "alpha"), TAGS)

# The widths, and the longest range of each that is asked for.
_LONGEST = {
    "1m": 3 * 3_600,
    "5m": 12 * 3_600,
    "15m": streams.WINDOW_SECONDS,
    "1h": streams.WINDOW_SECONDS,
    "1d": 9 * DAY_SECONDS,
    "1w": 30 * DAY_SECONDS,
    "1mo": 90 * DAY_SECONDS,
}
# The most buckets of a page of usage.
MOST = {"1m": 1_440, "5m": 1_440, "15m": 672, "1h": 168, "1d": 31, "1w": 53, "1mo": 60}
_LINE_KEYS = {"line_item", "currency"}


class Window(NamedTuple):
    """A zone, the start of three days in UTC, and what may happen on the second, as an offset."""

    zone: str
    base: int
    change: int


def _windows() -> list[Window]:
    found = []
    for zone in zone_oracle.ODD_ZONES:
        moments = [moment for moment, _ in zone_oracle.changes(zone) if _SINCE < moment < _UNTIL]
        for moment in moments[-3:] or [_QUIET + DAY_SECONDS]:
            base = moment - moment % DAY_SECONDS - DAY_SECONDS
            found.append(Window(zone, base, moment - base))
    return found


WINDOWS = tuple(_windows())
# Most questions are asked by a zone of whole hours, of which whole hours can be answered.
windows = st.one_of(
    st.sampled_from([each for each in WINDOWS if each.zone in ("Europe/Paris", "Etc/UTC")]),
    st.sampled_from(WINDOWS),
)


@st.composite
def _moved(draw: st.DrawFn, event: dict[str, Any], window: Window) -> dict[str, Any]:
    """The event of a stream in its window, some close to the change."""
    if not draw(st.integers(0, 3)):
        beside = draw(st.sampled_from((-3_600, -1, 0, 1, 1_799, 3_599, 3_600)))
        return event | {"time": window.base + window.change + beside}
    return event | {"time": window.base + event["time"]}


@st.composite
def _extended(draw: st.DrawFn, query: dict[str, Any], rankings: tuple[str, ...]) -> dict[str, Any]:
    """A query of a stream as one of any width and zone, ranked or not."""
    width = draw(st.sampled_from(tuple(_LONGEST)))
    around = 40 * DAY_SECONDS if width == "1mo" else DAY_SECONDS if width in ("1d", "1w") else 0
    start = draw(streams.moments) - draw(st.sampled_from((0, 0, around)))
    length = draw(
        st.one_of(
            st.sampled_from((60, 3_600, DAY_SECONDS, _LONGEST[width])),
            st.integers(1, _LONGEST[width]),
        )
    )
    tags = draw(st.sets(st.sampled_from([f"tag:{name}" for name in TAGS]), max_size=1))
    group_by = query["group_by"] | draw(st.sampled_from((set(), {"provider"}, tags)))
    if draw(st.integers(0, 2)) == 0:
        # Few keys, or no rollup but the richest can be of use.
        group_by = set(sorted(group_by)[:1])
    top = draw(st.sampled_from((None, 1, 2, 3))) if group_by else None
    return query | {
        "width": width,
        "start": start,
        "end": start + min(length, _LONGEST[width]),
        "group_by": group_by,
        "order_by": draw(st.one_of(st.none(), st.sampled_from(rankings))),
        "top": top,
    }


_TAG_FILTERS = st.dictionaries(
    st.sampled_from([f"tags[{name}]" for name in TAGS]),
    st.lists(st.sampled_from(("alpha", "beta", "Beta", "gamma_3")), min_size=2, max_size=4),
    max_size=1,
)
_OWN_FILTERS: st.SearchStrategy[dict[str, list[str]]] = st.one_of(
    st.just({}),
    st.just({"providers": ["openai", "acme"]}),
    st.just({"providers": ["anthropic"]}),
    _TAG_FILTERS,
)


class Scenario(NamedTuple):
    """Events, queries whose ranges are offsets from the window's start, and the tags kept."""

    window: Window
    events: list[dict[str, Any]]
    queries: list[dict[str, Any]]
    kept_tags: tuple[str, ...]


@st.composite
def usage_scenarios(draw: st.DrawFn) -> Scenario:
    """Events of two kinds, of which stocks are one more often than not, and queries of usage."""
    window = draw(windows)
    kinds = [
        draw(st.sampled_from(tuple(KINDS))),
        draw(st.sampled_from(("vector_stores", "completions", *KINDS))),
    ]
    drawn = draw(st.lists(st.sampled_from(kinds).flatmap(streams.events), min_size=6, max_size=30))
    queries = []
    for _ in range(draw(st.integers(2, 5))):
        kind = KINDS[draw(st.sampled_from(kinds))]
        query = draw(_extended(draw(streams.queries(kind)), kind.rankings))
        zone = draw(st.sampled_from((None, window.zone, window.zone)))
        filters = query["filters"] if draw(st.booleans()) else {}
        queries.append(query | {"zone": zone, "filters": filters | draw(_OWN_FILTERS)})
    events = [draw(_moved(event, window)) for event in drawn]
    return Scenario(window, events, queries, draw(st.sampled_from(KEPT_TAGS)))


@st.composite
def cost_scenarios(draw: st.DrawFn) -> Scenario:
    """Events of a few kinds, with prices in two currencies or one, and queries of costs."""
    window = draw(windows)
    drawn = draw(streams.spendings())
    if draw(st.booleans()):
        # Nothing that is paid in another currency, so that more can be added up.
        drawn = [event for event in drawn if event.get("model") != "a b%2C[]&=+"]
    queries = []
    for _ in range(draw(st.integers(2, 5))):
        query = draw(_extended(draw(streams.cost_queries()), ("amount",)))
        if draw(st.booleans()):
            # What belongs to lines is read from rollups of cards, the rest from those of amounts.
            query["group_by"] = query["group_by"] - _LINE_KEYS
            query["top"] = query["top"] if query["group_by"] else None
        zone = draw(st.sampled_from((None, window.zone, window.zone)))
        filters = query["filters"] if draw(st.booleans()) else {}
        queries.append(query | {"zone": zone, "filters": filters})
    events = [draw(_moved(event, window)) for event in drawn]
    return Scenario(window, events, queries, draw(st.sampled_from(KEPT_TAGS)))
