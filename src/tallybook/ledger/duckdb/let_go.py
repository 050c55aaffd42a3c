"""What the file says of the days whose events were let go."""

from pathlib import Path

import duckdb

from tallybook.domain.instants import iso_date
from tallybook.ledger.sealable import LetGo
from tallybook.ledger.seals.horizon import NOTHING_LET_GO, Horizon
from tallybook.ledger.seals.rollups import DAY

_ENDS = "SELECT min(day), max(day) FROM let_go"
_READ = "SELECT day, events, digest FROM let_go"


def read_horizon(cursor: duckdb.DuckDBPyConnection) -> Horizon:
    """Where the horizon is, in the cursor's transaction."""
    first, last = cursor.execute(_ENDS).fetchone() or (None, None)
    return NOTHING_LET_GO if first is None else Horizon(first, DAY.next(last))


def read_let_go(cursor: duckdb.DuckDBPyConnection) -> dict[int, LetGo]:
    """The days that were let go, by their starts, in the cursor's transaction."""
    return {row[0]: LetGo(*row) for row in cursor.execute(_READ).fetchall()}


def archive_file(folder: Path, day: int) -> Path:
    """Where the events of a day are that was let go, in the archive's folder."""
    return folder / f"{iso_date(day)}.parquet"
