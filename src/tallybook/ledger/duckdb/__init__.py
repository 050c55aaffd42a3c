"""The embedded engine: one DuckDB file in the data folder, owned by one process."""
