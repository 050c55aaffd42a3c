"""JSON bodies, decoded field by field: a fault names the field that has it."""

from typing import Any, TypeVar

import msgspec
from starlette.requests import Request

from tallybook.domain.errors import (
    InvalidType,
    InvalidValue,
    MalformedBody,
    MissingParameter,
    UnknownParameter,
)
from tallybook.web.small_bodies import small_body

# A handful of fields, of which the largest is a list of projects; inclusive.
BODY_BYTES_MAX = 64 << 10

T = TypeVar("T", bound=msgspec.Struct)

_decode = msgspec.json.Decoder(dict[str, Any]).decode


async def body_of(request: Request, shape: type[T]) -> T:
    """The body of a request as ``shape``. Raises a RequestError whose ``param`` names the field."""
    too_large = f"A body takes at most {BODY_BYTES_MAX} bytes here; nothing was changed."
    return read_body(await small_body(request, BODY_BYTES_MAX, too_large), shape)


def read_body(body: bytes, shape: type[T]) -> T:
    """JSON as ``shape``, whose fields are all that it may have.

    Raises MalformedBody, MissingParameter, UnknownParameter, InvalidType, and
    InvalidValue for text with a NUL character, which no database keeps.
    """
    try:
        values = _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise MalformedBody(f"The body is not a JSON object: {fault}.") from fault
    fields = {field.encode_name: field for field in msgspec.structs.fields(shape)}
    for name in values:
        if name not in fields:
            known = ", ".join(fields)
            raise UnknownParameter(
                f"{name[:60]} is not a field of this body; its fields are {known}.",
                param=name[:60],
            )
    for name, field in fields.items():
        if name not in values and field.required:
            raise MissingParameter(f"{name} is required.", param=name)
    return shape(
        **{fields[name].name: _value(name, value, fields[name]) for name, value in values.items()}
    )


def _value(name: str, value: Any, field: msgspec.structs.FieldInfo) -> Any:
    try:
        converted = msgspec.convert(value, field.type)
    except msgspec.ValidationError as fault:
        raise InvalidType(f"{name} is of the wrong type: {fault}.", param=name) from fault
    texts = converted if isinstance(converted, list) else [converted]
    if any(isinstance(text, str) and "\0" in text for text in texts):
        raise InvalidValue(f"{name} has a NUL character.", param=name)
    return converted
