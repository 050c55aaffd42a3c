"""A dashboard's six questions on a large organization, asked of Tallybook and of others.

What is measured: the time from asking to having the whole answer. Tallybook is
a server process that is asked over HTTP on a kept connection; DuckDB and
ClickHouse (chDB) run in this process over the raw events, PostgreSQL in its own
server over a Unix socket. All hold the same events, have two threads, and their
amounts are worked out at load; Tallybook works out its own. Every answer is
compared with Tallybook's, whole numbers and amounts to 12 decimals: a difference
ends the run with status 1. Rounds go over the questions and the contenders in
turn, each about another range, so that no remembered answer helps. A ratio is
the median of those of the rounds, theirs to ours.

The history is written into the ledger's table directly (``dataset.py``), for the
questions. How fast events go in is measured over HTTP (``flow.py``), into an
empty ledger and into a copy of the large one, and there the questions are asked
again while events arrive. PostgreSQL is asked on a smaller history, as is
Tallybook beside it, for it takes many times as long to load.

    python benchmarks/dashboard.py --events 100000000 --postgres-events 10000000 \
        --folder DIR --keep --json FILE --picture FILE

What is not installed (PostgreSQL, chDB) is said and left out.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import flow
from contenders.clickhouse import ClickHouse
from contenders.contender import Contender, Missing
from contenders.duckdb import DuckDB
from contenders.postgres import Postgres
from contenders.tallybook import Tallybook
from dataset import LEDGER, PARQUET, prepare
from organization import END_SECONDS, price_file
from picture import draw
from questions import QUESTIONS, Question
from stream import EVENTS_PER_SECOND, Stream, encoded
from tables import print_flow, print_section

SEED = 8321
OURS = Tallybook.name
# Starting with a folder of its own, from a folder with Parquet files. Raises Missing.
Opener = Callable[[Path, Path], Contender]


def main() -> None:
    """Prepare, ask, pour in; print a table of each, and keep them."""
    options = _options()
    report: dict[str, Any] = {"cores": os.cpu_count(), "seed": SEED, "sections": []}
    with _folder_of(options) as folder:
        for events, openers in _sizes(options).items():
            section = _section(folder / f"{events}", events, openers, options)
            report["sections"].append(section)
            print_section(section)
        if options.stream_events:
            report["flow"] = _flow(folder, options)
            print_flow(report["flow"])
    if options.json:
        options.json.write_text(json.dumps(report, indent=2))
    if options.picture:
        try:
            draw(report["sections"], options.picture)
        except Missing as missing:
            print(missing)


def _sizes(options: argparse.Namespace) -> dict[int, tuple[Opener, ...]]:
    """How large the histories are, and who is asked about each beside Tallybook."""
    if options.events == options.postgres_events:
        return {options.events: (DuckDB, ClickHouse, Postgres)}
    return {
        options.events: (DuckDB, ClickHouse),
        options.postgres_events: (DuckDB, ClickHouse, Postgres),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--postgres-events", type=int, help="as many, unless given")
    parser.add_argument("--stream-events", type=int, help="a tenth, at most 2 million; 0: none")
    parser.add_argument("--rounds", type=int, default=20, help="that Tallybook is asked")
    parser.add_argument("--slow-rounds", type=int, default=5, help="that the others are asked too")
    parser.add_argument("--rate", type=int, default=EVENTS_PER_SECOND, help="while it is asked")
    parser.add_argument("--rate-seconds", type=int, default=30)
    parser.add_argument("--folder", type=Path, help="where it all is made; what is there is used")
    parser.add_argument("--keep", action="store_true", help="leave the folder's files there")
    parser.add_argument("--json", type=Path, help="also write what was measured here")
    parser.add_argument("--picture", type=Path, help="also draw the questions here, as PNG")
    options = parser.parse_args()
    options.postgres_events = options.postgres_events or options.events
    if options.stream_events is None:
        options.stream_events = min(options.events // 10, 2_000_000)
    return options


@contextmanager
def _folder_of(options: argparse.Namespace) -> Iterator[Path]:
    if options.folder:
        folder = options.folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        if not options.keep:
            for events in _sizes(options):
                shutil.rmtree(folder / f"{events}")
        return
    with tempfile.TemporaryDirectory() as name:
        # The user that PostgreSQL runs as must be able to pass through.
        Path(name).chmod(0o755)
        yield Path(name)


def _section(
    folder: Path, events: int, openers: tuple[Opener, ...], options: argparse.Namespace
) -> dict[str, Any]:
    """The questions on one size of history."""
    made = prepare(folder, events, SEED)
    section: dict[str, Any] = {"events": events, "made": made, "load seconds": {}}
    with ExitStack() as stack:
        ours = Tallybook(folder / LEDGER)
        stack.callback(ours.close)
        others: list[Contender] = []
        for opener in openers:
            began = time.perf_counter()
            try:
                other = opener(folder, folder / PARQUET)
            except Missing as missing:
                print(missing)
                continue
            section["load seconds"][other.name] = round(time.perf_counter() - began, 1)
            stack.callback(other.close)
            others.append(other)
        everyone = (ours, *others)
        section["contenders"] = [each.name for each in everyone]
        section["rows"] = _ask_all(ours, others, options)
        section["bytes per event"] = {
            each.name: round(each.disk_bytes() / events, 1) for each in everyone
        }
        section["seconds to ready"] = round(ours.seconds_to_ready, 2)
        section["resident MiB at most"] = round(ours.resident_bytes_max() / 2**20)
    return section


def _ask_all(
    ours: Tallybook, others: list[Contender], options: argparse.Namespace
) -> list[dict[str, Any]]:
    """Every question in every round; milliseconds by contender, the first round included."""
    times: dict[tuple[str, str], list[float]] = {}
    results: dict[str, int] = {}
    for round_ in range(options.rounds):
        asked_too = others if round_ < options.slow_rounds else []
        for question in QUESTIONS:
            answers = [_timed(each, question, round_, times) for each in (ours, *asked_too)]
            results.setdefault(question.name, len(answers[0]))
            asked = question.asked(round_, END_SECONDS)
            for other, answer in zip(asked_too, answers[1:], strict=True):
                if not asked.same(answers[0], answer):
                    sys.exit(
                        f"{other.name} answers {question.name!r} otherwise in round {round_}:"
                        f" {_first_difference(answers[0], answer)}"
                    )
    return [
        {
            "question": question.name,
            "results": results[question.name],
            "ms": {
                each.name: _summary(times[each.name, question.name], times[OURS, question.name])
                for each in (ours, *others)
            },
        }
        for question in QUESTIONS
    ]


def _timed(
    who: Contender, question: Question, round_: int, times: dict[tuple[str, str], list[float]]
) -> list[Any]:
    """Somebody's answer, comparable; the time it took is added to ``times``."""
    asked = question.asked(round_, END_SECONDS)
    began = time.perf_counter()
    answer = who.ask(asked)
    times.setdefault((who.name, question.name), []).append((time.perf_counter() - began) * 1_000)
    return who.rows(asked, answer)


def _summary(times: list[float], ours: list[float]) -> dict[str, Any]:
    pairs = zip(times, ours, strict=False)
    return {
        "rounds": len(times),
        "median": round(statistics.median(times), 2),
        "p95": round(flow.p95(times), 2),
        "ratio": round(statistics.median(each / own for each, own in pairs), 2),
    }


def _first_difference(ours: list[Any], theirs: list[Any]) -> str:
    only_ours, only_theirs = set(ours) - set(theirs), set(theirs) - set(ours)
    return (
        f"{len(ours)} rows with {next(iter(only_ours), None)},"
        f" and {len(theirs)} rows with {next(iter(only_theirs), None)}"
    )


def _flow(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Events poured in: empty and full, ours and PostgreSQL's."""
    scratch = folder / "flow"
    shutil.rmtree(scratch, ignore_errors=True)
    count, first = options.stream_events, options.events
    stream = encoded(scratch / "stream", END_SECONDS, first, count, SEED)
    then = END_SECONDS + -(-count // EVENTS_PER_SECOND)
    tail = encoded(scratch / "tail", then, first + count, options.rate * options.rate_seconds, SEED)
    empty, full = scratch / "empty", scratch / "full"
    empty.mkdir()
    (empty / "prices.toml").write_text(price_file())
    shutil.copytree(folder / f"{options.events}" / LEDGER, full)
    result: dict[str, Any] = {
        "events": stream.events,
        "repeats": stream.repeats,
        "bytes per event": round(stream.body_ends[-1] / sum(stream.counts)),
    }
    for title, data in (("empty", empty), (f"{options.events:,} events", full)):
        result[f"{OURS}, {title}"] = flow.into_tallybook(data, stream, tail, options.rate)
        shutil.rmtree(data)
    result |= _flow_into_postgres(folder / f"{options.postgres_events}", stream, options)
    shutil.rmtree(scratch)
    return result


def _flow_into_postgres(
    history: Path, stream: Stream, options: argparse.Namespace
) -> dict[str, Any]:
    """The same poured into PostgreSQL, where it is installed."""
    try:
        server = Postgres(history, history / PARQUET)
    except Missing as missing:
        print(missing)
        return {}
    title = f"{server.name}, {options.postgres_events:,} events"
    try:
        return {
            f"{server.name}, empty": flow.into_postgres(server, stream, empty=True),
            title: flow.into_postgres(server, stream, empty=False),
        }
    finally:
        server.close()


if __name__ == "__main__":
    main()
