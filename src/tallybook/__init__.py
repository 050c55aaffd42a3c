"""Tallybook: the usage-and-cost ledger for AI APIs."""

from tallybook.version import __version__

__all__ = ["__version__"]
