"""The ledger as the committer has it, with a clock beside it: how long commits take."""

import time
from collections.abc import Sequence

from tallybook.ledger.ledger import Appended, Appender, Lot
from tallybook.web.metering.meters import Meters


class TimedAppender:
    """An ``Appender`` that counts what goes through it."""

    def __init__(self, ledger: Appender, meters: Meters) -> None:
        self._ledger = ledger
        self._meters = meters

    def append(self, lots: Sequence[Lot]) -> list[Appended]:
        """Store lots in ``ledger``. Raises what that raises."""
        began = time.perf_counter()
        try:
            answers = self._ledger.append(lots)
        except BaseException:
            self._meters.commit_failed()
            raise
        entries = sum(lot.sheet.count for lot in lots)
        self._meters.committed(entries, time.perf_counter() - began)
        return answers
