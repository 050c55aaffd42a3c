"""Bodies that cannot be: each fault names its field, and changes nothing."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from contract.organization.conftest import open_house
from support.wire import fault, refusal

BASE = "/v1/organization"


@pytest.fixture(
    scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))],
)
def http(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx2.Client]:
    """A client with the admin key: one for all, since nothing here changes anything."""
    url = ""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql").new_database()
    with open_house(tmp_path_factory.mktemp("refusing"), url) as house:
        for path, body in (
            ("/users", {"name": "Ada", "email": "ada@x.org", "id": "user-ada"}),
            ("/users", {"name": "Bob", "email": "bob@x.org", "id": "user-bob"}),
            ("/projects", {"name": "A", "id": "proj_a"}),
        ):
            assert house.http.post(f"{BASE}{path}", json=body).status_code == 200
        yield house.http


@pytest.fixture(autouse=True)
def _nothing_changes(http: httpx2.Client) -> Iterator[None]:
    """Whatever a test here sends is refused, so the audit log stays as it is."""
    before = http.get(f"{BASE}/audit_logs").json()
    yield
    assert http.get(f"{BASE}/audit_logs").json() == before


BODIES: list[tuple[str, Any, str, str]] = [
    ("/projects", {}, "name", "missing_required_parameter"),
    ("/projects", {"name": None}, "name", "invalid_type"),
    ("/projects", {"name": 5}, "name", "invalid_type"),
    ("/projects", {"name": ""}, "name", "invalid_value"),
    ("/projects", {"name": "x" * 201}, "name", "invalid_value"),
    ("/projects", {"name": "a\0b"}, "name", "invalid_value"),
    ("/projects", {"name": "a\r\nX-Evil: 1"}, "name", "invalid_value"),
    ("/projects", {"name": "a", "nmae": "b"}, "nmae", "unknown_parameter"),
    ("/projects", {"name": "a", "id": "a/b"}, "id", "invalid_value"),
    ("/projects", {"name": "a", "id": ".."}, "id", "invalid_value"),
    ("/projects", {"name": "a", "id": "proj_a"}, "id", "already_exists"),
    ("/projects", {"name": "a", "geography": "EU"}, "geography", "invalid_type"),
    ("/projects/proj_a", {"external_key_id": "k"}, "external_key_id", "invalid_type"),
    ("/admin_api_keys", {"name": "a", "scopes": []}, "scopes", "invalid_value"),
    ("/admin_api_keys", {"name": "a", "scopes": ["api.everything"]}, "scopes", "invalid_value"),
    ("/admin_api_keys", {"name": "a", "scopes": "api.usage.read"}, "scopes", "invalid_type"),
    ("/admin_api_keys", {"name": "a", "scopes": [1]}, "scopes", "invalid_type"),
    ("/admin_api_keys", {"name": "a", "project_ids": []}, "project_ids", "invalid_value"),
    ("/admin_api_keys", {"name": "a", "project_ids": ["x"]}, "project_ids", "invalid_value"),
    ("/admin_api_keys", {"name": "a", "project_ids": ["\0"]}, "project_ids", "invalid_value"),
    (
        "/admin_api_keys",
        {"name": "a", "project_ids": ["proj_a"] * 101},
        "project_ids",
        "invalid_value",
    ),
    (
        "/admin_api_keys",
        {"name": "a", "requests_per_minute_max": 0},
        "requests_per_minute_max",
        "invalid_value",
    ),
    (
        "/admin_api_keys",
        {"name": "a", "expires_in_seconds": 31_536_001},
        "expires_in_seconds",
        "invalid_value",
    ),
    (
        "/admin_api_keys",
        {"name": "a", "expires_in_seconds": 10**40},
        "expires_in_seconds",
        "invalid_value",
    ),
    (
        "/admin_api_keys",
        {"name": "a", "expires_in_seconds": 1.5},
        "expires_in_seconds",
        "invalid_type",
    ),
    ("/projects/proj_a/api_keys", {"id": "key_1"}, "name", "missing_required_parameter"),
    ("/projects/proj_a/api_keys", {"id": "", "name": "a"}, "id", "invalid_value"),
    (
        "/projects/proj_a/service_accounts",
        {"name": "a", "create_service_account_only": True, "expires_in_seconds": 5},
        "expires_in_seconds",
        "invalid_value",
    ),
    (
        "/projects/proj_a/service_accounts",
        {"name": "a", "create_service_account_only": "yes"},
        "create_service_account_only",
        "invalid_type",
    ),
    ("/users", {"name": "a", "email": "nobody"}, "email", "invalid_value"),
    ("/users", {"name": "a", "email": "ADA@x.org"}, "email", "already_exists"),
    ("/users", {"name": "a", "role": "king"}, "role", "invalid_value"),
    ("/users", {"name": "a", "id": "user-ada"}, "id", "already_exists"),
    ("/users/user-ada", {"email": "bob@x.org"}, "email", "already_exists"),
    ("/users/user-ada", {"role": "member"}, "role", "invalid_value"),
    ("/users/user-ada", {"role_id": "role_1"}, "role_id", "invalid_type"),
    ("/projects/proj_a/users", {"user_id": "user-ada"}, "role", "missing_required_parameter"),
    ("/projects/proj_a/users", {"role": "member"}, "user_id", "missing_required_parameter"),
    (
        "/projects/proj_a/users",
        {"role": "member", "user_id": "user-ada", "email": "bob@x.org"},
        "email",
        "invalid_value",
    ),
    ("/projects/proj_a/users", {"role": "king", "user_id": "user-ada"}, "role", "invalid_value"),
    ("/projects/proj_a/users", {"role": "member", "user_id": "\0"}, "user_id", "invalid_value"),
]


@pytest.mark.parametrize(("path", "body", "param", "code"), BODIES)
def test_a_fault_of_a_body_names_its_field(
    http: httpx2.Client, path: str, body: Any, param: str, code: str
) -> None:
    assert fault(http.post(f"{BASE}{path}", json=body)) == refusal(param, code)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"name"', b"null", b"\xff", b'{"name": "\xff"}', b'{"name": NaN}',
     b"[" * 5_000, b'{"name": ' * 5_000],
)  # fmt: skip
def test_a_body_that_is_no_object_is_malformed(http: httpx2.Client, body: bytes) -> None:
    assert fault(http.post(f"{BASE}/projects", content=body)) == refusal(None, "malformed_body")


def test_a_body_is_read_up_to_a_limit(http: httpx2.Client) -> None:
    large = b'{"name": "' + b"x" * (64 << 10) + b'"}'
    answer = http.post(f"{BASE}/projects", content=large)
    assert fault(answer) == refusal(None, "body_too_large", 413)
    assert "nothing was changed" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "param"),
    [
        ("GET", "/admin_api_keys/key_x", "key_id"),
        ("DELETE", "/admin_api_keys/%00", "key_id"),
        ("GET", "/projects/proj_x", "project_id"),
        ("GET", "/projects/%00", "project_id"),
        ("GET", "/projects/proj_a'--", "project_id"),
        ("GET", "/projects/%ff", "project_id"),
        ("POST", "/projects/proj_x/archive", "project_id"),
        ("GET", "/projects/proj_x/api_keys", "project_id"),
        ("GET", "/projects/proj_a/api_keys/key_x", "key_id"),
        ("DELETE", "/projects/proj_x/api_keys/key_x", "project_id"),
        ("GET", "/projects/proj_x/service_accounts", "project_id"),
        ("GET", "/projects/proj_a/service_accounts/x", "service_account_id"),
        ("DELETE", "/projects/proj_a/service_accounts/x", "service_account_id"),
        ("GET", "/projects/proj_x/users", "project_id"),
        ("GET", "/projects/proj_a/users/user-ada", "user_id"),
        ("DELETE", "/projects/proj_a/users/user-ada", "user_id"),
        ("GET", "/users/user-x", "user_id"),
        ("DELETE", "/users/%00", "user_id"),
    ],
)
def test_what_is_not_there_is_named(
    http: httpx2.Client, method: str, path: str, param: str
) -> None:
    answer = http.request(method, f"{BASE}{path}")
    assert fault(answer) == refusal(param, "not_found", 404)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/projects/proj_x", {"name": "a"}),
        ("/projects/proj_x/api_keys", {"id": "key_1", "name": "a"}),
        ("/projects/proj_x/service_accounts", {"name": "a"}),
        ("/projects/proj_x/service_accounts/x/api_keys", {}),
        ("/projects/proj_x/users", {"role": "member", "user_id": "user-ada"}),
        ("/projects/proj_x/users/user-ada", {}),
    ],
)
def test_a_project_that_is_not_there_takes_nothing(
    http: httpx2.Client, path: str, body: dict[str, Any]
) -> None:
    answer = http.post(f"{BASE}{path}", json=body)
    assert fault(answer) == refusal("project_id", "not_found", 404)


def test_people_who_are_not_there_come_into_no_project(http: httpx2.Client) -> None:
    for named, param in (({"user_id": "user-x"}, "user_id"), ({"email": "x@x.org"}, "email")):
        answer = http.post(f"{BASE}/projects/proj_a/users", json={"role": "member", **named})
        assert fault(answer) == refusal(param, "not_found", 404)
