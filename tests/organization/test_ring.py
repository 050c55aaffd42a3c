"""The key ring: what a key opens, until when, and what it may hand on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organization.asking import NOW
from tallybook.domain.errors import InvalidValue, MissingScope, ProjectBound
from tallybook.organization.ring import Caller, KeyRing, caller_by_setting
from tallybook.organization.roles import ADMIN, INGEST
from tallybook.organization.scopes import ALL_SCOPES, Scope
from tallybook.organization.secret import digest

SECRET = "sk-admin-of-the-tests-0123456789abcdef"


def caller(**more: object) -> Caller:
    fields = {"key_id": "key_1", "name": "ci", "redacted": "sk-…", "scopes": ALL_SCOPES} | more
    return Caller(**fields)  # type: ignore[arg-type]


def test_a_key_is_good_until_the_second_in_which_it_expires() -> None:
    ring = KeyRing({digest(SECRET): caller(expires_at=NOW)})
    for moment, good in ((NOW - 0.001, True), (NOW, False)):
        assert (ring.caller_of(SECRET, moment) is not None) == good
        assert (ring.caller_by_id("key_1", moment) is not None) == good


@given(st.text())
def test_no_other_key_opens_anything(text: str) -> None:
    ring = KeyRing({digest(SECRET): caller()})
    assert (ring.caller_of(text, NOW) is not None) == (text == SECRET)
    assert ring.caller_of(SECRET + text, NOW) is None or not text
    assert (ring.caller_by_id(text, NOW) is not None) == (text == "key_1")


def test_a_key_of_the_settings_has_the_scopes_of_its_role() -> None:
    assert caller_by_setting(ADMIN, SECRET).scopes == ALL_SCOPES
    assert caller_by_setting(INGEST, "sk-ingest-x").scopes == {Scope.USAGE_WRITE}
    assert caller_by_setting(ADMIN, SECRET).told == "admin key sk-admin-****cdef"


@pytest.mark.parametrize(
    ("has", "scopes", "projects", "refused"),
    [
        (caller(), ALL_SCOPES, None, None),
        (caller(), [Scope.USAGE_READ], ["a"], None),
        (caller(scopes={Scope.USAGE_READ}), [Scope.USAGE_WRITE], None, MissingScope),
        (caller(projects=frozenset("ab")), ALL_SCOPES, ["a"], None),
        (caller(projects=frozenset("ab")), ALL_SCOPES, ["a", "b"], None),
        (caller(projects=frozenset("ab")), ALL_SCOPES, ["a", "c"], ProjectBound),
        (caller(projects=frozenset("ab")), ALL_SCOPES, None, ProjectBound),
    ],
)
def test_a_key_hands_on_no_more_than_it_has(
    has: Caller,
    scopes: list[Scope],
    projects: list[str] | None,
    refused: type[Exception] | None,
) -> None:
    if refused is None:
        has.check_handing_on(scopes, projects)
        return
    with pytest.raises(refused, match="insufficient permissions"):
        has.check_handing_on(scopes, projects)


def test_a_key_makes_none_that_outlives_it() -> None:
    has = caller(expires_at=NOW + 60)
    assert [has.seconds_handed_on(wanted, NOW) for wanted in (None, 1, 60)] == [60, 1, 60]
    with pytest.raises(InvalidValue, match="your key expires in 60 seconds") as fault:
        has.seconds_handed_on(61, NOW)
    assert fault.value.param == "expires_in_seconds"
    assert [caller().seconds_handed_on(wanted, NOW) for wanted in (None, 61)] == [None, 61]


def test_a_key_makes_none_that_may_ask_more_often() -> None:
    has = caller(requests_per_minute_max=5)
    assert [has.rate_handed_on(wanted) for wanted in (None, 1, 5)] == [5, 1, 5]
    with pytest.raises(InvalidValue, match="your key may make 5 requests per minute") as fault:
        has.rate_handed_on(6)
    assert fault.value.param == "requests_per_minute_max"
    assert [caller().rate_handed_on(wanted) for wanted in (None, 6)] == [None, 6]
