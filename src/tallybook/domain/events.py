"""Events: one metered fact each, as frozen structs tagged by ``kind``.

The structs are made from the table of kinds. An event's field means exactly
what the usage result's field of the same name means, so a bucket is the sum of
its events. Types, lengths and ranges are part of the types and are checked
while the bytes are decoded; what needs more than one field is checked when the
event becomes an entry (``domain/entries.py``).
"""

from datetime import datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal, cast

import msgspec
from msgspec import Meta

from tallybook.domain.definitions import Kind, Quantity
from tallybook.domain.dimensions import DIMENSIONS
from tallybook.domain.kinds import KINDS

# Characters (code points), inclusive.
NAME_LENGTH_MAX = 200
TAG_NAME_LENGTH_MAX = 64
TAG_VALUE_LENGTH_MAX = 256
TAGS_MAX = 16

DEFAULT_PROVIDER = "openai"

Name = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH_MAX)]
TagName = Annotated[str, Meta(min_length=1, max_length=TAG_NAME_LENGTH_MAX)]
TagValue = Annotated[str, Meta(max_length=TAG_VALUE_LENGTH_MAX)]
Tags = Annotated[dict[TagName, TagValue], Meta(max_length=TAGS_MAX)]
# Unix seconds, a fraction allowed, or RFC 3339 with an offset.
Moment = int | float | Annotated[datetime, Meta(tz=True)]


class ReportedCost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the source said that the event cost: kept beside our price, never instead of it."""

    # Major units of the currency, not negative, at most 15 decimals.
    value: Decimal
    # Lowercase ISO 4217.
    currency: Annotated[str, Meta(pattern="^[a-z]{3}$")]


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What every event carries. Identity is ``(id, time)``."""

    id: Name
    # When the provider accepted the request.
    time: Moment
    provider: Name = DEFAULT_PROVIDER
    tags: Tags | None = None
    reported_cost: ReportedCost | None = None


def _dimension_type(name: str) -> Any:
    """A boolean, one of the dimension's values, or any name; null unless it is a boolean."""
    dimension = DIMENSIONS[name]
    if dimension.boolean:
        return bool
    return (Literal[dimension.values] if dimension.values else Name) | None


def _quantity_type(quantity: Quantity) -> Any:
    """A count within its bounds; with a fraction where stored units are finer than the wire's."""
    bounds = Meta(ge=0, le=quantity.maximum)
    count: Any = Annotated[int, bounds]
    return count | Annotated[float, bounds] if quantity.scale > 1 else count


def _quantity_field(quantity: Quantity) -> tuple[str, Any] | tuple[str, Any, Any]:
    """The field of a quantity; null and absent mean the same where it may be left out."""
    if quantity.required and not quantity.default:
        return quantity.name, _quantity_type(quantity)
    default = quantity.default if quantity.default else None
    return quantity.name, _quantity_type(quantity) | None, default


def _struct_of(kind: Kind) -> type[Event]:
    """The event type of a kind.

    Columns that the kind has no field for are plain class attributes (None),
    so that one attribute getter serves every kind.
    """
    dimensions = [
        (name, _dimension_type(name), False if DIMENSIONS[name].boolean else None)
        for name in kind.event_dimensions
    ]
    own = {*kind.event_dimensions}
    struct = msgspec.defstruct(
        "".join(word.capitalize() for word in kind.name.split("_")) + "Event",
        [*dimensions, *(_quantity_field(quantity) for quantity in kind.quantities)],
        bases=(Event,),
        namespace={name: None for name in DIMENSIONS if name not in own}
        | {"__doc__": f"An event of kind ``{kind.name}``: {kind.summary}."},
        module=__name__,
        tag_field="kind",
        tag=kind.name,
        frozen=True,
        gc=False,
        kw_only=True,
        forbid_unknown_fields=True,
    )
    return cast(type[Event], struct)


EVENT_TYPES: dict[str, type[Event]] = {name: _struct_of(kind) for name, kind in KINDS.items()}

# The type to decode: the union of all event types, told apart by ``kind``.
AnyEvent: Any = reduce(or_, EVENT_TYPES.values())
