"""A target under Hypothesis: its seeds, then examples made of them, and bytes of no form at all."""

from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.target import Target
from support import streams

# One after the other to one seed.
_CHANGES_MAX = 5


def inputs(target: Target) -> st.SearchStrategy[bytes]:
    """Inputs of a target: mostly such as mean something and are wrong somewhere."""
    seeds = list(target.seeds())

    def mutated(at: int, changes: int, chance: int) -> bytes:
        data, random = seeds[at], Random(chance)
        for _ in range(changes):
            data = target.mutate(data, random)[: target.bytes_max]
        return data

    made = st.builds(
        mutated,
        st.integers(0, len(seeds) - 1),
        st.integers(0, _CHANGES_MAX),
        st.integers(0, 2**32),
    )
    return st.one_of(made, made, made, st.binary(max_size=200))


def hold(target: Target, folder: Path, examples: int) -> None:
    """Hold a target to its promises for its seeds and so many examples."""
    with target.opened(folder) as check:
        for seed in target.seeds():
            target.tried(check, seed)

        @settings(streams.UNHURRIED, max_examples=examples)
        @given(inputs(target))
        def held(data: bytes) -> None:
            target.tried(check, data)

        held()
