"""Money as people read it: an amount is never told as nothing, and a bar never too long."""

import re
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tallybook.cli.money import amount_text, per_text, price_text, sparkline, with_currency

LEVELS = "▁▂▃▄▅▆▇█"

# An amount, and how it reads: two decimals, and below one as many as two digits need.
AMOUNTS = {
    "0": "$0",
    "0.00": "$0",
    "-0": "$0",
    "0E-20": "$0",
    "1": "$1.00",
    "12.5": "$12.50",
    "999.999": "$1,000.00",
    "1234567.891": "$1,234,567.89",
    "1E+6": "$1,000,000.00",
    "0.5": "$0.50",
    "0.99": "$0.99",
    "0.999": "$1.00",
    "0.05": "$0.050",
    "0.0042": "$0.0042",
    "0.0041999": "$0.0042",
    "0.00996": "$0.0100",
    "0.000000000001": "$0.0000000000010",
    "1E-30": "$0.0000000000000000000000000000010",
    "-0.0042": "-$0.0042",
    "-3": "-$3.00",
    "-1234.5": "-$1,234.50",
    # Halves go to the even digit.
    "3.085": "$3.08",
    "3.095": "$3.10",
}


@pytest.mark.parametrize(("amount", "text"), AMOUNTS.items())
def test_an_amount_has_two_decimals_and_more_where_two_would_hide_it(
    amount: str, text: str
) -> None:
    assert amount_text(Decimal(amount), "usd") == text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("12.5", "eur", "12.50 eur"),
        ("0", "eur", "0 eur"),
        ("-0.0042", "gbp", "-0.0042 gbp"),
        ("1234", "jpy", "1,234.00 jpy"),
    ],
)
def test_an_amount_of_another_currency_has_its_code_behind_it(
    amount: str, currency: str, text: str
) -> None:
    assert amount_text(Decimal(amount), currency) == text


@pytest.mark.parametrize(
    ("number", "currency", "text"),
    [
        ("5", "usd", "$5"),
        ("-5", "usd", "-$5"),
        ("0.002254", "usd", "$0.002254"),
        ("5", "eur", "5 eur"),
        ("-5", "eur", "-5 eur"),
    ],
)
def test_a_number_is_left_as_it_is_beside_its_currency(
    number: str, currency: str, text: str
) -> None:
    assert with_currency(number, currency) == text


@pytest.mark.parametrize(
    ("unit_price", "unit", "text"),
    [
        ("0.00000125", "token", "$1.25 / 1M tokens"),
        ("0.00001", "token", "$10 / 1M tokens"),
        ("0.0000005", "token", "$0.50 / 1M tokens"),
        ("0.000000125", "token", "$0.125 / 1M tokens"),
        ("0.000000000000001", "token", "$0.000000001 / 1M tokens"),
        ("1.250000", "image", "$1.25 / image"),
        ("10.00", "image", "$10 / image"),
        ("1E+2", "image", "$100 / image"),
        ("0.000015", "character", "$15 / 1M characters"),
        ("0.0025", "call", "$2.50 / 1,000 calls"),
        ("0.001", "request", "$1 / 1,000 requests"),
        ("0.36", "hour", "$0.36 / hour"),
        ("0.1", "GiB day", "$0.10 / GiB day"),
        ("0.03", "session", "$0.03 / session"),
    ],
)
def test_a_price_is_told_for_what_price_lists_tell_it_for(
    unit_price: str, unit: str, text: str
) -> None:
    assert f"{price_text(Decimal(unit_price), unit, 'usd')} / {per_text(unit)}" == text


def test_a_price_of_another_currency_has_its_code_behind_it() -> None:
    assert price_text(Decimal("0.0000004"), "token", "eur") == "0.40 eur"


@pytest.mark.parametrize(
    ("amounts", "columns", "line"),
    [
        (["5"], 30, "█"),
        (["0"], 30, "▁"),
        (["0", "0", "0"], 30, "▁▁▁"),
        (["-1", "-2"], 30, "▁▁"),
        (["0", "1", "2", "3", "4", "5", "6", "7"], 30, LEVELS),
        (["0", "0.7", "7"], 30, "▁▂█"),
        # Less than nothing is as low as nothing.
        (["-7", "7"], 30, "▁█"),
        # Neighbours are added up when there are more than columns; the last part may be short.
        (["1", "1", "1", "1"], 2, "██"),
        (["1", "1", "1"], 2, "█▅"),
        (["1", "2", "4"], 1, "█"),
        (["1"] * 31, 30, "█" * 15 + "▅"),
    ],
)
def test_a_course_is_a_bar_for_each_part_and_the_largest_is_full(
    amounts: list[str], columns: int, line: str
) -> None:
    assert sparkline([Decimal(amount) for amount in amounts], columns) == line


_amounts = st.decimals(-(10**13), 10**13, allow_nan=False, places=15)


@given(st.lists(_amounts, min_size=1, max_size=200), st.integers(1, 40))
def test_a_course_fits_its_columns_and_its_largest_part_is_full(
    amounts: list[Decimal], columns: int
) -> None:
    line = sparkline(amounts, columns)
    together = next(size for size in range(1, 201) if -(-len(amounts) // size) <= columns)
    parts = [sum(amounts[at : at + together]) for at in range(0, len(amounts), together)]
    assert len(line) == len(parts) <= columns
    assert set(line) <= set(LEVELS)
    largest = max(parts)
    assert line[parts.index(largest)] == (LEVELS[-1] if largest > 0 else LEVELS[0])
    # What is more is never drawn lower.
    ordered = [level for _, level in sorted(zip(parts, line, strict=True))]
    assert ordered == sorted(ordered)


@given(
    st.decimals(-(10**13), 10**13, allow_nan=False, places=18).filter(bool),
    st.sampled_from(["usd", "eur"]),
)
@example(Decimal("0.004"), "usd")
@example(Decimal("-1E-18"), "eur")
def test_an_amount_never_reads_as_nothing_and_is_right_to_its_last_digit(
    amount: Decimal, currency: str
) -> None:
    text = amount_text(amount, currency)
    wanted = r"-?\$[0-9,]+\.[0-9]{2,}" if currency == "usd" else r"-?[0-9,]+\.[0-9]{2,} eur"
    assert re.fullmatch(wanted, text)
    shown = Decimal(re.sub(r"[$,]| eur", "", text))
    assert shown != 0
    assert (shown > 0) == (amount > 0)
    exponent = shown.as_tuple().exponent
    assert isinstance(exponent, int)
    assert abs(shown - amount) * 2 <= Decimal(1).scaleb(exponent)
