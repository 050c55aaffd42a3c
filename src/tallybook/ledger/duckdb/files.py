"""What a data folder holds of its ledger, by name. Nothing is imported with it."""

FILE_NAME = "ledger.duckdb"
# The write-ahead log, as the engine names it.
LOG_NAME = f"{FILE_NAME}.wal"
# The folder beside it in which files are made that leave it again at once, and the only one.
DRAFTS_NAME = "drafts"
# The folder of the events that were let go.
ARCHIVE_NAME = "archive"
