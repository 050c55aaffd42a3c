"""The dashboard in a browser, on a large history: how soon it is there, how soon it changes.

What is measured, in the browser and by its own clock: from the click on a link
to the page until its first view is usable (the tiles and the chart are drawn with
their numbers) and until all of it is there (the lists below and their trends),
by a browser that has nothing of the page yet and by one that was there before;
and, for each change of range or grouping, from the last answer's arrival until
it is painted, beside the time from the change to there, which the server's
answers are a part of. "Drawn" is the frame after the last change of the page
that left nothing of it waiting. Rounds go over the changes in turn, each about
another range, so that no remembered answer helps.

    python benchmarks/page.py --events 100000000 [--folder DIR] [--rounds 10] [--json FILE]

FOLDER is that of ``dashboard.py --keep``, or is made like it. Needs Chromium.
"""

import argparse
import gzip
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from contenders.tallybook import KEY, Tallybook
from dataset import LEDGER, prepare
from organization import DAY_SECONDS, END_SECONDS
from tallybook.web.dashboard_files import FOLDER

SEED = 8321
FIRST_VIEW_SECONDS_MAX, AFTER_ANSWER_MS_MAX, SCRIPT_BYTES_MAX = 1.0, 150, 350_000
SETTLE_MS_MAX = 60_000

# The browser lives at the history's end, and notes when a frame was painted that nothing waits in.
_WATCH = """\
(() => {
  if (location.protocol !== "http:") return;
  localStorage.setItem("tallybook session /", "%(end)d");
  const Real = Date;
  const ahead = %(now_ms)d - Real.now();
  globalThis.Date = class extends Real {
    constructor(...parts) { parts.length ? super(...parts) : super(Real.now() + ahead); }
    static now() { return Real.now() + ahead; }
  };
  const waits = (place) => document.querySelector(`${place} :is(.skeleton, [aria-busy=true])`);
  // When these were last painted with nothing waiting, since when something was.
  globalThis.drawn = {};
  const places = {
    "usable": ["main .tiles", "main section:has(.chart-grid)"],
    "whole": ["main .tiles", "main .leaders", "main"],
  };
  const look = () => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      for (const [name, parts] of Object.entries(places)) {
        const there = parts.every((part) => document.querySelector(part) && !waits(part));
        if (!there) delete globalThis.drawn[name];
        else globalThis.drawn[name] ??= performance.now();
      }
    };
    port2.postMessage(null);
  });
  new MutationObserver(look).observe(document, {
    subtree: true, childList: true, attributes: true, characterData: true,
  });
})();
"""
# Goes to a place; when it was asked for, the last answer came, and it was painted.
_CHANGE = """\
(place) => new Promise((settled) => {
  performance.clearResourceTimings();
  const from = performance.now();
  let last = from;
  location.hash = place;
  const look = () => {
    const busy = document.querySelector(".skeleton, [aria-busy=true]") !== null;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      const now = performance.now();
      const answers = performance.getEntriesByType("resource").map((each) => each.responseEnd);
      if (busy || now - from < 20) { last = now; requestAnimationFrame(look); }
      else settled({ from, answered: Math.max(from, ...answers), painted: now,
                     answers: answers.length });
    };
    port2.postMessage(null);
  };
  requestAnimationFrame(look);
})
"""


def main() -> None:
    """Measure, print, keep; status 1 when a promise is not kept."""
    options = _options()
    with _folder_of(options) as folder, sync_playwright() as playwright:
        prepare(folder, options.events, SEED)
        server = Tallybook(folder / LEDGER, END_SECONDS - 1)
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            report = measured(browser, f"http://127.0.0.1:{server.port}/", options.rounds)
        finally:
            browser.close()
            server.close()
    report["events"] = options.events
    show(report)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--events", type=int, default=100_000_000)
    parser.add_argument("--folder", type=Path, help="of that many events; made when it is empty")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--json", type=Path, help="also write what was measured here")
    return parser.parse_args()


@contextmanager
def _folder_of(options: argparse.Namespace) -> Iterator[Path]:
    if options.folder:
        yield options.folder.resolve()
        return
    with tempfile.TemporaryDirectory() as name:
        yield Path(name) / f"{options.events}"


def measured(browser: Browser, address: str, rounds: int) -> dict[str, Any]:
    """First views, cold and warm, and changes of Explore and Overview."""
    cold, warm = [], []
    for _ in range(rounds):
        context = visitor(browser, address)
        page = context.new_page()
        cold.append(first_view_seconds(page, address))
        warm.append(first_view_seconds(page, address))
        context.close()
    context = visitor(browser, address)
    page = context.new_page()
    first_view_seconds(page, address)
    seen: dict[str, list[dict[str, float]]] = {}
    for number in range(rounds):
        for name, place in changes(number):
            seen.setdefault(name, []).append(page.evaluate(_CHANGE, place))
    context.close()
    return {
        "script bytes, gzip": script_bytes(),
        "first view, seconds": {
            f"{name}, {visit}": spread([each[name] for each in seen_by])
            for visit, seen_by in (("nothing kept", cold), ("seen before", warm))
            for name in ("usable", "whole")
        },
        "changes": {name: change(each) for name, each in seen.items()},
    }


def visitor(browser: Browser, address: str) -> BrowserContext:
    """A browser that is logged in and knows nothing of the page, at the history's end."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, timezone_id="UTC", locale="en-US"
    )
    context.add_init_script(_WATCH % {"now_ms": (END_SECONDS - 1) * 1000, "end": 2 * END_SECONDS})
    login = context.request.post(f"{address}session", data={"key": KEY})
    assert login.ok, login.text()
    return context


def first_view_seconds(page: Page, address: str) -> dict[str, float]:
    """From asking for the page until its first view is usable, and until all of it is there."""
    page.goto("about:blank")
    page.goto(address, wait_until="commit")
    page.wait_for_load_state("networkidle")
    page.wait_for_function("drawn.usable && drawn.whole", timeout=SETTLE_MS_MAX)
    drawn_ms: dict[str, float] = page.evaluate("globalThis.drawn")
    return {name: moment / 1000 for name, moment in drawn_ms.items()}


def changes(number: int) -> list[tuple[str, str]]:
    """Each change's name and where it leads: one difference from the place before."""
    end = END_SECONDS - number * DAY_SECONDS

    def explore(days: int, *rest: str) -> str:
        return "&".join((f"#/explore?range={end - days * DAY_SECONDS}..{end}", *rest))

    return [
        ("explore: 30 days by model", explore(30, "by=model")),
        ("range: 7 days by hour", explore(7, "by=model", "width=1h")),
        ("range: 90 days", explore(90, "by=model")),
        ("range: 180 days", explore(180, "by=model")),
        ("grouping: project", explore(180, "by=project_id")),
        ("grouping: user", explore(180, "by=user_id")),
        ("grouping: project, model", explore(180, "by=project_id", "by=model")),
        ("grouping: project, model, tier",
         explore(180, "by=project_id", "by=model", "by=service_tier")),
        ("subject: completions", explore(30, "by=model", "kind=completions")),
        ("overview", f"#/overview?range={end - 30 * DAY_SECONDS}..{end}"),
    ]  # fmt: skip


def change(seen: list[dict[str, float]]) -> dict[str, Any]:
    """What a change took, in milliseconds."""
    return {
        "answers": seen[0]["answers"],
        "whole": spread([each["painted"] - each["from"] for each in seen]),
        "after the answer": spread([each["painted"] - each["answered"] for each in seen]),
    }


def spread(values: list[float]) -> dict[str, float]:
    """The median and the largest."""
    return {"median": statistics.median(values), "max": max(values)}


def script_bytes() -> int:
    """The page's JavaScript as it is sent."""
    return sum(len(gzip.compress(file.read_bytes())) for file in FOLDER.rglob("*.js"))


def show(report: dict[str, Any]) -> None:
    """For people, with what was promised."""
    out = sys.stdout.write
    out(f"{report['events']:,} events; {report['script bytes, gzip']:,} bytes of JavaScript, gzip"
        f" (at most {SCRIPT_BYTES_MAX:,})\n")  # fmt: skip
    out(f"{'first view, seconds':34}{'median':>10}{'max':>10}   at most {FIRST_VIEW_SECONDS_MAX}\n")
    for name, each in report["first view, seconds"].items():
        out(f"{name:34}{each['median']:>10.2f}{each['max']:>10.2f}\n")
    out(f"{'milliseconds':34}{'whole':>10}{'after the answer':>20}{'max':>10}"
        f"   at most {AFTER_ANSWER_MS_MAX}\n")  # fmt: skip
    for name, each in report["changes"].items():
        whole, after = each["whole"], each["after the answer"]
        out(f"{name:34}{whole['median']:>10.0f}{after['median']:>20.0f}{after['max']:>10.0f}\n")


if __name__ == "__main__":
    main()
