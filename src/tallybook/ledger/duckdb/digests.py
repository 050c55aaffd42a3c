"""What events are, in 32 characters: equal for equal events, whatever file or order they are in.

``digest`` is the same in every version of the engine: it is how a backup is
held against the ledger that was made of it. ``mark`` is twenty times as quick,
and good for one version of the engine alone: it says whether a day is still
what it was.
"""

from collections.abc import Sequence

import duckdb

from tallybook.domain.instants import DAY_US

_HALF = 1 << 64

# Of each event the MD5 of its columns that are not null, each as name=value, texts with their
# length, by the column's name and separated by commas. Digests are added up, so that order does
# not count; a column that comes later, and is null, changes nothing.
_DIGEST = """\
SELECT count(*), coalesce(sum((half >> 64)::UBIGINT), 0),
    coalesce(sum((half & 18446744073709551615::UHUGEINT)::UBIGINT), 0)
FROM (SELECT md5_number({told}) AS half FROM {source})"""

_MARKS = """\
SELECT time_us // {day}, count(*), sum(hash(events))
FROM events GROUP BY ALL ORDER BY ALL"""


def digest_of(
    cursor: duckdb.DuckDBPyConnection, source: str, values: Sequence[object] = ()
) -> tuple[int, str]:
    """How many events ``source`` has, and their digest.

    ``source`` is what may stand behind FROM, of this package's own making,
    with ``values`` for its placeholders.
    """
    described = cursor.execute(f"DESCRIBE SELECT * FROM {source}", values).fetchall()  # noqa: S608
    columns = sorted((name, kind) for name, kind, *_ in described)
    told = f"concat_ws(',', {', '.join(_told(name, kind) for name, kind in columns)})"
    sql = _DIGEST.format(told=told, source=source)
    found = cursor.execute(sql, values).fetchone() or (0, 0, 0)
    return found[0], f"{found[1] % _HALF:016x}{found[2] % _HALF:016x}"


def marks(cursor: duckdb.DuckDBPyConnection) -> list[tuple[int, int, str]]:
    """Every UTC day that has events, by its number since 1970: how many they are, and their mark.

    Marks of one day are equal when its events are, as this version of the
    engine has them.
    """
    rows = cursor.execute(_MARKS.format(day=DAY_US)).fetchall()
    return [
        (day, events, f"{duckdb.__version__}-{total % _HALF:016x}") for day, events, total in rows
    ]


def _told(name: str, kind: str) -> str:
    """A column's part of what is digested; null where it is. A name of the ledger's own tables."""
    length = f"length({name}) || ':' || " if kind == "VARCHAR" else ""
    return f"'{name}=' || {length}{name}"
