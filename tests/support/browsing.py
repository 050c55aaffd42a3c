"""A visit to the dashboard: a page of a real browser that fails on what no page should do."""

import re
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request, Response, expect

from support.server import ADMIN_KEY, Server

# What axe-core calls the two worst of its four degrees.
_SERIOUS = {"serious", "critical"}
_WAIT_MS = 15_000


class Visit:
    """One page of the browser at one server, and all that went wrong on it."""

    def __init__(self, page: Page, server: Server, address: str | None = None) -> None:
        self.page = page
        self.server = server
        self.address = address or server.address
        self.faults: list[str] = []
        # Statuses that a test provokes: the browser reports each in its console.
        self.expected_statuses: set[int] = set()
        page.set_default_timeout(_WAIT_MS)
        expect.set_options(timeout=_WAIT_MS)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        page.on("request", self._on_request)
        page.on("response", self._on_response)

    def open(self, place: str = "") -> "Visit":
        """Load the page at a place such as ``#/explore?range=30d``."""
        self.page.goto(f"{self.address}/{place}")
        return self

    def log_in(self, key: str = ADMIN_KEY) -> "Visit":
        """Log in with a key; the page is open and nobody is logged in."""
        self.page.get_by_label("Key", exact=True).fill(key)
        self.page.get_by_role("button", name="Log in").click()
        return self

    def enter(self, place: str = "", key: str = ADMIN_KEY) -> "Visit":
        """Open a place, log in, and wait until the view is there."""
        self.open(place).log_in(key)
        expect(self.page.get_by_role("navigation", name="Views")).to_be_visible()
        return self

    def settle(self) -> "Visit":
        """Wait until everything that was asked is answered and drawn."""
        self.page.wait_for_load_state("networkidle")
        expect(self.page.locator(".skeleton, [aria-busy=true]")).to_have_count(0)
        return self

    def check_accessibility(self) -> None:
        """Fail on what axe-core finds serious."""
        found = Axe().run(self.page).response["violations"]
        told = [
            f"{each['id']}: {each['help']}: {[node['target'] for node in each['nodes']]}"
            for each in found
            if each["impact"] in _SERIOUS
        ]
        assert not told, "\n".join(told)

    def check_width(self) -> None:
        """Fail when the page is wider than the window."""
        wide, window = self.page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide <= window, f"the page is {wide} pixels wide in a window of {window}"

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        if message.text.startswith("Failed to load resource"):
            status = re.search(r"status of (\d+)", message.text)
            if status and int(status[1]) in self.expected_statuses:
                return
        self.faults.append(f"console: {message.text} ({message.location['url']})")

    def _on_request(self, request: Request) -> None:
        asked = urlsplit(request.url)
        own = urlsplit(self.address)
        if asked.scheme != "data" and asked[:2] != own[:2]:
            self.faults.append(f"left the origin: {request.url}")

    def _on_response(self, response: Response) -> None:
        policy = response.headers.get("content-security-policy", "")
        if "unsafe" in policy or not policy:
            self.faults.append(f"policy of {response.url}: {policy!r}")
