"""The authorization table, written out a second time on purpose: who may come in where.

Whoever adds a door adds a row. Scopes and reaches are the texts that the docs
have, so that a slip in the code's own names shows here.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from support import made
from support.events import DAY, event
from support.server import ADMIN_KEY
from tallybook.organization.organization import Organization

USAGE_READ, USAGE_WRITE = "api.usage.read", "api.usage.write"
PRICES_WRITE = "api.prices.write"
ORGANIZATION_READ, ORGANIZATION_WRITE = "api.organization.read", "api.organization.write"

# The project that bound keys of the matrix are bound to, and one that they are not.
OWN_PROJECT, FOREIGN_PROJECT = "proj_own", "proj_foreign"

# Makes what a path's placeholder names, anew for each call, and gives its id.
Maker = Callable[[Organization], str]
# Makes what a body names, and gives the body.
BodyMaker = Callable[[Organization], Any]


class Row(NamedTuple):
    """A door: what opens it, what a good request of it is, and how that is answered.

    ``scope`` null is anyone. A door that is ``for_bound_keys`` lets keys in
    that are bound to projects. ``ids`` has a maker for each placeholder of the
    path; one that is not there is looked up in ``MAKERS``. ``body_of`` makes
    the body where that has to be another for each call. ``also`` is a second
    scope that the key must have.
    """

    method: str
    path: str
    scope: str | None
    for_bound_keys: bool = False
    query: Mapping[str, Any] = {}
    body: Any = None
    body_of: BodyMaker | None = None
    ids: Mapping[str, Maker] = {}
    status: int = 200
    also: str | None = None

    @property
    def door(self) -> tuple[str, str]:
        """What tells it from every other."""
        return self.method, self.path


# What placeholders stand for where a row does not say otherwise.
MAKERS: dict[str, Maker] = {
    "project_id": made.active_project_of(OWN_PROJECT),
    "key_id": made.admin_key,
    "api_key_id": made.project_key_of(OWN_PROJECT),
    "service_account_id": made.service_account_of(OWN_PROJECT),
    "user_id": made.user,
}
_MEMBER: dict[str, Maker] = {"user_id": made.member_of(OWN_PROJECT)}

_RANGE = {"start_time": DAY, "end_time": DAY + 60}
# Stored before anything is asked, so that posting it changes nothing.
STORED = event(id="req_own", project_id=OWN_PROJECT)
# The same, to be voided.
VOIDED = event(id="req_voided", project_id=OWN_PROJECT)

_KINDS = (
    "completions", "embeddings", "moderations", "images", "audio_speeches",
    "audio_transcriptions", "vector_stores", "code_interpreter_sessions", "file_search_calls",
    "web_search_calls", "decisions",
)  # fmt: skip
_DIALECTS = ("/v1", "/compat/2.3.0/v1")

_ORGANIZATION = "/v1/organization"
_PROJECT = f"{_ORGANIZATION}/projects/{{project_id}}"
_ACCOUNT = f"{_PROJECT}/service_accounts/{{service_account_id}}"


def _reads(path: str, *, bound: bool, ids: Mapping[str, Maker] = {}) -> Row:
    return Row("GET", path, ORGANIZATION_READ, for_bound_keys=bound, ids=ids)


def _writes(method: str, path: str, *, bound: bool, **more: Any) -> Row:
    return Row(method, path, ORGANIZATION_WRITE, for_bound_keys=bound, **more)


ORGANIZATION_ROWS: tuple[Row, ...] = (
    _reads(f"{_ORGANIZATION}/admin_api_keys", bound=False),
    _writes("POST", f"{_ORGANIZATION}/admin_api_keys", bound=False, body={"name": "new"}),
    _reads(f"{_ORGANIZATION}/admin_api_keys/{{key_id}}", bound=False),
    _writes(
        "POST", f"{_ORGANIZATION}/admin_api_keys/{{key_id}}", bound=False, body={"name": "other"}
    ),
    _writes("DELETE", f"{_ORGANIZATION}/admin_api_keys/{{key_id}}", bound=False),
    _reads(f"{_ORGANIZATION}/projects", bound=True),
    _writes("POST", f"{_ORGANIZATION}/projects", bound=False, body={"name": "New"}),
    _reads(_PROJECT, bound=True),
    _writes("POST", _PROJECT, bound=True, body={"name": "Other"}),
    _writes("POST", f"{_PROJECT}/archive", bound=True),
    _reads(f"{_PROJECT}/api_keys", bound=True),
    _writes("POST", f"{_PROJECT}/api_keys", bound=True, body_of=made.name_of_a_key),
    _reads(f"{_PROJECT}/api_keys/{{api_key_id}}", bound=True),
    _writes("DELETE", f"{_PROJECT}/api_keys/{{api_key_id}}", bound=True),
    _reads(f"{_PROJECT}/service_accounts", bound=True),
    # Without a key: that has a scope which not every key here could hand on.
    _writes(
        "POST",
        f"{_PROJECT}/service_accounts",
        bound=True,
        body={"name": "new", "create_service_account_only": True},
    ),
    _reads(_ACCOUNT, bound=True),
    _writes("POST", _ACCOUNT, bound=True, body={"role": "owner"}),
    _writes("DELETE", _ACCOUNT, bound=True),
    _writes("POST", f"{_ACCOUNT}/api_keys", bound=True, body={"scopes": [ORGANIZATION_WRITE]}),
    _reads(f"{_PROJECT}/users", bound=True),
    _writes("POST", f"{_PROJECT}/users", bound=True, body_of=made.new_member),
    _reads(f"{_PROJECT}/users/{{user_id}}", bound=True, ids=_MEMBER),
    _writes(
        "POST", f"{_PROJECT}/users/{{user_id}}", bound=True, ids=_MEMBER, body={"role": "owner"}
    ),
    _writes("DELETE", f"{_PROJECT}/users/{{user_id}}", bound=True, ids=_MEMBER),
    _reads(f"{_ORGANIZATION}/users", bound=False),
    _writes("POST", f"{_ORGANIZATION}/users", bound=False, body={"name": "Ada"}),
    _reads(f"{_ORGANIZATION}/users/{{user_id}}", bound=False),
    _writes("POST", f"{_ORGANIZATION}/users/{{user_id}}", bound=False, body={"role": "owner"}),
    _writes("DELETE", f"{_ORGANIZATION}/users/{{user_id}}", bound=False),
    _reads(f"{_ORGANIZATION}/audit_logs", bound=False),
    Row("GET", f"{_ORGANIZATION}/names", USAGE_READ, for_bound_keys=True),
)

ROWS: tuple[Row, ...] = (
    *(Row("GET", path, None) for path in ("/", "/healthz", "/readyz", "/openapi.json", "/docs")),
    # Who may ask for a file is told that there is none of that name.
    Row("GET", "/assets/{name}", None, ids={"name": lambda _organization: "none.js"}, status=404),
    Row("POST", "/session", None, body={"key": ADMIN_KEY}),
    Row("GET", "/session", USAGE_READ, for_bound_keys=True),
    Row("DELETE", "/session", USAGE_READ, for_bound_keys=True),
    Row("POST", "/v1/events", USAGE_WRITE, for_bound_keys=True, body=STORED),
    Row("GET", "/v1/events", USAGE_READ, for_bound_keys=True, query=_RANGE),
    Row(
        "POST",
        "/v1/events/void",
        USAGE_WRITE,
        for_bound_keys=True,
        body={"id": VOIDED["id"], "reason": "counted twice"},
    ),
    Row(
        "GET",
        "/v1/events/{event_id}",
        USAGE_READ,
        for_bound_keys=True,
        ids={"event_id": lambda _organization: str(STORED["id"])},
    ),
    *(
        Row("GET", f"{base}/organization/{path}", USAGE_READ, for_bound_keys=True, query=_RANGE)
        for base in _DIALECTS
        for path in (*(f"usage/{kind}" for kind in _KINDS), "costs")
    ),
    Row("GET", "/v1/prices/cards", USAGE_READ),
    Row("GET", "/v1/prices/list", USAGE_READ, for_bound_keys=True, query={"model": "gpt-5.5"}),
    Row(
        "GET",
        "/v1/prices/explanation",
        USAGE_READ,
        for_bound_keys=True,
        query={"event_id": STORED["id"]},
    ),
    Row("GET", "/v1/prices/repricings", USAGE_READ),
    Row("POST", "/v1/prices/repricings", PRICES_WRITE, body={"since": DAY}),
    Row("GET", "/metrics", USAGE_READ),
    Row("GET", "/v1/doctor", ORGANIZATION_READ),
    *ORGANIZATION_ROWS,
    Row("POST", "/v1/backups", ORGANIZATION_WRITE, also=USAGE_READ),
)
