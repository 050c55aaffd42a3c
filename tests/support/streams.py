"""Streams of events and queries over them, as Hypothesis strategies.

Values come from small pools, so that groups and repeats happen, with the
awkward ones among them: unicode, quotes, the longest names, other time digits.
"""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tallybook.domain.definitions import Kind
from tallybook.domain.dimensions import COMMON_DIMENSIONS, DIMENSIONS
from tallybook.domain.kinds import KINDS

# Of tests in which each example asks a whole ledger, and all may share a server.
UNHURRIED = settings(
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)

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
# What a key may see: null is all there is, bound or not to projects that events have.
reaches = st.one_of(
    st.none(), st.sets(st.sampled_from(_NAMES), min_size=1, max_size=4).map(frozenset)
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


# What costs depend on, in the sorts that ``support/cost_oracle.py`` has prices for, and some that
# it has none for. Each sort is one draw, so that long streams are quickly made.
_SORTS: tuple[dict[str, Any], ...] = (
    {},
    {"model": None, "provider": "anthropic", "batch": True},
    {"model": "alpha"},
    {"model": "ALPHA", "service_tier": "default"},
    {"model": "alpha", "provider": "acme", "service_tier": "priority"},
    {"model": "alpha", "service_tier": "alpha"},
    {"model": "alpha", "service_tier": "flex"},
    {"model": "alpha", "service_tier": "flex", "batch": True},
    {"model": "alpha", "service_tier": "batch"},
    {"model": "alpha", "batch": True},
    {"model": "beta"},
    {"model": "Beta", "batch": True},
    {"model": "beta-2", "provider": "anthropic"},
    {"model": "gamma_3"},
    {"model": "gamma_3", "service_tier": "flex"},
    {"model": "ключ", "provider": "acme"},
    {"model": "ключ", "batch": True},
    {"model": "名前-🙂"},
    {"model": "名前-🙂", "batch": True},
    {"model": "a b%2C[]&=+", "provider": "acme"},
    {"model": "a b%2C[]&=+", "provider": "acme", "batch": True},
    {"model": "a b%2C[]&=+"},
    {"model": AWKWARD[2]},
    {"model": "x" * 200, "service_tier": "x" * 200},
)
_TAG_NAMES = ("team", "a/b~c", *(name[:64] for name in AWKWARD))
# Who caused an event, and the tags of it.
_CAUSES: tuple[dict[str, Any], ...] = (
    {},
    {"project_id": None, "tags": {}},
    {"project_id": "alpha", "user_id": "beta", "tags": {"team": "alpha"}},
    {"project_id": "alpha", "user_id": "Beta", "api_key_id": "beta", "api_source": "unlabeled"},
    {"project_id": "beta", "user_id": "beta", "tags": {"team": "Beta", "a/b~c": "alpha"}},
    {"project_id": AWKWARD[0], "user_id": AWKWARD[4], "tags": {AWKWARD[2]: AWKWARD[1]}},
    {"api_key_id": AWKWARD[2], "api_source": "agents_api", "tags": {AWKWARD[3]: AWKWARD[3]}},
    {"user_id": AWKWARD[3], "tags": dict.fromkeys(_TAG_NAMES, "beta")},
)
_FEW = ("alpha", "beta", "gamma_3")

_LINE_ITEMS = (
    "alpha, input",
    "alpha, output",
    "alpha, input, estimated",
    "Beta, images, estimated",
    "gamma_3, cached audio input, unpriced",
    "no model, input, unpriced",
    "a b%2C[]&=+, input",
    "vector store storage",
    "web search tool calls",
    "alpha",
)
_COST_KEYS = (
    *DIMENSIONS,
    *("line_item", "provider", "currency"),
    *(f"tag:{name}" for name in _TAG_NAMES),
)
# The filters of costs, each with values to draw from; that of tags has a name for each tag.
_COST_FILTERS: dict[str, tuple[Any, ...]] = {
    "project_ids": ("alpha", "beta", AWKWARD[0]),
    "user_ids": ("beta", AWKWARD[3], AWKWARD[4]),
    "api_key_ids": ("beta", AWKWARD[2]),
    "vector_store_ids": _FEW,
    "models": ("alpha", "Beta", "gamma_3", "a b%2C[]&=+", AWKWARD[2]),
    "batch": (True, False),
    "sources": DIMENSIONS["source"].values,
    "sizes": ("256x256", "1024x1024"),
    "context_levels": DIMENSIONS["context_level"].values,
    "line_items": _LINE_ITEMS,
    "providers": ("openai", "anthropic", "acme"),
    "currencies": ("usd", "eur", "gbp"),
    "tags[team]": ("alpha", "Beta"),
    "tags[a/b~c]": ("alpha", "beta"),
    **{f"tags[{name[:64]}]": ("beta", AWKWARD[1], AWKWARD[3]) for name in AWKWARD},
}


@st.composite
def cost_events(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """One valid event, of a sort that somebody states a price for more often than not."""
    event: dict[str, Any] = {"id": draw(ids), "time": draw(offsets), "kind": kind}
    event |= draw(st.sampled_from(_SORTS)) | draw(st.sampled_from(_CAUSES))
    for name in KINDS[kind].event_dimensions[len(COMMON_DIMENSIONS) :]:
        event[name] = draw(st.sampled_from((*(DIMENSIONS[name].values or _FEW), None)))
    if "num_model_requests" in {quantity.name for quantity in KINDS[kind].quantities}:
        event |= draw(
            st.sampled_from(({}, {}, {"num_model_requests": 0}, {"num_model_requests": 3}))
        )
    return event | draw(_quantities(kind))


@st.composite
def cost_queries(draw: st.DrawFn) -> dict[str, Any]:
    """A query of costs: its range as offsets into the window."""
    width = draw(st.sampled_from(("1m", "1h", "1d")))
    longest = 3 * 3_600 if width == "1m" else WINDOW_SECONDS
    start = draw(moments)
    later = st.one_of(moments, st.just(WINDOW_SECONDS)).filter(lambda moment: moment > start)
    end = min(draw(later) if start < WINDOW_SECONDS - 1 else WINDOW_SECONDS, start + longest)
    names = st.lists(st.sampled_from(tuple(_COST_FILTERS)), max_size=2, unique=True)
    filters = {
        name: draw(
            st.lists(
                st.sampled_from(_COST_FILTERS[name]),
                min_size=1 if name == "batch" else 2,
                max_size=1 if name == "batch" else 4,
            )
        )
        for name in draw(st.one_of(st.just([]), names))
    }
    return {
        "width": width,
        "start": start,
        "end": end,
        # The names of lines say most of what there is to say.
        "group_by": draw(st.sampled_from((set(), {"line_item"})))
        | draw(st.sets(st.sampled_from(_COST_KEYS), max_size=4)),
        "filters": filters,
        "limit": draw(st.integers(1, 31)),
        "forms": draw(st.lists(st.sampled_from(FORMS), min_size=1, max_size=4)),
    }


@st.composite
def spendings(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Events of up to four kinds."""
    kinds = draw(st.lists(st.sampled_from(tuple(KINDS)), min_size=1, max_size=4, unique=True))
    one_event = st.sampled_from(kinds).flatmap(cost_events)
    return draw(st.lists(one_event, min_size=8, max_size=30))


# Quantities at the edges of what prices depend on: sizes of requests around 100 input tokens,
# thought that is more than the text, stores of one size.
_TOKEN_EDGES: tuple[dict[str, Any], ...] = (
    {"input_tokens": 100, "output_tokens": 3},
    {"input_tokens": 101, "output_tokens": 0, "output_reasoning_tokens": 0},
    {"input_tokens": 300, "output_tokens": 7, "num_model_requests": 3},
    {"input_tokens": 301, "output_tokens": 7, "num_model_requests": 3},
    {"input_tokens": 101, "output_tokens": 9, "num_model_requests": 0},
    {"input_tokens": 90, "input_cached_tokens": 30, "input_cached_audio_tokens": 5}
    | {"input_cached_image_tokens": 6, "input_cache_write_tokens": 20, "input_audio_tokens": 8}
    | {"input_cache_write_12h_tokens": 7, "input_image_tokens": 9, "output_tokens": 40}
    | {"output_audio_tokens": 30, "output_image_tokens": 5, "output_reasoning_tokens": 20},
    {"input_tokens": 0, "output_tokens": 20, "output_reasoning_tokens": 6},
)
_INPUT_EDGES = tuple(
    {"input_tokens": tokens, "num_model_requests": requests}
    for tokens, requests in ((0, 1), (100, 1), (101, 1), (101, 0), (300, 3), (301, 3))
)
_EDGES_OF: dict[str, tuple[dict[str, Any], ...]] = {
    "completions": _TOKEN_EDGES,
    "decisions": _TOKEN_EDGES,
    "embeddings": _INPUT_EDGES,
    "moderations": _INPUT_EDGES,
    "images": tuple(
        {"images": 2, "num_model_requests": 3, "size": size, "quality": quality}
        for size in ("alpha", "beta", None)
        for quality in ("gamma_3", "alpha", None)
    ),
    "audio_speeches": ({"characters": 0}, {"characters": 7}),
    "audio_transcriptions": ({"seconds": 0.000001}, {"seconds": 90.25}),
    "vector_stores": tuple(
        {"usage_bytes": size, "vector_store_id": store}
        for store in ("alpha", None)
        for size in (5, 7, 7, 0)
    ),
    "code_interpreter_sessions": ({"num_sessions": 3},),
    "file_search_calls": ({"num_requests": 3},),
    "web_search_calls": tuple(
        {"num_requests": 3, "context_level": level} for level in ("low", "high", None)
    ),
}
# Beside the turns of prices, and of days.
_TIME_EDGES = (3_599.999999, 3_600, 86_399.999999, 86_400)


def edges_of_costs() -> list[dict[str, Any]]:
    """Every sort of event at every edge, each under a user of its own, as offsets."""
    everything = [
        {"kind": kind, "time": moment} | sort | counts
        for kind, edges in _EDGES_OF.items()
        for sort in _SORTS
        for counts in edges
        for moment in _TIME_EDGES
    ]
    # Backwards: what comes later has the lower name.
    return [
        event | {"id": f"{9_999 - place}", "user_id": f"{place:04}"}
        for place, event in enumerate(everything)
    ]
