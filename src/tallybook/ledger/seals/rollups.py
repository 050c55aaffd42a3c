"""The rollups: which sums of sealed spans are kept, and by what they are told apart.

A rollup's rows have the names of the columns of ``events``: ``time_us`` is the start of the hour
or day, a quantity is the sum of the events', so a query reads rollups and events alike. It is
answered from the leanest rollup that has all it asks for. Which of them earn their place was
measured: ``docs/decisions/0017-which-rollups-earn-their-place.md``.

Stocks are not sums: of each thing, hour and set of tags the largest sample is kept whole, and
of each thing and day the one that is charged.
"""

import hashlib
from collections.abc import Collection, Sequence
from enum import StrEnum

import msgspec

from tallybook.domain.buckets import BucketWidth
from tallybook.domain.charges import Charge
from tallybook.domain.definitions import Fold
from tallybook.domain.dimensions import CURRENCY, DIMENSIONS, PROVIDER, TAG_PREFIX, tags_of
from tallybook.domain.kinds import CHARGES, KINDS, QUANTITY_COLUMNS

HOUR, DAY = BucketWidth.HOUR, BucketWidth.DAY
# Those that seals are made of, the longer first.
SEALED_WIDTHS = (DAY, HOUR)

EVENTS = "events"
# Those that were voided, which nothing is summed of.
VOIDED_EVENTS = "voided_events"
# The names of rollups' tables begin with it, and no other's do.
PREFIX = "rollup_"
# The table that says which shape they have.
SHAPE = f"{PREFIX}shape"
HOUR_SAMPLES, DAY_SAMPLES = f"{PREFIX}hour_samples", f"{PREFIX}day_samples"

STOCKS: tuple[str, ...] = tuple(kind.name for kind in KINDS.values() if kind.fold is Fold.STOCK)
# The names of the charges that are made for stocks.
STOCK_CHARGES = frozenset(charge.name for name in STOCKS for charge in KINDS[name].charges)
_STOCK_COLUMNS = tuple(
    name for name in QUANTITY_COLUMNS if any(name in KINDS[stock].columns for stock in STOCKS)
)

# How many events a row is the sum of, and how many of them have a charge that nobody prices.
EVENT_COUNT, UNPRICED_COUNT = "events", "unpriced"
FLOW_COLUMNS: tuple[str, ...] = tuple(
    name for name in QUANTITY_COLUMNS if name not in _STOCK_COLUMNS
)
# What events owe for that is no column of theirs: of each event no less than nothing, so the sum
# of it is not the difference of the sums.
OWED: tuple[Charge, ...] = tuple(charge for charge in CHARGES.values() if charge.less)
SUM_COLUMNS: tuple[str, ...] = (
    EVENT_COUNT,
    UNPRICED_COUNT,
    *FLOW_COLUMNS,
    *(charge.name for charge in OWED),
)
# Quantity times unit price, in 10^-15 of the currency's unit: see ``CostRow``.
PRODUCT = "product"

# A sample is an event that matters: what there is to know of it, but for what was reported with it.
SAMPLE_COLUMNS: tuple[str, ...] = (
    "id",
    "time_us",
    "kind",
    PROVIDER,
    *DIMENSIONS,
    "tags",
    *_STOCK_COLUMNS,
    "rate_card",
)


class Measure(StrEnum):
    """What a rollup's rows hold."""

    # Quantities by kind and rate card: costs are a join with the rates, as of events.
    CARDS = "cards"
    # Quantities by kind.
    TOTALS = "totals"
    # Amounts, of all kinds of flows: rate cards never change, so the join can be kept.
    AMOUNTS = "amounts"


class Rollup(msgspec.Struct, frozen=True):
    """One table of sums by a width: the dimensions that its rows are told apart by.

    ``finer`` is the rollup of the same width that it is folded from; null: the events.
    """

    name: str
    width: BucketWidth
    measure: Measure
    dimensions: tuple[str, ...]
    finer: str | None

    @property
    def table(self) -> str:
        """The name of its table."""
        return f"{PREFIX}{self.name}"

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that tell its rows apart, beside the time and the kept tags."""
        return (*_KEYS[self.measure], *self.dimensions)

    @property
    def sums(self) -> tuple[str, ...]:
        """The columns that are sums."""
        return (PRODUCT,) if self.measure is Measure.AMOUNTS else SUM_COLUMNS


_KEYS = {
    Measure.CARDS: ("kind", "rate_card"),
    Measure.TOTALS: ("kind",),
    Measure.AMOUNTS: (CURRENCY, "stored"),
}

_PEOPLE = ("user_id", "api_key_id")
_EVERYTHING = (PROVIDER, *DIMENSIONS)
_MODELS_AND_PROJECTS = tuple(name for name in _EVERYTHING if name not in _PEOPLE)
_MODELS = tuple(name for name in _MODELS_AND_PROJECTS if name != "project_id")
_PROJECTS = (PROVIDER, "project_id")
_PERSONS = (*_PROJECTS, *_PEOPLE)

# Each after the one that it is folded from.
ROLLUPS: tuple[Rollup, ...] = (
    Rollup("hours_by_model_and_project", HOUR, Measure.CARDS, _MODELS_AND_PROJECTS, None),
    Rollup("hours_by_model", HOUR, Measure.CARDS, _MODELS, "hours_by_model_and_project"),
    Rollup("hour_totals_by_project", HOUR, Measure.TOTALS, _PROJECTS, "hours_by_model_and_project"),
    Rollup(
        "hour_amounts_by_project", HOUR, Measure.AMOUNTS, _PROJECTS, "hours_by_model_and_project"
    ),
    Rollup("days", DAY, Measure.CARDS, _EVERYTHING, None),
    Rollup("days_by_model_and_project", DAY, Measure.CARDS, _MODELS_AND_PROJECTS, "days"),
    Rollup("days_by_model", DAY, Measure.CARDS, _MODELS, "days_by_model_and_project"),
    Rollup("day_totals_by_person", DAY, Measure.TOTALS, _PERSONS, "days"),
    Rollup("day_totals_by_project", DAY, Measure.TOTALS, _PROJECTS, "day_totals_by_person"),
    Rollup("day_amounts_by_person", DAY, Measure.AMOUNTS, _PERSONS, "days"),
    Rollup("day_amounts_by_project", DAY, Measure.AMOUNTS, _PROJECTS, "day_amounts_by_person"),
)
BY_NAME = {rollup.name: rollup for rollup in ROLLUPS}

# Those of each width from the leanest to the richest, by the rows that were measured.
_BY_LEANNESS: tuple[Rollup, ...] = tuple(
    BY_NAME[name]
    for name in (
        "hours_by_model",
        "hour_amounts_by_project",
        "hour_totals_by_project",
        "hours_by_model_and_project",
        "days_by_model",
        "day_amounts_by_project",
        "day_totals_by_project",
        "day_amounts_by_person",
        "day_totals_by_person",
        "days_by_model_and_project",
        "days",
    )
)


def leanest(
    width: BucketWidth,
    measures: Collection[Measure],
    dimensions: Collection[str],
    kept_tags: Collection[str],
) -> Rollup | None:
    """The leanest rollup of a width that tells all of these dimensions apart; None when none does.

    A tag (``tag:team``) is told apart by every rollup when it is kept, and by none when it is not.
    """
    if not tags_of(dimensions) <= set(kept_tags):
        return None
    wanted = {name for name in dimensions if not name.startswith(TAG_PREFIX)}
    for rollup in _BY_LEANNESS:
        if rollup.width is width and rollup.measure in measures and wanted <= {*rollup.keys}:
            return rollup
    return None


def charged_column(charge: Charge) -> str:
    """The column of a rollup that holds what a charge is made for."""
    return charge.name if charge.less else charge.column


def shape(kept_tags: Sequence[str]) -> str:
    """A text that differs when rollups that are made otherwise would; the tags are sorted."""
    parts = [
        [[each.name, each.width, each.finer, each.keys, each.sums] for each in ROLLUPS],
        [[charge.name, charge.column, charge.less] for charge in OWED],
        [HOUR_SAMPLES, DAY_SAMPLES, SAMPLE_COLUMNS],
        kept_tags,
    ]
    return hashlib.blake2s(msgspec.json.encode(parts), digest_size=16).hexdigest()
