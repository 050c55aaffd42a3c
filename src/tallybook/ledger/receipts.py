"""What the ledger answered, in the words of those who sent the events."""

from collections.abc import Iterable

import msgspec

from tallybook.domain.dimensions import PROJECT
from tallybook.domain.instants import iso
from tallybook.domain.kinds import KINDS
from tallybook.domain.receipts import Fault, Receipt
from tallybook.ledger.ledger import Appended, Conflict, Expired


def receipt_of(answer: Appended, rejected: Iterable[Fault]) -> Receipt:
    """The receipt of one lot, with the faults of what was rejected before it."""
    return Receipt(
        accepted=answer.accepted,
        duplicates=answer.duplicates,
        conflicts=tuple(map(_fault_of, answer.conflicts)),
        rejected=tuple(
            sorted(
                (*rejected, *map(_fault_of_expired, answer.expired)), key=lambda each: each.index
            )
        ),
    )


def discreet(answer: Appended) -> Appended:
    """The answer as a caller may have it whose events are all of projects of its own.

    An event of theirs that differs in its project is in conflict with somebody
    else's. That there is one has to be told, since an identity is used once;
    which of its other fields are guessed right is not.
    """
    return msgspec.structs.replace(
        answer,
        conflicts=tuple(
            msgspec.structs.replace(conflict, columns=(PROJECT,))
            if PROJECT in conflict.columns
            else conflict
            for conflict in answer.conflicts
        ),
    )


def _fault_of_expired(expired: Expired) -> Fault:
    return Fault(
        expired.position,
        expired.id,
        "time",
        f"the time is before {iso(expired.horizon_us)}: the events before it were let go (setting"
        " retention_days), so it can no longer be known whether this one was stored",
    )


def _fault_of(conflict: Conflict) -> Fault:
    """A conflict by the event's fields, not the ledger's columns."""
    kind = KINDS[conflict.kind]
    fields = dict.fromkeys(
        "reported_cost" if column == "reported_currency" else kind.field_of(column)
        for column in conflict.columns
    )
    return Fault(
        conflict.position,
        conflict.id,
        next(iter(fields)),
        f"an event with this id and time is stored with another {', '.join(fields)};"
        " a stored event never changes",
    )
