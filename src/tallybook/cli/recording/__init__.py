"""``tallybook record``: events from standard input into a ledger, as they come."""

from tallybook.cli.recording.command import record

__all__ = ["record"]
