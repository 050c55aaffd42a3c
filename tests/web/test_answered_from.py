"""A question about a tag that no sums are kept by says that it was read from the events."""

from collections.abc import Iterator

import httpx2
import msgspec
import pytest

from contract.contract import USAGE
from support.events import DAY, event
from support.inprocess import serving
from support.ledgers import SETTINGS, store
from support.prices import source
from tallybook.ledger.duckdb.store import DuckDBLedger

HEADER = "tallybook-answered-from"
COMPLETIONS = USAGE["completions"]["path"]
STORES = USAGE["vector_stores"]["path"]
COSTS = "/v1/organization/costs"
RANGE = f"start_time={DAY}&end_time={DAY + 86_400}"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """A client of a server whose ledger keeps two tags, and has sealed its day."""
    folder = tmp_path_factory.mktemp("data")
    settings = msgspec.structs.replace(SETTINGS, kept_tags=("team", "env"))
    ledger = DuckDBLedger(folder, settings, source(folder, None))
    store(ledger, event(id="one", tags={"team": "search", "job": "7"}))
    now = DAY + 2 * 86_400
    ledger.due(now)
    for due in ledger.due(now):
        ledger.seal(due)
    with serving(ledger, folder) as client:
        yield client
    ledger.close()


FROM_EVENTS = [
    f"{COMPLETIONS}?{RANGE}&group_by=tag:job",
    f"{COMPLETIONS}?{RANGE}&group_by=tag:team,tag:job",
    f"{COMPLETIONS}?{RANGE}&tags[job]=7",
    f"{COMPLETIONS}?{RANGE}&group_by=tag:team&tags[job]=7",
    f"{COMPLETIONS}?{RANGE}&group_by=tag:job&top=3",
    f"{COMPLETIONS}?{RANGE}&tags[Team]=search",
    f"{COSTS}?{RANGE}&group_by=tag:job",
    f"{COSTS}?{RANGE}&tags[job]=7",
    # What of the costs of stores is a sum is read so.
    f"{COSTS}?{RANGE}&group_by=tag:job,vector_store_id",
]
FROM_SUMS = [
    f"{COMPLETIONS}?{RANGE}",
    f"{COMPLETIONS}?{RANGE}&group_by=model,user_id",
    f"{COMPLETIONS}?{RANGE}&group_by=tag:team",
    f"{COMPLETIONS}?{RANGE}&group_by=tag:team,tag:env&tags[env]=prod",
    f"{COSTS}?{RANGE}&group_by=tag:team,line_item",
    # Samples are kept with all their tags.
    f"{STORES}?{RANGE}&group_by=tag:job",
    f"{STORES}?{RANGE}&tags[job]=7",
]


@pytest.mark.parametrize("path", FROM_EVENTS)
def test_a_tag_that_is_not_kept_is_told_on_the_page_and_on_its_304(
    client: httpx2.Client, path: str
) -> None:
    page = client.get(path)
    assert (page.status_code, page.headers[HEADER]) == (200, "events")
    held = client.get(path, headers={"If-None-Match": page.headers["etag"]})
    assert (held.status_code, held.headers[HEADER]) == (304, "events")


@pytest.mark.parametrize("path", FROM_SUMS)
def test_what_sums_can_answer_has_no_such_header(client: httpx2.Client, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    assert HEADER not in page.headers
    held = client.get(path, headers={"If-None-Match": page.headers["etag"]})
    assert held.status_code == 304
    assert HEADER not in held.headers


def test_an_error_was_answered_from_nothing(client: httpx2.Client) -> None:
    refused = client.get(f"{FROM_EVENTS[0]}&limit=0")
    assert refused.status_code == 400
    assert HEADER not in refused.headers
