"""Query strings of the organization's routes, taken apart.

Lists are accepted as ``x[]=a&x[]=b``, ``x=a&x=b`` and ``x[0]=a``. Commas do not
part them: ids that people chose may have some.
"""

import re
from collections.abc import Collection
from urllib.parse import parse_qsl

from starlette.requests import Request

from tallybook.domain.errors import InvalidType, InvalidValue
from tallybook.web.parameters import Parameters

# What adds to an answer what is beyond the contract.
INCLUDE = "include"

_LIST = re.compile(r"(?P<name>[^\[\]]+)(?:\[\d*\])?")
_BOOLEANS = {"": False, "false": False, "true": True}


def read_query(
    request: Request, scalars: Collection[str], arrays: Collection[str] = ()
) -> Parameters:
    """The parameters of a request that its route has; others are passed over.

    Raises InvalidType for one value that is given twice, and InvalidValue for
    what no text can be.
    """
    parameters = Parameters({}, {})
    for name, value in pairs_of(request):
        array = _LIST.fullmatch(name)
        if name in scalars:
            if parameters.scalars.setdefault(name, value) != value:
                raise InvalidType(f"{name} is given twice, with different values.", param=name)
        elif array is not None and array["name"] in arrays and value:
            parameters.arrays.setdefault(array["name"], []).append(value)
        elif array is not None and array["name"] in scalars:
            raise InvalidType(f"{array['name']} takes one value, not a list.", param=array["name"])
    return parameters


def pairs_of(request: Request) -> list[tuple[str, str]]:
    """The names and values of a query string, in order. Raises InvalidValue."""
    try:
        query = request.scope["query_string"].decode()
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict")
    except (UnicodeDecodeError, ValueError) as fault:
        raise InvalidValue(f"The query string is not percent-encoded UTF-8: {fault}.") from fault
    for name, value in pairs:
        if "\0" in value:
            raise InvalidValue(f"{name[:60]} has a NUL character.", param=name[:60])
    return pairs


def boolean(parameters: Parameters, name: str) -> bool:
    """A scalar that is true or false in any letter case; false when absent. Raises InvalidValue."""
    text = parameters.scalars.get(name, "")
    if text.lower() not in _BOOLEANS:
        raise InvalidValue(f"{name} is {text[:60]!r}, but it must be true or false.", param=name)
    return _BOOLEANS[text.lower()]


def choice(parameters: Parameters, name: str, choices: Collection[str], default: str) -> str:
    """A scalar that is one of some words. Raises InvalidValue."""
    text = parameters.scalars.get(name) or default
    if text not in choices:
        raise InvalidValue(
            f"{name} is {text[:60]!r}, but it must be one of {', '.join(choices)}.", param=name
        )
    return text


def included(parameters: Parameters, *known: str) -> frozenset[str]:
    """What ``include[]`` asks to be added to an answer. Raises InvalidValue."""
    asked = parameters.arrays.get(INCLUDE, [])
    for name in asked:
        if name not in known:
            raise InvalidValue(
                f"{INCLUDE} is {name[:60]!r}, but it must be one of {', '.join(known)}.",
                param=INCLUDE,
            )
    return frozenset(asked)
