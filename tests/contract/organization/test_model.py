"""In whatever order things are made, changed and ended: the organization is a plain dictionary's.

The model is written out beside the code, as dictionaries in order of creation.
"""

import tempfile
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx2
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from support.inprocess import CHOSEN, serving_keys
from support.ledgers import opened
from tallybook.organization.live_keys import LiveKeys
from tallybook.organization.organization import open_organization

BASE = "/v1/organization"
NAMES = st.text("abc é✓'\"%\\", min_size=1, max_size=8).filter(lambda text: text.strip())
ROLES = st.sampled_from(["owner", "member"])
LIMITS = st.integers(1, 4)


class OrganizationMachine(RuleBasedStateMachine):
    """A server beside its model: projects, people, who is in which project, and keys."""

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        folder = Path(self.open.enter_context(tempfile.TemporaryDirectory()))
        organization = self.open.enter_context(closing(open_organization(folder, "")))
        ledger = self.open.enter_context(opened(folder))
        keys = LiveKeys(organization, CHOSEN)
        self.http = self.open.enter_context(serving_keys(ledger, folder, organization, keys))
        self.projects: dict[str, dict[str, Any]] = {}
        self.people: dict[str, dict[str, Any]] = {}
        self.members: dict[str, dict[str, str]] = {}
        self.keys: dict[str, str] = {}
        self.changes = 0

    def teardown(self) -> None:
        """Stop the server."""
        self.open.close()

    def ask(self, method: str, path: str, status: int = 200, **more: Any) -> dict[str, Any]:
        answer = self.http.request(method, f"{BASE}{path}", **more)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def walk(self, path: str, limit: int, **query: Any) -> list[dict[str, Any]]:
        """A list, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.ask("GET", path, params={"limit": limit, **query})
            found += page["data"]
            if not page["has_more"]:
                return found
            query["after"] = page["last_id"]

    @rule(name=NAMES)
    def create_project(self, name: str) -> None:
        made = self.ask("POST", "/projects", json={"name": name})
        self.projects[made["id"]] = {"name": name.strip(), "active": True}
        self.members[made["id"]] = {}
        self.changes += 1

    @precondition(lambda self: self.projects)
    @rule(data=st.data(), name=NAMES)
    def rename_project(self, data: st.DataObject, name: str) -> None:
        project_id = data.draw(st.sampled_from([*self.projects]))
        project = self.projects[project_id]
        status = 200 if project["active"] else 400
        self.ask("POST", f"/projects/{project_id}", status, json={"name": name})
        if project["active"]:
            self.changes += project["name"] != name.strip()
            project["name"] = name.strip()

    @precondition(lambda self: self.projects)
    @rule(data=st.data())
    def archive_project(self, data: st.DataObject) -> None:
        project_id = data.draw(st.sampled_from([*self.projects]))
        assert self.ask("POST", f"/projects/{project_id}/archive")["status"] == "archived"
        self.changes += self.projects[project_id]["active"]
        self.projects[project_id]["active"] = False

    @rule(name=NAMES)
    def add_person(self, name: str) -> None:
        made = self.ask("POST", "/users", json={"name": name})
        self.people[made["id"]] = {"name": name.strip()}
        self.changes += 1

    @precondition(lambda self: self.people)
    @rule(data=st.data())
    def erase_person(self, data: st.DataObject) -> None:
        user_id = data.draw(st.sampled_from([*self.people]))
        self.ask("DELETE", f"/users/{user_id}")
        self.ask("DELETE", f"/users/{user_id}", 404)
        del self.people[user_id]
        for members in self.members.values():
            members.pop(user_id, None)
        self.changes += 1

    @precondition(lambda self: self.people and self.projects)
    @rule(data=st.data(), role=ROLES)
    def add_member(self, data: st.DataObject, role: str) -> None:
        project_id = data.draw(st.sampled_from([*self.projects]))
        user_id = data.draw(st.sampled_from([*self.people]))
        members = self.members[project_id]
        good = self.projects[project_id]["active"] and user_id not in members
        body = {"user_id": user_id, "role": role}
        self.ask("POST", f"/projects/{project_id}/users", 200 if good else 400, json=body)
        if good:
            members[user_id] = role
            self.changes += 1

    @precondition(lambda self: any(self.members.values()))
    @rule(data=st.data())
    def remove_member(self, data: st.DataObject) -> None:
        peopled = [each for each in self.members if self.members[each]]
        project_id = data.draw(st.sampled_from(peopled))
        user_id = data.draw(st.sampled_from([*self.members[project_id]]))
        active = self.projects[project_id]["active"]
        path = f"/projects/{project_id}/users/{user_id}"
        self.ask("DELETE", path, 200 if active else 400)
        if active:
            del self.members[project_id][user_id]
            self.changes += 1

    @rule(name=NAMES)
    def create_key(self, name: str) -> None:
        made = self.ask("POST", "/admin_api_keys", json={"name": name})
        self.keys[made["id"]] = made["value"]
        self.changes += 1

    @precondition(lambda self: self.keys)
    @rule(data=st.data())
    def delete_key(self, data: st.DataObject) -> None:
        key_id = data.draw(st.sampled_from([*self.keys]))
        secret = self.keys.pop(key_id)
        assert self.opens(secret)
        self.ask("DELETE", f"/admin_api_keys/{key_id}")
        assert not self.opens(secret)
        self.changes += 1

    def opens(self, secret: str) -> bool:
        """Whether a key is in force."""
        headers = {"Authorization": f"Bearer {secret}"}
        answer: httpx2.Response = self.http.get(f"{BASE}/projects", headers=headers)
        return answer.status_code == 200

    @rule(limit=LIMITS)
    def list_everything(self, limit: int) -> None:
        every = {project_id: each["name"] for project_id, each in self.projects.items()}
        active = {each: name for each, name in every.items() if self.projects[each]["active"]}
        found = self.walk("/projects", limit)
        assert [(each["id"], each["name"]) for each in found] == [*active.items()]
        found = self.walk("/projects", limit, include_archived=True)
        assert [(each["id"], each["name"]) for each in found] == [*every.items()]
        for project_id, members in self.members.items():
            found = self.walk(f"/projects/{project_id}/users", limit)
            assert [(each["id"], each["role"]) for each in found] == [*members.items()]
        found = self.walk("/users", limit)
        names = [(user_id, each["name"]) for user_id, each in self.people.items()]
        assert [(each["id"], each["name"]) for each in found] == names
        found = self.walk("/admin_api_keys", limit, order="desc")
        assert [each["id"] for each in found] == [*self.keys][::-1]

    @invariant()
    def every_change_is_in_the_log(self) -> None:
        assert len(self.walk("/audit_logs", 100)) == self.changes


OrganizationMachine.TestCase.settings = settings(
    max_examples=8, stateful_step_count=25, deadline=None
)
TestOrganization = OrganizationMachine.TestCase
