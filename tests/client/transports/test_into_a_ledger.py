"""From an SDK's call to a bill: through the transport into a real server, and asked back."""

from decimal import Decimal
from itertools import count
from typing import Any

import anthropic
import msgspec
import openai
import pytest

from support.providers.openai import MESSAGES
from support.providers.standin import Rerouted, Standin
from support.providers.vector import PROMPT
from support.providers.vectors import VECTORS
from support.server import Server
from tallybook.client.transports import RecordingTransport

DAY = 1790812800
ANSWERS = {vector.name: vector.reply for vector in VECTORS}


class Refused(Exception):
    """The server did not take an event."""


@pytest.fixture(scope="module")
def asked(server: Server, standin: Standin) -> Server:
    """A server that knows of one chat stream, one message, one image and one response."""
    refused: list[str] = []

    def record(event: Any) -> None:
        answer = server.post(event)
        if answer.json()["accepted"] != 1:
            refused.append(answer.text)

    seconds = count(DAY + 32_461)
    transport = RecordingTransport(
        record,
        Rerouted(standin.address),
        attributes={"project_id": "proj_atlas", "tags": {"team": "search"}},
        clock=lambda: next(seconds) + 0.25,
    )
    http = openai.DefaultHttpxClient(transport=transport)
    gpt: Any = openai.OpenAI(api_key="sk-of-nobody", http_client=http)
    standin.answer(ANSWERS["chat stream"])
    for _ in gpt.chat.completions.create(model="gpt-5.5", messages=MESSAGES, stream=True):
        pass
    standin.answer(ANSWERS["images, by tokens"])
    gpt.images.generate(model="gpt-image-1.5", prompt=PROMPT)
    standin.answer(ANSWERS["response with tools"])
    gpt.responses.create(model="gpt-5.5", input=PROMPT)
    with gpt, anthropic.DefaultHttpxClient(transport=transport) as claude_http:
        claude: Any = anthropic.Anthropic(api_key="sk-of-nobody", http_client=claude_http)
        standin.answer(ANSWERS["message"])
        claude.messages.create(model="claude-opus-4-8", max_tokens=9, messages=MESSAGES)
    if refused:
        raise Refused(refused)
    return server


def results(answer: Any) -> list[dict[str, Any]]:
    page = msgspec.json.decode(answer.content)
    return [result for bucket in page["data"] for result in bucket["results"]]


def usage(server: Server, kind: str, *keys: str) -> list[dict[str, Any]]:
    group_by = ["provider", "project_id", "tag:team", *keys]
    answer = server.usage(kind, start_time=DAY, end_time=DAY + 86_400, group_by=group_by)
    return results(answer)


def test_what_was_used_is_in_the_ledger(asked: Server) -> None:
    rows = usage(asked, "completions", "model")
    assert {(row["provider"], row["model"]): row["input_tokens"] for row in rows} == {
        ("openai", "gpt-5.5-2026-04-23"): 1830 + 5200,
        ("openai", "gpt-image-1.5"): 350 + 60,
        ("anthropic", "claude-opus-4-8-20260301"): 6012,
    }
    assert {(row["project_id"], row["tag:team"]) for row in rows} == {("proj_atlas", "search")}
    assert sum(row["input_cache_write_12h_tokens"] for row in rows) == 400 + 300
    assert usage(asked, "images") == []
    (files,), (sessions,) = (
        usage(asked, kind) for kind in ("file_search_calls", "code_interpreter_sessions")
    )
    assert (files["num_requests"], sessions["num_sessions"]) == (1, 1)
    assert sum(row["num_requests"] for row in usage(asked, "web_search_calls")) == 2 + 3


def test_what_it_cost_is_charged_once(asked: Server) -> None:
    answer = asked.http.get(
        "/v1/organization/costs",
        params={"start_time": DAY, "group_by": ["line_item", "service_tier"]},
    )
    amounts = {
        (row["line_item"], row["service_tier"]): Decimal(str(row["amount"]["value"]))
        for row in results(answer)
    }
    million = Decimal(1_000_000)
    chat = "gpt-5.5-2026-04-23"
    assert amounts[f"{chat}, input", "default"] == 806 * 5 / million
    assert amounts[f"{chat}, cached input", "default"] == 1024 * Decimal("0.5") / million
    assert amounts[f"{chat}, output", "default"] == 212 * 30 / million
    # Of the image that was asked for, and of the one that the response drew.
    image = "gpt-image-1.5"
    assert amounts[f"{image}, input", None] == (27 + 20) * 5 / million
    assert amounts[f"{image}, image input", None] == (323 + 40) * 8 / million
    assert amounts[f"{image}, image output", None] == (4160 + 1056) * 32 / million
    assert not any(", images" in line_item for line_item, _ in amounts)
