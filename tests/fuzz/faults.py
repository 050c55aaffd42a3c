"""What an input did that none may do: told once for each place, with what repeats it."""

import hashlib
import traceback
from pathlib import Path

from fuzz.target import Check, Target


class Faults:
    """Keeps the inputs of faults in a folder, the first of each place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: set[str] = set()

    def tried(self, target: Target, check: Check, data: bytes) -> None:
        """Check an input, and keep it when it is at fault; go on in any case."""
        try:
            target.tried(check, data)
        except KeyboardInterrupt:
            raise
        except BaseException as fault:
            self._keep(target, data, fault)

    def _keep(self, target: Target, data: bytes, fault: BaseException) -> None:
        frames = traceback.extract_tb(fault.__traceback__)
        place = f"{type(fault).__name__} {frames[-1].filename}:{frames[-1].lineno}"
        if place in self._known:
            return
        self._known.add(place)
        name = hashlib.sha256(place.encode()).hexdigest()[:12]
        path = self._folder / f"{target.name}-{name}"
        if path.exists():
            return
        path.write_bytes(data)
        told = "".join(traceback.format_exception(fault))
        path.with_suffix(".txt").write_text(f"{replay_of(target.name, path)}\n\n{told}")


def replay_of(name: str, path: Path) -> str:
    """The command that checks an input again."""
    return f"PYTHONPATH=tests python -m fuzz {name} --replay {path}"
