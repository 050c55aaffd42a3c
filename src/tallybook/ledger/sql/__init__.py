"""Questions as SQL: pure, every value bound, in the subset that both engines speak."""
