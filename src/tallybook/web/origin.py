"""Where a request comes from: the address of its sender, and whether it came by https.

Behind a proxy both are what the proxy says, in ``X-Forwarded-For`` and
``X-Forwarded-Proto``, and they are believed of the proxies alone that the
setting ``forwarded_allow_ips`` names; of anyone else they are passed over.
"""

import ipaddress
from collections.abc import Iterable

from starlette.requests import Request

from tallybook.settings import InvalidSetting

_MAPPED = "::ffff:"
_MAPPED_BITS = 96


def trusted_proxies(names: Iterable[str]) -> list[str]:
    """The addresses and networks of a setting, those of IPv4 as IPv6 sees them too.

    A server that listens on an address of IPv6 sees IPv4 as ``::ffff:192.0.2.1``.
    Raises InvalidSetting for what is neither an address nor a network.
    """
    found: list[str] = []
    for name in names:
        try:
            network = ipaddress.ip_network(name)
        except ValueError as fault:
            raise InvalidSetting(
                f"forwarded_allow_ips: {name!r} is neither an address nor a network: {fault}."
                " Write 192.0.2.1, 192.0.2.0/24 or 2001:db8::/32."
            ) from fault
        found.append(str(network))
        if network.version == 4:  # noqa: PLR2004 - of IP
            prefix = _MAPPED_BITS + network.prefixlen
            found.append(f"{_MAPPED}{network.network_address}/{prefix}")
    return found


def address_of(request: Request) -> str | None:
    """The address of whoever sent a request; None when it is not known.

    What a proxy says may be anything; it is an address, or it is not known.
    """
    if request.client is None:
        return None
    try:
        address = ipaddress.ip_address(request.client.host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def is_https(request: Request) -> bool:
    """Whether whoever sent a request came by https."""
    return request.url.scheme == "https"
