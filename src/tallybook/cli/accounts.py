"""Whose account a command runs by, on which machine: who changed something, and from where."""

import getpass
import os
import platform

from tallybook.organization.records import Actor, Means


def account_name() -> str:
    """Who is at the keyboard; a number where this machine has no name for them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def actor_here() -> Actor:
    """Whoever changes something by a command, as the audit log has it."""
    return Actor(means=Means.COMMAND_LINE, id=account_name(), address=platform.node() or None)
