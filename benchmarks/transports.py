"""What recording costs a request: SDK calls through a plain transport and through ours.

Both talk to the same stand-in for the provider on 127.0.0.1, in turns, so
that the machine's mood falls on both. Beside it the pure cost of our part:
the same answers from memory, with nothing on the wire.

    python benchmarks/transports.py [--calls 400] [--json FILE]
"""

import argparse
import json
import statistics
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
from openai import DefaultHttpxClient, OpenAI

from tallybook.client.transports import RecordingTransport

PROMPT = "The heron stands in the reeds. " * 100
CHUNKS = 200
URL = "https://api.openai.com/v1/chat/completions"
REQUEST = {"model": "gpt-5.5", "messages": [{"role": "user", "content": PROMPT}]}
USAGE = {
    "prompt_tokens": 800,
    "completion_tokens": 200,
    "total_tokens": 1000,
    "prompt_tokens_details": {"cached_tokens": 512, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 64, "audio_tokens": 0},
}
SHARED = {"id": "chatcmpl-1", "created": 1790845261, "model": "gpt-5.5-2026-04-23"}


def whole() -> bytes:
    """A chat completion of about a page."""
    message = {"role": "assistant", "content": "Seven otters swim upstream. " * 60}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    answer = SHARED | {"object": "chat.completion", "choices": [choice], "usage": USAGE}
    return json.dumps(answer).encode()


def chunks() -> list[bytes]:
    """The same as a stream, with its usage at the end."""
    shared = SHARED | {"object": "chat.completion.chunk"}
    delta = {"index": 0, "delta": {"content": " otters"}, "finish_reason": None}
    events = [shared | {"choices": [delta], "usage": None}] * CHUNKS
    events.append(shared | {"choices": [], "usage": USAGE})
    return [b"data: " + json.dumps(event).encode() + b"\n\n" for event in events] + [
        b"data: [DONE]\n\n"
    ]


WHOLE, STREAM = whole(), chunks()


class Provider(BaseHTTPRequestHandler):
    """Answers every chat, as a stream when it is asked for one."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Answer one chat."""
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        streams = bool(request.get("stream"))
        self.send_response(200)
        kind = "text/event-stream" if streams else "application/json"
        self.send_header("Content-Type", kind)
        if not streams:
            self.send_header("Content-Length", str(len(WHOLE)))
            self.end_headers()
            self.wfile.write(WHOLE)
            return
        asked = (request.get("stream_options") or {}).get("include_usage")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        # Ten events in a packet, as a fast model's arrive.
        events = STREAM if asked else [*STREAM[:-2], STREAM[-1]]
        for start in range(0, len(events), 10):
            part = b"".join(events[start : start + 10])
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """The stand-in. A client leaves a stream at its last event, and the connection with it."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of that."""


class ToProvider(httpx2.BaseTransport):
    """Sends what is meant for the provider to the stand-in."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._transport = httpx2.HTTPTransport()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request there."""
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return self._transport.handle_request(request)


class FromMemory(httpx2.BaseTransport):
    """Answers without a wire."""

    def __init__(self, content_type: str, parts: list[bytes]) -> None:
        self._headers = {"content-type": content_type}
        self._parts = parts

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:  # noqa: ARG002
        """The same answer to every request."""
        return httpx2.Response(200, headers=self._headers, stream=Packets(self._parts))


class Packets(httpx2.SyncByteStream):
    """Bytes in packets."""

    def __init__(self, parts: list[bytes]) -> None:
        self._parts = parts

    def __iter__(self) -> Any:
        yield from self._parts


def microseconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    begun = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - begun) / 1000


def in_turns(plain: Callable[[], object], ours: Callable[[], object], calls: int) -> dict[str, Any]:
    """The medians of both, called in turns, and the median of their differences."""
    for _ in range(20):
        plain()
        ours()
    pairs = [(microseconds(plain), microseconds(ours)) for _ in range(calls)]
    first, second = (statistics.median(each) for each in zip(*pairs, strict=True))
    return {
        "plain_us": first,
        "ours_us": second,
        "ratio": second / first,
        "added_us": statistics.median(after - before for before, after in pairs),
    }


def sdk_calls(port: int, calls: int) -> dict[str, dict[str, Any]]:
    """The SDK's calls, over HTTP."""

    def client(transport: httpx2.BaseTransport) -> OpenAI:
        http = DefaultHttpxClient(transport=transport)
        return OpenAI(api_key="sk-of-nobody", http_client=http)

    plain = client(ToProvider(port))
    ours = client(RecordingTransport(lambda _: None, ToProvider(port)))

    def stream(sdk: OpenAI) -> None:
        create: Any = sdk.chat.completions.create
        for _ in create(**REQUEST, stream=True):
            pass

    def answer(sdk: OpenAI) -> None:
        create: Any = sdk.chat.completions.create
        create(**REQUEST)

    return {
        "SDK call, whole answer": in_turns(lambda: answer(plain), lambda: answer(ours), calls),
        f"SDK call, stream of {CHUNKS} chunks": in_turns(
            lambda: stream(plain), lambda: stream(ours), calls
        ),
    }


def our_part(calls: int) -> dict[str, dict[str, Any]]:
    """The transports alone: a request made beforehand, its answer read to the end."""

    def compared(request: httpx2.Request, inner: FromMemory) -> dict[str, Any]:
        ours = RecordingTransport(lambda _: None, inner)
        return in_turns(
            lambda: inner.handle_request(request).read(),
            lambda: ours.handle_request(request).read(),
            calls,
        )

    def streamed(events: int) -> dict[str, Any]:
        """A stream, so many events in a packet."""
        places = range(0, len(STREAM), events)
        packets = [b"".join(STREAM[start : start + events]) for start in places]
        return compared(
            httpx2.Request("POST", URL, json=REQUEST | {"stream": True}),
            FromMemory("text/event-stream", packets),
        )

    return {
        "our part, whole answer": compared(
            httpx2.Request("POST", URL, json=REQUEST), FromMemory("application/json", [WHOLE])
        ),
        f"our part, {CHUNKS} chunks, ten a packet": streamed(10),
        f"our part, {CHUNKS} chunks, one a packet": streamed(1),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    server = Server(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    measured = sdk_calls(server.server_address[1], options.calls) | our_part(options.calls)
    server.shutdown()
    print(f"medians of {options.calls} calls of each, in turns; microseconds")
    print(f"{'':36}{'plain':>10}{'recording':>11}{'ratio':>8}{'added':>9}")
    for name, each in measured.items():
        print(
            f"{name:36}{each['plain_us']:10,.0f}{each['ours_us']:11,.0f}"
            f"{each['ratio']:8.2f}{each['added_us']:9,.0f}"
        )
    if options.json:
        options.json.write_text(json.dumps(measured, indent=2))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
