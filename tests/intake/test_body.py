"""Bodies as they are received: what says that it is too large is not read."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tallybook.domain.errors import BodyTooLarge
from tallybook.intake.body import receive


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


# Of more than 4,300 digits Python makes no number.
@pytest.mark.parametrize("declared", ["11", "0000000000000000000000000011", "9" * 30, "9" * 5_000])
def test_a_body_that_says_it_is_too_large_is_refused_unread(declared: str) -> None:
    with pytest.raises(BodyTooLarge, match=r"^The body is [0-9]+ bytes"):
        asyncio.run(receive(chunks(b"x" * 11), declared, 10))


@pytest.mark.parametrize("declared", [None, "10", "0", "0" * 5_000, "-1", "²", "", "ten"])
def test_a_body_within_the_limit_is_read_whatever_it_says(declared: str | None) -> None:
    assert asyncio.run(receive(chunks(b"12345", b"67890"), declared, 10)) == b"1234567890"


def test_a_body_that_is_larger_than_it_says_is_refused() -> None:
    with pytest.raises(BodyTooLarge, match=r"^The body is more than 10 bytes"):
        asyncio.run(receive(chunks(b"12345", b"678901"), "5", 10))
