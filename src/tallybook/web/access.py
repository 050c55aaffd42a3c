"""Who may call what: the authorization table's check.

Order of checks: route, key, scope, rate, and only then parameters
(``docs/wire.md``, section 8).
"""

from enum import Enum

from starlette.requests import Request

from tallybook.domain.errors import (
    ForeignOrganization,
    MissingKey,
    MissingScope,
    ProjectBound,
    UnknownKey,
)
from tallybook.organization.records import Actor, Means
from tallybook.organization.ring import Caller
from tallybook.organization.scopes import Scope
from tallybook.organization.secret import masked
from tallybook.web.origin import address_of
from tallybook.web.services import Services

# Of the header that says what program asks.
USER_AGENT_LENGTH_MAX = 200


class Reach(Enum):
    """How far a route goes."""

    # A key that is bound to projects may come in, and is shown its projects alone.
    PROJECTS = "projects"
    # What it tells or changes is the whole organization's: not for a bound key.
    ORGANIZATION = "organization"


def authorize(request: Request, scope: Scope, reach: Reach, services: Services) -> None:
    """Let a request pass that has a key with the scope, and has not made too many.

    Raises MissingKey or a child of it, and RateLimited.
    ``caller_of`` and ``actor_of`` know from then on whose request it is.
    """
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret:
        raise MissingKey(
            "You didn't provide an API key. Send it in the Authorization header:"
            " Authorization: Bearer YOUR_KEY."
        )
    caller = services.keys.caller_of(secret, services.clock())
    if caller is None:
        raise UnknownKey(
            f"Incorrect API key provided: {masked(secret)}. It may have been revoked or have"
            " expired."
        )
    if scope not in caller.scopes:
        raise MissingScope(
            f"You have insufficient permissions for this operation. Missing scopes: {scope}."
        )
    if reach is Reach.ORGANIZATION and caller.projects is not None:
        raise ProjectBound(
            "You have insufficient permissions for this operation: it is about the whole"
            f" organization, and your key is bound to {', '.join(sorted(caller.projects))}."
        )
    organization_id = services.settings.organization_id
    named = request.headers.get("openai-organization", "")
    if organization_id and named and named != organization_id:
        raise ForeignOrganization(
            f"OpenAI-Organization is {named[:60]!r}, but this server keeps the ledger of"
            f" {organization_id!r}."
        )
    limit = caller.requests_per_minute_max
    if limit is None:
        limit = services.settings.requests_per_minute_max
    if limit:
        services.rate_limits.take(caller.key_id, limit)
    request.state.caller = caller


def caller_of(request: Request) -> Caller:
    """Whose request it is that was let in."""
    caller: Caller = request.state.caller
    return caller


def actor_of(request: Request) -> Actor:
    """Who changes something by a request that was let in, as the audit log has it."""
    return Actor(
        means=Means.API_KEY,
        id=caller_of(request).key_id,
        address=address_of(request),
        request_id=request.scope.get("request_id"),
        user_agent=request.headers.get("user-agent", "")[:USER_AGENT_LENGTH_MAX] or None,
    )
