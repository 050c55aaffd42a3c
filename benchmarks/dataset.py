"""A folder with the organization's events: once as a ledger, once as Parquet for everyone else.

The ledger's table of events is written directly, with the rate cards that the
ledger itself gave to one event of each sort: so that a hundred million events
are there within minutes. That is for questions only; how fast events go in is
measured over HTTP, by ``flow.py``.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from organization import (
    DAY_SECONDS,
    END_SECONDS,
    START_SECONDS,
    WIDE,
    introduce,
    price_file,
    sorts,
    spread_over_days,
)
from tallybook.domain.entries import latest_us
from tallybook.intake.native import Format, read_events
from tallybook.ledger.duckdb.engine import FILE_NAME as LEDGER_FILE
from tallybook.ledger.duckdb.engine import EngineSettings
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.ledger.ledger import Lot
from tallybook.pricing.source import FILE_NAME as PRICES_FILE
from tallybook.pricing.source import PriceSource

# Changed when what is made of a seed does.
GENERATION = 1
MEMORY_MIB = 4_096
THREADS = 2
MADE_FILE, LEDGER, PARQUET = "made.json", "ledger", "parquet"

# Quantities of the wire, and how each kind's are kept. What completions count and these do not
# have is zero, not unknown.
_NONE_OF = (
    "input_audio_tokens", "input_image_tokens", "input_cached_audio_tokens",
    "input_cached_image_tokens", "input_cache_write_30m_tokens", "input_cache_write_12h_tokens",
    "output_audio_tokens", "output_image_tokens", "output_reasoning_tokens",
)  # fmt: skip
_KEEP = f"""\
INSERT INTO ledger.events BY NAME
SELECT
    id, time_us, kind, provider, project_id, user_id, api_key_id, tags, model, batch, service_tier,
    size, source, rate_card, num_model_requests, images, sound_us AS seconds, calls AS num_requests,
    input_tokens - coalesce(input_cached_tokens, 0) AS input_text_tokens,
    input_cached_tokens AS input_cached_text_tokens,
    output_tokens AS output_text_tokens,
    {", ".join(f"CASE WHEN kind = 'completions' THEN 0 END AS {name}" for name in _NONE_OF)}
FROM day JOIN cards USING (place)
ORDER BY arrival_us"""


def prepare(folder: Path, events: int, seed: int) -> dict[str, Any]:
    """Fill a folder, unless it is; how long that took, and how large it is."""
    made_file = folder / MADE_FILE
    wanted = {"events": events, "seed": seed, "generation": GENERATION}
    if made_file.exists():
        made: dict[str, Any] = json.loads(made_file.read_text())
        if {name: made.get(name) for name in wanted} != wanted:
            sys.exit(f"{folder} holds something else ({made}); give another --folder")
        return made
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        sys.exit(f"{folder} is half made: remove it, or give another --folder")
    ledger = folder / LEDGER
    ledger.mkdir()
    (folder / PARQUET).mkdir()
    (ledger / PRICES_FILE).write_text(price_file())
    _store_one_of_each(ledger)
    began = time.perf_counter()
    _store_all(folder, events, seed)
    stored = time.perf_counter()
    _seal(ledger)
    made = wanted | {
        "seconds to make": round(stored - began, 1),
        "seconds to seal": round(time.perf_counter() - stored, 1),
    }
    made_file.write_text(json.dumps(made))
    return made


def open_ledger(ledger: Path) -> DuckDBLedger:
    """The ledger of a folder."""
    settings = EngineSettings(memory_max_bytes=MEMORY_MIB << 20, threads=THREADS)
    return DuckDBLedger(ledger, settings, PriceSource(ledger / PRICES_FILE, lambda: END_SECONDS))


def _store_one_of_each(ledger: Path) -> None:
    """Let the ledger price one event of each sort, whose id is the sort's place."""
    needed = {
        "embeddings": {"input_tokens": 1},
        "completions": {"input_tokens": 1, "output_tokens": 1},
        "images": {"images": 1},
        "audio_transcriptions": {"seconds": 1},
        "web_search_calls": {"num_requests": 1},
    }
    optional = ("batch", "service_tier", "size", "source")
    samples = [
        {"id": str(place), "time": START_SECONDS, "kind": sort.kind, "model": sort.model}
        | {name: value for name in optional if (value := getattr(sort, name))}
        | needed[sort.kind]
        for place, sort in enumerate(sorts())
    ]
    body = msgspec.json.encode(samples)
    batch = read_events(body, Format.JSON, latest_us(END_SECONDS), len(samples))
    opened = open_ledger(ledger)
    try:
        (answer,) = opened.append([Lot(batch.sheet, batch.positions)])
        assert answer.accepted == len(samples), (answer, batch.rejected[:1])
    finally:
        opened.close()


def _store_all(folder: Path, events: int, seed: int) -> None:
    """Put the organization's events where those samples were, and into a Parquet file a day."""
    config = {"memory_limit": f"{MEMORY_MIB}MiB", "threads": THREADS}
    with duckdb.connect(config=config) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f"SET temp_directory = '{folder / 'spill'}'")
        connection.execute(f"ATTACH '{folder / LEDGER / LEDGER_FILE}' AS ledger")
        connection.execute(
            "CREATE TEMP TABLE cards AS SELECT id::INTEGER AS place, rate_card FROM ledger.events"
        )
        connection.execute("DELETE FROM ledger.events")
        introduce(connection, seed)
        spread_over_days(connection, events)
        for day in range(START_SECONDS, END_SECONDS, DAY_SECONDS):
            connection.execute(
                "CREATE OR REPLACE TEMP TABLE day AS FROM made($1, $2)", [day, day + DAY_SECONDS]
            )
            connection.execute(_KEEP)
            file = folder / PARQUET / f"{day}.parquet"
            connection.execute(f"COPY ({WIDE.format(events='day')} ORDER BY time) TO '{file}'")
        connection.execute("CHECKPOINT ledger")


def _seal(ledger: Path) -> None:
    """Fold all that is over by now, as ``tallybook rebuild`` does after a table was filled."""
    opened = open_ledger(ledger)
    try:
        opened.unseal()
        for due in opened.due(time.time()):
            opened.seal(due)
    finally:
        opened.close()
