"""Query strings of the organization's routes, taken apart.

Lists are accepted as ``x[]=a&x[]=b``, ``x=a&x=b`` and ``x[0]=a``. Commas do not
part them: ids that people chose may have some.
"""

import re
from collections.abc import Collection

from starlette.requests import Request

from tallybook.domain.errors import InvalidValue
from tallybook.web.query_strings import Parameters, pairs_of

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
    for name, value in texts_of(request):
        array = _LIST.fullmatch(name)
        base = name if array is None else array["name"]
        if base in scalars:
            parameters.take_scalar(base, value, bracketed=name != base)
        elif base in arrays and value:
            parameters.take_items(base, [value])
    return parameters


def texts_of(request: Request) -> list[tuple[str, str]]:
    """The names and values of a query string, in order: texts that a database can hold.

    Raises InvalidValue.
    """
    pairs = pairs_of(request.scope["query_string"])
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
