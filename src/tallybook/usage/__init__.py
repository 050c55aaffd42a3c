"""A query to a page: spans, rows, results, cursors and the two wire dialects."""
