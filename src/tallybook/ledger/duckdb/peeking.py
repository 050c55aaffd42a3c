"""A look at a ledger's file that changes nothing of it: which version it is of."""

from pathlib import Path

import duckdb

from tallybook.domain.errors import LedgerInUse, LedgerUnavailable
from tallybook.ledger.duckdb.engine import LOCKED
from tallybook.ledger.duckdb.files import FILE_NAME
from tallybook.ledger.duckdb.schema import version_of

# The engine's own.
RELEASE: str = duckdb.__version__


def version_in(folder: Path) -> int | None:
    """The version of the ledger in a folder; None when there is none.

    Raises LedgerInUse, and LedgerUnavailable for a file that cannot be read.
    """
    path = folder / FILE_NAME
    if not path.exists():
        return None
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            return version_of(connection) or None
    except duckdb.Error as fault:
        if locked := LOCKED.search(str(fault)):
            owner = f"process {locked[1]}" if locked[1] else "another process"
            raise LedgerInUse(f"{owner} has the data folder {folder} open.") from fault
        first = str(fault).splitlines()[0]
        raise LedgerUnavailable(f"{path} cannot be read: {first}") from fault
