"""One target under atheris, in a process of its own, until its time or its runs are over.

``python -m fuzz`` starts it; it ends with libFuzzer, which ends its process.
"""

import argparse
import importlib
import logging
import sys
import tempfile
import time
from pathlib import Path
from random import Random

import atheris

from fuzz.faults import Faults
from fuzz.target import Target

# What is instrumented: the product, and what takes texts apart for it.
_INSTRUMENTED = ["tallybook", "tomllib", "urllib.parse", "uvicorn.protocols", "starlette"]
# Of three changes one is libFuzzer's own, by what it has learnt of the comparisons made.
_OWN_CHANGES = 3
# In memory where there is such a folder: no disk is fuzzed here.
_MEMORY = Path("/dev/shm")


def main() -> None:
    """Fuzz one target."""
    parser = argparse.ArgumentParser()
    parser.add_argument("module", help="where the target stands: no other is instrumented")
    parser.add_argument("target")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=int, help="the time to start included")
    parser.add_argument("--flag", action="append", default=[], help="of libFuzzer")
    asked = parser.parse_args()
    began = time.monotonic()
    logging.disable(logging.CRITICAL)
    with atheris.instrument_imports(include=_INSTRUMENTED):
        module = importlib.import_module(asked.module)
    target: Target = next(each for each in module.TARGETS if each.name == asked.target)
    corpus, found = asked.folder / "corpus", asked.folder / "faults"
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    for at, seed in enumerate(target.seeds()):
        (corpus / f"seed-{at:03}").write_bytes(seed)
    words = asked.folder / "words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words if len(word) < 64))
    faults = Faults(found)

    def mutated(data: bytes, bytes_max: int, seed: int) -> bytes:
        chance = Random(seed)
        if chance.randrange(_OWN_CHANGES) == 0:
            return bytes(atheris.Mutate(data, bytes_max))
        return target.mutate(bytes(data), chance)[:bytes_max]

    in_memory = _MEMORY if _MEMORY.is_dir() else None
    with (
        tempfile.TemporaryDirectory(dir=in_memory) as home,
        target.opened(Path(home)) as check,
    ):
        for seed in target.seeds():
            faults.tried(target, check, seed)
        if asked.seconds:
            left = asked.seconds - round(time.monotonic() - began)
            asked.flag.append(f"-max_total_time={max(left, 1)}")
        flags = [f"-dict={words}", f"-max_len={target.bytes_max}", *asked.flag, str(corpus)]
        atheris.Setup(
            [sys.argv[0], *flags],
            lambda data: faults.tried(target, check, bytes(data)),
            custom_mutator=mutated,
        )
        atheris.Fuzz()


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


if __name__ == "__main__":
    main()
