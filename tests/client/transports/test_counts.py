"""Counts of providers, as quantities that always add up."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tallybook.client.transports.counts import Tokens
from tallybook.domain.events import EVENT_TYPES
from tallybook.domain.tokens import split_tokens

COUNTS = st.integers(-3, 60)
PARTS = st.none() | COUNTS


@given(
    st.builds(
        Tokens,
        input=COUNTS,
        output=COUNTS,
        **{name: PARTS for name in Tokens.__struct_fields__ if name not in ("input", "output")},
    )
)
def test_whatever_a_provider_says_the_ledger_takes_it_with_its_totals(tokens: Tokens) -> None:
    quantities = tokens.quantities()
    event = msgspec.convert(
        {"kind": "completions", "id": "1", "time": 1790845261, **quantities},
        EVENT_TYPES["completions"],
    )
    counts = split_tokens(event)
    # Eight disjoint parts of the input, then three of the output.
    assert sum(counts[:8]) == max(tokens.input, 0)
    assert sum(counts[8:11]) == max(tokens.output, 0)


def test_parts_that_fit_are_kept_as_they_are() -> None:
    tokens = Tokens(
        input=100, output=50, cached=30, written=20, written_long=5, audio=12, image=8,
        cached_audio=2, output_audio=9, output_image=4, reasoning=7,
    )  # fmt: skip
    assert tokens.quantities() == {
        "input_tokens": 100,
        "input_cached_tokens": 30,
        "input_cache_write_tokens": 20,
        "input_cache_write_12h_tokens": 5,
        "input_audio_tokens": 10,
        "input_cached_audio_tokens": 2,
        "input_image_tokens": 8,
        "output_tokens": 50,
        "output_audio_tokens": 9,
        "output_image_tokens": 4,
        "output_reasoning_tokens": 7,
    }


def test_sound_is_cached_only_where_it_cannot_have_been_uncached() -> None:
    assert Tokens(input=100, cached=30, audio=60).quantities() == {
        "input_tokens": 100,
        "output_tokens": 0,
        "input_cached_tokens": 30,
        "input_audio_tokens": 60,
    }
    assert Tokens(input=100, cached=80, audio=60).quantities() == {
        "input_tokens": 100,
        "output_tokens": 0,
        "input_cached_tokens": 80,
        "input_audio_tokens": 20,
        "input_cached_audio_tokens": 40,
    }
