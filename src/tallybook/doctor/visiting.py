"""Visits: all the facts of a folder, or of a server that runs, which is asked itself."""

from contextlib import closing

import msgspec

from tallybook.doctor.facts import Facts, KeyFound, Prices
from tallybook.doctor.looking import (
    count_unpriced,
    look_at_clock,
    look_at_disk,
    look_at_folder,
    look_at_keys,
    look_at_machine,
    look_at_prices,
    look_at_versions,
)
from tallybook.domain.errors import LedgerUnavailable, OrganizationUnavailable
from tallybook.ledger.duckdb.peeking import version_in
from tallybook.ledger.duckdb.schema import MIGRATIONS
from tallybook.ledger.ledger import Ledger
from tallybook.ledger.opening import open_ledger, open_prices, prices_for_reading
from tallybook.ledger.stopping import NEVER, Stop
from tallybook.organization.database import FILE_NAME as ORGANIZATION_FILE
from tallybook.organization.organization import Organization, open_organization
from tallybook.pricing.own_prices import InvalidPrices
from tallybook.pricing.source import PriceSource
from tallybook.settings import Settings


def visit(settings: Settings, now: float, version: int | None, *, dashboard_built: bool) -> Facts:
    """The facts around a ledger, whose data is of a version, at a moment in Unix seconds."""
    return Facts(
        now=now,
        settings=settings,
        folder=look_at_folder(settings.data),
        machine=look_at_machine(),
        versions=look_at_versions(version, dashboard_built=dashboard_built),
        clock=look_at_clock(settings.data),
        disk=look_at_disk(settings.data),
    )


def visit_server(
    around: Facts,
    ledger: Ledger,
    organization: Organization,
    prices: PriceSource,
    stop: Stop = NEVER,
) -> Facts:
    """The facts around a server, with those inside it. Raises what its parts raise."""
    return msgspec.structs.replace(
        around,
        prices=look_at_prices(prices),
        ledger=ledger.condition(around.now),
        unpriced=count_unpriced(ledger, around.now, stop=stop),
        keys=look_at_keys(organization),
    )


def visit_folder(settings: Settings, now: float, *, dashboard_built: bool) -> Facts:
    """The facts of a folder. It is left as it is.

    A ledger is not looked into when another process has it open, when it
    cannot be read, or when it would have to be brought up to date first.
    ``unseen`` says why.
    """
    version, unseen = _version(settings)
    around = visit(settings, now, version, dashboard_built=dashboard_built)
    around = msgspec.structs.replace(
        around, prices=_prices(settings), keys=_keys(settings), unseen=unseen
    )
    if unseen:
        return around
    with closing(open_ledger(settings, prices_for_reading(settings))) as ledger:
        return msgspec.structs.replace(
            around, ledger=ledger.condition(now), unpriced=count_unpriced(ledger, now)
        )


def _version(settings: Settings) -> tuple[int | None, str]:
    """The version of a folder's ledger, and why that is not to be opened, if it is not."""
    try:
        version = version_in(settings.data)
    except LedgerUnavailable as fault:
        return None, fault.message
    if version is None:
        return None, f"{settings.data} holds no ledger."
    if version != len(MIGRATIONS):
        return version, f"the data is of version {version}."
    return version, ""


def _prices(settings: Settings) -> Prices:
    try:
        return look_at_prices(open_prices(settings))
    except InvalidPrices as fault:
        found = look_at_prices(prices_for_reading(settings))
        return msgspec.structs.replace(found, fault=str(fault))


def _keys(settings: Settings) -> tuple[KeyFound, ...] | None:
    """The keys of the organization; None where none is kept, or its database does not answer."""
    if not settings.organization_url and not (settings.data / ORGANIZATION_FILE).exists():
        return None
    try:
        with closing(open_organization(settings.data, settings.organization_url)) as organization:
            return look_at_keys(organization)
    except OrganizationUnavailable:
        return None
