"""Where exported events come from: pages of NDJSON, of a folder or of a server, one at a time."""

from collections.abc import Iterator
from urllib.parse import urlencode

from tallybook.cli.asking import Parameters
from tallybook.cli.target import FolderTarget, Target
from tallybook.client.connection import Connection
from tallybook.domain.listings import LIMIT_MAX
from tallybook.intake.native import Format
from tallybook.ledger.ledger import Ledger
from tallybook.usage.event_pages import NEXT_PAGE_HEADER, event_list, ndjson
from tallybook.web.event_parameters import read_listing

_PATH = "/events"
_ACCEPT = {"Accept": str(Format.NDJSON)}


def event_pages(target: Target, parameters: Parameters, now: int) -> Iterator[bytes]:
    """The events that a query string of ``GET /v1/events`` asks for, by time and id.

    ``now`` is in Unix seconds. Raises ClientError, TallybookError and NoLedger.
    """
    asked = [*parameters, ("limit", str(LIMIT_MAX))]
    if isinstance(target, FolderTarget):
        with target.read() as ledger:
            yield from _of_ledger(ledger, asked, now)
    else:
        with target.connect() as connection:
            yield from _of_server(connection, asked)


def _of_ledger(ledger: Ledger, parameters: Parameters, now: int) -> Iterator[bytes]:
    page: Parameters = []
    while True:
        query_string = urlencode([*parameters, *page]).encode()
        found = event_list(read_listing(query_string, now, None), ledger)
        yield ndjson(found)
        if found.next_page is None:
            return
        page = [("page", found.next_page)]


def _of_server(connection: Connection, parameters: Parameters) -> Iterator[bytes]:
    page: Parameters = []
    while True:
        answer = connection.get(_PATH, [*parameters, *page], _ACCEPT)
        yield answer.body
        token = answer.headers.get(NEXT_PAGE_HEADER)
        if token is None:
            return
        page = [("page", token)]
