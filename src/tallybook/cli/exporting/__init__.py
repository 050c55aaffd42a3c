"""``tallybook export``: stored events as files that can be imported again."""

from tallybook.cli.exporting.command import export

__all__ = ["export"]
