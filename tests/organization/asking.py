"""What the tests of the organization say in one word."""

from tallybook.organization.audit import Sought, list_entries
from tallybook.organization.keys import KeyWish
from tallybook.organization.organization import Organization
from tallybook.organization.records import Actor, AuditEntry, Means
from tallybook.organization.scopes import Scope
from tallybook.organization.secret import ADMIN_PREFIX
from tallybook.organization.windows import Window

NOW = 1_790_000_000
SOMEONE = Actor(
    means=Means.API_KEY, id="key_someone", address="192.0.2.7", request_id="req_1", user_agent="ua"
)
EVERYTHING = Window(limit=100)


def wish(name: str = "ci", *scopes: Scope, **more: object) -> KeyWish:
    """A key that may read usage, unless other scopes are named."""
    return KeyWish(
        name=name,
        scopes=frozenset(scopes or {Scope.USAGE_READ}),
        prefix=ADMIN_PREFIX,
        **more,  # type: ignore[arg-type]
    )


def entries(organization: Organization, **sought: object) -> list[AuditEntry]:
    """The audit log, the oldest first."""
    with organization.reading() as connection:
        page = list_entries(connection, EVERYTHING, Sought(**sought))  # type: ignore[arg-type]
    assert not page.has_more
    return list(page.records)


def told(organization: Organization, **sought: object) -> list[tuple[str, str]]:
    """The types of the audit log's entries, and what they are about."""
    return [(entry.type, entry.subject_id) for entry in entries(organization, **sought)]
