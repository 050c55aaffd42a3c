"""Streams of events and queries over them, as Hypothesis strategies.

Values come from small pools, so that groups and repeats happen, with the
awkward ones among them: unicode, quotes, the longest names, other time digits.
"""

from typing import Any

from hypothesis import strategies as st

from tallybook.domain.definitions import Kind
from tallybook.domain.dimensions import DIMENSIONS
from tallybook.domain.kinds import KINDS

# A window of time that no other example touches, in seconds: 3 days.
WINDOW_SECONDS = 3 * 86_400

AWKWARD = ("ключ", "名前-🙂", "o'brien\"; DROP TABLE events --", "a b%2C[]&=+", "x" * 200)
_NAMES = ("alpha", "beta", "Beta", "gamma_3", *AWKWARD)

# The ways in which clients write an array (contract, section 3.4).
FORMS = ("brackets", "repeated", "comma", "indexed")

names = st.sampled_from(_NAMES)
ids = st.one_of(
    st.sampled_from(("r1", "r2", "r3", *AWKWARD)),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=200),
)
small = st.integers(0, 50)
large = st.one_of(small, st.integers(0, 2**53 - 1))


# Moments that events and ranges like to share: boundaries, and what is just beside them.
EDGES = (0, 61, 3_599, 3_600, 86_400)

moments = st.one_of(
    st.sampled_from(EDGES),
    st.sampled_from(EDGES),
    st.integers(0, 7_200),
    st.integers(0, WINDOW_SECONDS - 1),
)
offsets = st.builds(
    lambda whole, part: whole + part / 1_000_000,
    moments,
    st.sampled_from((0, 0, 1, 250_000, 999_999)),
)


# Each sum of the contract: its total, the part that may be left out, the other parts.
_SUMS = (
    (
        "input_cached_tokens",
        "input_cached_text_tokens",
        ("input_cached_audio_tokens", "input_cached_image_tokens"),
    ),
    (
        "input_cache_write_tokens",
        "input_cache_write_30m_tokens",
        ("input_cache_write_12h_tokens",),
    ),
    (
        "input_uncached_tokens",
        "input_text_tokens",
        ("input_audio_tokens", "input_image_tokens"),
    ),
    ("output_tokens", "output_text_tokens", ("output_audio_tokens", "output_image_tokens")),
)


@st.composite
def token_fields(draw: st.DrawFn) -> dict[str, int]:
    """The counts of a text generation event: totals, and whichever parts were thought of."""
    fields: dict[str, int] = {}
    totals: dict[str, int] = {}
    for total, rest, others in _SUMS:
        counts = {name: draw(st.one_of(st.just(0), small)) for name in others}
        rest_count = draw(small)
        totals[total] = rest_count + sum(counts.values())
        # What is zero may be left out; so may the rest, once the total is given.
        fields |= {name: count for name, count in counts.items() if count or draw(st.booleans())}
        with_total, with_rest = draw(st.sampled_from(((1, 0), (1, 1), (0, 1))))
        if with_total:
            fields[total] = totals[total]
        if with_rest or not with_total:
            fields[rest] = rest_count
    output = fields["output_tokens"] = totals.pop("output_tokens")
    fields["input_tokens"] = sum(totals.values())
    if draw(st.booleans()):
        fields["output_reasoning_tokens"] = draw(st.integers(0, output))
    return fields


def _quantities(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    plain: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "embeddings": {"input_tokens": large},
        "moderations": {"input_tokens": large},
        "images": {"images": large},
        "audio_speeches": {"characters": large},
        "audio_transcriptions": {
            "seconds": st.one_of(
                small, st.integers(0, 10**9), st.sampled_from((0.5, 1.499999, 0.000001, 59.25))
            )
        },
        "vector_stores": {"usage_bytes": large},
        "code_interpreter_sessions": {"num_sessions": large},
        "file_search_calls": {"num_requests": large},
        "web_search_calls": {"num_requests": large},
    }
    fields = plain.get(kind)
    return token_fields() if fields is None else st.fixed_dictionaries(fields)


@st.composite
def events(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """One valid event; its time is an offset into the window of the example."""
    event: dict[str, Any] = {"id": draw(ids), "time": draw(offsets), "kind": kind}
    for name in KINDS[kind].event_dimensions:
        choice = draw(st.sampled_from(("absent", "null", "value", "value")))
        dimension = DIMENSIONS[name]
        if dimension.boolean:
            if choice == "value":
                event[name] = draw(st.booleans())
        elif choice == "null":
            event[name] = None
        elif choice == "value":
            event[name] = draw(st.sampled_from(dimension.values) if dimension.values else names)
    if "num_model_requests" in {quantity.name for quantity in KINDS[kind].quantities}:
        event |= draw(
            st.sampled_from(({}, {}, {"num_model_requests": 0}, {"num_model_requests": 7}))
        )
    event |= draw(st.sampled_from(({}, {}, {"provider": "anthropic"}, {"provider": "openai"})))
    if draw(st.booleans()):
        event["tags"] = draw(st.dictionaries(names.map(lambda n: n[:64]), names, max_size=3))
    return event | draw(_quantities(kind))


@st.composite
def queries(draw: st.DrawFn, kind: Kind) -> dict[str, Any]:
    """A query: its range as offsets into the window."""
    width = draw(st.sampled_from(("1m", "1h", "1d")))
    longest = 3 * 3_600 if width == "1m" else WINDOW_SECONDS
    start = draw(moments)
    later = st.one_of(moments, st.just(WINDOW_SECONDS)).filter(lambda moment: moment > start)
    end = min(draw(later) if start < WINDOW_SECONDS - 1 else WINDOW_SECONDS, start + longest)
    filters: dict[str, list[Any]] = {}
    for filter_ in kind.filters:
        if draw(st.integers(0, 5)):
            continue
        values = filter_.values if filter_.values else _NAMES
        one: st.SearchStrategy[Any] = st.booleans() if filter_.boolean else st.sampled_from(values)
        most = 1 if filter_.boolean else 3
        filters[filter_.name] = draw(st.lists(one, min_size=1, max_size=most))
    return {
        "kind": kind.name,
        "width": width,
        "start": start,
        "end": end,
        "group_by": draw(st.sets(st.sampled_from(kind.dimensions))),
        "filters": filters,
        "limit": draw(st.integers(1, 31)),
        "forms": draw(st.lists(st.sampled_from(FORMS), min_size=1, max_size=4)),
    }


@st.composite
def scenarios(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Events of one kind or two, and queries about them."""
    kinds = draw(st.lists(st.sampled_from(tuple(KINDS)), min_size=1, max_size=2, unique=True))
    one_event = st.sampled_from(kinds).flatmap(events)
    one_query = st.sampled_from(kinds).flatmap(lambda name: queries(KINDS[name]))
    return (
        draw(st.lists(one_event, min_size=1, max_size=30)),
        draw(st.lists(one_query, min_size=1, max_size=4)),
    )
