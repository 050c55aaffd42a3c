"""A stand-in of OpenAI's own endpoint: real HTTP on localhost, and nothing beyond the contract.

It refuses every parameter, value and width that the contract does not have, and
answers with buckets that a test gives it, page by page, in either dialect.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from contract.contract import CONTRACT, USAGE, group_by, limits, parameters

KEY = "sk-admin-of-the-other-endpoint-0123456789"
_PATHS = {USAGE[name]["path"]: name for name in USAGE} | {
    CONTRACT["endpoints"]["costs"]["path"]: "costs"
}


class Refusal(Exception):
    """A 400: the parameter at fault, and a code of the contract."""

    def __init__(self, param: str, code: str) -> None:
        super().__init__(param, code)
        self.param, self.code = param, code


class Asked(NamedTuple):
    """A request that was found good: the endpoint, and its parameters without brackets."""

    name: str
    values: dict[str, list[str]]


class Endpoint:
    """The buckets that it answers with, by endpoint, and what it was asked."""

    def __init__(self) -> None:
        self.address = ""
        self.legacy = False
        self.buckets: dict[str, list[dict[str, Any]]] = {}
        self.asked: list[Asked] = []

    def page(self, target: str) -> dict[str, Any]:
        """The page that a request asks for. Raises Refusal."""
        parts = urlsplit(target)
        name = _PATHS[parts.path]
        values = _values(name, parts.query)
        self.asked.append(Asked(name, values))
        width = values.get("bucket_width", ["1d"])[0]
        count = int(values.get("limit", [str(limits(name)[width]["default"])])[0])
        first = int(values.get("page", ["page_0"])[0].removeprefix("page_"))
        found = self.buckets[name]
        more = first + count < len(found)
        token = f"page_{first + count}" if more else None
        page: dict[str, Any] = {"object": "page", "data": found[first : first + count]}
        page |= {"has_more": more, "next_page": token}
        return _in_legacy(page) if self.legacy else page


def _values(name: str, query: str) -> dict[str, list[str]]:
    known = parameters(name)
    values: dict[str, list[str]] = {}
    for field, value in parse_qsl(query, keep_blank_values=True, strict_parsing=True):
        base = field.removesuffix("[]")
        row = known.get(base)
        if row is None:
            raise Refusal(field, "unknown_parameter")
        if (row["type"] == "array") != field.endswith("[]"):
            raise Refusal(base, "invalid_type")
        allowed = group_by(name) if base == "group_by" else row.get("enum")
        if allowed is not None and value not in allowed:
            raise Refusal(base, "invalid_value")
        if row["type"] == "integer" and not value.isdecimal():
            raise Refusal(base, "invalid_type")
        if row["type"] == "boolean" and value not in ("true", "false"):
            raise Refusal(base, "invalid_value")
        values.setdefault(base, []).append(value)
    width = values.get("bucket_width", ["1d"])[0]
    if "limit" in values and int(values["limit"][0]) > limits(name)[width]["max"]:
        raise Refusal("limit", "integer_above_max_value")
    return values


def _in_legacy(page: dict[str, Any]) -> dict[str, Any]:
    """The page as the first generation had it: its own names alone."""
    buckets = []
    for bucket in page["data"]:
        rows = [
            {"sessions" if field == "num_sessions" else field: row[field] for field in row}
            for row in bucket["results"]
        ]
        buckets.append({key: bucket[key] for key in bucket if key != "results"} | {"result": rows})
    return page | {"data": buckets, "next_page": page["next_page"] or ""}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    endpoint: Endpoint

    def do_GET(self) -> None:
        if self.headers["authorization"] != f"Bearer {KEY}":
            self._send(401, _error("Incorrect API key provided.", None, "invalid_api_key"))
            return
        if urlsplit(self.path).path not in _PATHS:
            self._send(404, _error("Invalid URL.", None, None))
            return
        try:
            self._send(200, self.endpoint.page(self.path))
        except Refusal as refusal:
            self._send(400, _error("Not of the contract.", refusal.param, refusal.code))

    def _send(self, status: int, body: dict[str, Any]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Nothing: tests look at ``asked``."""


def _error(message: str, param: str | None, code: str | None) -> dict[str, Any]:
    known = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return {"error": known}


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    """A stand-in for the length of a block."""
    found = Endpoint()
    handler = type("Handler", (_Handler,), {"endpoint": found})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        found.address = f"http://127.0.0.1:{server.server_address[1]}/v1"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
