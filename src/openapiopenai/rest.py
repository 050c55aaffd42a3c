"""Answers as they came, before anything is read out of them."""

from collections.abc import Mapping
from http.client import responses

import msgspec


class RESTResponse(msgspec.Struct, frozen=True):
    """An HTTP answer: ``data`` is its whole body, unpacked; headers have names in any case."""

    status: int
    headers: Mapping[str, str]
    data: bytes

    @property
    def reason(self) -> str | None:
        """The phrase of the status (RFC 9110, section 15)."""
        return responses.get(self.status)

    def read(self) -> bytes:
        """The body."""
        return self.data

    def getheaders(self) -> Mapping[str, str]:
        """The headers."""
        return self.headers

    def getheader(self, name: str, default: str | None = None) -> str | None:
        """One header, or the default where it did not come."""
        return self.headers.get(name, default)


RESTResponseType = RESTResponse
