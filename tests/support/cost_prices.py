"""The prices of the oracle of costs: a small list, and the price file that says the same."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from support.streams import WINDOW_SECONDS

# 2015-02-01: each example has a window of its own, so that one ledger serves all.
FIRST_WINDOW = 1_422_748_800
# The windows in which prices turn: every tenth, as each of them makes the price file longer.
TURNS = range(-10, 200, 10)

_UNITS = {
    "images": "image",
    "speech": "character",
    "audio": "hour",
    "transcription": "hour",
    "requests": "request",
    "storage": "GiB day",
    "code_interpreter": "session",
    "file_search": "call",
    "web_search": "call",
}


class Price(NamedTuple):
    """Prices per unit, for the events that all of it is true of.

    ``part`` is the stretch of some windows in which it holds; null is always.
    """

    prices: dict[str, str]
    model: str | None = None
    conditions: dict[str, Any] = {}  # noqa: RUF012 - never written to
    above: int = 0
    part: tuple[int, int] | None = None
    currency: str = "usd"

    @property
    def is_variant(self) -> bool:
        return "batch" in self.conditions or "service_tier" in self.conditions


# From the closest to the widest. No amount that they make has more than 12 decimals: sums of
# what is shown are then the sums themselves.
PRICES = (
    Price({"input": "0.0000006", "output": "0.0000024"}, "alpha", {"batch": True}),
    Price({"cached_input": "0.0000001"}, "alpha", {"service_tier": "flex"}),
    Price({"input": "0.000003", "output": "0.000009"}, "alpha", above=100),
    Price({"input": "0.0000015", "speech": "0.00003"}, "alpha", part=(3_600, 86_400)),
    Price(
        {
            "input": "0.00000125",
            "cached_input": "0.000000125",
            "cache_write": "0.0000015625",
            "output": "0.00001",
            "audio_output": "0.00004",
            "speech": "0.000015",
            "transcription": "0.36",
        },
        "alpha",
    ),
    Price(
        {
            "input": "0.000001",
            "cached_input": "0.0000005",
            "audio_input": "0.00002",
            "cache_write_12h": "0.000004",
            "output": "0.000005",
            "reasoning_output": "0.000003",
        },
        "gamma_3",
    ),
    Price(dict.fromkeys(("input", "output", "images", "speech", "audio"), "free"), "ключ"),
    Price({"input": "0.000007", "requests": "0.001"}, "名前-🙂"),
    Price(
        {"input": "0.000002", "output": "0.000004", "images": "0.05", "transcription": "0.18"},
        "a b%2C[]&=+",
        {"provider": "acme"},
        currency="eur",
    ),
    Price({"images": "0.08"}, "beta*", {"size": "alpha", "quality": "gamma_3"}),
    Price({"images": "0.04"}, "beta*", {"size": "alpha"}),
    Price({"images": "0.02", "input": "0.000002", "output": "0.000008", "audio": "0.72"}, "beta*"),
    Price({"storage": "2.147483648"}, None, {"provider": "anthropic"}),
    Price({"storage": "1.073741824"}),
    Price({"code_interpreter": "0.03"}, None, {"provider": "openai"}),
    Price({"web_search": "0.025"}, None, {"context_level": "high"}),
    Price({"web_search": "0.01", "file_search": "0.0025"}),
)


def price_file(prices: Sequence[Price] = PRICES) -> str:
    """A list as a price file, from the widest to the closest: its order means nothing."""
    tables = ['[estimate]\npriority = "175%"\n']
    for price in reversed(prices):
        fields: dict[str, Any] = {**price.conditions, "currency": price.currency}
        if price.model is not None:
            fields["model"] = price.model
        if price.above:
            fields["input_tokens_above"] = price.above
        for key, amount in price.prices.items():
            unit = _UNITS.get(key, "token")
            fields[key] = amount if amount == "free" else f"{amount} / {unit}"
        # What JSON writes of text, true and whole numbers is TOML as well.
        lines = [
            f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()
        ]
        tables.extend("\n".join(["[[price]]", *when, *lines, ""]) for when in _parts(price))
    return "\n".join(tables)


def _parts(price: Price) -> list[list[str]]:
    """When a price holds, in the file's words: once, or once for each window of some."""
    if price.part is None:
        return [[]]
    starts = [FIRST_WINDOW + number * WINDOW_SECONDS for number in TURNS]
    return [
        [
            f"{word} = {datetime.fromtimestamp(start + moment, UTC).isoformat()}"
            for word, moment in zip(("from", "until"), price.part, strict=True)
        ]
        for start in starts
    ]
