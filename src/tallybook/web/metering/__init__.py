"""What a server counts of itself, and ``GET /metrics``, where it tells."""
