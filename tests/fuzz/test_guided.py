"""The same targets under atheris for a while, by the same chance; and what finds faults."""

import importlib.util
from pathlib import Path
from random import Random

import pytest

from fuzz.faults import Faults
from fuzz.mutating import bytes_mutated
from fuzz.running import Wish, run, told
from fuzz.table import HOMES, TARGETS
from fuzz.target import Target, pure
from support.needs import require

# One of each sort; ``python -m fuzz all`` runs them all, for as long as one likes.
RUNS = {
    "events-json": 5_000,
    "page-cursors": 20_000,
    "event-queries": 500,
    "credentials": 500,
    "price-files": 1_000,
    "http-bytes": 500,
    "provider-answers": 2_000,
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_by_coverage_finds_nothing(name: str, tmp_path: Path) -> None:
    require("atheris", present=importlib.util.find_spec("atheris") is not None)
    (outcome,) = run([name], tmp_path, Wish(runs=RUNS[name]), at_once=1)
    assert outcome.is_good, told([outcome])
    # It is guided: the product was instrumented.
    assert outcome.covered > 50


def test_names_are_unique_and_every_seed_has_its_room() -> None:
    assert len(TARGETS) == len(HOMES) > 20
    for target in TARGETS.values():
        assert target.seeds(), target.name
        assert max(map(len, target.seeds())) <= target.bytes_max, target.name


def test_the_same_chance_makes_the_same_inputs() -> None:
    for target in TARGETS.values():
        seed = target.seeds()[0]
        one, other = (target.mutate(seed, Random(7)) for _ in range(2))
        assert one == other, target.name


def _planted(data: bytes) -> None:
    if data == b"allowed":
        raise KeyError(data)
    assert b"x" not in data, "planted"


def test_a_fault_is_kept_with_the_command_that_repeats_it(tmp_path: Path) -> None:
    opened = pure(_planted)
    target = Target("planted", "a fault", opened, lambda: [b""], bytes_mutated, (), (KeyError,))
    faults = Faults(tmp_path)
    for data in (b"good", b"allowed", b"a x", b"another x"):
        faults.tried(target, _planted, data)
    kept = sorted(path for path in tmp_path.iterdir() if path.suffix != ".txt")
    assert [path.read_bytes() for path in kept] == [b"a x"]
    report = kept[0].with_suffix(".txt").read_text()
    assert f"python -m fuzz planted --replay {kept[0]}" in report
    assert "AssertionError: planted" in report
