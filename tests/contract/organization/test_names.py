"""Names of the ids that answers about usage have."""

import httpx2
import pytest

from contract.organization.conftest import House
from support.wire import fault, refusal

BASE = "/v1/organization"
NAMES = f"{BASE}/names"


def test_ids_have_names_until_a_person_is_erased(house: House) -> None:
    http = house.http
    http.post(f"{BASE}/projects", json={"name": "Atlas", "id": "team,a"})
    http.post(f"{BASE}/users", json={"name": "Ada", "id": "user-ada"})
    http.post(f"{BASE}/projects/team,a/api_keys", json={"name": "Gateway", "id": "key_1"})
    # An id with a comma is one id.
    query = "project_ids[]=team,a&user_ids=user-ada&user_ids=user-x&api_key_ids[0]=key_1"
    told = {
        "object": "organization.names",
        "project_ids": {"team,a": "Atlas"},
        "user_ids": {"user-ada": "Ada"},
        "api_key_ids": {"key_1": "Gateway"},
    }
    assert http.get(f"{NAMES}?{query}").json() == told
    http.delete(f"{BASE}/users/user-ada")
    http.delete(f"{BASE}/projects/team,a/api_keys/key_1")
    http.post(f"{BASE}/projects/team,a/archive")
    assert http.get(f"{NAMES}?{query}").json() == told | {"user_ids": {}}


def test_a_key_that_reads_usage_learns_names_and_nothing_else_of_people(house: House) -> None:
    wish = {"name": "reads", "scopes": ["api.usage.read"]}
    key = house.http.post(f"{BASE}/admin_api_keys", json=wish).json()
    with house.with_key(key["value"]) as client:
        assert client.get(NAMES).status_code == 200
        assert fault(client.get(f"{BASE}/users")) == refusal(None, None, 401)


@pytest.mark.parametrize(
    ("query", "param", "code"),
    [
        ("project_id=a", "project_id", "unknown_parameter"),
        ("limit=5", "limit", "unknown_parameter"),
        ("user_ids=%00", "user_ids", "invalid_value"),
        ("&".join(f"user_ids={number}" for number in range(1_001)), "user_ids", "invalid_value"),
    ],
)
def test_a_question_that_is_none_is_refused(
    http: httpx2.Client, query: str, param: str, code: str
) -> None:
    assert fault(http.get(f"{NAMES}?{query}")) == refusal(param, code)
