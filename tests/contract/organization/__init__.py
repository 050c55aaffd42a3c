"""The wire contract as tests: what any client of the usage API may rely on."""
