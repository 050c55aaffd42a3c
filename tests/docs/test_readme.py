"""The README's session runs, and prints what the README says."""

import re

import msgspec
import pytest

from docs.sessions import ROOT, check
from support.providers.openai import CHAT_USAGE, chat
from support.providers.standin import Reply, standing_in
from support.server import ADMIN_KEY, Server

README = (ROOT / "README.md").read_text()


def test_the_session_prints_what_the_readme_shows(server: Server) -> None:
    with standing_in() as provider:
        provider.answer(Reply(chunks=[msgspec.json.encode(chat(CHAT_USAGE))]))
        environment = {
            "TALLYBOOK_URL": server.address,
            "TALLYBOOK_ADMIN_KEY": ADMIN_KEY,
            "XDG_STATE_HOME": str(server.data),
            "OPENAI_BASE_URL": f"{provider.address}/v1",
            "OPENAI_API_KEY": "sk-of-nobody",
        }
        assert check(README, environment) >= 5


@pytest.mark.parametrize("target", sorted(set(re.findall(r"^\$ make (\w+)", README, re.M))))
def test_every_target_that_the_readme_names_is_there(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(rf"^{target}:.* ## ", makefile, re.MULTILINE)
