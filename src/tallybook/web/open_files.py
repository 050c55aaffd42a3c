"""How many files the process may have open: enough for as many connections as it is to take."""

import resource

from tallybook.settings import InvalidSetting
from tallybook.web.http_protocol import REFUSED_MAX

# For the ledger, the organization, its pool, logs and modules; far fewer are used.
_OTHER_FILES = 256


def allow_connections(connections_max: int) -> None:
    """Raise the limit of open files as far as it takes. Raises InvalidSetting."""
    needed = connections_max + REFUSED_MAX + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise InvalidSetting(
            f"connections_max is {connections_max}, for which {needed} files must be open at once,"
            f" but the system allows this process {hard}. Raise that limit (ulimit -n, or"
            f" LimitNOFILE of the unit), or set connections_max to at most"
            f" {max(1, hard - REFUSED_MAX - _OTHER_FILES)}."
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
