"""``tallybook demo --serve``: a month and a server on it, in one command."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from support.server import ADMIN_KEY, INGEST_KEY


@pytest.fixture
def output(tmp_path: Path) -> Iterator[str]:
    """What ``tallybook demo --serve`` says until its server is ready, which it stays."""
    command = [sys.executable, "-m", "tallybook", "demo", "--serve", "--port", "0"]
    command += ["--data", str(tmp_path), "--events", "2000"]
    keys = {"TALLYBOOK_ADMIN_KEY": ADMIN_KEY, "TALLYBOOK_INGEST_KEY": INGEST_KEY}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | keys
    ) as process:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if "ready at" in line:
                break
        else:
            raise AssertionError(f"the server did not start: {''.join(lines)}")
        yield "".join(lines)
        process.terminate()
        assert process.wait(30) == 0


def found(pattern: str, text: str) -> str:
    """The first group of a pattern that is in a text."""
    match = re.search(pattern, text, re.MULTILINE)
    assert match, text
    return match[1]


def test_the_printed_query_answers_with_the_printed_number_of_events(output: str) -> None:
    path, query = found(r'"http://[^/]+(/\S+)"', output).split("?")
    with httpx2.Client(
        base_url=found(r"ready at (http://\S+)", output),
        headers={"Authorization": f"Bearer {ADMIN_KEY}"},
        trust_env=False,
    ) as http:
        page = http.get(f"{path}?{query}").json()
    requests = [
        result["num_model_requests"] for bucket in page["data"] for result in bucket["results"]
    ]
    assert f"{sum(requests):,}" == found(r"^completions +([\d,]+) ", output)
    assert not page["has_more"]
