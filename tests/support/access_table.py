"""The authorization table, written out a second time on purpose: who may come in where.

Whoever adds a door adds a row. Scopes and reaches are the texts that the docs
have, so that a slip in the code's own names shows here.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

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


class Row(NamedTuple):
    """A door: what opens it, what a good request of it is, and how that is answered.

    ``scope`` null is anyone. A door that is ``for_bound_keys`` lets keys in
    that are bound to projects. ``ids`` has a maker for each placeholder of the
    path; one that is not there is looked up in ``MAKERS``.
    """

    method: str
    path: str
    scope: str | None
    for_bound_keys: bool = False
    query: Mapping[str, Any] = {}
    body: Any = None
    ids: Mapping[str, Maker] = {}
    status: int = 200

    @property
    def door(self) -> tuple[str, str]:
        """What tells it from every other."""
        return self.method, self.path


# What placeholders stand for where a row does not say otherwise.
MAKERS: dict[str, Maker] = {"project_id": lambda _organization: OWN_PROJECT}

_RANGE = {"start_time": DAY, "end_time": DAY + 60}
# Stored before anything is asked, so that posting it changes nothing.
STORED = event(id="req_own", project_id=OWN_PROJECT)

_KINDS = (
    "completions", "embeddings", "moderations", "images", "audio_speeches",
    "audio_transcriptions", "vector_stores", "code_interpreter_sessions", "file_search_calls",
    "web_search_calls", "decisions",
)  # fmt: skip
_DIALECTS = ("/v1", "/compat/2.3.0/v1")

ROWS: tuple[Row, ...] = (
    *(Row("GET", path, None) for path in ("/healthz", "/readyz", "/openapi.json", "/docs")),
    Row("POST", "/session", None, body={"key": ADMIN_KEY}),
    Row("GET", "/session", USAGE_READ, for_bound_keys=True),
    Row("DELETE", "/session", USAGE_READ, for_bound_keys=True),
    Row("POST", "/v1/events", USAGE_WRITE, for_bound_keys=True, body=STORED),
    Row("GET", "/v1/events", USAGE_READ, for_bound_keys=True, query=_RANGE),
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
)
