"""A plan as SQL: rows of a table in, events as lines of JSON out.

The columns of the table are ``c0``, ``c1``, … and ``n``, the row's number;
whatever the file calls them never becomes a part of a statement. Constants and
names of tags are bound. The rule for a cell is that of ``intake/cells.py``.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from tallybook.domain.dimensions import TAG_PREFIX
from tallybook.intake.cells import (
    FALSE,
    INTEGRAL,
    JSON_NUMBER,
    TIME_NUMBER,
    TIME_TEXT,
    TRUE,
    Sort,
    TimeUnit,
    cell_json,
    text_json,
)
from tallybook.intake.mapping import (
    COST_MEMBERS,
    DERIVED_ID_PREFIX,
    Plan,
    sort_of,
)


class Column(msgspec.Struct, frozen=True):
    """A column of the file: its name there, and its type in the engine's words."""

    name: str
    type: str


class Piece(msgspec.Struct, frozen=True):
    """A part of a statement, and the values of its placeholders, in order."""

    sql: str
    values: tuple[Any, ...] = ()


# Types that are a moment already, and how each becomes microseconds.
_MOMENTS = {
    "DATE": "epoch_us(CAST({0} AS TIMESTAMP))",
    "TIMESTAMP": "epoch_us({0})",
    "TIMESTAMP_S": "epoch_us({0})",
    "TIMESTAMP_MS": "epoch_us({0})",
    # epoch_us would round the nanoseconds into the next microsecond.
    "TIMESTAMP_NS": "(epoch_ns({0}) // 1000)",
    "TIMESTAMP WITH TIME ZONE": "epoch_us({0})",
}
_TEXTS = ("VARCHAR", "JSON")


def lines_statement(plan: Plan, columns: Sequence[Column], unit: TimeUnit, source: str) -> Piece:
    """The statement that gives one line of JSON, as bytes, for each row of ``source``.

    ``source`` is SQL for the rows with their columns, in the order of the file.
    """
    places = {column.name: (f"c{place}", column.type) for place, column in enumerate(columns)}
    members = [
        *_constants(plan, unit),
        *_id(plan, columns),
        *_fields(plan, places, unit),
        *_tags(plan, places),
        *_cost(plan, places),
    ]
    inner = ", ".join(member.sql for member in members)
    used = ", ".join(used_places(plan, columns))
    return Piece(
        f"SELECT encode(concat('{{', concat_ws(',', {inner}), '}}')) FROM"  # noqa: S608
        f" (SELECT {used}, row_number() OVER () AS n FROM {source})",
        tuple(value for member in members for value in member.values),
    )


def used_places(plan: Plan, columns: Sequence[Column]) -> list[str]:
    """The columns that the statement reads: all where ids are made of them, else those mapped."""
    mapped = set(plan.columns.values())
    return [
        f"c{place}"
        for place, column in enumerate(columns)
        if plan.derives_id or column.name in mapped
    ]


def _is_member(target: str) -> bool:
    return target.startswith(TAG_PREFIX) or target in COST_MEMBERS


def _constants(plan: Plan, unit: TimeUnit) -> list[Piece]:
    """The fields that are the same in every row, as one piece of text."""
    members = [
        f"{text_json(target)}:{cell_json(sort_of(target), value, unit)}"
        for target, value in plan.constants.items()
        if not _is_member(target)
    ]
    return [Piece("?", (",".join(members),))] if members else []


def _id(plan: Plan, columns: Sequence[Column]) -> list[Piece]:
    """An id made of all that the row holds and its number, where the file has none."""
    if not plan.derives_id:
        return []
    cells = ", ".join(f"CAST(c{place} AS VARCHAR)" for place in range(len(columns)))
    digest = f"md5(CAST(to_json([CAST(n AS VARCHAR), {cells}]) AS VARCHAR))"
    return [Piece(f"'\"id\":\"{DERIVED_ID_PREFIX}' || {digest} || '\"'")]


def _fields(plan: Plan, places: dict[str, tuple[str, str]], unit: TimeUnit) -> list[Piece]:
    """The fields that a column fills; nothing where the cell is empty."""
    pieces = []
    for target, column in plan.columns.items():
        if not _is_member(target):
            place, type_ = places[column]
            value = _CELLS[sort_of(target)](place, type_, unit)
            # A target that is not a member is a field of the table of kinds.
            pieces.append(
                Piece(f"CASE WHEN {place} IS NOT NULL THEN '\"{target}\":' || {value} END")
            )
    return pieces


def _tags(plan: Plan, places: dict[str, tuple[str, str]]) -> list[Piece]:
    members = [
        Piece("?", (f"{_tag_name(target)}:{text_json(value)}",))
        for target, value in plan.constants.items()
        if target.startswith(TAG_PREFIX)
    ]
    for target, column in plan.columns.items():
        if target.startswith(TAG_PREFIX):
            place, type_ = places[column]
            value = _text_cell(place, type_, TimeUnit.SECONDS)
            members.append(
                Piece(
                    f"CASE WHEN {place} IS NOT NULL THEN ? || {value} END",
                    (f"{_tag_name(target)}:",),
                )
            )
    if not members:
        return []
    inner = ", ".join(member.sql for member in members)
    return [
        Piece(
            f"'\"tags\":{{' || concat_ws(',', {inner}) || '}}'",
            tuple(value for member in members for value in member.values),
        )
    ]


def _tag_name(target: str) -> str:
    return text_json(target.removeprefix(TAG_PREFIX))


def _cost(plan: Plan, places: dict[str, tuple[str, str]]) -> list[Piece]:
    """What the source said that the event cost; nothing where it said nothing."""
    if COST_MEMBERS[0] not in plan.columns and COST_MEMBERS[0] not in plan.constants:
        return []
    value, currency = (_cost_member(plan, places, target) for target in COST_MEMBERS)
    # Without a currency the gate refuses the row, instead of a cost lost in silence.
    return [
        Piece(
            f'\'"reported_cost":{{"value":\' || {value.sql}'
            f" || ',\"currency\":' || coalesce({currency.sql}, 'null') || '}}'",
            (*value.values, *currency.values),
        )
    ]


def _cost_member(plan: Plan, places: dict[str, tuple[str, str]], target: str) -> Piece:
    if target in plan.constants:
        return Piece("?", (text_json(plan.constants[target]),))
    place, type_ = places[plan.columns[target]]
    value = _text_cell(place, type_, TimeUnit.SECONDS)
    return Piece(f"CASE WHEN {place} IS NOT NULL THEN {value} END")


def _text(place: str, type_: str) -> str:
    return place if type_ == "VARCHAR" else f"CAST({place} AS VARCHAR)"


def _quoted(text: str) -> str:
    return f"CAST(to_json({text}) AS VARCHAR)"


def _text_cell(place: str, type_: str, _unit: TimeUnit) -> str:
    return _quoted(_text(place, type_))


def _count_cell(place: str, type_: str, _unit: TimeUnit) -> str:
    text = _text(place, type_)
    number = f"regexp_replace(trim({text}), '^{INTEGRAL}$', '\\1')"
    # The first branch is nearly always the one, and ten times as fast as the expressions.
    return (
        f"CASE WHEN CAST(TRY_CAST({text} AS BIGINT) AS VARCHAR) = {text} THEN {text}"
        f" WHEN regexp_full_match({number}, '{JSON_NUMBER}') THEN {number}"
        f" ELSE {_quoted(text)} END"
    )


def _flag_cell(place: str, type_: str, _unit: TimeUnit) -> str:
    text = _text(place, type_)
    name = f"lower(trim({text}))"
    true, false = (", ".join(f"'{name}'" for name in names) for names in (TRUE, FALSE))
    return (
        f"CASE WHEN {name} IN ({true}) THEN 'true' WHEN {name} IN ({false}) THEN 'false'"
        f" ELSE {_quoted(text)} END"
    )


def _time_cell(place: str, type_: str, unit: TimeUnit) -> str:
    if moment := _MOMENTS.get(type_):
        return f"CAST({moment.format(place)} AS VARCHAR) || 'e-6'"
    text = _text(place, type_)
    # Not as TIMESTAMP: that cast passes over an offset without a word.
    moment = f"TRY_CAST(trim({text}) AS TIMESTAMPTZ)"
    return (
        f"CASE WHEN regexp_full_match(trim({text}), '{TIME_NUMBER}')"
        f" THEN trim({text}) || '{unit.exponent}'"
        f" WHEN regexp_full_match(trim({text}), '{TIME_TEXT}') AND {moment} IS NOT NULL"
        f" THEN CAST(epoch_us({moment}) AS VARCHAR) || 'e-6'"
        f" ELSE {_quoted(text)} END"
    )


def _object_cell(place: str, type_: str, _unit: TimeUnit) -> str:
    if type_ not in _TEXTS:
        # A structure has all its members in every row; those without a value are left out.
        return f"CAST(json_merge_patch('{{}}', to_json({place})) AS VARCHAR)"
    text = _text(place, type_)
    # As it stands but for line ends, which are blanks here: within a JSON string they are \n.
    line = f"translate({text}, chr(10) || chr(13), '  ')"
    return (
        f"CASE WHEN NOT json_valid({text}) THEN {_quoted(text)}"
        f" WHEN json_type({text}) = 'OBJECT' THEN {line} ELSE {_quoted(text)} END"
    )


_CELLS: dict[Sort, Callable[[str, str, TimeUnit], str]] = {
    Sort.TEXT: _text_cell,
    Sort.COUNT: _count_cell,
    Sort.FLAG: _flag_cell,
    Sort.TIME: _time_cell,
    Sort.OBJECT: _object_cell,
}
