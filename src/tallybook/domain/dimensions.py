"""Dimensions: the fields to filter and to group by, in the order in which rows are sorted."""

from collections.abc import Iterable

import msgspec


class Dimension(msgspec.Struct, frozen=True):
    """A field to filter and to group by. ``values`` is empty when any string is allowed."""

    name: str
    values: tuple[str, ...] = ()
    boolean: bool = False


# The order is the order of rows in a bucket (contract, section 5).
DIMENSIONS: dict[str, Dimension] = {
    dimension.name: dimension
    for dimension in (
        Dimension("project_id"),
        Dimension("user_id"),
        Dimension("api_key_id"),
        Dimension("model"),
        Dimension("batch", boolean=True),
        Dimension("service_tier"),
        Dimension("size"),
        Dimension("source", values=("image.generation", "image.edit", "image.variation")),
        Dimension("vector_store_id"),
        Dimension("context_level", values=("low", "medium", "high")),
        Dimension("api_source", values=("agents_api", "unlabeled")),
        # Not of the contract: what an image costs depends on it.
        Dimension("quality"),
    )
}

# Whose an event is: what a key may be bound to.
PROJECT = "project_id"
# What costs are also told apart by, beside the dimensions of events.
LINE_ITEM, PROVIDER, CURRENCY = "line_item", "provider", "currency"
# Before the name of a tag.
TAG_PREFIX = "tag:"
# The field of a ranked result that says whether it is all groups beside the largest.
OTHER = "other"

_CONTRACT_ORDER = [name for name in DIMENSIONS if name not in ("api_source", "quality")]
# The order of rows: the contract's (section 5), then what is beyond it; tags come last, by name.
ROW_ORDER: tuple[str, ...] = (
    *_CONTRACT_ORDER,
    LINE_ITEM,
    "api_source",
    "quality",
    PROVIDER,
    CURRENCY,
)


def tags_of(dimensions: Iterable[str]) -> set[str]:
    """The names of the tags among some dimensions."""
    return {name.removeprefix(TAG_PREFIX) for name in dimensions if name.startswith(TAG_PREFIX)}


def in_row_order(dimensions: Iterable[str]) -> tuple[str, ...]:
    """Dimensions in the order in which rows are sorted by them, each once."""
    places = {name: place for place, name in enumerate(ROW_ORDER)}
    return tuple(sorted(set(dimensions), key=lambda name: (places.get(name, len(places)), name)))


# Dimensions that an event of any kind may carry, whether or not its endpoint
# groups by them: cost per user is asked of every kind.
COMMON_DIMENSIONS = (
    "project_id",
    "user_id",
    "api_key_id",
    "model",
    "batch",
    "service_tier",
    "api_source",
)

# What makes a stocked thing one thing. The project belongs to it, so that the
# sums by project add up to the sum without grouping.
STOCK_IDENTITY = ("provider", "project_id", "vector_store_id")
