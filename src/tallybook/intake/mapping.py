"""Mappings: which column of a file fills which field of an event.

A file's columns, and what a person says about them, become a plan, or a fault
that lists what there is. No column is lost in silence: each one is mapped, has
the name of a field, or is left out by name.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches

import msgspec

from tallybook.domain.dimensions import DIMENSIONS, TAG_PREFIX
from tallybook.domain.events import EVENT_TYPES, Event
from tallybook.domain.kinds import KINDS
from tallybook.intake.cells import Sort

COST_MEMBERS = ("reported_cost.value", "reported_cost.currency")
# Every row that has no id of its own gets one with this prefix.
DERIVED_ID_PREFIX = "imp_"

_SORTS = {"time": Sort.TIME, "tags": Sort.OBJECT, "reported_cost": Sort.OBJECT}
_FLAGS = {name for name, dimension in DIMENSIONS.items() if dimension.boolean}
_COUNTS = {quantity.name for kind in KINDS.values() for quantity in kind.quantities}


class InvalidMapping(ValueError):
    """A mapping that does not fit the events or the file."""


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What a person said about the columns of their files, by the name of a target.

    A target is an event's field, ``tag:NAME``, or a member of ``reported_cost``.
    """

    columns: dict[str, str]
    constants: dict[str, str]
    ignored: frozenset[str] = frozenset()
    only_mapped: bool = False


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What fills each target: a column, a constant, or for ``id`` the row itself."""

    columns: dict[str, str]
    constants: dict[str, str]
    ignored: frozenset[str]
    only_mapped: bool
    derives_id: bool

    @property
    def is_verbatim(self) -> bool:
        """Whether rows that are events already can pass as they are."""
        renamed = any(target != column for target, column in self.columns.items())
        left_out = self.ignored or self.only_mapped
        return not (renamed or self.constants or left_out or self.derives_id)


# Of rows that pass as they are.
VERBATIM = Plan(columns={}, constants={}, ignored=frozenset(), only_mapped=False, derives_id=False)


def sort_of(target: str) -> Sort:
    """What a target holds; members of objects are text."""
    if target in _SORTS:
        return _SORTS[target]
    if target in _FLAGS:
        return Sort.FLAG
    return Sort.COUNT if target in _COUNTS else Sort.TEXT


def read_wishes(
    mapped: Iterable[str], fixed: Iterable[str], ignored: Iterable[str], *, only_mapped: bool
) -> Wishes:
    """What ``--map TARGET=COLUMN``, ``--set TARGET=VALUE`` and the like say.

    Raises InvalidMapping when one has no ``=``, or a target is given twice.
    """
    columns, constants = _pairs("--map", "COLUMN", mapped), _pairs("--set", "VALUE", fixed)
    if twice := sorted(columns.keys() & constants.keys()):
        raise InvalidMapping(f"{twice[0]} is given by --map and by --set; keep one of them.")
    kind = constants.get("kind")
    if kind is not None and kind not in KINDS:
        raise InvalidMapping(f'kind is "{kind}"; it must be one of {", ".join(KINDS)}.')
    for target in (*columns, *constants):
        _check_target(target, kind)
    _check_objects({*columns, *constants})
    return Wishes(
        columns=columns,
        constants=constants,
        ignored=frozenset(ignored),
        only_mapped=only_mapped,
    )


def _pairs(option: str, right: str, texts: Iterable[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts:
        target, separator, value = text.partition("=")
        target = target.strip()
        if not separator or not target or not value:
            raise InvalidMapping(f'{option} is "{text}"; it must be FIELD={right}.')
        if target in pairs:
            raise InvalidMapping(f"{option} names {target} twice; keep one of them.")
        pairs[target] = value
    return pairs


def fields_of(kind: str | None) -> tuple[str, ...]:
    """The fields of events of a kind, or of any kind."""
    types = EVENT_TYPES.values() if kind is None else (EVENT_TYPES[kind],)
    names = (field.name for type_ in types for field in msgspec.structs.fields(type_))
    return tuple(dict.fromkeys(("id", "time", "kind", *names)))


def _check_target(target: str, kind: str | None) -> None:
    """Raise InvalidMapping when events have no such field."""
    known = (*fields_of(kind), *COST_MEMBERS)
    if target in known or (target.startswith(TAG_PREFIX) and target != TAG_PREFIX):
        return
    whose = f"{kind} events" if kind else "any event"
    close = get_close_matches(target, known, 1)
    raise InvalidMapping(
        f'"{target}" is not a field of {whose}{f"; did you mean {close[0]}?" if close else "."}'
        f" The fields are {', '.join(known)} and {TAG_PREFIX}NAME."
    )


def _check_objects(targets: set[str]) -> None:
    """An object is given whole or by its members, and a cost with its currency."""
    members = {
        "tags": {target for target in targets if target.startswith(TAG_PREFIX)},
        "reported_cost": targets.intersection(COST_MEMBERS),
    }
    for whole, given in members.items():
        if whole in targets and given:
            raise InvalidMapping(f"{whole} is given whole and as {min(given)}; keep one of them.")
    if len(members["reported_cost"]) == 1:
        raise InvalidMapping(f"{' and '.join(COST_MEMBERS)} belong together; give both.")


def plan_mapping(wishes: Wishes, columns: Sequence[str], whole: str) -> Plan:
    """The plan for a file with these columns; ``whole`` names the file in faults.

    Raises InvalidMapping: a column that is not there, one that nothing says
    what to do with, or a field that every event needs and nothing fills.
    """
    _check_columns(wishes, columns, whole)
    mapped = set(wishes.columns.values())
    kind = wishes.constants.get("kind")
    known = fields_of(kind)
    ignored = set(wishes.ignored)
    own: dict[str, str] = {}
    strange: list[str] = []
    for column in columns:
        if column in mapped or column in ignored:
            continue
        if wishes.only_mapped:
            ignored.add(column)
        elif column not in known:
            strange.append(column)
        elif column in wishes.columns or column in wishes.constants:
            raise InvalidMapping(
                f"{whole} has a column {column} of its own, but another value is given for it."
                f" Add --ignore {column} to leave the column out."
            )
        else:
            own[column] = column
    if strange:
        raise InvalidMapping(_about_strange(strange, whole, kind))
    _check_objects({*own, *wishes.columns, *wishes.constants})
    filled = {*own, *wishes.columns, *wishes.constants}
    _check_required(filled, kind, columns, whole)
    return Plan(
        columns=own | wishes.columns,
        constants=wishes.constants,
        ignored=frozenset(ignored),
        only_mapped=wishes.only_mapped,
        derives_id="id" not in filled,
    )


def _check_columns(wishes: Wishes, columns: Sequence[str], whole: str) -> None:
    twice = [column for column, count in Counter(columns).items() if count > 1]
    if twice:
        raise InvalidMapping(f"{whole} has more than one column {_quoted(twice)}; rename them.")
    for column in (*wishes.columns.values(), *wishes.ignored):
        if column not in columns:
            raise InvalidMapping(
                f'{whole} has no column "{column}"; its columns are {_quoted(columns)}.'
            )


def _about_strange(strange: Sequence[str], whole: str, kind: str | None) -> str:
    first = strange[0]
    return (
        f"{whole} has columns that are not fields of {f'{kind} events' if kind else 'any event'}:"
        f" {_quoted(strange)}. For each, say which field it fills (--map FIELD={first}) or leave it"
        f" out (--ignore {first}); or take only what is mapped (--only-mapped)."
    )


def _check_required(
    filled: Collection[str], kind: str | None, columns: Sequence[str], whole: str
) -> None:
    event = Event if kind is None else EVENT_TYPES[kind]
    needed = ["time", "kind", *(f.name for f in msgspec.structs.fields(event) if f.required)]
    for name in dict.fromkeys(needed):
        if name not in filled and name != "id":
            value = f"one of {', '.join(KINDS)}" if name == "kind" else "VALUE"
            raise InvalidMapping(
                f"Nothing fills {name}, which every event needs: say which column of {whole} does"
                f" (--map {name}=COLUMN) or what it always is (--set {name}={value}). The columns"
                f" are {_quoted(columns)}."
            )


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
