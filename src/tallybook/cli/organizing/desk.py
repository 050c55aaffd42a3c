"""The desk: what commands ask of an organization, in a data folder or through a server.

The two are decided between here, and nowhere else. A folder's organization is
changed beside a server that runs on it: only its ledger belongs to one process.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import msgspec

from tallybook.cli.organizing.wishes import NewKey, NewUser
from tallybook.cli.target import SOON, FolderTarget, Manner, Target
from tallybook.client.retrying import RetryPolicy
from tallybook.organization.records import AuditEntry, Project, User
from tallybook.organization.scopes import Scope


class ListedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it is listed; its fields are those of ``organization.records.Key``."""

    id: str
    name: str
    redacted: str
    scopes: tuple[Scope, ...]
    project_id: str | None
    projects: tuple[str, ...] | None
    requests_per_minute_max: int | None
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    last_used_at: int | None


class MadeKey(msgspec.Struct, frozen=True):
    """A key that was made just now, and its secret, which is nowhere else."""

    key: ListedKey
    secret: str

    def __repr__(self) -> str:
        return f"MadeKey({self.key!r})"


class EntriesWanted(msgspec.Struct, frozen=True, kw_only=True):
    """The newest ``count`` entries of the audit log that meet all that is given.

    ``since`` and ``until`` are Unix seconds, inclusive.
    """

    count: int
    types: Sequence[str] = ()
    actor_ids: Sequence[str] = ()
    subject_ids: Sequence[str] = ()
    since: int | None = None
    until: int | None = None


class Entries(msgspec.Struct, frozen=True):
    """Entries of the audit log, the newest first, and whether there are older ones."""

    data: list[AuditEntry]
    has_more: bool


class Desk(Protocol):
    """What commands ask of an organization. All of it raises TallybookError or ClientError."""

    def list_keys(self, *, include_revoked: bool) -> list[ListedKey]:
        """The keys of the organization and of its projects, in order of creation."""

    def create_key(self, wish: NewKey) -> MadeKey:
        """Make a key."""

    def revoke_key(self, key_id: str) -> None:
        """End a key of the organization or of a project, for good."""

    def limit_key(self, key_id: str, per_minute: int | None) -> ListedKey:
        """Set how many requests a minute a key may make; None is the server's limit."""

    def list_projects(self, *, include_archived: bool) -> list[Project]:
        """Projects, in order of creation."""

    def create_project(self, name: str, chosen_id: str | None) -> Project:
        """Make a project, under the id that events already have when one is chosen."""

    def rename_project(self, project_id: str, name: str) -> Project:
        """Give a project another name."""

    def archive_project(self, project_id: str) -> Project:
        """End a project, for good."""

    def list_users(self) -> list[User]:
        """People who were not erased, in the order in which they were added."""

    def add_user(self, wish: NewUser) -> User:
        """Add a person."""

    def get_user(self, user_id: str) -> User:
        """The person with an id."""

    def erase_user(self, user_id: str) -> None:
        """Forget who a person is; the id stays."""

    def list_entries(self, wanted: EntriesWanted) -> Entries:
        """The newest entries of the audit log."""


@contextmanager
def desk_at(target: Target, retry: RetryPolicy = SOON) -> Iterator[Desk]:
    """The desk of a folder or of a server, for the block.

    Raises NoLedger, OrganizationUnavailable and InvalidKey of a folder.
    """
    # The database's library takes a tenth of a second to import, and the other side has no use
    # for it.
    if isinstance(target, FolderTarget):
        from tallybook.cli.organizing.in_folder import folder_desk  # noqa: PLC0415

        with folder_desk(target) as desk:
            yield desk
    else:
        from tallybook.cli.organizing.on_server import ServerDesk  # noqa: PLC0415

        with target.connect(Manner(retry=retry)) as connection:
            yield ServerDesk(connection)
