"""The bytes of an answer on their way to the application, seen by an observation."""

from collections.abc import AsyncIterator, Iterator

import httpx2

from tallybook.client.transports.observation import Observation


class ObservedStream(httpx2.SyncByteStream):
    """A stream that passes as it comes, chunk by chunk, with its errors."""

    def __init__(self, stream: httpx2.SyncByteStream, observation: Observation) -> None:
        self._stream = stream
        self._observation = observation

    def __iter__(self) -> Iterator[bytes]:
        try:
            for chunk in self._stream:
                if shown := self._observation.passed(chunk):
                    yield shown
        except Exception:
            if held := self._observation.broke_off():
                yield held
            raise
        if held := self._observation.finished():
            yield held

    def close(self) -> None:
        """Close the stream; what has not come by now will not."""
        try:
            self._stream.close()
        finally:
            self._observation.broke_off()


class AsyncObservedStream(httpx2.AsyncByteStream):
    """``ObservedStream`` for asynchronous transports."""

    def __init__(self, stream: httpx2.AsyncByteStream, observation: Observation) -> None:
        self._stream = stream
        self._observation = observation

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._stream:
                if shown := self._observation.passed(chunk):
                    yield shown
        except Exception:
            if held := self._observation.broke_off():
                yield held
            raise
        if held := self._observation.finished():
            yield held

    async def aclose(self) -> None:
        """Close the stream; what has not come by now will not."""
        try:
            await self._stream.aclose()
        finally:
            self._observation.broke_off()
