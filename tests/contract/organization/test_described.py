"""What the server answers about the organization is what its description says."""

import json
from typing import Any

import jsonschema
import pytest

from contract.organization.conftest import House
from tallybook.web.openapi import openapi_document
from tallybook.web.routes import DOORS

BASE = "/v1/organization"
DOCUMENT: dict[str, Any] = json.loads(json.dumps(openapi_document(DOORS)))


class Described:
    """A client that holds each request and answer against the description."""

    def __init__(self, house: House) -> None:
        self._house = house

    def __call__(
        self, method: str, path: str, body: Any = None, query: str = "", **ids: str
    ) -> Any:
        operation = DOCUMENT["paths"][BASE + path][method.lower()]
        if body is not None:
            self._hold(body, operation["requestBody"])
        url = f"{BASE}{path.format(**ids)}?{query}"
        answer = self._house.http.request(method, url, json=body)
        assert answer.status_code == 200, answer.text
        self._hold(answer.json(), operation["responses"]["200"])
        return answer.json()

    def _hold(self, value: Any, described: dict[str, Any]) -> None:
        schema = described["content"]["application/json"]["schema"]
        jsonschema.validate(value, schema | {"components": DOCUMENT["components"]})


@pytest.fixture
def ask(house: House) -> Described:
    return Described(house)


def test_answers_and_bodies_are_as_described(ask: Described) -> None:
    key = ask("POST", "/admin_api_keys", {"name": "ci", "scopes": ["api.usage.read"]})["id"]
    ask("POST", "/admin_api_keys/{key_id}", {"requests_per_minute_max": None}, key_id=key)
    ask("GET", "/admin_api_keys/{key_id}", query="include[]=access", key_id=key)
    ask("GET", "/admin_api_keys")
    ask("DELETE", "/admin_api_keys/{key_id}", key_id=key)
    project = {"project_id": ask("POST", "/projects", {"name": "A", "residency": None})["id"]}
    below = "/projects/{project_id}"
    ask("POST", below, {"name": "B"}, **project)
    ask("GET", below, **project)
    user = ask("POST", "/users", {"name": "Ada", "email": "ada@x.org", "id": "user-ada"})["id"]
    ask("POST", "/users/{user_id}", {"role": "owner", "role_id": None}, user_id=user)
    ask("GET", "/users/{user_id}", user_id=user)
    ask("GET", "/users")
    ask("POST", f"{below}/users", {"role": "member", "email": "ada@x.org"}, **project)
    ask("POST", f"{below}/users/{{user_id}}", {"role": "owner"}, user_id=user, **project)
    ask("GET", f"{below}/users", **project)
    ask("DELETE", f"{below}/users/{{user_id}}", user_id=user, **project)
    account = ask("POST", f"{below}/service_accounts", {"name": "bot"}, **project)["id"]
    ids = {"service_account_id": account, **project}
    ask("POST", f"{below}/service_accounts/{{service_account_id}}", {"role": "owner"}, **ids)
    ask("GET", f"{below}/service_accounts", **project)
    ask("POST", f"{below}/service_accounts/{{service_account_id}}/api_keys", {}, **ids)
    ask("POST", f"{below}/api_keys", {"id": "key_1", "name": "a"}, **project)
    ask("GET", f"{below}/api_keys", query="include[]=access", **project)
    ask("DELETE", f"{below}/api_keys/{{api_key_id}}", api_key_id="key_1", **project)
    ask("DELETE", f"{below}/service_accounts/{{service_account_id}}", **ids)
    ask("DELETE", "/users/{user_id}", user_id=user)
    ask("POST", f"{below}/archive", **project)
    ask("GET", "/projects", query="include_archived=true")
    ask("GET", "/audit_logs", query="include[]=changes&limit=100")
    ask("GET", "/audit_logs", query="effective_at[gt]=0&event_types[]=user.added")
    ask("GET", "/names", query=f"project_ids[]={project['project_id']}")


def test_a_body_with_a_field_that_is_not_described_is_no_body() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    bodies = {
        operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        for path, operations in DOCUMENT["paths"].items()
        for operation in operations.values()
        if path.startswith(BASE) and "requestBody" in operation
    }
    assert len(bodies) == 12
    for reference in bodies:
        assert schemas[reference.rpartition("/")[2]]["additionalProperties"] is False
