"""Events that the server refused for what they are: kept, so that someone can mend them."""

import os
from pathlib import Path

import msgspec

from tallybook.domain.receipts import Fault

FILE_NAME = "refused.ndjson"
OLD_FILE_NAME = "refused.old.ndjson"
# When the file is larger it becomes the old one, and the old one is gone.
FILE_BYTES_MAX = 1 << 20

_FILE_MODE = 0o600


class Refusals:
    """A file of refused events in a spool, one a line, with field and reason."""

    def __init__(self, spool: Path) -> None:
        self.path = spool / FILE_NAME

    def keep(self, refused: list[tuple[Fault, bytes]]) -> None:
        """Add events with their faults. Raises OSError."""
        text = b"".join(_line(fault, event) for fault, event in refused)
        if self.path.exists() and self.path.stat().st_size + len(text) > FILE_BYTES_MAX:
            self.path.replace(self.path.with_name(OLD_FILE_NAME))
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        with os.fdopen(os.open(self.path, flags, _FILE_MODE), "wb") as file:
            file.write(text)


def _line(fault: Fault, event: bytes) -> bytes:
    said = {"field": fault.field, "reason": fault.reason, "event": _json(event)}
    return msgspec.json.encode(said) + b"\n"


def _json(event: bytes) -> msgspec.Raw | str:
    """The event as it is, or as text where a damaged disk left no JSON of it."""
    try:
        msgspec.json.decode(event)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return event.decode(errors="replace")
    return msgspec.Raw(event)
