"""Pictures of every view of the dashboard, from a made-up month: light, dark, wide and on a phone.

    python docs/pictures/take.py [FOLDER]

Two of them stand in the README; they go into this folder, all others into
FOLDER. Needs Chromium, and a dashboard that is built (``make dev`` or an installation).
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from support.browsing import Visit
from support.server import Server, running

HERE = Path(__file__).parent
CHROMIUM = "/usr/bin/chromium"
VIEWS = {
    "overview": "#/overview",
    "explore": "#/explore?by=project_id&by=model",
    "prices": "#/prices",
    "organization": "#/organization/keys",
    "live": "#/live",
}
# Name, colour scheme, width and height.
SCREENS = (
    ("light", "light", 1440, 900),
    ("dark", "dark", 1440, 900),
    ("phone", "light", 390, 844),
    ("wide", "dark", 1920, 1080),
)
IN_README = {"overview-light", "explore-dark"}
PROJECTS = {"proj_atlas": "Atlas", "proj_cobalt": "Cobalt", "proj_fjord": "Fjord"}


@contextmanager
def demo() -> Iterator[Server]:
    """A server with a made-up month, of which some projects have names."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "demo"
        tallybook = [sys.executable, "-m", "tallybook"]
        subprocess.run([*tallybook, "demo", "--data", folder], check=True, capture_output=True)
        for project_id, title in PROJECTS.items():
            create = ["projects", "create", title, "--id", project_id, "--data", folder]
            subprocess.run([*tallybook, *create], check=True, capture_output=True)
        with running(folder) as server:
            yield server


def take(visit: Visit, folder: Path, screen: str) -> None:
    """A picture of each view, once everything is there."""
    visit.enter()
    for view, place in VIEWS.items():
        visit.open(place).settle()
        name = f"{view}-{screen}"
        visit.page.screenshot(path=(HERE if name in IN_README else folder) / f"{name}.png")


def take_all(browser: Browser, server: Server, folder: Path) -> None:
    """The pictures of every screen."""
    for name, scheme, width, height in SCREENS:
        context = browser.new_context(
            color_scheme=scheme,
            viewport={"width": width, "height": height},
            timezone_id="UTC",
            locale="en-US",
        )
        take(Visit(context.new_page(), server), folder, name)
        context.close()


def main() -> None:
    """Take them all."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    with demo() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        take_all(browser, server, folder)
        browser.close()
    sys.stdout.write(f"The pictures are in {folder} and {HERE}.\n")


if __name__ == "__main__":
    main()
