"""A stream of events as it would be posted: encoded beforehand, in a process of its own.

What the organization sends at 50,000 events a second, in order of arrival: 0.5 %
of the events are late, and 1 % come twice, the second time within a minute. In
batches of a thousand, each once as a body for Tallybook and once as rows for
PostgreSQL's COPY.
"""

import json
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import NamedTuple

import duckdb

from organization import WIDE, introduce, spread_evenly

EVENTS_PER_SECOND = 50_000
BATCH = 1_000
# Seconds that are made at once.
_STEP = 4

# Names that every event has, and those of each kind.
_OF_ALL = ("id", "kind", "provider", "project_id", "user_id", "api_key_id", "model", "batch")
_OF_KIND = {
    "completions": ("service_tier", "input_tokens", "input_cached_tokens", "output_tokens"),
    "embeddings": ("input_tokens",),
    "images": ("size", "source", "images"),
    "audio_transcriptions": ("seconds",),
    "web_search_calls": ("num_requests",),
}
_EXPRESSIONS = {
    "time": "time_us / 1e6", "tags": "tags::JSON", "seconds": "sound_us / 1e6",
    "num_requests": "calls",
}  # fmt: skip

# What arrives in a step, those that come twice a second time before its end, in batches.
_SENT = """\
CREATE OR REPLACE TEMP TABLE sent AS
WITH arrivals AS (
    SELECT *, false AS again, arrival_us AS arrives_us FROM step
    UNION ALL
    SELECT *, true,
        least(arrival_us + (60e6 * chance(number, 'again'))::BIGINT, $until::BIGINT * 1_000_000)
    FROM step WHERE chance(number, 'twice') < 0.01
), rows AS (
    SELECT id, {row} AS row FROM ({wide})
)
SELECT kind, again, CASE kind {bodies} END AS body, row,
    row_number() OVER (ORDER BY arrives_us, number) - 1 AS place
FROM arrivals JOIN rows USING (id)"""
_BATCHES = f"""\
SELECT string_agg(body, chr(10) ORDER BY place), string_agg(row, chr(10) ORDER BY place), count(*),
    count(*) FILTER (again), count(*) FILTER (kind = 'completions' AND NOT again)
FROM sent GROUP BY place // {BATCH} ORDER BY place // {BATCH}"""


class Stream(NamedTuple):
    """An encoded stream: where it is, and what is in it."""

    folder: Path
    # Distinct events, how many come twice, and the completions among the distinct.
    events: int
    repeats: int
    completions: int
    # Where each batch ends in either file, in bytes.
    body_ends: list[int]
    row_ends: list[int]
    # How many events each batch has, repeats included.
    counts: list[int]

    @contextmanager
    def bodies(self) -> Iterator[list[memoryview]]:
        """The batches as bodies."""
        with _mapped(self.folder / "bodies", self.body_ends) as parts:
            yield parts

    @contextmanager
    def rows(self) -> Iterator[list[memoryview]]:
        """The batches as rows of PostgreSQL's."""
        with _mapped(self.folder / "rows", self.row_ends) as parts:
            yield parts


def encoded(folder: Path, start: int, first: int, events: int, seed: int) -> Stream:
    """Encode so many events, numbered from ``first`` on, that arrive from ``start`` on.

    Numbers that the organization's history has not are to be used: they are the identities.
    """
    folder.mkdir(parents=True, exist_ok=True)
    maker = multiprocessing.get_context("spawn").Process(
        target=_encode, args=(folder, start, first, events, seed)
    )
    maker.start()
    maker.join()
    assert maker.exitcode == 0, "the stream could not be encoded"
    return Stream(folder, **json.loads((folder / "stream.json").read_text()))


def _encode(folder: Path, start: int, first: int, events: int, seed: int) -> None:
    """Write the files of a stream."""
    stream = Stream(folder, events, 0, 0, [], [], [])
    repeats = completions = 0
    with (
        duckdb.connect(config={"threads": 2}) as connection,
        (folder / "bodies").open("wb") as bodies,
        (folder / "rows").open("wb") as rows,
    ):
        connection.execute("SET enable_progress_bar = false")
        introduce(connection, seed)
        step_events = _STEP * EVENTS_PER_SECOND
        for step, done in enumerate(range(0, events, step_events)):
            numbers = range(first + done, first + min(done + step_events, events))
            batches = _batches(connection, start + step * _STEP, numbers)
            for body, row, count, again, completed in batches:
                bodies.write(body.encode())
                rows.write(row.encode())
                stream.body_ends.append(bodies.tell())
                stream.row_ends.append(rows.tell())
                stream.counts.append(count)
                repeats += again
                completions += completed
    facts = stream._replace(repeats=repeats, completions=completions)._asdict()
    del facts["folder"]
    (folder / "stream.json").write_text(json.dumps(facts))


def _batches(
    connection: duckdb.DuckDBPyConnection, since: int, numbers: range
) -> list[tuple[str, str, int, int, int]]:
    """The batches of the events of some numbers, which arrive from a moment on."""
    until = since + -(-len(numbers) // EVENTS_PER_SECOND)
    spread_evenly(connection, since, until - since, numbers)
    connection.execute("CREATE OR REPLACE TEMP TABLE step AS FROM made($1, $2)", [since, until])
    wide = WIDE.format(events="step")
    columns = [each[0] for each in connection.execute(f"{wide} LIMIT 0").description]
    sql = _SENT.format(
        row=" || ',' || ".join(f"coalesce({name}::VARCHAR, '')" for name in columns),
        wide=wide,
        bodies=" ".join(f"WHEN '{kind}' THEN {_body(kind)}" for kind in _OF_KIND),
    )
    connection.execute(sql, {"until": until})
    return connection.execute(_BATCHES).fetchall()


def _body(kind: str) -> str:
    """An event of a kind as JSON, as an expression."""
    names = ("id", "time", *_OF_ALL[1:], *_OF_KIND[kind], "tags")
    fields = (f"'{name}': {_EXPRESSIONS.get(name, name)}" for name in names)
    return f"to_json({{{', '.join(fields)}}})::VARCHAR"


@contextmanager
def _mapped(path: Path, ends: list[int]) -> Iterator[list[memoryview]]:
    """The parts of a file, without reading it into memory."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as whole:
        view = memoryview(whole)
        parts = [view[start:end] for start, end in pairwise([0, *ends])]
        try:
            yield parts
        finally:
            for part in (*parts, view):
                part.release()
