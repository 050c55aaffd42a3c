"""The properties of a class, read once from its annotations."""

import inspect
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec

from openapiopenai.documents.rules import MISSING, Path, Refused, Rule, rule_of

_NULLABLE = "nullable"

T = TypeVar("T")

# A property whose null is written as such; other optional ones are left out.
Nullable = Annotated[T | None, _NULLABLE]


class Field(msgspec.Struct, frozen=True):
    """One property. ``default`` is MISSING where there must be a value.

    ``optional`` ones may be None; of those the ``nullable`` are written as null
    when they were given, and the others are left out.
    """

    name: str
    rule: Rule
    default: Any
    optional: bool
    nullable: bool

    def read(self, value: Any, path: Path) -> Any:
        """What is kept of a value for this property. Raises Refused."""
        if value is None and self.optional:
            return None
        own = (*path, self.name)
        if value is MISSING:
            raise Refused(own, value, self.rule.words)
        return self.rule.read(value, own)

    @property
    def parameter(self) -> inspect.Parameter:
        """The property as a parameter of the constructor."""
        empty = self.default is MISSING
        return inspect.Parameter(
            self.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if empty else self.default,
        )


def field_of(name: str, hint: Any, default: Any) -> Field:
    """The property for an annotation; ``default`` is MISSING where there is none."""
    nullable = get_origin(hint) is Annotated and _NULLABLE in get_args(hint)
    plain = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    optional = get_origin(plain) in (Union, UnionType)
    if optional:
        (plain,) = (each for each in get_args(plain) if each is not NoneType)
    return Field(name, rule_of(plain), default, optional, nullable)
