"""``/session``: a key in exchange for a session, who one is, and the end of it."""

import logging

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from tallybook.domain.errors import MalformedBody, MissingKey, RateLimited, UnsupportedMedia
from tallybook.intake.body import receive
from tallybook.organization.records import Means
from tallybook.organization.ring import Caller
from tallybook.organization.scopes import Scope, in_order
from tallybook.organization.secret import digest
from tallybook.web.access import (
    Reach,
    actor_from,
    admit,
    caller_of,
    caller_with,
    check_allowed,
    count_request,
    session_of,
)
from tallybook.web.cross_site import refuse_other_sites
from tallybook.web.envelope import JSONResponse
from tallybook.web.services import Services, services_of
from tallybook.web.session_cookies import drop_token, keep_token
from tallybook.web.sessions import Session, new_session

# What a session is for: who may not read usage has nothing to see.
SESSION_SCOPE = Scope.USAGE_READ
# A key and what is around it.
LOGIN_BYTES_MAX = 8 << 10
# Anyone may fail to log in, and each line of the audit log is kept for good.
FAILURES_PER_MINUTE_MAX = 60

_FAILED, _SUCCEEDED, _LOGGED_OUT = "login.failed", "login.succeeded", "logout.succeeded"
# The subject of a failure, where the key is nobody's.
_UNKNOWN = "unknown_key"

_log = logging.getLogger("tallybook.web")


class Login(msgspec.Struct, frozen=True):
    """What one logs in with."""

    key: str

    def __repr__(self) -> str:
        return "Login(key='***')"


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, and until when; ``csrf_token`` goes into the header of whatever changes something.

    ``projects`` is null for the whole organization. Who comes with a key has no
    ``csrf_token``, and needs none.
    """

    object: str = "session"
    key_id: str
    name: str
    scopes: tuple[Scope, ...]
    projects: tuple[str, ...] | None
    csrf_token: str | None
    expires_at: int | None


class Ended(msgspec.Struct, frozen=True):
    """There is no session any more."""

    object: str = "session.deleted"
    deleted: bool = True


_decode_login = msgspec.json.Decoder(Login).decode


async def post_session(request: Request) -> Response:
    """Begin a session with the key of the body."""
    services = services_of(request)
    refuse_other_sites(request)
    secret = await _secret(request)
    now = services.clock()
    subject = _UNKNOWN
    try:
        caller = caller_with(secret, services, now)
        subject = caller.key_id
        check_allowed(caller, SESSION_SCOPE, Reach.PROJECTS)
    except MissingKey as fault:
        await _note_failure(request, services, subject, fault)
        raise
    count_request(caller, services)
    session = new_session(caller.key_id, now)
    admit(request, caller, session)
    await anyio.to_thread.run_sync(_note, request, services, _SUCCEEDED, caller.key_id)
    response = JSONResponse(_who(caller, session, services))
    keep_token(request, response, services.sessions.token(session, digest(secret)))
    return response


async def get_session(request: Request) -> Response:
    """Who asks."""
    return JSONResponse(_who(caller_of(request), session_of(request), services_of(request)))


async def delete_session(request: Request) -> Response:
    """End the session that the browser has. Who comes with a key has none, and keeps the key."""
    if session_of(request) is not None:
        key_id = caller_of(request).key_id
        services = services_of(request)
        await anyio.to_thread.run_sync(_note, request, services, _LOGGED_OUT, key_id)
    response = JSONResponse(Ended())
    drop_token(request, response)
    return response


async def _secret(request: Request) -> str:
    """The key of the body. Raises UnsupportedMedia, BodyTooLarge and MalformedBody."""
    media, _, _ = request.headers.get("content-type", "").partition(";")
    # A page of another site can have a browser send every type but this without asking first.
    if media.strip().lower() != "application/json":
        raise UnsupportedMedia("Log in with Content-Type: application/json.", param="Content-Type")
    declared = request.headers.get("content-length")
    try:
        return _decode_login(await receive(request.stream(), declared, LOGIN_BYTES_MAX)).key
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        # Not the fault's own words, which may quote what was sent.
        raise MalformedBody('The body is not {"key": "sk-admin-…"}.', param="key") from fault


def _who(caller: Caller, session: Session | None, services: Services) -> Who:
    ends = [caller.expires_at, session.expires_at if session else None]
    return Who(
        key_id=caller.key_id,
        name=caller.name,
        scopes=in_order(caller.scopes),
        projects=None if caller.projects is None else tuple(sorted(caller.projects)),
        csrf_token=services.sessions.csrf_token(session) if session else None,
        expires_at=min((end for end in ends if end is not None), default=None),
    )


def _note(request: Request, services: Services, event: str, key_id: str) -> None:
    """Write down that someone came or went. Raises OrganizationUnavailable."""
    actor = actor_from(request, Means.SESSION, key_id)
    with services.organization.changing(actor, services.clock()) as change:
        change.record(event, key_id)


async def _note_failure(
    request: Request, services: Services, subject: str, fault: MissingKey
) -> None:
    """Write down that someone could not come in, as far as there is room for such lines.

    Raises OrganizationUnavailable.
    """
    actor = actor_from(request, Means.SESSION, None if subject == _UNKNOWN else subject)
    try:
        services.rate_limits.take(_FAILED, FAILURES_PER_MINUTE_MAX)
    except RateLimited:
        _log.warning(
            "%s from %s: a failed login, one of so many that the audit log has not all of them",
            actor.request_id,
            actor.address,
        )
        return

    def write() -> None:
        with services.organization.changing(actor, services.clock()) as change:
            told = {"error_code": fault.code, "error_message": fault.message}
            change.record(_FAILED, subject, after=told)

    await anyio.to_thread.run_sync(write)
