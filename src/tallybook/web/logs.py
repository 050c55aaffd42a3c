"""The log of a server: warnings and worse to standard error, and no key in any line of it."""

import logging
from typing import Any

from tallybook.organization.secret import without_secrets


class MaskingFormatter(logging.Formatter):
    """Lines, and the tracebacks below them, in which keys are masked: what broke may hold one."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as it is written."""
        return without_secrets(super().format(record))


# For ``logging.config.dictConfig``: one handler for ours, uvicorn's and everyone else's.
LOG_CONFIG: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"masking": {"()": MaskingFormatter, "format": "%(levelname)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "masking"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
