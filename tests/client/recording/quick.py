"""A recorder that does not make tests wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from tallybook.client.recording.limits import Limits
from tallybook.client.recording.recorder import Recorder
from tallybook.client.retrying import RetryPolicy

KEY = "sk-ingest-for-the-tests-0123456789abcdef"
QUICK = Limits(batch_seconds=0.01, timeout_seconds=5, exit_seconds=0.2)
IMPATIENT = RetryPolicy(first_pause_seconds=0.01, pause_seconds_max=0.05)
EVENT: dict[str, Any] = {
    "kind": "completions",
    "model": "gpt-5.5-2026-04-23",
    "input_tokens": 3,
    "output_tokens": 1,
}


@contextmanager
def recording(address: str, spool: Path | None, **limits: Any) -> Iterator[Recorder]:
    """A quick recorder for the length of a block, with some limits of one's own."""
    chosen = msgspec.structs.replace(QUICK, **limits)
    with Recorder(address, KEY, spool=spool, limits=chosen, retry=IMPATIENT) as recorder:
        yield recorder


def adds_up(recorder: Recorder) -> bool:
    """Whether every event is in exactly one count."""
    count = recorder.counters
    waiting = count.queued + count.spooled
    ended = count.sent + count.duplicates + count.rejected + count.dropped
    return count.recorded + count.adopted == waiting + ended
