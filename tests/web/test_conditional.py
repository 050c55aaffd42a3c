"""Conditional requests: a page of a sealed range is sent once, and never vouched for in error."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest

from contract.contract import USAGE
from support.events import DAY, event
from support.inprocess import NOW, OTHER_ADMIN_KEY, serving
from support.ledgers import SETTINGS, store
from support.prices import source
from support.wire import fault
from tallybook.domain.buckets import Span
from tallybook.domain.queries import CostsQuery, Query, UsageQuery
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.ledger.sql.row_text import RowText
from tallybook.ledger.stopping import NEVER, Stop
from tallybook.web.conditional import is_named

DAY_SECONDS = 86_400
COMPLETIONS = USAGE["completions"]["path"]
COSTS = "/v1/organization/costs"
RANGE = f"?start_time={DAY}&end_time={DAY + DAY_SECONDS}"
UNPRICED = "tallybook-unpriced-events"
PATHS = [COMPLETIONS + RANGE, COSTS + RANGE]


class SealedLedger(DuckDBLedger):
    """A ledger whose first day is sealed, and that counts its queries."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, SETTINGS, source(folder, None))
        self.token: str | None = "seal-1"
        # The seal once a query was answered, as when an event comes meanwhile.
        self.token_after: str | None = None
        self.asked_for: list[tuple[int, int]] = []
        self.queries = 0

    def seal_of(self, query: Query) -> str | None:
        """The seal of what ends with the first day."""
        spans = query.page_spans
        self.asked_for.append((spans[0].start, spans[-1].end))
        return self.token if spans[-1].end <= DAY + DAY_SECONDS else None

    def usage(
        self, query: UsageQuery, buckets: Sequence[Span], row: RowText, *, stop: Stop = NEVER
    ) -> dict[int, str]:
        """As the ledger."""
        self.queries += 1
        self.token = self.token_after or self.token
        return super().usage(query, buckets, row, stop=stop)

    def costs(
        self, query: CostsQuery, buckets: Sequence[Span], row: RowText, *, stop: Stop = NEVER
    ) -> dict[int, str] | None:
        """As the ledger."""
        self.queries += 1
        self.token = self.token_after or self.token
        return super().costs(query, buckets, row, stop=stop)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SealedLedger]:
    """A ledger with an event in its sealed day."""
    ledger = SealedLedger(tmp_path)
    store(ledger, event(id="one", time=DAY + 5))
    yield ledger
    ledger.close()


@pytest.fixture
def client(ledger: SealedLedger, tmp_path: Path) -> Iterator[httpx2.Client]:
    """A client of a server over it."""
    with serving(ledger, tmp_path) as client:
        yield client


def again(client: httpx2.Client, path: str, tag: str, **headers: str) -> httpx2.Response:
    """Ask for what one has already."""
    return client.get(path, headers={"If-None-Match": tag, **headers})


@pytest.mark.parametrize("path", PATHS)
def test_a_page_of_a_sealed_range_is_sent_once(
    client: httpx2.Client, ledger: SealedLedger, path: str
) -> None:
    page = client.get(path)
    assert page.status_code == 200
    tag = page.headers["etag"]
    assert tag.startswith('W/"')
    assert page.headers["cache-control"] == "private, no-cache"
    assert ledger.asked_for == [(DAY, DAY + DAY_SECONDS)]
    queries = ledger.queries
    held = again(client, path, tag)
    assert held.status_code == 304
    assert held.content == b""
    assert held.headers["etag"] == tag
    assert held.headers["cache-control"] == "private, no-cache"
    assert held.headers["vary"] == "Accept-Encoding"
    assert held.headers["x-request-id"]
    assert "content-type" not in held.headers
    # What takes a query to know is left out.
    assert UNPRICED not in held.headers
    assert ledger.queries == queries
    # Nothing is remembered of who has what.
    assert client.get(path).json() == page.json()
    assert client.get(path).headers["etag"] == tag


@pytest.mark.parametrize("coding", ["identity", "gzip", "zstd"])
def test_one_validator_is_good_for_every_coding(client: httpx2.Client, coding: str) -> None:
    path = f"{COMPLETIONS}{RANGE}&bucket_width=1m&limit=1440"
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    page = client.get(path, headers={"Accept-Encoding": coding})
    assert page.headers["etag"] == packed.headers["etag"]
    held = again(client, path, page.headers["etag"], **{"Accept-Encoding": coding})
    assert held.status_code == 304
    assert "content-encoding" not in held.headers


def test_head_is_answered_alike(client: httpx2.Client) -> None:
    tag = client.head(PATHS[0]).headers["etag"]
    held = client.head(PATHS[0], headers={"If-None-Match": tag})
    assert (held.status_code, held.headers["etag"]) == (304, tag)


@pytest.mark.parametrize("path", PATHS)
def test_what_is_not_sealed_has_no_validator_and_is_always_sent(
    client: httpx2.Client, ledger: SealedLedger, path: str
) -> None:
    tag = client.get(path).headers["etag"]
    ledger.token = None
    for names in (tag, "*"):
        page = again(client, path, names)
        assert page.status_code == 200
        assert "etag" not in page.headers
        assert page.headers["cache-control"] == "private, no-cache"


def test_a_range_that_goes_on_is_not_sealed(client: httpx2.Client, ledger: SealedLedger) -> None:
    assert "etag" not in client.get(f"{COMPLETIONS}?start_time={DAY}").headers
    assert ledger.asked_for == [(DAY, NOW + 1)]


@pytest.mark.parametrize("path", PATHS)
def test_another_seal_is_another_answer(
    client: httpx2.Client, ledger: SealedLedger, path: str
) -> None:
    tag = client.get(path).headers["etag"]
    ledger.token = "seal-2"
    page = again(client, path, tag)
    assert page.status_code == 200
    assert page.headers["etag"] != tag
    assert again(client, path, page.headers["etag"]).status_code == 304


@pytest.mark.parametrize("path", PATHS)
def test_the_seal_is_read_before_the_rows(
    client: httpx2.Client, ledger: SealedLedger, path: str
) -> None:
    before = client.get(path).headers["etag"]
    ledger.token_after = "seal-2"
    # The rows may lack what came meanwhile, so the page is not known by the new seal.
    assert client.get(path).headers["etag"] == before
    assert again(client, path, before).status_code == 200


def test_a_validator_is_good_for_one_answer_only(client: httpx2.Client) -> None:
    other_key = {"Authorization": f"Bearer {OTHER_ADMIN_KEY}"}
    legacy_client = {"User-Agent": "OpenAPI-Generator/2.3.0/python"}
    asked: list[tuple[str, dict[str, str]]] = [
        (COMPLETIONS + RANGE, {}),
        (COMPLETIONS + RANGE, other_key),
        (COMPLETIONS + RANGE, legacy_client),
        (f"/compat/2.3.0{COMPLETIONS}{RANGE}", {}),
        (USAGE["embeddings"]["path"] + RANGE, {}),
        (COSTS + RANGE, {}),
        (f"{COMPLETIONS}{RANGE}&group_by=model", {}),
        (f"{COMPLETIONS}{RANGE}&models=gpt-5", {}),
        (f"{COMPLETIONS}{RANGE}&bucket_width=1h", {}),
        (f"{COMPLETIONS}{RANGE}&bucket_width=1h&limit=2", {}),
    ]
    tags = [client.get(path, headers=headers).headers["etag"] for path, headers in asked]
    assert len(set(tags)) == len(asked)
    for place, (path, headers) in enumerate(asked):
        others = ", ".join(tags[:place] + tags[place + 1 :])
        assert again(client, path, others, **headers).status_code == 200
        assert again(client, path, f"{others}, {tags[place]}", **headers).status_code == 304


def test_pages_of_one_query_have_validators_of_their_own(client: httpx2.Client) -> None:
    path = f"{COMPLETIONS}{RANGE}&bucket_width=1h&limit=12"
    first = client.get(path)
    second = client.get(f"{path}&page={first.json()['next_page']}")
    assert first.headers["etag"] != second.headers["etag"]


def test_an_error_is_never_vouched_for(client: httpx2.Client) -> None:
    tag = client.get(PATHS[0]).headers["etag"]
    for names in (tag, "*"):
        refused = again(client, f"{PATHS[0]}&limit=0", names)
        assert fault(refused)["code"] == "integer_below_min_value"
        assert "etag" not in refused.headers
        unknown = again(client, PATHS[0], names, Authorization="Bearer sk-admin-unknown")
        assert fault(unknown)["code"] == "invalid_api_key"


def test_several_lines_are_one_list(client: httpx2.Client) -> None:
    tag = client.get(PATHS[0]).headers["etag"]
    lines: Any = [("If-None-Match", '"other"'), ("If-None-Match", tag)]
    assert client.get(PATHS[0], headers=lines).status_code == 304


@pytest.mark.parametrize(
    "names",
    [
        'W/"abc"',
        '"abc"',
        '"x", W/"abc"',
        'W/"abc","x"',
        '  "x" ,"abc"  ',
        '"a,b", "abc"',
        "*",
        " * ",
        ', , "abc"',
    ],
)
def test_a_validator_is_named(names: str) -> None:
    assert is_named('W/"abc"', names)


@pytest.mark.parametrize(
    "names",
    [
        "",
        "abc",
        "W/abc",
        '"ABC"',
        '"ab"',
        '"abcd"',
        '"a,b,c"',
        "'abc'",
        '"*"',
        '"abc',
        'abc"',
        "**",
    ],
)
def test_a_validator_is_not_named(names: str) -> None:
    assert not is_named('W/"abc"', names)
