"""Who may call what: the authorization table's check.

Order of checks: route, key, scope, and only then parameters
(``docs/wire.md``, section 8).
"""

from starlette.requests import Request

from tallybook.domain.errors import (
    ForeignOrganization,
    MissingKey,
    MissingScope,
    UnknownKey,
)
from tallybook.organization.keys import KeyRing, Scope, digest, masked


def authorize(request: Request, scope: Scope, keys: KeyRing, organization_id: str) -> None:
    """Let a request pass that has a key with the scope. Raises MissingKey or a child of it.

    ``caller_of`` and ``key_digest_of`` know from then on whose request it is.
    """
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret:
        raise MissingKey(
            "You didn't provide an API key. Send it in the Authorization header:"
            " Authorization: Bearer YOUR_KEY."
        )
    role = keys.role_of(secret)
    if role is None:
        raise UnknownKey(f"Incorrect API key provided: {masked(secret)}.")
    if scope not in role.scopes:
        raise MissingScope(
            f"You have insufficient permissions for this operation. Missing scopes: {scope}."
        )
    named = request.headers.get("openai-organization", "")
    if organization_id and named and named != organization_id:
        raise ForeignOrganization(
            f"OpenAI-Organization is {named[:60]!r}, but this server keeps the ledger of"
            f" {organization_id!r}."
        )
    request.state.caller = f"{role.name} key {masked(secret)}"
    request.state.key_digest = digest(secret)


def caller_of(request: Request) -> str:
    """Who made a request that was let in: the sort of key, and the key as it may be shown."""
    return str(request.state.caller)


def key_digest_of(request: Request) -> str:
    """What tells the key of a request that was let in from every other; never to be shown."""
    return str(request.state.key_digest)
