"""The page about the commands: its sessions run, its files are good, its views are drawn."""

import io
import re
from decimal import Decimal
from pathlib import Path

from rich.console import Console

from docs.sessions import ROOT, check
from support.events import DAY
from support.server import ADMIN_KEY, Server
from tallybook.cli.profiles import read_profiles
from tallybook.cli.watching.seen import seen
from tallybook.cli.watching.view import Screen, render
from tallybook.domain.kinds import KINDS
from tallybook.usage.pages import Bucket

WIDTH = 110
PAGE = (ROOT / "docs" / "commands.md").read_text()


def test_the_session_prints_what_the_page_shows(server: Server) -> None:
    assert check(PAGE, {"TALLYBOOK_URL": server.address, "TALLYBOOK_ADMIN_KEY": ADMIN_KEY}) == 8


def drawn() -> str:
    """A view of half an hour: three models, one of which comes up and one of which goes."""
    courses = {
        "gpt-5.5-2026-04-23": [14 + n * n // 30 for n in range(30)],
        "claude-opus-4-5-20251101": [max(0, 20 - n) for n in range(30)],
        "claude-haiku-4-5-20251001": [4 + n % 3 for n in range(30)],
    }
    minutes = [
        Bucket(
            DAY + 60 * n,
            DAY + 60 * (n + 1),
            [
                {
                    "model": model,
                    "num_model_requests": course[n],
                    "input_tokens": course[n] * 1_830,
                    "output_tokens": course[n] * 212,
                }
                for model, course in courses.items()
            ],
        )
        for n in range(30)
    ]
    amounts = zip(courses, ("41.27", "18.9", "0.35"), strict=True)
    spent = [
        {"model": model, "amount": {"value": Decimal(amount), "currency": "usd"}}
        for model, amount in amounts
    ]
    at = DAY + 9 * 3_600 + 48 * 60 + 12
    today = [Bucket(DAY, DAY + 86_400, spent)]
    kind = KINDS["completions"]
    screen = Screen(
        where="http://127.0.0.1:8321",
        kind=kind,
        group_by=("model",),
        zone="UTC",
        seen=seen(at, kind, ("model",), minutes, today=today, unpriced=0),
    )
    file = io.StringIO()
    Console(file=file, width=WIDTH, highlight=False).print(render(screen, WIDTH))
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def test_the_view_that_is_shown_is_one_that_is_drawn() -> None:
    shown = re.search(r"<!-- drawn -->\n```text\n(.*?)\n```", PAGE, re.DOTALL)
    assert shown
    assert shown[1] == drawn()


def test_the_profiles_that_are_shown_are_good(tmp_path: Path) -> None:
    text = re.search(r"<!-- checked -->\n```toml\n(.*?)```", PAGE, re.DOTALL)
    assert text
    path = tmp_path / "profiles.toml"
    path.write_text(text[1])
    path.chmod(0o600)
    assert list(read_profiles(path)) == ["prod", "staging", "laptop"]
