"""What a bound key asks is read from the sums of sealed time, and only from those by project."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallybook.domain.buckets import Span
from tallybook.domain.dimensions import PROJECT
from tallybook.domain.queries import within
from tallybook.ledger.seals.rollups import (
    DAY,
    DAY_SAMPLES,
    HOUR,
    ROLLUPS,
    SAMPLE_COLUMNS,
    Measure,
    leanest,
)
from tallybook.ledger.seals.seals import Seals
from tallybook.ledger.sql.conditions import conditions_of
from tallybook.ledger.sql.sources import stock_sources

MEASURES = {
    "usage": (Measure.CARDS, Measure.TOTALS),
    "costs": (Measure.CARDS, Measure.AMOUNTS),
    "costs by line": (Measure.CARDS,),
}
GROUPS = st.sets(st.sampled_from(("user_id", "api_key_id", "model", "provider", "batch", "size")))


@pytest.mark.parametrize("measures", MEASURES.values(), ids=MEASURES)
@given(groups=GROUPS)
def test_a_day_is_read_from_a_rollup_by_project_whatever_it_is_grouped_by(
    measures: tuple[Measure, ...], groups: set[str]
) -> None:
    named = groups | {each.dimension for each in within(frozenset({"proj_a"}))}
    found = leanest(DAY, measures, named, ())
    assert found is not None
    assert PROJECT in found.dimensions
    # By hours it is so for whatever hours are told apart by.
    hours = {name for each in ROLLUPS if each.width is HOUR for name in each.keys}
    if groups <= hours:
        found = leanest(HOUR, measures, named, ())
        assert found is not None
        assert PROJECT in found.dimensions


def test_samples_of_stocks_are_kept_by_project() -> None:
    assert PROJECT in SAMPLE_COLUMNS
    (source,) = stock_sources([Span(0, 86_400)], Seals(hours={}, days={0: 1}), {PROJECT})
    assert source.table == DAY_SAMPLES


def test_a_key_that_is_bound_to_nothing_is_shown_nothing() -> None:
    assert conditions_of(within(frozenset())).sql == " AND project_id IN (NULL)"
    assert conditions_of(within(None)).sql == ""
