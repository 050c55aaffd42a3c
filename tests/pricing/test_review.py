"""Overlaps are refused, gaps are told, and a later price ends an earlier one."""

import pytest

from support.prices import own
from tallybook.pricing.own_prices import InvalidPrices
from tallybook.pricing.review import gaps


def price(*lines: str, input_: str = "1 / 1M tokens") -> str:
    return "\n".join(("[[price]]", *lines, f'input = "{input_}"', ""))


def overlaps(*parts: str) -> list[str]:
    """What a file of some parts is refused for."""
    try:
        own("".join(parts))
    except InvalidPrices as refusal:
        return [str(fault) for fault in refusal.faults]
    return []


HOW = "may mean the same request. Give one more conditions, or other dates"
GPT = 'model = "gpt-5"'

OVERLAPPING: dict[str, tuple[list[str], list[str]]] = {
    "the same selector, always": (
        [price(GPT), price(GPT)],
        [
            (
                f'line 4: price.input: it overlaps with line 1: always, model = "gpt-5" and'
                f' model = "gpt-5" {HOW}'
            )
        ],
    ),
    "the same selector and date": (
        [price(GPT, "from = 2026-05-01"), price(GPT, "from = 2026-05-01T00:00:00Z")],
        [
            (
                "line 5: price.input: it overlaps with line 1: from 2026-05-01T00:00:00Z on,"
                f' model = "gpt-5" and model = "gpt-5" {HOW}'
            )
        ],
    ),
    "patterns with as many letters that cross": (
        [price('model = "acme-*"'), price('model = "*-mini"')],
        [
            (
                f'line 4: price.input: it overlaps with line 1: always, model = "acme-*" and'
                f' model = "*-mini" {HOW}'
            )
        ],
    ),
    "an end that is stated, after a later beginning": (
        [
            price(GPT, "from = 2026-01-01", "until = 2026-06-01"),
            price(GPT, "from = 2026-05-01"),
        ],
        [
            (
                "line 6: price.input: it overlaps with line 1: from 2026-05-01T00:00:00Z on,"
                f' model = "gpt-5" and model = "gpt-5" {HOW}'
            )
        ],
    ),
    "conditions of the same number that do not exclude each other": (
        [price(GPT, 'size = "a"'), price(GPT, 'quality = "b"')],
        [
            (
                'line 5: price.input: it overlaps with line 1: always, model = "gpt-5", size = "a"'
                f' and model = "gpt-5", quality = "b" {HOW}'
            )
        ],
    ),
    "discounts": (
        ['[[discount]]\nprovider = "openai"\npercent = "5%"\n'] * 2,
        [
            (
                f'line 4: discount: it overlaps with line 1: always, provider = "openai" and'
                f' provider = "openai" {HOW}'
            )
        ],
    ),
    "every pair of three": (
        [price(GPT), price(GPT), price(GPT)],
        [
            f'line {there}: price.input: it overlaps with line {here}: always, model = "gpt-5" and'
            f' model = "gpt-5" {HOW}'
            for here, there in ((1, 4), (1, 7), (4, 7))
        ],
    ),
}


@pytest.mark.parametrize("name", OVERLAPPING)
def test_two_prices_for_one_thing_at_one_time_are_refused(name: str) -> None:
    parts, expected = OVERLAPPING[name]
    assert overlaps(*parts) == expected


def test_only_the_keys_that_both_state_overlap() -> None:
    both = '[[price]]\nmodel = "m"\ninput = "1 / token"\noutput = "2 / token"\n'
    assert overlaps(both, '[[price]]\nmodel = "m"\ncached_input = "1 / token"\n') == []
    assert overlaps(both, both) == [
        (
            'line 5: price.input, output: it overlaps with line 1: always, model = "m" and'
            f' model = "m" {HOW}'
        )
    ]


FINE: dict[str, list[str]] = {
    "a later date with the same selector": [
        price(GPT, "from = 2026-05-01"),
        price(GPT, "from = 2026-06-01"),
    ],
    "a date after always": [price(GPT), price(GPT, "from = 2026-06-01")],
    "an earlier date further down": [
        price(GPT, "from = 2026-06-01"),
        price(GPT, "from = 2026-05-01"),
    ],
    "one beginning where the other ends": [
        price(GPT, "until = 2026-05-01"),
        price(GPT, "from = 2026-05-01"),
    ],
    "other sizes": [price(GPT), price(GPT, "input_tokens_above = 200_000")],
    "an exact name and a pattern": [price(GPT), price('model = "gpt-*"')],
    "a longer and a shorter pattern": [price('model = "gpt-*"'), price('model = "gpt-5*"')],
    "patterns that never meet": [price('model = "gpt-*"'), price('model = "o3-*"')],
    "standard and batch": [price(GPT), price(GPT, "batch = true")],
    "other providers": [
        price(GPT, 'provider = "azure"'),
        price(GPT, 'provider = "openai"'),
    ],
    "other qualities": [price(GPT, 'quality = "hd"'), price(GPT, 'quality = "low"')],
    # A plain price and one for a tier are never asked for together.
    "a standard price of a kind and a batch price": [
        price(GPT, 'kind = "completions"'),
        price(GPT, "batch = true"),
    ],
}


@pytest.mark.parametrize("name", FINE)
def test_prices_that_follow_or_exclude_each_other_are_fine(name: str) -> None:
    assert overlaps(*FINE[name]) == []


def test_batch_and_a_tier_of_one_model_can_both_be_stated() -> None:
    assert (
        overlaps(price(GPT, "batch = true"), price(GPT, "batch = false", 'service_tier = "flex"'))
        == []
    )


def test_patterns_however_long_are_compared_or_refused() -> None:
    letters = "a" * 600
    assert overlaps(price(f'model = "{letters}*"'), price(f'model = "*{letters}"')) != []


REST = "there the catalogue's price holds, or none"


def gaps_of(*parts: str) -> list[str]:
    return gaps(own("".join(parts)))


def test_what_prices_leave_out_is_told() -> None:
    assert gaps_of(price(GPT)) == []
    assert gaps_of(price(GPT, "from = 2026-05-01")) == [
        f'line 1: input of model = "gpt-5" is not stated before 2026-05-01T00:00:00Z; {REST}'
    ]
    assert gaps_of(price(GPT, "until = 2026-05-01"), price(GPT, "from = 2026-05-01")) == []
    assert gaps_of(price(GPT), price(GPT, "from = 2026-05-01")) == []
    assert gaps_of(
        price(GPT, "from = 2026-07-01", "until = 2026-08-01"), price(GPT, "until = 2026-05-01")
    ) == [
        (
            'line 6: input of model = "gpt-5" is not stated from 2026-05-01T00:00:00Z to'
            f" 2026-07-01T00:00:00Z; {REST}"
        ),
        f'line 1: input of model = "gpt-5" is not stated from 2026-08-01T00:00:00Z on; {REST}',
    ]


def test_a_price_of_large_requests_alone_is_told() -> None:
    large = price(GPT, "input_tokens_above = 200_000")
    told = (
        'line 1: input of model = "gpt-5" is stated above 200000 input tokens only; smaller'
        " requests have the catalogue's price, or none"
    )
    assert gaps_of(large) == [told]
    assert gaps_of(large, price(GPT)) == []
    assert gaps_of(large, price('model = "gpt-*"')) == [told]


def test_where_an_open_price_holds_again_nothing_is_left_out() -> None:
    # What tests/pricing/test_precedence.py shows: the later price ends, and the earlier one holds.
    agreed = price(GPT, "from = 2026-05-01", "until = 2026-06-01")
    assert gaps_of(price(GPT), agreed) == []
    two = agreed + price(GPT, "from = 2026-08-01", "until = 2026-09-01")
    assert gaps_of(price(GPT), two) == []


def test_where_the_price_of_any_size_holds_nothing_is_left_out() -> None:
    large = price(GPT, "input_tokens_above = 200_000", "from = 2026-05-01", "until = 2026-06-01")
    assert gaps_of(price(GPT), large) == []


def test_every_key_has_its_gaps() -> None:
    both = '[[price]]\nmodel = "m"\nfrom = 2026-05-01\ninput = "1 / token"\noutput = "2 / token"\n'
    rest = f"is not stated before 2026-05-01T00:00:00Z; {REST}"
    assert sorted(gaps_of(both)) == [
        f'line 1: input of model = "m" {rest}',
        f'line 1: output of model = "m" {rest}',
    ]


def test_a_share_of_a_tier_that_nobody_sells_is_told() -> None:
    shares = '[estimate]\nbacth = "50%"\npriority = "200%"\n'
    assert gaps(own(shares)) == ["estimate.bacth: no list of prices has such a tier"]
