"""The desk of a server: the routes of the organization (``docs/wire.md``, sections 12 and 13)."""

from collections.abc import Iterator
from typing import TypeVar
from urllib.parse import quote

import msgspec

from tallybook.cli.asking import Parameters, understood
from tallybook.cli.organizing import wire
from tallybook.cli.organizing.desk import Entries, EntriesWanted, ListedKey, MadeKey
from tallybook.cli.organizing.wishes import NewKey, NewUser
from tallybook.client.connection import Connection
from tallybook.client.errors import NotFound, UnreadableAnswer
from tallybook.organization.records import AuditEntry, Project, User

T = TypeVar("T", bound=msgspec.Struct)

_KEYS = "/organization/admin_api_keys"
_PROJECTS = "/organization/projects"
_USERS = "/organization/users"
_AUDIT_LOGS = "/organization/audit_logs"
_JSON = {"Content-Type": "application/json"}
# The most of a page (``organization/windows.py``).
_LIMIT_MAX = 100
_WITH_ACCESS = [("include[]", "access")]
_WITH_REVOKED = [("include[]", "revoked")]


class ServerDesk:
    """A ``Desk`` over a connection; all of it raises ClientError."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_keys(self, *, include_revoked: bool) -> list[ListedKey]:
        """See ``Desk``."""
        asked = [*_WITH_ACCESS, *(_WITH_REVOKED if include_revoked else ())]
        found = [key.listed(None) for key in self._listed(_KEYS, asked, wire.Key)]
        for project in self.list_projects(include_archived=include_revoked):
            path = _keys_of(project.id)
            found += [key.listed(project.id) for key in self._listed(path, asked, wire.Key)]
        return sorted(found, key=lambda key: key.created_at)

    def create_key(self, wish: NewKey) -> MadeKey:
        """See ``Desk``."""
        made = self._posted(f"{_KEYS}?include[]=access", wish, wire.Key)
        if made.value is None:
            raise UnreadableAnswer(f"{self._connection.base} made a key and did not tell it.")
        return MadeKey(made.listed(None), made.value)

    def revoke_key(self, key_id: str) -> None:
        """See ``Desk``."""
        try:
            self._connection.delete(_below(_KEYS, key_id))
        except NotFound:
            project_id = self._project_of(key_id)
            if project_id is None:
                raise
            self._connection.delete(_below(_keys_of(project_id), key_id))

    def limit_key(self, key_id: str, per_minute: int | None) -> ListedKey:
        """See ``Desk``."""
        body = {"requests_per_minute_max": per_minute}
        path = f"{_below(_KEYS, key_id)}?include[]=access"
        return self._posted(path, body, wire.Key).listed(None)

    def list_projects(self, *, include_archived: bool) -> list[Project]:
        """See ``Desk``."""
        asked = [("include_archived", "true")] if include_archived else []
        return [each.project for each in self._listed(_PROJECTS, asked, wire.Project)]

    def create_project(self, name: str, chosen_id: str | None) -> Project:
        """See ``Desk``."""
        body = {"name": name} | ({} if chosen_id is None else {"id": chosen_id})
        return self._posted(_PROJECTS, body, wire.Project).project

    def rename_project(self, project_id: str, name: str) -> Project:
        """See ``Desk``."""
        return self._posted(_below(_PROJECTS, project_id), {"name": name}, wire.Project).project

    def archive_project(self, project_id: str) -> Project:
        """See ``Desk``."""
        return self._posted(f"{_below(_PROJECTS, project_id)}/archive", {}, wire.Project).project

    def list_users(self) -> list[User]:
        """See ``Desk``."""
        return [each.user for each in self._listed(_USERS, [], wire.User)]

    def add_user(self, wish: NewUser) -> User:
        """See ``Desk``."""
        return self._posted(_USERS, wish, wire.User).user

    def get_user(self, user_id: str) -> User:
        """See ``Desk``."""
        return self._got(_below(_USERS, user_id), [], wire.User).user

    def erase_user(self, user_id: str) -> None:
        """See ``Desk``."""
        self._connection.delete(_below(_USERS, user_id))

    def list_entries(self, wanted: EntriesWanted) -> Entries:
        """See ``Desk``."""
        asked: Parameters = [("include[]", "changes")]
        for name, values in (
            ("event_types[]", wanted.types),
            ("actor_ids[]", wanted.actor_ids),
            ("resource_ids[]", wanted.subject_ids),
        ):
            asked += [(name, value) for value in values]
        for name, moment in (("gte", wanted.since), ("lte", wanted.until)):
            if moment is not None:
                asked.append((f"effective_at[{name}]", str(moment)))
        found: list[AuditEntry] = []
        for each in self._listed(_AUDIT_LOGS, asked, wire.AuditLog):
            if len(found) == wanted.count:
                return Entries(found, has_more=True)
            found.append(each.entry)
        return Entries(found, has_more=False)

    def _project_of(self, key_id: str) -> str | None:
        """The project whose key it is; None when it is no project's."""
        for project in self.list_projects(include_archived=False):
            keys = self._listed(_keys_of(project.id), [], wire.Key)
            if any(key.id == key_id for key in keys):
                return project.id
        return None

    def _listed(self, path: str, parameters: Parameters, record: type[T]) -> Iterator[T]:
        """The records of all pages of a list."""
        asked = [*parameters, ("limit", str(_LIMIT_MAX))]
        shape = wire.Page[record]  # type: ignore[valid-type]
        page = self._got(path, asked, shape)
        yield from page.data
        while page.has_more and page.last_id is not None:
            page = self._got(path, [*asked, ("after", page.last_id)], shape)
            yield from page.data

    def _got(self, path: str, parameters: Parameters, answer: type[T]) -> T:
        return self._understood(self._connection.get(path, parameters).body, answer)

    def _posted(self, path: str, body: object, answer: type[T]) -> T:
        content = msgspec.json.encode(body)
        return self._understood(self._connection.post(path, content, _JSON).body, answer)

    def _understood(self, body: bytes, answer: type[T]) -> T:
        return understood(self._connection, msgspec.json.Decoder(answer).decode, body)


def _below(path: str, record_id: str) -> str:
    return f"{path}/{quote(record_id, safe='')}"


def _keys_of(project_id: str) -> str:
    return f"{_below(_PROJECTS, project_id)}/api_keys"
