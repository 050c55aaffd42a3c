"""``tallybook watch``: what is used right now, in the terminal."""

from tallybook.cli.watching.command import watch

__all__ = ["watch"]
