"""The log of a server, on standard error: lines of JSON, or of text where a person looks on.

No key is in any line of it. What a line of JSON has: ``docs/operations.md``.
"""

import logging
from typing import Any

import msgspec

from tallybook.domain.instants import from_seconds, iso
from tallybook.organization.secret import without_secrets

# The attribute of a record that holds what is told beside its message: a dict with ``event``.
TOLD = "told"
# Of a record that has none.
MESSAGE = "message"


class MaskingFormatter(logging.Formatter):
    """Lines, and the tracebacks below them, in which keys are masked: what broke may hold one."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as it is written."""
        return without_secrets(super().format(record))


class JSONFormatter(logging.Formatter):
    """A record as one JSON object on one line, in which keys are masked."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as it is written."""
        told: dict[str, Any] = getattr(record, TOLD, {})
        line = {
            "time": iso(from_seconds(record.created)),
            "level": record.levelname.lower(),
            "event": MESSAGE,
            "logger": record.name,
            "message": record.getMessage(),
            **told,
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        # Before the text is quoted: a backslash and its letter may hide where a key begins.
        masked = {
            name: without_secrets(value) if isinstance(value, str) else value
            for name, value in line.items()
        }
        return msgspec.json.encode(masked, enc_hook=str).decode()


def _config(formatter: dict[str, Any]) -> dict[str, Any]:
    """For ``logging.config.dictConfig``: one handler for ours, uvicorn's and everyone else's."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"masking": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "masking"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {"tallybook": {"level": "INFO"}},
    }


LOG_CONFIG = _config({"()": MaskingFormatter, "format": "%(levelname)s: %(message)s"})
JSON_LOG_CONFIG = _config({"()": JSONFormatter})
