"""Where the spool is, unless an application says it."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

# The default: the folder for state of the XDG base directory specification.
STATE_VARIABLE = "XDG_STATE_HOME"
_STATE, _NAME = Path("~/.local/state"), Path("tallybook/spool")
_DIGEST_LENGTH = 12


def default_spool(environment: Mapping[str, str]) -> Path:
    """The user's own spool."""
    return Path(environment.get(STATE_VARIABLE) or _STATE).expanduser() / _NAME


def spool_of(folder: Path, base: str) -> Path:
    """The part of a spool for one server: what is kept for it must not reach another."""
    parts = urlsplit(base)
    digest = hashlib.sha256(base.encode()).hexdigest()[:_DIGEST_LENGTH]
    return folder / f"{parts.hostname}-{parts.port or parts.scheme}-{digest}"
