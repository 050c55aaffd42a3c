"""The ledger's tables in DuckDB, and how older files become current ones.

Each migration is applied once, in order, in a transaction of its own with its
row in ``migrations``; a file that has more of them than this version knows was
written by a newer one and is left alone. Migrations are never edited: the
first one spells the columns out, and a test holds the outcome equal to
``domain/entries.py``.
"""

import duckdb

from tallybook.domain.errors import LedgerTooNew

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

MIGRATIONS: tuple[str, ...] = (_EVENTS,)


def migrate(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring the open file to the current version. Raises LedgerTooNew."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migrations (version INTEGER NOT NULL, applied_at TIMESTAMPTZ)"
    )
    found = connection.execute("SELECT coalesce(max(version), 0) FROM migrations").fetchone()
    version = found[0] if found else 0
    if version > len(MIGRATIONS):
        raise LedgerTooNew(
            f"The data folder is of version {version}; this Tallybook knows up to"
            f" {len(MIGRATIONS)}. Start the newer version again, or restore a backup."
        )
    for number, migration in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.begin()
        connection.execute(migration)
        connection.execute("INSERT INTO migrations VALUES (?, now())", [number])
        connection.commit()
