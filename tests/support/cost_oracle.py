"""The oracle of costs: a plain loop over the events that says what every answer has to be.

It shares nothing with the product: the prices are found by walking the list
from the closest to the widest, and everything is a fraction until it is shown.
"""

from collections import defaultdict
from fractions import Fraction
from typing import Any, NamedTuple

from support import oracle, zone_oracle
from support.cost_prices import FIRST_WINDOW, PRICES, TURNS, Price
from support.streams import WINDOW_SECONDS

Event = dict[str, Any]

ROW_ORDER = (
    *(name for name in oracle.ROW_ORDER if name != "api_source"),
    "line_item",
    "api_source",
    "quality",
    "provider",
    "currency",
)
CONTRACT_KEYS = ("project_id", "line_item", "api_key_id", "user_id", "api_source")
FILTERS = {
    **{f"{name}s": name for name in oracle.ROW_ORDER if name != "batch"},
    "batch": "batch",
    "line_items": "line_item",
    "providers": "provider",
    "currencies": "currency",
}

# These cost the same in every tier.
_TIERLESS = ("requests", "storage", "code_interpreter", "file_search", "web_search")
# What a tier is estimated at where nobody states its price.
_SHARES = {"batch": Fraction(1, 2), "flex": Fraction(1, 2), "priority": Fraction(7, 4)}
_STANDARD = (None, "default", "auto", "standard", "on_demand")


class Quote(NamedTuple):
    """What one unit costs."""

    price: Fraction
    currency: str
    estimated: bool = False


class Count(NamedTuple):
    """How much was used, in units of the wire and in those that are priced."""

    shown: Fraction
    priced: Fraction
    unit: str | None


class Line(NamedTuple):
    """What an event adds to a bill under one name; the currency is null where nobody prices it."""

    item: str
    currency: str | None
    amount: Fraction
    quantity: Fraction
    unit: str | None


value_of = oracle.value_of


def _is_for(price: Price, event: Event, size: int) -> bool:
    model, conditions = (event.get("model") or "").lower(), dict(price.conditions)
    if price.model is not None:
        name = price.model.lower().removesuffix("*")
        if not (model.startswith(name) if price.model.endswith("*") else model == name):
            return False
    if price.above and size <= price.above:
        return False
    if price.part is not None:
        window, moment = divmod(event["time"] - FIRST_WINDOW, WINDOW_SECONDS)
        if window not in TURNS or not price.part[0] <= moment < price.part[1]:
            return False
    # A price for batch requests is for no others, and one for a tier is for none of them.
    if price.is_variant and conditions.pop("batch", False) != (tier_of(event) == "batch"):
        return False
    return all(value_of(event, name) == value for name, value in conditions.items())


def tier_of(event: Event) -> str | None:
    """The tier that may have prices of its own; a batch is one."""
    tier: str | None = event.get("service_tier")
    if event.get("batch") or tier == "batch":
        return "batch"
    return None if tier in _STANDARD else tier


def _stated(event: Event, key: str, size: int, *, variant: bool) -> Quote | None:
    # A test may give an event a list of its own.
    for price in event.get("price_list", PRICES):
        if price.is_variant is variant and key in price.prices and _is_for(price, event, size):
            amount = price.prices[key]
            return Quote(Fraction(0 if amount == "free" else amount), price.currency)
    return None


def quote(event: Event, key: str, size: int) -> Quote | None:
    """The price that is stated for the event's tier, or a share of the standard one."""
    standard = _stated(event, key, size, variant=False)
    tier = tier_of(event)
    if tier is None or key in _TIERLESS:
        return standard
    own = _stated(event, key, size, variant=True)
    if own is not None or standard is None or tier not in _SHARES:
        return own
    # A share of nothing is nothing, and no guess.
    estimated = standard.price != 0
    return Quote(standard.price * _SHARES[tier], standard.currency, estimated)


# Tokens by the name of their line: the count, and the prices that hold for it, the first that is
# stated. Of two that stand side by side one must be missing, or nobody can say which holds.
_TOKENS: dict[str, tuple[str, tuple[tuple[str, ...], ...]]] = {
    "input": ("input_text_tokens", (("input",),)),
    "audio input": ("input_audio_tokens", (("audio_input",), ("input",))),
    "image input": ("input_image_tokens", (("input",),)),
    "cached input": ("input_cached_text_tokens", (("cached_input",), ("input",))),
    "cached audio input": (
        "input_cached_audio_tokens",
        (("cached_input", "audio_input"), ("input",)),
    ),
    "cached image input": ("input_cached_image_tokens", (("cached_input",), ("input",))),
    "cache write 30m": ("input_cache_write_30m_tokens", (("cache_write",), ("input",))),
    "cache write 12h": (
        "input_cache_write_12h_tokens",
        (("cache_write_12h",), ("cache_write",), ("input",)),
    ),
    "output": ("output_text_tokens", (("output",),)),
    "reasoning output": ("reasoning", (("reasoning_output",),)),
    "audio output": ("output_audio_tokens", (("audio_output",), ("output",))),
    "image output": ("output_image_tokens", (("output",),)),
}
# Kinds with one quantity: the name of the line, the field, the price keys, the unit on the wire.
_PLAIN: dict[str, tuple[str, str, tuple[str, ...], str | None]] = {
    "embeddings": ("input", "input_tokens", ("input",), "tokens"),
    "moderations": ("input", "input_tokens", ("input",), "tokens"),
    "images": ("images", "images", ("images",), "images"),
    "audio_speeches": ("speech", "characters", ("speech",), "characters"),
    "audio_transcriptions": (
        "transcription",
        "seconds",
        ("transcription", "audio"),
        "duration_seconds",
    ),
    "vector_stores": ("vector store storage", "usage_bytes", ("storage",), "gibibyte_hours"),
    "code_interpreter_sessions": (
        "code interpreter sessions",
        "num_sessions",
        ("code_interpreter",),
        None,
    ),
    "file_search_calls": ("file search tool calls", "num_requests", ("file_search",), None),
    "web_search_calls": ("web search tool calls", "num_requests", ("web_search",), None),
}
_TOOLS = (
    "vector_stores",
    "code_interpreter_sessions",
    "file_search_calls",
    "web_search_calls",
)
# Wire units that make one that is priced, and what one of the wire is of the event's field.
_HOUR, _DAY_HOURS, _GIB = 3_600, 24, 1 << 30


def lines(event: Event) -> list[Line]:
    """What an event costs, name by name."""
    kind = event["kind"]
    requests = event.get("num_model_requests")
    requests = 1 if requests is None else requests
    found: list[Line | None] = []
    if kind in ("completions", "decisions"):
        found += _token_lines(event, requests)
    else:
        label, field, keys, unit = _PLAIN[kind]
        size = event.get("input_tokens", 0)
        size = -(-size // requests) if requests else size
        quantity = priced = Fraction(str(event[field]))
        if unit == "duration_seconds":
            priced = quantity / _HOUR
        if unit == "gibibyte_hours":
            priced = quantity / _GIB
            quantity = priced * _DAY_HOURS
        quotes = (quote(event, key, size) for key in keys)
        best = next((each for each in quotes if each is not None), None)
        found.append(_line(event, label, best, Count(quantity, priced, unit)))
    if kind not in _TOOLS:
        fee = quote(event, "requests", 0)
        if fee is not None:
            count = Count(Fraction(requests), Fraction(requests), None)
            found.append(_line(event, "requests", fee, count))
    return [line for line in found if line is not None]


def _token_lines(event: Event, requests: int) -> list[Line | None]:
    counts = oracle.token_counts(event)
    counts["reasoning"] = 0
    size = counts["input_tokens"]
    size = -(-size // requests) if requests else size
    if quote(event, "reasoning_output", size) is not None:
        counts["reasoning"] = event.get("output_reasoning_tokens") or 0
        # What was thought beyond the text is not taken out of what was spoken.
        counts["output_text_tokens"] = max(counts["output_text_tokens"] - counts["reasoning"], 0)
    found = []
    for label, (field, levels) in _TOKENS.items():
        best = None
        for keys in levels:
            fitting = [each for key in keys if (each := quote(event, key, size)) is not None]
            if fitting:
                best = fitting[0] if len(fitting) == 1 else None
                break
        # A decision is charged by its input alone where no price for output is stated.
        if best is not None or event["kind"] == "completions" or "output" not in label:
            count = Fraction(counts[field])
            found.append(_line(event, label, best, Count(count, count, "tokens")))
    return found


def _line(event: Event, label: str, best: Quote | None, count: Count) -> Line | None:
    if count.shown == 0:
        return None
    item = label if event["kind"] in _TOOLS else f"{event.get('model') or 'no model'}, {label}"
    if best is None:
        return Line(f"{item}, unpriced", None, Fraction(0), count.shown, count.unit)
    suffix = ", estimated" if best.estimated else ""
    amount = count.priced * best.price
    return Line(item + suffix, best.currency, amount, count.shown, count.unit)


def charged(events: list[Event]) -> list[Event]:
    """The events that cost: of the samples of one store and day only the largest, the first."""
    days: defaultdict[Any, list[Event]] = defaultdict(list)
    found = []
    for event in events:
        if event["kind"] == "vector_stores":
            store = [value_of(event, name) for name in ("provider", "project_id")]
            day = event["time"] // 86_400
            days[*store, event.get("vector_store_id"), day].append(event)
        else:
            found.append(event)
    largest = (
        min(samples, key=lambda sample: (-sample["usage_bytes"], sample["time"], sample["id"]))
        for samples in days.values()
    )
    return [*found, *largest]


class Bucket(NamedTuple):
    """One bucket of an answer; ``results`` is null where two currencies would be added."""

    start: int
    end: int
    results: list[dict[str, Any]] | None
    unpriced: int

    @property
    def on_the_wire(self) -> dict[str, Any]:
        times = {"start_time": self.start, "end_time": self.end}
        return {"object": "bucket", **times, "results": self.results}


def number(value: Fraction) -> Any:
    """A number as the wire shows it: twelve decimals, halves to the even digit."""
    return Fraction(round(value * 10**12), 10**12)


def answer(
    events: list[Event],
    *,
    start: int,
    end: int,
    width: str,
    group_by: set[str],
    filters: dict[str, list[Any]],
    zone: str = "UTC",
    order_by: str | None = None,
    top: int | None = None,
) -> list[Bucket]:
    """All buckets of a range, both ends of which are moved outwards to whole ones."""
    keys = oracle.in_row_order(group_by, ROW_ORDER)
    wanted = {
        f"tag:{name[5:-1]}" if name.startswith("tags[") else FILTERS[name]: values
        for name, values in filters.items()
    }
    of_lines = {name: wanted.pop(name, None) for name in ("line_item", "currency")}
    bills = [
        (event, bill)
        for event in charged(events)
        if all(value_of(event, name) in values for name, values in wanted.items())
        and (bill := [line for line in lines(event) if _is_wanted(line, of_lines)])
    ]

    def groups(first: int, stop: int) -> dict[oracle.Keys, list[Line]]:
        found: defaultdict[oracle.Keys, list[Line]] = defaultdict(list)
        for event, bill in bills:
            for line in bill if first <= event["time"] < stop else ():
                known = {"line_item": line.item, "currency": line.currency}
                key = (known[name] if name in known else value_of(event, name) for name in keys)
                found[tuple(key)].append(line)
        return found

    start, end = zone_oracle.whole(zone, width, start, end)
    best = [row.keys for row in sorted(_rows(groups(start, end)), key=_rank)][:top]
    found = []
    for first, stop in zone_oracle.spans(zone, width, start, end):
        of_bucket = groups(first, stop)
        rest = [line for each, of_key in of_bucket.items() if each not in best for line in of_key]
        rows = [row for row in _rows(of_bucket) if row.keys in best]
        rows.sort(key=_rank if order_by else lambda row: oracle.row_key(row.keys))
        rows += [Row((None,) * len(keys), rest, other=True)] if rest else []
        unpriced = sum(
            any(line.currency is None for line in bill)
            for event, bill in bills
            if first <= event["time"] < stop
        )
        results = _results(rows, keys, ranked=top is not None)
        found.append(Bucket(first, stop, results, unpriced))
    return found


def _is_wanted(line: Line, wanted: dict[str, list[Any] | None]) -> bool:
    names, currencies = wanted["line_item"], wanted["currency"]
    return (names is None or line.item in names) and (
        currencies is None or line.currency in currencies
    )


class Row(NamedTuple):
    """The lines of one group, or of all that are not among the top."""

    keys: oracle.Keys
    lines: list[Line]
    other: bool = False


def _rows(groups: dict[oracle.Keys, list[Line]]) -> list[Row]:
    return [Row(keys, of_keys) for keys, of_keys in groups.items()]


def _rank(row: Row) -> tuple[Any, ...]:
    return -sum((line.amount for line in row.lines), Fraction(0)), oracle.row_key(row.keys)


def _results(rows: list[Row], keys: list[str], *, ranked: bool) -> list[dict[str, Any]] | None:
    results = []
    for row in rows:
        currencies = {line.currency for line in row.lines} - {None}
        if len(currencies) > 1:
            return None
        amount = number(sum((line.amount for line in row.lines), Fraction(0)))
        # What is counted in different units is not added up.
        by_line = "line_item" in keys and not row.other
        quantity = number(sum((line.quantity for line in row.lines), Fraction(0)))
        results.append(
            {
                "object": "organization.costs.result",
                "amount": {"value": amount, "currency": next(iter(currencies), "usd")},
                **dict.fromkeys(CONTRACT_KEYS),
                "quantity": quantity if by_line else None,
                "quantity_unit": row.lines[0].unit if by_line else None,
                **dict(zip(keys, row.keys, strict=True)),
                **({"other": row.other} if ranked else {}),
            }
        )
    return results
