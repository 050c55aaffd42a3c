"""Requests that another site's page has a browser send, with the cookie of a session.

A browser says which site's page sent a request: ``Sec-Fetch-Site``, which no
page can set, or the older ``Origin``. Neither is needed of programs that come with a key.
"""

from enum import Enum

from starlette.requests import Request

from tallybook.domain.errors import CrossSiteRequest

CSRF_HEADER = "x-tallybook-csrf"
# They change nothing (RFC 9110, section 9.2.1).
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class Sender(Enum):
    """Whose page sent a request."""

    OWN = "own"
    OTHER = "other"
    # Nothing says so: it was no browser.
    UNKNOWN = "unknown"


def sender_of(request: Request) -> Sender:
    """Whose page sent a request, by what the browser says."""
    fetched = request.headers.get("sec-fetch-site")
    if fetched is not None:
        return Sender.OWN if fetched == "same-origin" else Sender.OTHER
    origin = request.headers.get("origin")
    if origin is None:
        return Sender.UNKNOWN
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    return Sender.OWN if origin.lower() == own.lower() else Sender.OTHER


def refuse_other_sites(request: Request) -> None:
    """Return for whoever is not another site's page. Raises CrossSiteRequest."""
    if sender_of(request) is Sender.OTHER:
        raise CrossSiteRequest("Another site's page sent this request; nothing was done.")


def require_own_page(request: Request) -> None:
    """Return for a page of this very server. Raises CrossSiteRequest."""
    if sender_of(request) is not Sender.OWN:
        raise CrossSiteRequest(
            "Only a page of this server may change something by a session: Sec-Fetch-Site must be"
            " same-origin, or Origin this server's. Programs send a key."
        )
