"""What is fuzzed: a function of bytes, what it may raise, and where mutation begins."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

from fuzz.mutating import Mutate

# Holds an input to what is promised of every input: an AssertionError, and whatever the target
# may not raise, is a fault.
Check = Callable[[bytes], None]


class Target(NamedTuple):
    """One way in.

    ``opened`` makes the check, which may keep files in the folder that it is
    given. ``seeds`` are inputs that mean something; ``words`` what mutation
    puts into others.
    """

    name: str
    fuzzes: str
    opened: Callable[[Path], AbstractContextManager[Check]]
    seeds: Callable[[], Sequence[bytes]]
    mutate: Mutate
    words: tuple[bytes, ...] = ()
    may_raise: tuple[type[Exception], ...] = ()
    # Inputs are cut off there.
    bytes_max: int = 4096

    def tried(self, check: Check, data: bytes) -> None:
        """Check an input; what is raised by the rules is none of a fault."""
        try:
            check(data)
        except self.may_raise:
            return


def pure(check: Check) -> Callable[[Path], AbstractContextManager[Check]]:
    """A check that needs no folder, and nothing to be opened."""

    @contextmanager
    def opened(_folder: Path) -> Iterator[Check]:
        yield check

    return opened
