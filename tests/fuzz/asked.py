"""Requests to the application: query strings, credentials, and bodies about the organization."""

import re
import tarfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import msgspec

from fuzz.cursors import QUERIES
from fuzz.mutating import Mutate, after_a_choice, json_of, lines_of, pairs_of
from fuzz.served import AUTHORIZED, BOUND, Answer, Headers, House, house
from fuzz.target import Check, Target
from support.access_table import MAKERS, ORGANIZATION_ROWS, ROWS, Row
from support.events import DAY
from support.inprocess import NOW
from support.server import ADMIN_KEY, INGEST_KEY
from tallybook.backup.archive import MEDIA_TYPE
from tallybook.domain.entries import latest_us
from tallybook.domain.kinds import KINDS
from tallybook.intake.native import Format, read_events
from tallybook.usage.cursor import Cursor, fingerprint

_PLACEHOLDER = re.compile(r"{(\w+)}")
_BOUND: Headers = (
    (b"host", b"x"),
    *((b"authorization", v.encode()) for v in BOUND.header.values()),
)
_LINES: Headers = (*AUTHORIZED, (b"accept", Format.NDJSON.encode()))
_CALLERS = (AUTHORIZED, _BOUND, _LINES)

_ENVELOPE = {"message", "type", "param", "code"}


def in_form(answer: Answer) -> object:
    """What an answer says, once it is known to have one of the forms of the contract."""
    assert answer.status < 500, answer
    assert int(answer.headers.get(b"content-length", len(answer.body))) == len(answer.body)
    if answer.headers.get(b"content-type", b"").startswith(b"application/x-ndjson"):
        for line in answer.body.splitlines():
            msgspec.json.decode(line)
        return None
    if answer.headers.get(b"content-type") == MEDIA_TYPE.encode():
        assert tarfile.is_tarfile(BytesIO(answer.body))
        return None
    said = answer.json()
    if answer.status >= 400:
        assert set(said["error"]) == _ENVELOPE
        assert said["error"]["message"]
        assert answer.headers[b"content-type"] == b"application/json"
    elif said.get("object") == "page":
        assert said["has_more"] is bool(said["next_page"])
        for bucket in said["data"]:
            assert bucket["object"] == "bucket"
            assert bucket["start_time"] < bucket["end_time"]
    elif said.get("object") == "list":
        assert isinstance(said["data"], list)
        assert isinstance(said.get("has_more", False), bool)
    return said


def _queries(paths: tuple[str, ...]) -> Callable[[Path], AbstractContextManager[Check]]:
    """Query strings of some paths; the first byte says whose, and by whom."""

    @contextmanager
    def opened(folder: Path) -> Iterator[Check]:
        with house(folder) as found:
            yield partial(_queried, found, paths)

    return opened


def _queried(found: House, paths: tuple[str, ...], data: bytes) -> None:
    way, query = (data[0] if data else 0), data[1:].replace(b"#", b"")
    path = paths[way % len(paths)]
    headers = _CALLERS[way // len(paths) % len(_CALLERS)]
    answer = found.ask("GET", path, query, headers)
    said = in_form(answer)
    if answer.status != 200 or not isinstance(said, dict):
        return
    if path == "/v1/events" and said["data"]:
        batch = read_events(msgspec.json.encode(said["data"]), Format.JSON, latest_us(NOW), 10_000)
        assert batch.rejected == []
    if token := said.get("next_page"):
        # The page after it is there: whatever was asked, its own token fits it.
        rest = b"&".join(pair for pair in query.split(b"&") if pair.partition(b"=")[0] != b"page")
        following = found.ask("GET", path, rest + b"&page=" + token.encode(), headers)
        if b"page" in rest:
            in_form(following)
        else:
            assert following.status == 200, (query, following)


_USAGE = tuple(
    f"{base}{kind.path}" for base in ("/v1", "/compat/2.3.0/v1") for kind in KINDS.values()
)
_COSTS = ("/v1/organization/costs", "/compat/2.3.0/v1/organization/costs")
_PRICES = tuple(
    row.path for row in ROWS if row.path.startswith("/v1/prices") and row.method == "GET"
)
_LISTS = tuple(
    row.path.replace("{project_id}", "proj_own")
    for row in ORGANIZATION_ROWS
    if row.method == "GET" and not row.path.endswith("_id}")
)

_QUERY_WORDS = (
    b"start_time", b"end_time", b"bucket_width", b"limit", b"page", b"timezone", b"order_by",
    b"top", b"group_by", b"project_ids", b"user_ids", b"api_key_ids", b"models", b"batch",
    b"service_tiers",
    b"sources", b"sizes", b"providers", b"tags[team]", b"kinds", b"line_items", b"currencies",
    b"vector_store_ids", b"context_levels", b"after", b"before", b"order", b"include[]", b"1m",
    b"1h", b"1d", b"1w", b"1mo", b"15m", b"tag:team", b"line_item", b"model", b"project_id",
    b"amount",
    b"input_tokens", b"num_model_requests", b"UTC", b"Europe/Paris", b"America/St_Johns", b"asc",
    b"desc", b"event_id", b"time", b"model", b"since", b"until", b"effective_at[gte]",
    b"event_types[]",
    b"actor_ids[]", b"include_archived", b"%", b"%00", b"%ff", b"%ed%a0%80", b"+",
    str(DAY).encode(), str(DAY + 3_600).encode(), str(NOW).encode(),
    *(Cursor(DAY + 86_400, fingerprint(each), DAY + 3_600).encode().encode() for each in QUERIES),
)  # fmt: skip
_RANGE = f"start_time={DAY}&end_time={DAY + 2 * 86_400}"
_query = pairs_of(*_QUERY_WORDS)


def _query_seeds(paths: tuple[str, ...], *more: str) -> list[bytes]:
    queries = [
        "", _RANGE, f"{_RANGE}&limit=1", f"{_RANGE}&bucket_width=1h&limit=3&group_by[]=model",
        f"{_RANGE}&group_by=project_id,user_id,tag:team&top=2&bucket_width=1d&limit=1",
        f"{_RANGE}&timezone=America/St_Johns&bucket_width=1w&models[0]=m-1&models[1]=m-2",
        f"{_RANGE}&bucket_width=1mo&tags[team]=search&tags%5B%E5%90%8D%E5%89%8D%5D=a,b",
        f"{_RANGE}&bucket_width=1m&limit=1440&project_ids=proj_own", *more,
    ]  # fmt: skip
    ways = range(0, len(paths) * len(_CALLERS), max(1, len(paths) // 3))
    return [bytes([way]) + query.encode() for way in ways for query in queries]


def _query_target(name: str, fuzzes: str, paths: tuple[str, ...], *more: str) -> Target:
    return Target(
        name,
        fuzzes,
        _queries(paths),
        lambda: _query_seeds(paths, *more),
        after_a_choice(len(paths) * len(_CALLERS), _query),
        _QUERY_WORDS,
        bytes_max=1_024,
    )


_KEYS = (ADMIN_KEY, INGEST_KEY, BOUND.secret)
# Stand for what nobody can write down beforehand.
_TOKEN, _CSRF = b"@TOKEN@", b"@CSRF@"
_DOORS = (
    ("GET", "/session"), ("DELETE", "/session"), ("POST", "/session"),
    ("GET", "/v1/organization/usage/completions"), ("POST", "/v1/events"),
    ("POST", "/v1/organization/users"),
)  # fmt: skip
_NAME = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


@contextmanager
def _credentials(folder: Path) -> Iterator[Check]:
    """The lines of a head, a blank one, and a body: nobody comes in without a key or a session."""
    with house(folder) as found:
        token, csrf = (each.encode() for each in found.session())
        secrets = [token, *(key.encode() for key in _KEYS)]

        def check(data: bytes) -> None:
            if not data:
                return
            method, path = _DOORS[data[0] % len(_DOORS)]
            told = data[1:].replace(_TOKEN, token).replace(_CSRF, csrf)
            head, _, body = told.partition(b"\n\n")
            headers = [
                (name.lower(), value.strip(b" \t"))
                for name, sign, value in (line.partition(b":") for line in head.split(b"\n"))
                if sign
                and _NAME.fullmatch(name)
                # What the parser of requests lets through.
                and not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", value)
            ]
            answer = found.ask(method, path, _RANGE.encode(), headers, body)
            in_form(answer)
            if answer.status < 300:
                assert any(secret in told for secret in secrets), answer

        yield check


def _credential_seeds() -> list[bytes]:
    heads = [
        f"authorization: Bearer {ADMIN_KEY}".encode(),
        f"Authorization: bearer  {INGEST_KEY}\ncontent-type: application/json".encode(),
        b"host: x\ncookie: tallybook_session=" + _TOKEN,
        b"host: x\ncookie: a=b; tallybook_session=" + _TOKEN + b"\nsec-fetch-site: same-origin\n"
        b"content-type: application/json\nx-tallybook-csrf: " + _CSRF,
        b"host: x\norigin: http://x\ncontent-type: application/json",
        b"authorization: Basic YTpi\nopenai-organization: org-1",
        b"cookie: __Host-tallybook_session=" + _TOKEN + b"\nx-forwarded-proto: https",
    ]
    bodies = (b'{"key": "%s"}' % ADMIN_KEY.encode(), b'{"name": "Ada"}', b'{"key": "sk-admin-"}')
    return [
        bytes([door]) + head + b"\n\n" + body
        for door in range(len(_DOORS))
        for head, body in zip(heads, (*bodies, *bodies, b""), strict=True)
    ]


_HEAD_WORDS = (
    b"authorization: Bearer ", b"cookie: tallybook_session=", _TOKEN, _CSRF, b"x-tallybook-csrf: ",
    b"sec-fetch-site: cross-site", b"sec-fetch-site: same-origin", b"origin: null",
    b"origin: http://x",
    b"host: x", b"host: [", b"host: x:99999999", b"host: a/b?c#d", b"content-encoding: gzip",
    b"content-encoding: zstd", b"content-length: 99999999999999999999", b"content-length: -1",
    b"content-type: application/json; charset=\xff", b"accept-encoding: gzip;q=\xb2, zstd;q=nan",
    b"if-none-match: W/\"", b"x-forwarded-for: \xff", b"user-agent: " + b"a" * 300, b"Bearer",
    b"\xff", b"openai-organization: \xff", b"accept: */*", b"range: bytes=0-",
    b"expect: 100-continue",
    b"cookie: \"tallybook_session\"=\"\\377\"", b"content-length: " + b"9" * 4_400,
)  # fmt: skip

_WRITES: tuple[Row, ...] = tuple(
    row
    for row in ROWS
    if row.method in ("POST", "DELETE") and row.path not in ("/session", "/v1/events")
)


@contextmanager
def _bodies(folder: Path) -> Iterator[Check]:
    """Bodies about the organization and about prices, each to records that are there."""
    with house(folder) as found:
        ids: dict[tuple[int, str], str] = {}

        def check(data: bytes) -> None:
            if not data:
                return
            at = data[0] % len(_WRITES)
            row = _WRITES[at]

            def made(match: re.Match[str]) -> str:
                # Anew where it may be gone by now.
                name = match[1]
                if (at, name) not in ids or row.method == "DELETE" or "archive" in row.path:
                    make = row.ids.get(name) or MAKERS[name]
                    ids[at, name] = make(found.services.organization)
                return quote(ids[at, name], safe="")

            path = _PLACEHOLDER.sub(made, row.path)
            headers = (*AUTHORIZED, (b"content-type", b"application/json"))
            in_form(found.ask(row.method, path, b"", headers, data[1:]))

        yield check


def _body_seeds() -> list[bytes]:
    rich = {
        "name": "new", "role": "owner", "email": "ada@example.com", "scopes": ["api.usage.read"],
        "projects": ["proj_own"], "expires_in_seconds": 3_600, "requests_per_minute_max": 5,
        "since": DAY, "until": DAY + 60, "apply": False, "user_id": "user-1", "id": "chosen-id",
        "create_service_account_only": True,
    }  # fmt: skip
    return [
        bytes([at]) + body
        for at, row in enumerate(_WRITES)
        for body in (msgspec.json.encode(row.body), msgspec.json.encode(rich), b"")
    ]


_BODY_WORDS = (
    b"name", b"role", b"email", b"scopes", b"projects", b"project_ids", b"expires_in_seconds",
    b"requests_per_minute_max", b"since", b"until", b"user_id", b"id", b"key", b"owner", b"member",
    b"api.usage.read", b"api.usage.write", b"api.organization.write", b"external_id", b"dry_run",
    b"note", b"apply", b"proj_own", b"metadata", b"sk-admin-0123456789abcdef0123",
)  # fmt: skip
_body: Mutate = json_of(*_BODY_WORDS)

TARGETS = (
    _query_target("usage-queries", "query strings of usage, both dialects", _USAGE),
    _query_target(
        "costs-queries",
        "query strings of costs, both dialects",
        _COSTS,
        f"{_RANGE}&group_by=line_item,project_id&line_items=m-1, input&order_by=amount&top=1",
    ),
    _query_target(
        "event-queries",
        "query strings of lists of events",
        ("/v1/events",),
        f"{_RANGE}&kinds=completions,images&batch=true&limit=2",
    ),
    _query_target(
        "price-queries",
        "query strings of prices, cards and explanations",
        _PRICES,
        "model=gpt-5.5&provider=openai&kind=completions&batch=true",
        "event_id=req-completions-1",
        f"event_id=req-completions-1&time={DAY + 3_607}",
    ),
    _query_target(
        "organization-queries",
        "query strings of the organization's lists, with their cursors",
        _LISTS,
        "limit=1&after=proj_own&order=desc",
        "include_archived=true&limit=100&before=user-1",
        "effective_at[gt]=1&event_types[]=project.created&actor_ids[]=x&project_ids[]=proj_own",
    ),
    Target(
        "credentials",
        "the Authorization header, cookies, CSRF tokens, and heads around them",
        _credentials,
        _credential_seeds,
        after_a_choice(len(_DOORS), lines_of(*_HEAD_WORDS, sign=b":")),
        _HEAD_WORDS,
        bytes_max=8_192,
    ),
    Target(
        "organization-bodies",
        "bodies about projects, people, keys and repricings",
        _bodies,
        _body_seeds,
        after_a_choice(len(_WRITES), _body),
        _BODY_WORDS,
    ),
)
