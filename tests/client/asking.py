"""A connection of either sort, driven alike, so that every test holds both to its promise."""

import asyncio
from collections.abc import Callable
from typing import Any

from tallybook.client.connection import Answer, AsyncConnection, Connection

KEY = "sk-admin-the-secret-of-the-tests-1234567890"

# Sends one request and gives its answer: the method, the path, and the rest as the methods have it.
Ask = Callable[..., Answer]


def waiting(url: str, pauses: list[float], **options: Any) -> Ask:
    """Requests through a Connection."""

    def ask(method: str, path: str, *rest: Any, **more: Any) -> Answer:
        with Connection(url, KEY, sleep=pauses.append, chance=lambda: 0.0, **options) as connection:
            answer: Answer = getattr(connection, method)(path, *rest, **more)
            return answer

    return ask


def awaiting(url: str, pauses: list[float], **options: Any) -> Ask:
    """Requests through an AsyncConnection."""

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    def ask(method: str, path: str, *rest: Any, **more: Any) -> Answer:
        async def asked() -> Answer:
            async with AsyncConnection(
                url, KEY, sleep=sleep, chance=lambda: 0.0, **options
            ) as connection:
                answer: Answer = await getattr(connection, method)(path, *rest, **more)
                return answer

        return asyncio.run(asked())

    return ask
