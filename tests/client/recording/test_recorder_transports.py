"""A provider's SDK through a recorder's transport: its calls are in a real ledger."""

import asyncio
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import openai
import pytest

from client.recording.quick import IMPATIENT, QUICK
from docs.sessions import ROOT
from support.providers.openai import CHAT_USAGE, MESSAGES, MODEL, chat
from support.providers.standin import Reply, Standin, standing_in
from support.server import INGEST_KEY, Server
from tallybook import Recorder, attribution


@pytest.fixture
def provider() -> Iterator[Standin]:
    with standing_in() as found:
        body = msgspec.json.encode(chat(CHAT_USAGE))
        found.answer(Reply(chunks=[body]))
        yield found


def rows(server: Server) -> list[dict[str, Any]]:
    day = int(time.time()) - 86_400
    page = server.usage("completions", start_time=day, group_by="user_id,model,provider")
    return [row for bucket in page.json()["data"] for row in bucket["results"]]


def test_a_call_is_recorded_for_whom_it_was_made_waiting_or_awaiting(
    server: Server, provider: Standin, tmp_path: Path
) -> None:
    base = f"{provider.address}/v1"
    with Recorder(
        server.address, INGEST_KEY, spool=tmp_path, limits=QUICK, retry=IMPATIENT
    ) as recorder:
        http = httpx2.Client(transport=recorder.transport(provider="azure"))
        with openai.OpenAI(api_key="sk-x", base_url=base, http_client=http) as client:
            with attribution(user_id="user-1"):
                answer = client.chat.completions.create(model="gpt-5.5", messages=MESSAGES)  # type: ignore[arg-type]
            assert answer.usage is not None
            assert answer.usage.prompt_tokens == 1830

        async def call() -> None:
            awaited = httpx2.AsyncClient(transport=recorder.async_transport(provider="azure"))
            async with openai.AsyncOpenAI(
                api_key="sk-x", base_url=base, http_client=awaited
            ) as client:
                with attribution(user_id="user-2"):
                    await client.chat.completions.create(model="gpt-5.5", messages=MESSAGES)  # type: ignore[arg-type]

        asyncio.run(call())
        assert recorder.flush()
        assert recorder.counters.sent == 2
    assert [
        (row["user_id"], row["model"], row["provider"], row["input_tokens"]) for row in rows(server)
    ] == [("user-1", MODEL, "azure", 1830), ("user-2", MODEL, "azure", 1830)]


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # examples close nothing
def test_every_example_of_the_page_makes_its_clients(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.setenv(name, "of-nobody")
    page = (ROOT / "docs" / "transports.md").read_text()
    examples = re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert len(examples) >= 4
    with Recorder(server.address, INGEST_KEY, spool=None) as recorder:
        for example in examples:
            exec(example, {"recorder": recorder, "KEY": "of-nobody"})  # noqa: S102 - our own page
