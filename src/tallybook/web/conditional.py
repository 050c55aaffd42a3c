"""Conditional requests: whoever has a page that still holds is told so, and gets no other.

Only a page whose whole range is sealed has a validator (``ETag``). It stands
for all that the page depends on: the seal, the path, the query as it was sent
and as it was understood, the dialect, the version, and the key, so that what
one key was answered never vouches for what another may see.

Validators are weak (RFC 9110, section 8.8.1): the same page goes out in
several codings, and one validator is good for all of them. Ranges and writes,
which would need strong ones, are not offered here.
"""

import base64
import hashlib
import re
from collections.abc import Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from tallybook.domain.queries import Query
from tallybook.ledger.ledger import Ledger
from tallybook.usage.dialects import Dialect
from tallybook.version import __version__
from tallybook.web.access import caller_of
from tallybook.web.answered_from import answered_from

# A late event may break a seal, so a kept answer is asked about before each use, and nobody keeps
# it for others.
CACHE_CONTROL = "private, no-cache"

# 128 bits: no two answers have the same validator by chance.
_DIGEST_BYTES = 16

_ANY = "*"
# What is quoted is the same whether it is called weak or strong: section 8.8.3.2.
_ENTITY_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')


def validator_of(request: Request, query: Query, dialect: Dialect, seal: str | None) -> str | None:
    """The validator of a page of a query, or None when its range is not sealed whole."""
    if seal is None:
        return None
    depends_on = [
        __version__,
        caller_of(request).key_id,
        request.url.path,
        request.scope["query_string"].decode("latin-1"),
        # What the query string leaves to the clock.
        [query.start, query.end, query.resume],
        dialect,
        seal,
    ]
    digest = hashlib.blake2s(msgspec.json.encode(depends_on), digest_size=_DIGEST_BYTES).digest()
    return f'W/"{base64.urlsafe_b64encode(digest).rstrip(b"=").decode()}"'


def revalidated(
    request: Request,
    query: Query,
    dialect: Dialect,
    ledger: Ledger,
    answer: Callable[[], Response],
) -> Response:
    """304 when ``request`` names the validator of a page, else the ``answer``, with the validator.

    Without asking for the answer, a 304 has none of the headers that it takes work to know.
    """
    # Before the rows: an event that comes between the two costs a needless answer later. The
    # other way round, rows without it would pass for ones that have it, for good.
    validator = validator_of(request, query, dialect, ledger.seal_of(query))
    headers = {"Cache-Control": CACHE_CONTROL, **answered_from(query, ledger)}
    if validator is not None:
        headers["ETag"] = validator
        if is_named(validator, ",".join(request.headers.getlist("if-none-match"))):
            return Response(status_code=304, headers=headers)
    response = answer()
    response.headers.update(headers)
    return response


def is_named(validator: str, if_none_match: str) -> bool:
    """Whether an ``If-None-Match`` names a validator, by itself, in a list or as ``*``.

    The comparison is weak (RFC 9110, section 13.1.2). What is no list of
    entity tags names nothing.
    """
    if if_none_match.strip() == _ANY:
        return True
    return validator.removeprefix("W/").strip('"') in _ENTITY_TAG.findall(if_none_match)
