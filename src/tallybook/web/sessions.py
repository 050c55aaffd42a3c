"""Sessions of the dashboard: a signed statement of who logged in, which the browser alone keeps.

Nothing about a session is stored. What it says is the id of a key and a time;
what it opens is what the key opens at that moment. The signature covers the
digest of the key as well: a session ends with its key, also where the next
key has the same id, as those of settings do. A server signs with a secret of
its own, or one that several servers are given.

A session comes with a second token, which its page sends along in a header
with whatever changes something: another site's page can have a browser send
the cookie, and cannot read the token.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable

import msgspec

from tallybook.settings import InvalidSetting

SESSION_SECONDS = 12 * 3600
# Shorter secrets could be found by trying, with a session at hand.
SECRET_LENGTH_MIN = 32
_RANDOM_BYTES = 32
_ID_BYTES = 16

# What a signature is for, so that none can stand for another.
_FOR_SESSION = b"tallybook session 1\n"
_FOR_CSRF = b"tallybook csrf 1\n"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Who logged in, by the id of the key, and when. In Unix seconds; the end is exclusive.

    ``id`` is random: two sessions of a key are two.
    """

    id: str
    key_id: str
    issued_at: int
    expires_at: int


# The digest of the key with an id; None when there is no such key.
DigestOf = Callable[[str], str | None]

_STATEMENT = re.compile(r"[A-Za-z0-9_-]{1,1000}")
_decode = msgspec.json.Decoder(Session).decode


def new_session(key_id: str, now: float) -> Session:
    """A session that begins at a moment, in Unix seconds."""
    return Session(
        id=secrets.token_urlsafe(_ID_BYTES),
        key_id=key_id,
        issued_at=int(now),
        expires_at=int(now) + SESSION_SECONDS,
    )


class SessionSigner:
    """Makes the tokens of sessions, and reads those that it made. It never shows its secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def token(self, session: Session, key_digest: str) -> str:
        """What the browser keeps: letters, digits, ``-``, ``_`` and one dot.

        ``key_digest`` is that of the session's key.
        """
        statement = _text(msgspec.json.encode(session))
        return f"{statement}.{self._signature(_FOR_SESSION, statement, key_digest)}"

    def read(self, token: str, digest_of: DigestOf, now: float) -> Session | None:
        """The session of a token at a moment, in Unix seconds.

        None for a token that is over, whose key has another digest by now or
        none, or that is not, to the last character, one that this secret made.
        """
        statement, _, signature = token.partition(".")
        session = _statement(statement)
        key_digest = None if session is None else digest_of(session.key_id)
        if session is None or key_digest is None:
            return None
        made = self._signature(_FOR_SESSION, statement, key_digest)
        if not _equal(made, signature):
            return None
        return session if now < session.expires_at else None

    def csrf_token(self, session: Session) -> str:
        """The second token of a session, for its page alone."""
        return self._signature(_FOR_CSRF, _text(msgspec.json.encode(session)))

    def is_csrf_token(self, session: Session, token: str) -> bool:
        """Whether a token is the second one of a session."""
        return _equal(self.csrf_token(session), token)

    def _signature(self, purpose: bytes, *parts: str) -> str:
        # No part has a line break in it, so that each text is made of one list of parts.
        text = purpose + "\n".join(parts).encode()
        return _text(hmac.digest(self._secret, text, hashlib.sha256))


def signer_with(secret: str) -> SessionSigner:
    """The signer with a secret that someone chose; when empty, with one that nobody knows.

    Raises InvalidSetting, which does not show the secret.
    """
    if not secret:
        return SessionSigner(secrets.token_bytes(_RANDOM_BYTES))
    if len(secret) < SECRET_LENGTH_MIN:
        raise InvalidSetting(
            f"session_secret has {len(secret)} characters; it needs at least {SECRET_LENGTH_MIN},"
            " at random: openssl rand -hex 32."
        )
    return SessionSigner(secret.encode("utf-8", "surrogateescape"))


def _statement(text: str) -> Session | None:
    """What a token states, whoever wrote it; None when it cannot be read."""
    if not _STATEMENT.fullmatch(text):
        return None
    try:
        return _decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        return None


def _equal(made: str, given: str) -> bool:
    """Whether two texts are the same, in a time that tells nothing about where they differ."""
    return hmac.compare_digest(made.encode(), given.encode("utf-8", "surrogateescape"))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
