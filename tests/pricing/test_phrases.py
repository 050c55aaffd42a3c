"""Prices as people write them: what is understood, and what is refused and why."""

from contextlib import suppress
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tallybook.domain.charges import (
    CALL,
    CHARACTER,
    GIB_DAY,
    HOUR,
    IMAGE,
    REQUEST,
    SESSION,
    TOKEN,
    Unit,
)
from tallybook.pricing.phrases import InvalidPhrase, share, unit_price

READ = [
    ("1.25 / 1M tokens", TOKEN, "0.00000125"),
    ("1.25/1M tokens", TOKEN, "0.00000125"),
    ("  1.25  /  1m   Tokens ", TOKEN, "0.00000125"),
    ("1.25 / 1 M tokens", TOKEN, "0.00000125"),
    ("1.25 / 1,000,000 tokens", TOKEN, "0.00000125"),
    ("1.25 / 1_000_000 tokens", TOKEN, "0.00000125"),
    ("0.5 / 1k tokens", TOKEN, "0.0005"),
    ("0.5 / 500K tokens", TOKEN, "0.000001"),
    ("0.000000000000001 / token", TOKEN, "0.000000000000001"),
    ("999.999999999999999 / token", TOKEN, "999.999999999999999"),
    ("15 / 1M characters", CHARACTER, "0.000015"),
    ("0.04 / image", IMAGE, "0.04"),
    ("10 / 1k calls", CALL, "0.01"),
    ("0.03 / session", SESSION, "0.03"),
    ("12 / 1000 requests", REQUEST, "0.012"),
    ("0.36 / hour", HOUR, "0.36"),
    ("0.006 / minute", HOUR, "0.36"),
    ("0.0001 / second", HOUR, "0.36"),
    ("0.006 / 60 seconds", HOUR, "0.36"),
    ("0.10 / GiB day", GIB_DAY, "0.1"),
    ("3 / 30 GiB days", GIB_DAY, "0.1"),
    ("0.01 / gib hour", GIB_DAY, "0.24"),
    ("free", TOKEN, "0"),
    (" free ", GIB_DAY, "0"),
]


@pytest.mark.parametrize(("text", "unit", "expected"), READ)
def test_a_price_is_what_was_written(text: str, unit: Unit, expected: str) -> None:
    assert unit_price(text, unit) == Decimal(expected)


NOT_A_PHRASE = 'it must be an amount, "/" and a unit, like "1.25 / 1M tokens"'
NOT_TEXT = 'it must be text like "1.25 / 1M tokens", in quotes'
TOO_FINE = "it has more than 15 decimals per token; write it so that fewer are needed"


def not_plain(amount: str) -> str:
    return (
        f'"{amount}" is not a plain amount: digits, and a point if need be; no exponent, no'
        " currency sign (set currency for that)"
    )


REFUSED: list[tuple[object, Unit, str]] = [
    (1.25, TOKEN, NOT_TEXT),
    (Decimal("1.25"), TOKEN, NOT_TEXT),
    (1, TOKEN, NOT_TEXT),
    (None, TOKEN, NOT_TEXT),
    (True, TOKEN, NOT_TEXT),
    (["1.25 / 1M tokens"], TOKEN, NOT_TEXT),
    ("", TOKEN, NOT_A_PHRASE),
    ("   ", TOKEN, NOT_A_PHRASE),
    ("1.25", TOKEN, NOT_A_PHRASE),
    ("1.25 per 1M tokens", TOKEN, NOT_A_PHRASE),
    ("1.25 usd / 1M tokens", TOKEN, NOT_A_PHRASE),
    ("Free", TOKEN, NOT_A_PHRASE),
    ("0 / 1M tokens", TOKEN, 'a price of zero is written "free"'),
    ("0.00 / 1M tokens", TOKEN, 'a price of zero is written "free"'),
    ("-1.25 / 1M tokens", TOKEN, "a price is never negative"),
    ("-0 / 1M tokens", TOKEN, "a price is never negative"),
    ("+1.25 / 1M tokens", TOKEN, not_plain("+1.25")),
    ("1e-6 / token", TOKEN, not_plain("1e-6")),
    ("NaN / token", TOKEN, not_plain("NaN")),
    ("Infinity / token", TOKEN, not_plain("Infinity")),
    ("$1.25 / 1M tokens", TOKEN, not_plain("$1.25")),
    ("1,25 / 1M tokens", TOKEN, not_plain("1,25")),
    (".5 / token", TOKEN, not_plain(".5")),
    ("5. / token", TOKEN, not_plain("5.")),
    ("\u0661 / token", TOKEN, not_plain("\u0661")),
    ("1 / 2 / token", TOKEN, '"/ token" is not a unit; write it per token'),
    ("1234567890123 / 1M tokens", TOKEN, not_plain("1234567890123")),
    ("1.25 /", TOKEN, '"" is not a unit; write it per token'),
    ("1.25 / 1M", TOKEN, '"" is not a unit; write it per token'),
    ("1.25 / M tokens", TOKEN, '"M tokens" is not a unit; write it per token'),
    ("1.25 / 1Mtokens", TOKEN, '"1Mtokens" is not a unit; write it per token'),
    ("1.25 / 1 million tokens", TOKEN, '"million tokens" is not a unit; write it per token'),
    ("1.25 / 1M words", TOKEN, '"words" is not a unit; write it per token'),
    ("0.1 / GB day", GIB_DAY, '"GB day" is not a unit; write it per GiB day'),
    ("15 / 1M characters", TOKEN, 'this is priced per token, not per "characters"'),
    ("0.36 / hour", CHARACTER, 'this is priced per character, not per "hour"'),
    ("1.25 / 0 tokens", TOKEN, "it is the price of 0 units"),
    ("1 / 3 tokens", TOKEN, TOO_FINE),
    ("0.0000000000000001 / token", TOKEN, TOO_FINE),
    ("1.000000000000001 / 1k tokens", TOKEN, TOO_FINE),
    ("1000 / token", TOKEN, "it is 1000 per token; less than 1000 can be kept"),
    ("1 / second", HOUR, "it is 3600 per hour; less than 1000 can be kept"),
]


@pytest.mark.parametrize(("text", "unit", "reason"), REFUSED)
def test_what_is_no_price_is_refused_with_the_rule(text: object, unit: Unit, reason: str) -> None:
    with pytest.raises(InvalidPhrase) as refusal:
        unit_price(text, unit)
    assert str(refusal.value) == reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50%", "0.5"),
        ("12.5%", "0.125"),
        ("12.5 %", "0.125"),
        ("100%", "1"),
        ("250%", "2.5"),
        ("0%", "0"),
        ("0.000001%", "0.00000001"),
    ],
)
def test_a_share_is_what_was_written(text: str, expected: str) -> None:
    assert share(text) == Decimal(expected)


@pytest.mark.parametrize(
    "text",
    [
        None,
        50,
        0.5,
        "50",
        "",
        "%",
        "-5%",
        "+5%",
        "1000%",
        "1e1%",
        "NaN%",
        "0.0000001%",
        "½%",
        "50%%",
    ],
)
def test_what_is_no_share_is_refused(text: object) -> None:
    with pytest.raises(InvalidPhrase) as refusal:
        share(text)
    assert str(refusal.value) == 'it must be a percentage like "12.5%", in quotes'


# Words, the unit that they are of, and how many of them make one of it.
WORDS = [
    ("tokens", TOKEN, 1),
    ("image", IMAGE, 1),
    ("hours", HOUR, 1),
    ("minutes", HOUR, 60),
    ("seconds", HOUR, 3_600),
    ("GiB hours", GIB_DAY, 24),
]
SCALES = {"": 1, "k": 1_000, "M": 1_000_000}

amounts = st.one_of(
    st.integers(0, 10**12 - 1).map(str),
    st.builds(
        lambda whole, part: f"{whole}.{part}",
        st.integers(0, 1_500),
        st.text("0123456789", min_size=1, max_size=20),
    ),
)
counts = st.one_of(st.integers(0, 100), st.sampled_from((1_000, 1_000_000)), st.integers(0, 10**9))


@given(amounts, counts, st.sampled_from(sorted(SCALES)), st.sampled_from(WORDS))
@example("0.01", 60, "", ("seconds", HOUR, 3_600))
@example("1", 60, "", ("seconds", HOUR, 3_600))
@example("1.00", 9, "", ("minutes", HOUR, 60))
def test_a_price_is_its_amount_by_its_count_exactly_or_is_refused(
    amount: str, count: int, scale: str, word: tuple[str, Unit, int]
) -> None:
    name, unit, per_unit = word
    text = f"{amount} / {count}{scale} {name}"
    whole = count * SCALES[scale]
    exact = Fraction(amount) * per_unit / whole if whole else Fraction(0)
    can_be_kept = 0 < exact < 1_000 and (exact * 10**15).denominator == 1
    try:
        found = unit_price(text, unit)
    except InvalidPhrase:
        assert not can_be_kept, f"{text} is {exact} per {unit.name}"
    else:
        assert can_be_kept
        assert Fraction(found) == exact


@given(st.text(max_size=30))
def test_whatever_is_written_is_a_price_or_a_refusal(text: str) -> None:
    for phrase in (text, f"1 / {text}", f"{text} / token"):
        with suppress(InvalidPhrase):
            assert 0 <= unit_price(phrase, TOKEN) < 1_000


def test_a_count_of_thousands_of_digits_is_refused() -> None:
    with pytest.raises(InvalidPhrase):
        unit_price(f"1 / {'9' * 5_000} tokens", TOKEN)
