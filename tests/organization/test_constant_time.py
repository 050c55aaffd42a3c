"""A key is looked up by its digest and compared with no other: by construction, not by the clock.

How long a look-up takes may depend on the digest of what was sent, of which
nobody can choose a part, and never on the keys that are kept.
"""

import ast
import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tallybook
from tallybook.organization.ring import Caller, KeyRing
from tallybook.organization.scopes import ALL_SCOPES
from tallybook.organization.secret import digest

PACKAGE = Path(tallybook.__file__).parent
# Where secrets of requests come by.
MODULES = (
    "web/access.py",
    "organization/ring.py",
    "organization/live_keys.py",
    "organization/keys_in_force.py",
)
KEPT = "sk-admin-that-is-kept-0123456789abcdef"
CALLER = Caller(key_id="key_1", name="kept", redacted="", scopes=ALL_SCOPES)


class Watched(dict[str, Caller]):
    """Callers by digest, which notes every look at them."""

    def __init__(self) -> None:
        super().__init__({digest(KEPT): CALLER})
        self.looked_up: list[str] = []
        self.other_looks: list[str] = []

    def get(self, key: str, default: Any = None) -> Any:
        self.looked_up.append(key)
        return super().get(key, default)

    def __iter__(self) -> Any:
        self.other_looks.append("iterated")
        return super().__iter__()

    def __contains__(self, key: object) -> bool:
        self.other_looks.append("searched")
        return super().__contains__(key)


secrets = st.one_of(
    st.text(max_size=300),
    # All but right: a first part, a longer one, one character changed.
    st.integers(0, len(KEPT)).map(lambda length: KEPT[:length]),
    st.text(min_size=1, max_size=3).map(lambda more: KEPT + more),
    st.integers(0, len(KEPT) - 1).map(lambda place: f"{KEPT[:place]}~{KEPT[place + 1 :]}"),
)


@given(secrets)
def test_any_text_is_digested_whole_and_looked_up_once(secret: str) -> None:
    watched = Watched()
    ring = KeyRing(watched)
    watched.other_looks.clear()
    found = ring.caller_of(secret, 0)
    assert found is (CALLER if secret == KEPT else None)
    assert watched.looked_up == [
        hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
    ]
    assert watched.other_looks == []


@given(st.binary(max_size=200).map(lambda sent: sent.decode("latin-1")))
def test_whatever_a_header_can_hold_has_a_digest(secret: str) -> None:
    assert len(digest(secret)) == 64


@pytest.mark.parametrize("module", MODULES)
def test_no_secret_is_compared_in_the_source(module: str) -> None:
    tree = ast.parse((PACKAGE / module).read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
            assert "secret" not in names, f"{module}:{node.lineno}: look it up by its digest"
