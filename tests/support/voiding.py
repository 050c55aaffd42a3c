"""Events that are voided in a ledger of this process."""

from collections.abc import Iterable
from typing import Any

from tallybook.domain.instants import from_seconds
from tallybook.domain.voids import Voided
from tallybook.ledger.ledger import Ledger, Void

MARK = Voided(1_790_900_000_000_000, "key_ada", "counted twice")


def voided(ledger: Ledger, events: Iterable[dict[str, Any]], mark: Voided = MARK) -> int:
    """Void events, at least one, as they were posted; how many counted until then."""
    identities = tuple((each["id"], from_seconds(each["time"])) for each in events)
    return ledger.void(Void(identities, mark))
