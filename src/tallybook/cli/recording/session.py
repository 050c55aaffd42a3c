"""A recording from beginning to end: loads in, one report out, and nothing lost on the way."""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from pathlib import Path

from tallybook.cli.importing.destinations import Destination
from tallybook.cli.importing.report import Report
from tallybook.cli.importing.rows import Load
from tallybook.client.errors import ClientError
from tallybook.domain.errors import TallybookError
from tallybook.domain.receipts import Fault, Receipt


class Session:
    """Sends loads, tells of lines that are refused, and keeps those that could not be sent.

    ``tell`` is called with sentences; ``stop`` once nothing more can be sent.
    ``kept`` is the file that lines are added to that are in no ledger.
    """

    def __init__(
        self,
        receiver: Destination,
        tell: Callable[[str], None],
        stop: Callable[[], None],
        kept: Path,
    ) -> None:
        self.report = Report()
        self.unsent = 0
        self._receiver = receiver
        self._tell = tell
        self._stop = stop
        self._kept = kept
        self._sent: deque[tuple[Load, Future[Receipt]]] = deque()

    def run(self, loads: Iterable[Load | None]) -> None:
        """Send every load. However it ends, each line is in the ledger, told of, or kept."""
        try:
            for load in loads:
                if load is not None:
                    self._sent.append((load, self._receiver.send(load)))
                while self._sent and self._is_due():
                    self._settle()
            while self._sent:
                self._settle()
        finally:
            for load, _ in self._sent:
                self._keep(load, "the recording was ended by force")

    def _is_due(self) -> bool:
        """Whether the oldest load was answered, or has to be before another one is sent."""
        return len(self._sent) > self._receiver.in_flight or self._sent[0][1].done()

    def _settle(self) -> None:
        """Wait for the answer to the oldest load, and tell what is to be told of it."""
        load, answer = self._sent[0]
        try:
            receipt = answer.result()
        except (ClientError, TallybookError, OSError) as fault:
            self._sent.popleft()
            self._keep(load, str(fault))
            self._stop()
            return
        self._sent.popleft()
        self.report.add(load.path, load.numbers, receipt)
        for each in sorted((*receipt.conflicts, *receipt.rejected), key=lambda each: each.index):
            self._tell(refusal(load.numbers[each.index], each))

    def _keep(self, load: Load, why: str) -> None:
        """Add the lines of a load to the file of those that are in no ledger. Raises OSError."""
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        with self._kept.open("ab") as file:
            file.write(load.body + b"\n")
        self.unsent += len(load.numbers)
        first, last = load.numbers[0], load.numbers[-1]
        lines = f"line {first} is" if first == last else f"lines {first} to {last} are"
        self._tell(f"{lines} kept in {self._kept}, in no ledger yet: {why}")


def refusal(number: int, fault: Fault) -> str:
    """A line that was refused: its number, its id, the field and the reason, as far as known."""
    whose = f" ({fault.id})" if fault.id else ""
    # Most reasons begin with the field.
    told = fault.field is None or fault.reason.startswith(fault.field)
    field = "" if told else f"{fault.field}: "
    return f"line {number}{whose}: {field}{fault.reason}"
