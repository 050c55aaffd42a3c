"""One stored event, and voiding it, through both clients."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import pytest

from support.events import DAY, event
from support.inprocess import NOW, serving
from support.ledgers import opened, store
from support.server import ADMIN_KEY
from support.told_events import told
from tallybook import AsyncClient, BadRequest, Client, NotFound, UnreadableAnswer
from tallybook.client import stored_events

ODD = event(id="a/b ?%", time=DAY + 0.25)
TWINS = [event(id="twin", time=DAY + n) for n in range(2)]


def test_both_clients_void_an_event_and_see_it_marked(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger, serving(ledger, tmp_path) as http:
        store(ledger, ODD, *TWINS)
        mark = {"at": NOW, "by": "key_admin_setting", "reason": "counted twice"}
        with Client(str(http.base_url), ADMIN_KEY) as client:
            assert client.event("a/b ?%") == told(ODD)
            gone = told(ODD) | {"voided": mark}
            assert client.void("a/b ?%", "counted twice") == gone
            assert client.void("a/b ?%", "again", time=DAY + 0.25) == gone
            with pytest.raises(NotFound):
                client.event("none")
            with pytest.raises(BadRequest, match=f"one of {DAY}, {DAY + 1}") as raised:
                client.event("twin")
            assert (raised.value.code, raised.value.param) == ("ambiguous_event", "time")
            assert client.event("twin", time=DAY + 1) == told(TWINS[1])

        async def ask() -> list[dict[str, Any]]:
            async with AsyncClient(str(http.base_url), ADMIN_KEY) as client:
                first = datetime.fromtimestamp(DAY, UTC)
                voided = await client.void("twin", "counted twice", time=first)
                return [voided, await client.event("twin", time=first)]

        assert anyio.run(ask) == [told(TWINS[0]) | {"voided": mark}] * 2


def test_what_cannot_be_asked_is_not_sent() -> None:
    with pytest.raises(ValueError, match="empty"):
        stored_events.path_of("")
    with pytest.raises(ValueError, match="has no zone"):
        stored_events.parameters_of(datetime(2026, 10, 1))  # noqa: DTZ001


@pytest.mark.parametrize("body", [b"", b"[]", b'{"data":[]}', b'{"data":5}', b"\xff"])
def test_an_answer_that_is_no_event_is_told_as_such(body: bytes) -> None:
    with pytest.raises(UnreadableAnswer):
        stored_events.read_voided(body)
    if not body.startswith(b"{"):
        with pytest.raises(UnreadableAnswer):
            stored_events.read_event(body)
