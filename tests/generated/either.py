"""Does what it is told with whichever ``openapiopenai`` its path leads to.

A process of its own, because the generated client and ours have one name. Each
line that it reads is a task as JSON, ``[function, arguments…]``, and each line
that it writes is what came of it: ``{"gave": …}`` or ``{"raised": [class and its
parents], "text": …}``. Nothing but the standard library and the client is used.
"""

import importlib
import inspect
import json
import sys
from collections.abc import Callable
from typing import Any


def read(class_: str, text: str) -> dict[str, Any]:
    """What an object that was read from JSON holds and writes."""
    return _told(_class(class_).from_json(text))


def read_dict(class_: str, text: str) -> dict[str, Any]:
    """The same for a dictionary."""
    return _told(_class(class_).from_dict(json.loads(text)))


def made(class_: str, text: str) -> dict[str, Any]:
    """The same for an object that was made with these keywords."""
    return _told(_class(class_)(**json.loads(text)))


def changed(class_: str, text: str, name: str, value: str) -> dict[str, Any]:
    """The same after an attribute was set."""
    found = _class(class_).from_json(text)
    setattr(found, name, json.loads(value))
    return _told(found)


def chosen(text: str) -> dict[str, Any]:
    """A row: the class that was chosen, its properties, and what is written."""
    row = _class("UsageTimeBucketResultInner").from_json(text)
    again = type(row).from_json(row.to_json())
    by_dict = type(row).from_dict(row.to_dict())
    result = row.actual_instance
    names = inspect.signature(type(result)).parameters
    return {
        "class": type(result).__name__,
        "properties": {name: repr(getattr(result, name)) for name in names},
        "dict": row.to_dict(),
        "json": row.to_json(),
        "to_str": result.to_str(),
        "equal": [row == again, row == by_dict, row == type(row)(result)],
    }


def constructor(class_: str) -> dict[str, list[str]]:
    """The parameters of a constructor, each with its kind and its default."""
    return _parameters(_class(class_))


def method(class_: str, name: str) -> list[list[str]]:
    """The parameters of a method in their order, each with its kind and its default."""
    found = _parameters(getattr(_class(class_)(None), name))
    return [[key, *rest] for key, rest in found.items()]


def path(module: str, name: str) -> str:
    """What a module has under a name."""
    found = getattr(importlib.import_module(module), name)
    return f"{found.__module__}.{found.__name__}" if inspect.isclass(found) else repr(found)


def parents(name: str) -> list[str]:
    """The class of an exception and those above it."""
    return _ancestors(getattr(importlib.import_module("openapiopenai.exceptions"), name))


def asked(host: str, settings: dict[str, Any], operation: str, arguments: dict[str, Any]) -> Any:
    """What an operation gives: the page, with status when it came with it, or the body."""
    package = importlib.import_module("openapiopenai")
    configuration = package.Configuration(host=host, retries=0, **settings)
    # JSON has no pairs.
    if isinstance(arguments.get("_request_timeout"), list):
        arguments |= {"_request_timeout": tuple(arguments["_request_timeout"])}
    with package.ApiClient(configuration) as client:
        client.set_default_header("X-Default", "yes")
        found = getattr(package.UsageApi(client), operation)(**arguments)
        if operation.endswith("_with_http_info"):
            kind = found.headers["content-type"]
            return [found.status_code, kind, found.data.to_dict(), found.raw_data.decode()]
        if operation.endswith("_without_preload_content"):
            return [found.status, found.reason, found.data.decode(), found.headers["Content-Type"]]
        return found.to_dict()


def refused(host: str, settings: dict[str, Any], operation: str, arguments: Any) -> Any:
    """What the exception of an operation has."""
    package = importlib.import_module("openapiopenai")
    try:
        asked(host, settings, operation, arguments)
    except package.ApiException as fault:
        return [
            type(fault).__name__,
            fault.status,
            fault.reason,
            json.loads(fault.body),
            fault.data,
            str(fault).splitlines()[:2],
        ]
    raise AssertionError("nothing was raised")


def _class(name: str) -> Any:
    return getattr(importlib.import_module("openapiopenai"), name)


def _told(found: Any) -> dict[str, Any]:
    return {"dict": found.to_dict(), "json": found.to_json()}


def _parameters(callable_: Callable[..., Any]) -> dict[str, list[str]]:
    return {
        name: [each.kind.name, "" if each.default is each.empty else repr(each.default)]
        for name, each in inspect.signature(callable_).parameters.items()
    }


def _ancestors(class_: type) -> list[str]:
    return [each.__name__ for each in class_.__mro__]


def answer(task: list[Any]) -> dict[str, Any]:
    """What came of a task."""
    name, *arguments = task
    try:
        return {"gave": globals()[name](*arguments)}
    except Exception as fault:
        return {"raised": _ancestors(type(fault)), "text": str(fault)}


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()
