"""What a test needs beyond Python: without it, it is skipped, or fails where all is required."""

import os

import pytest


def require(name: str, *, present: bool) -> None:
    """Skip the test when what it needs is missing, unless everything is required."""
    if present:
        return
    if os.environ.get("TALLYBOOK_REQUIRE") == "all":
        pytest.fail(f"{name} is missing, and TALLYBOOK_REQUIRE=all")
    pytest.skip(f"needs {name}")
