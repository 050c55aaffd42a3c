"""Completion: what a shell is offered, by the protocol of bash and of zsh."""

from pathlib import Path

import pytest

from support.command import run
from tallybook.domain.kinds import KINDS


def bash(words: str, **variables: str) -> list[str]:
    """What bash is offered for the last of some words, which may be empty."""
    asked = {
        "_TALLYBOOK_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    result = run(variables=asked | variables)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout.split()


def zsh(words: str) -> str:
    """What zsh is offered, in its own words."""
    asked = {"_TALLYBOOK_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": words}
    result = run(variables=asked)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("tallybook wa", ["watch"]),
        ("tallybook prices ex", ["explain"]),
        ("tallybook usage ", [*KINDS]),
        ("tallybook usage audio_", ["audio_speeches", "audio_transcriptions"]),
        ("tallybook export --kind im", ["images"]),
        ("tallybook prices show m --kind dec", ["decisions"]),
        ("tallybook usage images --width 1", ["1m", "15m", "1h", "1d", "1w", "1mo"]),
        ("tallybook usage images --group-by s", ["size", "source"]),
        ("tallybook usage completions --group-by s", ["service_tier"]),
        ("tallybook usage completions --group-by model,us", ["model,user_id"]),
        ("tallybook costs --group-by line", ["line_item"]),
        ("tallybook costs --group-by model,tag", ["model,tag:"]),
        ("tallybook costs --filter proj", ["project_id="]),
        ("tallybook usage vector_stores --filter u", []),
        ("tallybook top us", ["user_id"]),
        ("tallybook top model --kind images --by im", ["images"]),
        ("tallybook top model --by c", ["cost"]),
        ("tallybook watch --group-by prov", ["provider"]),
        ("tallybook usage images --timezone Europe/Par", ["Europe/Paris"]),
        ("tallybook export --format p", ["parquet"]),
        ("tallybook keys create k --role i", ["ingest"]),
        ("tallybook audit --type prices.", ["prices.changed", "prices.repriced"]),
        ("tallybook keys create k --scope usage.read,us", ["usage.read,usage.write"]),
    ],
)
def test_bash_is_offered_what_may_stand_there(words: str, offered: list[str]) -> None:
    assert bash(words) == offered


def test_zsh_is_offered_kinds_with_what_they_are() -> None:
    assert '"embeddings":"embedding calls"' in zsh("tallybook usage emb")
    assert '"model"' in zsh("tallybook costs --group-by mod")


def test_profiles_are_offered_and_a_file_that_cannot_be_used_offers_none(tmp_path: Path) -> None:
    path = tmp_path / "tallybook" / "profiles.toml"
    path.parent.mkdir()
    path.write_text('[prod]\nurl = "http://x"\n[preview]\nurl = "http://y"\n[local]\ndata = "/z"\n')
    variables = {"XDG_CONFIG_HOME": str(tmp_path)}
    assert bash("tallybook usage images --profile pr", **variables) == ["prod", "preview"]
    path.write_text("[prod")
    assert bash("tallybook usage images --profile pr", **variables) == []


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_shells_script_asks_by_the_name_of_the_command(shell: str) -> None:
    result = run(variables={"_TALLYBOOK_COMPLETE": f"source_{shell}"})
    assert "_TALLYBOOK_COMPLETE=complete_" in result.stdout
    assert "tallybook" in result.stdout
