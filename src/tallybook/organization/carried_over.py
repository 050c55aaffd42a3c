"""``keys.json`` of data folders from before there was an organization: its keys stay good."""

from pathlib import Path

import msgspec

from tallybook.organization.roles import ROLES, InvalidKey, Role

FILE_NAME = "keys.json"
# What the file is called once its keys are in the database.
CARRIED_OVER_NAME = "keys.json.carried-over"


def kept_digests(folder: Path) -> dict[Role, str]:
    """The digests in the file, by role; nothing when there is no file. Raises InvalidKey."""
    path = folder / FILE_NAME
    if not path.exists():
        return {}
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise InvalidKey(
            f"{path} is damaged: {fault}. Restore it, or delete it to have new keys made at the"
            " next start; the old ones are then no longer good."
        ) from fault
    return {role: kept[role.name] for role in ROLES if role.name in kept}


def set_aside(folder: Path) -> None:
    """Say by the file's name that its keys are in the database."""
    path = folder / FILE_NAME
    if path.exists():
        path.replace(folder / CARRIED_OVER_NAME)
