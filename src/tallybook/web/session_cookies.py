"""The cookie that a session comes in.

No script can read it, no other site's page has it sent, and over https it is
never sent without: there it has another name, one that a browser takes from
nobody but this very host (``__Host-``).
"""

from starlette.requests import Request
from starlette.responses import Response

from tallybook.web.origin import is_https
from tallybook.web.sessions import SESSION_SECONDS

NAME = "tallybook_session"
HTTPS_NAME = "__Host-tallybook_session"


def kept_token(request: Request) -> str | None:
    """The token that a request's cookie has; None when there is no such cookie."""
    return request.cookies.get(_name(request))


def keep_token(request: Request, response: Response, token: str) -> None:
    """Have whoever sent a request keep a token, for as long as a session may last."""
    response.set_cookie(
        _name(request),
        token,
        max_age=SESSION_SECONDS,
        secure=is_https(request),
        httponly=True,
        samesite="strict",
    )


def drop_token(request: Request, response: Response) -> None:
    """Have whoever sent a request forget the token that it has."""
    response.delete_cookie(
        _name(request), secure=is_https(request), httponly=True, samesite="strict"
    )


def _name(request: Request) -> str:
    return HTTPS_NAME if is_https(request) else NAME
