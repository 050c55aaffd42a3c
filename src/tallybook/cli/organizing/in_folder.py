"""The desk of a data folder: the organization's own functions, also while a server runs."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Protocol, TypeVar

import msgspec

from tallybook.cli.accounts import actor_here
from tallybook.cli.organizing.desk import Entries, EntriesWanted, ListedKey, MadeKey
from tallybook.cli.organizing.wishes import NewKey, NewUser
from tallybook.cli.target import FolderTarget
from tallybook.domain.errors import UnknownRecord
from tallybook.organization import audit, keys, projects, users
from tallybook.organization.changes import Change
from tallybook.organization.first_keys import carry_over
from tallybook.organization.organization import Organization, open_organization
from tallybook.organization.records import Actor, Key, Project, User
from tallybook.organization.secret import prefix_for
from tallybook.organization.windows import LIMIT_MAX, Page, Window


class _Record(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Record)

# What somebody who is added may do, unless it is said.
_USER_ROLE = "reader"


@contextmanager
def folder_desk(
    target: FolderTarget, clock: Callable[[], float] = time.time
) -> Iterator["FolderDesk"]:
    """The desk of a folder, or of the database that the settings name, for the block.

    Raises NoLedger, OrganizationUnavailable and InvalidKey.
    """
    settings = target.settings
    if not settings.organization_url:
        target.check_existing()
    with closing(open_organization(settings.data, settings.organization_url)) as organization:
        carry_over(organization, settings.data, clock())
        yield FolderDesk(organization, actor_here(), clock)


class FolderDesk:
    """A ``Desk`` over a database; each change is a transaction, by ``actor`` and ``clock``."""

    def __init__(
        self, organization: Organization, actor: Actor, clock: Callable[[], float]
    ) -> None:
        self._organization = organization
        self._actor = actor
        self._clock = clock

    def list_keys(self, *, include_revoked: bool) -> list[ListedKey]:
        """See ``Desk``."""
        with self._organization.reading() as connection:
            found = _all(
                lambda window: keys.all_keys(connection, window, include_revoked=include_revoked)
            )
        return [_listed(key) for key in found]

    def create_key(self, wish: NewKey) -> MadeKey:
        """See ``Desk``. Raises InvalidValue and UnknownRecord."""
        scopes = frozenset(wish.scopes)
        with self._changing() as change:
            for project_id in wish.project_ids or ():
                projects.active_project(change.connection, project_id)
            key, secret = keys.create_key(
                change,
                keys.KeyWish(
                    name=wish.name,
                    scopes=scopes,
                    prefix=prefix_for(scopes),
                    projects=wish.project_ids,
                    expires_in_seconds=wish.expires_in_seconds,
                    requests_per_minute_max=wish.requests_per_minute_max,
                ),
            )
        return MadeKey(_listed(key), secret)

    def revoke_key(self, key_id: str) -> None:
        """See ``Desk``. Raises UnknownRecord."""
        with self._changing() as change:
            keys.revoke_key(change, _key(change, key_id))

    def limit_key(self, key_id: str, per_minute: int | None) -> ListedKey:
        """See ``Desk``. Raises InvalidValue and UnknownRecord."""
        with self._changing() as change:
            key = _key(change, key_id)
            return _listed(keys.update_key(change, key, {"requests_per_minute_max": per_minute}))

    def list_projects(self, *, include_archived: bool) -> list[Project]:
        """See ``Desk``."""
        with self._organization.reading() as connection:
            return _all(
                lambda window: projects.list_projects(
                    connection, window, include_archived=include_archived
                )
            )

    def create_project(self, name: str, chosen_id: str | None) -> Project:
        """See ``Desk``. Raises InvalidValue and RecordExists."""
        with self._changing() as change:
            return projects.create_project(change, name, chosen_id=chosen_id)

    def rename_project(self, project_id: str, name: str) -> Project:
        """See ``Desk``. Raises InvalidValue and UnknownRecord."""
        with self._changing() as change:
            return projects.rename_project(change, project_id, name)

    def archive_project(self, project_id: str) -> Project:
        """See ``Desk``. Raises UnknownRecord."""
        with self._changing() as change:
            return projects.archive_project(change, project_id)

    def list_users(self) -> list[User]:
        """See ``Desk``."""
        with self._organization.reading() as connection:
            return _all(lambda window: users.list_users(connection, window))

    def add_user(self, wish: NewUser) -> User:
        """See ``Desk``. Raises InvalidValue and RecordExists."""
        with self._changing() as change:
            return users.add_user(
                change,
                name=wish.name,
                email=wish.email,
                role=wish.role or _USER_ROLE,
                chosen_id=wish.id,
            )

    def get_user(self, user_id: str) -> User:
        """See ``Desk``. Raises UnknownRecord."""
        with self._organization.reading() as connection:
            return users.get_user(connection, user_id)

    def erase_user(self, user_id: str) -> None:
        """See ``Desk``. Raises UnknownRecord."""
        with self._changing() as change:
            users.erase_user(change, user_id)

    def list_entries(self, wanted: EntriesWanted) -> Entries:
        """See ``Desk``."""
        sought = audit.Sought(
            types=wanted.types,
            actor_ids=wanted.actor_ids,
            subject_ids=wanted.subject_ids,
            since=wanted.since,
            until=wanted.until,
        )
        window = Window(limit=wanted.count, newest_first=True)
        with self._organization.reading() as connection:
            page = audit.list_entries(connection, window, sought)
        return Entries(list(page.records), page.has_more)

    def _changing(self) -> AbstractContextManager[Change]:
        return self._organization.changing(self._actor, self._clock())


def _key(change: Change, key_id: str) -> Key:
    """A key, whosever it is. Raises UnknownRecord."""
    key = keys.find_key(change.connection, key_id)
    if key is None:
        raise UnknownRecord(f"No key has the id {key_id[:60]!r}.", param="key_id")
    if key.revoked_at is not None:
        raise UnknownRecord(f"Key {key_id} was revoked already.", param="key_id")
    return key


def _listed(key: Key) -> ListedKey:
    return msgspec.convert(key, ListedKey, from_attributes=True)


def _all(page: Callable[[Window], Page[T]]) -> list[T]:
    """The records of all pages."""
    window = Window(limit=LIMIT_MAX)
    found: list[T] = []
    while True:
        part = page(window)
        found += part.records
        if not part.has_more:
            return found
        window = msgspec.structs.replace(window, after=found[-1].id)
