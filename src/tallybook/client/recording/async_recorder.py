"""The recorder for asynchronous code."""

from collections.abc import Mapping
from pathlib import Path

import anyio.to_thread

from tallybook.client.closing import AsyncClosing
from tallybook.client.recording.counters import Counters
from tallybook.client.recording.recorder import FLUSH_SECONDS, Recorder


class AsyncRecorder(AsyncClosing):
    """A Recorder whose waiting is awaiting. ``record`` is a plain call: it never waits.

    Made around a recorder, which it closes: ``AsyncRecorder(Recorder(url, key))``.
    """

    def __init__(self, recorder: Recorder | None = None) -> None:
        """Without a recorder one is made of what the environment says. Raises ValueError."""
        self._recorder = Recorder() if recorder is None else recorder

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._recorder!r})"

    def record(self, event: Mapping[str, object]) -> None:
        """Take an event; see Recorder."""
        self._recorder.record(event)

    @property
    def counters(self) -> Counters:
        """What has become of the events of this process so far."""
        return self._recorder.counters

    @property
    def spool(self) -> Path | None:
        """The folder where events for this server wait, or None."""
        return self._recorder.spool

    async def flush(self, timeout_seconds: float = FLUSH_SECONDS) -> bool:
        """Wait until all that was recorded before has been answered for; whether in time.

        Who is cancelled meanwhile waits no longer; the events are sent all the same.
        """
        return await anyio.to_thread.run_sync(
            self._recorder.flush, timeout_seconds, abandon_on_cancel=True
        )

    async def close(self, timeout_seconds: float | None = None) -> bool:
        """Flush for so long at most, and end; see Recorder."""
        return await anyio.to_thread.run_sync(self._recorder.close, timeout_seconds)
