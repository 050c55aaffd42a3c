"""An answer with what was read out of it."""

from collections.abc import Mapping
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class ApiResponse(msgspec.Struct, Generic[T], frozen=True):
    """The status, the headers by names in any case, what the body holds, and the body itself."""

    status_code: int
    headers: Mapping[str, str] | None
    data: T
    raw_data: bytes
