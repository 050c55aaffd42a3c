"""The price file in force: read again when it changes, and never a broken one."""

import hashlib
import os
from pathlib import Path

import pytest

from support.prices import at, source
from tallybook.pricing.cards import Traits
from tallybook.pricing.own_prices import InvalidPrices
from tallybook.pricing.source import FILE_NAME, PriceSource

ACME = Traits("embeddings", "acme", "acme-1")
AT_US = at("2026-10-01T00:00")


def states(price: str) -> str:
    return f'[[price]]\nmodel = "acme-1"\ninput = "{price} / 1M tokens"\n'


def write(folder: Path, text: str | bytes, *, turn: int) -> None:
    """Change the file. Each turn has its own time, however coarse the clock of the disk is."""
    path = folder / FILE_NAME
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    os.utime(path, ns=(turn * 1_000_000_000, turn * 1_000_000_000))


def price(prices: PriceSource) -> int | None:
    """What a million costs by the book in force."""
    (card,) = prices.book().tariff(ACME).window(AT_US).terms.cards
    unit_price = card.rates[0].unit_price
    return None if unit_price is None else int(unit_price * 1_000_000)


def faults(prices: PriceSource) -> list[str]:
    """Why the file as it is now is not in force."""
    prices.book()
    return [] if prices.fault is None else [str(fault) for fault in prices.fault.faults]


def test_a_changed_file_is_used_from_the_next_call_on(tmp_path: Path) -> None:
    write(tmp_path, states("1"), turn=1)
    prices = source(tmp_path)
    before = prices.book()
    assert (price(prices), prices.book() is before) == (1, True)
    # As long as before, so that only its time tells.
    write(tmp_path, states("2"), turn=2)
    assert (price(prices), prices.book() is before) == (2, False)


def test_a_file_that_replaces_another_is_read(tmp_path: Path) -> None:
    write(tmp_path, states("1"), turn=1)
    prices = source(tmp_path)
    # Editors write a new file and rename it; here even its time and length are those of the old.
    other = tmp_path / "other"
    other.mkdir()
    write(other, states("2"), turn=1)
    (other / FILE_NAME).replace(tmp_path / FILE_NAME)
    assert price(prices) == 2


def test_a_file_that_breaks_leaves_the_prices_in_force(tmp_path: Path) -> None:
    write(tmp_path, states("1"), turn=1)
    prices = source(tmp_path)
    before = prices.book()
    assert faults(prices) == []
    write(tmp_path, states("0"), turn=2)
    assert prices.book() is before
    assert faults(prices) == [
        "line 3: price.input: '0 / 1M tokens': a price of zero is written \"free\""
    ]
    # It stays refused, without being read over and over.
    fault = prices.fault
    assert (prices.book() is before, prices.fault is fault) == (True, True)


def test_mending_a_file_clears_its_fault(tmp_path: Path) -> None:
    write(tmp_path, states("1"), turn=1)
    prices = source(tmp_path)
    write(tmp_path, "[[price]]\n", turn=2)
    assert len(faults(prices)) == 1
    write(tmp_path, states("3"), turn=3)
    assert (price(prices), faults(prices)) == (3, [])


def test_a_file_that_is_removed_leaves_the_catalogue(tmp_path: Path) -> None:
    write(tmp_path, states("1"), turn=1)
    prices = source(tmp_path)
    (tmp_path / FILE_NAME).unlink()
    assert (price(prices), prices.fault) == (None, None)
    write(tmp_path, states("4"), turn=2)
    assert price(prices) == 4


def test_removing_a_broken_file_clears_its_fault(tmp_path: Path) -> None:
    prices = source(tmp_path)
    write(tmp_path, "broken", turn=1)
    assert (price(prices), prices.fault is None) == (None, False)
    (tmp_path / FILE_NAME).unlink()
    assert (price(prices), prices.fault) == (None, None)


def test_prices_that_overlap_are_refused_like_any_fault(tmp_path: Path) -> None:
    prices = source(tmp_path, states("1"))
    (tmp_path / FILE_NAME).write_text(states("1") * 2)
    assert price(prices) == 1
    assert prices.fault is not None
    assert prices.fault.faults[0].line == 4


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    write(tmp_path, states("1"), turn=1)
    prices = source(tmp_path)
    write(tmp_path, b'currency = "\xff\xfe"\n', turn=2)
    assert price(prices) == 1
    assert prices.fault is not None
    (fault,) = prices.fault.faults
    assert (fault.line, fault.key, fault.reason.partition(": ")[0]) == (
        1,
        "file",
        "it cannot be read",
    )


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(InvalidPrices):
        source(tmp_path)


def test_nothing_begins_with_a_broken_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidPrices, match="line 1: price: it states none of"):
        source(tmp_path, "[[price]]\n")


@pytest.mark.parametrize(
    "text",
    ['currency = ["usd"]\n', f"{states('1')}from = 9999-12-31T23:59:59-10:00\n"],
    ids=["a list", "a date"],
)
def test_whatever_a_file_says_the_prices_in_force_stay(tmp_path: Path, text: str) -> None:
    write(tmp_path, states("1"), turn=1)
    prices = source(tmp_path)
    write(tmp_path, text, turn=2)
    assert price(prices) == 1
    assert prices.fault is not None


def test_ten_years_ahead_is_counted_from_the_clock_at_reading(tmp_path: Path) -> None:
    now = [at("2026-10-01T00:00") / 1_000_000]
    prices = PriceSource(tmp_path / FILE_NAME, lambda: now[0])
    text = states("1") + "from = 2037-01-01\n"
    write(tmp_path, text, turn=1)
    assert len(faults(prices)) == 1
    now[0] = at("2027-10-01T00:00") / 1_000_000
    write(tmp_path, text, turn=2)
    assert faults(prices) == []


def test_what_was_read_again_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    prices = source(tmp_path)
    write(tmp_path, states("1"), turn=1)
    prices.book()
    write(tmp_path, "[[price]]\n", turn=2)
    prices.book()
    prices.book()
    assert [(record.levelname, record.message.partition(":")[0]) for record in caplog.records] == [
        ("WARNING", f"{tmp_path / FILE_NAME} was read again"),
        ("ERROR", "The prices in force stay, since prices.toml is refused"),
    ]


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"\xef\xbb\xbf" + states("1").encode())
    assert price(source(tmp_path)) == 1


def test_the_digest_is_that_of_the_file_in_force(tmp_path: Path) -> None:
    prices = source(tmp_path)
    assert prices.digest() is None
    write(tmp_path, states("1"), turn=1)
    first = prices.digest()
    assert first == hashlib.sha256(states("1").encode()).hexdigest()
    # A broken file is not in force.
    write(tmp_path, "[[price]", turn=2)
    assert prices.digest() == first
    write(tmp_path, states("2"), turn=3)
    assert prices.digest() not in (None, first)
    (tmp_path / FILE_NAME).unlink()
    assert prices.digest() is None
