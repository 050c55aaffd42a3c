"""Asking for the names of ids, for tables.

Nobody has to: a server that has no names to tell, or a key that may not ask
for them, leaves the ids as they are.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing

import msgspec

from tallybook.cli.asking import understood
from tallybook.cli.names import NAMED, NONE, Names, Value
from tallybook.cli.target import ONCE, FolderTarget, Manner, ServerTarget, Target
from tallybook.client.errors import ClientError
from tallybook.domain.errors import TallybookError
from tallybook.settings import Settings

_PATH = "/organization/names"
# Of one request: an address is not to be too long for a proxy.
_IDS_MAX = 100
# Nobody waits long for what can be done without.
_AT_ONCE = Manner(retry=ONCE, timeout_seconds=10.0)


class _Answer(msgspec.Struct, frozen=True):
    """Names by id, as a server tells them."""

    project_ids: dict[str, str]
    user_ids: dict[str, str]
    api_key_ids: dict[str, str]


def names_at(target: Target, values: Iterable[Value]) -> Names:
    """The names of values, as far as the target tells them."""
    sought = sorted(each for each in values if each[0] in NAMED)
    if not sought:
        return NONE
    try:
        answers = (
            _of_folder(target.settings, sought)
            if isinstance(target, FolderTarget)
            else _of_server(target, sought)
        )
        return Names(
            {
                (dimension, value): name
                for answer in answers
                for dimension, ids in NAMED.items()
                for value, name in getattr(answer, ids).items()
            }
        )
    except (ClientError, TallybookError):
        return NONE


def _of_server(target: ServerTarget, sought: Sequence[Value]) -> Iterator[_Answer]:
    decode = msgspec.json.Decoder(_Answer).decode
    with target.connect(_AT_ONCE) as connection:
        for values in _batches(sought):
            asked = [(f"{NAMED[dimension]}[]", value) for dimension, value in values]
            yield understood(connection, decode, connection.get(_PATH, asked).body)


def _of_folder(settings: Settings, sought: Sequence[Value]) -> Iterator[_Answer]:
    # The database's library takes a tenth of a second to import: only when there is something to
    # be named.
    from tallybook.organization.database import FILE_NAME  # noqa: PLC0415
    from tallybook.organization.names import Ids, names_of  # noqa: PLC0415
    from tallybook.organization.organization import open_organization  # noqa: PLC0415

    # To look is not to make one.
    if not settings.organization_url and not (settings.data / FILE_NAME).exists():
        return
    with (
        closing(open_organization(settings.data, settings.organization_url)) as organization,
        organization.reading() as connection,
    ):
        for values in _batches(sought):
            ids = {
                name: [value for each, value in values if each == dimension]
                for dimension, name in NAMED.items()
            }
            found = names_of(connection, Ids(**ids))
            yield msgspec.convert(found, _Answer, from_attributes=True)


def _batches(sought: Sequence[Value]) -> Iterator[Sequence[Value]]:
    for start in range(0, len(sought), _IDS_MAX):
        yield sought[start : start + _IDS_MAX]
