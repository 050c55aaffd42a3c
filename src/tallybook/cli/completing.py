"""Shell completion: what may stand where the cursor is, as far as this machine knows it."""

from collections.abc import Iterable, Iterator

import typer

from tallybook.cli.profiles import InvalidProfiles, profiles_path, read_profiles
from tallybook.domain import costs
from tallybook.domain.definitions import Kind
from tallybook.domain.dimensions import TAG_PREFIX
from tallybook.domain.kinds import KINDS
from tallybook.domain.zones import zone_names
from tallybook.organization.scopes import PREFIX, Scope


def kind_names(incomplete: str) -> Iterator[tuple[str, str]]:
    """Kinds, each with what it is."""
    for name, kind in KINDS.items():
        if name.startswith(incomplete):
            yield name, kind.summary


def zones(incomplete: str) -> list[str]:
    """Time zones."""
    return sorted(name for name in zone_names() if name.startswith(incomplete))


def profile_names(incomplete: str) -> list[str]:
    """Profiles; none when their file cannot be read, for completion has no place for a fault."""
    try:
        found = read_profiles(profiles_path())
    except InvalidProfiles:
        return []
    return [name for name in found if name.startswith(incomplete)]


def scopes(incomplete: str) -> list[str]:
    """What a key may do; also behind a comma."""
    return _behind_comma(incomplete, [scope.removeprefix(PREFIX) for scope in Scope])


def changes(incomplete: str) -> list[str]:
    """Types of entries of the audit log."""
    # It brings the database's library, for which no other completion has a use.
    from tallybook.organization.audit import EVENT_TYPES  # noqa: PLC0415

    return [name for name in EVENT_TYPES if name.startswith(incomplete)]


def dimensions(context: typer.Context, incomplete: str) -> list[str]:
    """What the kind of the command, or costs, can be grouped by; also behind a comma."""
    kind = _kind(context)
    names = costs.GROUP_BY if kind is None else kind.query_dimensions
    return _behind_comma(incomplete, (*names, TAG_PREFIX))


def conditions(context: typer.Context, incomplete: str) -> list[str]:
    """What the kind of the command, or costs, can be filtered by, up to the equals sign."""
    kind = _kind(context)
    filters = costs.FILTERS if kind is None else kind.query_filters
    names = (*(f"{each.dimension}=" for each in filters), TAG_PREFIX)
    return [name for name in names if name.startswith(incomplete)]


def rankings(context: typer.Context, incomplete: str) -> list[str]:
    """The numbers that groups of the kind of the command, or of costs, are ranked by."""
    kind = _kind(context)
    names = (*costs.RANKINGS, "cost") if kind is None else kind.rankings
    return [name for name in names if name.startswith(incomplete)]


def _kind(context: typer.Context) -> Kind | None:
    """The kind that the command has so far, if it has one and takes one."""
    # Behind an option without its value, arguments are not given their names yet.
    given = (*context.args, context.params.get("kind"))
    return next((KINDS[name] for name in given if name in KINDS), None)


def _behind_comma(incomplete: str, names: Iterable[str]) -> list[str]:
    """The names that go on behind the last comma, with what stands before it."""
    before, comma, begun = incomplete.rpartition(",")
    given = before.split(",")
    return [before + comma + name for name in names if name.startswith(begun) and name not in given]
