"""How much a recorder holds, and how long it waits."""

import msgspec

_MIB = 1 << 20


class Limits(msgspec.Struct, frozen=True):
    """The bounds of a recorder; all of them are inclusive.

    ``queue_events_max`` and ``queue_bytes_max``: events that are in memory
    alone. Beyond them the newest are dropped. ``event_bytes_max``: one event,
    as JSON.

    ``spool_bytes_max``: what one process keeps on disk. Beyond it events stay
    in memory.

    ``batch_events_max`` and ``batch_bytes_max``: one request. ``batch_seconds``:
    how long the oldest event of a batch waits for others.

    ``timeout_seconds``: the longest silence of the server.
    ``exit_seconds``: how long the end of the application waits for the rest to
    be sent.
    """

    queue_events_max: int = 100_000
    queue_bytes_max: int = 64 * _MIB
    event_bytes_max: int = 64 << 10
    spool_bytes_max: int = 256 * _MIB
    batch_events_max: int = 1_000
    batch_bytes_max: int = _MIB
    batch_seconds: float = 0.5
    timeout_seconds: float = 30.0
    exit_seconds: float = 5.0
