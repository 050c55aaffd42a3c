r"""Cells: a value in a table, as the JSON value that an event's field takes.

A file of rows knows text, or types of its own; the one gate for events reads
JSON. Between the two lies this rule, by the sort of field:

- text stays text;
- a count that is a number is written as a number, ``12.0`` as ``12``;
- a flag is ``true``, ``t`` or ``1``, ``false``, ``f`` or ``0``, in any case;
- a time is a number of Unix seconds (or of the unit that is named), or a date
  with or without a time and an offset; without an offset it is UTC;
- an object is JSON.

What does not fit is passed on as text, so that the gate refuses it with the
reason that it gives everyone. The rule is written here in Python, for
constants and for lines of JSON, and in SQL in ``cli/importing/sql.py``, for
tables; a property test holds the two equal.
"""

import re
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from tallybook.domain.instants import from_datetime

# Shared with the engine's regular expressions, so only what both read alike.
INTEGRAL = r"[+]?0*([0-9]+)([.]0*)?"
JSON_NUMBER = r"-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?"
TIME_NUMBER = r"-?(0|[1-9][0-9]*)([.][0-9]+)?"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?"
_OFFSET = r" UTC|Z|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?"
TIME_TEXT = rf"[12][0-9]{{3}}-[0-9]{{2}}-[0-9]{{2}}([ T]{_CLOCK}({_OFFSET})?)?"
TRUE, FALSE = ("true", "t", "1"), ("false", "f", "0")

_INTEGRAL, _JSON_NUMBER, _TIME_NUMBER, _TIME_TEXT = map(
    re.compile, (INTEGRAL, JSON_NUMBER, TIME_NUMBER, TIME_TEXT)
)
# Digits beyond the microsecond: cut off, never rounded into the next one.
_BEYOND_MICROSECONDS = re.compile(r"([.][0-9]{6})[0-9]+")
_SPACE = " "


class Sort(StrEnum):
    """What a field of an event holds, as far as a cell is concerned."""

    TEXT = "text"
    FLAG = "flag"
    COUNT = "count"
    TIME = "time"
    OBJECT = "object"


class TimeUnit(StrEnum):
    """What numeric times count."""

    SECONDS = "s"
    MILLISECONDS = "ms"
    MICROSECONDS = "us"

    @property
    def exponent(self) -> str:
        """What makes a JSON number of this unit one of seconds: exact, as no digit changes."""
        return {"s": "", "ms": "e-3", "us": "e-6"}[self.value]


def text_json(text: str) -> str:
    """Text as a JSON string."""
    return msgspec.json.encode(text).decode()


def cell_json(sort: Sort, text: str, unit: TimeUnit = TimeUnit.SECONDS) -> str:
    """The JSON of a cell's text for a field of this sort; a string when it does not fit."""
    if sort is Sort.COUNT:
        bare = _bare(text)
        number = found[1] if (found := _INTEGRAL.fullmatch(bare)) else bare
        return number if _JSON_NUMBER.fullmatch(number) else text_json(text)
    if sort is Sort.FLAG:
        name = _bare(text).lower()
        return "true" if name in TRUE else "false" if name in FALSE else text_json(text)
    if sort is Sort.TIME:
        return _time_json(text, unit)
    if sort is Sort.OBJECT:
        return _object_json(text)
    return text_json(text)


def _bare(text: str) -> str:
    return text.strip(_SPACE)


def _time_json(text: str, unit: TimeUnit) -> str:
    """A time as a number of seconds: exact to the microsecond."""
    bare = _bare(text)
    if _TIME_NUMBER.fullmatch(bare):
        return bare + unit.exponent
    if not _TIME_TEXT.fullmatch(bare):
        return text_json(text)
    try:
        moment = datetime.fromisoformat(_BEYOND_MICROSECONDS.sub(r"\1", bare.replace(" UTC", "Z")))
    except ValueError:
        return text_json(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return f"{from_datetime(aware)}e-6"


def _object_json(text: str) -> str:
    """A JSON object as it stands, on one line; anything else as text."""
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return text_json(text)
    if not isinstance(found, dict):
        return text_json(text)
    # Line ends are blanks here: within a JSON string they are written as \n.
    return text.replace("\n", " ").replace("\r", " ")
