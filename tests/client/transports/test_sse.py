"""Server-sent events out of bytes that are cut anywhere."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tallybook.client.transports.sse import RunSplitter, blocks_of, data_of

LINES = st.sampled_from(
    [b"data: {}", b"data:1", b"data", b": ping", b"event: x", b"id: 7", b"x" * 30]
)
ENDINGS = st.sampled_from([b"\n", b"\r\n", b"\r"])


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    events = draw(st.lists(st.lists(LINES, max_size=3), max_size=6))
    # Most streams have one sort of ending throughout.
    endings = draw(st.one_of(st.just(ENDINGS), ENDINGS.map(st.just)))
    return b"".join(
        b"".join(line + draw(endings) for line in lines) + draw(endings) for lines in events
    )


def cut(draw: st.DrawFn, stream: bytes) -> list[bytes]:
    places = draw(st.lists(st.integers(0, len(stream)), max_size=12).map(sorted))
    return [stream[start:end] for start, end in pairwise([0, *places, len(stream)])]


@st.composite
def cut_streams(draw: st.DrawFn) -> tuple[bytes, list[bytes]]:
    stream = draw(streams())
    return stream, cut(draw, stream)


def blocks(splitter: RunSplitter, chunks: list[bytes]) -> list[bytes]:
    runs = [run for chunk in chunks for run in splitter.feed(chunk)]
    return [block for run in runs if run.is_whole for block in blocks_of(run.raw)]


@given(cut_streams())
def test_any_cutting_gives_the_same_blocks_and_loses_no_byte(
    case: tuple[bytes, list[bytes]],
) -> None:
    stream, chunks = case
    whole, parts = RunSplitter(1 << 20), RunSplitter(1 << 20)
    at_once = blocks(whole, [stream])
    assert blocks(parts, chunks) == at_once
    rest = parts.rest()
    assert rest == whole.rest()
    assert b"".join(at_once) + rest == stream


@given(cut_streams())
def test_a_block_that_is_too_long_comes_in_pieces_and_its_neighbours_whole(
    case: tuple[bytes, list[bytes]],
) -> None:
    stream, chunks = case
    splitter = RunSplitter(16)
    runs = [run for chunk in chunks for run in splitter.feed(chunk)]
    assert b"".join(run.raw for run in runs) + splitter.rest() == stream
    known = set(blocks(RunSplitter(1 << 20), [stream]))
    assert all(block in known for run in runs if run.is_whole for block in blocks_of(run.raw))


def test_a_run_ends_as_soon_as_its_last_blank_line_is_there() -> None:
    splitter = RunSplitter(100)
    assert splitter.feed(b"data: 1\n") == []
    (run,) = splitter.feed(b"\ndata: 2\r\n\r\nda")
    assert blocks_of(run.raw) == [b"data: 1\n\n", b"data: 2\r\n\r\n"]
    assert splitter.rest() == b"da"


def test_a_carriage_return_that_may_be_half_an_ending_waits() -> None:
    splitter = RunSplitter(100)
    assert splitter.feed(b"data: 1\r\n\r") == []
    assert [run.raw for run in splitter.feed(b"\n")] == [b"data: 1\r\n\r\n"]


def test_data_is_what_the_standard_says() -> None:
    assert data_of(b"event: x\ndata: 1\ndata:  2\n: comment\ndata\n\n") == b"1\n 2\n"
    assert data_of(b"\xef\xbb\xbfdata:1\r\n\r\n") == b"1"
    assert data_of(b": ping\n\n") is None
    # A line separator inside JSON ends no line.
    assert data_of("data: a\u2028b\n\n".encode()) == "a\u2028b".encode()
