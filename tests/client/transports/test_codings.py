"""Content codings, undone over any cutting."""

import gzip
import zlib
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from tallybook.client.transports.codings import STEP_BYTES, UnknownCoding, codings_of, unpacked


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstd.compress,
}


def unpack(header: str, chunks: list[bytes]) -> bytes:
    codings = codings_of(header)
    return b"".join(piece for chunk in chunks for piece in unpacked(codings, chunk))


@given(body=st.binary(max_size=3000), name=st.sampled_from(sorted(PACKERS)), data=st.data())
def test_any_cutting_unpacks_to_the_same(body: bytes, name: str, data: st.DataObject) -> None:
    packed = PACKERS[name](body)
    places = sorted(data.draw(st.lists(st.integers(0, len(packed)), max_size=8)))
    chunks = [packed[start:end] for start, end in pairwise([0, *places, len(packed)])]
    assert unpack(name, chunks) == body


@pytest.mark.parametrize("name", PACKERS)
def test_a_body_larger_than_a_step_comes_in_steps(name: str) -> None:
    body = bytes(5 * STEP_BYTES)
    pieces = list(unpacked(codings_of(name), PACKERS[name](body)))
    assert b"".join(pieces) == body
    assert max(len(piece) for piece in pieces) <= STEP_BYTES


def test_deflate_without_its_header_is_taken_too() -> None:
    assert unpack("deflate", [raw_deflate(b"seven otters")]) == b"seven otters"


def test_several_frames_of_zstd_are_one_body() -> None:
    assert unpack("zstd", [zstd.compress(b"seven ") + zstd.compress(b"otters")]) == b"seven otters"


def test_codings_are_undone_in_the_order_they_were_not_applied_in() -> None:
    packed = zstd.compress(gzip.compress(b"otters"))
    assert unpack("gzip, ZSTD, identity", [packed]) == b"otters"
    assert unpack("", [b"otters"]) == b"otters"


def test_brotli_is_undone_where_it_is_installed() -> None:
    brotli: Any = pytest.importorskip("brotli")
    packed = brotli.compress(b"seven otters")
    assert unpack("br", [packed[:3], packed[3:]]) == b"seven otters"


def test_an_unknown_coding_is_said() -> None:
    with pytest.raises(UnknownCoding, match="compress"):
        codings_of("gzip, compress")
