"""Everything that can go wrong, as one tree.

Each class says what it is on the wire: HTTP status, ``type`` and ``code`` of
the error envelope (``docs/wire.md``, section 8). ``param`` names the parameter
or field at fault and belongs to the instance::

    TallybookError                      500 server_error
    ├── RequestError                    400 invalid_request_error
    │   ├── MissingParameter            400 missing_required_parameter
    │   ├── InvalidType                 400 invalid_type
    │   ├── InvalidValue                400 invalid_value
    │   ├── UnknownParameter            400 unknown_parameter
    │   ├── AboveMaximum                400 integer_above_max_value
    │   ├── BelowMinimum                400 integer_below_min_value
    │   ├── AmbiguousEvent              400 ambiguous_event
    │   ├── BeforeHorizon               400 before_horizon
    │   ├── MalformedRequest            400 malformed_request
    │   ├── MalformedBody               400 malformed_body
    │   ├── RecordExists                400 already_exists
    │   ├── NothingStored               400 events_rejected
    │   ├── EventsConflict              409 events_conflict
    │   ├── PricesRefused               409 prices_refused
    │   ├── BackupUnderWay              409 backup_under_way
    │   ├── MissingKey                  401
    │   │   ├── UnknownKey              401 invalid_api_key
    │   │   ├── UnknownSession          401 invalid_session
    │   │   ├── MissingScope            401
    │   │   ├── ProjectBound            401 project_bound_key
    │   │   └── ForeignOrganization     401 mismatched_organization
    │   ├── CrossSiteRequest            403 cross_site_request
    │   ├── UnknownPath                 404
    │   ├── UnknownEvent                404 unknown_event
    │   ├── UnknownRecord               404 not_found
    │   ├── MethodNotAllowed            405
    │   ├── RequestTooSlow              408 request_too_slow
    │   ├── BodyTooLarge                413 body_too_large
    │   ├── AddressTooLong              414 address_too_long
    │   ├── UnsupportedMedia            415 unsupported_media_type
    │   └── HeadersTooLarge             431 headers_too_large
    ├── RateLimited                     429 rate_limit_exceeded (type requests)
    ├── ServerFault                     500 server_error
    ├── Overloaded                      503 overloaded
    ├── QueryStopped                    503 query_stopped
    │   └── QueryTimedOut               504 query_timeout
    ├── StorageFull                     507 storage_full
    ├── OrganizationUnavailable         503 organization_unavailable
    │   └── OrganizationTooNew          503 organization_too_new
    └── LedgerUnavailable               503 ledger_unavailable
        ├── LedgerDamaged               503 ledger_damaged
        ├── LedgerInUse                 503 ledger_in_use
        └── LedgerTooNew                503 ledger_too_new

``ImpossibleEvent`` stands apart: it is a fault of one event among many, never
of a request, and becomes a line of a receipt.
"""

from http import HTTPStatus
from typing import ClassVar


class TallybookError(Exception):
    """The root: catch it to catch everything that Tallybook raises on purpose."""

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR
    type: ClassVar[str] = "server_error"
    code: ClassVar[str | None] = None
    # Whole seconds after which a retry makes sense; None when it never does. An instance may know
    # better than its class.
    retry_after_seconds: int | None = None

    def __init__(self, message: str, *, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param


class RequestError(TallybookError):
    """The request is at fault; sending it again as it is will not help."""

    status = HTTPStatus.BAD_REQUEST
    type = "invalid_request_error"


class MissingParameter(RequestError):
    """A required parameter is absent or empty."""

    code = "missing_required_parameter"


class InvalidType(RequestError):
    """A parameter is not of its type: a date where an integer is due, a list for a scalar."""

    code = "invalid_type"


class InvalidValue(RequestError):
    """A parameter has the right type and an impossible value."""

    code = "invalid_value"


class UnknownParameter(RequestError):
    """A filter that other endpoints have and this one has not."""

    code = "unknown_parameter"


class AboveMaximum(RequestError):
    """An integer parameter lies above its inclusive maximum."""

    code = "integer_above_max_value"


class BelowMinimum(RequestError):
    """An integer parameter lies below its inclusive minimum."""

    code = "integer_below_min_value"


class AmbiguousEvent(RequestError):
    """Several stored events have this id; their times tell them apart."""

    code = "ambiguous_event"


class BeforeHorizon(RequestError):
    """It needs events that were let go (setting retention_days); only sums are kept of them."""

    code = "before_horizon"


class MalformedRequest(RequestError):
    """What came is not HTTP as it has to be, or may be read in two ways; the connection ends."""

    code = "malformed_request"


class MalformedBody(RequestError):
    """The body as a whole cannot be read; nothing of it was stored."""

    code = "malformed_body"


class RecordExists(RequestError):
    """The organization has a record with this id or email already."""

    code = "already_exists"


class NothingStored(RequestError):
    """No event of the request could be stored."""

    code = "events_rejected"


class EventsConflict(RequestError):
    """All that failed are events whose identity is stored with another content."""

    status = HTTPStatus.CONFLICT
    code = "events_conflict"


class PricesRefused(RequestError):
    """The price file has a fault, so nothing is priced by it."""

    status = HTTPStatus.CONFLICT
    code = "prices_refused"


class BackupUnderWay(RequestError):
    """Another backup of the ledger is under way; this one was not begun."""

    status = HTTPStatus.CONFLICT
    code = "backup_under_way"


class MissingKey(RequestError):
    """There is no ``Authorization: Bearer`` header."""

    status = HTTPStatus.UNAUTHORIZED


class UnknownKey(MissingKey):
    """The key is not, or no longer, known."""

    code = "invalid_api_key"


class UnknownSession(MissingKey):
    """The session is over, its key is no longer good, or this server did not begin it."""

    code = "invalid_session"


class MissingScope(MissingKey):
    """The key is good, but not for this route."""


class ProjectBound(MissingKey):
    """The key is bound to projects, and this is beyond them."""

    code = "project_bound_key"


class ForeignOrganization(MissingKey):
    """The ``OpenAI-Organization`` header names another organization."""

    code = "mismatched_organization"


class CrossSiteRequest(RequestError):
    """A request by a session's cookie does not prove that the session's own page sent it."""

    status = HTTPStatus.FORBIDDEN
    code = "cross_site_request"


class UnknownPath(RequestError):
    """No route has this path."""

    status = HTTPStatus.NOT_FOUND


class UnknownEvent(RequestError):
    """No stored event has this id."""

    status = HTTPStatus.NOT_FOUND
    code = "unknown_event"


class UnknownRecord(RequestError):
    """The organization has no record with this id."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"


class MethodNotAllowed(RequestError):
    """The path exists, with other methods."""

    status = HTTPStatus.METHOD_NOT_ALLOWED


class RequestTooSlow(RequestError):
    """The request did not come within the time that is allowed; the connection ends."""

    status = HTTPStatus.REQUEST_TIMEOUT
    code = "request_too_slow"


class BodyTooLarge(RequestError):
    """The body, as sent or unpacked, is over a limit."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "body_too_large"


class AddressTooLong(RequestError):
    """The path and query string are over the limit; the connection ends."""

    status = HTTPStatus.REQUEST_URI_TOO_LONG
    code = "address_too_long"


class UnsupportedMedia(RequestError):
    """The ``Content-Type`` or ``Content-Encoding`` is not one that is read."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported_media_type"


class HeadersTooLarge(RequestError):
    """The headers are over the limit of bytes, or too many; the connection ends."""

    status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    code = "headers_too_large"


class RateLimited(TallybookError):
    """The key made too many requests; the answer says in how many seconds the next may come."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    type = "requests"
    code = "rate_limit_exceeded"
    retry_after_seconds = 1

    def __init__(
        self, message: str, *, param: str | None = None, retry_after_seconds: int = 1
    ) -> None:
        super().__init__(message, param=param)
        self.retry_after_seconds = retry_after_seconds


class ServerFault(TallybookError):
    """A defect: the details are in the log, under the request's id."""


class Overloaded(TallybookError):
    """More is under way than there is room for, or the server is stopping; nothing was done."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "overloaded"
    retry_after_seconds = 1

    def __init__(
        self, message: str, *, param: str | None = None, retry_after_seconds: int = 1
    ) -> None:
        super().__init__(message, param=param)
        self.retry_after_seconds = retry_after_seconds


class QueryStopped(TallybookError):
    """Whoever asked is gone, or the server is stopping: the query was ended before its answer."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "query_stopped"
    retry_after_seconds: int | None = 1


class QueryTimedOut(QueryStopped):
    """The query was not answered within the time limit; as it is, it would not be again."""

    status = HTTPStatus.GATEWAY_TIMEOUT
    code = "query_timeout"
    retry_after_seconds = None


class StorageFull(TallybookError):
    """The disk has no room; nothing of the request was stored."""

    status = HTTPStatus.INSUFFICIENT_STORAGE
    code = "storage_full"
    retry_after_seconds = 30


class OrganizationUnavailable(TallybookError):
    """The organization's database cannot be opened, read or written now; nothing was changed."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "organization_unavailable"
    retry_after_seconds = 5


class OrganizationTooNew(OrganizationUnavailable):
    """The organization's database was written by a newer version."""

    code = "organization_too_new"


class LedgerUnavailable(TallybookError):
    """The ledger cannot be opened, read or written now; nothing of the request was stored."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "ledger_unavailable"
    retry_after_seconds: int | None = 5


class LedgerDamaged(LedgerUnavailable):
    """What is on the disk is not what was written there; only a backup or a repair helps."""

    code = "ledger_damaged"
    retry_after_seconds = None


class LedgerInUse(LedgerUnavailable):
    """Another process owns the data folder."""

    code = "ledger_in_use"


class LedgerTooNew(LedgerUnavailable):
    """The data folder was written by a newer version."""

    code = "ledger_too_new"


class ImpossibleEvent(ValueError):
    """One event whose fields contradict each other or the clock.

    ``field`` names the field at fault, ``reason`` the value and the rule.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason
