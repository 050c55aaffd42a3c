"""A process that lets days go until it is killed at some line of its work, by its own hand.

``python -m support.letting_go_child FOLDER NOW LINE``: at the so many-th line that runs of what
lets days go, counted from 1, it gets SIGKILL. It ends with status 0 when there is nothing left.
"""

import os
import signal
import sys
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

from support.prices import source
from support.sealing import opened
from tallybook.ledger.duckdb import retaining


def main() -> None:
    """Let go until killed."""
    folder, now, last = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    lines = count(1)

    def trace(frame: FrameType, happened: str, _told: Any) -> Any:
        if frame.f_code.co_filename != retaining.__file__:
            return None
        if happened == "line" and next(lines) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    with opened(folder, source(folder), days=1) as ledger:
        sys.settrace(trace)
        while ledger.let_go(now):
            pass


if __name__ == "__main__":
    main()
