"""The authorization matrix: every route by every sort of key, and the answer that the table says.

The table is ``support/access_table.py``; a route without a row in it fails.
"""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest

from support.access_table import (
    FOREIGN_PROJECT,
    MAKERS,
    OWN_PROJECT,
    ROWS,
    STORED,
    VOIDED,
    Row,
)
from support.events import DAY, event
from support.inprocess import serving
from support.keys import SCOPES, Kept, keep
from support.ledgers import opened, store
from support.server import ADMIN_KEY, INGEST_KEY, Server
from support.wire import fault, refusal
from tallybook.organization.organization import Organization, open_organization
from tallybook.organization.scopes import ALL_SCOPES, Scope
from tallybook.web.access import Reach
from tallybook.web.routes import DOORS

NO_SCOPES: frozenset[Scope] = frozenset()
OWN = (OWN_PROJECT,)

# Each scope by itself, all and none, of the whole organization and of a project.
GOOD_KEYS = tuple(
    Kept(f"{name} {whose}", scopes, projects)
    for whose, projects in (("unbound", None), ("bound", OWN))
    for name, scopes in (
        *((scope.removeprefix("api.").replace(".", " "), frozenset({scope})) for scope in SCOPES),
        ("all", ALL_SCOPES),
        ("none", NO_SCOPES),
    )
)
# They had every scope while they were good.
BAD_KEYS = (
    Kept("expired", expired=True),
    Kept("expired bound", projects=OWN, expired=True),
    Kept("revoked", revoked=True),
    Kept("revoked bound", projects=OWN, revoked=True),
)
UNKNOWN = Kept("unknown")
# Of a key that is good for everything: it has to come as the contract says.
ALL = next(key for key in GOOD_KEYS if key.name == "all unbound")
MALFORMED: dict[str, str | None] = {
    "no header": None,
    "empty": "",
    "no scheme": ALL.secret,
    "another scheme": f"Basic {ALL.secret}",
    "scheme alone": "Bearer",
    "a tab for a blank": f"Bearer\t{ALL.secret}",
    "scheme run together": f"Bearer{ALL.secret}",
}
NOT_QUITE = {
    "quoted": f'Bearer "{ALL.secret}"',
    "twice": f"Bearer {ALL.secret} {ALL.secret}",
    "listed": f"Bearer {ALL.secret}, Bearer {ALL.secret}",
    "in capitals": f"Bearer {ALL.secret.upper()}",
    "one letter less": f"Bearer {ALL.secret[:-1]}",
    "one letter more": f"Bearer {ALL.secret}0",
    "prefix alone": "Bearer sk-admin-",
    "its digest": "Bearer 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "beyond ASCII": f"Bearer {ALL.secret}\xe9",
}

every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.path}")


class House:
    """A server with every sort of key, and its organization, to make what paths name."""

    def __init__(
        self, http: httpx2.Client, nobody: httpx2.Client, organization: Organization
    ) -> None:
        self.http = http
        self.nobody = nobody
        self.organization = organization

    def call(self, row: Row, authorization: str | None) -> httpx2.Response:
        """A good request of a door, but for its key."""
        names = re.findall(r"{(\w+)}", row.path)
        ids = {name: (row.ids.get(name) or MAKERS[name])(self.organization) for name in names}
        # Bytes, so that the header may be anything that the protocol lets through.
        headers = (
            [] if authorization is None else [(b"Authorization", authorization.encode("latin-1"))]
        )
        # Who has logged in before is nobody again.
        self.nobody.cookies.clear()
        body = row.body if row.body_of is None else row.body_of(self.organization)
        return self.nobody.request(
            row.method, row.path.format(**ids), params=row.query, json=body, headers=headers
        )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("house")
    keep(folder, *GOOD_KEYS, *BAD_KEYS, Kept("foreign", projects=(FOREIGN_PROJECT,)))
    with opened(folder) as ledger:
        store(ledger, STORED, VOIDED)
        with (
            serving(ledger, folder) as http,
            httpx2.Client(base_url=http.base_url, timeout=60, trust_env=False) as nobody,
            closing(open_organization(folder, "")) as organization,
        ):
            yield House(http, nobody, organization)


def refused(answer: httpx2.Response, code: str | None, message: str) -> None:
    """Hold an answer against the contract's refusal of a key."""
    assert fault(answer) == refusal(None, code, 401)
    assert answer.json()["error"]["message"] == message
    assert answer.headers["www-authenticate"] == "Bearer"


def wanted(row: Row, key: Kept) -> tuple[str | None, str] | None:
    """The code and the message of the refusal of a key that is in force; None: it may come in."""
    if row.scope is None:
        return None
    lacks = "You have insufficient permissions for this operation"
    for scope in (row.scope, row.also):
        if scope is None:
            continue
        if scope not in key.scopes:
            return None, f"{lacks}. Missing scopes: {scope}."
        if key.projects is not None and not row.for_bound_keys:
            return "project_bound_key", (
                f"{lacks}: it is about the whole organization, and your key is bound to"
                f" {OWN_PROJECT}."
            )
    return None


def test_every_route_has_a_row_and_every_row_is_a_route() -> None:
    doors, rows = {(door.method, door.path) for door in DOORS}, [row.door for row in ROWS]
    assert doors - {*rows} == set(), "routes without a row in tests/support/access_table.py"
    assert {*rows} - doors == set(), "rows of tests/support/access_table.py without a route"
    assert len(rows) == len({*rows}), "a route has two rows"


@every_row
def test_the_table_of_the_server_is_the_one_that_is_written_out(row: Row) -> None:
    (door,) = (each for each in DOORS if (each.method, each.path) == row.door)
    assert (door.scope, door.also) == (row.scope, row.also)
    if row.scope is not None:
        assert (door.reach is Reach.PROJECTS) == row.for_bound_keys


@every_row
@pytest.mark.parametrize("key", GOOD_KEYS, ids=lambda key: key.name)
def test_a_door_opens_for_its_scope_and_for_nothing_else(house: House, row: Row, key: Kept) -> None:
    answer = house.call(row, f"Bearer {key.secret}")
    if (refusal_ := wanted(row, key)) is None:
        assert answer.status_code == row.status, answer.text
        assert "www-authenticate" not in answer.headers
    else:
        refused(answer, *refusal_)


@every_row
@pytest.mark.parametrize("key", [*BAD_KEYS, UNKNOWN], ids=lambda key: key.name)
def test_a_key_that_is_over_is_like_one_that_never_was(house: House, row: Row, key: Kept) -> None:
    answer = house.call(row, f"Bearer {key.secret}")
    if row.scope is None:
        assert answer.status_code == row.status
    else:
        shown = "Incorrect API key provided: sk-admin-****cdef. It may have been revoked or have"
        refused(answer, "invalid_api_key", f"{shown} expired.")


@every_row
def test_without_a_key_in_its_header_nobody_comes_in(house: House, row: Row) -> None:
    for authorization in MALFORMED.values():
        answer = house.call(row, authorization)
        if row.scope is None:
            assert answer.status_code == row.status
        else:
            refused(
                answer,
                None,
                "You didn't provide an API key. Send it in the Authorization header:"
                " Authorization: Bearer YOUR_KEY.",
            )


@every_row
def test_what_is_nearly_a_key_is_none(house: House, row: Row) -> None:
    for authorization in NOT_QUITE.values() if row.scope is not None else ():
        answer = house.call(row, authorization)
        assert fault(answer) == refusal(None, "invalid_api_key", 401), authorization


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer  "])
def test_the_scheme_is_read_as_the_protocol_says(house: House, scheme: str) -> None:
    row = next(row for row in ROWS if row.door == ("GET", "/v1/events"))
    assert house.call(row, f"{scheme} {ALL.secret}").status_code == 200


@every_row
def test_head_is_let_in_no_further_than_get(house: House, row: Row) -> None:
    if row.method != "GET" or row.scope is None:
        return
    asked = row._replace(method="HEAD")
    assert house.call(asked, None).status_code == 401
    for key in GOOD_KEYS:
        allowed = wanted(row, key) is None
        assert (house.call(asked, f"Bearer {key.secret}").status_code == 401) is not allowed


def test_keys_of_settings_are_those_of_their_roles(house: House) -> None:
    for row in ROWS:
        assert house.call(row, f"Bearer {ADMIN_KEY}").status_code == row.status
        allowed = row.scope in (None, "api.usage.write")
        status = house.call(row, f"Bearer {INGEST_KEY}").status_code
        assert status == (row.status if allowed else 401)


def test_what_was_refused_changed_nothing(house: House) -> None:
    before = house.http.get("/v1/events").json()["data"]
    new: dict[str, Any] = event(id="req_new", time=DAY + 7_200, project_id=OWN_PROJECT)
    row = next(row for row in ROWS if row.door == ("POST", "/v1/events"))._replace(body=new)
    for key in (*GOOD_KEYS, *BAD_KEYS, UNKNOWN):
        if key in GOOD_KEYS and wanted(row, key) is None:
            continue
        assert house.call(row, f"Bearer {key.secret}").status_code == 401
    assert house.http.get("/v1/events").json()["data"] == before


def test_only_what_says_nothing_about_usage_is_public() -> None:
    public = {row.path for row in ROWS if row.scope is None}
    # Who logs in has the key in the body.
    assert public == {
        "/",
        "/assets/{name}",
        "/healthz",
        "/readyz",
        "/openapi.json",
        "/docs",
        "/session",
    }


def test_no_key_is_ever_in_an_answer_or_in_the_log(server: Server) -> None:
    secret = "sk-admin-typed-into-the-wrong-place-9f8e7d"
    with httpx2.Client(base_url=server.address, trust_env=False) as http:
        for authorization in (f"Bearer {secret}", f"Basic {secret}", f"{secret}"):
            for row in ROWS:
                headers = {"Authorization": authorization}
                answer = http.request(row.method, row.path, headers=headers, json=row.body)
                assert secret not in answer.text
    assert secret not in "".join(server.output)
    assert ADMIN_KEY not in "".join(server.output)
