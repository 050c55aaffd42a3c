"""The ledger's tables in DuckDB, and how older files become current ones.

Each migration is applied once, in order, in a transaction of its own with its
row in ``migrations``; a file that has more of them than this version knows was
written by a newer one and is left alone. Migrations are never edited: the
first one spells the columns out, and a test holds the outcome equal to
``domain/entries.py``.
"""

import duckdb

from tallybook.domain.entries import COLUMN_NAMES
from tallybook.domain.errors import LedgerTooNew
from tallybook.ledger.seals.rollups import PREFIX

# Not sorted and without an index: events arrive nearly in order of time, which
# is what makes the engine's own minima and maxima of each stretch useful.
_EVENTS = """
CREATE TABLE events (
    id VARCHAR NOT NULL,
    time_us BIGINT NOT NULL,
    kind VARCHAR NOT NULL,
    provider VARCHAR NOT NULL,
    project_id VARCHAR,
    user_id VARCHAR,
    api_key_id VARCHAR,
    model VARCHAR,
    batch BOOLEAN,
    service_tier VARCHAR,
    size VARCHAR,
    source VARCHAR,
    vector_store_id VARCHAR,
    context_level VARCHAR,
    api_source VARCHAR,
    tags VARCHAR,
    reported_cost DECIMAL(28, 15),
    reported_currency VARCHAR,
    input_text_tokens BIGINT,
    input_audio_tokens BIGINT,
    input_image_tokens BIGINT,
    input_cached_text_tokens BIGINT,
    input_cached_audio_tokens BIGINT,
    input_cached_image_tokens BIGINT,
    input_cache_write_30m_tokens BIGINT,
    input_cache_write_12h_tokens BIGINT,
    output_text_tokens BIGINT,
    output_audio_tokens BIGINT,
    output_image_tokens BIGINT,
    num_model_requests BIGINT,
    output_reasoning_tokens BIGINT,
    images BIGINT,
    characters BIGINT,
    seconds BIGINT,
    usage_bytes BIGINT,
    num_sessions BIGINT,
    num_requests BIGINT
)
"""

# Rate cards are kept whole, and their rates again as what amounts are a join with.
_MONEY = """
ALTER TABLE events ADD COLUMN quality VARCHAR;
ALTER TABLE events ADD COLUMN rate_card INTEGER;
CREATE TABLE rate_cards (
    rate_card INTEGER NOT NULL,
    digest VARCHAR NOT NULL,
    card VARCHAR NOT NULL,
    known_us BIGINT NOT NULL
);
CREATE TABLE rates (
    rate_card INTEGER NOT NULL,
    charge VARCHAR NOT NULL,
    line_item VARCHAR NOT NULL,
    currency VARCHAR,
    stored BIGINT NOT NULL,
    unit_price DECIMAL(18, 15)
);
CREATE TABLE repricings (
    at_us BIGINT NOT NULL,
    wish VARCHAR NOT NULL,
    repricing VARCHAR NOT NULL
);
"""

# Which hours and days are sealed, in Unix seconds. The rollups themselves are derived from the
# events and have no migrations: see ``rollup_tables.py``.
_SEALS = """
CREATE TABLE seals (
    width VARCHAR NOT NULL,
    start BIGINT NOT NULL,
    number BIGINT NOT NULL
);
CREATE TABLE rollup_shape (
    shape VARCHAR NOT NULL,
    tags VARCHAR NOT NULL
);
"""

# Which quantities any event has more than nothing of.
_USED_COLUMNS = """
CREATE TABLE used_columns (name VARCHAR NOT NULL);
INSERT INTO used_columns
SELECT name FROM (
    UNPIVOT (
        SELECT
            bool_or(input_text_tokens > 0) AS input_text_tokens,
            bool_or(input_audio_tokens > 0) AS input_audio_tokens,
            bool_or(input_image_tokens > 0) AS input_image_tokens,
            bool_or(input_cached_text_tokens > 0) AS input_cached_text_tokens,
            bool_or(input_cached_audio_tokens > 0) AS input_cached_audio_tokens,
            bool_or(input_cached_image_tokens > 0) AS input_cached_image_tokens,
            bool_or(input_cache_write_30m_tokens > 0) AS input_cache_write_30m_tokens,
            bool_or(input_cache_write_12h_tokens > 0) AS input_cache_write_12h_tokens,
            bool_or(output_text_tokens > 0) AS output_text_tokens,
            bool_or(output_audio_tokens > 0) AS output_audio_tokens,
            bool_or(output_image_tokens > 0) AS output_image_tokens,
            bool_or(num_model_requests > 0) AS num_model_requests,
            bool_or(output_reasoning_tokens > 0) AS output_reasoning_tokens,
            bool_or(images > 0) AS images,
            bool_or(characters > 0) AS characters,
            bool_or(seconds > 0) AS seconds,
            bool_or(usage_bytes > 0) AS usage_bytes,
            bool_or(num_sessions > 0) AS num_sessions,
            bool_or(num_requests > 0) AS num_requests
        FROM events
    ) ON * INTO NAME name VALUE used
)
WHERE used;
"""

# Events that were voided: moved here, with when (in microseconds), by whom and why. So whatever
# reads ``events`` knows nothing of them. A column that is added to one of the two is to be added
# to the other.
_VOIDS = """
CREATE TABLE voided_events AS
SELECT *, 0::BIGINT AS voided_us, '' AS voided_by, '' AS voided_reason FROM events LIMIT 0;
ALTER TABLE voided_events ALTER COLUMN id SET NOT NULL;
ALTER TABLE voided_events ALTER COLUMN time_us SET NOT NULL;
ALTER TABLE voided_events ALTER COLUMN voided_us SET NOT NULL;
ALTER TABLE voided_events ALTER COLUMN voided_by SET NOT NULL;
ALTER TABLE voided_events ALTER COLUMN voided_reason SET NOT NULL;
"""

# Days whose events were let go, by their starts in Unix seconds: how many events they had, voided
# ones too, their digest where they are archived, and when. And how many were of each rate card.
_LET_GO = """
CREATE TABLE let_go (
    day BIGINT NOT NULL,
    events BIGINT NOT NULL,
    digest VARCHAR,
    at_us BIGINT NOT NULL
);
CREATE TABLE let_go_cards (
    day BIGINT NOT NULL,
    rate_card INTEGER,
    events BIGINT NOT NULL,
    first_us BIGINT NOT NULL,
    last_us BIGINT NOT NULL
);
"""

MIGRATIONS: tuple[str, ...] = (_EVENTS, _MONEY, _SEALS, _USED_COLUMNS, _VOIDS, _LET_GO)

# Columns of entries that the first migration did not make, in the order in which they came.
_ADDED = ("quality",)
RATE_CARD = "rate_card"
# What a backup has in another way, or what is made of the events anew.
_DERIVED = ("events", "migrations", "seals")
# The columns of ``events`` in the file's order, which is the order that rows are stored by.
TABLE_COLUMNS: tuple[str, ...] = (
    *(name for name in COLUMN_NAMES if name not in _ADDED),
    *_ADDED,
    RATE_CARD,
)


def migrate(connection: duckdb.DuckDBPyConnection, newest: int = len(MIGRATIONS)) -> None:
    """Bring the open file to a version, by default the current one. Raises LedgerTooNew."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migrations (version INTEGER NOT NULL, applied_at TIMESTAMPTZ)"
    )
    version = version_of(connection)
    if max(version, newest) > len(MIGRATIONS):
        raise LedgerTooNew(
            f"The data folder is of version {max(version, newest)}; this Tallybook knows up to"
            f" {len(MIGRATIONS)}. Start the newer version again, or restore a backup."
        )
    for number, migration in enumerate(MIGRATIONS[version:newest], start=version + 1):
        connection.begin()
        connection.execute(migration)
        connection.execute("INSERT INTO migrations VALUES (?, now())", [number])
        connection.commit()


def version_of(connection: duckdb.DuckDBPyConnection) -> int:
    """How many migrations a file has."""
    found = connection.execute("SELECT coalesce(max(version), 0) FROM migrations").fetchone()
    return found[0] if found else 0


def kept_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The tables beside the events that hold what cannot be made of these, by name.

    Whatever a migration adds is among them, unless it is one of ``_DERIVED``.
    """
    found = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary"
    ).fetchall()
    names = sorted(name for (name,) in found)
    return [name for name in names if name not in _DERIVED and not name.startswith(PREFIX)]
