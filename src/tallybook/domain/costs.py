"""What costs can be asked for: by what to tell them apart, and which of them.

The contract's part is a handful of keys; beyond it everything that an event is
known by. ``docs/wire.md``, section 6.11.
"""

from tallybook.domain.definitions import PROVIDERS, Filter, Generation, GroupKey
from tallybook.domain.dimensions import CURRENCY, LINE_ITEM, ROW_ORDER
from tallybook.domain.kinds import KINDS

NAME = "costs"
PATH = "/organization/costs"
OBJECT = "organization.costs.result"

# The keys of the contract: these fields are in every result, null unless it is grouped by them.
GROUP_KEYS: tuple[GroupKey, ...] = (
    GroupKey("project_id"),
    GroupKey(LINE_ITEM),
    GroupKey("api_key_id", Generation.TARGET),
    GroupKey("user_id", Generation.LATEST),
    GroupKey("api_source", Generation.LATEST),
)
CONTRACT_KEYS: tuple[str, ...] = tuple(key.dimension for key in GROUP_KEYS)
# All that costs can be grouped by, and any tag.
GROUP_BY: tuple[str, ...] = ROW_ORDER

CONTRACT_FILTERS: tuple[Filter, ...] = (
    Filter("project_ids", "project_id"),
    Filter("api_key_ids", "api_key_id", since=Generation.TARGET),
    Filter("line_items", LINE_ITEM, since=Generation.LATEST),
)
_OWN_FILTERS = (PROVIDERS, Filter("currencies", CURRENCY))
_BY_NAME = {
    each.name: each
    for each in (
        *(filter_ for kind in KINDS.values() for filter_ in kind.filters),
        *_OWN_FILTERS,
        *CONTRACT_FILTERS,
    )
}
# What costs are ranked by.
AMOUNT = "amount"
RANKINGS: tuple[str, ...] = (AMOUNT,)

# The contract's, those of usage, and our own.
FILTERS: tuple[Filter, ...] = tuple(_BY_NAME.values())

# Line items have commas in their names (contract, section 3.4).
NEVER_SPLIT = frozenset({"line_items"})
