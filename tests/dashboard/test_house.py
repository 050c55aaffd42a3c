"""The rules of the house for the dashboard's sources, beyond what its linter knows."""

import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "dashboard" / "src"
MODULES = sorted(path for path in SOURCE.rglob("*.ts*") if ".test." not in path.name)

LINES_MAX = 300
BANNED_NAMES = {"utils", "util", "helpers", "common", "base", "manager", "types", "misc", "index"}
BANNED = {
    r"\b(TODO|FIXME|XXX|HACK)\b": "do it, or open an issue",
    r"innerHTML|outerHTML|insertAdjacentHTML": "let Preact make the elements",
    r"\bstyle=\"": "the page's policy forbids it: set a custom property from an object",
    r"https?://(?!www\.w3\.org)": "the page leaves its origin for nothing",
    r"\bDate\.now\(|new Date\(\)": "pass the moment in (services.ts: clock)",
    r"localStorage|sessionStorage": "the state of a view is in its address; a key is nowhere",
    r"\bparseFloat\(": "amounts are decimals (wire/json.ts)",
}
# Where the page's inputs are made.
EDGE = {"services.ts"}


def where(path: Path) -> str:
    return str(path.relative_to(SOURCE))


@pytest.mark.parametrize("path", MODULES, ids=where)
def test_a_module_knows_one_thing_and_fits_a_reader(path: Path) -> None:
    lines = path.read_text().count("\n")
    assert lines <= LINES_MAX, f"{where(path)} has {lines} lines; split it by what it knows"
    assert path.stem not in BANNED_NAMES, f"{where(path)}: name it for what it knows"


@pytest.mark.parametrize("path", MODULES, ids=where)
def test_a_module_does_without_what_is_banned(path: Path) -> None:
    if path.name in EDGE:
        return
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        for pattern, instead in BANNED.items():
            assert not re.search(pattern, line), f"{where(path)}:{number}: {instead}"


@pytest.mark.parametrize("path", MODULES, ids=where)
def test_every_exported_name_is_documented(path: Path) -> None:
    lines = path.read_text().splitlines()
    for number, line in enumerate(lines):
        exported = re.match(r"export (?:async )?(?:function|class) (\w+)", line)
        if exported:
            assert lines[number - 1].strip().endswith("*/"), (
                f"{where(path)}:{number + 1} {exported[1]}: no doc comment"
            )
