"""Prices in the audit log: another price file in force, and events that are priced again."""

from tallybook.organization.in_force import Matter, note_in_force
from tallybook.organization.organization import Organization
from tallybook.organization.records import Actor

PRICES = "prices"
IN_FORCE = Matter("prices.changed", PRICES)


def note_price_file(
    organization: Organization, actor: Actor, digest: str | None, now: float
) -> None:
    """Record that another price file is in force at a server; ``digest`` None is none."""
    told = None if digest is None else f"sha256:{digest}"
    note_in_force(organization, actor, now, IN_FORCE, {"price_file": told})


def record_repricing(
    organization: Organization,
    actor: Actor,
    now: float,
    *,
    since: int,
    until: int,
    model: str | None,
    why: str,
) -> None:
    """Record that events of ``[since, until)``, in Unix seconds, are about to be priced again.

    To be called before they are: then there may be an entry whose repricing
    failed or had nothing to change, and never a repricing without its entry.
    The ledger's history of repricings has those that changed something.
    """
    with organization.changing(actor, now) as change:
        change.record(
            "prices.repriced",
            PRICES,
            after={"since_at": since, "until_at": until, "model": model, "why": why or None},
        )
