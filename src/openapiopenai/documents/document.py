"""The class that every model inherits: declare the properties, the rest follows."""

import inspect
from collections.abc import Mapping
from pprint import pformat
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform, get_type_hints

from openapiopenai.documents.fields import Field, field_of
from openapiopenai.documents.notation import decoded, encoded
from openapiopenai.documents.rules import MISSING, Constant, Path, Refused, object_words
from openapiopenai.exceptions import ApiAttributeError, ApiValueError


@dataclass_transform(kw_only_default=True)
class Document:
    """An object of the wire, with its properties as typed attributes.

    A class declares them by annotations: ``int`` must be there, ``int | None = None``
    need not be, ``Nullable[str] = None`` need not be and is written as null. Whatever
    else an object holds is kept in ``additional_properties`` and written back.

    ``_newer_names`` are names that a later generation of the wire has for a
    property: read like its own, and written beside it where they were read.

    Values are checked when an object is made and when an attribute is set: an
    ApiValueError, which is a ValueError, names each property, its value and the rule.
    """

    _fields: ClassVar[dict[str, Field]] = {}
    _newer_names: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls) -> None:
        hints = get_type_hints(cls, include_extras=True)
        cls._fields = {
            name: field_of(name, hint, getattr(cls, name, MISSING))
            for name, hint in hints.items()
            if not name.startswith("_")
        }
        parameters = [field.parameter for field in cls._fields.values()]
        cls.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]

    def __init__(self, /, **values: Any) -> None:
        vars(self).update(self._state(values, ()))

    @classmethod
    def from_json(cls, json_str: str | bytes | bytearray) -> Self:
        """The object that a JSON text holds. Raises ApiValueError."""
        return cls._from(decoded(json_str, cls.__name__))

    @classmethod
    def from_dict(cls, obj: Mapping[str, Any]) -> Self:
        """The object for a dictionary, as JSON would hold it. Raises ApiValueError."""
        return cls._from(obj)

    @classmethod
    def read(cls, value: Any, path: Path) -> Self:
        """The object for what stands at ``path`` of a larger one.

        Raises Refused for what is no object, ApiValueError for one that is not as declared.
        """
        if isinstance(value, cls):
            return value
        if not isinstance(value, Mapping):
            raise Refused(path, value, object_words(cls))
        document = cls.__new__(cls)
        vars(document).update(cls._state(value, path))
        # What was read has said of each nullable property what it is, null included.
        vars(document)["_given"] |= {field.name for field in cls._fields.values() if field.nullable}
        return document

    @classmethod
    def constant(cls, name: str) -> str:
        """The only value that a property may have. Raises TypeError for one that may have more."""
        rule = cls._fields[name].rule
        if not isinstance(rule, Constant):
            raise TypeError(f"{cls.__name__}.{name} is no constant")
        return rule.value

    @property
    def additional_properties(self) -> dict[str, Any]:
        """What the object holds beyond its declared properties; may be changed."""
        found: dict[str, Any] = vars(self)["_additional"]
        return found

    def to_dict(self) -> dict[str, Any]:
        """The object as a dictionary: without what is None, but for nulls that were given."""
        given: set[str] = vars(self)["_given"]
        written = {
            name: _written(getattr(self, name))
            for name, field in self._fields.items()
            if getattr(self, name) is not None or (field.nullable and name in given)
        }
        newer = {
            newer: written[name] for newer, name in self._newer_names.items() if newer in given
        }
        return written | newer | self.additional_properties

    def to_json(self) -> str:
        """The object as JSON, numbers with every digit that they were read with."""
        return encoded(self.to_dict())

    def to_str(self) -> str:
        """The object for people to read, with what is None."""
        return pformat(self.properties())

    def properties(self) -> dict[str, Any]:
        """Every declared property, None included, and the additional ones."""
        whole = {name: _whole(getattr(self, name)) for name in self._fields}
        return whole | self.additional_properties

    # Checkers look at what is declared; a __setattr__ would let misspelt names pass.
    if not TYPE_CHECKING:

        def __setattr__(self, name: str, value: Any) -> None:
            field = self._fields.get(self._newer_names.get(name, name))
            if field is None:
                raise ApiAttributeError(
                    f"{type(self).__name__} has no property {name}: set it in"
                    " additional_properties."
                )
            try:
                vars(self)[field.name] = field.read(value, ())
            except Refused as refused:
                raise _unacceptable(type(self), [refused.sentence(())], ()) from None
            vars(self)["_given"].add(name)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Document) or type(other) is not type(self):
            return NotImplemented
        return self.properties() == other.properties()

    # It can be changed, so it is no key of a dictionary.
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        named = {name: getattr(self, name) for name in self._fields} | self.additional_properties
        shown = ", ".join(f"{name}={value!r}" for name, value in named.items())
        return f"{type(self).__name__}({shown})"

    @classmethod
    def _from(cls, value: Any) -> Self:
        try:
            return cls.read(value, ())
        except Refused as refused:
            raise _unacceptable(cls, [refused.sentence(())], ()) from None

    @classmethod
    def _state(cls, values: Mapping[str, Any], path: Path) -> dict[str, Any]:
        """The attributes of an object with these values. Raises ApiValueError with all faults."""
        named, faults = cls._by_own_names(values)
        state: dict[str, Any] = {
            "_given": set(values),
            "_additional": {name: named[name] for name in named if name not in cls._fields},
        }
        for name, field in cls._fields.items():
            try:
                state[name] = field.read(named.get(name, field.default), path)
            except Refused as refused:
                faults.append(refused.sentence(path))
        if faults:
            raise _unacceptable(cls, faults, path)
        return state

    @classmethod
    def _by_own_names(cls, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """The values with newer names replaced, and what is wrong where two names differ."""
        named, faults = dict(values), []
        for newer, name in cls._newer_names.items():
            if newer in named:
                value = named.pop(newer)
                if named.setdefault(name, value) != value:
                    faults.append(f"{newer} and {name} differ, but must be the same by two names")
        return named, faults


def _unacceptable(cls: type, faults: list[str], path: Path) -> ApiValueError:
    return ApiValueError(f"{cls.__name__}: {'; '.join(faults)}", list(path) or None)


def _written(value: Any) -> Any:
    """A property as it is written: documents as dictionaries."""
    if isinstance(value, list):
        return [_written(item) for item in value]
    return value.to_dict() if hasattr(value, "to_dict") else value


def _whole(value: Any) -> Any:
    """A property with everything in it, None included."""
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return value.properties() if hasattr(value, "properties") else value
