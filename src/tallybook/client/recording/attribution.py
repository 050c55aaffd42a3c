"""Whose requests these are: what a part of a program says of all events recorded in it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

# Fields of events; tags are under ``tags``.
Fields = Mapping[str, object]

_NONE: Fields = MappingProxyType({})
_current: ContextVar[Fields] = ContextVar("tallybook_attribution", default=_NONE)


@contextmanager
def attribution(
    *,
    project_id: str | None = None,
    user_id: str | None = None,
    api_key_id: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Events that are recorded in the block get these fields, where they have none of their own.

    Blocks inside say more, and go first. Threads begin without; tasks of
    asyncio have what was said where they were made. Tags are joined by name.
    """
    said = {"project_id": project_id, "user_id": user_id, "api_key_id": api_key_id, "tags": tags}
    inner = {name: value for name, value in said.items() if value is not None}
    if tags is not None:
        # As they are now: the mapping is the caller's.
        inner["tags"] = dict(tags)
    token = _current.set(merged(_current.get(), inner))
    try:
        yield
    finally:
        _current.reset(token)


def current() -> Fields:
    """What is said of events here."""
    return _current.get()


def merged(outer: Fields, inner: Fields) -> Fields:
    """The fields of both: the inner ones go first, tags by name. Null says nothing."""
    if not outer or not inner:
        return inner or outer
    fields = {**outer, **{name: value for name, value in inner.items() if value is not None}}
    tags, more = outer.get("tags"), inner.get("tags")
    if isinstance(tags, Mapping) and isinstance(more, Mapping):
        fields["tags"] = {**tags, **more}
    return fields
