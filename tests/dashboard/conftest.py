"""A browser, servers with and without data, and visits to them."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from support.browsing import Visit
from support.needs import require
from support.server import Server, running
from tallybook.web.dashboard_files import FOLDER

# A month of plausible usage, small enough to be made in seconds.
DEMO_EVENTS = 6_000
ZONE = "Europe/Paris"
THEMES = ("light", "dark")
PHONE, LAPTOP, WIDE = (360, 740), (1280, 900), (1920, 1080)

# Opens a page at a server: the theme, the window's width and height, another address for it.
Visiting = Callable[..., Visit]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A real Chromium, the system's own; closed before other tests run event loops of their own."""
    chromium = shutil.which("chromium")
    require("chromium", present=chromium is not None)
    require("the built dashboard (make serve)", present=(FOLDER / "index.html").is_file())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the demo's month: it is shared, so nothing that changes it belongs here."""
    data = tmp_path_factory.mktemp("demo")
    fill_with_demo(data)
    with running(data) as server:
        yield server


@pytest.fixture
def visiting(browser: Browser) -> Iterator[Visiting]:
    """Visits that fail at the end of the test for what went wrong on their pages."""
    visits: list[Visit] = []

    def visit(
        server: Server,
        theme: str = "light",
        size: tuple[int, int] = LAPTOP,
        address: str | None = None,
        zone: str = ZONE,
    ) -> Visit:
        width, height = size
        context = browser.new_context(
            color_scheme="dark" if theme == "dark" else "light",
            viewport={"width": width, "height": height},
            timezone_id=zone,
            locale="en-GB",
            reduced_motion="reduce",
        )
        visits.append(Visit(context.new_page(), server, address))
        return visits[-1]

    yield visit
    for each in visits:
        each.page.context.close()
    assert [fault for each in visits for fault in each.faults] == []


def fill_with_demo(data: Path, events: int = DEMO_EVENTS) -> None:
    """Store the demo's month in a folder."""
    subprocess.run(
        [sys.executable, "-m", "tallybook", "demo", "--data", str(data), "--events", str(events)],
        check=True,
        capture_output=True,
    )
