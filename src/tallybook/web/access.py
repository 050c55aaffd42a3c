"""Who may call what: the authorization table's check.

A request comes with a key in its ``Authorization`` header; or, without that
header, with the cookie of a session, which is good for what its key is good for.

Order of checks: route, key, scope, rate, and only then parameters
(``docs/wire.md``, section 8).
"""

from collections.abc import Iterable
from enum import Enum

from starlette.requests import Request

from tallybook.domain.errors import (
    CrossSiteRequest,
    ForeignOrganization,
    MissingKey,
    MissingScope,
    ProjectBound,
    UnknownKey,
    UnknownSession,
)
from tallybook.organization.records import Actor, Means
from tallybook.organization.ring import Caller
from tallybook.organization.scopes import Scope
from tallybook.organization.secret import masked
from tallybook.web.cross_site import CSRF_HEADER, SAFE_METHODS, require_own_page
from tallybook.web.origin import address_of
from tallybook.web.services import Services
from tallybook.web.session_cookies import kept_token
from tallybook.web.sessions import Session

# Of the header that says what program asks.
USER_AGENT_LENGTH_MAX = 200


class Reach(Enum):
    """How far a route goes."""

    # A key that is bound to projects may come in, and is shown its projects alone.
    PROJECTS = "projects"
    # What it tells or changes is the whole organization's: not for a bound key.
    ORGANIZATION = "organization"


def authorize(request: Request, scopes: Iterable[Scope], reach: Reach, services: Services) -> None:
    """Let a request pass whose key has the scopes, and has not made too many.

    Raises MissingKey or a child of it, CrossSiteRequest and RateLimited.
    ``caller_of``, ``session_of`` and ``actor_of`` know from then on whose request it is.
    """
    now = services.clock()
    token = None if "authorization" in request.headers else kept_token(request)
    if token is None:
        caller, session = caller_with(_secret_of(request), services, now), None
    else:
        caller, session = _logged_in(request, token, services, now)
    for scope in scopes:
        check_allowed(caller, scope, reach)
    organization_id = services.settings.organization_id
    named = request.headers.get("openai-organization", "")
    if organization_id and named and named != organization_id:
        raise ForeignOrganization(
            f"OpenAI-Organization is {named[:60]!r}, but this server keeps the ledger of"
            f" {organization_id!r}."
        )
    count_request(caller, services)
    admit(request, caller, session)


def caller_with(secret: str, services: Services, now: float) -> Caller:
    """Whoever has a key, at a moment in Unix seconds. Raises UnknownKey."""
    caller = services.keys.caller_of(secret, now)
    if caller is None:
        raise UnknownKey(
            f"Incorrect API key provided: {masked(secret)}. It may have been revoked or have"
            " expired."
        )
    return caller


def check_allowed(caller: Caller, scope: Scope, reach: Reach) -> None:
    """Return when a caller may come in. Raises MissingScope and ProjectBound."""
    if scope not in caller.scopes:
        raise MissingScope(
            f"You have insufficient permissions for this operation. Missing scopes: {scope}."
        )
    if reach is Reach.ORGANIZATION and caller.projects is not None:
        raise ProjectBound(
            "You have insufficient permissions for this operation: it is about the whole"
            f" organization, and your key is bound to {', '.join(sorted(caller.projects))}."
        )


def count_request(caller: Caller, services: Services) -> None:
    """Count a request of a caller, by the limit of the key, or else of the server.

    Raises RateLimited.
    """
    limit = caller.requests_per_minute_max
    if limit is None:
        limit = services.settings.requests_per_minute_max
    if limit:
        services.rate_limits.take(caller.key_id, limit)


def admit(request: Request, caller: Caller, session: Session | None) -> None:
    """Note whose request it is, and the session that it came by, if it did."""
    request.state.caller = caller
    request.state.session = session


def caller_of(request: Request) -> Caller:
    """Whose request it is that was let in."""
    caller: Caller = request.state.caller
    return caller


def session_of(request: Request) -> Session | None:
    """The session that a request that was let in came by; None when it came with a key."""
    session: Session | None = request.state.session
    return session


def actor_of(request: Request) -> Actor:
    """Who changes something by a request that was let in, as the audit log has it."""
    means = Means.API_KEY if session_of(request) is None else Means.SESSION
    return actor_from(request, means, caller_of(request).key_id)


def actor_from(request: Request, means: Means, key_id: str | None) -> Actor:
    """Who sent a request, as the audit log has it, by the id of a key when one is known."""
    return Actor(
        means=means,
        id=key_id,
        address=address_of(request),
        request_id=request.scope.get("request_id"),
        user_agent=request.headers.get("user-agent", "")[:USER_AGENT_LENGTH_MAX] or None,
    )


def _secret_of(request: Request) -> str:
    """The key in a request's header. Raises MissingKey."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret:
        raise MissingKey(
            "You didn't provide an API key. Send it in the Authorization header:"
            " Authorization: Bearer YOUR_KEY."
        )
    return secret


def _logged_in(
    request: Request, token: str, services: Services, now: float
) -> tuple[Caller, Session]:
    """Whoever logged in, and the session of a token. Raises UnknownSession and CrossSiteRequest."""
    session = services.sessions.read(token, services.keys.ring.digest_of, now)
    if session is None:
        raise UnknownSession(
            "This session is over, its key was revoked, or another server began it. Log in again."
        )
    caller = services.keys.caller_by_id(session.key_id, now)
    if caller is None:
        raise UnknownSession("The key of this session has expired. Log in with another.")
    if request.method not in SAFE_METHODS:
        require_own_page(request)
        if not services.sessions.is_csrf_token(session, request.headers.get(CSRF_HEADER, "")):
            raise CrossSiteRequest(
                f"The header {CSRF_HEADER} must be the csrf_token of GET /session."
            )
    return caller, session
