"""A recorder's spool, as a crash or a bad disk may have left it; and lines of a stream."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from fuzz.mutating import lines_of
from fuzz.posted import EVENT_WORDS, LATEST_US, good_events
from fuzz.target import Check, Target
from tallybook.cli.recording.lines import LineStream, live_loads
from tallybook.client.recording.backlog import Backlog
from tallybook.client.recording.homes import left_behind
from tallybook.client.recording.limits import Limits
from tallybook.client.recording.segments import left_in
from tallybook.domain.errors import BodyTooLarge, MalformedBody
from tallybook.intake.native import Format, read_events

# What parts the files of a spool within one input.
_NEXT_FILE = b"\x1c"
_HOME = "01790845261250000000-4711"


@contextmanager
def _spools(folder: Path) -> Iterator[Check]:
    home = folder / _HOME

    def check(data: bytes) -> None:
        """Every whole line is sent, once, in order; nothing else is."""
        home.mkdir(exist_ok=True)
        texts = data.split(_NEXT_FILE)[:4]
        for number, text in enumerate(texts, start=1):
            (home / f"{number:010}.ndjson").write_bytes(text)
        backlog = Backlog(Limits())
        sent = []
        for left in left_behind(folder):
            backlog.hold(left)
            segments = left_in(left, 0.0)
            for segment in segments:
                if segment.file is not None and not segment.count:
                    segment.file.delete()
            events = backlog.adopt([each for each in segments if each.count])
            for _ in range(sum(1 for each in segments if each.count)):
                assert backlog.ripe_in_seconds(0.0) is not None
                sent.append(backlog.take().text())
                assert backlog.settle() is None
            assert events == b"".join(sent).count(b"\n")
        assert b"".join(sent) == b"".join(text[: text.rfind(b"\n") + 1] for text in texts)
        assert backlog.spooled == 0
        assert not home.exists()
        for body in sent:
            if body.strip(b" \t\r\n"):
                read_events(body, Format.NDJSON, LATEST_US, 10_000)

    yield check


@contextmanager
def _streams(folder: Path) -> Iterator[Check]:
    path = folder / "stream"

    def check(data: bytes) -> None:
        """Every line that is not blank is in one load, in order."""
        path.write_bytes(data)
        descriptor = os.open(path, os.O_RDONLY)
        try:
            with closing(LineStream(descriptor)) as stream:
                loads = [
                    load
                    for load in live_loads(
                        stream,
                        lambda line: line,
                        rows_max=3,
                        bytes_max=500,
                        age_seconds=0.01,
                        clock=lambda: 0.0,
                    )
                    if load is not None
                ]
        finally:
            os.close(descriptor)
        lines = [line.rstrip(b"\r") for line in data.split(b"\n") if line.strip()]
        assert b"\n".join(load.body for load in loads).split(b"\n") == (lines or [b""])
        numbers = [number for load in loads for number in load.numbers]
        assert numbers == [at for at, line in enumerate(data.split(b"\n"), 1) if line.strip()]

    yield check


def _seeds() -> list[bytes]:
    lines = [msgspec.json.encode(each) + b"\n" for each in good_events()]
    return [
        b"".join(lines),
        lines[0] + lines[1][:40],
        _NEXT_FILE.join((lines[0], b"", lines[1] + lines[2], lines[3][:-1])),
        b"\n\n\n",
    ]


_WORDS = (_NEXT_FILE, b"\n", b"\r\n", b"\0" * 512, *EVENT_WORDS[:8])

TARGETS = (
    Target(
        "spool-files",
        "a recorder's spool: damaged, cut off and empty segments",
        _spools,
        _seeds,
        lines_of(*_WORDS, sign=b":"),
        _WORDS,
        (MalformedBody, BodyTooLarge),
    ),
    Target(
        "recorded-lines",
        "lines that tallybook record reads from a stream",
        _streams,
        _seeds,
        lines_of(*_WORDS, sign=b":"),
        _WORDS,
    ),
)
