"""An event has the rate card of its sort and time, from the moment it is stored."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from support.events import DAY, event
from support.ledgers import amounts, opened, store
from tallybook.domain.errors import InvalidValue, LedgerUnavailable
from tallybook.domain.money import EXACT
from tallybook.ledger.duckdb.files import FILE_NAME
from tallybook.ledger.duckdb.rate_cards import RateCards
from tallybook.ledger.duckdb.writer import APPENDED_MAX
from tallybook.ledger.seals.rollups import DAY_SAMPLES, HOUR_SAMPLES, ROLLUPS
from tallybook.pricing.cards import RateCard, Standing

PRICED = event(id="priced", model="gpt-4o", input_tokens=1_000_000, output_tokens=100_000)
UNKNOWN = event(id="unknown", model="acme-1", input_tokens=7, output_tokens=0)


def numbers(folder: Path) -> dict[str, int]:
    """The card of each event, of a folder that nobody has open."""
    with duckdb.connect(str(folder / FILE_NAME), read_only=True) as connection:
        return dict(connection.execute("SELECT id, rate_card FROM events").fetchall())


def kept(folder: Path, table: str = "rate_cards") -> int:
    with duckdb.connect(str(folder / FILE_NAME), read_only=True) as connection:
        return len(connection.table(table).fetchall())


def test_events_of_one_sort_share_a_card_and_others_do_not(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        store(ledger, PRICED, PRICED | {"id": "same", "project_id": "proj_1"}, UNKNOWN)
        store(ledger, PRICED | {"id": "later", "time": DAY + 7_200})
        store(ledger, PRICED | {"id": "batch", "batch": True})
    found = numbers(tmp_path)
    assert found["priced"] == found["same"] == found["later"]
    assert len({found["priced"], found["unknown"], found["batch"]}) == 3
    assert kept(tmp_path) == 3


@pytest.mark.parametrize("count", [1, APPENDED_MAX + 1])
def test_both_ways_into_the_table_keep_the_card_of_each_event(tmp_path: Path, count: int) -> None:
    mixed = [
        each | {"id": f"{each['id']}-{number}"}
        for number in range(count)
        for each in (PRICED, UNKNOWN)
    ]
    with opened(tmp_path) as ledger:
        store(ledger, *mixed)
        cards = {use.kept.number: use.kept.card for use in ledger.cards()}
    standings = {id_: cards[number].standing for id_, number in numbers(tmp_path).items()}
    assert standings == {
        each["id"]: Standing.PRICED if each["model"] == "gpt-4o" else Standing.UNPRICED
        for each in mixed
    }


def test_a_card_is_the_same_one_after_a_restart(tmp_path: Path) -> None:
    for name in ("first", "second"):
        with opened(tmp_path) as ledger:
            store(ledger, PRICED | {"id": name})
    found = numbers(tmp_path)
    assert found["first"] == found["second"]
    assert kept(tmp_path) == 1


def test_a_new_price_is_for_new_events_and_history_keeps_the_price_of_its_day(
    tmp_path: Path,
) -> None:
    price = '[[price]]\nmodel = "acme-1"\ninput = "{} / token"\noutput = "1 / token"\n'
    with opened(tmp_path, price.format("1")) as ledger:
        store(ledger, UNKNOWN)
    with opened(tmp_path, price.format("3")) as ledger:
        store(ledger, UNKNOWN | {"id": "new"})
        assert amounts(ledger) == {(DAY,): Decimal(7 * 1 + 7 * 3)}


def test_a_card_that_was_kept_before_a_crash_of_the_append_is_used_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = RateCards._keep

    def keep_and_fail(self: RateCards, numbered: Mapping[int, tuple[str, RateCard]]) -> int:
        keep(self, numbered)
        raise LedgerUnavailable("The disk failed after the commit.")

    with opened(tmp_path) as ledger:
        with monkeypatch.context() as patch:
            patch.setattr(RateCards, "_keep", keep_and_fail)
            with pytest.raises(LedgerUnavailable):
                store(ledger, PRICED)
        store(ledger, PRICED)
    assert (numbers(tmp_path), kept(tmp_path)) == ({"priced": 1}, 1)


def test_use_is_counted_and_dated(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        store(ledger, PRICED, PRICED | {"id": "later", "time": DAY + 7_200.5}, UNKNOWN)
        uses = {use.kept.card.traits.model: use for use in ledger.cards()}
    counted = {
        model: (use.events, use.first_us, use.last_us, use.kept.known_us > 0)
        for model, use in uses.items()
    }
    first = (DAY + 3_600) * 1_000_000
    assert counted == {
        "acme-1": (1, first, first, True),
        "gpt-4o": (2, first, (DAY + 7_200) * 1_000_000 + 500_000, True),
    }


# The first migration's table, as the version before prices left it.
_OLD = "ALTER TABLE events DROP COLUMN rate_card; ALTER TABLE events DROP COLUMN quality;"
_OLD_TABLES = (
    "rate_cards",
    "rates",
    "repricings",
    "seals",
    "rollup_shape",
    "used_columns",
    "let_go",
    "let_go_cards",
    "voided_events",
)


def test_a_folder_from_before_prices_is_priced_when_it_is_opened(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        store(ledger, PRICED, UNKNOWN, event("images", id="images", model="acme-1"))
        wanted = amounts(ledger, "model", "line_item")
    with duckdb.connect(str(tmp_path / FILE_NAME)) as connection:
        tables = (*_OLD_TABLES, HOUR_SAMPLES, DAY_SAMPLES, *(rollup.table for rollup in ROLLUPS))
        connection.execute(_OLD + "".join(f"DROP TABLE {table};" for table in tables))
        connection.execute("DELETE FROM migrations WHERE version > 1")
    with opened(tmp_path) as ledger:
        assert amounts(ledger, "model", "line_item") == wanted
        (record,) = ledger.repricings()
        store(ledger, PRICED | {"id": "again"})
    assert (record.wish.who, record.repricing.events) == ("tallybook", 3)
    with opened(tmp_path) as ledger:
        assert len(ledger.repricings()) == 1


def test_an_event_is_found_with_its_card_by_time(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        store(ledger, UNKNOWN | {"id": "x", "time": DAY + 9}, PRICED | {"id": "x", "time": DAY + 3})
        found = ledger.find("x")
        assert ledger.find("y") == []
    models = [each.kept.card.traits.model for each in found]
    assert (models, [each.charged for each in found]) == (["gpt-4o", "acme-1"], [True, True])


def test_of_a_stores_samples_the_days_largest_is_charged(tmp_path: Path) -> None:
    def sample(name: str, time: int, usage_bytes: int, store_id: str = "vs_1") -> dict[str, object]:
        return event(
            "vector_stores", id=name, time=time, usage_bytes=usage_bytes, vector_store_id=store_id
        )

    samples = [
        sample("small", DAY, 10),
        sample("large", DAY + 60, 30),
        sample("as large", DAY + 120, 30),
        sample("other store", DAY + 60, 20, "vs_2"),
        sample("next day", DAY + 86_400, 5),
    ]
    with opened(tmp_path) as ledger:
        store(ledger, *samples)
        charged = {
            name: ledger.find(name)[0].charged
            for name in ("small", "large", "as large", "other store", "next day")
        }
    assert charged == {
        "small": False,
        "large": True,
        "as large": False,
        "other store": True,
        "next day": True,
    }


def test_sums_that_cannot_be_exact_are_refused_and_shorter_ranges_are_not(tmp_path: Path) -> None:
    dear = '[[price]]\nmodel = "acme-1"\ninput = "999.999999999999999 / token"\noutput = "free"\n'
    most = 2**53 - 1
    events = [
        UNKNOWN | {"id": f"{number}", "time": DAY + number / 2, "input_tokens": most}
        for number in range(20_000)
    ]
    with opened(tmp_path, dear) as ledger:
        store(ledger, *events)
        with pytest.raises(InvalidValue, match="too large to be exact"):
            amounts(ledger)
        found = {end: amounts(ledger, end=DAY + end) for end in (1, 9_000)}
    for end, amount in found.items():
        quantity, price = Decimal(2 * end * most), Decimal("999.999999999999999")
        assert amount == {(DAY,): EXACT.multiply(quantity, price)}
