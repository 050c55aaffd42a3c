"""Refused events are kept to be mended: readable by their owner, whole, and not without end."""

import json
from pathlib import Path

from tallybook.client.recording import refusals
from tallybook.client.recording.refusals import FILE_BYTES_MAX, Refusals
from tallybook.domain.receipts import Fault

FAULT = Fault(0, "e0", "model", "model is too long")


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_an_event_is_kept_as_it_was_with_what_is_wrong_with_it(tmp_path: Path) -> None:
    Refusals(tmp_path).keep([(FAULT, b'{"id":"e0","model":"x"}')])
    path = tmp_path / refusals.FILE_NAME
    assert lines(path) == [
        {"field": "model", "reason": "model is too long", "event": {"id": "e0", "model": "x"}}
    ]
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_a_damaged_disk_left_of_an_event_is_kept_as_text(tmp_path: Path) -> None:
    Refusals(tmp_path).keep([(FAULT, b'{"id":"e0","mod\x00\x00\xff')])
    (kept,) = lines(tmp_path / refusals.FILE_NAME)
    assert kept["event"] == '{"id":"e0","mod\x00\x00�'


def test_the_files_never_hold_more_than_they_may(tmp_path: Path) -> None:
    kept = Refusals(tmp_path)
    event = b'{"id":"%s"}' % (b"x" * 1_000)
    for _ in range(40):
        kept.keep([(FAULT, event)] * 100)
    newest, old = tmp_path / refusals.FILE_NAME, tmp_path / refusals.OLD_FILE_NAME
    assert 0 < newest.stat().st_size <= FILE_BYTES_MAX
    assert 0 < old.stat().st_size <= FILE_BYTES_MAX
    assert all(line["event"] for line in lines(newest) + lines(old))
