"""Events that the server refused for what they are: kept, so that someone can mend them."""

from pathlib import Path

import msgspec

from tallybook.domain.receipts import Fault

FILE_NAME = "refused.ndjson"
OLD_FILE_NAME = "refused.old.ndjson"
# When the file is larger it becomes the old one, and the old one is gone.
FILE_BYTES_MAX = 1 << 20


class Refusals:
    """A file of refused events in a spool, one a line, with field and reason."""

    def __init__(self, spool: Path) -> None:
        self.path = spool / FILE_NAME

    def keep(self, refused: list[tuple[Fault, bytes]]) -> None:
        """Add events with their faults. Raises OSError."""
        text = b"".join(
            msgspec.json.encode(
                {"field": fault.field, "reason": fault.reason, "event": msgspec.Raw(line)}
            )
            + b"\n"
            for fault, line in refused
        )
        if self.path.exists() and self.path.stat().st_size + len(text) > FILE_BYTES_MAX:
            self.path.replace(self.path.with_name(OLD_FILE_NAME))
        with self.path.open("ab") as file:
            file.write(text)
        self.path.chmod(0o600)
