"""What a kind is made of: the row type of the table of kinds, and the types of its cells."""

from enum import StrEnum

import msgspec

from tallybook.domain.charges import Charge
from tallybook.domain.dimensions import COMMON_DIMENSIONS, DIMENSIONS, PROVIDER, STOCK_IDENTITY

# Counts beyond this cannot be written as a JSON number that every client reads
# back exactly (IEEE 754 doubles, RFC 8259 section 6).
QUANTITY_MAX = 2**53 - 1

# The quantity that most kinds have.
REQUESTS = "num_model_requests"


class Generation(StrEnum):
    """When a part of the wire contract appeared; see ``docs/wire.md``, section 1."""

    FIRST = "2.3.0"
    TARGET = "2026-08"
    LATEST = "2026-11"
    # Beyond the contract: fields that only events have.
    OWN = "tallybook"


class Fold(StrEnum):
    """How the events of a bucket become one number."""

    # A flow: the bucket is the sum of its events.
    SUM = "sum"
    # A stock, sampled: the bucket is the sum, over the things that are
    # stocked, of the largest sample of each.
    STOCK = "stock"


class Split(StrEnum):
    """How an event's quantities become the disjoint ones that are stored."""

    # Each quantity is stored as it came, under its own or its only part's name.
    PLAIN = "plain"
    # Inclusive token counts are taken apart: ``domain/tokens.py``.
    TOKENS = "tokens"


class Quantity(msgspec.Struct, frozen=True):
    """A number that an event carries and a bucket sums.

    ``parts`` are the stored columns whose sum it is; a stored quantity is its own only part.
    ``scale`` is how many stored units make one unit of the wire (1,000,000 for seconds).
    """

    name: str
    unit: str
    parts: tuple[str, ...] = ()
    required: bool = False
    default: int = 0
    # Units on the wire; the largest value that one event may carry, inclusive.
    maximum: int = QUANTITY_MAX
    scale: int = 1
    since: Generation = Generation.FIRST
    on_wire: bool = True
    nullable: bool = False
    # The name of the same number in the 2.3.0 generation, where it differs.
    legacy_name: str | None = None
    format: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The stored columns that this quantity is the sum of."""
        return self.parts or (self.name,)

    @property
    def is_stored(self) -> bool:
        """Whether the ledger has a column of this name."""
        return self.columns == (self.name,)


class Filter(msgspec.Struct, frozen=True):
    """A query parameter that narrows a query to some values of one dimension."""

    name: str
    dimension: str
    # The accepted values; empty when any string is.
    values: tuple[str, ...] = ()
    since: Generation = Generation.FIRST

    @property
    def boolean(self) -> bool:
        """Whether the parameter is a single true or false instead of a list."""
        dimension = DIMENSIONS.get(self.dimension)
        return dimension is not None and dimension.boolean


# Beyond the contract: every event has a provider.
PROVIDERS = Filter("providers", PROVIDER)


class GroupKey(msgspec.Struct, frozen=True):
    """A dimension that a kind may be grouped by, and the generation that allowed it."""

    dimension: str
    since: Generation = Generation.FIRST


class PageLimit(msgspec.Struct, frozen=True):
    """How many buckets of one width a page holds: by default, and at most (inclusive)."""

    default: int
    maximum: int


class Kind(msgspec.Struct, frozen=True):
    """One family of usage: a row of the table."""

    name: str
    summary: str
    object: str
    quantities: tuple[Quantity, ...]
    group_by: tuple[GroupKey, ...]
    filters: tuple[Filter, ...]
    charges: tuple[Charge, ...]
    since: Generation = Generation.FIRST
    fold: Fold = Fold.SUM
    split: Split = Split.PLAIN
    # Dimensions that events of the kind carry and the contract's results do not have.
    own_dimensions: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The path of the usage endpoint below the API's base path ``/v1``."""
        return f"/organization/usage/{self.name}"

    @property
    def wire_quantities(self) -> tuple[Quantity, ...]:
        """The quantities of a result, in the wire's order."""
        return tuple(quantity for quantity in self.quantities if quantity.on_wire)

    @property
    def rankings(self) -> tuple[str, ...]:
        """The names of the quantities that groups can be ranked by: requests first, if any."""
        names = [quantity.name for quantity in self.wire_quantities]
        return tuple(sorted(names, key=lambda name: name != REQUESTS))

    @property
    def columns(self) -> tuple[str, ...]:
        """The stored columns of this kind: the union of its quantities' parts, in order."""
        return tuple(
            dict.fromkeys(column for quantity in self.quantities for column in quantity.columns)
        )

    def field_of(self, column: str) -> str:
        """The field of an event that a column of the ledger was filled from."""
        names = {quantity.name for quantity in self.quantities}
        totals = [quantity.name for quantity in self.quantities if column in quantity.columns]
        return column if column in names or not totals else totals[0]

    @property
    def event_dimensions(self) -> tuple[str, ...]:
        """The names of the dimensions that an event of this kind may carry."""
        stock = STOCK_IDENTITY[1:] if self.fold is Fold.STOCK else ()
        own = (*self.dimensions, *stock, *self.own_dimensions)
        return tuple(dict.fromkeys((*COMMON_DIMENSIONS, *own)))

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The names of the dimensions that results of this kind have, in the wire's order."""
        return tuple(key.dimension for key in self.group_by)

    @property
    def query_dimensions(self) -> tuple[str, ...]:
        """All that a query can group by, beside tags: the contract's dimensions and ours."""
        return (*self.dimensions, PROVIDER)

    @property
    def query_filters(self) -> tuple[Filter, ...]:
        """All that a query can be narrowed by, beside tags: the contract's filters and ours."""
        return (*self.filters, PROVIDERS)
