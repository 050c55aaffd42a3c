"""What is thrown at a server while it is being broken: events of every kind, in every order."""

import random
from typing import Any

from support.cost_prices import PRICES, Price
from support.events import DAY

EventData = dict[str, Any]

# Late and less late: none of them is of today.
DAYS = 4
SPAN_SECONDS = DAYS * 86_400
MICROSECONDS = 1_000_000

# With prices of their own, by a pattern, in another currency's place, for free, and with none.
MODELS = ("alpha", "beta-2", "gamma_3", "ключ", "名前-🙂", "unheard-of", None)
PROJECTS = tuple(f"proj_{number}" for number in range(6))
USERS = ("ada", "grace", None)
KEYS = tuple(f"key_{number}" for number in range(5))
TEAMS = ("search", "ads", "a b%2C[]&=+")
TIERS = (None, "default", "flex", "priority")

# Completions are half of what there is.
KINDS = ("completions",) * 10 + (
    "embeddings",
    "moderations",
    "images",
    "audio_speeches",
    "audio_transcriptions",
    "vector_stores",
    "code_interpreter_sessions",
    "file_search_calls",
    "web_search_calls",
    "decisions",
)
# So large that no two sums are equal by chance, and so small that all of them are exact.
TOKENS_MAX = 1 << 32
FEW_MAX = 1 << 16


def _tripled(price: Price) -> Price:
    return price._replace(
        prices={
            key: amount if amount == "free" else _times(amount, 3)
            for key, amount in price.prices.items()
        }
    )


def _times(amount: str, factor: int) -> str:
    """A decimal times a small number, by its digits."""
    whole, _, digits = amount.partition(".")
    product = str(int(whole + digits) * factor).rjust(len(digits) + 1, "0")
    return f"{product[: len(product) - len(digits)]}.{product[len(product) - len(digits) :]}"


# Two price lists to change between: in the second some models cost more, and one has no price.
PRICE_LISTS: tuple[tuple[Price, ...], ...] = (
    PRICES,
    tuple(
        _tripled(price) if price.model == "alpha" else price
        for price in PRICES
        if price.model != "gamma_3"
    ),
)


def make_events(random_: random.Random, name: str, count: int) -> list[EventData]:
    """New events of all kinds, with ids that start with ``name``."""
    return [_event(random_, f"req_{name}_{number}") for number in range(count)]


def _event(random_: random.Random, event_id: str) -> EventData:
    kind = random_.choice(KINDS)
    event: EventData = {
        "id": event_id,
        # Divided once: the float that is nearest to the microsecond, as the server tells it.
        "time": (DAY * MICROSECONDS + random_.randrange(SPAN_SECONDS * MICROSECONDS))
        / MICROSECONDS,
        "kind": kind,
        "project_id": random_.choice(PROJECTS),
        "user_id": random_.choice(USERS),
        "api_key_id": random_.choice(KEYS),
        **_quantities(random_, kind),
    }
    if kind in ("completions", "decisions", "embeddings"):
        event |= {"model": random_.choice(MODELS), "service_tier": random_.choice(TIERS)}
        event["batch"] = random_.random() < 0.2
    elif kind in ("images", "audio_speeches", "audio_transcriptions", "moderations"):
        event["model"] = random_.choice(MODELS)
    if random_.random() < 0.5:
        event["tags"] = {"team": random_.choice(TEAMS), "run": event_id[-1]}
    if random_.random() < 0.2:
        event["provider"] = random_.choice(("acme", "anthropic"))
    return event


def _quantities(random_: random.Random, kind: str) -> EventData:
    def some(most: int = FEW_MAX) -> int:
        return random_.randrange(1, most)

    cached = random_.choice((0, some(TOKENS_MAX)))
    tokens: EventData = {
        "input_tokens": cached + some(TOKENS_MAX),
        "input_cached_tokens": cached,
        "output_tokens": some(TOKENS_MAX),
        "num_model_requests": some(),
    }
    of_kinds: dict[str, EventData] = {
        "completions": tokens,
        "decisions": tokens,
        "embeddings": {"input_tokens": some(TOKENS_MAX)},
        "moderations": {"input_tokens": some(TOKENS_MAX)},
        "images": {"images": some(), "size": random_.choice(("alpha", "1024x1024"))},
        "audio_speeches": {"characters": some()},
        "audio_transcriptions": {"seconds": some() / 4},
        "vector_stores": {
            "usage_bytes": some(TOKENS_MAX),
            "vector_store_id": random_.choice(KEYS),
        },
        "code_interpreter_sessions": {"num_sessions": some()},
        "file_search_calls": {"num_requests": some()},
        "web_search_calls": {
            "num_requests": some(),
            "num_model_requests": some(),
            "context_level": random_.choice(("low", "high")),
        },
    }
    return of_kinds[kind]


def contradicted(event: EventData) -> EventData:
    """The same identity with another content: a conflict."""
    return event | {"user_id": "somebody else"}


def impossible(random_: random.Random, event_id: str) -> EventData:
    """An event that contradicts itself."""
    return _event(random_, event_id) | {
        "kind": "completions",
        "input_tokens": 1,
        "input_cached_tokens": 2,
        "output_tokens": 1,
    }
