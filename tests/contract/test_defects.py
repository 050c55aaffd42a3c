"""What no request can provoke: the answers to a defect, and to too many requests."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import httpx2

from contract.contract import USAGE, error
from support.events import DAY, event
from support.prices import source
from support.server import ADMIN_KEY
from support.wire import fault
from tallybook.domain.buckets import Span
from tallybook.domain.errors import RateLimited
from tallybook.domain.listings import Listing
from tallybook.domain.queries import CostsQuery, Query, UsageQuery
from tallybook.domain.voids import EventName
from tallybook.ledger.committer import Committer
from tallybook.ledger.ledger import Appended, Lot, RepriceWish, Void
from tallybook.ledger.seals.horizon import NOTHING_LET_GO, Horizon
from tallybook.ledger.sql.row_text import RowText
from tallybook.ledger.stopping import NEVER, Stop
from tallybook.organization.live_keys import LiveKeys
from tallybook.organization.organization import open_organization
from tallybook.organization.roles import ADMIN
from tallybook.settings import load_settings
from tallybook.web.app import create_app
from tallybook.web.envelope import error_response
from tallybook.web.services import Services

COMPLETIONS = USAGE["completions"]["path"]


def _row(case: str) -> dict[str, Any]:
    return {key: error(case)[key] for key in ("status", "type", "param", "code")}


def test_too_many_requests_would_be_told_as_the_table_says() -> None:
    answer = error_response(RateLimited("Slow down."))
    assert answer.status_code == error("rate_limited")["status"]
    assert int(answer.headers["retry-after"]) >= 1
    wanted = {key: error("rate_limited")[key] for key in ("type", "param", "code")}
    assert httpx2.Response(200, content=bytes(answer.body)).json() == {
        "error": {"message": "Slow down."} | wanted
    }


class _BrokenLedger:
    """A ledger with a defect in every method."""

    def append(self, lots: Sequence[Lot]) -> list[Appended]:
        raise ZeroDivisionError(f"secret detail of {len(lots)} lots")

    def usage(
        self, query: UsageQuery, buckets: Sequence[Span], row: RowText, *, stop: Stop = NEVER
    ) -> NoReturn:
        stop.check()
        raise ZeroDivisionError(f"secret detail of {query.subject} in {buckets} as {row}")

    def costs(
        self, query: CostsQuery, buckets: Sequence[Span], row: RowText, *, stop: Stop = NEVER
    ) -> NoReturn:
        stop.check()
        raise ZeroDivisionError(f"secret detail of {query.subject} in {buckets} as {row}")

    def cost_rows(
        self, query: CostsQuery, buckets: Sequence[Span], *, stop: Stop = NEVER
    ) -> NoReturn:
        stop.check()
        raise ZeroDivisionError(f"secret detail of {query.subject} in {buckets}")

    def unpriced(
        self, query: CostsQuery, buckets: Sequence[Span], *, stop: Stop = NEVER
    ) -> NoReturn:
        stop.check()
        raise ZeroDivisionError(f"secret detail of {query.subject} in {buckets}")

    @property
    def kept_tags(self) -> tuple[str, ...]:
        return ()

    @property
    def horizon(self) -> Horizon:
        return NOTHING_LET_GO

    def seal_of(self, query: Query) -> NoReturn:
        raise ZeroDivisionError(f"secret detail of {query.subject}")

    def cards(self, *, stop: Stop = NEVER) -> NoReturn:
        stop.check()
        raise ZeroDivisionError("secret detail of the cards")

    def find(self, event_id: str, *, stop: Stop = NEVER) -> NoReturn:
        stop.check()
        raise ZeroDivisionError(f"secret detail of {event_id}")

    def named(self, names: Sequence[EventName], *, stop: Stop = NEVER) -> NoReturn:
        stop.check()
        raise ZeroDivisionError(f"secret detail of {names}")

    def void(self, void: Void) -> NoReturn:
        raise ZeroDivisionError(f"secret detail of {void.identities}")

    def events(self, listing: Listing, *, stop: Stop = NEVER) -> NoReturn:
        stop.check()
        raise ZeroDivisionError(f"secret detail of {listing}")

    def reprice(self, wish: RepriceWish) -> NoReturn:
        raise ZeroDivisionError(f"secret detail of {wish.model}")

    def condition(self, now: float) -> NoReturn:
        raise ZeroDivisionError(f"secret detail of {now}")

    def repricings(self) -> NoReturn:
        raise ZeroDivisionError("secret detail of the history")

    def snapshot(self, *, stop: Stop = NEVER) -> NoReturn:  # noqa: ARG002
        raise ZeroDivisionError("secret detail of a snapshot")

    def check(self) -> NoReturn:
        raise ZeroDivisionError("secret detail of a check")

    def close(self) -> NoReturn:
        raise ZeroDivisionError("secret detail of a close")


def test_a_defect_is_told_as_the_table_says_and_keeps_its_details_to_itself(
    tmp_path: Path,
) -> None:
    async def ask() -> list[httpx2.Response]:
        ledger = _BrokenLedger()
        organization = open_organization(tmp_path, "")
        async with Committer(ledger, 1 << 20) as committer:
            services = Services(
                ledger=ledger,
                committer=committer,
                prices=source(tmp_path),
                organization=organization,
                keys=LiveKeys(organization, {ADMIN: ADMIN_KEY}),
                settings=load_settings({"data": str(tmp_path)}, environment={}),
                clock=lambda: DAY + 86_400.0,
            )
            transport = httpx2.ASGITransport(app=create_app(services))
            headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
            async with httpx2.AsyncClient(
                transport=transport, base_url="http://tallybook", headers=headers
            ) as client:
                return [
                    await client.get(COMPLETIONS, params={"start_time": DAY}),
                    await client.get("/v1/organization/costs", params={"start_time": DAY}),
                    await client.get("/v1/events"),
                    await client.post("/v1/events", json=event()),
                ]

    for answer in asyncio.run(ask()):
        assert fault(answer) == _row("server_fault")
        assert "secret" not in answer.text
        assert answer.headers["x-request-id"] in answer.text
