"""The build hook knows when there is something to build."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

HOOK = Path(__file__).parents[2] / "hatch_build.py"


@pytest.fixture(scope="module")
def digest_of() -> Callable[[Path], str]:
    pytest.importorskip("hatchling")
    spec = importlib.util.spec_from_file_location("hatch_build", HOOK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[[Path], str] = module.digest_of
    return found


def test_a_digest_is_of_names_and_contents(
    digest_of: Callable[[Path], str], tmp_path: Path
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.tsx").write_text("a")
    seen = {digest_of(tmp_path)}
    (tmp_path / "src" / "main.tsx").write_text("b")
    seen.add(digest_of(tmp_path))
    (tmp_path / "src" / "main.tsx").rename(tmp_path / "src" / "other.tsx")
    seen.add(digest_of(tmp_path))
    (tmp_path / "src" / "empty.css").touch()
    seen.add(digest_of(tmp_path))
    assert len(seen) == 4
    # What a build makes is no source.
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "package.json").write_text("{}")
    assert digest_of(tmp_path) in seen
