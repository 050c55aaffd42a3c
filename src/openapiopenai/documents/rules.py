"""What a property may be: a rule from each type hint, as strict as the generated client.

An integer is never a float, a string or a boolean, whatever it would be equal to.
"""

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal, Protocol, Self, get_args, get_origin

import msgspec

from openapiopenai.documents.exact import number_of
from openapiopenai.documents.notation import shown

# Where a value stands in a document: names of properties and places in lists.
Path = tuple[str | int, ...]

MISSING: Any = msgspec.UNSET


class Refused(Exception):
    """A value is not what its rule asks for; whoever reads the document says of which class."""

    def __init__(self, path: Path, value: object, words: str) -> None:
        super().__init__(path, value, words)
        self._path, self._value, self._words = path, value, words

    def sentence(self, base: Path) -> str:
        """What is wrong, with the place as seen from ``base``."""
        name = dotted(self._path[len(base) :]) or "what was given"
        found = "missing" if self._value is MISSING else shown(self._value)
        return f"{name} is {found}, but must be {self._words}"


class Rule(Protocol):
    """Reads a value at a path: gives what is kept of it, or raises Refused."""

    @property
    def words(self) -> str:
        """What a value must be, for messages."""

    def read(self, value: Any, path: Path) -> Any:
        """What is kept of a value."""


class Readable(Protocol):
    """A class of objects that are read out of a document."""

    @classmethod
    def read(cls, value: Any, path: Path) -> Self:
        """The object for what stands at ``path``. Raises Refused, or ApiValueError from within."""


class Plain(msgspec.Struct, frozen=True):
    """A value of JSON's that stands for itself."""

    words: str
    accepts: Callable[[Any], bool]

    def read(self, value: Any, path: Path) -> Any:
        """The value as it is; a Decimal as JSON's number of its digits is read."""
        if not self.accepts(value):
            raise Refused(path, value, self.words)
        return number_of(value) if isinstance(value, Decimal) else value


class Constant(msgspec.Struct, frozen=True):
    """One string and no other."""

    value: str

    @property
    def words(self) -> str:
        """The string, quoted."""
        return shown(self.value)

    def read(self, value: Any, path: Path) -> Any:
        """The constant."""
        if value != self.value:
            raise Refused(path, value, self.words)
        return self.value


class Items(msgspec.Struct, frozen=True):
    """A list of what another rule reads."""

    rule: Rule

    @property
    def words(self) -> str:
        """What the list must be."""
        return f"a list, each of it {self.rule.words}"

    def read(self, value: Any, path: Path) -> Any:
        """A list of its own, with what is kept of each item."""
        if not isinstance(value, list):
            raise Refused(path, value, self.words)
        return [self.rule.read(item, (*path, place)) for place, item in enumerate(value)]


class Part(msgspec.Struct, frozen=True):
    """A document within a document."""

    cls: type[Readable]

    @property
    def words(self) -> str:
        """Which document."""
        return object_words(self.cls)

    def read(self, value: Any, path: Path) -> Any:
        """The document."""
        return self.cls.read(value, path)


def rule_of(hint: Any) -> Rule:
    """The rule for a type hint: a type of JSON's, a constant, a list, or a class of documents."""
    if hint in _PLAIN:
        return _PLAIN[hint]
    if get_origin(hint) is Literal:
        return Constant(*get_args(hint))
    if get_origin(hint) is list:
        return Items(rule_of(*get_args(hint)))
    return Part(hint)


def object_words(cls: type) -> str:
    """What a document of a class must be, for messages."""
    return f"an object ({cls.__name__})"


def dotted(path: Path) -> str:
    """A path as one writes it: ``data[0].result``."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")


def _is_number(value: object) -> bool:
    # A boolean is an int to Python; what is not finite cannot be written as JSON.
    number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return number and (isinstance(value, int) or math.isfinite(value))  # type: ignore[arg-type]


_PLAIN: dict[Any, Rule] = {
    str: Plain("a string", lambda value: isinstance(value, str)),
    int: Plain("an integer", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    bool: Plain("true or false", lambda value: isinstance(value, bool)),
    float: Plain("a finite number", _is_number),
}
