"""Looking again and again, through faults that pass."""

from collections.abc import Callable

import msgspec

from tallybook.cli.target import NoLedger
from tallybook.cli.watching.seen import Seen
from tallybook.cli.watching.view import Screen
from tallybook.client.errors import NoAnswer, RateLimited, ServerError, UnreadableAnswer
from tallybook.domain.errors import LedgerUnavailable

# A server that is started again, a proxy before it, a folder that another command has open.
PASSING = (
    NoAnswer,
    RateLimited,
    ServerError,
    UnreadableAnswer,
    LedgerUnavailable,
    NoLedger,
)


def watched(
    screen: Screen,
    *,
    look: Callable[[], Seen],
    show: Callable[[Screen], None],
    clock: Callable[[], float],
    pause: Callable[[], None],
) -> None:
    """Show a screen, and after each pause what is seen then. Ends only by an exception.

    ``pause`` waits until the next look. A fault that may pass is shown beside
    what was seen before it; any other is raised.
    """
    while True:
        show(screen)
        pause()
        screen = looked(screen, look, clock)


def looked(screen: Screen, look: Callable[[], Seen], clock: Callable[[], float]) -> Screen:
    """The screen after another look. Raises a fault that does not pass by itself."""
    try:
        found = look()
    except PASSING as fault:
        since = screen.fault_at if screen.fault else int(clock())
        return msgspec.structs.replace(screen, fault=str(fault), fault_at=since)
    return msgspec.structs.replace(screen, seen=found, fault=None, fault_at=0)
