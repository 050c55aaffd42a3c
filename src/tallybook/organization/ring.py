"""The key ring: the keys in force and what each may do, as one value that never changes.

A request is checked against it without a look at the database.
"""

from collections.abc import Iterable

import msgspec

from tallybook.domain.errors import InvalidValue, MissingScope, ProjectBound
from tallybook.organization.roles import Role
from tallybook.organization.scopes import Scope, in_order
from tallybook.organization.secret import digest, masked


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever comes with a key, and what the key allows.

    ``projects`` are those that it is bound to, null for the whole
    organization. From ``expires_at`` on, in Unix seconds, it is no longer good.
    """

    key_id: str
    name: str
    redacted: str
    scopes: frozenset[Scope]
    projects: frozenset[str] | None = None
    expires_at: int | None = None
    requests_per_minute_max: int | None = None

    @property
    def told(self) -> str:
        """The caller in a few words, for people."""
        return f"{self.name} {self.redacted}"

    def check_handing_on(self, scopes: Iterable[Scope], projects: Iterable[str] | None) -> None:
        """Return when the caller may make a key with these scopes for these projects.

        Nobody hands on more than they have. Raises MissingScope and ProjectBound.
        """
        if beyond := in_order(frozenset(scopes) - self.scopes):
            raise MissingScope(
                "You have insufficient permissions for this operation: a key hands on no more than"
                f" it has. Missing scopes: {', '.join(beyond)}."
            )
        if self.projects is not None and (projects is None or not self.projects >= set(projects)):
            raise ProjectBound(
                "You have insufficient permissions for this operation: your key is bound to"
                f" {', '.join(sorted(self.projects))}, and hands on no more than that."
            )

    def seconds_handed_on(self, wanted: int | None, now: int) -> int | None:
        """For how long a key may be good that the caller makes: no longer than its own.

        ``wanted`` is in seconds from ``now``; None is as long as may be. Raises
        InvalidValue, ``param`` ``expires_in_seconds``.
        """
        if self.expires_at is None:
            return wanted
        left = self.expires_at - now
        if wanted is not None and wanted > left:
            raise InvalidValue(
                f"expires_in_seconds is {wanted}; your key expires in {left} seconds, and hands on"
                " no more than that.",
                param="expires_in_seconds",
            )
        return left if wanted is None else wanted

    def rate_handed_on(self, wanted: int | None) -> int | None:
        """How many requests per minute a key may make that the caller makes: no more than its own.

        None is as many as may be. Raises InvalidValue, ``param``
        ``requests_per_minute_max``.
        """
        own = self.requests_per_minute_max
        if own is not None and wanted is not None and wanted > own:
            raise InvalidValue(
                f"requests_per_minute_max is {wanted}; your key may make {own} requests per minute,"
                " and hands on no more than that.",
                param="requests_per_minute_max",
            )
        return own if wanted is None else wanted


class KeyRing:
    """Callers, by the digest of their key and by its id."""

    def __init__(self, callers: dict[str, Caller]) -> None:
        """Keep ``callers`` by the digest of their keys."""
        self._by_digest = callers
        self._by_id = {caller.key_id: caller for caller in callers.values()}
        self._digests = {caller.key_id: digest_ for digest_, caller in callers.items()}

    def __len__(self) -> int:
        return len(self._by_digest)

    def caller_of(self, secret: str, now: float) -> Caller | None:
        """Whoever has this key at a moment, in Unix seconds; None when it is not in force."""
        return _in_force(self._by_digest.get(digest(secret)), now)

    def caller_by_id(self, key_id: str, now: float) -> Caller | None:
        """Whoever has the key with this id at a moment; None when it is not in force."""
        return _in_force(self._by_id.get(key_id), now)

    def expiries(self, now: float) -> list[int | None]:
        """When each key expires that is in force at a moment; None where it never does."""
        found = (caller.expires_at for caller in self._by_id.values())
        return [at for at in found if at is None or at > now]

    def digest_of(self, key_id: str) -> str | None:
        """The digest of the key with this id, in force or expired; None when there is none."""
        return self._digests.get(key_id)


def caller_by_setting(role: Role, secret: str) -> Caller:
    """Whoever has the key that a setting gives for a role."""
    return Caller(
        key_id=f"key_{role.name}_setting",
        name=role.key_name,
        redacted=masked(secret),
        scopes=role.scopes,
    )


def _in_force(caller: Caller | None, now: float) -> Caller | None:
    if caller is None or (caller.expires_at is not None and caller.expires_at <= now):
        return None
    return caller
