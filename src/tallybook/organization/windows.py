"""Windows: which part of a list is wanted, in order of creation."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec
import sqlalchemy as sa

from tallybook.domain.errors import InvalidValue

T = TypeVar("T")

LIMIT_DEFAULT = 20
# Inclusive.
LIMIT_MAX = 100


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """At most ``limit`` records after the one with the id ``after``, or before ``before``.

    Both are exclusive, and in the order of the list: from the oldest to the
    newest, or the other way round when ``newest_first``.
    """

    limit: int = LIMIT_DEFAULT
    after: str | None = None
    before: str | None = None
    newest_first: bool = False


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Records in order, and whether more follow in the direction in which the list is read."""

    records: Sequence[T]
    has_more: bool


class Places(msgspec.Struct, frozen=True):
    """The column by which a list is ordered, and that of the ids, which are its cursors.

    A cursor is the id of any record that meets ``among``. It may be over, and
    so not be in the list any more: whoever deletes what a page has shown asks
    for the next one by what is gone.
    """

    column: "sa.Column[int]"
    ids: "sa.Column[str]"
    among: "sa.ColumnElement[bool]" = sa.true()

    def of(self, cursor: str) -> "sa.Select[Any]":
        """What selects the place of a cursor, null when nothing has that id.

        Of several, such as the memberships of someone who left and came back,
        it is the last one's.
        """
        return sa.select(sa.func.max(self.column)).where(self.ids == cursor, self.among)


def page_of(
    connection: sa.Connection,
    statement: "sa.Select[Any]",
    places: Places,
    window: Window,
    read: Callable[["sa.Row[Any]"], T],
) -> Page[T]:
    """The wanted part of what ``statement`` selects.

    Raises InvalidValue, ``param`` ``after`` or ``before``, for an id that
    nothing of the list has.
    """
    place = places.column
    backwards = window.before is not None and window.after is None
    for name, cursor, follows in (
        ("after", window.after, not window.newest_first),
        ("before", window.before, window.newest_first),
    ):
        if cursor is not None:
            at = connection.execute(places.of(cursor)).scalar()
            if at is None:
                raise InvalidValue(
                    f"{name} is {cursor[:60]!r}, but nothing in this list has that id.", param=name
                )
            statement = statement.where(place > at if follows else place < at)
    descending = window.newest_first is not backwards
    order = place.desc() if descending else place.asc()
    rows = connection.execute(statement.order_by(order).limit(window.limit + 1)).all()
    kept = rows[: window.limit]
    if backwards:
        kept = kept[::-1]
    return Page([read(row) for row in kept], len(rows) > window.limit)
