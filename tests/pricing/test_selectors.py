"""Selectors: which requests are meant, which of two prices is the closer, and whether they meet."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallybook.pricing.cards import Traits
from tallybook.pricing.selectors import Selector, _meet, pattern_fits

# Texts and patterns over two letters and the two signs. Where two patterns meet at all, they do
# in a text no longer than both together.
PATTERN_MAX = 4
TEXTS = [
    "".join(letters)
    for size in range(2 * PATTERN_MAX + 1)
    for letters in product("ab", repeat=size)
]

patterns = st.text("ab*?", max_size=PATTERN_MAX)


def fits(pattern: str, text: str) -> bool:
    """What a pattern means, by the book."""
    if not pattern:
        return not text
    first, rest = pattern[0], pattern[1:]
    if first == "*":
        return any(fits(rest, text[at:]) for at in range(len(text) + 1))
    return bool(text) and first in ("?", text[0]) and fits(rest, text[1:])


@given(patterns, st.sampled_from(TEXTS))
def test_a_star_is_any_text_and_a_question_mark_any_character(pattern: str, text: str) -> None:
    assert pattern_fits(pattern, text) == fits(pattern, text)


@settings(max_examples=300)
@given(patterns, patterns)
def test_patterns_meet_just_when_some_text_fits_both(one: str, other: str) -> None:
    expected = any(fits(one, text) and fits(other, text) for text in TEXTS)
    assert _meet(one, other) == expected
    assert _meet(other, one) == expected


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("gpt-5", "GPT-5", True),
        ("GPT-*", "gpt-5.5", True),
        ("gpt-5.5", "gpt-5x5", False),
        ("gpt-5", "gpt-5.5", False),
        ("a+b(c)[d]^$|\\.", "a+b(c)[d]^$|\\.", True),
        ("a+", "aa", False),
        ("[ab]", "a", False),
        ("*", "", True),
        ("*", "two\nlines", True),
        ("?", "\n", True),
        ("accounts/*/models/*", "accounts/fireworks/models/kimi-k3", True),
        ("名前-*", "名前-🙂", True),
        ("*", None, False),
    ],
)
def test_names_are_matched_without_regard_to_case_and_letter_by_letter(
    pattern: str, name: str | None, expected: bool
) -> None:
    assert pattern_fits(pattern, name) is expected


# From the one that is about most to the one that is about least.
BY_CLOSENESS = [
    Selector(),
    Selector(kind="completions"),
    Selector(kind="completions", batch=True),
    Selector(provider="*"),
    Selector(provider="open*"),
    Selector(provider="opena*"),
    Selector(provider="openai"),
    Selector(provider="openai", kind="completions"),
    Selector(model="*"),
    Selector(model="gpt-*"),
    Selector(model="gpt-*", batch=True),
    Selector(model="gpt-*", provider="openai"),
    Selector(model="gpt-5*"),
    Selector(model="*gpt-5.5"),
    Selector(model="o3"),
    Selector(model="gpt-5"),
    Selector(model="gpt-5", kind="completions"),
    Selector(model="gpt-5", kind="completions", batch=False),
    Selector(model="gpt-5", provider="open*"),
    Selector(model="gpt-5", provider="openai"),
    Selector(model="gpt-5", provider="openai", service_tier="flex"),
]


def test_the_closer_selector_is_about_less() -> None:
    found = [selector.closeness for selector in BY_CLOSENESS]
    assert found == sorted(found)
    assert len(set(found)) == len(found)


def test_the_order_of_letters_makes_no_pattern_closer() -> None:
    assert Selector(model="gpt-*").closeness == Selector(model="*-gpt").closeness
    assert Selector(model="gpt-*").closeness == Selector(model="g*p?t*-").closeness


TRAITS = Traits(
    "images", "openai", "gpt-image-1", size="1024x1024", quality="high", service_tier="flex"
)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (Selector(), True),
        (Selector(model="gpt-image-*", provider="OpenAI"), True),
        (Selector(model="gpt-5"), False),
        (Selector(provider="azure"), False),
        (Selector(kind="images", size="1024x1024", quality="high"), True),
        (Selector(kind="completions"), False),
        (Selector(size="1024X1024"), False),
        (Selector(quality="low"), False),
        (Selector(context_level="low"), False),
        # The tier and batch are asked about apart.
        (Selector(batch=True), True),
        (Selector(service_tier="priority"), True),
    ],
)
def test_a_selector_matches_by_everything_that_it_names(selector: Selector, expected: bool) -> None:
    assert selector.matches(TRAITS) is expected


def test_a_selector_admits_the_tiers_that_it_does_not_exclude() -> None:
    selectors = (
        Selector(),
        Selector(batch=True),
        Selector(batch=False),
        Selector(service_tier="flex"),
    )
    requests = (
        Traits("completions", "openai"),
        Traits("completions", "openai", batch=True),
        Traits("completions", "anthropic", service_tier="batch"),
        Traits("completions", "openai", service_tier="flex"),
    )
    assert [[each.admits_tier(traits) for traits in requests] for each in selectors] == [
        [True, True, True, True],
        [False, True, True, False],
        [True, False, False, True],
        [False, False, False, True],
    ]
    assert [each.is_variant for each in selectors] == [False, True, False, True]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Selector(), Selector(), True),
        (Selector(model="gpt-*"), Selector(model="*-mini"), True),
        (Selector(model="gpt-*"), Selector(model="o3-*"), False),
        (Selector(model="GPT-5"), Selector(model="gpt-?"), True),
        (Selector(provider="openai"), Selector(provider="azure"), False),
        (Selector(provider="openai"), Selector(model="gpt-5"), True),
        (Selector(kind="images"), Selector(kind="completions"), False),
        (Selector(kind="images"), Selector(size="1024x1024"), True),
        (Selector(batch=True), Selector(batch=False), False),
        (Selector(size="256x256"), Selector(size="512x512"), False),
        (Selector(context_level="low"), Selector(context_level="high"), False),
    ],
)
def test_selectors_meet_when_one_request_could_match_both(
    one: Selector, other: Selector, expected: bool
) -> None:
    assert (one.may_meet(other), other.may_meet(one)) == (expected, expected)


NAMES = ("gpt-5", "GPT-5", "gpt-*", "*-5", "o?")


@given(
    *(
        st.builds(
            Selector,
            model=st.sampled_from((None, *NAMES)),
            provider=st.sampled_from((None, "openai", "open*", "azure")),
            kind=st.sampled_from((None, "completions", "images")),
            size=st.sampled_from((None, "256x256")),
        )
        for _ in range(2)
    ),
    st.builds(
        Traits,
        kind=st.sampled_from(("completions", "images")),
        provider=st.sampled_from(("openai", "azure")),
        model=st.sampled_from((None, "gpt-5", "o3")),
        size=st.sampled_from((None, "256x256")),
    ),
)
def test_selectors_that_match_one_request_meet(
    one: Selector, other: Selector, traits: Traits
) -> None:
    if one.matches(traits) and other.matches(traits):
        assert one.may_meet(other)


def test_a_selector_is_written_as_in_a_price_file() -> None:
    selector = Selector(model="gpt-*", provider="openai", batch=True, quality="high")
    assert (str(selector), str(Selector())) == (
        'model = "gpt-*", provider = "openai", batch = true, quality = "high"',
        "any model",
    )
