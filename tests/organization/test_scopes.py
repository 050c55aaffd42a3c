"""Scopes and secrets: their names, and what of a key may be shown."""

import pytest

from tallybook.domain.errors import InvalidValue
from tallybook.organization.roles import ADMIN, INGEST, InvalidKey, checked
from tallybook.organization.scopes import ALL_SCOPES, Scope, in_order, scopes_of
from tallybook.organization.secret import is_weak, masked, new_secret, prefix_for


def test_scopes_are_named_with_or_without_their_prefix() -> None:
    assert scopes_of(["usage.read", "api.prices.write"]) == {Scope.USAGE_READ, Scope.PRICES_WRITE}
    assert in_order({Scope.PRICES_WRITE, Scope.USAGE_READ}) == (
        Scope.USAGE_READ,
        Scope.PRICES_WRITE,
    )


@pytest.mark.parametrize("names", [[], ["usage"], ["api.api.usage.read"], [""], ["USAGE.READ"]])
def test_a_scope_that_is_none_is_refused_with_those_there_are(names: list[str]) -> None:
    with pytest.raises(InvalidValue, match=r"api\.usage\.read, api\.usage\.write") as fault:
        scopes_of(names)
    assert fault.value.param == "scopes"


def test_every_key_that_reads_looks_like_an_admin_key_to_clients() -> None:
    assert prefix_for(frozenset({Scope.USAGE_WRITE})) == "sk-ingest-"
    assert prefix_for(frozenset({Scope.USAGE_READ})) == "sk-admin-"
    assert prefix_for(ALL_SCOPES) == "sk-admin-"


def test_no_two_secrets_are_the_same_and_none_is_weak() -> None:
    made = {new_secret("sk-admin-") for _ in range(1_000)}
    assert len(made) == 1_000
    assert not any(map(is_weak, made))
    assert is_weak("sk-admin-test")


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("sk-admin-0123456789abcdefghijklmn", "sk-admin-****klmn"),
        ("sk-svcacct-0123456789abcdefghijklmn", "sk-svcacct-****klmn"),
        ("sk-admin-short", "sk-admin-****"),
        ("0123456789abcdefghijklmn", "****klmn"),
        ("", "****"),
    ],
)
def test_a_key_is_shown_by_its_ends(secret: str, shown: str) -> None:
    assert masked(secret) == shown


def test_an_ingest_key_can_only_write() -> None:
    assert INGEST.scopes == {Scope.USAGE_WRITE}
    assert ADMIN.scopes == ALL_SCOPES


@pytest.mark.parametrize(
    "secret", ["sk-ingest-with-the-wrong-prefix-123456", "hunter2hunter2", "sk-admin-"]
)
def test_a_key_with_another_prefix_is_refused_without_showing_it(secret: str) -> None:
    with pytest.raises(InvalidKey, match="must start with sk-admin-") as fault:
        checked(ADMIN, secret)
    assert secret == "sk-admin-" or secret not in str(fault.value)
