"""The official client at the wheel: each answer is read strictly, by its own classes."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from operator import attrgetter
from typing import Any

from openai import AsyncOpenAI, DefaultAsyncHttpxClient, DefaultHttpxClient, OpenAI
from openai._base_client import BasePage
from openai._models import BaseModel

from support.server import ADMIN_KEY

# The envelope of lists, of which the client's classes of pages declare some.
_ENVELOPE = {"object", "data", "first_id", "last_id", "has_more"}


class Driver(ABC):
    """One form of the client; endpoints are named like ``projects.api_keys.list``."""

    @abstractmethod
    def __call__(self, endpoint: str, *arguments: Any, **more: Any) -> Any:
        """Call an endpoint; its answer, which has all that the class requires and no more."""

    @abstractmethod
    def every(self, endpoint: str, seen: Callable[[Any], None], **more: Any) -> list[Any]:
        """All that a list has, by the client's own iterator; ``seen`` is called with each."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the connections."""


class SyncDriver(Driver):
    """The synchronous client."""

    def __init__(self, address: str, key: str = ADMIN_KEY) -> None:
        self._client = OpenAI(
            base_url=f"{address}/v1",
            admin_api_key=key,
            max_retries=0,
            http_client=DefaultHttpxClient(trust_env=False),
        )

    def __call__(self, endpoint: str, *arguments: Any, **more: Any) -> Any:
        resource, _, method = endpoint.rpartition(".")
        raw = attrgetter(f"{resource}.with_raw_response.{method}")(self._organization)
        return read_strictly(raw(*arguments, **more))

    def every(self, endpoint: str, seen: Callable[[Any], None], **more: Any) -> list[Any]:
        found = []
        for each in attrgetter(endpoint)(self._organization)(**more):
            found.append(each)
            seen(each)
        return found

    def close(self) -> None:
        self._client.close()

    @property
    def _organization(self) -> Any:
        return self._client.admin.organization


class AsyncDriver(Driver):
    """The asynchronous client."""

    def __init__(self, address: str, key: str = ADMIN_KEY) -> None:
        self._runner = asyncio.Runner()
        self._client = AsyncOpenAI(
            base_url=f"{address}/v1",
            admin_api_key=key,
            max_retries=0,
            http_client=DefaultAsyncHttpxClient(trust_env=False),
        )

    def __call__(self, endpoint: str, *arguments: Any, **more: Any) -> Any:
        resource, _, method = endpoint.rpartition(".")
        raw = attrgetter(f"{resource}.with_raw_response.{method}")(self._organization)
        return read_strictly(self._run(raw(*arguments, **more)))

    def every(self, endpoint: str, seen: Callable[[Any], None], **more: Any) -> list[Any]:
        async def walk() -> list[Any]:
            found = []
            async for each in attrgetter(endpoint)(self._organization)(**more):
                found.append(each)
                await asyncio.to_thread(seen, each)
            return found

        return list(self._run(walk()))

    def close(self) -> None:
        self._run(self._client.close())
        self._runner.close()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(work)

    @property
    def _organization(self) -> Any:
        return self._client.admin.organization


def read_strictly(raw: Any) -> Any:
    """What an answer says, once strict validation finds nothing missing, wrong or strange in it.

    The client's own parsing is lenient, and would take a text for a number.
    """
    found = type(raw.parse()).model_validate_json(raw.content, strict=True)
    if isinstance(found, BasePage):
        assert {*(found.model_extra or {})} | found.model_fields_set == _ENVELOPE
        # One of several classes, which have this in common and declare it each.
        data: list[BaseModel] = attrgetter("data")(found)
        assert [extras(each) for each in data] == [set()] * len(data)
    else:
        assert extras(found) == set()
    return found


def extras(found: BaseModel) -> set[str]:
    """The fields of an answer that the client's classes do not declare, at any depth."""
    names = {*(found.model_extra or {})}
    for name in found.model_fields_set:
        value = getattr(found, name, None)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, BaseModel):
                names |= {f"{name}.{extra}" for extra in extras(each)}
    return names
