"""``tallybook import``: files of rows into a ledger, exactly once."""

from tallybook.cli.importing.command import import_files

__all__ = ["import_files"]
