"""The description of sessions, written from the answers' own types."""

import msgspec

from tallybook.web.cross_site import CSRF_HEADER
from tallybook.web.login import Ended, Login, Who
from tallybook.web.openapi_parts import Document, answer, errors, ref
from tallybook.web.session_cookies import HTTPS_NAME, NAME

_COOKIE = {
    "description": f"The session, in the cookie `{NAME}`, over https `{HTTPS_NAME}`.",
    "schema": {"type": "string"},
}


def session_scheme() -> Document:
    """How a session comes."""
    return {
        "type": "apiKey",
        "in": "cookie",
        "name": NAME,
        "description": f"A session of the dashboard (over https, `{HTTPS_NAME}`). What changes"
        f" something needs the header `{CSRF_HEADER}` too, and comes from a page of this server.",
    }


def session_paths() -> Document:
    """The routes of sessions."""
    return {
        "/session": {
            "post": _post_session(),
            "get": {
                "operationId": "get_session",
                "tags": ["session"],
                "summary": "Who asks",
                "description": "Answers keys too.",
                "responses": {"200": answer("Who asks.", ref("Who")), **errors()},
            },
            "delete": {
                "operationId": "delete_session",
                "tags": ["session"],
                "summary": "End the session that comes in the cookie",
                "responses": {"200": answer("It is over.", ref("Ended")), **errors()},
            },
        }
    }


def session_schemas() -> Document:
    """The schemas that those routes refer to."""
    _, schemas = msgspec.json.schema_components(
        [Login, Who, Ended], ref_template="#/components/schemas/{name}"
    )
    return schemas


def _post_session() -> Document:
    begun = answer("The session has begun.", ref("Who"))
    begun["headers"] = {"Set-Cookie": _COOKIE}
    return {
        "operationId": "post_session",
        "tags": ["session"],
        "summary": "Begin a session with a key that has the scope `api.usage.read`",
        "security": [],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": ref("Login")}},
        },
        "responses": {
            "200": begun,
            **errors(),
            "413": answer("The body is too large.", ref("Error")),
            "415": answer("Not `application/json`.", ref("Error")),
        },
    }
