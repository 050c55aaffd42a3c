"""Either client, driven alike, so that every test holds both to its promise."""

import asyncio
from collections.abc import Callable
from typing import Any

from tallybook.client.async_client import AsyncClient
from tallybook.client.client import Client

# Does with one answer what a test wants: the name of the method that is walked or called.
Read = Callable[..., Any]

WALKED = ("buckets", "pages", "rows")


def waiting(url: str, key: str, **options: Any) -> Read:
    """What a Client reads: ``read("usage", "total", "completions", start=…)``."""

    def read(question: str, what: str, *rest: Any, **more: Any) -> Any:
        with Client(url, key, **options) as client:
            answer = getattr(client, question)(*rest, **more)
            if what == "buckets":
                return list(answer)
            found = getattr(answer, what)()
            return list(found) if what in WALKED else found

    return read


def awaiting(url: str, key: str, **options: Any) -> Read:
    """What an AsyncClient reads."""

    async def asked(question: str, what: str, *rest: Any, **more: Any) -> Any:
        async with AsyncClient(url, key, **options) as client:
            answer = getattr(client, question)(*rest, **more)
            if what == "buckets":
                return [bucket async for bucket in answer]
            found = getattr(answer, what)()
            return [each async for each in found] if what in WALKED else await found

    def read(question: str, what: str, *rest: Any, **more: Any) -> Any:
        return asyncio.run(asked(question, what, *rest, **more))

    return read
