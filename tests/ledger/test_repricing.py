"""Repricing: a dry run changes nothing, applying changes what it should, twice is once."""

from decimal import Decimal
from pathlib import Path

import pytest

from support.events import DAY, event
from support.ledgers import amounts, costs_query, opened, store
from tallybook.domain.errors import PricesRefused
from tallybook.ledger.ledger import Difference, Ledger, RepriceWish, Repricing
from tallybook.pricing.source import FILE_NAME

DAY_SECONDS = 86_400
DAYS = [DAY - 2 * DAY_SECONDS, DAY - DAY_SECONDS, DAY]

OLD = """
[[price]]
model = "acme-*"
input = "1 / token"
output = "2 / token"
"""
# A correction that is back-dated to the second of the three days, for one model.
CORRECTED = (
    OLD
    + """
[[price]]
model = "acme-large"
from = 2026-09-30
input = "1.5 / token"
output = "2 / token"
"""
)

EVENTS = [
    event(
        id=f"{model}-{day}", time=day + 5, model=model, input_tokens=10, output_tokens=1,
        project_id="proj_1",
    )
    for day in DAYS
    for model in ("acme-large", "acme-small")
]  # fmt: skip


def wish(**more: object) -> RepriceWish:
    fields = {"since": DAYS[0], "until": DAY + DAY_SECONDS, "who": "the tests"} | more
    return RepriceWish(**fields)  # type: ignore[arg-type]


def by_day(ledger: Ledger) -> dict[tuple[object, ...], Decimal]:
    return amounts(ledger, "model", start=DAYS[0], end=DAY + DAY_SECONDS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose events were stored before the correction."""
    with opened(tmp_path, OLD) as ledger:
        store(ledger, *EVENTS)
        assert set(by_day(ledger).values()) == {Decimal(12)}
    return tmp_path


def difference(day: int, new: str) -> Difference:
    return Difference(
        day=day,
        model="acme-large",
        currency="usd",
        events=1,
        old=Decimal(12),
        new=Decimal(new),
    )


WANTED = Repricing(events=2, differences=(difference(DAYS[1], "17"), difference(DAYS[2], "17")))


def test_a_dry_run_says_what_would_change_and_changes_nothing(folder: Path) -> None:
    with opened(folder, CORRECTED) as ledger:
        before = by_day(ledger)
        assert ledger.reprice(wish()) == WANTED
        assert by_day(ledger) == before
        assert ledger.repricings() == []


def test_a_back_dated_correction_changes_its_days_and_its_model_alone(folder: Path) -> None:
    with opened(folder, CORRECTED) as ledger:
        assert ledger.reprice(wish(apply=True, why="a new contract")) == WANTED
        assert by_day(ledger) == {
            (day, model): Decimal(17 if model == "acme-large" and day >= DAYS[1] else 12)
            for day in DAYS
            for model in ("acme-large", "acme-small")
        }


def test_the_second_time_nothing_changes_and_nothing_is_recorded(folder: Path) -> None:
    with opened(folder, CORRECTED) as ledger:
        ledger.reprice(wish(apply=True))
        assert ledger.reprice(wish(apply=True)) == Repricing(events=0, differences=())
        assert len(ledger.repricings()) == 1


def test_who_when_and_why_are_recorded_for_good(folder: Path) -> None:
    with opened(folder, CORRECTED) as ledger:
        ledger.reprice(wish(apply=True, why="a new contract"))
    with opened(folder) as ledger:
        (record,) = ledger.repricings()
    assert record.wish == wish(apply=True, why="a new contract")
    assert record.repricing == WANTED
    assert record.at_us > DAY * 1_000_000


@pytest.mark.parametrize(
    ("limits", "events"),
    [
        ({"model": "acme-large"}, 2),
        ({"model": "ACME-*"}, 2),
        ({"model": "acme-small"}, 0),
        ({"model": "nobody's"}, 0),
        ({"since": DAYS[2]}, 1),
        ({"until": DAYS[2]}, 1),
        ({"since": DAYS[1] + 6, "until": DAYS[2] + 5}, 0),
    ],
)
def test_only_what_is_meant_is_priced_again(
    folder: Path, limits: dict[str, object], events: int
) -> None:
    with opened(folder, CORRECTED) as ledger:
        assert ledger.reprice(wish(**limits)).events == events


def test_what_was_unpriced_has_a_price_as_soon_as_there_is_one(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        store(ledger, *EVENTS)
        query = costs_query(start=DAYS[0])
        assert ledger.unpriced(query, query.page_spans) == len(EVENTS)
        (tmp_path / FILE_NAME).write_text(OLD)
        assert ledger.reprice(wish(apply=True)).events == len(EVENTS)
        assert ledger.unpriced(query, query.page_spans) == 0
        assert set(by_day(ledger).values()) == {Decimal(12)}


def test_a_price_file_with_a_fault_prices_nothing_again(folder: Path) -> None:
    with opened(folder, OLD) as ledger:
        (folder / FILE_NAME).write_text(CORRECTED + '\n[[price]]\ninput = "-1 / token"\n')
        with pytest.raises(PricesRefused, match=r"line 14: price\.input: '-1 / token': a price is"):
            ledger.reprice(wish(apply=True))
        assert set(by_day(ledger).values()) == {Decimal(12)}


def test_sums_by_any_grouping_are_the_sum_without_grouping(folder: Path) -> None:
    keys = ("project_id", "user_id", "model", "line_item", "provider", "batch", "tag:team")
    with opened(folder, CORRECTED) as ledger:
        ledger.reprice(wish(apply=True))
        span = {"start": DAYS[0], "end": DAY + DAY_SECONDS}
        whole = sum(amounts(ledger, **span).values())
        assert whole == Decimal(12 * 4 + 17 * 2)
        assert {key: sum(amounts(ledger, key, **span).values()) for key in keys} == dict.fromkeys(
            keys, whole
        )


def test_no_float_is_in_what_the_ledger_answers(folder: Path) -> None:
    query = costs_query("model", "line_item", start=DAYS[0])
    with opened(folder, OLD) as ledger:
        rows = ledger.cost_rows(query, query.page_spans)
    assert {type(row.product) for row in rows} == {Decimal}
    assert {type(row.quantity) for row in rows} == {int}
