"""A process that stores and seals as fast as it can, until it is killed.

``python -m support.sealing_child FOLDER FIRST``: a line with its number after each event that is
stored, so that its parent knows what was acknowledged.
"""

import sys
from itertools import count
from pathlib import Path

from support.events import DAY, event
from support.prices import source
from support.sealing import opened, posted

_HOURS = 7


def numbered(number: int) -> dict[str, object]:
    """The event of a number: one token, in one of some hours of the day."""
    time = DAY + number % _HOURS * 3_600
    return event(id=f"n{number}", time=time, model="m", input_tokens=1, output_tokens=0)


def main() -> None:
    """Store and seal."""
    folder, first = Path(sys.argv[1]), int(sys.argv[2])
    with opened(folder, source(folder)) as ledger:
        for number in count(first):
            assert posted(ledger, [numbered(number)]).accepted == 1
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()
            for due in ledger.due(DAY + 2 * 86_400):
                ledger.seal(due)


if __name__ == "__main__":
    main()
