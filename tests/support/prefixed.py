"""A proxy that serves another server below a prefix, as people put it behind their own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2

_HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "content-encoding", "date"}


@contextmanager
def prefixed(address: str, prefix: str) -> Iterator[str]:
    """The address of a proxy that passes what is below ``prefix`` on to a server."""
    with httpx2.Client(base_url=address, trust_env=False) as upstream:

        class Proxy(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                if not self.path.startswith(f"{prefix}/"):
                    self.send_error(404)
                    return
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                answer = upstream.request(
                    self.command,
                    self.path.removeprefix(prefix),
                    headers=dict(self.headers),
                    content=body,
                )
                self.send_response(answer.status_code)
                for name, value in answer.headers.multi_items():
                    if name.lower() not in _HOP_BY_HOP:
                        self.send_header(name, value)
                self.send_header("content-length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            do_GET = do_POST = do_DELETE = handle_any  # noqa: N815 - the library's names

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
            thread = threading.Thread(target=proxy.serve_forever, daemon=True)
            thread.start()
            try:
                yield f"http://127.0.0.1:{proxy.server_port}{prefix}"
            finally:
                proxy.shutdown()
                thread.join()
